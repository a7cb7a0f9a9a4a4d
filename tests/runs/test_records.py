import json
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from pangeo_forge.errors import TargetInUse, UsageError
from pangeo_forge.runs import schema
from pangeo_forge.runs.journal import Journal
from pangeo_forge.runs.processes import identify
from pangeo_forge.runs.records import RunRecords
from pangeo_forge.runs.run import FIELDS, make_run_id
from pangeo_forge.worker.events import RecipeLoaded, RunEnded, RunStarted, TaskEnded


@pytest.fixture
def all_records(database_url):
    """The runs in an empty database, of each kind in turn."""
    return RunRecords(database_url)


@pytest.fixture
def dead_process():
    """The number and mark of a process that has ended."""
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(100)"]) as process:
        mark = identify(process.pid)
        process.kill()
    return {"pid": process.pid, "process": mark}


# Runs.


def test_table_has_the_fields_of_a_run():
    assert {column.name for column in schema.runs.columns} == set(FIELDS)


def test_run_is_remembered_with_all_its_fields(all_records, make_run):
    run = make_run(
        source="https://host/nemo",
        commit="abc123",
        state="failed",
        started=datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC),
        ended=datetime(2026, 1, 2, 4, 4, 5, tzinfo=UTC),
        bytes_written=10**13,
        bytes_stored=10**12,
        chunks_written=3,
        inputs=36,
        peak_memory=600 * 10**6,
        cpu_s=1.5,
        seconds=2.5,
        environment={"zarr": "3.1.6"},
        error={"kind": "EngineError", "message": "größe"},
        worker_pid=5,
        worker_process="x",
    )
    all_records.add(run)
    assert all_records.get(run.id) == run


def test_times_come_back_aware_and_in_utc_whatever_zone_they_were_given_in(all_records, make_run):
    there = datetime(2026, 1, 2, 12, 0, tzinfo=timezone(timedelta(hours=5)))
    run = make_run(state="failed", created=there)
    all_records.add(run)
    assert all_records.get(run.id).created.isoformat() == "2026-01-02T07:00:00+00:00"


def test_same_id_twice_is_refused(records, make_run):
    run = make_run()
    records.add(run)
    with pytest.raises(UsageError, match=f"there is a run {run.id} already"):
        records.add(run)


def test_update_changes_only_what_it_names(all_records, make_run):
    run = make_run(error={"message": "a"})
    all_records.add(run)
    all_records.update(run.id, bytes_written=5, error=None)
    assert all_records.get(run.id) == replace(run, bytes_written=5, error=None)


def test_update_of_no_run_or_no_field_is_refused(records, make_run):
    with pytest.raises(UsageError, match="there is no run 'x'"):
        records.update("x", state="failed")
    run = make_run()
    records.add(run)
    with pytest.raises(UsageError, match="a run has no colour"):
        records.update(run.id, colour="red")


def test_beginning_of_an_id_is_enough_if_no_other_run_has_it(all_records, make_run):
    first, second = make_run(id="20260101-000000-ocean-aaaa", state="failed"), make_run(id="20260102-000000-ocean-bbbb", state="failed")
    all_records.add(first)
    all_records.add(second)
    assert all_records.get("20260102") == second
    with pytest.raises(
        UsageError, match="more than one run's id begins with '202601': 20260101-000000-ocean-aaaa, 20260102-000000-ocean-bbbb"
    ):
        all_records.get("202601")


def test_whole_id_is_never_ambiguous(records, make_run):
    short, longer = (
        make_run(id="20260101-000000-ocean-aaaa", state="failed"),
        make_run(id="20260101-000000-ocean-aaaa-bbbb", state="failed"),
    )
    records.add(short)
    records.add(longer)
    assert records.get(short.id) == short


@pytest.mark.parametrize("text", ["2026%", "2026_101", "", "'; DROP TABLE runs; --"])
def test_what_a_database_reads_as_a_pattern_is_only_text(all_records, make_run, text):
    all_records.add(make_run(id="20260101-000000-ocean-aaaa", state="failed"))
    with pytest.raises(UsageError, match="there is no run"):
        all_records.get(text)


def test_unknown_id_is_answered_with_those_near_it(records, make_run):
    records.add(make_run(id="20260101-000000-ocean-x7f3", state="failed"))
    with pytest.raises(UsageError, match="there is no run 'x7f3'; near it: 20260101-000000-ocean-x7f3"):
        records.get("x7f3")
    with pytest.raises(UsageError, match="near it: 20260101-000000-ocean-x7f3"):
        records.get("20260101-000000-ocaen-x7f3")


def test_without_any_run_the_answer_says_so(records):
    with pytest.raises(UsageError, match="there are no runs yet"):
        records.get("x")


def test_newest_run_is_listed_first(all_records, make_run):
    runs = [make_run(state="failed", created=datetime(2026, 1, day, tzinfo=UTC)) for day in (2, 3, 1)]
    for run in runs:
        all_records.add(run)
    assert [run.created.day for run in all_records.list()] == [3, 2, 1]
    assert [run.created.day for run in all_records.list(limit=2)] == [3, 2]


