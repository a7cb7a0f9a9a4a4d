"""A catalogue to be browsed."""

from __future__ import annotations

from pathlib import Path

import pytest

from pangeo_forge.api.cataloguing import create_catalog, open_tree
from pangeo_forge.catalog.library import Library
from web.conftest import write_store

HOSTILE = "Europe [bold red]loud[/bold red] \x1b[31mred\x07"


def fill(root: Path) -> Path:
    write_store(root / "atlantic.zarr", west=-30, year=1990, title="The Atlantic", institution="An institute", history="made by hand")
    write_store(root / "pacific.zarr", west=179.5, year=2000, title="The Pacific, across the antimeridian", summary="Warm water.")
    write_store(root / "europe.zarr", west=10, year=2010, title=HOSTILE, history="[@click=app.quit]press me[/]\x1b]0;title\x07")
    create_catalog(root, title="Three seas")
    return root


@pytest.fixture(scope="session")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A target with three datasets and their catalogue; to be read only."""
    return fill(tmp_path_factory.mktemp("browsed"))


@pytest.fixture(scope="session")
def library(stores: Path) -> Library:
    return Library(open_tree(stores))
