import json
import os
import sqlite3
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from pangeo_forge.errors import EngineError, ForgeError, RunCancelled, SourceError, TargetError, TargetExists, TargetInUse, UsageError
from pangeo_forge.runs.journal import Journal
from pangeo_forge.runs.processes import identify, members, memory_of
from pangeo_forge.runs.records import RunRecords
from pangeo_forge.runs.run import make_run_id
from pangeo_forge.runs.supervisor import abandon_run, ask_worker, cancel_run, resume_run, start_run
from pangeo_forge.runs.worker_process import WorkerCommand
from pangeo_forge.worker.events import Note, RecipeLoaded, RunEnded, RunStarted, StageStarted, TaskEnded, WorkerEnded

HANG = "time.sleep(100)"
IGNORE_SIGTERM = "signal.signal(signal.SIGTERM, signal.SIG_IGN)"
#: Ends as a worker should when it is asked to stop.
HEED_SIGTERM = """
def stop(*_):
    tell("worker_ended", error={"kind": "RunCancelled", "message": "stopped", "hint": None, "detail": None, "problems": []})
    sys.exit(1)
signal.signal(signal.SIGTERM, stop)
"""


@pytest.fixture
def start(records, job, details, settings):
    """Start a run with a worker: ``start(worker("end()"))``."""

    def call(command, observer=lambda event: None, **job_changes):
        return start_run(records, replace(job, **job_changes), details, settings=settings, observer=observer, command=command)

    return call


@pytest.fixture
def resume(records, details, settings):
    """Resume that run with a worker."""

    def call(command, observer=lambda event: None, **options):
        return resume_run(records, details.id, settings=settings, observer=observer, command=command, **options)

    return call


def journal_of(run):
    return list(Journal(Path(run.folder) / "journal.jsonl").read())


def wait_for(process, *beginnings):
    """Read what a supervisor prints until a line begins so; returns the rest of that line."""
    for line in process.stdout:
        if line.startswith(beginnings):
            return line.split(" ", 1)[1].strip()
    raise AssertionError(f"the supervisor ended without {beginnings}")


def is_gone(leader, seconds=5.0):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if not list(members(leader)):
            return True
        time.sleep(0.02)
    return False


# A run that goes well.


def test_run_that_succeeds_is_remembered_with_what_its_worker_told(start, worker, records, details, job):
    run = start(worker("store(0, 1, 2, 3)", "end(bytes_stored=250, cpu_s=4.5, snippet='open it')"))
    assert run == records.get(details.id)
    assert (run.state, run.error, run.attempt) == ("succeeded", None, 1)
    assert (run.recipe_id, run.feedstock, run.source, run.commit, run.bakery, run.engine, run.target) == (
        *("ocean", "nemo", "https://host/nemo", "abc123", "local", "local"),
        job.target,
    )
    assert (run.bytes_written, run.bytes_stored, run.chunks_written, run.inputs, run.cpu_s) == (400, 250, 8, 4, 4.5)
    assert run.environment == {"zarr": "3.1.6"}
    assert run.created <= run.started <= run.ended
    assert 0 < run.seconds < 10


def test_observer_and_journal_are_told_the_same_events(start, worker):
    seen = []
    run = start(worker("store(0)", "end()"), seen.append)
    assert [type(event) for event in seen] == [RunStarted, RecipeLoaded, StageStarted, TaskEnded, WorkerEnded, RunEnded]
    assert journal_of(run) == seen


def test_worker_gets_the_job_with_the_runs_own_folder_as_scratch(start, worker, settings, details):
    seen = []
    run = start(worker("tell('note', message=json.dumps(job))", "end()"), seen.append, target_options={"secret": "hunter2"})
    (note,) = [event for event in seen if isinstance(event, Note)]
    received = json.loads(note.message)
    assert received["scratch"] == run.folder == str(settings.home / "runs" / details.id)
    assert received["target_options"] == {"secret": "hunter2"}


def test_job_larger_than_a_pipe_holds_reaches_a_worker_that_is_slow_to_read_it(start, worker):
    run = start(worker("end(bytes_stored=len(job['engine_options']['x']))"), engine_options={"x": "y" * 500_000})
    assert run.bytes_stored == 500_000


