"""Every engine makes the same store, to the byte."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from baking import bake
from pangeo_forge.engines.base import make_engine
from pangeo_forge.recipes import InputFile, ZarrRecipe, pattern_from_file_sequence


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    folder = tmp_path_factory.mktemp("archive")
    for number in range(8):
        values = np.random.default_rng(number).normal(size=(1, 30, 40)).astype("f4")
        ds = xr.Dataset({"sst": (("time", "lat", "lon"), values)}, {"time": ("time", [number], {"units": "days since 2000-01-01"})})
        ds.to_netcdf(folder / f"{number}.nc", engine="h5netcdf", encoding={"sst": {"zlib": True, "chunksizes": (1, 30, 40)}})
    return [str(path) for path in sorted(folder.glob("*.nc"))]


def content(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # Dask leaves sockets to the garbage collector
@pytest.mark.parametrize("memory", [100_000_000, 10_000], ids=["one-pass", "two-passes"])
def test_dask_and_the_local_engine_make_the_store_that_the_serial_one_makes(files: list[str], tmp_path: Path, memory: int) -> None:
    offset = 1.5

    def shift(ds: xr.Dataset, source: InputFile) -> xr.Dataset:  # a function of no module that a worker could import
        return ds + offset

    recipe = ZarrRecipe(pattern_from_file_sequence(files, "time"), preprocess=shift, target_chunks={"time": -1, "lat": 5})
    stores = []
    for name in ("serial", "local", "dask"):
        engine = make_engine(name, {"workers": 2})
        try:
            (tmp_path / name).mkdir()
            bake(recipe, tmp_path / name, engine, task_memory=memory)
        finally:
            engine.close()
        stores.append(content(tmp_path / name / "out.zarr"))
    assert stores[0] == stores[1] == stores[2]
    assert len(stores[0]) > 4
