"""Pipelines that no plan can express, from the command line: listed, tested, run, cancelled and killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import xarray as xr

from beam.shapes import LIFTED, SHAPES, write_module
from pangeo_forge.api.cataloguing import Search, search_catalog, validate_catalog
from pangeo_forge.catalog.health.executing import execute
from pangeo_forge.catalog.snippets import write_snippets
from peer.archive import make
from peer.fixtures import REQUIREMENTS
from peer.recipes import FOUR, OPEN, STORE

pytestmark = pytest.mark.slow

SLOW = f"""
import time
from pathlib import Path


def wait(item):
    Path(os.environ["SEEN"], str(os.getpid())).touch()
    while not Path(os.environ["SEEN"], "go on").exists():
        time.sleep(0.05)
    return item


class Wait(beam.DoFn):
    def process(self, item):
        yield wait(item)


recipe = {OPEN} | beam.ParDo(Wait()) | {STORE})
"""

REFERENCES = """
from pangeo_forge_recipes.transforms import OpenWithKerchunk, WriteCombinedReference

recipe = (
    beam.Create(pattern.items())
    | OpenWithKerchunk(file_type=pattern.file_type)
    | WriteCombinedReference(
        store_name="references", concat_dims=["time"], identical_dims=["lat", "lon"], mzz_kwargs={"coo_map": {"time": "cf:time"}}
    )
)
"""

LEVELS = f"""
from dataclasses import dataclass, field
from typing import Any

from pangeo_forge_recipes.transforms import RequiredAtRuntimeDefault
from pangeo_forge_recipes.writers import ZarrWriterMixin


@dataclass
class StoreLevels(beam.PTransform, ZarrWriterMixin):
    store_name: str
    target_root: Any = field(default_factory=RequiredAtRuntimeDefault)

    def expand(self, pcoll):
        xr.Dataset(attrs={{"levels": 2}}).to_zarr(self.get_full_target().get_mapper(), compute=False, consolidated=False)
        return [
            pcoll
            | f"coarsen {{level}}" >> beam.Map(self._coarsen, level=level)
            | f"store {{level}}"
            >> StoreToZarr(
                store_name=f"{{self.store_name}}/{{level}}", target_root=self.target_root, combine_dims=pattern.combine_dim_keys
            )
            for level in range(2)
        ]

    @staticmethod
    def _coarsen(item, level):
        index, ds = item
        return index, ds.isel(lon=slice(None, None, level + 1))


recipe = {OPEN} | StoreLevels("levels.zarr")
"""

META = "title: Pipelines\nrecipes:\n  - id: recipe\n    object: 'recipe:recipe'\n"


@pytest.fixture
def feedstock(tmp_path: Path) -> Callable[..., Path]:
    """Write a feedstock of one module."""

    def write(text: str, *, meta: str = META, pattern: str = FOUR) -> Path:
        folder = tmp_path / "pipelines"
        folder.mkdir()
        (folder / "meta.yaml").write_text(meta)
        (folder / "recipe.py").write_text(write_module(text, pattern))
        (folder / "requirements.txt").write_text(REQUIREMENTS)
        return folder

    return write


@pytest.fixture
def environ(peer_environments: Path, peer_archive: Path, tmp_path: Path) -> dict[str, str]:
    (tmp_path / "seen").mkdir()
    return {
        "PANGEO_FORGE_ENVIRONMENTS": str(peer_environments),
        "PANGEO_FORGE_WORKERS": "1",
        "ARCHIVE": str(peer_archive),
        "SEEN": str(tmp_path / "seen"),
    }


@pytest.fixture
def run(forge, environ, tmp_path) -> Callable[..., Any]:
    """Run a recipe into ``out.zarr``, and give what the command says as JSON."""

    def run(*arguments: str | Path, code: int = 0) -> Any:
        ended = forge("recipe", "run", *arguments, "--target", tmp_path / "out.zarr", "--no-lint", "--json", **environ)
        assert ended.returncode == code, ended.stderr
        return json.loads(ended.stdout)[0]

    return run


def load(folder: Path) -> xr.Dataset:
    with xr.open_zarr(folder / "out.zarr", chunks=None, consolidated=False) as opened:
        return opened.load()


def expect() -> xr.Dataset:
    """Make what the files of the pattern hold together."""
    return xr.concat(
        [make(first, 4) for first in (0, 4, 8)], "time", data_vars="minimal", coords="minimal", compat="override", join="exact"
    )


@pytest.mark.parametrize("shape", list(SHAPES))
def test_what_no_plan_expresses_is_run_by_beam(feedstock, run, tmp_path, shape):
    # That a DoFn yields several things shows when it is called only: the run says then to write --engine beam.
    outcome = run(feedstock(SHAPES[shape]), *(("--engine", "beam") if "DoFn" in shape else ()))
    assert (outcome["run"]["state"], outcome["run"]["inputs"]) == ("succeeded", 3)
    assert outcome["run"]["environment"]["apache-beam"] == "2.77.0"
    shift = 3 if shape == "a side input" else 0
    xr.testing.assert_allclose(load(tmp_path).tas, (expect().tas + shift).assign_attrs(expect().tas.attrs))


def test_the_catalogue_lists_what_the_pipeline_begins_with(feedstock, run, forge_home, peer_archive):
    outcome = run(feedstock(SHAPES["groups"]))
    path = forge_home / "bakery" / "catalog" / "inputs" / f"{outcome['run']['id']}.parquet"
    rows = pq.read_table(path).to_pylist()
    files = [peer_archive / f"four_{number}.nc" for number in range(3)]
    assert [(row["url"], row["size"]) for row in rows] == [(str(file), file.stat().st_size) for file in files]
    assert [row["keys"] for row in rows] == [json.dumps({"time": str(number)}) for number in range(3)]


def commit(folder: Path) -> str:
    """Put a feedstock under version control, as one of GitHub's, and give the commit."""
    author = ("-c", "user.name=A", "-c", "user.email=a@example.org")
    origin = "https://github.com/someone/pipelines-feedstock.git"
    for arguments in (("init", "-q"), ("remote", "add", "origin", origin), ("add", "."), (*author, "commit", "-qm", "A pipeline")):
        subprocess.run(["git", *arguments], cwd=folder, check=True)
    return subprocess.run(["git", "rev-parse", "HEAD"], cwd=folder, check=True, capture_output=True, text=True).stdout.strip()