def test_storage_options_are_in_no_file_of_the_run(start, worker, settings):
    start(worker("end()"), target_options={"secret": "hunter2"}, cache_options={"token": "hunter3"})
    kept = b"".join(path.read_bytes() for path in settings.home.rglob("*") if path.is_file())
    assert b"secret" in kept
    assert b"hunter" not in kept


def test_password_of_a_source_is_not_kept(records, job, details, settings, worker):
    details = replace(details, source="https://me:hunter2@host/nemo")
    run = start_run(records, job, details, settings=settings, command=worker("end()"))
    assert run.source == "https://host/nemo"


def test_target_with_a_password_in_it_is_refused(start, worker, records):
    with pytest.raises(UsageError, match="holds a password"):
        start(worker("end()"), target="ftp://me:hunter2@host/ocean.zarr")
    assert records.list() == []


def test_options_that_cannot_be_handed_over_are_refused(start, worker):
    with pytest.raises(UsageError, match="cannot be handed to another process"):
        start(worker("end()"), target_options={"session": object()})


def test_what_the_worker_prints_on_standard_error_goes_to_its_log_and_nowhere_else(start, worker, capfd):
    run = start(worker("print('a word', file=sys.stderr, flush=True)", "end()"))
    assert (Path(run.folder) / "worker.log").read_text() == "a word\n"
    assert "a word" not in str(journal_of(run))
    assert capfd.readouterr() == ("", "")


def test_peak_memory_is_that_of_all_processes_together(start, worker):
    own = memory_of(os.getpid())  # this process supervises, so it is one of them
    run = start(
        worker(
            "ballast = os.urandom(40_000_000)",
            "more = [sys.executable, '-c', 'import os, time; b = os.urandom(40_000_000); print(1, flush=True); time.sleep(9)']",
            "children = [subprocess.Popen(more, stdout=subprocess.PIPE) for _ in 'ab']",
            "for child in children: child.stdout.readline()",
            "time.sleep(1.5)",
            "end()",
        )
    )
    assert 120_000_000 < run.peak_memory - own < 400_000_000


def test_worker_that_does_not_end_after_its_last_word_is_ended(start, worker):
    began = time.monotonic()
    run = start(worker("end()", IGNORE_SIGTERM, HANG, grace_s=0.5))
    assert run.state == "succeeded"
    assert time.monotonic() - began < 5


def test_processes_that_the_worker_leaves_behind_are_ended(start, worker):
    seen = []
    start(
        worker(
            "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(100)'])",
            "tell('note', message=str(os.getpid()))",
            "end()",
        ),
        seen.append,
    )
    leader = next(int(event.message) for event in seen if isinstance(event, Note))
    assert is_gone(leader)


def test_environment_of_a_bakery_that_names_variables_holds_only_these(records, job, details, settings, worker, monkeypatch):
    monkeypatch.setenv("WANTED", "1")
    monkeypatch.setenv("UNWANTED", "1")
    details = replace(details, bakery=replace(details.bakery, environment=("WANTED",)))
    seen = []
    command = worker("tell('note', message=' '.join(sorted(os.environ)))", "end()")
    start_run(records, job, details, settings=settings, observer=seen.append, command=command)
    names = next(event.message.split() for event in seen if isinstance(event, Note))
    assert "WANTED" in names
    assert "UNWANTED" not in names


# A run that fails.


def test_error_that_the_worker_ends_with_is_raised_and_remembered(start, worker, records, details):
    error = SourceError("there is no such file (404)", where="http://host/a.nc", hint="Mend the URL.").to_dict()
    with pytest.raises(SourceError, match=r"http://host/a\.nc: there is no such file \(404\)"):
        start(worker(f"store(0)\ntell('worker_ended', error={error!r})\nsys.exit(1)"))
    run = records.get(details.id)
    assert (run.state, run.error["kind"], run.error["where"]) == ("failed", "SourceError", "http://host/a.nc")
    assert run.error["hint"] == f"Mend the URL. `pangeo-forge runs resume {run.id}` goes on where it stopped."
    assert run.bytes_written == 100
    assert journal_of(run)[-1] == RunEnded(time=run.ended.timestamp(), state="failed", error=run.error)


def test_error_that_is_no_error_is_an_engine_error(start, worker):
    with pytest.raises(EngineError, match="could not say why"):
        start(worker("tell('worker_ended', error={'colour': 'red'})"))


