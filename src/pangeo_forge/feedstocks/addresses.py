"""How a feedstock is named on the command line: the path of a folder, or a git URL ``…[@ref][#sub-folder]``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

from pangeo_forge.errors import UsageError
from pangeo_forge.types import redact_url

_SCHEMES = ("https", "http", "ssh", "git", "file")
_SSH = re.compile(r"(?P<user>[\w.-]+)@(?P<host>[\w][\w.-]*):(?P<path>[^#]+)(?:#(?P<folder>.*))?")
_PAGE = re.compile(r"(?P<repository>https?://[^/]+/[^/@#]+/[^/@#]+)/(?P<kind>tree|blob|pull)/(?P<rest>[^?#]+)")
_BAD_REF = re.compile(r"^[-/+.]|\.\.|@\{|//|[\s~^:?*\[\\\x00-\x1f\x7f]|[/.]$|\.lock$")
_FORMS = "Give the path of a folder with a meta.yaml, or a git URL such as https://github.com/owner/name@branch#recipes/my-dataset."


@dataclass(frozen=True, slots=True)
class Repository:
    """A folder of a git repository.

    Parameters
    ----------
    url : str
        What git is told, credentials included.
    ref : str or None
        A branch, tag or commit; None for the repository's own default.
    folder : str
        A path in the repository, ``""`` for all of it.
    """

    url: str
    ref: str | None = None
    folder: str = ""

    @property
    def name(self) -> str:
        """The repository's name, as the end of its URL."""
        path = self.url.partition("?")[0].rstrip("/").removesuffix("/.git").removesuffix(".git")
        return re.split(r"[/:]", path)[-1]

    @property
    def shown(self) -> str:
        """The URL without its credentials."""
        return redact_url(self.url)

    def at(self, folder: str) -> str:
        """Write the address of a folder of the repository."""
        return f"{self.shown}{f'@{self.ref}' if self.ref else ''}{f'#{folder}' if folder else ''}"


def parse_address(text: str) -> Path | Repository:
    """Tell what a source is: a path that exists, or a repository.

    Raises
    ------
    UsageError
        If it is neither, or one that is not safe to give to git.
    """
    if not text.strip() or not text.isprintable():
        raise UsageError("the source is empty" if not text.strip() else "the source holds a character that cannot be seen", hint=_FORMS)
    text = text.removeprefix("git+")
    path = _find_path(text)
    if path and not _is_bare_repository(path):
        return path
    if text.startswith("-"):
        raise UsageError(f"the source {text!r} begins with '-'", hint=f"Write './{text}' if it is a folder.")
    if re.match(r"[\w.+-]+::", text):
        raise UsageError(f"the source names the transport '{text.partition(':')[0]}', which may run a program", hint=_FORMS)
    if "://" in text:
        return _parse_url(text)
    match = _SSH.fullmatch(text)
    if match:
        repository, ref = _split_ref(match["path"])
        return _checked(f"{match['user']}@{match['host']}:{repository}", ref, match["folder"])
    return _parse_bare(text)


def _find_path(text: str) -> Path | None:
    """Return the path that a text is, if there is something at it."""
    try:
        path = Path(text).expanduser()
        return path if path.exists() else None
    except (OSError, RuntimeError):  # a name too long to be one; "~name" of nobody here
        return None


def _is_bare_repository(path: Path) -> bool:
    return path.name.endswith(".git") and (path / "HEAD").is_file()


def _parse_url(text: str) -> Repository:
    try:
        scheme, host, path, _, _ = urlsplit(text)
    except ValueError:
        raise UsageError("the source is not a valid URL", hint=_FORMS) from None
    if scheme not in _SCHEMES:
        raise UsageError(f"the source has the scheme '{scheme}', not one of {', '.join(_SCHEMES)}", hint=_FORMS)
    page = _PAGE.match(text)
    if page:
        raise UsageError(f"{redact_url(text)} is a page about a repository, not a repository", hint=_page_hint(page))
    url, _, folder = text.partition("#")
    if scheme == "file" and Path(path).exists():
        return _checked(url, None, folder)
    start = url.index(host, len(scheme) + 3) + len(host)
    repository, ref = _split_ref(url[start:])
    return _checked(url[:start] + repository, ref, folder)


def _page_hint(page: re.Match[str]) -> str:
    repository = redact_url(page["repository"])
    first, _, rest = page["rest"].strip("/").partition("/")
    if page["kind"] == "pull":
        return f"Write {repository}@refs/pull/{first}/head for the files of that pull request."
    rest = str(PurePosixPath(rest).parent) if page["kind"] == "blob" else rest
    return f"Write {repository}@{first}{f'#{rest}' if rest not in ('', '.') else ''}."


def _parse_bare(text: str) -> Repository:
    """Read the path of a bare repository, which ends in ``.git``."""
    match = re.fullmatch(r"(?P<path>[^#]*?\.git)/?(?:@(?P<ref>[^#]*))?(?:#(?P<folder>.*))?", text)
    path = _find_path(match["path"]) if match else None
    if match and path:
        return _checked(str(path.absolute()), match["ref"], match["folder"])
    on_github = re.fullmatch(r"[A-Za-z0-9-]+/[\w.-]+(?P<rest>[@#].*)?", text)
    hint = f"For the repository of that name on GitHub write https://github.com/{text}." if on_github else _FORMS
    shown = re.sub(r"^[^/@]*:[^/@]*@", "…@", text)
    raise UsageError(f"there is no folder or file {shown!r}, and it is no git URL", hint=hint)


def _split_ref(path: str) -> tuple[str, str | None]:
    repository, at, ref = path.rpartition("@")
    return (repository, ref) if at else (path, None)


def _checked(url: str, ref: str | None, folder: str | None) -> Repository:
    hint = "Write a branch, a tag or a commit after the '@', or nothing."
    if ref is not None and not ref:
        raise UsageError("there is nothing after the '@' of the source", hint=hint)
    if ref and _BAD_REF.search(ref):
        raise UsageError(f"{ref!r} cannot be a branch, tag or commit", hint=hint)
    if re.match(r"[a-z+]+://(?:[^/@]*@)?-", url):
        raise UsageError("the host of the source begins with '-'", hint=_FORMS)
    parts = PurePosixPath(folder or "").parts
    if ".." in parts or ".git" in parts or "/" in parts or "\\" in (folder or ""):
        raise UsageError(
            f"{folder!r} is not a folder of the repository", hint="Write its path from the top of the repository, without '..'."
        )
    return Repository(url, ref, "/".join(parts))
