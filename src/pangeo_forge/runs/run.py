"""What is remembered of one run."""

from __future__ import annotations

import secrets
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, datetime
from typing import Any, Literal, get_args

from pangeo_forge.bakeries.targets import as_name
from pangeo_forge.errors import UsageError
from pangeo_forge.types import RunId

#: ``queued`` and ``running`` may still change; the other three are for good, unless the run is resumed.
State = Literal["queued", "running", "succeeded", "failed", "cancelled"]
STATES: tuple[State, ...] = get_args(State)
RESUMABLE: tuple[State, ...] = ("failed", "cancelled")

# No digits and letters that are mistaken for each other.
_LETTERS = "23456789abcdefghjkmnpqrstuvwxyz"


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One bake of one recipe.

    Parameters
    ----------
    id : str
        Begins with the time (UTC), so that ids sort as runs were created; also the name of the run's folder.
    recipe_id, feedstock : str
        Which recipe of which feedstock.
    source, commit : str, optional
        Where the feedstock came from, and its exact version where it is in git.
    bakery, engine : str
        Where the run takes place, and what runs its stages.
    pruned : bool
        Whether only the first two keys of every concat dimension are baked.
    target : str
        The URL of the dataset.
    folder : str
        The run's own folder, on `host`.
    state : str
        ``queued``, ``running``, ``succeeded``, ``failed`` or ``cancelled``.
    created, started, ended : datetime
        UTC. `started` is the first attempt's, `ended` the last one's.
    attempt : int
        Counted from 1; each resumption is another.
    bytes_written, bytes_stored, chunks_written : int
        Written to the target, over all attempts, each chunk once: uncompressed, and as they lie there.
    inputs : int, optional
        How many files the recipe reads.
    peak_memory : int
        The most memory that all processes of the run (the worker's and this command's own) held together, bytes.
    cpu_s, seconds : float
        Processor time and wall time, over all attempts.
    environment : dict
        The exact versions of the packages that the recipe ran with.
    error : dict, optional
        Why the run failed, as ``ForgeError.to_dict`` describes it.
    host, pid, process : str, int, str
        The machine and the process that watches over the run, and a mark that tells it from a later process of the same number.
    worker_pid, worker_process : int, str
        The same for the worker, while there is one.
    """

    id: RunId
    recipe_id: str
    feedstock: str
    bakery: str
    engine: str
    pruned: bool
    target: str
    folder: str
    created: datetime
    source: str | None = None
    commit: str | None = None
    state: State = "queued"
    started: datetime | None = None
    ended: datetime | None = None
    attempt: int = 1
    bytes_written: int = 0
    bytes_stored: int | None = None
    chunks_written: int = 0
    inputs: int | None = None
    peak_memory: int = 0
    cpu_s: float = 0.0
    seconds: float = 0.0
    environment: dict[str, str] = field(default_factory=dict)
    error: dict[str, Any] | None = None
    host: str | None = None
    pid: int | None = None
    process: str | None = None
    worker_pid: int | None = None
    worker_process: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Describe the run with values that JSON can hold."""
        record = asdict(self)
        for name in ("created", "started", "ended"):
            record[name] = record[name].isoformat() if record[name] else None
        for name in ("process", "worker_process"):
            del record[name]
        return record


FIELDS = tuple(column.name for column in fields(Run))


def make_run_id(recipe_id: str, now: datetime | None = None) -> RunId:
    """Make an id that people can read, that sorts by time, and that can name a folder, such as ``20261124-064531-nemo-x7f3``."""
    moment = (now or datetime.now(UTC)).astimezone(UTC)
    name = as_name(recipe_id).lower()[:40].strip("-.~")
    letters = "".join(secrets.choice(_LETTERS) for _ in range(4))
    return RunId(f"{moment:%Y%m%d-%H%M%S}-{name}-{letters}")


def as_state(text: str) -> State:
    """Check that a text is one of the states of a run.

    Raises
    ------
    UsageError
        If it is not; the message names them all.
    """
    for state in STATES:
        if state == text:
            return state
    raise UsageError(f"{text!r} is not a state of a run", hint=f"Write one of: {', '.join(STATES)}.")
