"""Pictures of real files, each written as Zarr: what is chosen to be drawn, and where it comes to lie."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import iris_sample_data
import numpy as np
import pytest
import xarray as xr
from PIL import Image

from pangeo_forge.catalog.describing.axes import find_axes
from pangeo_forge.catalog.describing.dataset import with_coordinates
from pangeo_forge.catalog.describing.footprint import find_footprint
from pangeo_forge.catalog.pictures.making import make_picture
from pangeo_forge.catalog.pictures.wanted import Picture, Source, Wanted

SAMPLES = Path(iris_sample_data.path)

pytestmark = pytest.mark.filterwarnings("ignore")  # what xarray says of old files

NEMO = "NEMO/nemo_1m_20150101-20150201_grid-T.nc"

THUMBNAIL = Wanted("thumbnail")

Draw = Callable[..., Picture]


@pytest.fixture
def draw(tmp_path: Path) -> Draw:
    """Write a file as Zarr, and draw it within the bounding box of its Item."""

    def draw_file(name: str, wanted: Wanted = THUMBNAIL) -> Picture:
        store = tmp_path / "store.zarr"
        with xr.open_dataset(SAMPLES / name, decode_timedelta=False) as ds:
            for variable in ds.variables.values():
                kept = ("units", "calendar", "dtype", "_FillValue", "scale_factor", "add_offset")
                variable.encoding = {key: value for key, value in variable.encoding.items() if key in kept}
            ds.to_zarr(store)
            placed = with_coordinates(ds)
            footprint = find_footprint(placed, find_axes(placed))
        return make_picture(Source(str(store), name, bbox=footprint.bbox if footprint else None), wanted)

    return draw_file


def read_pixels(picture: Picture) -> np.ndarray:
    """Give the opacity of a picture's pixels, the northernmost row first."""
    return np.asarray(Image.open(io.BytesIO(picture.png)).convert("RGBA"))[:, :, 3]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("A1B_north_america.nc", "air temperature, 2099-06-01: mostly 272.9 to 303 K"),
        (NEMO, "Sea Surface Temperature, 2015-01-16: mostly -1.781 to 29.94 degree_C"),
        ("ostia_monthly.nc", "surface temperature, 2010-09-16: mostly 292.8 to 303.3 K"),
        ("rotated_pole.nc", "air pressure at sea level, 2006-06-15: mostly 9.907e+04 to 1.028e+05 Pa"),
        ("hybrid_height.nc", "air potential temperature, 2009-09-09 17:10, model_level_number 1: mostly 287.5 to 288.1 K"),
        ("toa_brightness_stereographic.nc", "toa_brightness_temperature, 2016-05-16 12:00: mostly 231.9 to 318.2 K"),
        ("space_weather.nc", "electron density, height 9000 metres: 0 everywhere 1E11 e/m^3"),
        ("mesh_C4_synthetic_float.nc", "synthetic: mostly 0 to 15"),
        ("atlantic_profiles.nc", "sea water practical salinity, 1984-12-01, depth 5 m: mostly 35.24 to 36.72 1e-3"),
        ("SOI_Darwin.nc", "SOI_Darwin: mostly -2.249 to 2.152"),
    ],
)
def test_of_a_real_dataset_the_first_variable_on_a_map_is_drawn_at_its_last_time(name: str, text: str, draw: Draw) -> None:
    assert draw(name).shown.text == text


def test_land_is_transparent_where_it_is_on_the_globe(draw: Draw) -> None:
    opacity = read_pixels(draw(NEMO))

    def opacity_at(lon: float, lat: float) -> int:
        rows, columns = opacity.shape  # from the Antarctic coast, -85.71, to the north pole
        return int(opacity[int((89.94 - lat) / (89.94 + 85.71) * rows), int((lon + 180) / 360 * columns)])

    assert [opacity_at(lon, lat) for lon, lat in ((20, 10), (-100, 40), (100, 60), (135, -25))] == [0, 0, 0, 0]
    assert [opacity_at(lon, lat) for lon, lat in ((-30, 0), (-150, 20), (80, -20), (179, 0), (-179, 0))] == [255] * 5


def test_a_rotated_grid_leaves_the_corners_of_its_box_empty(draw: Draw) -> None:
    opacity = read_pixels(draw("rotated_pole.nc"))
    rows, columns = opacity.shape
    assert {opacity[0, 0], opacity[0, -1], opacity[-1, 0], opacity[-1, -1]} == {0}
    assert opacity[rows // 2, columns // 2] == 255


def test_a_mesh_covers_what_lies_between_its_faces(draw: Draw) -> None:
    assert read_pixels(draw("mesh_C4_synthetic_float.nc")).min() == 255


def test_a_series_without_a_place_is_drawn_as_a_curve(draw: Draw) -> None:
    picture = draw("SOI_Darwin.nc", Wanted("plot"))
    assert (picture.shown.variable, picture.shown.colormap) == ("SOI_Darwin", "")
    assert Image.open(io.BytesIO(picture.png)).size == (1170, 611)


def test_means_along_time_show_a_century_grow_warmer(draw: Draw) -> None:
    shown = draw("A1B_north_america.nc", Wanted("series")).shown
    assert (shown.low, shown.high) == (pytest.approx(286.7, abs=0.1), pytest.approx(291.9, abs=0.1))


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_plot_has_the_ground_of_the_page_that_it_is_on(theme: str, draw: Draw) -> None:
    picture = Image.open(io.BytesIO(draw("rotated_pole.nc", Wanted("plot", theme=theme)).png)).convert("RGB")
    assert picture.getpixel((1, 1)) == {"light": (255, 255, 255), "dark": (17, 25, 31)}[theme]
