"""What may befall the files of a run, in plain words, and what to do with a second error while a first is on its way."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pangeo_forge.errors import ForgeError, TargetError

_IN_WORDS = {
    (errno.ENOSPC, errno.EDQUOT, errno.EFBIG): (
        "no space is left on its disk",
        "Free some space, or set PANGEO_FORGE_HOME to a folder on another disk.",
    ),
    (errno.EACCES, errno.EPERM, errno.EROFS): (
        "this is not permitted",
        "Change the folder's permissions, or set PANGEO_FORGE_HOME to a folder of your own.",
    ),
}


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Say of an error of the operating system what it means for whoever writes `path`.

    Raises
    ------
    TargetError
        Where the body raises an `OSError`.
    """
    try:
        yield
    except OSError as error:
        message, hint = next((words for numbers, words in _IN_WORDS.items() if error.errno in numbers), (error.strerror, None))
        raise TargetError(f"{path} cannot be written: {message}", hint=hint, detail=repr(error)) from error


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Say of an error of the operating system that `path` cannot be read.

    Raises
    ------
    TargetError
        Where the body raises an `OSError`.
    """
    try:
        yield
    except OSError as error:
        raise TargetError(f"{path} cannot be read: {error.strerror}", detail=repr(error)) from error


@contextmanager
def noting_on(error: BaseException | None) -> Iterator[None]:
    """Let an error of the body not take the place of one that is on its way already, but be a note on it."""
    try:
        yield
    except ForgeError as second:
        if error is None:
            raise
        error.add_note(str(second))
