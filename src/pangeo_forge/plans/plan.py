"""What is to be done, as data: a plan of stages, each a sized and lazy sequence of small tasks.

A later stage's tasks follow from what an earlier one found (how many steps each file holds, say), so a plan
is a tuple of *steps*, each a pure function from the earlier stages' results to its `Stage`. Given the results of
a sample instead of the whole, the same functions outline a run without running it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

if TYPE_CHECKING:
    from pangeo_forge.plans.products import Product
    from pangeo_forge.plans.stamps import Stamp

#: The combined results of the stages that have ended, by the stage's name.
Results = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Cost:
    """What a stage will take, or what a task took: of a stage, estimated where its inputs are known from a sample only.

    Parameters
    ----------
    bytes_read, bytes_written : int
        Uncompressed, over all tasks.
    chunks : int
        How many chunks of the target (or of the intermediate store) are written.
    memory_per_task : int
        The arrays that one task holds at most, bytes.
    """

    bytes_read: int = 0
    bytes_written: int = 0
    chunks: int = 0
    memory_per_task: int = 0

    def __add__(self, other: Cost) -> Cost:
        return Cost(
            self.bytes_read + other.bytes_read,
            self.bytes_written + other.bytes_written,
            self.chunks + other.chunks,
            max(self.memory_per_task, other.memory_per_task),
        )


@dataclass(frozen=True)
class Stage:
    """Tasks that can run in any order, side by side, and twice without harm.

    Parameters
    ----------
    name : str
        One of the words that users see: ``cache``, ``inspect``, ``prepare``, ``spread``, ``store``, ``finalize``, ``check``.
    tasks : sequence
        Sized, lazily enumerated: a task is made when it is asked for by its index.
    function : callable
        ``task -> result``, picklable. A result that is a `Cost` is what the task took.
    combine : callable, optional
        ``(a, b) -> c``, associative and commutative, folds the results; it may change and return `a`.
    cost : Cost
        What the stage will take.
    notes : tuple of str
        What the user should know of how it will be done.
    """

    name: str
    tasks: Sequence[Any]
    function: Callable[[Any], Any]
    combine: Callable[[Any, Any], Any] | None = None
    cost: Cost = field(default_factory=Cost)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """A stage that can be made once the results of those before it are known."""

    name: str
    make_stage: Callable[[Results], Stage]


def _know_none(results: Results) -> Mapping[int, Stamp]:
    """Know nothing of the inputs' versions."""
    return {}


@dataclass(frozen=True, slots=True)
class Plan:
    """How one dataset is made.

    Parameters
    ----------
    steps : tuple of Step
        In the order in which they run. A step whose stage has no tasks is passed over.
    sample : callable
        Opens a few inputs and returns results that stand for those of the stages that would have to read everything;
        with them the steps outline the run.
    describe : callable
        Says with plain values what the dataset will be: ``{"sizes", "variables", "exact"}``.
    product : Product
        What kind of store is made, and how it is opened.
    stamps : callable
        Says which version of each input was read, by the inputs' numbers, as far as it is known.
    appends : bool
        Whether the dataset at the target is there before, and is made longer.
    """

    steps: tuple[Step, ...]
    sample: Callable[[], dict[str, Any]]
    describe: Callable[[Results], dict[str, Any]]
    product: Product
    stamps: Callable[[Results], Mapping[int, Stamp]] = _know_none
    appends: bool = False

    def outline(self, results: Results) -> tuple[Stage, ...]:
        """Make every stage as far as a sample of the inputs tells, without running any."""
        stages = (step.make_stage(results) for step in self.steps)
        return tuple(stage for stage in stages if len(stage.tasks))


@dataclass(frozen=True, slots=True)
class Target:
    """Where a dataset is written, by an fsspec URL."""

    url: str
    storage_options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PlanContext:
    """What a recipe needs to know to be planned, other than itself.

    Parameters
    ----------
    target : Target
        The dataset's own place (not the bakery's root).
    cache : Target, optional
        A folder to keep fetched inputs in; without it inputs are read where they are.
    task_memory : int
        How much one task may hold in memory, bytes.
    checks : int
        How many inputs to compare with what was written, in the end; 0 for none.
    scratch : Target
        A place for an intermediate store that all tasks can reach.
    """

    target: Target
    scratch: Target
    cache: Target | None = None
    task_memory: int = 100_000_000
    checks: int = 4


class Recipe(Protocol):
    """Anything that can be planned."""

    def plan(self, context: PlanContext) -> Plan:
        """Say how the dataset is made, without making it."""
        ...

    def prune(self) -> Recipe:
        """Make the recipe that bakes only the first two keys of every concat dimension."""
        ...


@runtime_checkable
class AppendingRecipe(Recipe, Protocol):
    """A recipe that may append to a dataset that is there."""

    @property
    def append_dim(self) -> str | None:
        """The dimension along which it appends, if it does."""
        ...

    def alone(self) -> Recipe:
        """Make the recipe of the same inputs that appends them to nothing."""
        ...


def find_append_dim(recipe: Recipe) -> str | None:
    """Name the dimension along which a recipe appends to a dataset that is there, if it does."""
    return recipe.append_dim if isinstance(recipe, AppendingRecipe) else None
