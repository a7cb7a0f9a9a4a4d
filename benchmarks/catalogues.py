"""Large catalogues for the benchmarks: one dataset is described, and its Collection and Item are written again under many names."""

from __future__ import annotations

import json
import random
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from pangeo_forge.api.cataloguing import create_catalog
from pangeo_forge.catalog.index.table import make_index, make_row

_WORDS = "ocean wind wave rain snow ice salt heat cloud soil carbon ozone".split()  # noqa: SIM905
_LICENSES = ("MIT", "CC-BY-4.0", "CC0-1.0", "other")


def write_catalogue(folder: Path, *, items: int, datasets: int) -> Path:
    """Write a catalogue of so many Items, which are versions of so many datasets."""
    collection, item = _describe_one()
    dice = random.Random(0)
    rows = [make_row(_vary(item, number, datasets, dice), latest=number + datasets >= items) for number in range(items)]
    folder.mkdir(parents=True)
    (folder / "index.parquet").write_bytes(make_index(rows))
    (folder / "catalog.json").write_text(json.dumps({"type": "Catalog", "id": "bench", "title": "Bench", "links": []}))
    for name in {row["collection"] for row in rows}:
        (folder / name).mkdir()
        (folder / name / "collection.json").write_text(json.dumps({**collection, "id": name}))
    return folder


def _describe_one() -> tuple[dict[str, Any], dict[str, Any]]:
    with tempfile.TemporaryDirectory() as folder:
        lat, lon = ("lat", np.arange(0.0, 10), {"units": "degrees_north"}), ("lon", np.arange(0.0, 10), {"units": "degrees_east"})
        values = ("time", "lat", "lon"), np.zeros((2, 10, 10), "f4"), {"standard_name": "air_temperature", "units": "K"}
        times = np.array(["2000-01-01", "2000-12-31"], "M8[ns]")
        ds = xr.Dataset({f"v{n}": values for n in range(10)}, {"time": times, "lat": lat, "lon": lon}, {"summary": "What it is of. " * 20})
        ds.to_zarr(Path(folder) / "one.zarr", consolidated=False)
        create_catalog(folder, workers=1)
        written = Path(folder) / "catalog/one"
        (item,) = written.glob("one-*.json")
        return json.loads((written / "collection.json").read_text()), json.loads(item.read_text())


def _vary(item: dict[str, Any], number: int, datasets: int, dice: random.Random) -> dict[str, Any]:
    west, south, year = dice.uniform(-180, 170), dice.uniform(-90, 80), dice.randint(1850, 2020)
    east, north = west + 10, south + 10
    properties = item["properties"] | {
        "title": f"{dice.choice(_WORDS).title()} and {dice.choice(_WORDS)}, number {number}",
        "keywords": dice.sample(_WORDS, 3),
        "license": dice.choice(_LICENSES),
        "start_datetime": f"{year}-01-01T00:00:00Z",
        "end_datetime": f"{year + dice.randint(0, 30)}-12-31T00:00:00Z",
        "pangeo_forge:bytes": dice.randint(1, 10**12),
        "processing:facility": f"bakery-{dice.randint(1, 20)}",
    }
    corners = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    name = f"dataset-{number % datasets}"
    place = {"bbox": [west, south, east, north], "geometry": {"type": "Polygon", "coordinates": [corners]}}
    return item | place | {"id": f"{name}-{number // datasets}", "collection": name, "properties": properties}


def tell(rows: Iterator[tuple[str, float]]) -> None:
    """Print what took how long, as it comes."""
    for what, seconds in rows:
        print(f"{what:<70} {seconds * 1000:>10,.0f} ms", flush=True)
