"""What a worker tells its parent, one JSON object a line; the same lines make a run's journal."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened, with the time (UTC, seconds since 1970)."""

    kind: ClassVar[str]
    time: float = field(default_factory=lambda: datetime.now(UTC).timestamp())


#: What is told every event.
Tell = Callable[[Event], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadingStarted(Event):
    """Code of a module begins to run, and may take so long."""

    kind = "loading_started"
    module: str
    timeout_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadingEnded(Event):
    """The module's code has come back, in whatever way."""

    kind = "loading_ended"
    module: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecipesListed(Event):
    """So many recipes of a feedstock are described by now."""

    kind = "recipes_listed"
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RecipeLoaded(Event):
    """The recipe module was imported, in an environment of these versions (package name to version)."""

    kind = "recipe_loaded"
    recipe_id: str
    dialect: str
    inputs: int
    versions: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetSettled(Event):
    """The dataset goes to another place than the run began with, since the recipe makes no Zarr store."""

    kind = "target_settled"
    target: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StageStarted(Event):
    """A stage begins; `done` of its tasks were done by an earlier attempt at the run."""

    kind = "stage_started"
    stage: str
    tasks: int
    done: int = 0
    bytes_read: int = 0
    bytes_written: int = 0
    chunks: int = 0
    memory_per_task: int = 0
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskEnded(Event):
    """A task is done. `bytes_written` are uncompressed; `peak_memory` is the process's own so far."""

    kind = "task_ended"
    stage: str
    task: int
    seconds: float
    bytes_read: int = 0
    bytes_written: int = 0
    chunks: int = 0
    peak_memory: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskRetried(Event):
    """A task failed for a reason that may pass, and will be tried again in `delay_s` seconds."""

    kind = "task_retried"
    stage: str
    task: int
    attempt: int
    delay_s: float
    error: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class StageEnded(Event):
    """All tasks of a stage are done."""

    kind = "stage_ended"
    stage: str
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Note(Event):
    """Something the user should know that is not an error."""

    kind = "note"
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerEnded(Event):
    """The last word of a worker: what it found, or the error it ended with.

    `result` depends on the job: for a bake ``{"snippet", "repr", "bytes_stored", "peak_memory", "cpu_s"}``, for a listing
    ``{"recipes": [...]}``, for a plan ``{"stages": [...]}``.
    """

    kind = "worker_ended"
    result: dict[str, Any] | None = None
    error: dict[str, Any] | None = None


# The supervisor's own entries in a journal, before and after the worker's.


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStarted(Event):
    """A run, or another attempt at it, begins; `job` is what the worker is asked to do."""

    kind = "run_started"
    run_id: str
    attempt: int
    job: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvironmentStep(Event):
    """An environment for the recipe is being built; `what` says what is done just now."""

    kind = "environment_step"
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvironmentReady(Event):
    """The recipe is run in an environment (`key` is None for pangeo-forge's own) with these packages besides its own.

    `remarks` say what is taken otherwise than ``requirements.txt`` asks.
    """

    kind = "environment_ready"
    key: str | None
    packages: dict[str, str]
    was_built: bool = False
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RunEnded(Event):
    """The run's last state: ``succeeded``, ``failed`` or ``cancelled``."""

    kind = "run_ended"
    state: str
    error: dict[str, Any] | None = None


_KINDS = {
    kind.kind: kind
    for kind in (
        LoadingStarted,
        LoadingEnded,
        RecipeLoaded,
        RecipesListed,
        TargetSettled,
        StageStarted,
        TaskEnded,
        TaskRetried,
        StageEnded,
        Note,
        WorkerEnded,
        RunStarted,
        RunEnded,
        EnvironmentStep,
        EnvironmentReady,
    )
}


def to_line(event: Event) -> str:
    """Write an event as one line of JSON, without the line's end."""
    return json.dumps({"event": event.kind, **asdict(event)}, separators=(",", ":"), default=str)


def from_line(line: str) -> Event:
    """Read the event that `to_line` wrote.

    Raises
    ------
    ValueError
        If the line is not such an event, as where a journal was cut off in the middle of one.
    """
    record = json.loads(line)
    try:
        kind = _KINDS[record.pop("event")]
        for name in {"notes", "remarks"} & record.keys():
            record[name] = tuple(record[name])
        return kind(**record)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"not an event: {line[:80]!r}") from error