def test_runs_are_listed_by_state_and_feedstock(all_records, make_run):
    all_records.add(make_run("a", state="failed"))
    all_records.add(make_run("b", state="succeeded"))
    all_records.add(make_run("c", state="failed", feedstock="other"))
    assert {run.recipe_id for run in all_records.list(state="failed")} == {"a", "c"}
    assert {run.recipe_id for run in all_records.list(state="failed", feedstock="other")} == {"c"}


def test_unknown_state_is_refused_naming_those_that_are(records):
    with pytest.raises(UsageError, match="'done' is not a state") as error:
        records.list(state="done")
    assert "queued, running, succeeded, failed, cancelled" in error.value.hint


def test_run_that_somebody_else_resumed_meanwhile_is_not_reopened(records, make_run):
    run = make_run(state="failed")
    records.add(run)
    records.reopen(run, state="running", attempt=2)
    with pytest.raises(UsageError, match="was resumed by somebody else"):
        records.reopen(run, state="running", attempt=2)


# The dead.


def test_running_run_whose_process_is_dead_is_listed_as_failed_and_can_be_resumed(all_records, make_run, dead_process):
    run = make_run(**dead_process)
    all_records.add(run)
    (listed,) = all_records.list()
    assert listed.state == "failed"
    assert "the machine or the process" in listed.error["message"]
    assert f"runs resume {run.id}" in listed.error["hint"]
    assert listed.ended is not None
    assert all_records.list(state="failed") == [listed]


def test_running_run_whose_process_is_dead_is_shown_as_failed(records, make_run, dead_process):
    run = make_run(**dead_process)
    records.add(run)
    assert records.get(run.id).state == "failed"


def test_running_run_whose_number_is_another_process_by_now_is_dead(records, make_run):
    run = make_run(process="another-boot:1")
    records.add(run)
    assert records.get(run.id).state == "failed"


def test_running_run_of_a_living_process_is_left_alone(records, make_run):
    run = make_run()
    records.add(run)
    assert records.list() == [run]


def test_running_run_of_another_machine_is_left_alone(records, make_run, dead_process):
    run = make_run(host="elsewhere", **dead_process)
    records.add(run)
    assert records.list() == [run]


def test_dead_run_keeps_what_its_journal_tells(records, make_run, dead_process, tmp_path):
    (tmp_path / "run").mkdir()
    run = make_run(**dead_process)
    records.add(run)
    with Journal(tmp_path / "run/journal.jsonl") as journal:
        journal.append(RunStarted(time=100.0, run_id=run.id, attempt=1, job={}))
        journal.append(RecipeLoaded(time=101.0, recipe_id="ocean", dialect="native", inputs=36, versions={"zarr": "3.1"}))
        journal.append(TaskEnded(time=105.0, stage="store", task=0, seconds=1.0, bytes_written=7, chunks=2))
    dead = records.get(run.id)
    assert (dead.state, dead.bytes_written, dead.chunks_written, dead.inputs, dead.seconds) == ("failed", 7, 2, 36, 5.0)


def test_run_that_ended_but_could_not_write_it_to_the_database_is_mended_from_its_journal(records, make_run, dead_process, tmp_path):
    (tmp_path / "run").mkdir()
    run = make_run(**dead_process)
    records.add(run)
    with Journal(tmp_path / "run/journal.jsonl") as journal:
        journal.append(RunEnded(time=100.0, state="succeeded"))
    mended = records.get(run.id)
    assert (mended.state, mended.error, mended.ended) == ("succeeded", None, datetime.fromtimestamp(100, UTC))


def test_dead_run_whose_journal_cannot_be_read_is_failed_all_the_same(records, make_run, dead_process, tmp_path):
    (tmp_path / "run/journal.jsonl").mkdir(parents=True)
    run = make_run(**dead_process)
    records.add(run)
    dead = records.get(run.id)
    assert dead.state == "failed"
    assert "cannot be read" in dead.error["detail"]


def test_worker_that_a_dead_run_left_behind_is_ended(records, make_run, dead_process):
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(100)"], start_new_session=True) as worker:
        run = make_run(**dead_process, worker_pid=worker.pid, worker_process=identify(worker.pid))
        records.add(run)
        records.list()
        assert worker.wait(5) == -9


# Claims.


def test_target_that_a_living_run_claims_is_refused_to_another_naming_it(all_records, make_run):
    first, second = make_run("first"), make_run("second")
    all_records.add(first)
    all_records.claim(first.target, first)
    with pytest.raises(TargetInUse, match=rf"is being written by run {first.id} \(process {first.pid}, since 2\d\d\d-.* UTC\)") as error:
        all_records.claim(second.target, second)
    assert f"pangeo-forge runs cancel {first.id}" in error.value.hint