def test_what_beam_made_is_catalogued_with_the_packages_that_it_was_made_by(feedstock, forge, forge_home, environ):
    folder = feedstock(SHAPES["groups"])
    version = commit(folder)
    ended = forge("recipe", "run", folder, "--engine", "beam", "--no-lint", **environ)
    assert (ended.returncode, "the catalogue" in ended.stderr) == (0, False), ended.stderr
    (item,) = search_catalog(forge_home / "bakery", Search()).items
    properties, asset = item["properties"], item["assets"]["data"]
    assert (item["collection"], asset["href"]) == ("pipelines.recipe", str(forge_home / "bakery" / "pipelines" / "recipe.zarr"))
    assert (properties["start_datetime"], properties["end_datetime"]) == ("2000-01-01T00:00:00Z", "2000-01-12T00:00:00Z")
    assert (properties["pangeo_forge:recipe"], properties["processing:version"]) == ("recipe", version)
    assert properties["processing:software"]["apache-beam"] == "2.77.0"
    links = {link["rel"]: link["href"] for link in item["links"]}
    assert links["via"] == f"https://github.com/someone/pipelines-feedstock/tree/{version}"
    assert links["processing-expression"] == f"https://github.com/someone/pipelines-feedstock/blob/{version}/recipe.py"
    assert [verdict.faults for _, verdict in validate_catalog(forge_home / "bakery")] == [()] * 3
    assert execute(write_snippets(asset)[0].code, {}).sizes["time"] == 12


def test_beam_leaves_no_temporary_files_behind(feedstock, forge, environ, tmp_path):
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    ended = forge("recipe", "test", feedstock(SHAPES["groups"]), "--no-lint", **environ, TMPDIR=str(temporary))
    assert ended.returncode == 0, ended.stderr
    assert [path.name for path in temporary.iterdir() if path.name.startswith(("beam", "tmp", "pangeo-forge"))] == []


def test_a_listing_says_that_beam_runs_it_and_why(feedstock, forge, environ):
    ended = forge("recipe", "list", feedstock(SHAPES["groups"]), **environ)
    assert "pipeline, by Beam" in ended.stdout
    assert "recipe: the pipeline 'recipe:recipe' has no plan, and is run by Apache Beam:" in ended.stdout


def test_a_test_keeps_two_keys_and_shows_the_dataset(feedstock, forge, environ):
    ended = forge("recipe", "test", feedstock(SHAPES["two branches put together"]), "--no-lint", **environ)
    assert ended.returncode == 0, ended.stderr
    assert "note: the pipeline is run by Apache Beam: " in ended.stderr
    assert "recipe: 2 inputs, Beam API recipe" in ended.stderr
    assert "open      2/2 tasks" in ended.stderr
    assert "Dimensions:    (time: 8, lat: 5, lon: 6)" in ended.stdout


