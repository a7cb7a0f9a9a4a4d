"""What it means that an input cannot be read, said to whoever reads the message."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from pangeo_forge.errors import ForgeError, SourceError, SourceUnavailable, UserError
from pangeo_forge.plans.blaming import blame, find_frame
from pangeo_forge.types import redact_text, redact_url

_TRANSIENT_STATUS = frozenset({408, 425, 429, *range(500, 600)})


@contextmanager
def explained(url: str) -> Iterator[None]:
    """Turn what the libraries raise while they read `url` into an error of ours that says what is wrong with it."""
    try:
        yield
    except ForgeError:
        raise
    except Exception as error:
        if find_frame(error) is not None:  # lazily evaluated, it is the recipe's own
            raise blame(error, explained, url) from error
        raise explain(url, error) from error


def explain(url: str, error: BaseException) -> ForgeError:
    """Say what an exception that was raised while reading `url` means for whoever reads the message."""
    error = _root(error)
    where, detail = redact_url(url), redact_text(f"{type(error).__name__}: {error}")
    status = getattr(error, "status", None)
    if isinstance(error, FileNotFoundError) or status in (404, 410):
        return SourceError("there is no such file", where=where, detail=detail, hint="Check the URL that the pattern makes for this key.")
    if status in (401, 403) or isinstance(error, PermissionError):
        return SourceError(
            "the server refuses access" + (f" (HTTP {status})" if status else ""),
            where=where,
            detail=detail,
            hint="Give credentials in the pattern's fsspec_open_kwargs.",
        )
    if status in _TRANSIENT_STATUS:
        return SourceUnavailable(f"the server answers HTTP {status}", where=where, detail=detail, hint="Try again later.")
    if status is not None:
        return SourceError(f"the server answers HTTP {status}", where=where, detail=detail, hint="Open the URL in a browser to see why.")
    if isinstance(error, _passing()):
        return SourceUnavailable(f"the connection failed ({type(error).__name__})", where=where, detail=detail, hint="Try again later.")
    if isinstance(error, ImportError):
        return UserError(f"a package is missing to read it: {error}", where=where, hint="Install the package that the message names.")
    return SourceError(
        f"cannot be read: {redact_text(str(error))}",
        where=where,
        detail=detail,
        hint="Is the file whole, and is it of the type that is expected?",
    )


def _root(error: BaseException) -> BaseException:
    """Find what an exception was raised from: fsspec says "not found" of whatever a server answers, and keeps the answer as the cause."""
    import aiohttp

    cause = error.__cause__
    answers: tuple[type[BaseException], ...] = (aiohttp.ClientError, *_passing())
    return cause if isinstance(error, FileNotFoundError) and isinstance(cause, answers) else error


def _passing() -> tuple[type[BaseException], ...]:
    """Name what is raised for a reason that may pass. aiohttp is imported when something went wrong, not by every run."""
    import aiohttp

    return (ConnectionError, TimeoutError, asyncio.TimeoutError, aiohttp.ClientConnectionError, aiohttp.ClientPayloadError)
