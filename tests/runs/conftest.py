"""Real workers, supervisors and databases for the tests of runs."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.pool import NullPool

from pangeo_forge.bakeries.database import Bakery, local_bakery
from pangeo_forge.runs.processes import identify, this_host
from pangeo_forge.runs.records import RunRecords
from pangeo_forge.runs.run import Run, make_run_id
from pangeo_forge.runs.supervisor import RunDetails
from pangeo_forge.runs.worker_process import WorkerCommand
from pangeo_forge.settings import Settings
from pangeo_forge.worker.job import Entry, Job

SUPERVISOR = Path(__file__).parent / "supervise.py"

#: What every worker script begins with: it reads its job, and can tell events.
PRELUDE = """
import json, os, signal, subprocess, sys, time
job = json.load(sys.stdin)
def tell(event, **fields):
    print(json.dumps({"event": event, "time": time.time(), **fields}), flush=True)
def end(**result):
    tell("worker_ended", result=result)
def store(*tasks, of=4):
    tell("recipe_loaded", recipe_id="ocean", dialect="native", inputs=of, versions={"zarr": "3.1.6"})
    tell("stage_started", stage="store", tasks=of)
    for task in tasks:
        tell("task_ended", stage="store", task=task, seconds=0.1, bytes_written=100, chunks=2)
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings with a home of the test's own."""
    return Settings.load({"PANGEO_FORGE_HOME": str(tmp_path / "home")})


@pytest.fixture
def bakery(settings: Settings) -> Bakery:
    """The built-in bakery in that home."""
    return local_bakery(settings)


@pytest.fixture
def records(settings: Settings) -> RunRecords:
    """The runs in a new SQLite file."""
    return RunRecords(settings.database)


@pytest.fixture
def postgres_database(postgres_url: str) -> Iterator[str]:
    """The URL of a new and empty database on a real PostgreSQL server."""
    name = f"runs_{uuid.uuid4().hex[:8]}"
    engine = create_engine(postgres_url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    yield make_url(postgres_url).set(database=name).render_as_string(hide_password=False)
    with engine.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.server)])
def database_url(request: pytest.FixtureRequest, settings: Settings) -> str:
    """The URL of an empty database, of each kind in turn."""
    return settings.database if request.param == "sqlite" else request.getfixturevalue("postgres_database")


@pytest.fixture
def job(tmp_path: Path) -> Job:
    """A job for a worker script, which takes no notice of the feedstock."""
    return Job(
        kind="bake", folder=str(tmp_path), entries=[Entry("ocean", "recipe:recipe")], recipe_id="ocean", target=str(tmp_path / "ocean.zarr")
    )


@pytest.fixture
def details(bakery: Bakery) -> RunDetails:
    """What is remembered of a run besides its job."""
    return RunDetails(id=make_run_id("ocean"), feedstock="nemo", bakery=bakery, source="https://host/nemo", commit="abc123")


@pytest.fixture
def worker(tmp_path: Path) -> Callable[..., WorkerCommand]:
    """Make a worker of a few lines of Python: ``worker("store(0, 1)", "end()")``."""

    def make(*lines: str, grace_s: float = 10.0) -> WorkerCommand:
        script = tmp_path / f"worker-{uuid.uuid4().hex[:6]}.py"
        script.write_text(PRELUDE + "\n".join(textwrap.dedent(line) for line in lines))
        return WorkerCommand((sys.executable, str(script)), grace_s=grace_s)

    return make


@pytest.fixture
def make_run(tmp_path: Path) -> Callable[..., Run]:
    """Make the record of a run that this process watches over: ``make_run(state="failed")``."""

    def make(recipe_id: str = "ocean", **fields: Any) -> Run:
        mine: dict[str, Any] = {"host": this_host(), "pid": os.getpid(), "process": identify(os.getpid()), "state": "running"}
        base = {
            "id": make_run_id(recipe_id),
            "recipe_id": recipe_id,
            "feedstock": "nemo",
            "bakery": "local",
            "engine": "local",
            "pruned": False,
            "target": str(tmp_path / "ocean.zarr"),
            "folder": str(tmp_path / "run"),
            "created": datetime.now(UTC),
        }
        return Run(**(base | mine | fields))

    return make


@pytest.fixture
def supervise(settings: Settings, tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start another process that watches over a run: ``supervise("start", worker_command)``; it prints the events' kinds."""
    with ExitStack() as stack:

        def start(verb: str, command: WorkerCommand, *arguments: str, **options: Any) -> subprocess.Popen[str]:
            line = [sys.executable, str(SUPERVISOR), verb, str(settings.home), command.argv[1], str(command.grace_s), *arguments]
            process = subprocess.Popen(line, stdout=subprocess.PIPE, text=True, start_new_session=True, **options)
            stack.callback(_end, process)
            return process

        yield start


def _end(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.communicate()
