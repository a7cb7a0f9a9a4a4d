"""The environments of recipes: getting one for a feedstock, listing and removing them."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from pangeo_forge.api.feedstocks import Source, load_feedstock
from pangeo_forge.environments.store import OWN, Environment, Prepared, Store
from pangeo_forge.feedstocks.feedstock import Feedstock
from pangeo_forge.runs.attempt import Observer
from pangeo_forge.runs.supervisor import ignore
from pangeo_forge.runs.worker_process import Starter
from pangeo_forge.settings import Settings
from pangeo_forge.worker.events import EnvironmentStep
from pangeo_forge.worker.job import Job


def list_environments() -> list[Environment]:
    """Give all environments that were built for recipes, the one that was used last first."""
    return _store().load_all()


def create_environment(source: Source, *, observer: Observer = ignore) -> Prepared:
    """Build the environment that a feedstock's recipes need, if it is not there yet.

    Parameters
    ----------
    source : str, Path or Feedstock
        A folder, the path of a ``meta.yaml``, or a git URL ``…[@ref][#sub-folder]``.
    observer : callable
        Is told what is being done.

    Returns
    -------
    Prepared
        Its `environment` is None where nothing need be installed.

    Raises
    ------
    UserError
        If what ``requirements.txt`` asks for cannot be met.
    EngineError
        If packages cannot be fetched.
    """
    return _prepare(load_feedstock(source), observer)


def prune_environments(
    *, older_than_days: float | None = None, everything: bool = False
) -> tuple[tuple[Environment, ...], tuple[Environment, ...]]:
    """Remove environments that no recipe is baked in just now, and what is left of those that were never finished.

    Parameters
    ----------
    older_than_days : float, optional
        Those that were not used for so many days.
    everything : bool
        All of them.

    Returns
    -------
    tuple of (tuple of Environment, tuple of Environment)
        Those that are removed, and those that are in use and were left.
    """
    return _store().prune(older_than_days=older_than_days, everything=everything)


def recall_environment(source: str) -> Prepared:
    """Guess what a feedstock ran in the last time, so that a worker can be started before the feedstock is read."""
    environment = _store().recall(_name(source))
    return Prepared(environment)


def equip(command: Starter, feedstock: Feedstock, *, isolated: bool, observer: Observer) -> Starter:
    """Start workers in the environment that a feedstock needs, or, if they are not to be isolated, in pangeo-forge's own."""
    return command.inside(_prepare(feedstock, observer) if isolated else OWN)


def equip_for_job(command: Starter, job: Job, observer: Observer) -> Starter:
    """Start a worker in the environment that another attempt at a job needs."""
    if not job.isolated:
        return command
    modules = [entry.object.partition(":")[0] for entry in job.entries]
    return command.inside(_prepare_folder(Path(job.folder), modules, observer))


def _prepare(feedstock: Feedstock, observer: Observer) -> Prepared:
    prepared = _prepare_folder(feedstock.folder, [entry.module for entry in feedstock.meta.recipes], observer)
    _store().remember(_name(feedstock.source), prepared.environment)
    return prepared


def _prepare_folder(folder: Path, modules: Iterable[str], observer: Observer) -> Prepared:
    from pangeo_forge.environments.preparing import prepare  # it is heavy for those who only start a worker

    return prepare(folder, modules, store=_store(), tell=lambda what: observer(EnvironmentStep(what=what)))


def _name(source: str) -> str:
    return f"{Path.cwd()}{os.pathsep}{source}"


def _store() -> Store:
    return Store(Settings.load().environments)
