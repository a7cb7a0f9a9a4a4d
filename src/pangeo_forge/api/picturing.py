"""Pictures of the datasets of a catalogue."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pangeo_forge.api.cataloguing import find_target_and_tree
from pangeo_forge.api.trusting import make_trust
from pangeo_forge.errors import UsageError
from pangeo_forge.settings import Settings

if TYPE_CHECKING:
    from pangeo_forge.catalog.pictures.illustrating import Illustrated


def _ignore(done: int, of: int) -> None:
    """Tell nobody."""


def illustrate_catalog(
    target: str | Path,
    output: str | Path | None = None,
    *,
    storage_options: Mapping[str, Any] | None = None,
    output_options: Mapping[str, Any] | None = None,
    references_to: Sequence[str] = (),
    workers: int | None = None,
    progress: Callable[[int, int], None] = _ignore,
) -> Illustrated:
    """Draw a thumbnail and an overview of each dataset of a target's catalogue that has none, as assets of its newest Item.

    Parameters
    ----------
    target : str or Path
        A folder, an fsspec URL, or the id of a bakery.
    output : str or Path, optional
        Where the catalogue is; by default in the folder ``catalog`` of the target.
    storage_options, output_options : mapping, optional
        fsspec's, of the two; those of the output are by default the target's.
    references_to : sequence of str
        Where references may lead besides the target, folders or beginnings of URLs.
    workers : int, optional
        How many datasets are drawn at once; by default one a core.
    progress : callable
        Is told how many of how many datasets are drawn.

    Returns
    -------
    Illustrated
        With what could not be drawn, and why.

    Raises
    ------
    UsageError
        If what draws is not installed.
    """
    from pangeo_forge.catalog.pictures.apart import draw_all_apart
    from pangeo_forge.catalog.pictures.illustrating import illustrate

    check_installed()
    settings = Settings.load()
    where, tree = find_target_and_tree(target, output, storage_options, output_options, settings)

    def find_options(href: str) -> Mapping[str, Any]:
        return where.options if href.startswith(f"{where.url}/") else {}

    trust = make_trust(None, references_to, target=where.url)
    return illustrate(tree, draw_all_apart, trust=trust, find_options=find_options, workers=workers or settings.workers, progress=progress)


def check_installed() -> None:
    """Make sure that what draws is installed.

    Raises
    ------
    UsageError
        If it is not; the hint names the extra that brings it.
    """
    from importlib.util import find_spec

    missing = [name for name in ("matplotlib", "PIL") if find_spec(name) is None]
    if missing:
        raise UsageError(f"pictures need packages that are not installed: {', '.join(missing)}", hint="pip install 'pangeo-forge[web]'")
