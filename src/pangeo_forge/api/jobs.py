"""From what a user asks for to a job for a worker."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pangeo_forge.api.reaching import check_protocol
from pangeo_forge.bakeries.database import Bakery
from pangeo_forge.engines.base import find_engines
from pangeo_forge.errors import UsageError, UserError
from pangeo_forge.feedstocks.feedstock import Feedstock
from pangeo_forge.settings import Settings
from pangeo_forge.worker.job import BEAM, Entry

#: What runs Beam's pipelines elsewhere.
_OTHER_RUNNERS = ("dataflow", "flink", "spark", "prism", "samza")


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineChoice:
    """Which engine a user wants; None leaves it to the bakery and the settings.

    Parameters
    ----------
    name : str, optional
        ``local``, ``dask``, or another that is installed; or ``beam``, by which a pipeline of the Beam API is run as it is.
    workers : int, optional
        How many processes.
    scheduler : str, optional
        The address of a Dask scheduler; implies the engine ``dask``.
    """

    name: str | None = None
    workers: int | None = None
    scheduler: str | None = None

    def decide(self, bakery: Bakery, settings: Settings) -> tuple[str, dict[str, Any]]:
        """Give the engine's name and its options.

        Raises
        ------
        UsageError
            If there is no such engine, or it has no use for what else was chosen.
        """
        name = self.name or ("dask" if self.scheduler else bakery.engine)
        known = sorted([*find_engines(), BEAM])
        if name in _OTHER_RUNNERS:
            raise UsageError(
                f"the engine {name!r} is not supported: Apache Beam runs pipelines on this machine only, by its own direct runner",
                hint="Write --engine beam.",
            )
        if name not in known:
            raise UsageError(f"there is no engine {name!r}", hint=f"There are {', '.join(known)}.")
        if self.workers is not None and self.workers < 1:
            raise UsageError(f"workers is {self.workers}, but must be at least 1")
        if self.scheduler is None:
            return name, {"workers": self.workers or settings.workers}
        if name != "dask":
            raise UsageError(f"the engine {name!r} has no scheduler", hint="A scheduler's address goes with the engine 'dask'.")
        if self.workers is not None:
            raise UsageError("a scheduler that runs already has its own number of workers", hint="Leave out the number of workers.")
        return name, {"scheduler": self.scheduler}


@dataclass(frozen=True, slots=True, kw_only=True)
class Storage:
    """A place by its URL, and fsspec's options for it."""

    url: str
    options: Mapping[str, Any] = field(default_factory=dict, repr=False)


def make_storage(url: str | Path, options: Mapping[str, Any] | None, what: str) -> Storage:
    """Take a place as a user writes it; a path becomes absolute, so that it means the same from every folder.

    Raises
    ------
    UsageError
        If it is empty, or a URL of an unknown protocol, or one that holds a password: URLs are shown, and kept in journals and databases.
    """
    text = str(url)
    if not text.strip():
        raise UsageError(f"the {what} is empty", hint="Write a folder or a URL.")
    if "://" not in text:
        return Storage(url=os.path.abspath(Path(text).expanduser()), options=options or {})  # noqa: PTH100  (without .. and //)
    if urlsplit(text).password is not None:
        raise UsageError(
            f"the {what}'s URL holds a password, and URLs are shown and kept",
            hint="Give user name and password as storage options, or where the environment's own configuration has them.",
        )
    check_protocol(text, what)
    return Storage(url=text.rstrip("/"), options=options or {})


def make_entries(feedstock: Feedstock) -> list[Entry]:
    """Say which objects of which modules are the recipes.

    Raises
    ------
    UserError
        If there are none.
    """
    meta = feedstock.meta
    if meta.recipes:
        return [Entry(entry.id, entry.object) for entry in meta.recipes]
    if meta.catalogued:
        names = ", ".join(entry.id for entry in meta.catalogued)
        raise UserError(
            f"the feedstock {feedstock.name!r} has nothing to bake: it names datasets that exist already ({names})",
            hint="A recipe is baked if its entry in meta.yaml has an `object`.",
        )
    raise UserError(
        f"the feedstock {feedstock.name!r} has nothing to bake: its meta.yaml names no recipes",
        hint='Write `recipes:`, and under it `- id: my-dataset` with `object: "module:name"`.',
    )


def describe_source(feedstock: Feedstock) -> dict[str, Any]:
    """Describe with plain values what was read."""
    return {
        "name": feedstock.name,
        "source": feedstock.source,
        "commit": name_commit(feedstock),
        "title": feedstock.meta.title,
    }


def name_commit(feedstock: Feedstock) -> str | None:
    """Name a feedstock's version as ``git describe --dirty`` does: a commit alone would promise more than holds of changed files."""
    return f"{feedstock.commit}-dirty" if feedstock.commit and feedstock.dirty else feedstock.commit
