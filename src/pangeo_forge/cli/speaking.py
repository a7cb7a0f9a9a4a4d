"""What every command does: its result goes to standard output, all else to standard error, and an error becomes an exit code."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

import typer

from pangeo_forge.cli.failures import CANCELLED, as_forge_error, exit_code, show_error
from pangeo_forge.cli.terminal import say, say_json
from pangeo_forge.errors import ForgeError, RunCancelled

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Speaker:
    """How a command speaks.

    Parameters
    ----------
    as_json : bool
        To machines, instead of people.
    verbose : bool
        With the details of errors.
    """

    as_json: bool
    verbose: bool

    def show(self, result: Result, describe: Callable[[Result], str], encode: Callable[[Result], object] = lambda result: result) -> None:
        """Print a result: for people as `describe` writes it, for machines as the JSON of what `encode` makes of it."""
        if self.as_json:
            say_json(encode(result))
        else:
            say(describe(result))

    def complain(self, error: Exception) -> int:
        """Show an error, and give the exit code that belongs to it."""
        show_error(as_forge_error(error), as_json=self.as_json, verbose=self.verbose)
        return exit_code(error)


@contextmanager
def speaking(as_json: bool, verbose: bool) -> Iterator[Speaker]:
    """Let the body speak, and end the command with what its error, if any, means.

    Raises
    ------
    typer.Exit
        Where the body raised an error, which is shown.
    """
    speaker = Speaker(as_json, verbose)
    try:
        yield speaker
    except (typer.Exit, BrokenPipeError):
        raise
    except KeyboardInterrupt as interrupt:
        speaker.complain(_what_was_interrupted(interrupt))
        raise typer.Exit(CANCELLED) from None
    except Exception as error:
        raise typer.Exit(speaker.complain(error)) from None


def _what_was_interrupted(interrupt: KeyboardInterrupt) -> ForgeError:
    """Find the error that was on its way when Ctrl-C came once more, since it says how to go on."""
    error: BaseException | None = interrupt
    while error is not None:
        if isinstance(error, ForgeError):
            return error
        error = error.__context__
    return RunCancelled("interrupted")
