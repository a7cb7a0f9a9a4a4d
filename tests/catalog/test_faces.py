"""A catalogue in the forms of others: their own programs read what is written."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pystac
import pytest
import xarray as xr

from pangeo_forge.api.cataloguing import create_catalog
from pangeo_forge.api.exporting import export_catalog
from pangeo_forge.catalog.description import Description
from pangeo_forge.catalog.entry import About, Entry, Provenance, Way
from pangeo_forge.catalog.faces.intake import make_intake
from pangeo_forge.catalog.faces.leap import make_leap
from pangeo_forge.catalog.stac.items import make_item
from pangeo_forge.errors import UsageError
from web.conftest import write_store


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A target with two datasets and their catalogue; to be read only."""
    root = tmp_path_factory.mktemp("faced")
    write_store(root / "atlantic.zarr", west=-30, year=1990, title="The Atlantic", license="CC-BY-4.0", institution="An institute")
    write_store(root / "pacific.zarr", west=179.5, year=2000, title="The Pacific")
    xr.Dataset({"a": ("x", [1.0, 2.0])}, attrs={"title": "Nowhere"}).to_zarr(root / "nowhere.zarr", consolidated=False)
    create_catalog(root, title="Two seas and a nowhere")
    return root


def make_entry(name: str, *, way: Way | None = None, made: Provenance | None = None, title: str = "A title") -> dict[str, Any]:
    entry = Entry(
        id=name,
        version="1",
        created="2020-01-01T00:00:00Z",
        description=Description(bbox=[0, 0, 1, 1], geometry=None, start="2000-01-01T00:00:00Z", end="2001-01-01T00:00:00Z"),
        about=About(title=title, description="A description", keywords=["sea"]),
        ways=[way or Way(key="data", href=f"https://example.org/{name}.zarr", format="zarr", zarr_format=3)],
        provenance=made,
    )
    return make_item(entry)


# Intake


@pytest.mark.filterwarnings("ignore")  # what Intake and what it imports say of each other
def test_intake_opens_every_dataset(stores: Path, tmp_path: Path):
    import intake

    face = export_catalog(stores, "intake", tmp_path / "catalog.yaml")
    assert (face.datasets, face.left_out) == (3, ())
    catalog = intake.open_catalog(str(tmp_path / "catalog.yaml"))
    assert sorted(catalog) == ["atlantic", "nowhere", "pacific"]
    for name in catalog:
        with xr.open_zarr(stores / f"{name}.zarr", consolidated=False) as expected:
            assert catalog[name].read().equals(expected)


@pytest.mark.filterwarnings("ignore")
def test_intake_makes_no_indexes_of_very_long_coordinates(stores: Path, tmp_path: Path):
    import intake

    way = Way(key="data", href=str(stores / "atlantic.zarr"), format="zarr", zarr_format=3, indexed=False)
    (tmp_path / "catalog.yaml").write_bytes(make_intake("", "", [make_entry("long", way=way)]).content)
    assert not intake.open_catalog(str(tmp_path / "catalog.yaml"))["long"].read().indexes


def test_what_intake_cannot_open_is_named():
    snapshot = Way(key="data", href="s3://bucket/ice", format="icechunk", snapshot="ABC")
    face = make_intake("", "", [make_entry("ice", way=snapshot), make_entry("sea")])
    assert face.datasets == 1
    assert face.left_out == (("ice", "intake-xarray cannot open Icechunk"),)


def test_a_url_that_intake_would_run_as_a_template_is_left_out():
    hostile = Way(key="data", href="/data/{{ shell('touch /tmp/x') }}.zarr", format="zarr", zarr_format=3)
    face = make_intake("", "", [make_entry("hostile", way=hostile)])
    assert face.datasets == 0
    assert "template" in face.left_out[0][1]


def test_intake_is_told_of_references_as_a_file_system_and_of_no_secret():
    references = Way(
        key="data",
        href="https://example.org/refs.json",
        format="kerchunk-json",
        storage_options={"remote_protocol": "…", "key": "…", "anon": True},
    )
    text = make_intake("", "", [make_entry("refs", way=references)]).content.decode()
    assert "urlpath: reference://" in text
    assert "fo: https://example.org/refs.json" in text
    assert "anon: true" in text
    assert "…" not in text


# STAC GeoParquet


