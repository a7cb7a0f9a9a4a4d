from pangeo_forge.runs.tally import Tally
from pangeo_forge.worker.events import RecipeLoaded, RunEnded, RunStarted, TaskEnded, WorkerEnded


def task(number, stage="store", time=0.0, **fields):
    return TaskEnded(time=time, stage=stage, task=number, seconds=1.0, **fields)


def test_bytes_and_chunks_of_tasks_add_up():
    tally = Tally.of([task(0, bytes_written=10, chunks=1), task(1, bytes_written=20, chunks=2)])
    assert (tally.bytes_written, tally.chunks_written) == (30, 3)


def test_task_that_was_done_again_after_a_resumption_counts_once():
    tally = Tally.of(
        [task(0, bytes_written=10), task(1, bytes_written=10), RunStarted(run_id="r", attempt=2, job={}), task(1, bytes_written=10)]
    )
    assert tally.bytes_written == 20


def test_tasks_of_different_stages_are_different_tasks():
    assert Tally.of([task(0, "prepare", bytes_written=1), task(0, "store", bytes_written=10)]).bytes_written == 11


def test_what_is_fetched_or_goes_to_an_intermediate_store_is_not_written_to_the_target():
    assert Tally.of([task(0, "cache", bytes_written=1), task(0, "spread", bytes_written=1, chunks=1)]).changes()["bytes_written"] == 0


def test_time_between_attempts_is_not_time_of_the_run():
    tally = Tally.of(
        [
            RunStarted(time=100.0, run_id="r", attempt=1, job={}),
            task(0, time=103.0),
            RunStarted(time=5000.0, run_id="r", attempt=2, job={}),
            RunEnded(time=5010.0, state="succeeded"),
        ]
    )
    assert tally.seconds == 13.0


def test_versions_inputs_and_stored_bytes_come_from_the_worker():
    loaded = RecipeLoaded(recipe_id="a", dialect="native", inputs=36, versions={"zarr": "3.1"})
    changes = Tally.of([loaded, WorkerEnded(result={"bytes_stored": 7})]).changes()
    assert (changes["inputs"], changes["environment"], changes["bytes_stored"]) == (36, {"zarr": "3.1"}, 7)


def test_numbers_that_no_database_holds_do_not_get_into_the_tally():
    huge = 2**63 - 1
    tally = Tally.of([task(0, bytes_written=huge), task(1, bytes_written=huge), task(10**15), WorkerEnded(result={"bytes_stored": "many"})])
    assert tally.bytes_written == huge
    assert tally.bytes_stored is None


def test_million_tasks_are_remembered_in_little_memory():
    tally = Tally()
    for number in range(0, 1_000_000, 1000):
        tally.add(task(number, bytes_written=1))
    assert sum(len(done) for done in tally._done.values()) <= 125_000
