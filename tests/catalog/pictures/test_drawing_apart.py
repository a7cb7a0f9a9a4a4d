"""Drawing in a process of its own, and keeping what was drawn."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from pangeo_forge.catalog.pictures.album import Album, name_picture
from pangeo_forge.catalog.pictures.apart import draw_apart
from pangeo_forge.catalog.pictures.wanted import CannotDraw, Picture, Shown, Source, Wanted

THUMBNAIL = Wanted("thumbnail")
DRAWN = Picture(b"a picture", Shown("v", "values", "K", {"time": 3}, "2000-01-01", 1.0, 2.0, (1.0, 2.0), "viridis"))


def write_store(path: Path) -> Source:
    lat, lon = ("lat", [10.0, 11.0], {"units": "degrees_north"}), ("lon", [0.0, 1.0], {"units": "degrees_east"})
    xr.Dataset({"v": (("lat", "lon"), np.eye(2))}, {"lat": lat, "lon": lon}).to_zarr(path, consolidated=False)
    return Source(str(path), "values", "1", consolidated=False)


def test_a_picture_comes_from_a_process_of_its_own(tmp_path: Path) -> None:
    picture = draw_apart(write_store(tmp_path / "v.zarr"), THUMBNAIL)
    assert picture.png.startswith(b"\x89PNG") and picture.shown.text == "v: mostly 0 to 1"


def test_a_store_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(CannotDraw, match="there is no dataset"):
        draw_apart(Source(str(tmp_path / "none.zarr"), ""), THUMBNAIL)


def test_a_drawing_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    (tmp_path / "v.zarr").mkdir()
    os.mkfifo(tmp_path / "v.zarr" / "zarr.json")  # whoever reads it waits for ever
    with pytest.raises(CannotDraw, match=r"longer than 0\.5 s"):
        draw_apart(Source(str(tmp_path / "v.zarr"), ""), THUMBNAIL, seconds=0.5)


def test_a_broken_chunk_is_a_reason_and_no_traceback(tmp_path: Path) -> None:
    source = write_store(tmp_path / "v.zarr")
    (chunk,) = (path for path in (tmp_path / "v.zarr" / "v" / "c").rglob("*") if path.is_file())
    chunk.write_bytes(b"no longer what it was")
    with pytest.raises(CannotDraw) as caught:
        draw_apart(source, THUMBNAIL)
    assert "\n" not in caught.value.message


def refuse(source: Source, wanted: Wanted) -> Picture:
    raise AssertionError("it was to be in the album")


def test_what_was_drawn_is_not_drawn_again(tmp_path: Path) -> None:
    source = Source("store.zarr", "values", "1")
    assert Album(tmp_path, lambda *_: DRAWN).get(source, THUMBNAIL) == DRAWN
    assert Album(tmp_path, refuse).get(source, THUMBNAIL) == DRAWN


def test_another_version_another_step_and_another_theme_are_other_pictures() -> None:
    source, wanted = Source("store.zarr", "values", "1"), Wanted("plot", "v")
    others = [(Source("store.zarr", "values", "2"), wanted), (source, Wanted("plot", "v", (("time", 1),)))]
    names = {name_picture(*each) for each in [*others, (source, wanted), (source, Wanted("plot", "v", theme="dark"))]}
    assert len(names) == 4


def test_the_name_of_a_picture_tells_no_secret_and_does_not_need_one() -> None:
    with_secret = Source("s3://b/v", "", storage_options={"secret": "x"})
    assert name_picture(with_secret, THUMBNAIL) == name_picture(Source("s3://b/v", ""), THUMBNAIL)


def test_an_album_that_is_full_loses_what_nobody_has_looked_at_for_longest(tmp_path: Path) -> None:
    album = Album(tmp_path, lambda *_: DRAWN, kept=2 * len(DRAWN.png))
    sources = [Source("store.zarr", "values", version) for version in "123"]
    for number, source in enumerate(sources[:2]):
        album.get(source, THUMBNAIL)
        os.utime(tmp_path / f"{name_picture(source, THUMBNAIL)}.png", (number, number))
    album.find(sources[0], THUMBNAIL)  # which is to look at it
    album.get(sources[2], THUMBNAIL)
    assert [album.find(source, THUMBNAIL) is not None for source in sources] == [True, False, True]
