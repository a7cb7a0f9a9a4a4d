"""What a module that wants credentials while it is imported does not find: an environment variable, or an entry of ``~/.netrc``."""

from __future__ import annotations

import linecache
import os
import re
import traceback

from pangeo_forge.errors import UserError, Where

#: A call of `netrc.netrc.authenticators` with the host written out.
_AUTHENTICATORS = re.compile(r"authenticators\(\s*(?:'(?P<one>[^']+)'|\"(?P<two>[^\"]+)\")?")


def find_lack(error: BaseException, place: Where | None) -> UserError | None:
    """Say which credentials an exception is about; None if it is about something else.

    Parameters
    ----------
    error : BaseException
        What the module raised.
    place : Where or None
        The last line of the feedstock's own code in its traceback.
    """
    if isinstance(error, KeyError) and _raised_by_environment(error):
        name = str(error.args[0])
        return UserError(
            f"the recipe wants the environment variable {name!r}, which is not set",
            where=place,
            hint=f"Set it for the command: {name}=… pangeo-forge recipe … A bakery passes on what its `environment` names.",
            code="PFR041",
        )
    if isinstance(error, FileNotFoundError) and str(error.filename or "").endswith(".netrc"):
        return UserError(
            f"the recipe reads credentials from {error.filename}, which is not there",
            where=place,
            hint="Write it: machine HOST login NAME password WORD, readable by you alone (chmod 600).",
            code="PFR041",
        )
    called = _AUTHENTICATORS.search(linecache.getline(place.path, place.line or 0)) if place is not None else None
    if isinstance(error, TypeError) and "NoneType" in str(error) and called is not None:
        host = called["one"] or called["two"] or "the host that it names"
        return UserError(
            f"the recipe reads credentials for {host} from ~/.netrc, which has none",
            where=place,
            hint="Add a line: machine HOST login NAME password WORD",
            code="PFR041",
        )
    return None


def _raised_by_environment(error: BaseException) -> bool:
    """Whether it was `os.environ` that did not have a key."""
    frames = list(traceback.walk_tb(error.__traceback__))
    return bool(frames) and frames[-1][0].f_locals.get("self") is os.environ
