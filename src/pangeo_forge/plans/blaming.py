"""Whose fault an exception is, and what its author needs to see of it: from the first line of their own code on, and nothing of ours."""

from __future__ import annotations

import signal
import sysconfig
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any, Literal

from pangeo_forge.errors import ForgeError, Interruption, RecipeFailed, Where
from pangeo_forge.plans.activity import at_work
from pangeo_forge.types import redact_text, redact_url

SEE_TRACEBACK = "The traceback of the recipe's code is shown with --verbose."

_LONGEST_MESSAGE = 1000
_OURS = str(Path(__file__).parents[1])
_LIBRARIES = tuple({sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")})
_PACKAGES = ("site-packages", "dist-packages")

Author = Literal["ours", "library", "recipe"]


def describe(error: BaseException) -> str:
    """Write an exception in one line, also one that cannot be written: ``"ValueError: no such key"``."""
    try:
        text = " ".join(redact_text(str(error)).split())
    except Exception as second:  # of its own `__str__`
        text = f"(its message cannot be written: {type(second).__name__})"
    if isinstance(error, BaseExceptionGroup):
        text = f"{text}, the first {describe(error.exceptions[0])}"
    if len(text) > _LONGEST_MESSAGE:
        text = text[:_LONGEST_MESSAGE] + "…"
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def format_foreign(error: BaseException) -> str:
    """Write the traceback of what a recipe's code raised, from its own first line on: how we came there says nothing to its author."""
    written = traceback.TracebackException.from_exception(error, compact=True)
    _take_ours_away(written)
    return redact_text("".join(written.format()))


def _take_ours_away(written: traceback.TracebackException) -> None:
    """Leave of each exception's frames those of the recipe, and what these call that is not ours."""
    waiting: list[traceback.TracebackException] = [written]
    seen: set[int] = set()
    while waiting:
        one = waiting.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        if one.__context__ is not None and _says_the_same(one.__context__, one):
            one.__context__ = None  # it was tried twice
        one.stack[:] = _foreign_frames(one.stack)
        waiting += [other for other in (one.__cause__, one.__context__, *(one.exceptions or ())) if other is not None]


def _says_the_same(one: traceback.TracebackException, other: traceback.TracebackException) -> bool:
    return [*one.format_exception_only()] == [*other.format_exception_only()]


def _foreign_frames(frames: list[traceback.FrameSummary]) -> list[traceback.FrameSummary]:
    authors = [_author_of(frame.filename) for frame in frames]
    begin = authors.index("recipe") if "recipe" in authors else 0
    return [frame for frame, author in zip(frames[begin:], authors[begin:], strict=True) if author != "ours"]


def _author_of(filename: str) -> Author:
    if filename.startswith((_OURS, "<frozen importlib")):
        return "ours"
    is_library = filename.startswith((*_LIBRARIES, "<")) or any(part in _PACKAGES for part in Path(filename).parts)
    if is_library:
        return "ours" if "/importlib/" in filename else "library"
    return "recipe"


def find_frame(error: BaseException) -> FrameType | None:
    """Find the first frame of the recipe's own code that an exception came through."""
    frames = _frames_of_recipe(error.__traceback__)
    return frames[0][0] if frames else None


def find_place(error: BaseException) -> Where | None:
    """Find the last line of the recipe's own code that an exception came through."""
    frames = _frames_of_recipe(error.__traceback__)
    return Where(frames[-1][0].f_code.co_filename, frames[-1][1]) if frames else None


def _frames_of_recipe(rest: TracebackType | None) -> list[tuple[FrameType, int]]:
    found = []
    while rest is not None:
        if _author_of(rest.tb_frame.f_code.co_filename) == "recipe":
            found.append((rest.tb_frame, rest.tb_lineno))
        rest = rest.tb_next
    return found


def is_for_us(error: BaseException) -> bool:
    """Tell whether an exception asks this process to stop, so that it is nobody's fault."""
    if isinstance(error, KeyboardInterrupt):  # where Ctrl-C is not taken otherwise, it is Ctrl-C
        return signal.getsignal(signal.SIGINT) is signal.default_int_handler
    return isinstance(error, Interruption | GeneratorExit)


@contextmanager
def blamed_on_recipe(function: Callable[..., Any], url: str) -> Iterator[None]:
    """Turn any exception of the recipe's own code into an error that names the function and the input.

    Parameters
    ----------
    function : callable
        Of the recipe; named where no line of the recipe's own is known.
    url : str
        The input, or else what the function is called for.

    Raises
    ------
    RecipeFailed
        Where the body raises anything but an error of ours, or a request to stop.
    """
    try:
        with at_work(redact_url(url), name_of(function)):
            yield
    except ForgeError as error:
        error.where = error.where or redact_url(url)
        raise
    except BaseException as error:
        if is_for_us(error):
            raise
        raise blame(error, function, url) from error


def blame(error: BaseException, function: Callable[..., Any], where: str | Where) -> RecipeFailed:
    """Make the error that says which function of the recipe failed, for what, and how."""
    return RecipeFailed(
        f"{_name_failing(error) or name_of(function)} failed: {describe(error)}",
        where=(redact_url(where) or None) if isinstance(where, str) else where,
        hint=SEE_TRACEBACK,
        detail=format_foreign(error),
    )


def _name_failing(error: BaseException) -> str | None:
    frame = find_frame(error)
    name = frame.f_code.co_qualname.rpartition("<locals>.")[2] if frame is not None else None
    return None if name == "<module>" else name


def name_of(function: Callable[..., Any]) -> str:
    """Name a function as its author would."""
    for _ in range(10):
        name = getattr(function, "__name__", None)
        inner = getattr(function, "func", None) or getattr(function, "fn", None)
        if name is not None or inner is None:
            break
        function = inner
    return str(name or type(function).__name__)
