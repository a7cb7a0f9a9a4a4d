from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pangeo_forge.runs.protocol import LineSplitter, parse_event
from pangeo_forge.worker import events
from pangeo_forge.worker.events import Note, StageStarted, TaskEnded, WorkerEnded, to_line


def lines_of(*pieces):
    splitter = LineSplitter()
    return [line for piece in pieces for line in splitter.feed(piece)] + list(splitter.rest())


@given(st.binary(max_size=60).filter(lambda data: not data.endswith(b"\n")), st.lists(st.integers(0, 60), max_size=5))
def test_lines_are_the_same_however_the_pipe_cuts_them(data, cuts):
    edges = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    pieces = [data[begin:end] for begin, end in pairwise(edges)]
    assert lines_of(*pieces) == (data.split(b"\n") if data else [])


def test_of_an_endless_line_only_the_beginning_is_held_in_memory():
    splitter = LineSplitter()
    for _ in range(70):
        assert list(splitter.feed(b"x" * (1 << 20))) == []
    (line,) = splitter.feed(b"\n")
    assert len(line) == 64 << 20
    assert list(splitter.feed(b"next\n")) == [b"next"]


@pytest.mark.parametrize(
    "event",
    [
        TaskEnded(stage="store", task=3, seconds=1, bytes_written=2),
        StageStarted(stage="store", tasks=3, notes=("a",)),
        WorkerEnded(result={"a": 1}),
        WorkerEnded(error={"message": "a"}),
        Note(time=5, message="ä"),
    ],
)
def test_event_is_read_back(event):
    assert parse_event(to_line(event).encode()) == event


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"hello",
        b"\xff\xfe",
        b"null",
        b"[1]",
        b"[" * 200_000,
        b'{"event":"unheard_of"}',
        b'{"event":["note"]}',
        b'{"event":"note"}',
        b'{"event":"note","message":5}',
        b'{"event":"note","message":"a","time":"now"}',
        b'{"event":"note","message":"a","time":NaN}',
        b'{"event":"note","message":"a","time":1e999}',
        b'{"event":"task_ended","stage":"store","task":0,"seconds":1,"bytes_written":1e3}',
        b'{"event":"task_ended","stage":"store","task":0,"seconds":1,"bytes_written":99999999999999999999}',
        b'{"event":"worker_ended","result":[]}',
    ],
)
def test_anything_else_is_no_event(line):
    assert parse_event(line) is None


@pytest.mark.parametrize("event", [events.RunStarted(run_id="a", attempt=1, job={}), events.RunEnded(state="succeeded")])
def test_worker_cannot_speak_for_its_supervisor(event):
    assert parse_event(to_line(event).encode()) is None


@given(st.binary(max_size=200))
def test_no_bytes_make_the_reader_fail(line):
    parse_event(line)
