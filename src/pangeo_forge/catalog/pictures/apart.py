"""Drawing in a process of its own: one that takes too long is ended, and what breaks there breaks nothing here."""

from __future__ import annotations

import multiprocessing
import traceback
import warnings
from multiprocessing.connection import Connection
from typing import Any

from pangeo_forge.catalog.pictures.wanted import CannotDraw, Picture, Source, Wanted

#: What takes long the first time, done once for all that is drawn.
_AHEAD = ["pangeo_forge.catalog.pictures.warming"]


def draw_apart(source: Source, wanted: Wanted, *, seconds: float = 60.0) -> Picture:
    """Draw a picture in a process of its own.

    Parameters
    ----------
    source : Source
    wanted : Wanted
    seconds : float
        How long it may take.

    Raises
    ------
    CannotDraw
        If it cannot be drawn, or takes longer.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(_AHEAD)
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


def _draw(source: Source, wanted: Wanted, answer: Connection) -> None:
    """Draw, and send the picture or the reason that there is none.

    What lies there was made by anybody: any exception is a fact about it.
    """
    warnings.simplefilter("ignore")
    try:
        from pangeo_forge.catalog.pictures.making import make_picture

        answer.send(make_picture(source, wanted))
    except CannotDraw as error:
        answer.send(error)
    except ImportError as error:
        answer.send(CannotDraw(f"pictures need packages that are not installed: {error}", hint="pip install 'pangeo-forge[web]'"))
    except Exception as error:
        answer.send(CannotDraw(f"{type(error).__name__}: {error}", detail=traceback.format_exc()))
    finally:
        answer.close()


def _read_answer(answer: Any) -> Picture:
    if isinstance(answer, CannotDraw):
        raise answer
    assert isinstance(answer, Picture)
    return answer
