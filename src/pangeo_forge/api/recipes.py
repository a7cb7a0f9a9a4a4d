"""What a feedstock's recipes are and would do; a worker is asked, and nothing of it is remembered."""

from __future__ import annotations

import difflib
import fnmatch
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pangeo_forge.api.environments import equip
from pangeo_forge.api.feedstocks import Source, load_feedstock
from pangeo_forge.api.jobs import describe_source, make_entries
from pangeo_forge.bakeries.database import get_bakery
from pangeo_forge.errors import UsageError
from pangeo_forge.feedstocks.feedstock import Feedstock
from pangeo_forge.runs.attempt import Observer
from pangeo_forge.runs.supervisor import ask_worker, ignore
from pangeo_forge.runs.worker_process import WorkerCommand
from pangeo_forge.settings import Settings
from pangeo_forge.worker.job import Job

#: What makes an id a pattern of ids.
_WILD = re.compile(r"[*?\[]")


def list_recipes(
    source: Source, *, bakery: str = "local", load_timeout_s: int | None = None, isolated: bool = True, observer: Observer = ignore
) -> dict[str, Any]:
    """Load all recipes of a feedstock, and describe each.

    Parameters
    ----------
    source : str, Path or Feedstock
        A folder, the path of a ``meta.yaml``, or a git URL ``…[@ref][#sub-folder]``.
    bakery : str
        Says which environment variables the recipes see.
    load_timeout_s : int, optional
        How long a module may take to be imported, seconds; by default as the settings say.
    isolated : bool
        Whether what the feedstock requires is installed for it, in an environment of its own; else it must be there already.
    observer : callable
        Is told every event.

    Returns
    -------
    dict
        ``{"feedstock": {"name", "source", "commit", "title"}, "recipes": [{"id", "dialect", "kind", "inputs", "bytes", "problem"}]}``;
        ``bytes`` is estimated from a few inputs, None where they were not opened, and ``problem`` says why they could not be.

    Raises
    ------
    ForgeError
        If the feedstock cannot be read, or its modules cannot be imported.
    """
    feedstock = load_feedstock(source)
    settings = Settings.load()
    job = Job(
        kind="list",
        folder=str(feedstock.folder),
        entries=make_entries(feedstock),
        task_memory=settings.task_memory,
        load_timeout_s=load_timeout_s or settings.load_timeout_s,
    )
    command = equip(WorkerCommand(), feedstock, isolated=isolated, observer=observer)
    found = ask_worker(job, bakery=get_bakery(bakery, settings), observer=observer, command=command)
    return {"feedstock": describe_source(feedstock), **found}


def plan(
    source: Source,
    recipe_id: str | None = None,
    *,
    pruned: bool = False,
    bakery: str = "local",
    load_timeout_s: int | None = None,
    isolated: bool = True,
    observer: Observer = ignore,
) -> dict[str, Any]:
    """Say what a run of a recipe would do, from a few of its inputs and without writing anything.

    Parameters
    ----------
    source, bakery, load_timeout_s, isolated, observer
        As for `list_recipes`.
    recipe_id : str, optional
        Which recipe; may be left out where there is only one.
    pruned : bool
        Whether to keep only the first two keys of every concat dimension, as a test does.

    Returns
    -------
    dict
        ``{"feedstock", "id", "inputs", "pruned", "dataset", "stages"}``: the dataset's ``sizes`` and ``variables``, and the stages with
        their ``tasks``, ``bytes_read``, ``bytes_written``, ``chunks``, ``memory_per_task`` (bytes) and ``notes``.

    Raises
    ------
    ForgeError
        If there is no such recipe, or its inputs cannot be read or do not fit together.
    """
    feedstock = load_feedstock(source)
    settings = Settings.load()
    place = get_bakery(bakery, settings)
    command = equip(WorkerCommand(), feedstock, isolated=isolated, observer=observer)
    chosen = choose_recipe(feedstock, recipe_id, bakery=bakery, load_timeout_s=load_timeout_s, isolated=isolated, observer=observer)
    job = Job(
        kind="plan",
        folder=str(feedstock.folder),
        entries=make_entries(feedstock),
        recipe_id=chosen,
        pruned=pruned,
        target=place.target.dataset(feedstock.name, chosen),
        task_memory=settings.task_memory,
        load_timeout_s=load_timeout_s or settings.load_timeout_s,
    )
    return {"feedstock": describe_source(feedstock), **ask_worker(job, bakery=place, observer=observer, command=command)}


