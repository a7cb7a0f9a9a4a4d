"""Everything that can go wrong for a reason that a person can act on.

Errors form one small tree, split by who can act: the author of a feedstock or recipe (`UserError`), whoever
keeps the archive (`SourceError`) or the store (`TargetError`), and the operator of a bakery (`EngineError`).
Any other exception is a bug of ours, and looks like one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Where:
    """A place in a file that a person wrote.

    Parameters
    ----------
    path : str
        The file, as the user would name it.
    line, column : int, optional
        Counted from 1.
    """

    path: str
    line: int | None = None
    column: int | None = None

    def __str__(self) -> str:
        return ":".join(str(part) for part in (self.path, self.line, self.column) if part is not None)


@dataclass(frozen=True, slots=True)
class Problem:
    """One of several things that are wrong, reported together.

    Parameters
    ----------
    message : str
        What is wrong and why, in one line.
    where : Where, optional
        The file and line.
    hint : str, optional
        What to write instead.
    code : str, optional
        The lint rule that says more (``pangeo-forge recipe lint --explain CODE``).
    """

    message: str
    where: Where | None = None
    hint: str | None = None
    code: str | None = None

    def __str__(self) -> str:
        return f"{self.where}: {self.message}" if self.where else self.message


class Interruption(BaseException):
    """The process is to stop what it does. Not an `Exception`, which a recipe or a library may catch."""


class ForgeError(Exception):
    """The base of all errors that are not bugs.

    Parameters
    ----------
    message : str
        What is wrong and why, in one line.
    hint : str, optional
        What to do next.
    where : Where or str, optional
        The file and line, or the URL of the input.
    detail : str, optional
        What only ``--verbose`` shows: the library's own words, a traceback of the recipe's code.
    problems : sequence of Problem, optional
        Where several things are wrong at once, each of them.
    code : str, optional
        The lint rule that says more (``pangeo-forge recipe lint --explain CODE``).
    """

    exit_code = 1
    #: Whether trying again may help (a connection reset; not a file that is missing).
    transient = False

    def __init__(
        self,
        message: str,
        *,
        hint: str | None = None,
        where: Where | str | None = None,
        detail: str | None = None,
        problems: Sequence[Problem] = (),
        code: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.where = where
        self.detail = detail
        self.problems = tuple(problems)
        self.code = code

    def __str__(self) -> str:
        return f"{self.where}: {self.message}" if self.where else self.message

    def __reduce__(self) -> tuple[Any, ...]:
        return _revive, (type(self), self.message, self._context())

    def _context(self) -> dict[str, Any]:
        return {"hint": self.hint, "where": self.where, "detail": self.detail, "problems": self.problems, "code": self.code}

    def to_dict(self) -> dict[str, Any]:
        """Describe the error with plain values, for the journal and for ``--json``."""
        where = asdict(self.where) if isinstance(self.where, Where) else self.where
        return {
            "kind": type(self).__name__,
            "message": self.message,
            "hint": self.hint,
            "where": where,
            "detail": self.detail,
            "problems": [asdict(problem) for problem in self.problems],
            "code": self.code,
        }

    @classmethod
    def from_dict(cls, record: dict[str, Any]) -> ForgeError:
        """Make the error that `to_dict` described, of its own class where that is one of ours."""
        kinds = {kind.__name__: kind for kind in _family(ForgeError)}
        where = record.get("where")
        problems = [
            Problem(p["message"], Where(**p["where"]) if p["where"] else None, p["hint"], p.get("code")) for p in record.get("problems", ())
        ]
        return kinds.get(record.get("kind", ""), ForgeError)(
            record["message"],
            hint=record.get("hint"),
            where=Where(**where) if isinstance(where, dict) else where,
            detail=record.get("detail"),
            problems=problems,
            code=record.get("code"),
        )


def _revive(kind: type[ForgeError], message: str, context: dict[str, Any]) -> ForgeError:
    return kind(message, **context)


def _family(kind: type[ForgeError]) -> list[type[ForgeError]]:
    return [kind, *(member for child in kind.__subclasses__() for member in _family(child))]


class UserError(ForgeError):
    """The feedstock, the recipe or its functions are wrong; their author can mend it."""


class UsageError(UserError):
    """The command or function was called wrongly."""

    exit_code = 2


class InvalidFeedstock(UserError):
    """A feedstock cannot be read; `problems` says everything that is wrong with it."""


class InputsDisagree(UserError):
    """The inputs do not make one dataset; `problems` names which file against which."""


class RecipeFailed(UserError):
    """Code of the recipe raised an exception; `detail` is its traceback."""


class CheckFailed(UserError):
    """The dataset was written, but it is not what it should be."""


class SourceError(ForgeError):
    """An input cannot be read."""


class SourceUnavailable(SourceError):
    """An input cannot be read now; trying again may help."""

    transient = True


class TargetError(ForgeError):
    """The store cannot be written."""


class TargetExists(TargetError):
    """There is a dataset at the target already."""


class TargetInUse(TargetError):
    """Another run writes to the target."""


class EngineError(ForgeError):
    """What runs the stages failed: a process was killed, a scheduler went away."""


class RunCancelled(EngineError):
    """Somebody asked the run to stop."""
