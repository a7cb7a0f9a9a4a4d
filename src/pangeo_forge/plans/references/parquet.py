"""References of kerchunk in Parquet, written so that every reader finds in them what is there, and nothing more.

kerchunk fills up the last file of each variable with rows of no chunk, and leaves the text of a missing path to the reader. pandas 3 with
pyarrow reads a missing text as NaN, which fsspec's reader of references takes for a path.
"""

from __future__ import annotations

import json
import math
import tempfile
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from pangeo_forge.plans.plan import Target
from pangeo_forge.plans.targets import filesystem_of, remove

#: How many references a file holds, as kerchunk and VirtualiZarr have it.
RECORD_SIZE = 100_000


def write_parquet(refs: Mapping[str, Any], target: Target) -> None:
    """Write references of kerchunk into a folder of Parquet files, in place of what may be there."""
    from kerchunk.df import refs_to_dataframe

    with tempfile.TemporaryDirectory(prefix="pangeo-forge-") as folder, warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="The 'fastparquet' engine is deprecated")
        refs_to_dataframe(dict(refs), folder, record_size=RECORD_SIZE)
        metadata = json.loads((Path(folder) / ".zmetadata").read_bytes())["metadata"]
        for key in metadata:
            if key.endswith("/.zarray"):
                _mend_array(Path(folder) / key.removesuffix("/.zarray"), count_chunks(metadata[key]))
        remove(target)
        filesystem, path = filesystem_of(target)
        filesystem.makedirs(path, exist_ok=True)
        filesystem.put(f"{folder}/", f"{path}/", recursive=True)


def count_chunks(array: Mapping[str, Any]) -> int:
    """Count the chunks of an array by its metadata (Zarr 2, `.zarray`)."""
    return math.prod(-(-length // chunk) for length, chunk in zip(array["shape"], array["chunks"], strict=True))


def _mend_array(folder: Path, chunks: int) -> None:
    """Write the files of one array anew, and those that are not there since all their chunks are missing."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, start in enumerate(range(0, chunks, RECORD_SIZE)):
        file, size = folder / f"refs.{number}.parq", min(RECORD_SIZE, chunks - start)
        rows = pd.read_parquet(file, engine="fastparquet")[:size] if file.exists() else _all_missing(size)
        _write(file, rows)


def _all_missing(size: int) -> pd.DataFrame:
    nothing = pd.Series([None] * size, dtype=object)
    return pd.DataFrame({"path": nothing, "offset": np.zeros(size, "int64"), "size": np.zeros(size, "int64"), "raw": nothing})


def _write(file: Path, rows: pd.DataFrame) -> None:
    """Write of some references the columns that say something."""
    inlined, missing = rows["raw"].notna(), rows["path"].isna()
    encoding = {"raw": "bytes", "path": "utf8"}
    if not inlined.any():
        rows = rows.drop(columns="raw")
    elif missing.all():
        rows = rows[["raw"]]
    if "path" in rows and (missing & ~inlined).any():
        # JSON's null is read as None by all; a missing text is not.
        encoding["path"] = "json"
        rows = rows.assign(path=rows["path"].astype(object).where(~missing, None))
    columns = {name: encoding[name] for name in rows.columns if name in encoding}
    rows.to_parquet(
        file, engine="fastparquet", compression="zstd", index=False, stats=False, object_encoding=columns, has_nulls=list(columns)
    )