@pytest.fixture(scope="module")
def parquet(stores: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("parquet") / "items.parquet"
    export_catalog(stores, "geoparquet", path)
    return path


@pytest.mark.filterwarnings("ignore")  # what foreign readers say of their libraries
def test_stac_geoparquet_gives_items_back(parquet: Path):
    from stac_geoparquet.arrow import stac_table_to_items

    items = {item["collection"]: pystac.Item.from_dict(item) for item in stac_table_to_items(pq.read_table(parquet))}
    assert set(items) == {"atlantic", "nowhere", "pacific"}
    assert items["pacific"].bbox == [179, 9.5, -179, 11.5]
    assert items["atlantic"].assets["data"].href.endswith("/atlantic.zarr")


def test_rustac_gives_items_back(parquet: Path):
    import rustac

    async def read() -> dict[str, Any]:
        return await rustac.read(str(parquet))

    items = [pystac.Item.from_dict(item) for item in asyncio.run(read())["features"]]
    assert {item.properties["title"] for item in items} == {"The Atlantic", "The Pacific", "Nowhere"}


@pytest.mark.filterwarnings("ignore")
def test_geopandas_finds_a_dataset_by_its_place(parquet: Path):
    import geopandas

    found = geopandas.read_parquet(parquet, bbox=(-40, 0, -20, 20))
    assert set(found.collection) - {"nowhere"} == {"atlantic"}
    assert found.crs == "OGC:CRS84"


def test_its_geography_is_geoparquets_and_what_differs_is_no_column(parquet: Path):
    schema = pq.read_schema(parquet)
    told = json.loads(schema.metadata[b"geo"])
    assert told["version"] == "1.1.0"
    assert told["columns"][told["primary_column"]]["encoding"] == "WKB"
    assert set(told["columns"]["geometry"]["geometry_types"]) == {"Polygon", "MultiPolygon"}
    assert schema.field("bbox").type.num_fields == 4
    assert [name for name in schema.names if name.startswith("cube:") or name == "item"] == []


# schema.org


def test_linked_data_describe_the_catalogue_with_its_datasets(stores: Path, tmp_path: Path):
    export_catalog(stores, "json-ld", tmp_path / "datasets.json")
    told = json.loads((tmp_path / "datasets.json").read_text())
    assert (told["@context"], told["@type"], told["name"]) == ("https://schema.org/", "DataCatalog", "Two seas and a nowhere")
    atlantic = next(each for each in told["dataset"] if each["name"] == "The Atlantic")
    assert atlantic["temporalCoverage"] == "1990-01-01T00:00:00Z/1990-07-01T00:00:00Z"
    assert atlantic["license"] == "CC-BY-4.0"
    assert "@context" not in atlantic


# LEAP


def test_leap_has_the_stores_of_a_feedstock_together():
    made = {name: Provenance(run="r", feedstock="seas", recipe=name, bakery="local", baked="2020-01-01T00:00:00Z") for name in ("a", "b")}
    items = [make_entry(name, made=made[name], title=f"Seas: {name}") for name in ("a", "b")] + [make_entry("alone")]
    first, second = json.loads(make_leap("", "", items).content)
    assert (first["title"], [store["id"] for store in first["stores"]]) == ("Seas", ["a", "b"])
    assert second["title"] == "A title"
    assert second["stores"] == [
        {
            "id": "alone",
            "name": "A title",
            "url": "https://example.org/alone.zarr",
            "rechunking": None,
            "public": True,
            "geospatial": True,
            "xarray_open_kwargs": {"engine": "zarr"},
            "last_updated": "2020-01-01T00:00:00Z",
        }
    ]


def test_leap_is_told_of_very_long_coordinates():
    way = Way(key="data", href="https://example.org/long.zarr", format="zarr", zarr_format=3, indexed=False)
    (feedstock,) = json.loads(make_leap("", "", [make_entry("long", way=way)]).content)
    assert feedstock["stores"][0]["xarray_open_kwargs"] == {"engine": "zarr", "create_default_indexes": False}


def test_leap_has_every_field_that_its_schema_asks_for(stores: Path, tmp_path: Path):
    export_catalog(stores, "leap", tmp_path / "leap.json")
    for feedstock in json.loads((tmp_path / "leap.json").read_text()):
        assert {"title", "description", "maintainers", "provenance"} <= set(feedstock)
        assert {"providers", "license"} <= set(feedstock["provenance"])
        assert all({"id", "url"} <= set(store) for store in feedstock["stores"])


# All


def test_a_form_that_there_is_not_is_refused(stores: Path, tmp_path: Path):
    with pytest.raises(UsageError, match="there is no form 'xml'"):
        export_catalog(stores, "xml", tmp_path / "x")  # type: ignore[arg-type]


def test_the_command_names_what_it_left_out_and_prints_json(stores: Path, tmp_path: Path, forge):
    ended = forge("catalog", "export", stores, "--as", "leap", "-o", tmp_path / "leap.json", "--json")
    assert json.loads(ended.stdout) == {"datasets": 3, "left_out": []}
    assert len(json.loads((tmp_path / "leap.json").read_text())) == 3
