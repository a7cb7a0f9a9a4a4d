"""How far a stage is follows from the events, whichever clock they are read by."""

from __future__ import annotations

from pangeo_forge.cli.progress.stages import Stages, describe_end, describe_state
from pangeo_forge.worker.events import StageEnded, StageStarted, TaskEnded


def store(tasks: int = 4, done: int = 0) -> StageStarted:
    return StageStarted(stage="store", tasks=tasks, done=done, bytes_written=400_000_000)


def task(number: int, nbytes: int = 100_000_000) -> TaskEnded:
    return TaskEnded(stage="store", task=number, seconds=1.0, bytes_read=5, bytes_written=nbytes)


def after(*events, now: float = 0.0):
    stages = Stages()
    for event in events:
        stages.add(event, now)
    return stages.by_name["store"]


def test_a_stage_counts_its_tasks_and_bytes():
    stage = after(store(), task(0), task(1))
    assert (stage.done, stage.tasks, stage.nbytes, stage.share) == (2, 4, 200_000_000, 0.5)


def test_rate_and_time_left_follow_from_the_time_so_far():
    assert describe_state(after(store(), task(0), task(1)), 10.0) == "200 MB  20.0 MB/s  10 s left"


def test_nothing_is_said_of_the_time_left_before_a_task_is_done():
    assert describe_state(after(store()), 10.0) == ""


def test_what_an_earlier_attempt_did_does_not_make_this_one_faster():
    stage = after(store(tasks=10, done=8), task(8))
    assert (stage.done, stage.left_s(5.0)) == (9, 5.0)


def test_a_stage_that_writes_nothing_is_measured_by_what_it_reads():
    stage = after(StageStarted(stage="store", tasks=1), TaskEnded(stage="store", task=0, seconds=1.0, bytes_read=7))
    assert stage.nbytes == 7


def test_an_ended_stage_tells_its_bytes_and_seconds():
    assert describe_end(after(store(1), task(0), StageEnded(stage="store", seconds=3.1))) == "100 MB in 3.1 s"


def test_a_stage_that_was_done_before_says_so():
    assert describe_end(after(store(4, done=4), StageEnded(stage="store", seconds=0.0))) == "done before"


def test_events_of_stages_that_never_began_are_passed_over():
    stages = Stages()
    assert stages.add(task(0), 0.0) is None
    assert stages.add(StageEnded(stage="store", seconds=1.0), 0.0) is None
