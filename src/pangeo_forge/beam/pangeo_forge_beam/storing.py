"""Where a pipeline's transforms store and cache, put into them as they are applied: nothing of the recipe's text is looked at."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any

import fsspec

from .failing import Refused

#: What the name of a file or folder of references ends with.
_REFERENCES = (".json", ".parquet")


def names_of(transform: Any) -> set[str]:
    """Give the names of a transform's class and of those that it is derived from."""
    return {kind.__name__ for kind in type(transform).__mro__}


def make_storage(place: dict[str, Any], kind: str = "FSSpecTarget") -> Any:
    """Make what pangeo-forge-recipes takes for a place.

    Parameters
    ----------
    place : dict
        ``url`` and fsspec's ``options`` for it.
    kind : str
        The class in `pangeo_forge_recipes.storage`.
    """
    from pangeo_forge_recipes import storage

    filesystem, path = fsspec.core.url_to_fs(place["url"], **place["options"])
    return getattr(storage, kind)(filesystem, path, dict(place["options"]))


@dataclass
class Places:
    """Puts the places of a run into transforms.

    Parameters
    ----------
    root : FSSpecTarget
        The folder in which the dataset is.
    name : str
        The dataset's name there.
    cache : CacheFSSpecTarget, optional
        Where fetched inputs are kept.
    inputs : dict
        A place for copies of inputs that a recipe insists on, where there is no cache.
    """

    root: Any
    name: str
    cache: Any
    inputs: dict[str, Any]
    written: dict[str, dict[str, Any]] = field(default_factory=dict)

    @classmethod
    def of(cls, order: dict[str, Any]) -> Places:
        """Make those of an order."""
        folder, _, name = order["target"]["url"].rpartition("/")
        cache = make_storage(order["cache"], "CacheFSSpecTarget") if order["cache"] else None
        inputs = {"url": f"{order['scratch']}/inputs", "options": {}}
        return cls(make_storage({**order["target"], "url": folder}), name, cache, inputs)

    def put_into(self, transform: Any) -> None:
        """Say to a transform where it stores or caches, if it does.

        Raises
        ------
        Refused
            If it wants something that a run does not know of, or stores a second dataset.
        """
        names = names_of(transform)
        if hasattr(transform, "target_root") and hasattr(transform, "store_name"):
            self._place_writer(transform)
        elif "PrepareZarrTarget" in names:
            self._place_store(transform)
        elif "OpenURLWithFSSpec" in names and self.cache is not None:
            transform.cache = self.cache
        elif "CheckpointFileTransfer" in names:
            transform.transfer_target = self.cache or make_storage(self.inputs, "CacheFSSpecTarget")
        _refuse_what_is_missing(transform)

    def _place_writer(self, transform: Any) -> None:
        if transform.target_root is self.root:  # one that is a part of another
            return
        self._note(transform, transform.store_name)
        transform.target_root = self.root
        transform.store_name = self.name
        if hasattr(transform, "output_file_name") and self.name.endswith(_REFERENCES):  # the target is the file itself
            transform.store_name, transform.output_file_name = "", self.name
            self.root.fs.makedirs(self.root.root_path, exist_ok=True)

    def _place_store(self, transform: Any) -> None:
        if getattr(transform.target, "fs", None) is self.root.fs and self.written:  # a part of another
            return
        self._note(transform, "")
        transform.target = self.root / self.name

    def _note(self, transform: Any, store_name: str) -> None:
        if self.written and store_name not in self.written:
            names = ", ".join(repr(name) for name in (*self.written, store_name))
            raise Refused(f"the pipeline writes several stores ({names}), and a run makes one", hint="Make a recipe of each.")
        self.written[store_name] = {
            "transform": type(transform).__name__,
            "file": "" if self.name.endswith(_REFERENCES) else getattr(transform, "output_file_name", ""),
            "options": getattr(transform, "remote_options", None) or {},
        }


def _refuse_what_is_missing(transform: Any) -> None:
    if not is_dataclass(transform):
        return
    for one in fields(transform):
        if "RequiredAtRuntimeDefault" in names_of(getattr(transform, one.name, None)):
            raise Refused(f"{type(transform).__name__} wants {one.name!r} from whoever runs it, and nobody here knows of that")
