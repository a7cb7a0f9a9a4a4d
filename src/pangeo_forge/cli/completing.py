"""What the shell is told when it asks how a word may go on. Nothing here may fail: a shell has no use for an error."""

from __future__ import annotations

from pangeo_forge.errors import ForgeError


def run_ids(incomplete: str) -> list[tuple[str, str]]:
    """Give the ids of the latest runs."""
    from pangeo_forge.api.runs import list_runs

    try:
        return [(run.id, run.state) for run in list_runs(limit=200) if run.id.startswith(incomplete)]
    except ForgeError:  # an unreadable database is told of by the command itself
        return []


def bakery_ids(incomplete: str) -> list[tuple[str, str]]:
    """Give the ids of the bakeries."""
    from pangeo_forge.api.bakeries import list_bakeries

    try:
        return [(bakery.id, bakery.description) for bakery in list_bakeries() if bakery.id.startswith(incomplete)]
    except ForgeError:  # a setting that is wrong
        return []


def engines(incomplete: str) -> list[str]:
    """Name the engines that are installed, and Beam."""
    from pangeo_forge.engines.base import find_engines
    from pangeo_forge.worker.job import BEAM

    return [name for name in sorted([*find_engines(), BEAM]) if name.startswith(incomplete)]


def states(incomplete: str) -> list[str]:
    """Name the states of a run."""
    from pangeo_forge.runs.run import STATES

    return [state for state in STATES if state.startswith(incomplete)]
