"""Real files, each written as Zarr: where and when they are, with the expected values written by hand from what the files' makers say."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import iris_sample_data
import pytest
import xarray as xr

from pangeo_forge.api.cataloguing import Search, create_catalog, search_catalog, validate_catalog
from pangeo_forge.catalog.describing.dataset import describe
from pangeo_forge.catalog.description import Description

SAMPLES = Path(iris_sample_data.path)

#: West, south, east, north in whole or half degrees, and the first and last day, of each file.
EXPECTED: dict[str, tuple[tuple[float, ...] | None, str | None, str | None]] = {
    # A limited area over North America, 225..315°E in steps of 1.875°, and 15..60°N in steps of 1.25°; years of 360 days.
    "A1B_north_america.nc": ((-135.9, 14.4, -44.1, 60.6), "1860-06-01", "2099-06-01"),
    # The same place in another scenario.
    "E1_north_america.nc": ((-135.9, 14.4, -44.1, 60.6), "1860-06-01", "2099-06-01"),
    # NEMO's tripolar grid of one degree: the whole globe, from the Antarctic coast on; the middles of months of 30 days.
    "NEMO/nemo_1m_20150101-20150201_grid-T.nc": ((-180, -85.7, 180, 90.0), "2015-01-16", "2015-01-16"),
    "NEMO/nemo_1m_20150201-20150301_grid-T.nc": ((-180, -85.7, 180, 90.0), "2015-02-16", "2015-02-16"),
    "NEMO/nemo_1m_20150301-20150401_grid-T.nc": ((-180, -85.7, 180, 90.0), "2015-03-16", "2015-03-16"),
    # ORCA2, as above at two degrees; time has a made-up year.
    "orca2_votemper.nc": ((-180, -78.4, 180, 89.6), "0001-01-01", "0001-01-01"),
    # Sea surface temperatures along the equator, 0..360°E.
    "ostia_monthly.nc": ((-180, -5.3, 180, 4.7), "2006-04-16", "2010-09-16"),
    # A rotated pole over Europe and the Atlantic, told by the grid mapping only.
    "rotated_pole.nc": ((-89.4, 14.0, 70.9, 77.3), "2006-06-15", "2006-06-15"),
    # Another over a part of England, 0.08° wide.
    "hybrid_height.nc": ((-3.2, 52.4, -3.0, 52.5), "2009-09-09", "2009-09-09"),
    # A polar stereographic grid whose coordinates are metres.
    "toa_brightness_stereographic.nc": ((-101.9, 16.7, 46.9, 81.3), "2016-05-16", "2016-05-16"),
    # GRIB on a polar stereographic grid, 247 by 200 cells of 30 km at 60°N around 249°E. Its last row passes the pole 216 m from it, and so
    # has longitudes from 90° less to 90° more; its southernmost corner is at 24.54°N. A forecast of six hours from midnight on.
    "polar_stereo.grib2": ((159, 24.5, -21, 90), "2013-05-20", "2013-05-20"),
    # A rotated grid with the North Pole within it; its own longitudes are broken.
    "space_weather.nc": ((-180, -10.4, 180, 90), None, None),
    # A mesh of a cubed sphere.
    "mesh_C4_synthetic_float.nc": ((-180, -74.2, 180, 74.2), None, None),
    # Profiles in the South Atlantic across the prime meridian.
    "atlantic_profiles.nc": ((-37, -10.7, 3, -0.7), "1984-12-01", "1984-12-01"),
    # A series of times without a place.
    "SOI_Darwin.nc": (None, "1866-01-01", "2013-12-01"),
    # A single place.
    "vlstr_type.nc": ((10, 50, 10, 50), "1970-01-01", "1970-01-07"),
}

#: How well a place is known by hand, degrees: of the GRIB file the middles of its cells, of which some are a quarter of a degree wide.
CLOSE = 0.06
LESS_CLOSE = {"polar_stereo.grib2": 0.25}

#: Files that nothing opens which a recipe may use: fields of the Met Office's Unified Model, which only Iris reads for xarray, and a table
#: of text.
LEFT_OUT = {".pp", ".txt"}


def write(path: Path, store: Path, **options: Any) -> None:
    """Write a file as Zarr, with the encodings that Zarr has."""
    is_grib = path.suffix == ".grib2"
    opening: dict[str, Any] = {"engine": "cfgrib", "backend_kwargs": {"indexpath": ""}} if is_grib else {}
    with xr.open_dataset(path, decode_timedelta=False, **opening) as ds:
        for variable in ds.variables.values():
            kept = ("units", "calendar", "dtype", "_FillValue", "scale_factor", "add_offset")
            variable.encoding = {key: value for key, value in variable.encoding.items() if key in kept}
        ds.to_zarr(store, **options)


@pytest.fixture
def described(tmp_path: Path) -> Any:
    def describe_file(path: Path) -> Description:
        write(path, tmp_path / "store.zarr")
        with xr.open_dataset(tmp_path / "store.zarr", engine="zarr", chunks=None, decode_timedelta=False) as ds:
            return describe(ds)

    return describe_file


def is_at(name: str, bbox: Any) -> bool:
    """Tell whether a bounding box is the one that a file is expected to have."""
    expected, _, _ = EXPECTED[name]
    return bool(bbox == (pytest.approx(expected, abs=LESS_CLOSE.get(name, CLOSE)) if expected else None))


def test_every_file_is_expected_or_left_out_for_a_reason() -> None:
    files = {path.relative_to(SAMPLES).as_posix() for path in SAMPLES.rglob("*.*") if path.suffix not in LEFT_OUT}
    assert files == set(EXPECTED)


@pytest.mark.filterwarnings("ignore")  # what xarray says of old files
@pytest.mark.parametrize("name", list(EXPECTED))
def test_a_real_dataset_is_where_and_when_its_makers_say(name: str, described: Any) -> None:
    _, start, end = EXPECTED[name]
    found = described(SAMPLES / name)
    assert is_at(name, found.bbox)
    assert (found.start and found.start[:10], found.end and found.end[:10]) == (start, end)


@pytest.mark.filterwarnings("ignore")
def test_model_years_without_leap_days(shared: Path, described: Any) -> None:
    found = described(next((shared / "data" / "cesm-le-shf").glob("*.040001-049912.nc")))
    assert found.bbox == pytest.approx((-116.2, 28.3, -113.9, 29.3), abs=0.06)
    assert (found.start, found.end) == ("0400-02-01T00:00:00Z", "0500-01-01T00:00:00Z")
    assert found.dimensions["time"]["reference_system"] == "noleap"


@pytest.mark.filterwarnings("ignore")
def test_pressure_levels(shared: Path, described: Any) -> None:
    found = described(next((shared / "data" / "ec-earth3-ta").glob("*_195001-195012.nc")))
    assert found.dimensions["plev"] == {
        "description": "pressure",
        "unit": "Pa",
        "type": "spatial",
        "axis": "z",
        "extent": [92500.0, 100000.0],
        "step": 7500.0,
    }


# All of them in one catalogue.


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All the files in both versions of Zarr, and their catalogue."""
    folder = tmp_path_factory.mktemp("real")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for number, name in enumerate(EXPECTED):
            write(SAMPLES / name, folder / f"{Path(name).stem}.zarr", zarr_format=2 + number % 2)
    outcome = create_catalog(folder, workers=1)
    assert outcome.problems == ()
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("name", list(EXPECTED))
def test_an_item_says_where_and_when_and_is_found_there(name: str, target: Path) -> None:
    bbox, start, end = EXPECTED[name]
    (item,) = [item for item in search_catalog(target, Search(), limit=100).items if item["collection"] == Path(name).stem]
    assert is_at(name, item.get("bbox"))
    properties = item["properties"]
    if start:
        moment = properties["datetime"]  # of a dataset of one time
        said = (properties.get("start_datetime", moment)[:10], properties.get("end_datetime", moment)[:10])
        assert said == (start, end)
        found = search_catalog(target, Search(datetime=f"{start}/{end}", bbox=bbox and ",".join(map(str, bbox))), limit=100).items
        assert item["id"] in {other["id"] for other in found}
    else:
        assert "start_datetime" not in properties


@pytest.mark.slow
def test_items_and_collections_of_real_data_are_valid_against_the_core(target: Path) -> None:
    checked = dict(validate_catalog(target))
    assert len(checked) == 1 + 2 * len(EXPECTED)
    assert {name: verdict.faults for name, verdict in checked.items() if verdict.faults} == {}


@pytest.mark.slow
def test_items_and_collections_of_real_data_are_valid_against_all_extensions_that_they_name(target: Path, shared: Path) -> None:
    checked = dict(validate_catalog(target, schemas=shared / "stac-schemas"))
    assert len(checked) == 1 + 2 * len(EXPECTED)
    assert {name: verdict for name, verdict in checked.items() if verdict.faults or verdict.unchecked} == {}