def test_worker_that_is_killed_is_an_engine_error_that_says_how_and_why_and_what_next(start, worker, records, details):
    with pytest.raises(EngineError, match="killed by SIGKILL, most likely because the machine ran out of memory") as error:
        start(worker("store(0)", "print('last words', file=sys.stderr)", "sys.stderr.flush()", "os.kill(os.getpid(), signal.SIGKILL)"))
    assert error.value.detail == "last words"
    assert "PANGEO_FORGE_WORKERS" in error.value.hint
    assert f"pangeo-forge runs resume {details.id}" in error.value.hint
    run = records.get(details.id)
    assert (run.state, run.bytes_written, run.error) == ("failed", 100, error.value.to_dict())


def test_worker_with_a_segmentation_fault_is_an_engine_error_that_says_where(start, worker):
    with pytest.raises(EngineError, match="ended by SIGSEGV, a crash in compiled code") as error:
        start(worker("import ctypes", "ctypes.string_at(0)"))
    assert "Fatal Python error: Segmentation fault" in error.value.detail
    assert "string_at" in error.value.detail


def test_worker_that_exits_without_a_word_is_an_engine_error_with_its_exit_code(start, worker):
    with pytest.raises(EngineError, match="ended with exit code 3 before it said") as error:
        start(worker("print('Traceback: oh', file=sys.stderr)", "sys.exit(3)"))
    assert error.value.detail == "Traceback: oh"


def test_worker_that_closes_its_output_and_stays_is_ended(start, worker):
    with pytest.raises(EngineError):
        start(worker("os.close(1)", HANG, grace_s=0.5))


def test_worker_that_cannot_be_started_is_an_engine_error(start, records, details):
    with pytest.raises(EngineError, match="cannot be started: /nowhere/python"):
        start(WorkerCommand(("/nowhere/python",)))
    assert records.get(details.id).state == "failed"


def test_worker_that_does_not_read_its_job_is_no_trouble(start):
    program = 'import os; os.close(0); print(\'{"event":"worker_ended","result":{}}\')'
    run = start(WorkerCommand((sys.executable, "-c", program)), engine_options={"x": "y" * 500_000})
    assert run.state == "succeeded"


def test_garbage_on_the_workers_output_breaks_nothing_and_is_kept_in_the_log(start, worker):
    garbage = "sys.stdout.buffer.write(b'hello\\n\\xff\\xfe\\n[[[[\\n{\"event\": 1}\\n' + b'[' * 100_000 + b'\\n'); sys.stdout.flush()"
    run = start(worker("store(0)", garbage, "store(1)", "end()"))
    assert (run.state, run.bytes_written) == ("succeeded", 200)
    log = (Path(run.folder) / "worker.log").read_bytes()
    assert b"(on standard output) hello\n" in log
    assert b"\xff\xfe" in log
    assert any("5 lines that are no events" in event.message for event in journal_of(run) if isinstance(event, Note))


def test_last_words_without_a_line_end_are_heard(start, worker):
    run = start(worker("""sys.stdout.write('{"event":"worker_ended","result":{}}'); sys.stdout.flush()"""))
    assert run.state == "succeeded"


def test_worker_cannot_say_that_its_run_succeeded(start, worker, records, details):
    with pytest.raises(EngineError):
        start(worker("tell('run_ended', state='succeeded')", "sys.exit(1)"))
    assert records.get(details.id).state == "failed"


def test_orphan_that_keeps_the_pipe_open_does_not_keep_the_supervisor_waiting(start, worker):
    began = time.monotonic()
    orphan = "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(8)'], start_new_session=True)"
    with pytest.raises(EngineError, match="SIGKILL"):
        start(worker(orphan, "os.kill(os.getpid(), signal.SIGKILL)"))
    assert time.monotonic() - began < 5


def test_full_disk_under_the_journal_fails_the_run_and_ends_the_worker(start, worker, records, details, settings):
    """The journal becomes a file on a disk that is full as soon as the run is under way."""
    leader = []

    def fill_disk(event):
        if isinstance(event, Note):
            leader.append(int(event.message))
            full = os.open("/dev/full", os.O_WRONLY)
            os.dup2(full, find_descriptor(settings.home / "runs" / details.id / "journal.jsonl"))
            os.close(full)

    with pytest.raises(TargetError, match="no space is left on its disk"):
        start(worker("tell('note', message=str(os.getpid()))", "store(0)", HANG), fill_disk)
    run = records.get(details.id)
    assert (run.state, run.error["kind"]) == ("failed", "TargetError")
    assert is_gone(leader[0])


