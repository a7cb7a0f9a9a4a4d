"""When datasets are whose times are out of the ordinary: what their Items say, and that these are valid."""

from __future__ import annotations

import json
from typing import Any

import cftime
import numpy as np
import pytest
import xarray as xr

from pangeo_forge.catalog.describing.dataset import describe
from pangeo_forge.catalog.entry import About, Entry, Way
from pangeo_forge.catalog.stac.collections import make_collection
from pangeo_forge.catalog.stac.items import make_item
from pangeo_forge.catalog.validating import SchemaLibrary

TITLE = About(title="Times", description="Made up")
WAYS = [Way(key="data", href="s3://bucket/times.zarr", format="zarr", zarr_format=3, consolidated=True)]


def item_of(numbers: Any, calendar: str, units: str = "days since 2000-01-01") -> dict[str, Any]:
    """Make the Item of a dataset whose times are these numbers; it and its Collection are valid."""
    attrs = {"units": units, "calendar": calendar, "standard_name": "time"}
    return valid_item(xr.Dataset(coords={"time": ("time", np.asarray(numbers), attrs)}))


def valid_item(ds: xr.Dataset) -> dict[str, Any]:
    entry = Entry(id="times", version="20260101T000000Z", created="2026-01-01T00:00:00Z", description=describe(ds), about=TITLE, ways=WAYS)
    item = make_item(entry)
    linked = {**item, "links": [*item["links"], {"rel": "collection", "href": "./collection.json", "type": "application/json"}]}
    for record in (linked, make_collection([entry])):
        assert SchemaLibrary().check(json.loads(json.dumps(record, allow_nan=False))).faults == ()
    return item


def period_of(item: dict[str, Any]) -> tuple[str | None, str | None]:
    properties = item["properties"]
    return properties.get("start_datetime"), properties.get("end_datetime")


def test_the_30th_of_february_becomes_the_last_of_the_month() -> None:
    # Day 59 of years of 360 days is the 30th of the second month; 2000 is a leap year, and 2001 is none.
    item = item_of([59, 360 + 59], "360_day")
    assert period_of(item) == ("2000-02-29T00:00:00Z", "2001-02-28T00:00:00Z")
    time = item["properties"]["cube:dimensions"]["time"]
    assert (time["extent"], time["unit"], time["reference_system"]) == ([59.0, 419.0], "days since 2000-01-01", "360_day")


@pytest.mark.parametrize("calendar", ["proleptic_gregorian", "noleap", "360_day"])
def test_times_that_begin_before_the_year_1_begin_with_it(calendar: str) -> None:
    item = item_of([-3000 * 366, 0], calendar)
    assert period_of(item) == ("0001-01-01T00:00:00Z", "2000-01-01T00:00:00Z")
    assert item["properties"]["cube:dimensions"]["time"]["extent"] == [-1098000.0, 0.0]


@pytest.mark.parametrize("calendar", ["proleptic_gregorian", "noleap", "360_day"])
def test_times_that_end_after_the_year_9999_end_with_it(calendar: str) -> None:
    item = item_of([0, 9000 * 366], calendar)
    assert period_of(item) == ("2000-01-01T00:00:00Z", "9999-12-31T23:59:59Z")
    assert item["properties"]["cube:dimensions"]["time"]["extent"] == [0.0, 3294000.0]


@pytest.mark.parametrize("numbers", [[-4000 * 366, -3000 * 366], [9000 * 366, 9001 * 366]])
def test_times_that_cannot_be_written_at_all_are_in_the_dimension_only(numbers: list[int]) -> None:
    item = item_of(numbers, "proleptic_gregorian")
    assert period_of(item) == (None, None)
    assert item["properties"]["datetime"] == "2026-01-01T00:00:00Z"  # when the dataset was made
    assert item["properties"]["cube:dimensions"]["time"]["extent"] == [float(number) for number in numbers]


def test_years_that_nanoseconds_do_not_reach_are_written() -> None:
    item = item_of([0, 365], "standard", "days since 1600-01-01")
    assert period_of(item) == ("1600-01-01T00:00:00Z", "1600-12-31T00:00:00Z")


def test_julian_days_are_told_by_the_names_of_their_own_calendar() -> None:
    # 29 February 1900 is a day of the Julian calendar only.
    assert item_of([59], "julian", "days since 1900-01-01")["properties"]["datetime"] == "1900-02-28T00:00:00Z"


@pytest.mark.parametrize("calendar", ["standard", "noleap"])
def test_a_time_axis_of_one_step_is_a_moment(calendar: str) -> None:
    item = item_of([31.5], calendar)
    assert item["properties"]["datetime"] == "2000-02-01T12:00:00Z"
    assert period_of(item) == (None, None)


@pytest.mark.parametrize("calendar", ["standard", "noleap"])
def test_missing_times_are_passed_over(calendar: str) -> None:
    assert period_of(item_of([3.0, np.nan, 1.0], calendar)) == ("2000-01-02T00:00:00Z", "2000-01-04T00:00:00Z")


def test_the_missing_time_of_numpy_is_no_time() -> None:
    assert period_of(item_of([3, np.iinfo("i8").min, 1], "standard")) == ("2000-01-02T00:00:00Z", "2000-01-04T00:00:00Z")


def test_times_in_memory_are_told_as_those_of_a_store() -> None:
    times = [cftime.DatetimeNoLeap(2000, 3, 1), cftime.DatetimeNoLeap(2000, 1, 1)]
    item = valid_item(xr.Dataset(coords={"time": ("time", times, {"standard_name": "time"})}))
    assert period_of(item) == ("2000-01-01T00:00:00Z", "2000-03-01T00:00:00Z")


def test_times_of_two_dimensions_have_ends() -> None:
    attrs = {"units": "hours since 2000-01-01", "standard_name": "time"}
    ds = xr.Dataset(coords={"valid": (("run", "lead"), [[0, 24], [12, 36]], attrs)})
    assert period_of(valid_item(ds)) == ("2000-01-01T00:00:00Z", "2000-01-02T12:00:00Z")


def test_units_that_are_not_understood_leave_numbers() -> None:
    item = item_of([0, 1, 2], "standard", "days since the flood")
    assert period_of(item) == (None, None)
    assert item["properties"]["cube:dimensions"]["time"]["extent"] == [0, 2]


def test_a_dataset_without_times_has_the_moment_of_its_making() -> None:
    item = valid_item(xr.Dataset({"v": ("x", [1.0, 2.0])}))
    assert item["properties"]["datetime"] == "2026-01-01T00:00:00Z"
    assert "start_datetime" not in item["properties"]
