"""LEAP's list of stores becomes a catalogue, wherever they are."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any, Literal

import pytest
import xarray as xr

from pangeo_forge.api.cataloguing import Search, create_catalog, open_tree, search_catalog, validate_catalog
from pangeo_forge.api.exporting import export_catalog, import_catalog
from pangeo_forge.catalog.faces.leap_lists import read_leap
from pangeo_forge.catalog.health.record import read_health
from pangeo_forge.errors import UsageError
from web.conftest import write_store


def feedstock(*stores: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {
        "title": "Three seas",
        "description": "As the list has it.",
        "maintainers": [{"name": "Somebody", "github": "somebody"}],
        "provenance": {
            "providers": [{"name": "An institute", "description": None, "roles": ["producer", "curator"], "url": None}],
            "license": "CC-BY-4.0",
            "license_link": None,
        },
        "thumbnail": None,
        "tags": ["ocean", "zarr"],
        "links": None,
        "stores": list(stores),
        **fields,
    }


def store(url: str, name: str, **fields: Any) -> dict[str, Any]:
    return {"id": name, "name": name.title(), "url": url, "public": True, **fields}


@pytest.fixture
def stores(tmp_path: Path) -> Path:
    root = tmp_path / "stores"
    write_store(root / "atlantic.zarr", west=-30, year=1990, title="Own title")
    write_store(root / "pacific.zarr", west=179.5, year=2000)
    return root


def write(path: Path, *feedstocks: dict[str, Any]) -> Path:
    path.write_text(json.dumps(feedstocks))
    return path


def test_stores_are_described_in_the_words_of_the_list(stores: Path, tmp_path: Path):
    listed = write(tmp_path / "leap.json", feedstock(*(store(f"{stores}/{name}.zarr/", name) for name in ("atlantic", "pacific"))))
    outcome = import_catalog(listed, tmp_path / "out", title="Listed")
    assert (outcome.described, outcome.problems) == (2, ())
    (item,) = search_catalog(tmp_path / "out", Search(words=["atlantic"])).items
    properties = item["properties"]
    assert properties["title"] == "Three seas: Atlantic"
    assert properties["description"] == "As the list has it."
    assert properties["keywords"] == ["ocean", "zarr"]
    assert properties["license"] == "CC-BY-4.0"
    assert properties["providers"] == [{"name": "An institute", "roles": ["producer"]}]
    assert item["bbox"] == [-30.5, 9.5, -28.5, 11.5]
    assert all(verdict.faults == () for _, verdict in validate_catalog(tmp_path / "out"))


def test_their_snippets_are_executed(stores: Path, tmp_path: Path):
    import_catalog(write(tmp_path / "leap.json", feedstock(store(f"{stores}/atlantic.zarr", "atlantic"))), tmp_path / "out")
    (health,) = read_health(open_tree(tmp_path / "out")).values()
    assert health.snippets["data"].worked


@pytest.mark.server
@pytest.mark.slow
def test_stores_and_the_list_may_be_on_a_web_server(stores: Path, tmp_path: Path, http_server):
    url = http_server(tmp_path).url
    for name, zarr_format in (("newer", 3), ("older", 2)):
        write_consolidated(stores / f"{name}.zarr", zarr_format)
    write(tmp_path / "leap.json", feedstock(*(store(f"{url}/stores/{name}.zarr", name) for name in ("newer", "older"))))
    outcome = import_catalog(f"{url}/leap.json", tmp_path / "out")
    assert (outcome.described, outcome.problems) == (2, ())
    assert import_catalog(f"{url}/leap.json", tmp_path / "out").unchanged == 2
    (item,) = search_catalog(tmp_path / "out", Search(collections=["older"])).items
    assert item["assets"]["data"]["href"] == f"{url}/stores/older.zarr"
    assert item["assets"]["data"]["zarr:zarr_format"] == 2


def write_consolidated(path: Path, zarr_format: Literal[2, 3]) -> None:
    """Write a store that can be read where no folders are listed."""
    ds = xr.Dataset({"a": ("lat", [1.0, 2.0])}, {"lat": ("lat", [0.0, 1.0], {"units": "degrees_north"})})
    ds.to_zarr(path, zarr_format=zarr_format, consolidated=True)


def test_a_store_that_cannot_be_opened_is_named_and_stops_no_other(stores: Path, tmp_path: Path):
    (stores / "pacific.zarr" / "zarr.json").write_text("{ not json")
    wanted = (*(store(f"{stores}/{name}.zarr", name) for name in ("gone", "pacific", "atlantic")), {"id": "nameless"})
    outcome = import_catalog(write(tmp_path / "leap.json", feedstock(*wanted)), tmp_path / "out")
    assert outcome.described == 1
    nameless, gone, broken = outcome.problems
    assert nameless == (f"{tmp_path}/leap.json: feedstock 1 (Three seas), store 4", "it has no url")
    assert (gone[0], broken[0]) == (f"{stores}/gone.zarr", f"{stores}/pacific.zarr")
    assert "cannot be described" in broken[1]


def test_what_has_not_changed_is_not_opened_again_and_what_else_is_there_stays(stores: Path, tmp_path: Path):
    create_catalog(stores, tmp_path / "out")
    elsewhere = tmp_path / "elsewhere" / "more.zarr"
    shutil.copytree(stores / "atlantic.zarr", elsewhere)
    listed = write(tmp_path / "leap.json", feedstock(store(str(elsewhere), "more")))
    assert import_catalog(listed, tmp_path / "out").described == 1
    assert import_catalog(listed, tmp_path / "out").unchanged == 1
    assert search_catalog(tmp_path / "out", Search()).matched == 3


def test_what_leap_is_given_it_gives_back(stores: Path, tmp_path: Path):
    create_catalog(stores)
    export_catalog(stores, "leap", tmp_path / "leap.json")
    import_catalog(tmp_path / "leap.json", tmp_path / "out")
    there, here = (search_catalog(place, Search()).items for place in (stores, tmp_path / "out"))
    assert {(item["collection"], item["properties"]["title"]) for item in here} == {
        (item["collection"], item["properties"]["title"]) for item in there
    }


@pytest.mark.parametrize(
    ("url", "read_at"),
    [
        ("gs://bucket/a/b.zarr/", "https://storage.googleapis.com/bucket/a/b.zarr"),
        ("s3://bucket/a/b.zarr", "https://bucket.s3.amazonaws.com/a/b.zarr"),
        ("https://example.org/b.zarr", "https://example.org/b.zarr"),
        ("/data/b.zarr", "/data/b.zarr"),
    ],
)
def test_public_stores_are_read_by_https(url: str, read_at: str):
    (listed,) = read_leap(json.dumps([feedstock(store(url, "b"))]).encode(), "leap.json").stores
    assert listed.url == read_at


def test_a_store_that_is_not_public_is_read_where_it_is():
    (listed,) = read_leap(json.dumps([feedstock(store("s3://bucket/b.zarr", "b", public=False))]).encode(), "leap.json").stores
    assert listed.url == "s3://bucket/b.zarr"


def test_a_feedstock_without_stores_lists_none():
    assert read_leap(json.dumps([feedstock(stores=None)]).encode(), "leap.json").stores == []


@pytest.mark.parametrize(
    ("content", "why"), [("{", "is no JSON"), ("[1]", "is no catalogue of LEAP"), ('{"type": "Catalog"}', "is no catalogue of LEAP")]
)
def test_a_file_of_another_kind_is_refused(tmp_path: Path, content: str, why: str):
    (tmp_path / "other.json").write_text(content)
    with pytest.raises(UsageError, match=why):
        import_catalog(tmp_path / "other.json", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_list_that_is_not_there_is_told(tmp_path: Path):
    with pytest.raises(UsageError, match=r"nothing\.json cannot be read"):
        import_catalog(tmp_path / "nothing.json", tmp_path / "out")


def test_the_command_ends_with_1_where_a_store_is_broken(stores: Path, tmp_path: Path, forge):
    listed = write(tmp_path / "leap.json", feedstock(store(f"{stores}/atlantic.zarr", "atlantic"), store(f"{stores}/gone.zarr", "gone")))
    ended = forge("catalog", "import", listed, "--output", tmp_path / "out", "--json")
    assert ended.returncode == 1
    told = json.loads(ended.stdout)
    assert (told["described"], [problem["place"] for problem in told["problems"]]) == (1, [f"{stores}/gone.zarr"])
