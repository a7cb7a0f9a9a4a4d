import resource
import subprocess
import sys

import pytest

from pangeo_forge.errors import TargetError
from pangeo_forge.runs.journal import Journal
from pangeo_forge.worker.events import Note, RunEnded, StageEnded, to_line


def note(text, time=1.0):
    return Note(time=time, message=text)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "journal.jsonl"


def write(path, *events):
    with Journal(path) as journal:
        for event in events:
            journal.append(event)


def test_events_are_read_in_the_order_in_which_they_were_appended(path):
    write(path, note("a"), StageEnded(time=2.0, stage="store", seconds=1.0))
    write(path, RunEnded(time=3.0, state="succeeded"))
    assert list(Journal(path).read()) == [
        note("a"),
        StageEnded(time=2.0, stage="store", seconds=1.0),
        RunEnded(time=3.0, state="succeeded"),
    ]


def test_event_is_in_the_file_as_soon_as_it_is_appended(path):
    with Journal(path) as journal:
        journal.append(note("a"))
        assert path.read_text() == to_line(note("a")) + "\n"


def test_no_file_is_no_events(path):
    assert list(Journal(path).read()) == []
    assert Journal(path).last() is None


def test_last_line_that_was_cut_off_is_passed_over(path):
    write(path, note("a"), note("b"))
    path.write_bytes(path.read_bytes()[:-5])
    assert list(Journal(path).read()) == [note("a")]
    assert Journal(path).last() == note("a")


def test_appending_after_a_cut_off_line_begins_a_fresh_one(path):
    write(path, note("a"), note("b"))
    path.write_bytes(path.read_bytes()[:-5])
    write(path, note("c"))
    first, torn, last = Journal(path).read()
    assert (first, last) == (note("a"), note("c"))
    assert "line 2 of the journal is no event" in torn.message


def test_every_place_to_be_cut_off_leaves_a_journal_that_can_be_read_and_continued(path):
    write(path, note("ä", time=1.5), note("b"))
    whole = path.read_bytes()
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        before = list(Journal(path).read())
        write(path, note("c"))
        after = list(Journal(path).read())
        assert after[: len(before)] == before
        assert after[-1] == note("c")


def test_garbage_in_the_middle_is_noted_and_not_hidden(path):
    write(path, note("a"))
    with path.open("ab") as file:
        file.write(b"\xff\xfe garbage\n" + b"[" * 100_000 + b"\n")
    write(path, note("b"))
    events = list(Journal(path).read())
    assert [events[0], events[-1]] == [note("a"), note("b")]
    assert len(events) == 4


def test_last_event_is_found_without_its_like_before_it_however_long_it_is(path):
    write(path, *(note(f"number {number}") for number in range(5000)), note("x" * 1_000_000))
    assert Journal(path).last() == note("x" * 1_000_000)


def test_full_disk_is_a_target_error_that_says_so(tmp_path):
    path = tmp_path / "journal.jsonl"
    path.symlink_to("/dev/full")
    with Journal(path) as journal, pytest.raises(TargetError, match=r"journal\.jsonl cannot be written: no space is left") as error:
        journal.append(note("a"))
    assert "Free some space" in error.value.hint


def test_line_that_a_full_disk_cut_off_is_followed_by_a_fresh_one_when_there_is_space_again(path):
    """The limit on a file's size stands for the disk's: the write stops in the middle of a line."""
    program = f"""
import resource, signal
from pathlib import Path
from pangeo_forge.errors import TargetError
from pangeo_forge.runs.journal import Journal
from pangeo_forge.worker.events import Note
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (100, {resource.RLIM_INFINITY}))
journal = Journal(Path({str(path)!r}))
journal.append(Note(time=1.0, message="a"))
try:
    journal.append(Note(time=1.0, message="b" * 100))
except TargetError:
    resource.setrlimit(resource.RLIMIT_FSIZE, ({resource.RLIM_INFINITY}, {resource.RLIM_INFINITY}))
    journal.append(Note(time=1.0, message="c"))
"""
    subprocess.run([sys.executable, "-c", program], check=True)
    first, torn, last = Journal(path).read()
    assert (first, last) == (note("a"), note("c"))
    assert "line 2" in torn.message


def test_folder_that_is_not_there_is_a_target_error(tmp_path):
    with Journal(tmp_path / "no" / "journal.jsonl") as journal, pytest.raises(TargetError, match="No such file"):
        journal.append(note("a"))


def test_what_is_no_file_cannot_be_read(tmp_path):
    with pytest.raises(TargetError, match="cannot be read"):
        list(Journal(tmp_path).read())
