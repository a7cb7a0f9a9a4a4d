"""Who made a feedstock, as git and GitHub name people."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from pangeo_forge.errors import UsageError, UserError
from pangeo_forge.feedstocks.meta import Maintainer

#: Those that a company manages have an underscore before its name.
_LOGIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,38}")
_HINT = "Name the author and an e-mail address, or a maintainer with `name:` and `github:` in meta.yaml."


@dataclass(frozen=True, slots=True)
class Author:
    """A person as git knows one."""

    name: str
    email: str


def choose_author(maintainers: Sequence[Maintainer], name: str | None = None, email: str | None = None) -> Author:
    """Say who the author of a feedstock's first commit is.

    Parameters
    ----------
    maintainers : sequence of Maintainer
        The feedstock's; the first is the author where nobody else is named.
    name, email : str, optional
        The author, if known. Without an e-mail address, a maintainer of that name gives it, by GitHub's form
        ``login@users.noreply.github.com`` if need be.

    Raises
    ------
    UsageError
        If there is no name or no e-mail address.
    """
    person = _find_person(maintainers, name)
    name = name or (person and (person.name or find_login(person))) or None
    email = email or (person and _find_email(person)) or None
    if not name:
        raise UsageError("the feedstock names no maintainer who could be the author", hint=_HINT)
    if not email:
        raise UsageError(f"there is no e-mail address of the author {name!r}", hint=_HINT)
    for text in (name, email):
        if not text.isprintable() or not text.strip(" .,:;<>\"'\\"):
            raise UsageError(f"{text!r} cannot stand in a commit as its author", hint=_HINT)
    return Author(name, email)


def _find_person(maintainers: Sequence[Maintainer], name: str | None) -> Maintainer | None:
    if name is None:
        return maintainers[0] if maintainers else None
    return next((person for person in maintainers if name in (person.name, find_login(person))), None)


def _find_email(person: Maintainer) -> str | None:
    login = find_login(person)
    return person.email or (f"{login}@users.noreply.github.com" if login else None)


def find_login(person: Maintainer) -> str | None:
    """Return a maintainer's login at GitHub, which some write as ``@login`` or as a URL; None where there is none.

    Raises
    ------
    UserError
        If what is written cannot be one.
    """
    if person.github is None:
        return None
    login = read_login(person.github)
    if login is None:
        message = f"{person.name or 'a maintainer'} has the GitHub login {person.github!r}, which cannot be one"
        raise UserError(message, hint="Write `github: login` in meta.yaml.")
    return login


def read_login(text: str) -> str | None:
    """Read a login that may be written as ``@login`` or as a URL; None where it cannot be one."""
    login = re.sub(r"^(https?://)?(www\.)?github\.com/|^@", "", text).rstrip("/")
    return login if _LOGIN.fullmatch(login) else None
