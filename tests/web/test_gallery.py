"""Many pictures that are asked for at once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import anyio
import pytest

from pangeo_forge.api.cataloguing import open_tree
from pangeo_forge.api.trusting import make_trust
from pangeo_forge.catalog.library import Library
from pangeo_forge.catalog.pictures.album import Album
from pangeo_forge.catalog.pictures.wanted import CannotDraw, Picture, Shown, Source, Wanted
from pangeo_forge.web import gallery as galleries
from pangeo_forge.web.gallery import Busy, Gallery


def run(function: Callable[[], Coroutine[Any, Any, Any]]) -> None:
    """Run an asynchronous function in a thread of its own: in that of the tests the browser's may be running."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(anyio.run, function).result()


class Studio:
    """Draws nothing, but counts how many draw at once."""

    def __init__(self) -> None:
        self.drawn, self.now, self.most = 0, 0, 0
        self.lock, self.opened = threading.Lock(), threading.Event()

    def draw(self, source: Source, wanted: Wanted) -> Picture:
        with self.lock:
            self.drawn, self.now = self.drawn + 1, self.now + 1
            self.most = max(self.most, self.now)
        self.opened.wait()
        with self.lock:
            self.now -= 1
        if source.href == "broken":
            raise CannotDraw("it is broken")
        return Picture(b"drawn", Shown("v", "v", "", {}, "", 0.0, 1.0, (0.0, 1.0)))


@pytest.fixture
def studio() -> Studio:
    return Studio()


@pytest.fixture
def gallery(target: Path, tmp_path: Path, studio: Studio) -> Gallery:
    tree = open_tree(target)
    return Gallery(Library(tree), Album(tmp_path, studio.draw), make_trust(tree))


def test_two_pictures_are_drawn_at_once_and_the_others_wait(gallery: Gallery, studio: Studio) -> None:
    async def ask_for_many() -> None:
        async with anyio.create_task_group() as group:
            for number in range(10):
                group.start_soon(gallery.draw, Source(f"store-{number}", ""), Wanted())
            while studio.now < 2:
                await anyio.sleep(0.01)
            studio.opened.set()

    run(ask_for_many)
    assert (studio.drawn, studio.most) == (10, 2)


def test_where_too_many_wait_one_more_is_sent_away(gallery: Gallery, studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(galleries, "_WAITING", 3)

    async def ask_for_too_many() -> None:
        async with anyio.create_task_group() as group:
            for number in range(5):
                group.start_soon(gallery.draw, Source(f"store-{number}", ""), Wanted())
            while gallery._limiter.statistics().tasks_waiting < 3:
                await anyio.sleep(0.01)
            with pytest.raises(Busy):
                await gallery.draw(Source("one more", ""), Wanted())
            studio.opened.set()

    run(ask_for_too_many)
    assert studio.drawn == 5


def test_what_could_not_be_drawn_is_not_tried_again_at_once(gallery: Gallery, studio: Studio) -> None:
    studio.opened.set()
    for _ in range(3):
        with pytest.raises(CannotDraw, match="broken"):
            run(partial(gallery.draw, Source("broken", ""), Wanted()))
    assert studio.drawn == 1
