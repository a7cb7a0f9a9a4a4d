"""Getting the environment of a feedstock: the one that was built before, or a new one, or none where none is needed."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from pangeo_forge.environments.as_written import build_as_written, complete
from pangeo_forge.environments.beside import Beneath, build_beside
from pangeo_forge.environments.fitting import are_met, fit
from pangeo_forge.environments.imports import find_brought
from pangeo_forge.environments.installed import bounds_of_extras, find_site_folders, find_stack, list_versions
from pangeo_forge.environments.key import make_key
from pangeo_forge.environments.locks import alone
from pangeo_forge.environments.store import Environment, Prepared, Store, clear, use, write_record
from pangeo_forge.environments.uv import Uv, find_uv
from pangeo_forge.environments.wanted import Requirements, make_wanted, read_requirements
from pangeo_forge.errors import EngineError

#: Is told in a few words what is being done.
Tell = Callable[[str], None]


def prepare(
    folder: Path, modules: Iterable[str], *, store: Store, tell: Tell = lambda what: None, environ: Mapping[str, str] = os.environ
) -> Prepared:
    """Get the environment in which a feedstock's recipes are read and, but for those that Beam must run, baked.

    It sees all that pangeo-forge's own Python sees, and in addition what the feedstock requires. `pangeo-forge-recipes` and
    `apache-beam` are not installed, because stand-ins answer for them. What pangeo-forge brings itself (xarray, zarr, numpy, …) is
    used in its own version, whatever the feedstock says.

    Parameters
    ----------
    folder : Path
        The feedstock's, absolute.
    modules : iterable of str
        The modules of its recipes, as paths of dots.
    store : Store
        Where environments are kept.
    tell : callable
        Is told what is being done, where that takes a while.
    environ : mapping
        What uv sees of environment variables.

    Raises
    ------
    UserError
        If the requirements cannot be met; the error names file and line, and says why in uv's words.
    EngineError
        If packages cannot be fetched, or the folder cannot be written.
    """
    requirements = read_requirements(folder)
    brought = find_brought(folder, modules)
    if not requirements and not brought:
        return Prepared()
    folders = find_site_folders()
    versions = list_versions(folders)
    requirements = _add(requirements, brought - versions.keys())
    if are_met(requirements, versions):
        return Prepared(remarks=requirements.remarks)
    key = make_key("lifted", requirements, (), versions, folders)
    found = store.find(key)
    if found is not None:
        use(found)
        return Prepared(found, remarks=found.remarks)
    beneath = Beneath(folders, versions, find_stack(versions))
    fitted = fit(requirements, versions, beneath.stack, bounds_of_extras())
    if not fitted.missing:
        return Prepared(remarks=fitted.remarks)

    def build(place: Path, uv: Uv) -> Environment:
        return build_beside(place, requirements, fitted, beneath, uv=uv, tell=tell)

    environment, was_built = _build_once(key, store, tell, environ, build)
    return Prepared(environment, was_built, environment.remarks)


def prepare_as_written(
    folder: Path, modules: Iterable[str], *, store: Store, tell: Tell = lambda what: None, environ: Mapping[str, str] = os.environ
) -> Environment:
    """Get the environment that a feedstock's author wrote down, for what only real Beam can run.

    All of ``requirements.txt`` is installed as it is written, `pangeo-forge-recipes` and `apache-beam` with it (added where the file
    does not name them), pins held. Nothing of pangeo-forge is in it, nor can it be imported there: what runs in it must be given by its
    path. Its Python is another than this one where the requirements fit only an older one that is on this machine, or that uv fetches.

    Parameters
    ----------
    folder, modules, store, tell, environ
        As for `prepare`.

    Returns
    -------
    Environment
        Start its `python`; keep `pangeo_forge.environments.store.holding` open while that runs (or let it inherit the descriptor), so
        that the environment is not removed meanwhile.

    Raises
    ------
    UserError, EngineError
        As `prepare` does.
    """
    requirements = complete(read_requirements(folder))
    key = make_key("as-written", requirements, (), {}, ())
    found = store.find(key)
    if found is not None:
        use(found)
        return found

    def build(place: Path, uv: Uv) -> Environment:
        return build_as_written(place, requirements, uv=uv, tell=tell)

    return _build_once(key, store, tell, environ, build)[0]


def _build_once(
    key: str, store: Store, tell: Tell, environ: Mapping[str, str], build: Callable[[Path, Uv], Environment]
) -> tuple[Environment, bool]:
    """Build an environment, or wait for the process that does; one that was never finished is begun anew."""
    with _explaining(store.folder):
        lock = store.lock_of(key)
        with alone(lock, waiting=lambda: tell("waiting for another process that builds the same environment")) as descriptor:
            found = store.find(key)
            if found is not None:
                use(found)
                return found, False
            place = store.folder / key
            if place.exists():
                clear(place)
            environment = build(place, find_uv(environ, keeps=[descriptor]))
            write_record(environment)
            return environment, True


@contextmanager
def _explaining(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        hint = "Set PANGEO_FORGE_ENVIRONMENTS to a folder of your own, on a disk with some space."
        message = f"environments cannot be kept in {folder}: {error.strerror or error}"
        raise EngineError(message, hint=hint, detail=repr(error)) from error


def _add(requirements: Requirements, brought: Iterable[str]) -> Requirements:
    """Require besides what recipes import without requiring it."""
    named = {wanted.name for wanted in requirements.wanted}
    more = tuple(make_wanted(name) for name in sorted(brought) if name not in named)
    return Requirements((*requirements.wanted, *more), requirements.options, requirements.remarks)
