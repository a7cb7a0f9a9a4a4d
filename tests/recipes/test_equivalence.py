"""Whatever the shape of the archive and of the chunks, what is baked is what xarray makes of the same files."""

from __future__ import annotations

import itertools
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from baking import bake
from pangeo_forge.recipes import ConcatDim, FilePattern, MergeDim, ZarrRecipe

pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Archive:
    """A small archive: lengths of the files along each concat dimension, merge keys, and how values are packed."""

    time: tuple[int, ...]
    level: tuple[int, ...]
    merge: tuple[str, ...]
    packing: str
    calendar: str

    def make_whole(self) -> xr.Dataset:
        """The dataset that the files are cut from: variables of several ranks and types."""
        random = np.random.default_rng(1)
        nt, nz, ny = sum(self.time), sum(self.level) or 0, 3
        dims, shape = ("time", "lat"), (nt, ny)
        if self.level:
            dims, shape = ("time", "level", "lat"), (nt, nz, ny)
        values = np.round(random.normal(280, 5, shape), 1)
        values[0, ..., 0] = np.nan
        times = xr.date_range("2001-01-01", periods=nt, freq="D", calendar=self.calendar, use_cftime=self.calendar != "standard")
        variables: dict[str, Any] = {}
        for number, key in enumerate(self.merge or ("",)):
            variables[f"v{key}"] = (dims, values + number, {"units": "K"})
            variables[f"count{key}"] = ("time", random.integers(0, 99, nt).astype("i4"))
        variables["mask"] = ("lat", np.array([1, 0, 1], "i1"))
        coords: dict[str, Any] = {"time": times, "lat": [-10.0, 0.0, 10.0]}
        if self.level:
            coords["level"] = np.arange(nz) * 100.0
        return xr.Dataset(variables, coords)

    def encoding(self) -> dict[str, dict[str, Any]]:
        packed = {"dtype": "i2", "scale_factor": 0.1, "add_offset": 270.0, "_FillValue": np.int16(-999)}
        plain = {"dtype": "f4", "zlib": True, "_FillValue": np.float32(1e20)}
        return {f"v{key}": packed if self.packing == "scaled" else plain for key in self.merge or ("",)}

    def write(self, folder: Path) -> tuple[FilePattern, xr.Dataset]:
        """Cut the dataset into files, and return their pattern and the dataset as the files hold it."""
        whole = self.make_whole()
        pieces = []
        time_parts, level_parts = _parts(self.time), _parts(self.level) or [None]
        for (i, t), (j, z), key in itertools.product(enumerate(time_parts), enumerate(level_parts), self.merge or ("",)):
            piece = whole.isel(time=t) if z is None else whole.isel(time=t, level=z)
            piece = piece[[f"v{key}", f"count{key}", "mask"]]
            time_encoding: dict[str, Any] = {"units": "days since 2001-01-01"}
            if self.packing == "drifting":
                time_encoding["units"] = f"hours since 2000-0{i % 9 + 1}-01"
            encoding = {name: options for name, options in self.encoding().items() if name in piece} | {"time": time_encoding}
            path = folder / f"f_{i}_{j}_{key}.nc"
            piece.to_netcdf(path, engine="h5netcdf", encoding=encoding)
            pieces.append(path)
        dims: list[Any] = [ConcatDim("time", range(len(self.time)))]
        dims += [ConcatDim("level", range(len(self.level)))] if self.level else []
        dims += [MergeDim("variable", list(self.merge))] if self.merge else []

        def make_url(time: int, level: int = 0, variable: str = "") -> str:
            return str(folder / f"f_{time}_{level}_{variable}.nc")

        wanted = {dim.name for dim in dims}
        functions = {
            frozenset({"time"}): lambda time: make_url(time),
            frozenset({"time", "level"}): lambda time, level: make_url(time, level),
            frozenset({"time", "variable"}): lambda time, variable: make_url(time, 0, variable),
            frozenset({"time", "level", "variable"}): make_url,
        }
        return FilePattern(functions[frozenset(wanted)], *dims), self._combine(folder)

    def _combine(self, folder: Path) -> xr.Dataset:
        keep: dict[str, Any] = {"data_vars": "minimal", "coords": "minimal", "compat": "override", "join": "outer"}
        merged = []
        for key in self.merge or ("",):
            rows = []
            for j in range(max(len(self.level), 1)):
                files = [xr.open_dataset(folder / f"f_{i}_{j}_{key}.nc").load() for i in range(len(self.time))]
                rows.append(xr.concat(files, "time", **keep))
            merged.append(xr.concat(rows, "level", **keep) if self.level else rows[0])
        return xr.merge(merged, compat="override", join="outer")


def _parts(lengths: tuple[int, ...]) -> list[slice]:
    ends = np.cumsum(lengths).tolist()
    return [slice(end - length, end) for end, length in zip(ends, lengths, strict=True)]


lengths = st.lists(st.integers(1, 4), min_size=1, max_size=4).map(tuple)
archives = st.builds(
    Archive,
    time=lengths,
    level=st.one_of(st.just(()), st.lists(st.integers(1, 3), min_size=1, max_size=3).map(tuple)),
    merge=st.sampled_from([(), ("a", "b")]),
    packing=st.sampled_from(["plain", "scaled", "drifting"]),
    calendar=st.sampled_from(["standard", "noleap", "360_day"]),
)
chunkings = st.one_of(
    st.none(),
    st.sampled_from(["100B", "1kB"]),
    st.fixed_dictionaries({}, optional={"time": st.one_of(st.integers(1, 20), st.just(-1), st.just("50B")), "lat": st.integers(1, 3)}),
)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    archive=archives,
    chunks=chunkings,
    zarr_format=st.sampled_from([2, 3]),
    memory=st.sampled_from([60, 400, 100_000_000]),
    touched=st.booleans(),
)
def test_what_is_baked_equals_what_xarray_combines(archive: Archive, chunks: Any, zarr_format: Any, memory: int, touched: bool) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        pattern, expected = archive.write(folder)
        preprocess = (lambda ds, source: ds.assign_attrs(touched="yes")) if touched else None
        recipe = ZarrRecipe(pattern, target_chunks=chunks, format=zarr_format, preprocess=preprocess)
        baked, _, results = bake(recipe, folder, task_memory=memory)
        xr.testing.assert_equal(baked, expected)
        assert not results["check"].wrong
        assert baked["v" + (archive.merge or ("",))[0]].attrs["units"] == "K"
