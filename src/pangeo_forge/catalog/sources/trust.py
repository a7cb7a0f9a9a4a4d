"""Whom a catalogue's keeper believes: where its datasets may lie, and how far their references are followed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pangeo_forge.bakeries.targets import same_place
from pangeo_forge.catalog.storage.tree import Tree
from pangeo_forge.plans.reach import Reach, ReferenceRefused, name_protocol
from pangeo_forge.types import redact_url


def _know_none(href: str) -> tuple[str, ...]:
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """Whom a catalogue's keeper believes.

    Parameters
    ----------
    roots : tuple of str
        Where the references of all datasets may lead, as the keeper says.
    target : str, optional
        The target that was catalogued: the references of datasets in it may lead into it as well.
    is_remote : bool
        Whether the catalogue is not on this machine, and its keeper not whoever reads it: then it leads to nothing on this machine.
    find_inputs : callable
        Gives where the files are that runs of ours have read which wrote to a dataset's place, as we ourselves know it. Who has put
        other references there meanwhile gets no further.
    """

    roots: tuple[str, ...] = ()
    target: str | None = None
    is_remote: bool = False
    find_inputs: Callable[[str], tuple[str, ...]] = _know_none

    def find_reach(self, href: str) -> Reach:
        """Say how far the references of a dataset are followed, whoever wrote them.

        Raises
        ------
        ReferenceRefused
            If not even the dataset is to be opened.
        """
        if self.is_remote:
            _refuse_what_is_here(href, Reach(self.roots))
        around = [self.target] if self.target and is_within(href, self.target) else []
        return Reach((*self.roots, *around, *self.find_inputs(href)))


def find_target(tree: Tree) -> str | None:
    """Find the target that a catalogue is of, as far as its own word can be believed.

    It lies in its target, mostly, and whoever may write there may have written a larger one into it: then it is the folder around it.
    """
    told = tree.read_target()
    if told is None:
        return None
    folder = tree.href("").rstrip("/")
    if is_within(folder, told):
        return folder.rpartition("/")[0]
    return told if tree.is_local else None


def is_within(place: str, folder: str) -> bool:
    """Tell whether a place is in a folder, or is it itself."""
    inner, outer = same_place(place), same_place(folder)
    return inner == outer or inner.startswith(f"{outer.rstrip('/')}/")


def _refuse_what_is_here(href: str, reach: Reach) -> None:
    if "::" not in href and name_protocol(href) not in ("file", "memory", "reference", "data"):
        return
    try:
        if "::" not in href:
            reach.find_file(href)
            return
    except ReferenceRefused:
        pass
    raise ReferenceRefused(
        f"the catalogue is elsewhere, and leads to {redact_url(href)} on this machine",
        hint="If it may: allow the folder, by --references-to or PANGEO_FORGE_REFERENCES_TO.",
    )
