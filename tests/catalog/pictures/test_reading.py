"""How much is read for a picture, and how much of it is held at once."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

from pangeo_forge.catalog.pictures import reading
from pangeo_forge.catalog.pictures.reading import read_thinned, read_thinned_together
from pangeo_forge.catalog.pictures.wanted import CannotDraw

#: Draws a dataset, and tells the most memory that it has taken, kilobytes.
DRAW = """
import resource, sys
from pangeo_forge.catalog.pictures.making import make_picture
from pangeo_forge.catalog.pictures.wanted import Source, Wanted
make_picture(Source(sys.argv[1], "", consolidated=False), Wanted("thumbnail"))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def write_grid(path: Path, side: int, chunks: int) -> None:
    """Write a square grid of 32-bit numbers, band by band."""
    degrees = np.linspace(0, 40, side)
    places = {"lat": ("lat", degrees, {"units": "degrees_north"}), "lon": ("lon", degrees, {"units": "degrees_east"})}
    band = np.broadcast_to(np.arange(side, dtype="f4"), (chunks, side))
    empty = xr.Dataset({"v": (("lat", "lon"), np.zeros((side, side), "f4"))}, places).chunk({"lat": chunks, "lon": chunks})
    empty.to_zarr(path, compute=False, consolidated=False, encoding={"v": {"chunks": (chunks, chunks)}})
    for start in range(0, side, chunks):
        xr.Dataset({"v": (("lat", "lon"), band)}).to_zarr(
            path, region={"lat": slice(start, start + chunks), "lon": slice(None)}, consolidated=False
        )


def measure(path: Path) -> int:
    """Draw in a process of its own, and give the most memory that it took, bytes."""
    return 1000 * int(subprocess.run([sys.executable, "-c", DRAW, path], check=True, capture_output=True, text=True).stdout)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_a_dataset_much_larger_than_the_bound_is_drawn_within_it(tmp_path: Path) -> None:
    write_grid(tmp_path / "small.zarr", 500, 500)
    write_grid(tmp_path / "large.zarr", 15_000, 1500)  # 900 MB, more than ten times the bound
    taken = measure(tmp_path / "large.zarr") - measure(tmp_path / "small.zarr")
    assert taken < 4 * reading.HELD


def open_numbers(path: Path, shape: tuple[int, ...], chunks: tuple[int, ...]) -> xr.DataArray:
    """Write numbers that tell where they are, and open them lazily."""
    dims = tuple("tyx"[-len(shape) :])
    numbers = np.arange(np.prod(shape), dtype="f4").reshape(shape)
    xr.Dataset({"v": (dims, numbers)}).to_zarr(path, consolidated=False, encoding={"v": {"chunks": chunks}})
    return xr.open_zarr(path, chunks=None, consolidated=False).v


@pytest.mark.parametrize("held", [1, 10_000, 10**9])
@pytest.mark.parametrize("chunks", [(1, 7, 11), (3, 40, 50), (2, 13, 50)])
def test_block_by_block_the_same_is_read_as_at_once(held: int, chunks: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    array = open_numbers(tmp_path / "v.zarr", (3, 40, 50), chunks)
    monkeypatch.setattr(reading, "HELD", held)
    values, taken = read_thinned(array, {"t": 1}, {"x": 10, "y": 9})
    expected = array.values[1][np.ix_(taken["y"], taken["x"])].T
    np.testing.assert_array_equal(values, expected)
    assert values.shape == (10, 10)


def test_of_more_chunks_than_may_be_read_fewer_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    array = open_numbers(tmp_path / "v.zarr", (40, 40), (5, 5))
    monkeypatch.setattr(reading, "_READ", 16 * 100)  # sixteen of the chunks
    values, taken = read_thinned(array, {}, {"y": 40, "x": 40})
    assert len(np.unique(taken["y"] // 5)) * len(np.unique(taken["x"] // 5)) <= 16
    np.testing.assert_array_equal(values, array.values[np.ix_(taken["y"], taken["x"])])


def test_a_chunk_that_is_too_large_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    array = open_numbers(tmp_path / "v.zarr", (40, 40), (40, 40))
    monkeypatch.setattr(reading, "_LARGEST_CHUNK", 6000)
    with pytest.raises(CannotDraw, match=r"a chunk of v has 6.4 kB, and at most 6.0 kB are read"):
        read_thinned(array, {}, {"y": 10, "x": 10})


def test_places_of_larger_chunks_than_their_values_are_read_where_these_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = {"v": ("cell", np.arange(400, dtype="f4")), "lon": ("cell", np.arange(400.0))}
    xr.Dataset(numbers).to_zarr(tmp_path / "v.zarr", consolidated=False, encoding={name: {"chunks": (4,)} for name in numbers})
    monkeypatch.setattr(reading, "_READ", 1600)  # all of the one, and half of the other
    with xr.open_zarr(tmp_path / "v.zarr", chunks=None, consolidated=False) as ds:
        (values, lon), taken = read_thinned_together([ds.v, ds.lon], {}, {"cell": 400})
    assert list(values) == list(lon) == list(taken["cell"])
    assert len(values) <= 50
