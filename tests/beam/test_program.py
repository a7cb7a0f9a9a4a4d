"""The program that runs Beam in another Python: what it is given on standard input, and what it says on standard output."""

from __future__ import annotations

import os
import signal
import textwrap
import time
from pathlib import Path
from typing import Any

import pytest
import xarray as xr

from pangeo_forge.beam.failures import make_error
from pangeo_forge.beam.order import Order, Place, Reference
from pangeo_forge.beam.process import BeamProcess
from pangeo_forge.errors import EngineError, RecipeFailed, SourceError, UserError
from peer.recipes import FOUR, HEAD, ONE, OPEN, STORE

pytestmark = pytest.mark.slow


@pytest.fixture
def start(peer_python, peer_archive, tmp_path):
    """Start the program with a module that begins with the imports and a pattern."""

    def start(text: str, *, key: str | None = None, pattern: str = FOUR, **options: Any) -> BeamProcess:
        (tmp_path / "feedstock").mkdir()
        (tmp_path / "feedstock" / "recipe.py").write_text(HEAD + pattern + "\n" + textwrap.dedent(text))
        (tmp_path / "scratch").mkdir()
        reference = Reference(("recipe:recipe" if key is None else "recipe:recipes",), key)
        order = Order(str(tmp_path / "feedstock"), reference, Place(str(tmp_path / "out.zarr")), str(tmp_path / "scratch"), **options)
        return BeamProcess(peer_python, order, {**os.environ, "ARCHIVE": str(peer_archive)})

    return start


def listen(process: BeamProcess) -> list[dict[str, Any]]:
    """Hear all that it says, and let it go on when it asks."""
    heard = []
    for said in process.listen():
        heard.append(said)
        if said["said"] == "loaded":
            process.go_on()
    return heard


@pytest.fixture
def run(start):
    def run(text: str, **options: Any) -> list[dict[str, Any]]:
        with start(text, **options) as process:
            return listen(process)

    return run


def open_result(tmp_path: Path) -> xr.Dataset:
    with xr.open_zarr(tmp_path / "out.zarr", chunks=None, consolidated=False) as opened:
        return opened.load()


def test_a_recipe_stores_at_the_target_whatever_it_calls_its_store(run, tmp_path):
    heard = run(f"recipe = {OPEN} | {STORE}, target_root='/nowhere')")
    assert [said["said"] for said in heard if said["said"] not in ("begun", "done")] == ["loaded", "built", "ended"]
    assert open_result(tmp_path).sizes["time"] == 12


def test_what_has_passed_is_counted(run):
    heard = run(f"recipe = {OPEN} | {STORE}, target_chunks={{'time': 2}})")
    begun = {said["stage"]: said["tasks"] for said in heard if said["said"] == "begun"}
    assert begun == {"open": 3, "store": 6}
    done = [said["stage"] for said in heard if said["said"] == "done"]
    assert (done.count("open"), done.count("store")) == (3, 6)


def test_a_pruned_recipe_reads_the_first_two_keys_of_a_concat_dimension_and_all_of_a_merge_dimension(run, tmp_path):
    both = (
        'pattern = FilePattern(lambda time, variable: f"{ARCHIVE}/{variable}_{time}.nc", '
        'ConcatDim("time", range(3)), MergeDim("variable", ["tas", "pr"]))\n'
    )
    heard = run(f"recipe = {OPEN} | {STORE})", pattern=both, pruned=True)
    built = next(said for said in heard if said["said"] == "built")
    assert (built["inputs_before"], built["inputs"]) == (6, 4)
    assert dict(open_result(tmp_path).sizes) == {"time": 8, "lat": 5, "lon": 6}


def test_a_store_within_a_transform_of_the_recipes_own_is_placed(run, tmp_path):
    run(f"""
        class Store(beam.PTransform):
            def expand(self, pcoll):
                return pcoll | {STORE})


        recipe = {OPEN} | Store()
    """)
    assert open_result(tmp_path).sizes["time"] == 12


def test_inputs_are_kept_in_the_cache(run, tmp_path):
    run(f"recipe = {OPEN} | {STORE})", cache=Place(str(tmp_path / "cache")))
    assert len(list((tmp_path / "cache").iterdir())) == 3


def test_a_recipe_of_a_dictionary_is_found_by_its_key(run, tmp_path):
    run(f"recipes = {{2: {OPEN} | {STORE})}}", key="2")
    assert open_result(tmp_path).sizes["time"] == 12


def test_two_processes_of_beam_make_the_same_dataset(run, tmp_path):
    text = f"""
        def warm(item):
            index, ds = item
            return index, ds.assign(tas=ds.tas + 1)


        recipe = {OPEN} | beam.Map(warm) | {STORE})
    """
    heard = run(text, workers=2)
    assert heard[-1]["said"] == "ended"
    assert [said["stage"] for said in heard if said["said"] == "done"].count("open") == 3
    assert open_result(tmp_path).sizes["time"] == 12


