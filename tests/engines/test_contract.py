"""What every engine must do, whoever wrote it: success, failure, retry, cancellation, order of events, and the same bytes."""

from __future__ import annotations

import operator
import os
import signal
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

from pangeo_forge.engines.base import Engine, Outcome, Progress, find_engines, make_engine
from pangeo_forge.errors import EngineError, ForgeError, SourceError, SourceUnavailable, UsageError
from pangeo_forge.plans.plan import Stage


@dataclass
class Heard:
    """An observer that remembers."""

    ended: list[int] = field(default_factory=list)
    retried: list[tuple[int, int]] = field(default_factory=list)

    def task_ended(self, stage: Stage, number: int, outcome: Outcome, progress: Progress) -> None:
        self.ended.append(number)

    def task_retried(self, stage: Stage, number: int, attempt: int, delay_s: float, error: ForgeError) -> None:
        self.retried.append((number, attempt))


# Dask leaves sockets of its own to the garbage collector.
dask = pytest.param("dask", marks=[pytest.mark.slow, pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")])


@pytest.fixture(params=["local", "serial", dask])
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    made = make_engine(request.param, {"workers": 2})
    yield made
    made.close()


def square(number: int) -> int:
    return number * number


def run(engine: Engine, stage: Stage, progress: Progress | None = None) -> tuple[Any, Heard]:
    heard = Heard()
    return engine.run(stage, progress or Progress.start(stage), heard), heard


def test_all_tasks_run_and_their_results_are_combined(engine: Engine) -> None:
    result, heard = run(engine, Stage("store", range(20), square, operator.add))
    assert result == sum(number * number for number in range(20))
    assert sorted(heard.ended) == list(range(20))


def test_a_stage_without_tasks_ends_at_once(engine: Engine) -> None:
    assert run(engine, Stage("store", (), square, operator.add))[0] is None


def test_tasks_that_are_done_are_not_run_again(engine: Engine) -> None:
    progress = Progress(bytearray([1, 0, 1, 0]), combined=100)
    result, heard = run(engine, Stage("store", range(4), square, operator.add), progress)
    assert result == 100 + 1 + 9
    assert sorted(heard.ended) == [1, 3]


def sum_by_dask(number: int) -> int:
    return int(xr.DataArray(np.full(8, number)).chunk(1).sum())


def test_a_task_may_compute_with_dask_even_if_this_process_has(engine: Engine) -> None:
    assert sum_by_dask(1) == 8  # which starts threads that a fork does not take along
    assert run(engine, Stage("store", range(4), sum_by_dask, operator.add))[0] == 48


@dataclass(frozen=True)
class FailsAtFirst:
    folder: Path
    error: type[ForgeError]

    def __call__(self, number: int) -> int:
        with (self.folder / str(number)).open("a") as file:
            file.write("x")
        if number == 3 and len((self.folder / "3").read_text()) < 3:
            raise self.error("a passing cloud", where="https://example.org/3")
        return number


def test_an_error_that_may_pass_is_tried_again_with_back_off(engine: Engine, tmp_path: Path) -> None:
    began = time.monotonic()
    result, heard = run(engine, Stage("store", range(5), FailsAtFirst(tmp_path, SourceUnavailable), operator.add))
    assert result == 10
    assert heard.retried == [(3, 1), (3, 2)]
    assert time.monotonic() - began > 1.4


def test_an_error_that_will_not_pass_ends_the_stage_and_is_the_same_error(engine: Engine, tmp_path: Path) -> None:
    with pytest.raises(SourceError) as caught:
        run(engine, Stage("store", range(5), FailsAtFirst(tmp_path, SourceError), operator.add))
    assert type(caught.value) is SourceError
    assert str(caught.value) == "https://example.org/3: a passing cloud"
    assert (tmp_path / "3").read_text() == "x"


def test_a_bug_looks_like_one(engine: Engine) -> None:
    with pytest.raises(ZeroDivisionError):
        run(engine, Stage("store", (0,), (1).__truediv__))


def test_tasks_are_made_as_they_are_run_with_a_bounded_window(engine: Engine) -> None:
    progress_at = []

    class Watching(Heard):
        def task_ended(self, stage: Stage, number: int, outcome: Outcome, progress: Progress) -> None:
            progress_at.append((number, progress.done.count(1)))

    stage = Stage("store", range(200), square, operator.add)
    engine.run(stage, Progress.start(stage), Watching())
    assert max(number - done for number, done in progress_at) <= 16


def test_there_are_the_engines_that_are_documented() -> None:
    assert {"local", "dask", "serial"} <= set(find_engines())


def test_an_unknown_engine_is_refused_with_those_that_are() -> None:
    with pytest.raises(UsageError) as caught:
        make_engine("spark", {})
    assert caught.value.message == "there is no engine 'spark'"
    assert caught.value.hint == f"There are {', '.join(find_engines())}."


# What only processes can do.


@dataclass(frozen=True)
class KillsItself:
    folder: Path
    times: int

    def __call__(self, number: int) -> int:
        marks = self.folder / "marks"
        if number == 2:
            with marks.open("a") as file:
                file.write("x")
            if len(marks.read_text()) <= self.times:
                os.kill(os.getpid(), signal.SIGKILL)
        return number


def test_a_process_that_is_killed_is_replaced_and_its_task_run_again(tmp_path: Path) -> None:
    result, _ = run(make_engine("local", {"workers": 2}), Stage("store", range(8), KillsItself(tmp_path, 1), operator.add))
    assert result == 28


def test_processes_that_are_killed_again_and_again_end_the_run_with_the_likely_reason(tmp_path: Path) -> None:
    with pytest.raises(EngineError) as caught:
        run(make_engine("local", {"workers": 2}), Stage("store", range(8), KillsItself(tmp_path, 99), operator.add))
    assert caught.value.message == "processes of stage 'store' were killed 3 times, most likely since memory ran out"


def wait_long(number: int) -> int:
    time.sleep(60)
    return number


def test_an_interruption_stops_the_processes_in_the_middle_of_their_tasks() -> None:
    began = time.monotonic()
    threading.Timer(0.5, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
    with pytest.raises(KeyboardInterrupt):
        run(make_engine("local", {"workers": 2}), Stage("store", range(4), wait_long))
    assert time.monotonic() - began < 10
