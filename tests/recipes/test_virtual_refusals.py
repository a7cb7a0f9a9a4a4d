"""What references cannot say is refused, and the message names both files; what only looks unequal is mended."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

from pangeo_forge.errors import InputsDisagree, SourceError, UsageError, UserError
from pangeo_forge.recipes import ConcatDim, FilePattern, MergeDim, VirtualRecipe, pattern_from_file_sequence
from virtualizing import bake, combined, make_files


def make(folder: Path, name: str, steps: int = 2, begin: int = 0, kind: str = "f4", **encoding: Any) -> str:
    values = np.arange(begin, begin + steps, dtype=kind)[:, None] * np.ones((1, 4), kind)
    time = ("time", np.arange(begin, begin + steps), {"units": "days since 2000-01-01"})
    dataset = xr.Dataset({"sst": (("time", "x"), values)}, {"time": time})
    dataset.to_netcdf(folder / name, engine="h5netcdf", encoding={"sst": {"chunksizes": (1, 4), **encoding}})
    return str(folder / name)


def refused(urls: list[str], folder: Path, form: Any = "kerchunk-json") -> str:
    """Bake what is to be refused, and return the one problem that is told."""
    with pytest.raises(InputsDisagree) as error:
        bake(VirtualRecipe(pattern_from_file_sequence(urls, "time"), format=form), folder)
    (problem,) = error.value.problems
    return problem.message


def test_unequal_chunks_are_refused(tmp_path: Path) -> None:
    urls = [make(tmp_path, "a.nc"), make(tmp_path, "b.nc", begin=2, chunksizes=(2, 4))]
    assert refused(urls, tmp_path) == f"the chunk shape of 'sst' is (1, 4) in {urls[0]}, but (2, 4) in {urls[1]}"


def test_unequal_compression_is_refused(tmp_path: Path) -> None:
    urls = [make(tmp_path, "a.nc", zlib=True, shuffle=True), make(tmp_path, "b.nc", begin=2)]
    assert refused(urls, tmp_path) == f"the compression of 'sst' is shuffle and zlib in {urls[0]}, but none in {urls[1]}"


def test_how_hard_files_were_compressed_makes_no_difference(tmp_path: Path) -> None:
    urls = [make(tmp_path, "a.nc", zlib=True, complevel=1), make(tmp_path, "b.nc", begin=2, zlib=True, complevel=9)]
    dataset, _ = bake(VirtualRecipe(pattern_from_file_sequence(urls, "time"), format="kerchunk-json"), tmp_path)
    xr.testing.assert_identical(dataset.load(), combined(urls))


def test_unequal_types_are_refused(tmp_path: Path) -> None:
    urls = [make(tmp_path, "a.nc"), make(tmp_path, "b.nc", begin=2, kind="f8")]
    assert refused(urls, tmp_path) == f"the data type of 'sst' is <f4 in {urls[0]}, but <f8 in {urls[1]}"


@pytest.mark.parametrize("form", ["icechunk", "kerchunk-json"])
def test_unequal_packing_is_refused(tmp_path: Path, form: Any) -> None:
    packed = {"dtype": "i2", "_FillValue": -1}
    urls = [make(tmp_path, "a.nc", scale_factor=0.1, **packed), make(tmp_path, "b.nc", begin=2, scale_factor=0.2, **packed)]
    assert refused(urls, tmp_path, form) == f"scale_factor of 'sst' is 0.1 in {urls[0]}, but 0.2 in {urls[1]}"


def test_a_chunk_that_is_not_full_between_files_is_refused(tmp_path: Path) -> None:
    urls = [make(tmp_path, "a.nc", 3, chunksizes=(2, 4)), make(tmp_path, "b.nc", 2, begin=3, chunksizes=(2, 4))]
    message = refused(urls, tmp_path)
    assert message.startswith(f"{urls[0]} holds 3 steps of 'sst' along 'time' in chunks of 2: its last chunk is not full")


def test_a_chunk_that_is_not_full_at_the_end_is_referenced(tmp_path: Path) -> None:
    urls = [make(tmp_path, "a.nc", 2, chunksizes=(2, 4)), make(tmp_path, "b.nc", 3, begin=2, chunksizes=(2, 4))]
    dataset, _ = bake(VirtualRecipe(pattern_from_file_sequence(urls, "time"), format="kerchunk-json"), tmp_path)
    xr.testing.assert_identical(dataset.load(), combined(urls))


def test_values_that_differ_though_they_are_kept_once_are_refused(tmp_path: Path) -> None:
    urls = make_files(tmp_path, 2)
    with xr.open_dataset(urls[1]) as dataset:
        changed = dataset.load()
    changed["lon"] = changed.lon + 0.5
    changed.to_netcdf(urls[1], engine="h5netcdf")
    with pytest.raises(InputsDisagree) as error:
        bake(VirtualRecipe(pattern_from_file_sequence(urls, "time"), format="kerchunk-json"), tmp_path)
    assert any("'lon' has no concat dimension" in problem.message for problem in error.value.problems)


@pytest.mark.parametrize("form", ["icechunk", "kerchunk-json", "kerchunk-parquet"])
def test_chunks_that_were_never_written_read_as_they_do_in_the_file(tmp_path: Path, form: Any) -> None:
    import h5py

    urls = [make(tmp_path, "a.nc", 4, _FillValue=np.float32(-1)), make(tmp_path, "b.nc", 4, begin=4, _FillValue=np.float32(-1))]
    for url in urls:
        with h5py.File(url, "r+") as file:
            old = file["sst"]
            new = file.create_dataset("new", old.shape, old.dtype, chunks=old.chunks, fillvalue=np.float32(-1))
            new[:2] = old[:2]
            new.attrs["_FillValue"] = np.array([-1], "f4")
            scale, other = file["time"], old.dims[1][0]
            del file["sst"]
            file.move("new", "sst")
            file["sst"].dims[0].attach_scale(scale)
            file["sst"].dims[1].attach_scale(other)
    dataset, results = bake(VirtualRecipe(pattern_from_file_sequence(urls, "time"), format=form), tmp_path)
    np.testing.assert_array_equal(dataset.sst.values, combined(urls).sst.values)
    assert np.isnan(dataset.sst.values[2:4]).all()
    assert not results["check"].wrong


def test_files_that_hold_other_variables_are_merged(tmp_path: Path) -> None:
    for number in range(2):
        for name in ("sst", "ice"):
            with xr.open_dataset(make(tmp_path, f"{name}-{number}.part", begin=2 * number)) as dataset:
                made = dataset.load().rename(sst=name)
            made.to_netcdf(tmp_path / f"{name}-{number}.nc", engine="h5netcdf", encoding={name: {"chunksizes": (1, 4)}})

    def name_file(time: int, variable: str) -> str:
        return str(tmp_path / f"{variable}-{time}.nc")

    pattern = FilePattern(name_file, ConcatDim("time", [0, 1]), MergeDim("variable", ["sst", "ice"]))
    dataset, results = bake(VirtualRecipe(pattern, format="kerchunk-json"), tmp_path)
    expected = xr.merge([combined([name_file(time, name) for time in (0, 1)]) for name in ("sst", "ice")])
    xr.testing.assert_equal(dataset.load(), expected)
    assert not results["check"].wrong


def test_a_file_that_is_missing_is_named(tmp_path: Path) -> None:
    urls = [make(tmp_path, "a.nc"), str(tmp_path / "missing.nc")]
    with pytest.raises(SourceError, match=r"missing\.nc: there is no such file"):
        bake(VirtualRecipe(pattern_from_file_sequence(urls, "time")), tmp_path)


def test_a_file_of_another_kind_is_named(tmp_path: Path) -> None:
    (tmp_path / "page.nc").write_text("<!doctype html><title>Log in</title>")
    with pytest.raises(SourceError, match=r"page\.nc: is an HTML page, not NetCDF"):
        bake(VirtualRecipe(pattern_from_file_sequence([str(tmp_path / "page.nc")], "time")), tmp_path)


def test_a_file_that_is_changed_after_it_was_referenced_is_not_read_through_icechunk(tmp_path: Path) -> None:
    import os
    import time

    urls = make_files(tmp_path, 2)
    dataset, _ = bake(VirtualRecipe(pattern_from_file_sequence(urls, "time"), format="icechunk"), tmp_path)
    os.utime(urls[0], (time.time() + 60, time.time() + 60))
    with pytest.raises(Exception, match="the checksum of the object owning the virtual chunk has changed"):
        dataset.sst.load()


def test_a_recipe_says_what_it_cannot_be(tmp_path: Path) -> None:
    pattern = pattern_from_file_sequence(["a.nc"], "time")
    with pytest.raises(UsageError, match="references have the formats icechunk, kerchunk-parquet, kerchunk-json"):
        VirtualRecipe(pattern, format="zarr")  # type: ignore[arg-type]
    with pytest.raises(UsageError, match=r"concat_dims are \['step'\], but files of the pattern follow one another along \['time'\]"):
        VirtualRecipe(pattern, concat_dims=["step"])
    with pytest.raises(UserError, match="not a FilePattern"):
        VirtualRecipe(["a.nc"])  # type: ignore[arg-type]


def test_chunks_that_compression_would_not_have_made_smaller_are_not_taken_for_compressed(tmp_path: Path) -> None:
    import h5py

    url = make(tmp_path, "a.nc", 2, zlib=True, shuffle=False)
    with h5py.File(url, "r+") as file:
        file["sst"].id.write_direct_chunk((1, 0), np.full((1, 4), 7, "f4").tobytes(), filter_mask=1)
    dataset, results = bake(VirtualRecipe(pattern_from_file_sequence([url], "time"), format="kerchunk-json"), tmp_path)
    np.testing.assert_array_equal(dataset.sst.values, [[0, 0, 0, 0], [7, 7, 7, 7]])
    assert not results["check"].wrong


def test_values_in_the_header_of_a_file_are_copied(tmp_path: Path) -> None:
    import h5py

    url = make(tmp_path, "a.nc", 2)
    with h5py.File(url, "r+") as file:
        settings = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        settings.set_layout(h5py.h5d.COMPACT)
        small = h5py.h5d.create(file.id, b"small", h5py.h5t.IEEE_F32LE, h5py.h5s.create_simple((4,)), settings)
        small.write(h5py.h5s.ALL, h5py.h5s.ALL, np.arange(4, dtype="f4"))
        file["small"].dims[0].attach_scale(file["sst"].dims[1][0])
    recipe = VirtualRecipe(pattern_from_file_sequence([url], "time"), format="kerchunk-json", inline_below=0)
    dataset, _ = bake(recipe, tmp_path)
    np.testing.assert_array_equal(dataset.small.values, [0, 1, 2, 3])