def find_descriptor(path):
    return next(int(link.name) for link in Path("/proc/self/fd").iterdir() if link.is_symlink() and link.readlink() == path)


def test_observer_that_fails_ends_the_worker_and_the_run(start, worker, records, details):
    leader = []

    def observe(event):
        if isinstance(event, Note):
            leader.append(int(event.message))
            raise BrokenPipeError("nobody reads this")

    with pytest.raises(BrokenPipeError):
        start(worker("tell('note', message=str(os.getpid()))", HANG), observe)
    run = records.get(details.id)
    assert (run.state, run.error["kind"]) == ("failed", "EngineError")
    assert "BrokenPipeError: nobody reads this" in run.error["message"]
    assert is_gone(leader[0])


def test_failed_run_gives_up_its_target(start, worker, records, job, make_run):
    with pytest.raises(EngineError):
        start(worker("sys.exit(3)"))
    records.claim(job.target, make_run())


def test_database_that_is_locked_during_the_run_is_a_note_and_no_reason_to_fail(job, details, settings, worker):
    records = RunRecords(settings.database, timeout_s=0.2)
    holder = sqlite3.connect(settings.home / "runs.sqlite", isolation_level=None)
    seen = []

    def observe(event):
        seen.append(event)
        if isinstance(event, RunStarted):
            holder.execute("BEGIN IMMEDIATE")
        elif isinstance(event, Note):
            holder.execute("ROLLBACK")

    run = start_run(records, job, details, settings=settings, observer=observe, command=worker("time.sleep(1)", "end()"))
    holder.close()
    assert run.state == "succeeded"
    assert any("is locked by another process" in event.message for event in seen if isinstance(event, Note))


