"""Reaching the places that a user names: what a file system or a server refuses is a fact about the place, and no fault of ours."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from difflib import get_close_matches

from pangeo_forge.errors import ForgeError, TargetError, UsageError
from pangeo_forge.types import redact_url

#: So many letters of a place are shown.
_LONGEST = 200


@contextmanager
def reaching(url: str, what: str) -> Iterator[None]:
    """Say of whatever is raised while a place is looked at that it cannot be reached; libraries of storage have errors of any kind.

    Parameters
    ----------
    url : str
    what : str
        What it is: ``"target"``, ``"catalog"``.

    Raises
    ------
    TargetError
        If it cannot be reached.
    """
    try:
        yield
    except (ForgeError, BrokenPipeError):
        raise
    except Exception as error:
        raise _refused(error, url, f"the {what} cannot be reached", "Is the address right, and may you read what is there?") from None


@contextmanager
def writing(url: str) -> Iterator[None]:
    """Say of what a file system refuses while a catalogue is written to a place where that was, and why.

    Raises
    ------
    TargetError
        If it refused something.
    """
    try:
        yield
    except BrokenPipeError:  # who reads the progress, not the place
        raise
    except OSError as error:
        hint = "Say by --output where the catalogue is to be: a folder that you may write to, or a bucket."
        raise _refused(error, url, "the catalogue cannot be written", hint) from None


def check_protocol(url: str, what: str) -> None:
    """Refuse a URL of a protocol that fsspec does not know.

    Raises
    ------
    UsageError
        If it is one. The hint names one that is spelled alike.
    """
    from fsspec import available_protocols

    known = available_protocols()
    protocol = url.partition("://")[0].rpartition("::")[2]
    if protocol in known:
        return
    near = get_close_matches(protocol, known, 1)
    raise UsageError(
        f"the {what}'s protocol {protocol!r} is not known",
        where=redact_url(url),
        hint=f"Is it {near[0]}://?" if near else "Write a folder, or a URL such as s3://bucket/folder or gs://bucket/folder.",
    )


def _refused(error: Exception, url: str, message: str, hint: str) -> TargetError:
    named = getattr(error, "filename", None)
    why = getattr(error, "strerror", None) or next(iter(str(error).splitlines()), "") or type(error).__name__
    where = named if isinstance(named, str) and "://" not in url else redact_url(url)
    return TargetError(f"{message}: {why}", where=_shorten(where), hint=hint, detail=traceback.format_exc())


def _shorten(place: str) -> str:
    return place if len(place) <= _LONGEST else f"{place[:_LONGEST]}…"
