"""Run git, as a program that asks nobody anything and runs nothing that it is not told to."""

from __future__ import annotations

import os
import re
import subprocess
from base64 import b64encode
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit

from pangeo_forge.errors import UsageError

# Set for the programs that git starts (a hook, an alias); they would point our own calls at another repository.
_OF_ANOTHER_REPOSITORY = (
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_NAMESPACE",
    "GIT_PREFIX",
)
_ENVIRONMENT = {
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ASKPASS": "",
    "SSH_ASKPASS": "",
    "SSH_ASKPASS_REQUIRE": "never",
    "GIT_ALLOW_PROTOCOL": "https:http:ssh:git:file",
    "GIT_OPTIONAL_LOCKS": "0",
    "LC_ALL": "C",
}
_OPTIONS = (
    "protocol.ext.allow=never",
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "core.askPass=",
    "safe.bareRepository=explicit",  # files of a stranger that look like a repository are none
    "advice.detachedHead=false",
    "http.lowSpeedLimit=1000",
    "http.lowSpeedTime=60",
)
#: How repositories are named over SSH, of which the same hosts have pages on the web.
_SSH = re.compile(r"^(?:ssh://)?git@([\w.-]+)[:/]")
_MAY_PASS = re.compile(
    r"could not resolve host|failed to connect|couldn't connect|connection (refused|reset|timed out|closed)|timed out|timeout"
    r"|early eof|unexpected disconnect|returned error: (429|5\d\d)|too slow|temporary failure|network is unreachable",
    re.IGNORECASE,
)


class GitFailed(Exception):
    """Git ended with an error; its words are `reason`, without what is secret in a URL."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    @property
    def summary(self) -> str:
        """The line of git's words that says most."""
        lines = [line.strip() for line in self.reason.splitlines() if line.strip()]
        told = [line.partition(":")[2].strip() for line in lines if line.lower().startswith(("fatal:", "error:"))]
        return (told or lines or ["git said nothing"])[0].rstrip(".")

    @property
    def may_pass(self) -> bool:
        """Whether it was the network, so that trying again may help."""
        return _MAY_PASS.search(self.reason) is not None


def run_git(*arguments: str, folder: Path, url: str = "", environ: Mapping[str, str] | None = None, timeout_s: float = 60) -> str:
    """Run git and return what it prints.

    Parameters
    ----------
    *arguments : str
        The command and its arguments.
    folder : Path
        Where to run it.
    url : str
        The URL among the arguments, if one is. Its credentials are given to git by its environment, since everybody on a machine can
        read the arguments of a process, and they are taken out of git's words.
    environ : mapping, optional
        More environment variables.
    timeout_s : float
        How long it may take.

    Raises
    ------
    GitFailed
        If git says so, or takes too long.
    UsageError
        If there is no git.
    """
    options = [word for option in _OPTIONS for word in ("-c", option)]
    inherited = {name: value for name, value in os.environ.items() if name not in _OF_ANOTHER_REPOSITORY}
    arguments, login = _hide_login(arguments, url, inherited)
    try:
        done = subprocess.run(
            ["git", *options, *arguments],
            cwd=folder,
            env={**inherited, **_ENVIRONMENT, **login, **(environ or {})},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=timeout_s,
            start_new_session=True,  # without a terminal, ssh cannot ask for a password
        )
    except subprocess.TimeoutExpired:
        raise GitFailed(f"fatal: timed out after {timeout_s:.0f} s") from None
    except FileNotFoundError:
        raise UsageError("git is not installed", hint="Install git; a feedstock's history is kept with it.") from None
    if done.returncode:
        raise GitFailed(without_credentials(done.stderr.decode(errors="replace").strip(), url))
    return done.stdout.decode(errors="replace").strip()


def _hide_login(arguments: tuple[str, ...], url: str, environ: Mapping[str, str]) -> tuple[tuple[str, ...], dict[str, str]]:
    """Move the user and password of a web address from the arguments to git's configuration in environment variables."""
    parts = urlsplit(url) if url.startswith(("http://", "https://")) else None
    login, _, host = parts.netloc.rpartition("@") if parts else ("", "", "")
    if parts is None or not login:
        return arguments, {}
    bare = urlunsplit(parts._replace(netloc=host))
    token = b64encode(unquote(login).encode()).decode()
    number = int(environ.get("GIT_CONFIG_COUNT") or 0)
    variables = {
        "GIT_CONFIG_COUNT": str(number + 1),
        f"GIT_CONFIG_KEY_{number}": f"http.{parts.scheme}://{host}/.extraHeader",
        f"GIT_CONFIG_VALUE_{number}": f"Authorization: Basic {token}",
    }
    return tuple(bare if argument == url else argument for argument in arguments), variables


def without_credentials(text: str, url: str) -> str:
    """Take the user and password of a URL out of a text that may quote them."""
    if "://" not in url:
        return text
    login = urlsplit(url).netloc.rpartition("@")[0]
    if not login:
        return text
    password = login.partition(":")[2]
    text = text.replace(f"{login}@", "")
    for secret in {login, password, unquote(password)} - {""}:
        text = text.replace(secret, "…") if len(secret) > 3 else text
    return text


def find_state(folder: Path) -> tuple[str | None, bool]:
    """Say at which commit a folder's checkout is, and whether the folder differs from it.

    Returns
    -------
    commit : str or None
        None where git knows of none: no repository, one without commits, one of another user, no git.
    dirty : bool
        Whether files of the folder are changed or new. Python's caches do not count.
    """
    try:
        commit = run_git("rev-parse", "--verify", "HEAD^{commit}", folder=folder)
        status = run_git("status", "--porcelain", "--", ".", ":(exclude,glob)**/__pycache__/**", folder=folder)
    except (GitFailed, UsageError):
        return None, False
    return commit, bool(status)


def find_origin(folder: Path) -> str | None:
    """Give the web address of the repository that a folder's checkout was cloned from, with ``#folder`` where the folder is not its top.

    None where git knows of none, or it is no place on the web. Logins in the address are left out.
    """
    try:
        remote = run_git("remote", "get-url", "origin", folder=folder)
        within = run_git("rev-parse", "--show-prefix", folder=folder).strip("/")
    except (GitFailed, UsageError):
        return None
    address = _SSH.sub(r"https://\1/", remote)
    if not address.startswith("https://"):
        return None
    parts = urlsplit(address)
    bare = urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment=""))
    return f"{bare}#{within}" if within else bare