def test_a_second_store_is_refused(run):
    other = STORE.replace("out.zarr", "other.zarr")
    heard = run(f"""
        class Both(beam.PTransform):
            def expand(self, pcoll):
                return [pcoll | {STORE}), pcoll | {other})]


        recipe = {OPEN} | Both()
    """)
    assert heard[-1]["said"] == "refused"
    assert heard[-1]["message"] == "the pipeline writes several stores ('out.zarr', 'other.zarr'), and a run makes one"


def test_a_pipeline_that_the_module_has_begun_is_refused(run):
    heard = run("recipe = beam.Pipeline() | beam.Create(pattern.items())\n")
    assert heard[-1]["said"] == "refused"
    assert heard[-1]["message"].startswith("the recipe is a PCollection of a pipeline that the module begins by itself")


def test_what_a_recipe_prints_is_not_taken_for_what_the_program_says(run):
    heard = run(f'print(\'{{"said": "ended"}}\', flush=True)\nrecipe = {OPEN} | {STORE})')
    assert heard[0]["said"] == "loaded"


def fail(heard: list[dict[str, Any]]) -> Any:
    assert heard[-1]["said"] == "failed"
    return make_error(heard[-1], "requirements.txt")


def test_a_function_that_fails_is_told_from_the_recipes_own_line_on(run, tmp_path):
    error = fail(
        run(f"""
        def inner(ds):
            raise ValueError("not so")


        def warm(item):
            return inner(item[1])


        recipe = {OPEN} | beam.Map(warm) | {STORE})
    """)
    )
    module = tmp_path / "feedstock" / "recipe.py"
    line = module.read_text().splitlines().index('    raise ValueError("not so")') + 1
    assert isinstance(error, RecipeFailed)
    assert str(error) == f"{module}:{line}: warm failed: ValueError: not so"
    lines = error.detail.splitlines()
    assert lines[0] == "Traceback (most recent call last):"
    assert lines[1].startswith(f'  File "{module}", line ')
    assert lines[1].endswith("in warm")
    assert lines[-1] == "ValueError: not so"
    assert "apache_beam" not in error.detail


def test_an_exception_that_beam_puts_into_another_is_taken_out(run, peer_archive):
    error = fail(run(f"recipe = {OPEN} | {STORE})", pattern=FOUR.replace("four_", "none_")))
    assert isinstance(error, SourceError)
    assert str(error) == f"{peer_archive}/none_0.nc: there is no such file"


def test_a_module_that_is_not_installed_there_is_told_with_the_line(run, tmp_path):
    error = fail(run(f"import a_package_of_nobody\nrecipe = {OPEN} | {STORE})"))
    assert isinstance(error, UserError)
    assert str(error.where).startswith(f"{tmp_path}/feedstock/recipe.py:")
    assert error.hint == "Add the package to requirements.txt."


def test_it_ends_with_all_its_processes_when_nobody_listens_any_more(start):
    text = f"""
        import time


        def wait(item):
            time.sleep(600)


        recipe = {OPEN} | beam.Map(wait) | {STORE})
    """
    with start(text, workers=2) as process:
        for said in process.listen():
            if said["said"] == "loaded":
                process.go_on()
            if said["said"] == "done":
                break
        group = process._process.pid
        process._process.stdin.close()
        assert process._process.wait(timeout=60) == -signal.SIGKILL
        wait_for_end(group)


def test_a_process_that_is_killed_is_told(start):
    text = f"import os, signal\nos.kill(os.getpid(), signal.SIGKILL)\nrecipe = {OPEN} | {STORE})"
    with start(text) as process, pytest.raises(EngineError, match="Apache Beam was killed by SIGKILL, most likely because the machine"):
        listen(process)


def wait_for_end(group: int) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return
        time.sleep(0.1)
    pytest.fail("processes of Beam are still there")


def test_pruning_keeps_what_is_no_item_of_a_pattern(run, tmp_path):
    heard = run(
        f"""
        def locate(number):
            return next(item for item in pattern.items() if item[0].find_position("time") == number)


        recipe = beam.Create([0, 1, 2, 3]) | beam.Map(locate) | OpenURLWithFSSpec() | OpenWithXarray(file_type=pattern.file_type) | {STORE})
    """,
        pattern=ONE.replace("range(6), nitems_per_file=1", "range(6)"),
        pruned=True,
    )
    assert next(said for said in heard if said["said"] == "built")["inputs"] == 0
    assert open_result(tmp_path).sizes["time"] == 4
