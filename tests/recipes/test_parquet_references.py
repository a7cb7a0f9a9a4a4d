"""References in Parquet are read as they were written, by whichever pandas, fastparquet and fsspec find."""

from __future__ import annotations

import json

import numpy as np
import pytest
import xarray as xr

from pangeo_forge.plans.plan import Target
from pangeo_forge.plans.references import parquet

RECORD_SIZE = 3


@pytest.fixture(autouse=True)
def small_records(monkeypatch):
    monkeypatch.setattr(parquet, "RECORD_SIZE", RECORD_SIZE)


def make_references(file, chunks):
    """References of one variable of two values a chunk, each chunk in the file, inlined, or missing."""
    values = np.arange(2 * len(chunks), dtype="<i4")
    file.write_bytes(values.tobytes())
    array = {"shape": [values.size], "chunks": [2], "dtype": "<i4", "fill_value": -1, "order": "C", "compressor": None, "filters": None}
    refs = {
        ".zgroup": json.dumps({"zarr_format": 2}),
        "x/.zarray": json.dumps({"zarr_format": 2} | array),
        "x/.zattrs": json.dumps({"_ARRAY_DIMENSIONS": ["x"]}),
    }
    for number, kind in enumerate(chunks):
        if kind == "in the file":
            refs[f"x/{number}"] = [str(file), 8 * number, 8]
        if kind == "inlined":
            refs[f"x/{number}"] = values[2 * number : 2 * number + 2].tobytes()
    missing = np.repeat([kind == "missing" for kind in chunks], 2)
    return refs, np.where(missing, -1, values)


@pytest.mark.parametrize(
    "chunks",
    [
        ["in the file"] * 4,
        ["inlined"] * 4,
        ["in the file", "inlined"] * 2,
        ["in the file", "missing", "in the file", "in the file"],
        ["inlined", "missing", "missing", "missing"],
        ["missing"] * 4,
        ["missing", "in the file", "inlined", "missing", "in the file"],
        ["in the file"] * (12 * RECORD_SIZE) + ["missing"],
    ],
    ids=["files", "inlined", "both", "missing", "inlined and missing", "nothing", "all three", "many"],
)
def test_each_chunk_is_read_as_what_it_is(tmp_path, chunks):
    refs, expected = make_references(tmp_path / "file", chunks)
    parquet.write_parquet({"version": 1, "refs": refs}, Target(str(tmp_path / "refs.parquet")))
    with xr.open_dataset(str(tmp_path / "refs.parquet"), engine="kerchunk", mask_and_scale=False) as dataset:
        np.testing.assert_array_equal(dataset["x"], expected)