def test_target_that_another_machine_claims_is_refused_naming_that_machine(records, make_run, dead_process):
    first = make_run(host="elsewhere", **dead_process)
    records.claim(first.target, first)
    with pytest.raises(TargetInUse, match=f"process {first.pid} on elsewhere") as error:
        records.claim(first.target, make_run())
    assert "on elsewhere cancel it" in error.value.hint


def test_released_target_can_be_claimed(all_records, make_run):
    first, second = make_run(), make_run()
    all_records.claim(first.target, first)
    all_records.release(first.target, first.id)
    all_records.claim(second.target, second)


def test_release_gives_up_only_ones_own_claim(records, make_run):
    first, second = make_run(), make_run()
    records.claim(first.target, first)
    records.release(first.target, second.id)
    with pytest.raises(TargetInUse):
        records.claim(second.target, second)


def test_other_spelling_of_the_target_is_the_same_claim(records, make_run, tmp_path):
    records.claim(str(tmp_path / "ocean.zarr"), make_run())
    with pytest.raises(TargetInUse):
        records.claim(f"file://{tmp_path}/x/../ocean.zarr/", make_run())


def test_claim_of_a_dead_process_is_taken_over_and_its_run_marked_as_failed(all_records, make_run, dead_process):
    dead, second = make_run(**dead_process), make_run()
    all_records.add(dead)
    all_records.claim(dead.target, dead)
    all_records.claim(second.target, second)
    assert all_records.get(dead.id).state == "failed"
    with pytest.raises(TargetInUse, match=second.id):
        all_records.claim(dead.target, make_run())


def test_claim_of_a_process_that_died_before_its_run_was_remembered_is_taken_over(records, make_run, dead_process):
    records.claim(make_run().target, make_run(**dead_process))
    records.claim(make_run().target, make_run())


def test_claim_is_given_up_at_the_end_whatever_happens(records, make_run):
    run = make_run()
    with pytest.raises(ZeroDivisionError), records.claimed(run):
        1 / 0  # noqa: B018
    with records.claimed(make_run()):
        pass


CLAIM = """
import os, sys
from datetime import UTC, datetime
from pangeo_forge.errors import TargetInUse
from pangeo_forge.runs.processes import identify, this_host
from pangeo_forge.runs.records import RunRecords
from pangeo_forge.runs.run import Run, make_run_id
records = RunRecords(sys.argv[1])
run = Run(id=make_run_id("ocean"), recipe_id="ocean", feedstock="nemo", bakery="local", engine="local", pruned=False, target=sys.argv[2],
          folder="/nowhere", created=datetime.now(UTC), state="running", host=this_host(), pid=os.getpid(), process=identify(os.getpid()))
print("ready", flush=True)
for line in sys.stdin:
    if line == "release\\n":
        records.release(run.target, run.id)
        print("released", flush=True)
        continue
    try:
        records.claim(run.target, run)
        print("won", flush=True)
    except TargetInUse:
        print("refused", flush=True)
"""


def ask_all(processes, line):
    for process in processes:
        process.stdin.write(line + "\n")
        process.stdin.flush()
    return sorted(process.stdout.readline().strip() for process in processes)


@pytest.mark.slow
@pytest.mark.parametrize("abandoned", [False, True], ids=["free target", "target of a dead run"])
def test_of_processes_that_claim_one_target_at_once_exactly_one_wins(database_url, make_run, dead_process, abandoned):
    records = RunRecords(database_url)
    command = [sys.executable, "-c", CLAIM, database_url, make_run().target]
    with ExitStack() as stack:
        claimants = [stack.enter_context(subprocess.Popen(command, stdin=-1, stdout=-1, text=True)) for _ in range(4)]
        assert [claimant.stdout.readline() for claimant in claimants] == ["ready\n"] * 4
        for _ in range(10):
            if abandoned:
                dead = make_run(**dead_process)
                records.add(dead)
                records.claim(dead.target, dead)
            assert ask_all(claimants, "claim") == ["refused", "refused", "refused", "won"]
            assert ask_all(claimants, "release") == ["released"] * 4


# Ids.


def test_id_begins_with_the_time_and_names_the_recipe():
    assert make_run_id("Nemo", datetime(2026, 11, 24, 6, 45, 31, tzinfo=UTC))[:-4] == "20261124-064531-nemo-"


@pytest.mark.parametrize("recipe_id", ["a/b", "../..", "", "ä ö", "x" * 500, "CMIP6.tas:1"])
def test_id_of_any_recipe_can_name_a_folder(tmp_path, recipe_id):
    folder = tmp_path / make_run_id(recipe_id)
    folder.mkdir()
    assert folder.parent == tmp_path
    assert len(folder.name) < 80


def test_ids_of_one_moment_are_different():
    assert len({make_run_id("a") for _ in range(200)}) > 195


def test_run_is_described_with_plain_values(make_run):
    record = make_run(created=datetime(2026, 1, 2, tzinfo=UTC)).to_dict()
    assert json.loads(json.dumps(record)) == record
    assert record["created"] == "2026-01-02T00:00:00+00:00"
