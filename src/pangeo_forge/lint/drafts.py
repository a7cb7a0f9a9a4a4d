"""A draft: a feedstock as it is written, right or wrong, each of its files read once, when a rule asks for it."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from pathlib import Path

from pangeo_forge.errors import Problem
from pangeo_forge.feedstocks.sources import META, Place
from pangeo_forge.lint.code.definitions import NamedObject, find_objects
from pangeo_forge.lint.code.effects import Effect, effect_of
from pangeo_forge.lint.code.executed import Executed, find_executed
from pangeo_forge.lint.code.following import Follower
from pangeo_forge.lint.code.modules import Module, find_modules
from pangeo_forge.lint.code.pipelines import StaticRecipe, find_recipes
from pangeo_forge.lint.code.urls import Url, find_urls
from pangeo_forge.lint.files import catalogfile
from pangeo_forge.lint.files.catalogfile import CatalogFile
from pangeo_forge.lint.files.changes import Changes
from pangeo_forge.lint.files.folders import Entry, Kind, is_file_inside, is_inside, list_entries, read_file
from pangeo_forge.lint.files.metafile import MetaFile
from pangeo_forge.lint.files.requirements import CODE, NAME, Requirements
from pangeo_forge.lint.files.texts import MAX_BYTES, NotText, Text
from pangeo_forge.lint.files.tracking import find_tracked
from pangeo_forge.lint.files.workflows import Workflow, find_workflows
from pangeo_forge.lint.secrets import Secret, find_in_module, find_in_text
from pangeo_forge.lint.servers.network import Servers

#: How people name the file that must be named ``meta.yaml``.
METAS = (META, "meta.yml", "metadata.yaml", "metadata.yml", "Meta.yaml", "META.yaml")


class Layout(StrEnum):
    """Where in its repository a feedstock lies."""

    #: In ``feedstock/``, at the root of a repository of its own.
    FEEDSTOCK = "feedstock"
    #: In ``recipes/<name>/``, with others that are to become feedstocks.
    STAGED = "staged"
    #: Anywhere else.
    LOOSE = "loose"


@dataclass(frozen=True)
class Draft:
    """A feedstock as it is written.

    Parameters
    ----------
    place : Place
        Its folder, and how messages name it.
    root : Path
        The repository that the folder lies in, as far as can be told; the folder itself otherwise. Nothing outside is read.
    layout : Layout
        Where in the repository it lies.
    overlay : mapping of bytes or None
        What files hold instead of what is on disk, or None for files that are to be gone, by their paths relative to the folder.
    servers : Servers
        What answers the questions of rules that may ask.
    changes : Changes or None
        What the repository's files differ in from those before, if that was asked for.
    """

    place: Place
    root: Path
    layout: Layout
    overlay: Mapping[str, bytes | None] = field(default_factory=dict, repr=False)
    servers: Servers = field(default_factory=Servers, repr=False, compare=False)
    changes: Changes | None = field(default=None, repr=False, compare=False)
    _texts: dict[str, Text | None] = field(default_factory=dict, repr=False, compare=False)
    _problems: list[Problem] = field(default_factory=list, repr=False, compare=False)
    _secrets: dict[str, tuple[Secret, ...]] = field(default_factory=dict, repr=False, compare=False)

    @property
    def folder(self) -> Path:
        """The folder that holds, or should hold, ``meta.yaml``."""
        return self.place.folder

    @property
    def name(self) -> str:
        """The feedstock's name."""
        return self.place.name

    def show(self, path: str) -> str:
        """Name a file of the folder, or the folder itself (``""``), as messages should."""
        if path.startswith(".."):
            return posixpath.normpath(self.place.show(path))
        return self.place.show(path) if path else self.place.shown or "."

    def from_root(self, path: str) -> str:
        """Turn a path relative to the repository's root into one relative to the folder."""
        return Path(os.path.relpath(self.root / path, self.folder)).as_posix()

    @property
    def is_outside(self) -> bool:
        """Whether the folder itself is a link that leads out of the repository."""
        return not is_inside(self.folder, self.root)

    @cached_property
    def entries(self) -> tuple[Entry, ...]:
        """What the folder holds, in it and below."""
        if self.is_outside:
            return ()
        unchanged = (entry for entry in list_entries(self.folder, self.root) if entry.path not in self.overlay)
        changed = (Entry(path, Kind.FILE, len(data)) for path, data in self.overlay.items() if data is not None and path[:3] != "../")
        return (*unchanged, *changed)

    @cached_property
    def files(self) -> Mapping[str, Entry]:
        """The regular files, by their paths."""
        return {entry.path: entry for entry in self.entries if entry.kind is Kind.FILE}

    @cached_property
    def tracked(self) -> frozenset[str] | None:
        """The files that git keeps and the folders that they are in, by their paths; None where there is no checkout."""
        return find_tracked(self.folder)

    def has_file(self, path: str) -> bool:
        """Whether there is a file of the folder (or, with ``../``, beside it) that may be read."""
        return self.overlay[path] is not None if path in self.overlay else is_file_inside(self.folder / path, self.root)

    def read(self, path: str, code: str) -> Text | None:
        """Read a file of the folder; None where there is none, or where it is no text, which becomes a problem with this code."""
        if path not in self._texts:
            self._texts[path] = self._read(path, code)
        return self._texts[path]

    def _read(self, path: str, code: str) -> Text | None:
        data = self.read_bytes(path, code)
        if data is None:
            return None
        try:
            return Text.decode(data, path, self.show(path))
        except NotText as fault:
            text = Text(path, self.show(path), "")
            self._problems.append(Problem(str(fault), text.at(1, 1), "Save it as UTF-8 text; keep data elsewhere.", code))
            return None

    def read_bytes(self, path: str, code: str) -> bytes | None:
        """Read the start of a file of the folder, a byte more than a text may have; None where it is not there or cannot be read."""
        if path in self.overlay:
            return self.overlay[path]
        place = self.folder / path
        if path not in self.files and not is_file_inside(place, self.root):  # what was listed lies inside
            return None
        try:
            return read_file(place, MAX_BYTES)
        except OSError as error:
            where = Text(path, self.show(path), "").at(1, 1)
            self._problems.append(Problem(f"the file cannot be read: {error.strerror}", where, "Look at its permissions.", code))
            return None

    @cached_property
    def meta(self) -> MetaFile | None:
        """``meta.yaml``, or the file that should have that name; None where there is none."""
        found = next((name for name in METAS if self.has_file(name)), None)
        data = None if found is None else self.read_bytes(found, "PFM001")
        return None if found is None or data is None else MetaFile.read(data, found, self.show(found), self.folder)

    @cached_property
    def modules(self) -> Mapping[str, Module]:
        """The modules that ``meta.yaml`` names and those of the folder that they import, by their dotted names.

        Where ``meta.yaml`` names none, all modules directly in the folder.
        """
        return find_modules(self)

    @cached_property
    def executed(self) -> tuple[Executed, ...]:
        """What happens while the modules are imported that a run of a recipe imports."""
        return tuple(find_executed(self._imported, self.modules))

    @cached_property
    def effects(self) -> tuple[tuple[Executed, Effect], ...]:
        """What of that does something beside giving a value, as far as is known."""
        return tuple((executed, effect) for executed in self.executed if (effect := effect_of(executed)))

    @property
    def _imported(self) -> Iterable[Module]:
        """The modules that a run imports: none, where ``meta.yaml`` names none, since they are scripts then."""
        if self.meta and self.meta.model:
            return self.modules.values() if self.meta.model.recipes else ()
        return [module for name, module in self.modules.items() if name == "recipe"]

    @cached_property
    def follower(self) -> Follower:
        """What follows names through the modules."""
        return Follower(self.modules)

    @cached_property
    def objects(self) -> tuple[NamedObject, ...]:
        """The objects that ``meta.yaml`` names, in the modules that can be read."""
        return tuple(find_objects(self))

    @cached_property
    def urls(self) -> Mapping[str, Sequence[Url]]:
        """The addresses that are written into each of the modules, by the modules' names."""
        return {name: find_urls(module) for name, module in self.modules.items()}

    @cached_property
    def recipes(self) -> tuple[StaticRecipe, ...]:
        """The recipes that the modules build, as far as their text tells."""
        return find_recipes(self, self.follower)

    @cached_property
    def requirements(self) -> Requirements | None:
        """``requirements.txt``; None where there is none, or where it is no text."""
        text = self.read(NAME, CODE)
        return None if text is None else Requirements.parse(text)

    @cached_property
    def catalog(self) -> CatalogFile | None:
        """``catalog.yaml``; None where there is none, or where it is no text."""
        text = self.read(catalogfile.NAME, catalogfile.CODE)
        return None if text is None else CatalogFile.parse(text)

    @cached_property
    def workflows(self) -> tuple[Workflow, ...]:
        """The workflows of the repository on GitHub, where it is the feedstock's own."""
        return () if self.layout is Layout.STAGED or self.is_outside else tuple(find_workflows(self))

    @cached_property
    def problems(self) -> tuple[Problem, ...]:
        """All that was come upon while the files were read."""
        meta = self.meta.problems if self.meta else ()
        modules = [module.problem for module in self.modules.values() if module.problem]
        requirements = [fault.problem for fault in self.requirements.faults] if self.requirements else []
        catalog = self.catalog.problems if self.catalog else ()
        return (*meta, *modules, *requirements, *catalog, *self._problems)

    def text_of(self, shown: str) -> Text | None:
        """Give the text of a file that was read, by the name that messages give it."""
        if self.meta and self.meta.text.shown == shown:
            return self.meta.text
        return next((text for text in self._texts.values() if text and text.shown == shown), None)

    def secrets_of(self, shown: str) -> tuple[Secret, ...]:
        """Find the secrets in a file that was read, by the name that messages give it."""
        if shown not in self._secrets:
            module = next((module for module in self.modules.values() if module.text.shown == shown), None)
            text = None if module else self.text_of(shown)
            self._secrets[shown] = find_in_module(module) if module else find_in_text(text) if text else ()
        return self._secrets[shown]
