"""At which commit a branch of a git repository on a server is."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from pangeo_forge.errors import UsageError
from pangeo_forge.feedstocks.git import GitFailed, run_git
from pangeo_forge.lint.files.requirements import Repository
from pangeo_forge.lint.servers.hosts import Allowed, Refused, resolve
from pangeo_forge.lint.servers.network import Servers
from pangeo_forge.lint.servers.questions import NoAnswer

_PORTS = {"http": 80, "https": 443}


def find_commit(servers: Servers, repository: Repository) -> str | NoAnswer | None:
    """Ask for the commit of a repository's ref; None where the repository has no such ref.

    Nobody is asked for a password, none of this machine's is sent, and no redirection is followed.
    """
    with servers.time() as seconds:
        try:
            listed = _list(repository, seconds)
        except (GitFailed, UsageError) as error:
            return NoAnswer(error.summary if isinstance(error, GitFailed) else str(error))
        except Refused as error:
            return NoAnswer(str(error))
        except (OSError, ValueError):
            return NoAnswer("the server cannot be found")
    commits = {name: commit for commit, _, name in (line.partition("\t") for line in listed.splitlines())}
    names = _names(repository.ref)
    return next((commits.get(f"{name}^{{}}", commits[name]) for name in names if name in commits), None)


def _list(repository: Repository, seconds: float) -> str:
    parts = urlsplit(repository.shown)
    host = parts.hostname or ""
    if parts.scheme not in _PORTS or not host:
        raise Refused("only repositories at http and https are asked")
    if seconds <= 0:
        raise Refused("the time for asking servers is used up")
    port = parts.port or _PORTS[parts.scheme]
    address = resolve(host, port, Allowed.load())[0]
    options = ("http.followRedirects=false", "credential.helper=", f"http.curloptResolve={host}:{port}:{address}")
    names = [*_names(repository.ref), *(f"{name}^{{}}" for name in _names(repository.ref))]
    command = [*(word for option in options for word in ("-c", option)), "ls-remote", "--", repository.shown, *names]
    away = Path(Path.cwd().anchor)  # from any repository whose configuration might have a say
    return run_git(*command, folder=away, url=repository.shown, environ={"GIT_ALLOW_PROTOCOL": "https:http"}, timeout_s=seconds)


def _names(ref: str | None) -> Sequence[str]:
    """Give the names that a ref may have in full, in the order in which pip takes them."""
    if ref in (None, "HEAD"):
        return ("HEAD",)
    return (ref,) if ref.startswith("refs/") else (f"refs/heads/{ref}", f"refs/tags/{ref}")
