"""A target to be catalogued, and what that came to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pangeo_forge.bakeries.targets import PublicEnd
from pangeo_forge.catalog.sources.finding import Found
from pangeo_forge.catalog.sources.trust import Trust


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A target to be catalogued.

    Parameters
    ----------
    filesystem : AbstractFileSystem
        fsspec's.
    root : str
        The target's folder there.
    url : str
        The target as readers name it, without a slash at the end.
    storage_options : mapping
        fsspec's.
    public_end : PublicEnd, optional
        Where everybody reads what lies in it.
    passed_over : tuple of str
        Folders of the target that hold no datasets to be catalogued, such as those of tests.
    trust : Trust
        How far the references of datasets are followed.
    """

    filesystem: Any
    root: str
    url: str
    storage_options: Mapping[str, Any] = field(default_factory=dict, repr=False)
    public_end: PublicEnd | None = None
    passed_over: tuple[str, ...] = ()
    trust: Trust = field(default_factory=Trust)

    def href(self, found: Found) -> str:
        """Name the place of one of its datasets as readers do."""
        return found.url_in(self.url, self.root)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What making a catalogue came to.

    Parameters
    ----------
    described, unchanged, gone : int
        How many datasets were opened, were as the last time, and are not there any more.
    problems : tuple of (str, str)
        Places that could not be read or described, and why.
    """

    described: int
    unchanged: int
    gone: int
    problems: tuple[tuple[str, str], ...]


#: Is told how many of how many datasets are described.
Progress = Callable[[int, int], None]