def test_a_lifted_pipeline_makes_the_same_dataset_by_beam(feedstock, forge, environ, tmp_path):
    folder = feedstock(LIFTED, meta=META.replace("recipe:recipe", "recipe:lifted"))
    for name, *options in (("ours.zarr",), ("theirs.zarr", "--engine", "beam")):
        ended = forge("recipe", "run", folder, "--target", tmp_path / name, "--no-lint", *options, **environ)
        assert ended.returncode == 0, ended.stderr
    ours = xr.open_zarr(tmp_path / "ours.zarr", chunks=None)
    theirs = xr.open_zarr(tmp_path / "theirs.zarr", chunks=None, consolidated=False)
    with ours, theirs:
        xr.testing.assert_identical(ours.load(), theirs.load())


def test_the_printed_code_opens_what_beam_made(feedstock, run):
    snippet = run(feedstock(SHAPES["groups"]))["result"]["snippet"]
    ended = subprocess.run([sys.executable, "-W", "error", "-c", f"{snippet}\nprint(ds.sizes['time'])"], capture_output=True, text=True)
    assert (ended.stdout, ended.stderr) == ("12\n", "")


def test_a_dataset_that_is_there_is_replaced_only_if_asked(feedstock, run, tmp_path):
    folder = feedstock(SHAPES["groups"])
    (tmp_path / "out.zarr").mkdir()
    (tmp_path / "out.zarr" / ".zgroup").write_text('{"zarr_format": 2}')
    (tmp_path / "out.zarr" / "old").touch()
    assert run(folder, code=1)["error"]["kind"] == "TargetExists"
    assert (tmp_path / "out.zarr" / "old").exists()
    run(folder, "--overwrite")
    assert not (tmp_path / "out.zarr" / "old").exists()
    assert load(tmp_path).sizes["time"] == 12


def test_a_module_that_fails_with_beam_leaves_the_old_dataset(feedstock, run, tmp_path):
    folder = feedstock(f"if hasattr(beam, 'Row'):\n    beam.no_such\n{SHAPES['groups']}")
    (tmp_path / "out.zarr").mkdir()
    (tmp_path / "out.zarr" / ".zgroup").write_text('{"zarr_format": 2}')
    error = run(folder, "--overwrite", code=1)["error"]
    assert error["message"].startswith("the recipe's module fails when it is imported with Apache Beam: AttributeError: ")
    assert error["where"]["path"] == f"{folder}/recipe.py"
    assert (tmp_path / "out.zarr" / ".zgroup").exists()


def test_a_pipeline_that_stores_nothing_at_the_target_has_failed(feedstock, run):
    error = run(feedstock("recipe = beam.Create(pattern.items()) | beam.combiners.Count.Globally()\n"), code=1)["error"]
    assert error["kind"] == "CheckFailed"
    assert error["message"] == "the pipeline ran to its end, but there is no dataset at the target"


def test_references_are_written_to_the_target_itself_if_it_is_named_so(feedstock, forge, environ, tmp_path):
    target = tmp_path / "references.json"
    ended = forge("recipe", "run", feedstock(REFERENCES), "--engine", "beam", "--target", target, "--no-lint", **environ)
    assert ended.returncode == 0, ended.stderr
    assert target.is_file()
    assert f'ds = xr.open_dataset("{target}", engine="kerchunk")' in ended.stdout


def test_a_store_of_several_groups_is_opened_as_a_tree(feedstock, run):
    outcome = run(feedstock(LEVELS))
    assert outcome["run"]["target"] in outcome["result"]["snippet"]
    printing = "print({path: node.sizes['lon'] for path, node in tree.subtree_with_keys if node.sizes})"
    program = f"{outcome['result']['snippet']}\n{printing}"
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert ended.stdout == "{'0': 6, '1': 3}\n", ended.stderr


