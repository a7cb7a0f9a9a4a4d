"""Items and Collections: valid, stable, and true to what they are made of."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from pangeo_forge.catalog.describing.dataset import describe
from pangeo_forge.catalog.entry import About, Entry, Format, Provenance, Way
from pangeo_forge.catalog.stac.collections import make_collection
from pangeo_forge.catalog.stac.items import make_item
from pangeo_forge.catalog.validating import SchemaLibrary


def make_dataset() -> xr.Dataset:
    return xr.Dataset(
        {"sst": (("time", "lat", "lon"), np.zeros((2, 3, 4), "f4"), {"standard_name": "sea_surface_temperature", "units": "K"})},
        {
            "time": np.array(["2000-01-01", "2000-01-02"], "M8[ns]"),
            "lat": ("lat", [-10.0, 0.0, 10.0], {"units": "degrees_north"}),
            "lon": ("lon", [170.0, 175.0, 180.0, 185.0], {"units": "degrees_east"}),
        },
    )


def make_entry(ds: xr.Dataset, href: str = "s3://bucket/sst.zarr", form: Format = "zarr") -> Entry:
    return Entry(
        id="sst",
        version="20260101T000000Z",
        created="2026-01-01T00:00:00Z",
        description=describe(ds),
        about=About(title="SST", description="Temperatures", license="CC-BY-4.0", license_url="https://example.org", doi="10.1234/abc"),
        ways=[Way(key="data", href=href, format=form, zarr_format=3, consolidated=True)],
        provenance=Provenance(
            run="r1", feedstock="f", recipe="sst", bakery="local", baked="2026-01-01T00:00:00Z", commit="abc", software={"zarr": "3.1"}
        ),
    )


def with_links(item: dict) -> dict:
    """Add the link that an Item with a Collection needs, and that a catalogue's files have."""
    return {**item, "links": [*item["links"], {"rel": "collection", "href": "./collection.json", "type": "application/json"}]}


def as_json(record: dict) -> dict:
    return json.loads(json.dumps(record, allow_nan=False))


@pytest.mark.parametrize("form", ["zarr", "icechunk", "kerchunk-json", "kerchunk-parquet"])
def test_items_and_collections_are_valid_against_the_core(form: Format) -> None:
    entry = make_entry(make_dataset(), form=form)
    for record in (with_links(make_item(entry)), make_collection([entry])):
        assert SchemaLibrary().check(as_json(record)).faults == ()


@pytest.mark.parametrize(
    "href", ["s3://bucket/sst.zarr", "gs://bucket/sst.zarr", "abfs://bucket/sst.zarr", "/data/sst.zarr", "https://example.org/a"]
)
def test_items_and_collections_are_valid_against_every_extension_they_name(href: str, shared: Path) -> None:
    entry = make_entry(make_dataset(), href)
    library = SchemaLibrary(shared / "stac-schemas")
    for record in (with_links(make_item(entry)), make_collection([entry])):
        verdict = library.check(as_json(record))
        assert verdict.faults == ()
        assert verdict.unchecked == ()


def test_extensions_that_cannot_be_checked_are_named() -> None:
    verdict = SchemaLibrary().check(as_json(with_links(make_item(make_entry(make_dataset())))))
    assert "https://stac-extensions.github.io/zarr/v1.1.0/schema.json" in verdict.unchecked


def test_a_fault_names_its_place() -> None:
    item = with_links(make_item(make_entry(make_dataset())))
    item["properties"]["datetime"] = 3
    (fault,) = SchemaLibrary().check(as_json(item)).faults
    assert fault.path == "properties.datetime"


def test_a_dataset_across_the_antimeridian_has_two_polygons() -> None:
    item = make_item(make_entry(make_dataset()))
    assert item["bbox"] == [167.5, -15.0, -172.5, 15.0]
    assert item["geometry"]["type"] == "MultiPolygon"


def test_a_dataset_that_is_nowhere_has_no_bounding_box_but_its_collection_has_the_globe() -> None:
    entry = make_entry(make_dataset().isel(lat=0, lon=0, drop=True))
    item = make_item(entry)
    assert item["geometry"] is None
    assert "bbox" not in item
    assert make_collection([entry])["extent"]["spatial"]["bbox"] == [[-180.0, -90.0, 180.0, 90.0]]
    assert SchemaLibrary().check(as_json(with_links(item))).faults == ()


def test_a_dataset_without_time_has_the_time_of_its_making() -> None:
    item = make_item(make_entry(make_dataset().isel(time=0, drop=True)))
    assert item["properties"]["datetime"] == "2026-01-01T00:00:00Z"


def test_a_collection_keeps_when_its_first_version_was_made() -> None:
    first = make_entry(make_dataset())
    second = replace(first, version="20270101T000000Z", created="2027-01-01T00:00:00Z")
    collection = make_collection([first, second])
    assert (collection["created"], collection["updated"]) == ("2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z")


def test_an_entry_survives_being_written() -> None:
    entry = make_entry(make_dataset())
    assert Entry.from_dict(as_json(entry.to_dict())) == entry
