"""Baking a recipe."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pangeo_forge.api.environments import equip
from pangeo_forge.api.feedstocks import Source, load_feedstock
from pangeo_forge.api.jobs import EngineChoice, make_entries, make_storage, name_commit
from pangeo_forge.api.recipes import choose_recipe
from pangeo_forge.api.run_catalogs import catalog_quietly
from pangeo_forge.bakeries.database import get_bakery
from pangeo_forge.runs.attempt import Observer
from pangeo_forge.runs.records import RunRecords
from pangeo_forge.runs.run import Run, make_run_id
from pangeo_forge.runs.supervisor import RunDetails, ignore, start_run
from pangeo_forge.runs.worker_process import Starter, WorkerCommand
from pangeo_forge.settings import Settings
from pangeo_forge.worker.job import Job

_DEFAULT_WORKER = WorkerCommand()


def bake(
    source: Source,
    recipe_id: str | None = None,
    *,
    pruned: bool = False,
    target: str | Path | None = None,
    target_options: Mapping[str, Any] | None = None,
    overwrite: bool = False,
    cache: str | Path | None = None,
    cache_options: Mapping[str, Any] | None = None,
    bakery: str = "local",
    engine: str | None = None,
    workers: int | None = None,
    scheduler: str | None = None,
    checks: int = 4,
    load_timeout_s: int | None = None,
    isolated: bool = True,
    catalogued: bool = True,
    checksums: bool = False,
    observer: Observer = ignore,
    command: Starter = _DEFAULT_WORKER,
) -> Run:
    """Bake a recipe: make its dataset, check it, and remember the run.

    Parameters
    ----------
    source : str, Path or Feedstock
        A folder, the path of a ``meta.yaml``, or a git URL ``…[@ref][#sub-folder]``.
    recipe_id : str, optional
        Which recipe; may be left out where there is only one.
    pruned : bool
        Whether to keep only the first two keys of every concat dimension: a test.
    target : str or Path, optional
        The dataset's own place, a path or an fsspec URL; by default the bakery has one for each recipe, and for each test.
    target_options, cache_options : mapping, optional
        fsspec's storage options of the two. They are not kept: `resume` must be given them again.
    overwrite : bool
        Whether a dataset that is at the target may be replaced.
    cache : str or Path, optional
        A folder to keep fetched inputs in, a path or an fsspec URL.
    bakery : str
        Where to run.
    engine : str, optional
        What runs the tasks, ``local`` or ``dask``; by default the bakery's. ``beam`` lets Apache Beam run a pipeline of the Beam API, even
        where a plan could be made of it.
    workers : int, optional
        How many processes; by default one a core.
    scheduler : str, optional
        The address of a Dask scheduler that is running, ``tcp://host:8786``.
    checks : int
        How many inputs to compare with what was written.
    load_timeout_s : int, optional
        How long the recipe's module may take to be imported, seconds; by default as the settings say.
    isolated : bool
        Whether what the feedstock requires is installed for it, in an environment of its own; else it must be there already.
    catalogued : bool
        Whether the dataset of a full run is entered in the bakery's catalogue.
    checksums : bool
        Whether every input is read whole for its checksum, which the catalogue lists.
    observer : callable
        Is told every event (see `pangeo_forge.worker.events`).
    command : WorkerCommand or Standby
        How the worker is started.

    Returns
    -------
    Run
        As it succeeded; `open_dataset` opens its dataset.

    Raises
    ------
    UsageError
        If something was asked for that there is not.
    RunCancelled
        After Ctrl-C.
    ForgeError
        If the run failed; `get_run` and `resume` take the id that the error's hint names.

    Examples
    --------
    >>> import pangeo_forge as pf
    >>> run = pf.bake("examples/nemo", "nemo-sst")
    >>> ds = pf.open_dataset(run)
    """
    settings = Settings.load()
    place = get_bakery(bakery, settings)
    engine_name, engine_options = EngineChoice(name=engine, workers=workers, scheduler=scheduler).decide(place, settings)
    feedstock = load_feedstock(source)
    command = equip(command, feedstock, isolated=isolated, observer=observer)
    chosen = choose_recipe(feedstock, recipe_id, bakery=bakery, load_timeout_s=load_timeout_s, isolated=isolated)
    run_id = make_run_id(chosen)
    if target is None:
        root = place.target
        url = root.test_dataset(feedstock.name, chosen, run_id) if pruned else root.dataset(feedstock.name, chosen)
        store = make_storage(url, root.storage_options, "target")
    else:
        store = make_storage(target, target_options, "target")
    fetched = make_storage(cache, cache_options, "cache") if cache is not None else None
    job = Job(
        kind="bake",
        folder=str(feedstock.folder),
        entries=make_entries(feedstock),
        recipe_id=chosen,
        pruned=pruned,
        target=store.url,
        default_target=target is None,
        target_options=dict(store.options),
        cache=fetched.url if fetched else None,
        cache_options=dict(fetched.options) if fetched else {},
        overwrite=overwrite,
        engine=engine_name,
        engine_options=engine_options,
        task_memory=settings.task_memory,
        load_timeout_s=load_timeout_s or settings.load_timeout_s,
        checks=checks,
        environments=str(settings.environments),
        isolated=isolated,
        catalogued=catalogued,
        checksums=checksums,
        public=[place.target.url, place.target.public_url] if place.target.public_url else [],
    )
    details = RunDetails(id=run_id, feedstock=feedstock.name, bakery=place, source=feedstock.source, commit=name_commit(feedstock))
    run = start_run(RunRecords(settings.database), job, details, settings=settings, observer=observer, command=command)
    catalog_quietly(run, observer)
    return run
