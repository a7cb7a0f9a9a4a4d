"""What the program that runs Beam is asked to do."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Place:
    """A place by its URL, and fsspec's options for it."""

    url: str
    options: dict[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Reference:
    """Where a recipe is defined.

    Parameters
    ----------
    objects : tuple of str
        Where to look for it, each as ``"module:name"``.
    key : str or None
        Its key there, where the objects are dictionaries of recipes.
    """

    objects: tuple[str, ...]
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """One recipe to be run by Beam.

    Parameters
    ----------
    folder : str
        The folder of the recipe's modules.
    recipe : Reference
    target : Place
        The dataset's own.
    scratch : str
        A folder for what is only needed while it runs.
    cache : Place, optional
        A folder to keep fetched inputs in.
    pruned : bool
        Whether to keep only the first two keys of every concat dimension.
    workers : int
        How many processes Beam uses.
    """

    folder: str
    recipe: Reference
    target: Place
    scratch: str
    cache: Place | None = None
    pruned: bool = False
    workers: int = 1

    @property
    def mode(self) -> Literal["in_memory", "multi_processing"]:
        """How Beam runs what it runs: for one worker it starts no process."""
        return "in_memory" if self.workers == 1 else "multi_processing"

    def to_dict(self) -> dict[str, Any]:
        """Describe the order with values that JSON can hold."""
        return {**asdict(self), "mode": self.mode}
