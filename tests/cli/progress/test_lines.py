"""In a pipe a stage has two lines, and a long one a line now and then."""

from __future__ import annotations

from pangeo_forge.cli.progress.lines import LineWriter
from pangeo_forge.worker.events import Note, RecipeLoaded, RunStarted, StageEnded, StageStarted, TaskEnded, TaskRetried

JOB = {"recipe_id": "sst", "pruned": True, "target": "https://host/sst.zarr?token=secret"}


def lines_of(capsys, *events) -> list[str]:
    writer = LineWriter()
    for event in events:
        writer.observe(event)
    return capsys.readouterr().err.splitlines()


def test_a_run_begins_with_what_and_where_without_secrets(capsys):
    start = RunStarted(run_id="20261124-sst", attempt=1, job=JOB)
    loaded = RecipeLoaded(recipe_id="sst", dialect="native", inputs=1200, versions={})
    assert lines_of(capsys, start, loaded) == [
        "run 20261124-sst: sst (pruned) into https://host/sst.zarr?…",
        "sst: 1,200 inputs, native recipe",
    ]


def test_a_later_attempt_says_which_it_is(capsys):
    assert lines_of(capsys, RunStarted(run_id="a", attempt=3, job=JOB))[0].startswith("run a, attempt 3: ")


def test_a_stage_has_a_line_when_it_begins_and_when_it_ends(capsys):
    tasks = [TaskEnded(stage="store", task=number, seconds=0.1, bytes_written=1_000_000) for number in range(24)]
    begin, end = StageStarted(stage="store", tasks=24, bytes_written=24_000_000), StageEnded(stage="store", seconds=3.1)
    assert lines_of(capsys, begin, *tasks, end) == ["store     0/24 tasks  begins", "store     24/24 tasks  24.0 MB in 3.1 s"]


def test_a_stage_that_goes_on_has_a_line_after_ten_seconds(capsys):
    writer = LineWriter()
    writer.observe(StageStarted(stage="store", tasks=100, bytes_written=100))
    writer._next -= 10  # ten seconds later
    writer.stages.by_name["store"].began -= 10
    for number in range(50):
        writer.observe(TaskEnded(stage="store", task=number, seconds=0.1, bytes_written=2_000_000))
    _, line = capsys.readouterr().err.splitlines()
    assert line.startswith("store     1/100 tasks  2.0 MB  ")
    assert line.endswith(" left")


def test_a_stage_that_an_earlier_attempt_did_has_one_line(capsys):
    events = StageStarted(stage="inspect", tasks=3, done=3), StageEnded(stage="inspect", seconds=0.0)
    assert lines_of(capsys, *events) == ["inspect   3/3 tasks  done before"]


def test_notes_have_lines(capsys):
    events = StageStarted(stage="prepare", tasks=1, notes=("left out",)), Note(message="doubtful")
    assert [line for line in lines_of(capsys, *events) if "note" in line] == ["note: left out", "note: doubtful"]


def test_retries_say_what_went_wrong(capsys):
    error = {"kind": "SourceUnavailable", "message": "connection reset", "where": "http://host/a.nc"}
    retry = TaskRetried(stage="store", task=7, attempt=1, delay_s=0.5, error=error)
    assert lines_of(capsys, retry) == ["store: task 7 failed and is tried again in 0.5 s: http://host/a.nc: connection reset"]


def test_of_a_flood_of_retries_one_a_second_is_shown(capsys):
    error = {"kind": "SourceUnavailable", "message": "busy"}
    retries = [TaskRetried(stage="store", task=number, attempt=1, delay_s=0.5, error=error) for number in range(1000)]
    writer = LineWriter()
    for retry in retries:
        writer.observe(retry)
    writer.remarks._next_retry -= 1  # a second later
    writer.observe(retries[0])
    first, second = capsys.readouterr().err.splitlines()
    assert first == "store: task 0 failed and is tried again in 0.5 s: busy"
    assert second == "store: task 0 failed and is tried again in 0.5 s: busy (and 999 more)"


def test_what_a_server_says_cannot_play_tricks_on_a_terminal(capsys):
    assert lines_of(capsys, Note(message="\x1b[2J")) == ["note: \\x1b[2J"]
