"""What is to be drawn, and what was: plain values that go to the process that draws, and come back from it."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from pangeo_forge.errors import TargetError
from pangeo_forge.plans.reach import Reach

Theme = Literal["light", "dark"]
Kind = Literal["thumbnail", "plot", "series"]


class CannotDraw(TargetError):
    """A dataset of which no picture is made, and why."""


@dataclass(frozen=True, slots=True)
class Source:
    """A dataset that is to be drawn.

    Parameters
    ----------
    href : str
        The URL or path of its store.
    title : str
        What it is called.
    version : str
        Pictures of one version are not those of another.
    consolidated : bool
        Whether the metadata of a Zarr store are gathered.
    snapshot : str, optional
        Of an Icechunk repository.
    bbox : tuple of float, optional
        West, south, east, north, as its Item says.
    storage_options : dict
        fsspec's, where they are not as it is configured.
    reach : Reach, optional
        How far its references are followed; by default wherever they lead.
    """

    href: str
    title: str
    version: str = ""
    consolidated: bool = True
    snapshot: str | None = None
    bbox: tuple[float, float, float, float] | None = None
    storage_options: dict[str, Any] = field(default_factory=dict, repr=False)
    reach: Reach | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """A picture that is wanted.

    Parameters
    ----------
    kind : str
        ``"thumbnail"``: only the values, over the bounding box; ``"plot"``: with title, axes and colour bar; ``"series"``: means along
        time.
    variable : str, optional
        By default the first that lies on a map or, if none does, the first.
    steps : tuple of (str, int)
        Which step of which dimension; of times by default the last that has values, of others the first.
    theme : str
        For a page that is light or dark.
    is_narrow : bool
        Whether it is for the screen of a phone.
    """

    kind: Kind = "plot"
    variable: str | None = None
    steps: tuple[tuple[str, int], ...] = ()
    theme: Theme = "light"
    is_narrow: bool = False


@dataclass(frozen=True, slots=True)
class Shown:
    """What a picture shows.

    Parameters
    ----------
    variable, label, unit : str
        The variable's name, what it calls itself, and its unit.
    steps : dict of str to int
        The step of each dimension that is not drawn.
    at : str
        The coordinates of these steps in words: ``"2010-09-16, depth 5 m"``.
    low, high : float
        Between which most values are.
    colours : tuple of float
        Where the colours begin and end.
    colormap : str
        As matplotlib calls it; empty for lines.
    """

    variable: str
    label: str
    unit: str
    steps: dict[str, int]
    at: str
    low: float
    high: float
    colours: tuple[float, float]
    colormap: str = ""

    @property
    def text(self) -> str:
        """Say in words what there is to see, for those who do not see it."""
        unit = f" {self.unit}" if self.unit not in ("", "1") else ""
        when = f", {self.at}" if self.at else ""
        values = f"mostly {self.low:.4g} to {self.high:.4g}" if self.low != self.high else f"{self.low:.4g} everywhere"
        return f"{self.label}{when}: {values}{unit}"

    def to_dict(self) -> dict[str, Any]:
        """Describe it with values that JSON can hold."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture, PNG, and what it shows."""

    png: bytes
    shown: Shown