def test_run_whose_end_could_not_be_written_to_the_database_is_mended_later(supervise, worker, records, settings, job):
    """Another process locks the database just before the run ends, and the supervisor is gone before it is free again."""
    process = supervise("start", worker("store(0)", "time.sleep(1.5)", "end()"), job.target)
    run_id = wait_for(process, "run_started")
    wait_for(process, "task_ended")
    time.sleep(0.5)
    holder = sqlite3.connect(settings.home / "runs.sqlite", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    wait_for_text(settings.home / "runs" / run_id / "journal.jsonl", "run_ended")
    process.kill()
    process.wait()
    holder.execute("ROLLBACK")
    holder.close()
    assert records.get(run_id).state == "succeeded"


def wait_for_text(path, text, seconds=10.0):
    deadline = time.monotonic() + seconds
    while text not in path.read_text():
        assert time.monotonic() < deadline, f"{text} did not come"
        time.sleep(0.02)


# Two runs, one target.


def test_second_run_into_one_target_refuses_and_leaves_no_trace(supervise, start, worker, records, job):
    first = supervise("start", worker("store(0)", HANG), job.target)
    run_id = wait_for(first, "run_started")
    with pytest.raises(TargetInUse, match=f"is being written by run {run_id} \\(process {first.pid}"):
        start(worker("end()"))
    assert [run.id for run in records.list()] == [run_id]


# Stopping.


@pytest.mark.parametrize("number", [2, 15, 1], ids=["Ctrl-C", "SIGTERM", "the terminal closes"])
def test_run_is_cancelled_by_a_signal_and_says_how_to_resume(supervise, worker, records, job, number):
    process = supervise("start", worker(HEED_SIGTERM, "store(0)", HANG), job.target)
    run_id = wait_for(process, "run_started")
    wait_for(process, "task_ended")
    process.send_signal(number)
    error = json.loads(wait_for(process, "error"))
    assert process.wait() == 1
    assert error["kind"] == "RunCancelled"
    assert error["hint"] == f"`pangeo-forge runs resume {run_id}` goes on where it stopped."
    run = records.get(run_id)
    assert (run.state, run.bytes_written) == ("cancelled", 100)
    assert journal_of(run)[-1].state == "cancelled"


def test_ctrl_c_in_the_terminal_reaches_the_supervisor_only(supervise, worker, job):
    """A terminal sends the signal to the whole foreground group: a worker in it would die before it could end well."""
    end_well = HEED_SIGTERM.replace('"stopped"', '"ended well"')
    process = supervise("start", worker(end_well, "tell('note', message='ready')", HANG), job.target)
    wait_for(process, "note")
    time.sleep(0.5)  # the worker has said so, but may not have left what says it, which its handler needs as well
    os.killpg(process.pid, 2)
    wait_for(process, "worker_ended")
    assert json.loads(wait_for(process, "error"))["kind"] == "RunCancelled"


def test_worker_that_does_not_heed_is_killed_with_all_its_children_when_its_time_is_over(supervise, worker, records, job):
    child = "subprocess.Popen([sys.executable, '-c', 'import signal, time; signal.signal(15, signal.SIG_IGN); time.sleep(100)'])"
    process = supervise("start", worker(IGNORE_SIGTERM, child, "store(0)", HANG, grace_s=1.0), job.target)
    run_id = wait_for(process, "run_started")
    wait_for(process, "task_ended")
    time.sleep(0.7)
    leader = records.get(run_id).worker_pid
    assert len(list(members(leader))) == 2
    began = time.monotonic()
    process.terminate()
    wait_for(process, "error")
    assert 0.9 < time.monotonic() - began < 5
    assert is_gone(leader)
    assert records.get(run_id).state == "cancelled"


def test_worker_that_somebody_else_stops_is_a_cancelled_run(start, worker, records, details):
    with pytest.raises(RunCancelled) as error:
        start(worker(HEED_SIGTERM.replace('"hint": None', '"hint": "Go on."'), "store(0)", "os.kill(os.getpid(), signal.SIGTERM)", HANG))
    assert error.value.hint == f"`pangeo-forge runs resume {details.id}` goes on where it stopped."
    assert records.get(details.id).state == "cancelled"


def test_second_ctrl_c_does_not_wait(supervise, worker, records, job):
    process = supervise("start", worker(IGNORE_SIGTERM, "store(0)", HANG, grace_s=60.0), job.target)
    run_id = wait_for(process, "run_started")
    wait_for(process, "task_ended")
    process.send_signal(2)
    time.sleep(0.5)
    assert process.poll() is None
    process.send_signal(2)
    wait_for(process, "error")
    assert records.get(run_id).state == "cancelled"


def test_result_that_was_reached_before_the_signal_counts(supervise, worker, records, job):
    finish = "signal.signal(signal.SIGTERM, lambda *_: (end(), sys.exit(0)))"
    process = supervise("start", worker(finish, "store(0)", HANG), job.target)
    run_id = wait_for(process, "run_started")
    wait_for(process, "task_ended")
    process.terminate()
    assert process.wait() == 0
    assert records.get(run_id).state == "succeeded"


def test_run_is_cancelled_from_another_process(supervise, worker, records, job):
    process = supervise("start", worker(HEED_SIGTERM, "store(0)", HANG), job.target)
    run_id = wait_for(process, "run_started")
    wait_for(process, "task_ended")
    run = cancel_run(records, run_id[:-1])
    assert (run.id, run.state) == (run_id, "cancelled")
    assert json.loads(wait_for(process, "error"))["kind"] == "RunCancelled"


def test_run_that_does_not_stop_in_time_is_said_to_be_so(supervise, worker, records, job):
    process = supervise("start", worker(IGNORE_SIGTERM, "store(0)", HANG, grace_s=60.0), job.target)
    run_id = wait_for(process, "run_started")
    wait_for(process, "task_ended")
    with pytest.raises(EngineError, match="has not within 1 s") as error:
        cancel_run(records, run_id, patience_s=1.0)
    assert f"kill -9 {process.pid}" in error.value.hint


def test_run_that_is_not_running_cannot_be_cancelled(start, worker, records, details):
    start(worker("end()"))
    with pytest.raises(UsageError, match=f"run {details.id} is not running: it has succeeded"):
        cancel_run(records, details.id)


def test_run_on_another_machine_is_cancelled_there(records, make_run):
    run = make_run(host="elsewhere")
    records.add(run)
    with pytest.raises(UsageError, match="is on elsewhere, and this is"):
        cancel_run(records, run.id)


def test_run_on_a_machine_that_is_gone_can_be_abandoned_and_its_target_is_free(records, make_run):
    run = make_run(host="elsewhere")
    records.add(run)
    records.claim(run.target, run)
    assert abandon_run(records, run.id).state == "failed"
    records.claim(run.target, make_run())


def test_run_on_this_machine_cannot_be_abandoned(records, make_run):
    run = make_run()
    records.add(run)
    with pytest.raises(UsageError, match="is on this machine"):
        abandon_run(records, run.id)


# Resuming.


def test_failed_run_goes_on_in_the_same_folder_and_target_as_another_attempt(start, resume, worker, records, details, job):
    with pytest.raises(EngineError):
        start(worker("store(0, 1)", "os.kill(os.getpid(), signal.SIGKILL)"))
    failed = records.get(details.id)
    seen = []
    run = resume(worker("tell('note', message=json.dumps(job))", "store(1, 2, 3)", "end()"), seen.append)
    received = json.loads(next(event.message for event in seen if isinstance(event, Note)))
    assert (received["resume"], received["scratch"], received["target"]) == (True, run.folder, job.target)
    assert (run.state, run.attempt, run.error, run.folder, run.target) == ("succeeded", 2, None, failed.folder, failed.target)
    assert run == records.get(details.id)
    assert run.started == failed.started
    assert run.ended > failed.ended
    assert (run.bytes_written, run.chunks_written) == (400, 8), "the task that was done in both attempts counts once"
    assert run.seconds >= failed.seconds
    assert [event.attempt for event in journal_of(run) if isinstance(event, RunStarted)] == [1, 2]


def test_cancelled_run_goes_on(supervise, worker, records, job):
    process = supervise("start", worker(HEED_SIGTERM, "store(0)", HANG), job.target)
    run_id = wait_for(process, "run_started")
    wait_for(process, "task_ended")
    cancel_run(records, run_id)
    again = supervise("resume", worker("store(1)", "end()"), run_id)
    assert again.wait() == 0
    assert (records.get(run_id).state, records.get(run_id).bytes_written) == ("succeeded", 200)


def test_run_whose_supervisor_was_killed_goes_on_after_its_worker_is_ended(supervise, worker, records, job):
    process = supervise("start", worker("store(0)", HANG), job.target)
    run_id = wait_for(process, "run_started")
    wait_for(process, "task_ended")
    time.sleep(0.7)
    leader = records.get(run_id).worker_pid
    process.kill()
    process.wait()
    assert identify(leader) is not None, "the worker lives on"
    again = supervise("resume", worker("store(1)", "end()"), run_id)
    assert again.wait() == 0
    assert is_gone(leader)
    run = records.get(run_id)
    assert (run.state, run.attempt, run.bytes_written) == ("succeeded", 2, 200)


def test_run_of_a_killed_supervisor_does_not_keep_others_from_its_target(supervise, start, worker, records, job):
    process = supervise("start", worker("store(0)", HANG), job.target)
    run_id = wait_for(process, "run_started")
    process.kill()
    process.wait()
    assert start(worker("end()")).state == "succeeded"
    assert records.get(run_id).state == "failed"


def test_run_that_succeeded_is_not_resumed(start, resume, worker):
    start(worker("end()"))
    with pytest.raises(UsageError, match="cannot be resumed: it has succeeded"):
        resume(worker("end()"))


def test_run_that_is_running_is_not_resumed(supervise, worker, records, settings, job):
    run_id = wait_for(supervise("start", worker("store(0)", HANG), job.target), "run_started")
    with pytest.raises(UsageError, match="cannot be resumed: it is running"):
        resume_run(records, run_id, settings=settings, command=worker("end()"))


def test_run_is_not_resumed_into_a_target_that_another_run_writes_to(start, resume, supervise, worker, records, details, job):
    with pytest.raises(EngineError):
        start(worker("sys.exit(1)"))
    other = wait_for(supervise("start", worker("store(0)", HANG), job.target), "run_started")
    with pytest.raises(TargetInUse, match=other):
        resume(worker("end()"))
    assert records.get(details.id).state == "failed"


def test_run_without_its_folder_is_not_resumed(records, make_run, settings, worker):
    run = make_run(state="failed", folder="/nowhere")
    records.add(run)
    with pytest.raises(UsageError, match="its folder /nowhere is not on this machine"):
        resume_run(records, run.id, settings=settings, command=worker("end()"))


def test_resumed_run_needs_its_storage_options_again(start, resume, worker):
    seen = []
    with pytest.raises(EngineError):
        start(worker("sys.exit(1)"), target_options={"secret": "hunter2"})
    with pytest.raises(UsageError, match="storage options of the target that are not kept with it: secret"):
        resume(worker("end()"))
    resume(worker("tell('note', message=str(job['target_options']))", "end()"), seen.append, target_options={"secret": "hunter2"})
    assert any(event.message == "{'secret': 'hunter2'}" for event in seen if isinstance(event, Note))


@pytest.mark.parametrize(("stage", "is_ours"), [("inspect", False), ("prepare", True), ("store", True)])
def test_target_is_gone_on_with_only_if_an_earlier_attempt_began_it(start, resume, worker, stage, is_ours):
    """Else a run that was refused because of another's dataset would write over that when it is resumed."""
    seen = []
    with pytest.raises(EngineError):
        start(worker(f"tell('stage_started', stage={stage!r}, tasks=1)", "sys.exit(1)"))
    resume(worker("tell('note', message=str(job['resume']))", "end()"), seen.append)
    assert [event.message for event in seen if isinstance(event, Note)] == [str(is_ours)]


def test_run_is_not_resumed_into_what_another_run_has_made_since(start, resume, worker, records, job, details, settings):
    with pytest.raises(EngineError):
        start(worker("store(0)", "sys.exit(1)"))
    other = replace(details, id=make_run_id("other"))
    start_run(records, replace(job, target=f"file://{job.target}/"), other, settings=settings, command=worker("store(0)", "end()"))
    with pytest.raises(UsageError, match=f"run {other.id} has written to its target since"):
        resume(worker("end()"))
    assert records.get(details.id).state == "failed"


def test_run_that_was_refused_at_the_target_since_keeps_nobody_from_resuming(start, resume, worker, records, job, details, settings):
    with pytest.raises(EngineError):
        start(worker("store(0)", "sys.exit(1)"))
    error = TargetExists("there is a dataset").to_dict()
    with pytest.raises(TargetExists):
        refused = replace(details, id=make_run_id("other"))
        start_run(records, job, refused, settings=settings, command=worker(f"tell('worker_ended', error={error!r})"))
    assert resume(worker("end()")).state == "succeeded"


def test_failed_attempt_can_be_resumed_again_and_again(start, resume, worker, records, details):
    with pytest.raises(ForgeError):
        start(worker("sys.exit(1)"))
    for _ in range(2):
        with pytest.raises(ForgeError):
            resume(worker("sys.exit(1)"))
    assert (records.get(details.id).state, records.get(details.id).attempt) == ("failed", 3)


# Questions.


def test_question_is_answered_and_nothing_is_remembered(worker, job, bakery, settings):
    seen = []
    command = worker("tell('note', message='looking')", "end(recipes=[{'id': job['kind']}])")
    assert ask_worker(replace(job, kind="list"), bakery=bakery, observer=seen.append, command=command) == {"recipes": [{"id": "list"}]}
    assert [type(event) for event in seen] == [Note, WorkerEnded]
    assert not settings.home.exists()


def test_question_that_the_worker_cannot_answer_raises_its_error(worker, job, bakery):
    error = UsageError("there is no recipe 'x'", hint="Write y.").to_dict()
    with pytest.raises(UsageError, match="no recipe 'x'") as raised:
        ask_worker(replace(job, kind="plan"), bakery=bakery, command=worker(f"tell('worker_ended', error={error!r})"))
    assert raised.value.hint == "Write y."


def test_standard_error_of_a_question_is_in_the_detail_or_the_log(worker, job, bakery, tmp_path):
    command = worker("print('oh', file=sys.stderr)", "sys.exit(3)")
    with pytest.raises(EngineError, match="exit code 3") as error:
        ask_worker(job, bakery=bakery, command=command)
    assert error.value.detail == "oh"
    with pytest.raises(EngineError):
        ask_worker(job, bakery=bakery, command=command, log=tmp_path / "list.log")
    assert (tmp_path / "list.log").read_text() == "oh\n"


def test_question_can_be_cancelled(worker, job, bakery):
    def interrupt(event):
        os.kill(os.getpid(), 2)

    with pytest.raises(RunCancelled):
        ask_worker(job, bakery=bakery, observer=interrupt, command=worker("tell('note', message='a')", HANG))


def test_worker_of_a_command_is_run_by_this_python_without_the_current_folder_among_its_imports(tmp_path):
    program, *options = WorkerCommand().argv
    assert program == sys.executable
    (tmp_path / "pangeo_forge.py").write_text("raise SystemExit('the wrong module')")
    code = "import pangeo_forge; print(pangeo_forge.__version__)"
    done = subprocess.run([program, options[0], "-c", code], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
