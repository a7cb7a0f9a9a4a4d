"""Snippets are executed as they are shown, with what a reader has to bring in the places that are left for it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from pangeo_forge.catalog.health.executing import NoDataset, NotGiven, execute, tell
from pangeo_forge.catalog.health.probing import Way, look_when_made

FILLED = """
import xarray as xr

options = {"key": "…", "client_kwargs": {"endpoint_url": "http://here", "token": "…"}}
ds = xr.Dataset({"x": 1}, attrs=options)
"""


def test_ellipses_are_filled_in_where_they_stand() -> None:
    ds = execute(FILLED, {"key": "k", "token": "another's", "client_kwargs": {"token": "t"}})
    assert ds.attrs == {"key": "k", "client_kwargs": {"endpoint_url": "http://here", "token": "t"}}


def test_what_is_not_at_hand_is_named() -> None:
    with pytest.raises(NotGiven, match="the snippet needs key, token"):
        execute(FILLED, {"client_kwargs": {"secret": "s"}})


@pytest.mark.parametrize("code", ["ds = None", "x = 1", "import xarray as xr\nds = xr.Dataset()"])
def test_what_makes_no_dataset_has_not_worked(code: str) -> None:
    with pytest.raises(NoDataset):
        execute(code, {})


def test_secrets_are_not_told() -> None:
    error = OSError("https://me:pass@host/x?sig=abc says that s3cr3t is wrong\nand more")
    assert tell(error, {"client_kwargs": {"secret": "s3cr3t"}}) == "OSError: https://host/x?… says that … is wrong and more"


def test_a_snippet_that_fails_when_the_catalogue_is_made_says_why(tmp_path: Path) -> None:
    xr.Dataset({"x": ("t", np.ones(2))}).to_zarr(tmp_path / "x.zarr", consolidated=False)
    look = look_when_made(Way(asset={"href": str(tmp_path / "x.zarr"), "type": "application/vnd.zarr+kerchunk"}))
    (finding,) = look.broken
    assert finding.message.startswith("the snippet fails, and the store itself opens: ")
    assert finding.message.endswith(look.executed.fault)
    assert look.executed.worked is None


@pytest.mark.parametrize("media", ["application/vnd.zarr; version=3", "application/vnd.zarr+kerchunk", "application/vnd.zarr+icechunk"])
def test_what_a_stranger_wrote_into_a_catalogue_is_not_executed(tmp_path: Path, media: str) -> None:
    trap = tmp_path / "sprung"
    code = f"open({str(trap)!r}, 'w')"
    for quote in "\"'":
        text = f"x{quote}); {code} #{quote}\n{code}"
        asset = {"href": text, "type": media, "version": text, "pangeo_forge:leads_to": [text], "xarray:storage_options": {text: text}}
        look_when_made(Way(asset=asset))
    assert not trap.exists()
