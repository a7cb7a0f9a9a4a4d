"""How long a catalogue takes into pgstac, and pgstac to find in it: ``python benchmarks/pgstac.py [ITEMS DATASETS]``

PostgreSQL with PostGIS must be on the machine; a server of its own is started, and gone in the end.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
from catalogues import tell, write_catalogue

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from pangeo_forge.api.pushing import push_catalog
from servers.postgres import find_postgres, serve_postgres

SEARCHES = ({"limit": 20}, {"bbox": [0, 0, 10, 10], "datetime": "1990-01-01T00:00:00Z/1991-01-01T00:00:00Z", "limit": 20})


def run(items: int, datasets: int) -> Iterator[tuple[str, float]]:
    binaries = find_postgres()
    if binaries is None:
        sys.exit("there is no PostgreSQL on this machine: apt-get install postgresql-postgis")
    with tempfile.TemporaryDirectory() as folder, serve_postgres(binaries) as url:
        catalog = write_catalogue(Path(folder) / "catalog", items=items, datasets=datasets)
        address = f"host={url.partition('host=')[2]} user=forge dbname=postgres"
        for what in ("pushed into an empty database", "pushed again"):
            began = time.perf_counter()
            push_catalog(catalog, address)
            yield f"{items:,} Items of {datasets:,} datasets {what}", time.perf_counter() - began
        with psycopg.connect(address, options="-c search_path=pgstac,public", autocommit=True) as connection:
            for search in SEARCHES * 2:
                began = time.perf_counter()
                connection.execute("SELECT search(%s::jsonb)", (json.dumps(search),)).fetchall()
                yield f"searched by {', '.join(search)}", time.perf_counter() - began


if __name__ == "__main__":
    tell(run(*(map(int, sys.argv[1:3]) if len(sys.argv) > 2 else (10_000, 100))))