def find_ids(
    feedstock: Feedstock, *, bakery: str = "local", load_timeout_s: int | None = None, isolated: bool = True, observer: Observer = ignore
) -> list[str]:
    """Give the ids of all recipes. Those of a dictionary only its module knows, so a worker is asked where there is one."""
    entries = make_entries(feedstock)
    named = [entry.id for entry in entries if entry.id is not None]
    if len(named) == len(entries):
        return named
    settings = Settings.load()
    job = Job(kind="ids", folder=str(feedstock.folder), entries=entries, load_timeout_s=load_timeout_s or settings.load_timeout_s)
    command = equip(WorkerCommand(), feedstock, isolated=isolated, observer=observer)
    return [recipe["id"] for recipe in ask_worker(job, bakery=get_bakery(bakery, settings), command=command)["recipes"]]


def choose_recipe(
    feedstock: Feedstock,
    recipe_id: str | None,
    *,
    bakery: str = "local",
    load_timeout_s: int | None = None,
    isolated: bool = True,
    observer: Observer = ignore,
) -> str:
    """Give the id of the recipe that is meant.

    An id that may be a dictionary's key is taken as it is, because to look would mean to import the module twice.

    Raises
    ------
    UsageError
        If there is no such recipe, or there are several and none is named.
    """
    if recipe_id is None:
        ids = find_ids(feedstock, bakery=bakery, load_timeout_s=load_timeout_s, isolated=isolated, observer=observer)
        if len(ids) == 1:
            return ids[0]
        message = f"the feedstock {feedstock.name!r} has {len(ids)} recipes, and none is named: {_enumerate(ids)}"
        raise UsageError(message, hint=f"Name one of them, such as {ids[0]}." if ids else None)
    named = [entry.id for entry in make_entries(feedstock)]
    if recipe_id in named or None in named:
        return recipe_id
    ids = [name for name in named if name is not None]
    near = difflib.get_close_matches(recipe_id, ids, n=1)
    hint = f"Did you mean {near[0]}?" if near else f"`pangeo-forge recipe list {_quote(feedstock.source)}` tells of each."
    raise UsageError(f"there is no recipe {recipe_id!r} in the feedstock {feedstock.name!r}; there is {_enumerate(ids)}", hint=hint)


def choose_recipes(
    feedstock: Feedstock,
    wanted: Sequence[str],
    *,
    bakery: str = "local",
    load_timeout_s: int | None = None,
    isolated: bool = True,
    observer: Observer = ignore,
) -> list[str]:
    """Give the ids of the recipes that are meant, each once; one with ``*``, ``?`` or ``[…]`` means all those that it fits.

    Raises
    ------
    UsageError
        If one means none.
    """
    is_wild = any(_WILD.search(recipe_id) for recipe_id in wanted)
    known = find_ids(feedstock, bakery=bakery, load_timeout_s=load_timeout_s, isolated=isolated, observer=observer) if is_wild else []
    chosen: dict[str, None] = {}
    for recipe_id in wanted:
        if not _WILD.search(recipe_id) or recipe_id in known:
            chosen[choose_recipe(feedstock, recipe_id, bakery=bakery)] = None
            continue
        fitting = fnmatch.filter(known, recipe_id)
        if not fitting:
            message = f"none of the {len(known)} recipes of the feedstock {feedstock.name!r} fits {recipe_id!r}: {_enumerate(known)}"
            raise UsageError(message, hint=f"`pangeo-forge recipe list {_quote(feedstock.source)}` tells of each.")
        chosen.update(dict.fromkeys(fitting))
    return list(chosen)


def _enumerate(ids: list[str]) -> str:
    return ", ".join(ids[:12]) + (f", … ({len(ids)} in all)" if len(ids) > 12 else "")


def _quote(source: str | Path) -> str:
    import shlex

    return shlex.quote(str(source))
