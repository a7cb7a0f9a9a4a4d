"""What a worker is asked to do: a JSON object on its standard input."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

#: What `Job.engine` says where Apache Beam shall run a pipeline, though a plan could be made of it.
BEAM = "beam"


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of ``recipes`` in a ``meta.yaml``: an id and its object, or the object of a whole dictionary of recipes.

    Parameters
    ----------
    id : str or None
        None for a ``dict_object``, whose keys become the ids.
    object : str
        ``"module:name"``, the module a path of dots relative to the feedstock's folder.
    """

    id: str | None
    object: str


@dataclass(frozen=True, slots=True)
class Job:
    """One thing for one worker to do.

    Parameters
    ----------
    kind : str
        ``ids`` (load all recipes and name them), ``list`` (and describe them), ``plan`` (outline one) or ``bake``.
    folder : str
        The folder that holds ``meta.yaml`` and the modules, absolute.
    entries : list of Entry
        The recipes that ``meta.yaml`` names.
    recipe_id : str, optional
        Which of them to plan or bake (ids of a ``dict_object``'s keys included).
    pruned : bool
        Whether to keep only the first two keys of every concat dimension.
    target : str
        The URL of the dataset to write.
    default_target : bool
        Whether nobody chose the target, so that its suffix is to be that of what the recipe makes.
    target_options, cache_options : dict
        fsspec's storage options of the two.
    cache : str, optional
        The URL of a folder to keep fetched inputs in.
    overwrite : bool
        Whether what is at the target may be replaced.
    resume : bool
        Whether an earlier attempt at the run left checkpoints and part of a store to go on from.
    engine : str
        The name of an engine, by entry point ``pangeo_forge.engines``, or ``beam`` for a pipeline that Apache Beam shall run.
    engine_options : dict
        What that engine's options class takes.
    task_memory : int
        How much one task may hold in memory, bytes.
    checks : int
        How many inputs to compare with what was written.
    load_timeout_s : float
        How long a module may take to be imported, seconds.
    environments : str
        The folder in which environments of recipes are kept.
    isolated : bool
        Whether the worker is started in an environment for what the feedstock requires; kept for another attempt.
    scratch : str
        The run's own folder, for checkpoints and intermediate stores.
    catalogued : bool
        Whether the dataset of a full run is described for the catalogue.
    checksums : bool
        Whether every input is read whole for its checksum.
    public : list of str
        A folder, and the URL at which everybody reads what lies there; empty if nobody does.
    log : str
        A file that standard error goes to from now on, if it does not already.
    """

    kind: Literal["ids", "list", "plan", "bake"]
    folder: str
    entries: list[Entry]
    recipe_id: str | None = None
    pruned: bool = False
    target: str = ""
    default_target: bool = False
    target_options: dict[str, Any] = field(default_factory=dict)
    cache: str | None = None
    cache_options: dict[str, Any] = field(default_factory=dict)
    overwrite: bool = False
    resume: bool = False
    engine: str = "local"
    engine_options: dict[str, Any] = field(default_factory=dict)
    task_memory: int = 100_000_000
    checks: int = 4
    load_timeout_s: float = 600.0
    environments: str = ""
    isolated: bool = True
    scratch: str = ""
    catalogued: bool = True
    checksums: bool = False
    public: list[str] = field(default_factory=list)
    log: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Describe the job with values that JSON can hold."""
        return asdict(self)

    @classmethod
    def from_dict(cls, record: dict[str, Any]) -> Job:
        """Read what `to_dict` wrote."""
        return cls(**{**record, "entries": [Entry(**entry) for entry in record["entries"]]})
