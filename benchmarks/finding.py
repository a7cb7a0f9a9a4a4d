"""Measure what it takes to find datasets among many: ``python finding.py [--items 100000]``

``as a call`` is `search_catalog` by a place, a time and a word in a process that has imported all, ``as a process`` the whole command
``pangeo-forge catalog search``. ``the page`` is the list of ``pangeo-forge catalog serve``, asked for over HTTP: without a search, and
with one.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import subprocess
import sysconfig
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

from catalogues import write_catalogue

WORK = Path(__file__).resolve().parent.parent / "build" / "bench" / "finding"
FORGE = Path(sysconfig.get_path("scripts")) / "pangeo-forge"
WHERE, WHEN, WORD = "-20,30,40,70", "1990/2000", "ocean"


def main() -> None:
    """Measure, and print a line for each figure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--items", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=15)
    arguments = parser.parse_args()
    shutil.rmtree(WORK, ignore_errors=True)
    catalogue = write_catalogue(WORK, items=arguments.items, datasets=arguments.items // 4)
    search_as_call(catalogue, arguments.rounds)
    command = [FORGE, "catalog", "search", catalogue, WORD, f"--bbox={WHERE}", "--datetime", WHEN, "--json"]
    tell("a search as a process", [measure(lambda: run(command)) for _ in range(arguments.rounds)])
    ask_for_pages(catalogue, arguments.rounds)


def search_as_call(catalogue: Path, rounds: int) -> None:
    """Search in one process: the first time reads the index."""
    from pangeo_forge.api.cataloguing import Search, search_catalog

    search = Search(words=[WORD], bbox=WHERE, datetime=WHEN)
    found = search_catalog(catalogue, search).matched
    tell(f"a search as a call ({found} found)", [measure(lambda: search_catalog(catalogue, search)) for _ in range(rounds)])


def ask_for_pages(catalogue: Path, rounds: int) -> None:
    """Ask a server for the list, as it is and as a search leaves it."""
    command = [FORGE, "catalog", "serve", catalogue, "--port", "0", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout
            url = json.loads("".join(server.stdout.readline() for _ in range(3)))["url"]
            for name, query in (("the page", ""), ("the page of a search", f"?q={WORD}&bbox={WHERE}&from=1990&to=2000")):
                read(url + query)
                tell(name, [measure(lambda where=url + query: read(where)) for _ in range(rounds)])
        finally:
            server.terminate()


def run(command: list[str | Path]) -> None:
    """Run a command to its end."""
    subprocess.run(command, capture_output=True, check=True)


def read(url: str) -> bytes:
    """Read a page."""
    with urllib.request.urlopen(url) as answer:
        content: bytes = answer.read()
    return content


def measure(call: Callable[[], object]) -> float:
    """Give the milliseconds that a call takes."""
    began = time.perf_counter()
    call()
    return 1000 * (time.perf_counter() - began)


def tell(name: str, times: list[float]) -> None:
    """Print the median and the range."""
    print(f"{name}: {statistics.median(times):.0f} ms (from {min(times):.0f} to {max(times):.0f})", flush=True)


if __name__ == "__main__":
    main()
