"""The repository that a draft's files are a checkout of, as git's configuration names it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pangeo_forge.lint.drafts import Draft
from pangeo_forge.lint.files.folders import is_file_inside, read_file

_MOST_BYTES = 100_000
_SECTION = re.compile(r"^\s*\[(?P<name>[^\]]*)\]")
_URL = re.compile(r"^\s*url\s*=\s*(?P<url>\S+)")
_NAMES = re.compile(r"[/:](?P<owner>[\w.-]+)/(?P<name>[\w.-]+?)(?:\.git)?/?")


@dataclass(frozen=True, slots=True)
class Origin:
    """A repository on a server.

    Parameters
    ----------
    owner, name : str
        As in ``https://github.com/owner/name``.
    """

    owner: str
    name: str


def find_origin(draft: Draft) -> Origin | None:
    """Read the remote ``origin`` of the repository that a draft lies in; None where there is none that can be told."""
    path = draft.root / ".git" / "config"
    if not is_file_inside(path, draft.root):
        return None
    section = ""
    for line in read_file(path, _MOST_BYTES).decode(errors="replace").splitlines():
        if found := _SECTION.match(line):
            section = found["name"].strip()
        elif section == 'remote "origin"' and (url := _URL.match(line)):
            return _read_url(url["url"])
    return None


def _read_url(url: str) -> Origin | None:
    names = re.search(rf"{_NAMES.pattern}$", url)
    return Origin(names["owner"], names["name"]) if names and ("://" in url or "@" in url) else None
