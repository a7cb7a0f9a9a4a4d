"""`catalog browse` on a real terminal."""

from __future__ import annotations

import json
import socket
import time
from pathlib import Path

import pyte
import pytest

from pangeo_forge.api.cataloguing import create_catalog
from web.conftest import write_store

pytestmark = pytest.mark.slow


def see(screen) -> str:
    """Give what is on the terminal in the end."""
    shown = pyte.Screen(80, 24)
    pyte.Stream(shown).feed(screen.output)
    return "\n".join(shown.display)


def wait_for(screen, text: str) -> None:
    """Read until a text stands on the terminal."""
    while text not in see(screen):
        screen.read_until(".")


def press_until(screen, key: str, text: str) -> None:
    """Press a key until a text stands on the terminal: what is pressed while the program starts may be lost."""
    while text not in see(screen):
        screen.press(key)
        until = time.monotonic() + 3
        while text not in see(screen) and time.monotonic() < until:
            screen.read_for(1)


@pytest.fixture
def stores(tmp_path: Path) -> Path:
    root = tmp_path / "stores"
    write_store(root / "atlantic.zarr", west=-30, year=1990, title="The Atlantic")
    write_store(root / "pacific.zarr", west=170, year=2000, title="The Pacific")
    create_catalog(root, title="Two seas")
    return root


def test_a_dataset_is_opened_and_its_code_copied_with_keys(terminal, stores):
    screen = terminal("catalog", "browse", stores)
    wait_for(screen, "2 datasets")
    wait_for(screen, "The Atlantic")
    press_until(screen, "\r", "uncompressed")
    screen.press("c")
    screen.read_until("\x1b]52;c;")
    screen.press("q")
    assert screen.wait() == 0
    assert "Traceback" not in screen.output


def test_whoever_quits_does_not_wait_for_a_server_that_does_not_answer(terminal, stores):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        path = f"http://127.0.0.1:{silent.getsockname()[1]}/x.zarr"
        point_to(stores, path)
        screen = terminal("catalog", "browse", stores)
        wait_for(screen, "2 datasets")
        press_until(screen, "\r", "uncompressed")
        press_until(screen, "\x1b[C", "opening it")  # from page to page
        screen.press("q")
        assert screen.wait() == 0


def point_to(stores: Path, url: str) -> None:
    """Let the Items of a catalogue lead to elsewhere."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    index = stores / "catalog" / "index.parquet"
    table = pq.ParquetFile(index).read()
    items = [json.loads(text) for text in table["item"].to_pylist()]
    for item in items:
        item["assets"]["data"]["href"] = url
    column = pa.array([json.dumps(item) for item in items])
    pq.write_table(table.set_column(table.schema.get_field_index("item"), "item", column), index)


def test_without_a_terminal_another_command_is_named(forge, stores):
    ended = forge("catalog", "browse", stores)
    assert ended.returncode == 2
    assert "a catalogue is browsed in a terminal, and this is none" in ended.stderr
    assert "catalog search" in ended.stderr


def test_a_bakery_without_a_catalogue_is_told_with_what_makes_one(terminal):
    screen = terminal("catalog", "browse")
    assert screen.wait() == 2
    assert "has no catalogue yet" in screen.output


def test_the_browser_is_offered_as_well(start, stores):
    serving = start("catalog", "browse", stores, "--web", BROWSER="true")
    assert serving.wait_for(r"serving at http://127\.0\.0\.1:\d+/")
    serving.interrupt()
    serving.wait()
    assert "Traceback" not in serving.stderr
