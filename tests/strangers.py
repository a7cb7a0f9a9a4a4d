"""References as strangers may write them: a dataset one of whose variables lies in whatever file they name."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import icechunk
import numpy as np
import pandas as pd
import zarr

#: What nobody may see: as bytes it is a picture of 8 by 8.
SECRET = b"root:x:0:0:do-not-tell-anybody:/root:/bin/bash\nadmin:y:1:1:nobdy"

_SHAPE = (8, 8)


def write_secret(folder: Path) -> Path:
    """Write a file that is nobody's business."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "secret").write_bytes(SECRET)
    return folder / "secret"


def make_references(**where: str) -> dict[str, Any]:
    """Make references of kerchunk to a map: each variable lies in the file that is named for it, or else in the references themselves."""
    variables = {
        "lat": ("f8", (8,), ["lat"], "degrees_north"),
        "lon": ("f8", (8,), ["lon"], "degrees_east"),
        "sst": ("u1", _SHAPE, ["lat", "lon"], "1"),
    }
    refs: dict[str, Any] = {".zgroup": json.dumps({"zarr_format": 2}), ".zattrs": json.dumps({"title": "A stranger's"})}
    for name, (dtype, shape, dims, units) in variables.items():
        meta = {"shape": shape, "chunks": shape, "dtype": np.dtype(dtype).str, "order": "C", "compressor": None, "filters": None}
        refs[f"{name}/.zarray"] = json.dumps(meta | {"fill_value": None, "zarr_format": 2})
        refs[f"{name}/.zattrs"] = json.dumps({"_ARRAY_DIMENSIONS": dims, "units": units})
        chunk = f"{name}/{'.'.join('0' * len(shape))}"
        size = int(np.prod(shape)) * np.dtype(dtype).itemsize
        inline = base64.b64encode(np.arange(np.prod(shape)).astype(dtype).tobytes()).decode()
        refs[chunk] = [where[name], 0, size] if name in where else f"base64:{inline}"
    return refs


def write_json(path: Path, refs: dict[str, Any]) -> Path:
    """Write references as one file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"version": 1, "refs": refs}))
    return path


def write_parquet(path: Path, refs: dict[str, Any]) -> Path:
    """Write references as a folder of Parquet files."""
    metadata = {key: json.loads(value) for key, value in refs.items() if "/." in key or key.startswith(".")}
    path.mkdir(parents=True)
    (path / ".zmetadata").write_text(json.dumps({"metadata": metadata, "record_size": 10}))
    for key, value in refs.items():
        if key not in metadata:
            there = isinstance(value, list)
            row = dict(zip(("path", "offset", "size"), value, strict=True)) if there else {"raw": value.encode()}
            (path / key.partition("/")[0]).mkdir()
            pd.DataFrame([row]).to_parquet(path / key.partition("/")[0] / "refs.0.parq")
    return path


def write_icechunk(path: Path, file: Path, prefix: str) -> Path:
    """Write a repository whose variable lies in a file, for which it asks the leave to read all that begins with a prefix."""
    config = icechunk.RepositoryConfig.default()
    config.set_virtual_chunk_container(
        icechunk.VirtualChunkContainer(prefix, icechunk.local_filesystem_store(prefix.removeprefix("file://")))
    )
    repository = icechunk.Repository.create(icechunk.local_filesystem_storage(str(path)), config=config)
    session = repository.writable_session("main")
    group = zarr.open_group(session.store, mode="w", zarr_format=3)
    for name, units in (("lat", "degrees_north"), ("lon", "degrees_east")):
        array = group.create_array(name, shape=(8,), dtype="f8", dimension_names=(name,))
        array[:] = np.arange(8.0)
        array.attrs["units"] = units
    plain: dict[str, Any] = {"compressors": None, "filters": None, "fill_value": 0}
    group.create_array("sst", shape=_SHAPE, chunks=_SHAPE, dtype="u1", dimension_names=("lat", "lon"), **plain)
    session.store.set_virtual_ref("sst/c/0/0", file.as_uri(), offset=0, length=64)
    session.commit("Write references")
    return path
