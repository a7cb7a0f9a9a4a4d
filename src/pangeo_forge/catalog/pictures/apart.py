"""Drawing in a process of its own: one that takes too long is ended, and what breaks there breaks nothing here."""

from __future__ import annotations

import multiprocessing
import os
import traceback
import warnings
from collections.abc import Sequence
from multiprocessing.connection import Connection
from typing import Any

from pangeo_forge.catalog.forking import get_forkserver
from pangeo_forge.catalog.pictures.wanted import CannotDraw, Picture, Source, Wanted
from pangeo_forge.errors import ForgeError
from pangeo_forge.plans.reach import find_refusal

#: What takes long the first time, done once for all that is drawn.
_AHEAD = ["pangeo_forge.catalog.pictures.warming"]

#: So many letters of what a library says are passed on.
_LONGEST = 300


def draw_apart(source: Source, wanted: Wanted, *, seconds: float = 60.0) -> Picture:
    """Draw a picture in a process of its own; see `draw_all_apart`."""
    (picture,) = draw_all_apart(source, (wanted,), seconds=seconds)
    return picture


def draw_all_apart(source: Source, wanted: Sequence[Wanted], *, seconds: float = 60.0) -> tuple[Picture, ...]:
    """Draw pictures of one dataset in a process of its own.

    Parameters
    ----------
    source : Source
    wanted : sequence of Wanted
    seconds : float
        How long that may take.

    Raises
    ------
    CannotDraw
        If one cannot be drawn, or it takes longer.
    """
    context = get_forkserver(_AHEAD)
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_draw, args=(source, wanted, theirs), daemon=True)
    process.start()
    theirs.close()
    try:
        if not ours.poll(seconds):
            raise CannotDraw(f"drawing took longer than {seconds:g} s", hint="The dataset may be far away, or have very large chunks.")
        return _read_answer(ours.recv())
    except EOFError:
        process.join(5)
        raise CannotDraw(f"the process that drew it ended with {process.exitcode}") from None
    finally:
        ours.close()
        process.kill()
        process.join()
        process.close()


def _draw(source: Source, wanted: Sequence[Wanted], answer: Connection) -> None:
    """Draw, and send the pictures or the reason that there are none.

    What lies there was made by anybody: any exception is a fact about it, and what libraries print is nobody's business.
    """
    nowhere = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nowhere, number)
    warnings.simplefilter("ignore")
    multiprocessing.set_start_method("fork", force=True)  # so that locks that libraries make are gone with it, also when it is killed
    try:
        from pangeo_forge.catalog.pictures.making import make_picture

        answer.send(tuple(make_picture(source, each) for each in wanted))
    except CannotDraw as error:
        answer.send(error)
    except ImportError as error:
        answer.send(CannotDraw(f"pictures need packages that are not installed: {error}", hint="pip install 'pangeo-forge[web]'"))
    except ForgeError as error:
        answer.send(CannotDraw(str(error), hint=error.hint))
    except Exception as error:
        if refusal := find_refusal(error):
            answer.send(CannotDraw(refusal.message, hint=refusal.hint))
            return
        answer.send(CannotDraw(f"{type(error).__name__}: {_shorten(str(error))}", detail=traceback.format_exc()))
    finally:
        answer.close()


def _shorten(text: str) -> str:
    """Give the first line of what a library says."""
    line = next(iter(text.strip().splitlines()), "")
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}…"


def _read_answer(answer: Any) -> tuple[Picture, ...]:
    if isinstance(answer, CannotDraw):
        raise answer
    assert isinstance(answer, tuple)
    return answer
