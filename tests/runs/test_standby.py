"""A worker that is started before its job is known."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pangeo_forge.bakeries.database import Bakery, local_bakery
from pangeo_forge.environments.store import Environment, Prepared, Store, write_record
from pangeo_forge.errors import ForgeError
from pangeo_forge.runs.standby import Standby
from pangeo_forge.runs.supervisor import ask_worker
from pangeo_forge.runs.worker_process import WorkerCommand
from pangeo_forge.settings import Settings
from pangeo_forge.worker.job import Entry, Job

ANSWERS = """
import json, os, sys, time
print("early words", file=sys.stderr, flush=True)
job = json.load(sys.stdin)
print(json.dumps({"event": "worker_ended", "time": 0, "result": {"pid": os.getpid()}, "error": None}), flush=True)
"""


@pytest.fixture
def bakery(tmp_path: Path) -> Bakery:
    return local_bakery(Settings.load({"PANGEO_FORGE_HOME": str(tmp_path)}))


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_the_first_job_goes_to_the_worker_that_waits_and_the_next_to_another(bakery: Bakery) -> None:
    job = Job("list", "/", [Entry("a", "a:b")])
    with Standby(bakery, WorkerCommand((sys.executable, "-c", ANSWERS))) as standby:
        first = ask_worker(job, bakery=bakery, command=standby)
        second = ask_worker(job, bakery=bakery, command=standby)
    assert first["pid"] != second["pid"]


def test_what_the_worker_wrote_while_it_waited_is_in_the_log(bakery: Bakery, tmp_path: Path) -> None:
    with Standby(bakery, WorkerCommand((sys.executable, "-c", ANSWERS))) as standby:
        time.sleep(0.5)
        ask_worker(Job("list", "/", [Entry("a", "a:b")]), bakery=bakery, log=tmp_path / "worker.log", command=standby)
    assert (tmp_path / "worker.log").read_text() == "early words\n"


def test_what_a_real_worker_writes_later_is_in_the_log_too(bakery: Bakery, tmp_path: Path) -> None:
    (tmp_path / "recipe.py").write_text("print('words of the recipe')\n")
    with Standby(bakery) as standby, pytest.raises(ForgeError, match="there is no 'recipe' in module 'recipe'"):
        ask_worker(Job("list", str(tmp_path), [Entry("a", "recipe:recipe")]), bakery=bakery, log=tmp_path / "worker.log", command=standby)
    assert "words of the recipe" in (tmp_path / "worker.log").read_text()


def test_a_worker_that_is_not_needed_is_gone_afterwards(bakery: Bakery) -> None:
    with Standby(bakery) as standby:
        waiting = standby.waiting
    assert waiting is not None
    assert not is_alive(waiting)


def test_a_worker_for_another_environment_is_not_used(bakery: Bakery, change_environ: Callable[[str, str], None]) -> None:
    with Standby(bakery, WorkerCommand((sys.executable, "-c", ANSWERS))) as standby:
        waiting = standby.waiting
        change_environ("PANGEO_FORGE_TEST_OTHER", "1")
        answer = ask_worker(Job("list", "/", [Entry("a", "a:b")]), bakery=bakery, command=standby)
    assert answer["pid"] != waiting


@pytest.fixture
def change_environ() -> Iterator[Callable[[str, str], None]]:
    names: list[str] = []

    def put(name: str, value: str) -> None:
        names.append(name)
        os.environ[name] = value

    yield put
    for name in names:
        del os.environ[name]


@pytest.fixture
def environment(tmp_path: Path) -> Environment:
    """An environment that is whole, whose Python is this one by another path."""
    made = Environment(tmp_path / "environments" / "key", "lifted", "", ())
    made.python.parent.mkdir(parents=True)
    made.python.symlink_to(sys.executable)
    write_record(made)
    return made


def test_a_worker_that_waits_in_another_environment_is_given_up(bakery: Bakery, environment: Environment) -> None:
    with Standby(bakery, WorkerCommand((sys.executable, "-c", ANSWERS))) as standby:
        waiting = standby.waiting
        assert waiting is not None
        answer = ask_worker(Job("list", "/", [Entry("a", "a:b")]), bakery=bakery, command=standby.inside(Prepared(environment)))
        assert answer["pid"] != waiting
        assert not is_alive(waiting)


def test_a_worker_that_waits_in_the_right_environment_is_used(bakery: Bakery, environment: Environment) -> None:
    command = WorkerCommand((sys.executable, "-c", ANSWERS)).inside(Prepared(environment))
    with Standby(bakery, command) as standby:
        waiting = standby.waiting
        answer = ask_worker(Job("list", "/", [Entry("a", "a:b")]), bakery=bakery, command=standby.inside(Prepared(environment)))
    assert answer["pid"] == waiting


def test_an_environment_is_in_use_while_a_worker_waits_in_it(bakery: Bakery, environment: Environment) -> None:
    store = Store(environment.folder.parent)
    with Standby(bakery, WorkerCommand((sys.executable, "-c", ANSWERS)).inside(Prepared(environment))):
        assert store.prune(older_than_days=None, everything=True) == ((), (environment,))
    assert store.prune(older_than_days=None, everything=True) == ((environment,), ())
