"""How long filters take over 100,000 Items: ``python benchmarks/filters.py [ITEMS]``; the median of seven, warm."""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from catalogues import tell, write_catalogue

from pangeo_forge.catalog.filters.reading import read_filter
from pangeo_forge.catalog.filters.translating import translate
from pangeo_forge.catalog.index.search import Query, load_index

FILTERS = (
    "license = 'MIT' AND casei(title) LIKE 'ocean%'",
    "A_CONTAINS(keywords, ('ice')) AND T_INTERSECTS(datetime, INTERVAL('1990-01-01', '1991-01-01'))",
    "S_INTERSECTS(geometry, POLYGON((0 0, 20 0, 10 20, 0 0)))",
    "S_DISJOINT(geometry, POLYGON((0 0, 20 0, 10 20, 0 0)))",
    "processing:facility = 'bakery-3'",
)


def run(items: int) -> Iterator[tuple[str, float]]:
    with tempfile.TemporaryDirectory() as folder:
        index = load_index(str(write_catalogue(Path(folder) / "catalog", items=items, datasets=10) / "index.parquet"))
        for written in FILTERS:
            yield written[:70], statistics.median(_time(index, written) for _ in range(7))


def _time(index, written: str) -> float:
    began = time.perf_counter()
    index.search(Query(filter=translate(read_filter(written)), all_versions=True), limit=20)
    return time.perf_counter() - began


if __name__ == "__main__":
    tell(run(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000))