def start(feedstock: Path, forge_environ: dict[str, str], environ: dict[str, str], target: Path) -> subprocess.Popen[str]:
    """Start a run that waits, and wait until two processes of Beam do."""
    options = ["--engine", "beam", "--workers", "2", "--no-lint", "--json"]
    command = [sys.executable, "-m", "pangeo_forge", "recipe", "run", feedstock, "--target", target, *options]
    process = subprocess.Popen(command, env=forge_environ | environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    while not list(Path(environ["SEEN"]).iterdir()):
        assert process.poll() is None, process.communicate()
        time.sleep(0.1)
    return process


def wait_for_end(environ: dict[str, str]) -> None:
    """Wait until no process of Beam is left that has seen an element."""
    seen = [int(path.name) for path in Path(environ["SEEN"]).iterdir() if path.name.isdigit()]
    assert seen
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if not any(Path(f"/proc/{pid}/cmdline").exists() and Path(f"/proc/{pid}/cmdline").read_bytes() for pid in seen):
            return
        time.sleep(0.1)
    pytest.fail("processes of Beam are still there")


def test_a_run_that_is_cancelled_leaves_no_process_and_starts_over_when_it_is_resumed(feedstock, forge, forge_environ, environ, tmp_path):
    process = start(feedstock(SLOW), forge_environ, environ, tmp_path / "out.zarr")
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=120)
    outcome = json.loads(out)[0]
    assert outcome["run"]["state"] == "cancelled"
    wait_for_end(environ)
    Path(environ["SEEN"], "go on").touch()
    ended = forge("runs", "resume", outcome["run"]["id"], **environ)
    assert ended.returncode == 0, ended.stderr
    assert "note: Apache Beam keeps no account of what is done: the run starts over" in ended.stderr
    assert load(tmp_path).sizes["time"] == 12


def test_a_run_whose_own_process_is_killed_leaves_no_process(feedstock, forge_environ, environ, tmp_path):
    process = start(feedstock(SLOW), forge_environ, environ, tmp_path / "out.zarr")
    process.kill()
    process.communicate(timeout=120)
    wait_for_end(environ)


def test_references_that_beam_made_are_opened_and_replaced_only_if_asked(feedstock, run):
    folder = feedstock(REFERENCES)
    outcome = run(folder, "--engine", "beam")
    snippet = outcome["result"]["snippet"]
    ended = subprocess.run([sys.executable, "-c", f"{snippet}\nprint(ds.sizes['time'])"], capture_output=True, text=True)
    assert ended.stdout == "12\n", ended.stderr
    assert run(folder, "--engine", "beam", code=1)["error"]["message"] == "there are references at the target already"
    assert run(folder, "--engine", "beam", "--overwrite")["run"]["state"] == "succeeded"


def test_a_worker_that_is_killed_takes_beam_with_it(feedstock, forge, forge_environ, environ, tmp_path):
    process = start(feedstock(SLOW), forge_environ, environ, tmp_path / "out.zarr")
    listed = forge("runs", "list", "--json", **environ)
    worker = json.loads(listed.stdout)[0]["worker_pid"]
    os.kill(worker, signal.SIGKILL)
    out, _ = process.communicate(timeout=120)
    assert json.loads(out)[0]["run"]["state"] == "failed"
    wait_for_end(environ)


@pytest.mark.parametrize(
    ("text", "options", "message"),
    [
        ("from pangeo_forge.recipes import ZarrRecipe\n", ("--engine", "beam"), "the engine 'beam' runs pipelines of the Beam API"),
        (SHAPES["groups"], ("--engine", "dask"), "the engine 'dask' runs plans, and there is none of this pipeline: "),
        (SHAPES["groups"], ("--engine", "dataflow"), "the engine 'dataflow' is not supported: Apache Beam runs pipelines on this machine"),
        (SHAPES["groups"], ("--no-isolation",), "the pipeline needs an environment of its own, since Apache Beam runs it: "),
        (
            SHAPES["groups"].replace("keys)", "keys, append_dim='time')"),
            (),
            "the recipe appends along 'time' to a dataset that is there, which Apache Beam does again whenever a run is repeated",
        ),
    ],
    ids=["not a pipeline", "another machine", "another runner", "no isolation", "appending"],
)
def test_what_beam_does_not_do_is_refused_before_an_environment_is_built(forge, environ, feedstock, tmp_path, text, options, message):
    if "ZarrRecipe" in text:
        text = (
            "from pangeo_forge.recipes import ZarrRecipe, pattern_from_file_sequence as files\n"
            "recipe = ZarrRecipe(files([f'{ARCHIVE}/four_0.nc'], 'time'))\n"
        )
    folder = feedstock(text)
    empty = tmp_path / "environments"
    ended = forge("recipe", "run", folder, "--no-lint", *options, **{**environ, "PANGEO_FORGE_ENVIRONMENTS": str(empty)})
    assert ended.returncode != 0
    assert message in ended.stderr
    assert not empty.exists()
