"""What is known of a dataset from itself, as plain values: everything else that a catalogue says is made of this."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """What a dataset says of itself.

    Parameters
    ----------
    bbox : list of float, optional
        West, south, east, north in degrees; west is greater than east where the antimeridian is crossed. None where no coordinates tell.
    geometry : dict, optional
        GeoJSON, cut at the antimeridian.
    start, end : str, optional
        The first and the last time, RFC 3339 in UTC; None where there is none.
    dimensions, variables : dict
        As the datacube extension has them.
    standard_names : list of str
        The CF standard names of the variables.
    attrs : dict
        The dataset's attributes.
    bytes : int
        The uncompressed size of all arrays.
    """

    bbox: list[float] | None = None
    geometry: dict[str, Any] | None = None
    start: str | None = None
    end: str | None = None
    dimensions: dict[str, Any] = field(default_factory=dict)
    variables: dict[str, Any] = field(default_factory=dict)
    standard_names: list[str] = field(default_factory=list)
    attrs: dict[str, Any] = field(default_factory=dict)
    bytes: int = 0

    def to_dict(self) -> dict[str, Any]:
        """Describe it with values that JSON can hold."""
        return asdict(self)

    @classmethod
    def from_dict(cls, record: dict[str, Any]) -> Description:
        """Read what `to_dict` wrote."""
        return cls(**record)
