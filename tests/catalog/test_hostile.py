"""Datasets as they should not be: what a catalogue says of them is valid JSON all the same."""

from __future__ import annotations

import json

import numpy as np
import xarray as xr

from pangeo_forge.catalog.describing.attributes import LONGEST_TEXT, clean
from pangeo_forge.catalog.describing.dataset import describe


def as_json(ds: xr.Dataset) -> dict:
    return json.loads(json.dumps(describe(ds).to_dict(), allow_nan=False))


def test_nan_and_infinities_in_attributes_become_words() -> None:
    found = as_json(xr.Dataset(attrs={"a": float("nan"), "b": np.array([np.inf, 1.0]), "c": np.float32("-inf")}))
    assert found["attrs"] == {"a": "nan", "b": ["inf", 1.0], "c": "-inf"}


def test_nan_and_infinities_in_coordinates_are_passed_over() -> None:
    lon = ("lon", [np.nan, 10.0, 20.0, np.inf], {"units": "degrees_east"})
    lat = ("lat", [0.0, np.nan], {"units": "degrees_north"})
    found = as_json(xr.Dataset({"v": (("lat", "lon"), np.zeros((2, 4)))}, {"lon": lon, "lat": lat}))
    assert found["bbox"] == [5.0, 0.0, 25.0, 0.0]
    assert found["dimensions"]["lon"]["extent"] == [10.0, 20.0]


def test_coordinates_without_a_valid_value_say_nothing() -> None:
    lon = ("lon", [np.nan, np.nan], {"units": "degrees_east"})
    lat = ("lat", [np.nan], {"units": "degrees_north"})
    assert as_json(xr.Dataset({}, {"lon": lon, "lat": lat}))["bbox"] is None


def test_a_long_attribute_is_cut_and_says_how_long_it_was() -> None:
    text = as_json(xr.Dataset(attrs={"history": "x" * 10_000_000}))["attrs"]["history"]
    assert len(text) < LONGEST_TEXT + 100
    assert text.endswith("(10000000 characters)")


def test_text_that_utf8_cannot_write_is_mended() -> None:
    assert clean("a\ud800b") == "a?b"


def test_bytes_and_odd_values_become_text() -> None:
    assert clean(b"caf\xe9") == "caf�"
    assert clean(np.datetime64("2000-01-01")) == "2000-01-01"


def test_a_dataset_of_nothing_is_described() -> None:
    assert as_json(xr.Dataset())["variables"] == {}


def test_dimensions_of_length_nought_are_described() -> None:
    ds = xr.Dataset({"v": (("time", "x"), np.zeros((0, 3)))}, {"time": ("time", np.array([], "M8[ns]"))})
    assert as_json(ds)["start"] is None
