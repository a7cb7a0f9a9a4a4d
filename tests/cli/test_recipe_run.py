"""``pangeo-forge recipe test`` and ``recipe run``."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest
import xarray as xr


def run_id(text: str, name: str) -> str:
    """Find a run's id in what was printed."""
    match = re.search(rf"\d{{8}}-\d{{6}}-{name}-[a-z0-9]{{4}}", text)
    assert match is not None, text
    return match[0]


def read_inputs(files) -> list[np.ndarray]:
    values = []
    for file in files:
        with xr.open_dataset(file, decode_times=False) as ds:
            values.append(ds.tos.values)
    return values


def test_a_test_bakes_two_inputs_and_shows_what_came_out(forge, make_feedstock, forge_home, nemo_files):
    ended = forge("recipe", "test", make_feedstock("sst=sst"))
    assert ended.returncode == 0
    run = run_id(ended.stdout, "sst")
    target = f"{forge_home}/bakery/test/nemo/{run}/sst.zarr"
    summary, *rest = ended.stdout.split("\n\n")
    lines = summary.splitlines()
    assert lines[:2] == ["sst passed its test.", f"  target   {target}"]
    assert re.fullmatch(r"  stored   \d+ kB in 6 chunks, 1.9 MB uncompressed", lines[2])
    assert lines[3] == "  inputs   2"
    assert re.fullmatch(r"  checked  [\d,]+ values are equal to those of the inputs", lines[4])
    assert re.fullmatch(r"  took     [\d.]+ s, \d+ MB of memory at most", lines[5])
    assert lines[6:] == [f"  run      {run}"]
    assert rest[0].startswith("<xarray.Dataset> Size: 2MB\nDimensions: ")
    assert rest[1:] == ["Open it with:", "import xarray as xr", f'ds = xr.open_zarr("{target}")\n']
    with xr.open_zarr(target) as ds:
        np.testing.assert_array_equal(ds.tos.values, np.concatenate(read_inputs(nemo_files[:2])))


def test_progress_in_a_pipe_is_plain_lines_on_standard_error(forge, make_feedstock, forge_home):
    ended = forge("recipe", "run", make_feedstock("sst=sst"))
    assert ended.returncode == 0
    run = run_id(ended.stdout, "sst")
    assert "\x1b" not in ended.stdout + ended.stderr
    lines = [re.sub(r"in [\d.]+ s$", "in T", line) for line in ended.stderr.splitlines()]
    assert lines == [
        f"run {run}: sst into {forge_home}/bakery/nemo/sst.zarr",
        "sst: 3 inputs, native recipe",
        "inspect   0/3 tasks  begins",
        "inspect   3/3 tasks  in T",
        "note: the inputs differ in the attributes TimeStamp, file_name, name, timeStamp: these are left out",
        "prepare   0/1 tasks  begins",
        "prepare   1/1 tasks  72 B in T",
        "store     0/4 tasks  begins",
        "store     4/4 tasks  2.4 MB in T",
        "finalize  0/1 tasks  begins",
        "finalize  1/1 tasks  in T",
        "check     0/4 tasks  begins",
        "check     4/4 tasks  in T",
    ]


def test_a_run_bakes_all_inputs(forge, make_feedstock, forge_home, nemo_files):
    ended = forge("recipe", "run", make_feedstock("sst=sst"), "--workers", "1")
    assert ended.returncode == 0
    assert ended.stdout.startswith(f"sst is baked.\n  target   {forge_home}/bakery/nemo/sst.zarr\n")
    with xr.open_zarr(forge_home / "bakery" / "nemo" / "sst.zarr") as ds:
        np.testing.assert_array_equal(ds.tos.values, np.concatenate(read_inputs(nemo_files)))


def test_machines_are_told_of_a_test_by_one_object_and_of_no_progress(forge, make_feedstock):
    ended = forge("recipe", "test", make_feedstock("sst=sst"), "--json")
    assert (ended.returncode, ended.stderr) == (0, "")
    outcome = json.loads(ended.stdout)
    assert set(outcome) == {"recipe_id", "run", "result", "error"}
    assert (outcome["recipe_id"], outcome["error"]) == ("sst", None)
    assert (outcome["run"]["state"], outcome["run"]["pruned"], outcome["run"]["inputs"]) == ("succeeded", True, 2)
    assert outcome["result"]["repr"].startswith("<xarray.Dataset>")


def test_several_recipes_are_baked_one_after_the_other(forge, make_feedstock, forge_home):
    ended = forge("recipe", "run", make_feedstock("sst=sst", "=several"), "bounds", "sst")
    assert ended.returncode == 0
    assert re.findall(r"^(\w+) is baked\.$", ended.stdout, re.MULTILINE) == ["bounds", "sst"]
    assert sorted(path.name for path in (forge_home / "bakery" / "nemo").iterdir()) == ["bounds.zarr", "sst.zarr"]


def test_all_recipes_are_baked_if_asked_for_and_a_failure_leaves_the_others(forge, make_feedstock, forge_home):
    folder = make_feedstock("broken=broken", "=several")
    ended = forge("recipe", "run", folder, "--all")
    assert ended.returncode == 1
    assert re.findall(r"^(\w+) is baked\.$", ended.stdout, re.MULTILINE) == ["january", "bounds"]
    errors = [line for line in ended.stderr.splitlines() if line.startswith("error: ")]
    assert len(errors) == 1
    assert "_grid-T.nc: fail failed: KeyError: " in errors[0]


def test_machines_are_told_of_runs_by_a_list_with_their_errors(forge, make_feedstock):
    ended = forge("recipe", "run", make_feedstock("sst=sst", "broken=broken"), "broken", "sst", "--json")
    assert ended.returncode == 1
    broken, sst = json.loads(ended.stdout)
    assert (broken["run"]["state"], broken["result"]) == ("failed", None)
    assert broken["error"] == broken["run"]["error"] == json.loads(ended.stderr)["error"]
    assert broken["error"]["kind"] == "RecipeFailed"
    assert (sst["run"]["state"], sst["error"]) == ("succeeded", None)


def test_verbose_shows_the_traceback_of_the_recipes_code(forge, make_feedstock):
    folder = make_feedstock("broken=broken")
    assert "Traceback" not in forge("recipe", "test", folder).stderr
    text = forge("recipe", "test", folder, "--verbose").stderr
    assert "Traceback (most recent call last):" in text
    assert re.search(rf'File "{re.escape(str(folder))}/recipe.py", line \d+, in fail', text)


def test_without_an_id_several_recipes_are_listed_and_nothing_is_baked(forge, make_feedstock, forge_home):
    ended = forge("recipe", "run", make_feedstock("sst=sst", "broken=broken"))
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr == (
        "error: the feedstock 'nemo' has 2 recipes, and none is named: sst, broken\nhint: Name one of them, such as sst.\n"
    )
    assert not (forge_home / "bakery").exists()


def test_a_recipe_that_there_is_not_keeps_the_others_from_beginning(forge, make_feedstock, forge_home):
    ended = forge("recipe", "run", make_feedstock("sst=sst", "broken=broken"), "sst", "ice")
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.splitlines()[0] == "error: there is no recipe 'ice' in the feedstock 'nemo'; there is sst, broken"
    assert not (forge_home / "bakery").exists()


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (["--all", "sst"], "error: --all is given, and recipes are named as well\nhint: Leave out one of the two.\n"),
        (
            ["--all", "--target", "x.zarr"],
            "error: --target is the place of one dataset, but 2 recipes are to be baked\nhint: Leave it out, or name one recipe.\n",
        ),
        (
            ["sst", "--engine", "local", "--scheduler", "tcp://localhost:1"],
            "error: the engine 'local' has no scheduler\nhint: A scheduler's address goes with the engine 'dask'.\n",
        ),
        (["sst", "--target", " "], "error: the target is empty\nhint: Write a folder or a URL.\n"),
        (
            ["sst", "--cache", "ftp://me:secret@host/cache"],
            "error: the cache's URL holds a password, and URLs are shown and kept\n"
            "hint: Give user name and password as storage options, or where the environment's own configuration has them.\n",
        ),
        (
            ["sst", "--bakery", "remote"],
            "error: there is no bakery 'remote'; there is: local\nhint: `pangeo-forge bakeries list` shows them all.\n",
        ),
    ],
)
def test_options_that_make_no_sense_are_refused_before_anything_begins(forge, make_feedstock, arguments, error):
    ended = forge("recipe", "run", make_feedstock("sst=sst", "broken=broken"), *arguments)
    assert (ended.returncode, ended.stdout, ended.stderr) == (2, "", error)
    assert json.loads(forge("runs", "list", "--json").stdout) == []


def test_an_engine_that_there_is_not_names_those_that_there_are(forge, make_feedstock):
    ended = forge("recipe", "run", make_feedstock("sst=sst"), "--engine", "spork")
    assert (ended.returncode, ended.stdout) == (2, "")
    assert re.fullmatch(r"error: there is no engine 'spork'\nhint: There are [\w, ]*dask, local[\w, ]*\.\n", ended.stderr)


def test_a_target_that_is_there_is_kept_unless_it_may_be_replaced(forge, make_feedstock, tmp_path):
    folder = make_feedstock("sst=sst")
    arguments = ("recipe", "run", folder, "--target", tmp_path / "sst.zarr")
    assert forge(*arguments).returncode == 0
    before = sorted((path, path.stat().st_mtime_ns) for path in (tmp_path / "sst.zarr").rglob("*"))
    ended = forge(*arguments)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.splitlines()[-2:] == [
        f"error: {tmp_path}/sst.zarr: there is a dataset at the target already",
        "hint: Replace it with --overwrite, or choose another place with --target.",
    ]
    assert sorted((path, path.stat().st_mtime_ns) for path in (tmp_path / "sst.zarr").rglob("*")) == before
    assert forge(*arguments, "--overwrite").returncode == 0


def test_a_target_is_meant_from_where_the_command_was_typed(forge, make_feedstock, tmp_path):
    ended = forge("recipe", "test", make_feedstock("sst=sst"), "--target", "here.zarr", "--json", cwd=tmp_path)
    assert json.loads(ended.stdout)["run"]["target"] == f"{tmp_path}/here.zarr"
    assert (tmp_path / "here.zarr" / "zarr.json").exists()


def test_dask_makes_the_same_dataset(forge, make_feedstock, tmp_path):
    folder = make_feedstock("sst=sst")
    for engine in ("local", "dask"):
        ended = forge("recipe", "run", folder, "--engine", engine, "--workers", "2", "--target", tmp_path / engine)
        assert ended.returncode == 0, ended.stderr
    assert read_files(tmp_path / "local") == read_files(tmp_path / "dask")


def read_files(folder) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.server
def test_fetched_inputs_are_kept_if_asked_for(forge, make_feedstock, tmp_path, samples, http_server):
    folder = make_feedstock("sst=sst", archive=http_server(samples / "NEMO").url)
    ended = forge("recipe", "test", folder, "--cache", tmp_path / "cache")
    assert ended.returncode == 0
    assert re.search(r"^cache +2/2 tasks  2.8 MB in ", ended.stderr, re.MULTILINE)
    assert len([path for path in (tmp_path / "cache").rglob("*") if path.stat().st_size > 1_000_000]) == 2


#: A lock of the module, which cannot be pickled with the function that uses it.
GUARDED = """
import threading

lock = threading.Lock()


def set_time_guarded(ds, source):
    with lock:
        return set_time(ds, source)


sst = make(set_time_guarded, ["tos"])
"""


def test_a_test_finds_that_a_recipe_could_not_be_sent_to_a_cluster(forge, make_feedstock):
    folder = make_feedstock("sst=sst")
    with (folder / "recipe.py").open("a") as module:
        module.write(GUARDED)
    ended = forge("recipe", "test", folder, "sst")
    assert ended.returncode == 1
    assert "the recipe 'sst' cannot be sent to the processes of a cluster: TypeError: cannot pickle '_thread.lock' object" in ended.stderr
    assert "[PFR042]" in ended.stderr


def test_recipes_that_fit_a_pattern_are_baked_one_by_one_and_summed_up(forge, make_feedstock, forge_home):
    folder = make_feedstock("broken=broken", "=several")
    ended = forge("recipe", "run", folder, "b*", "--workers", "1")
    assert ended.returncode == 1
    *_, table, count = ended.stdout.rstrip().split("\n\n")
    header, broken, bounds = (line.split() for line in table.splitlines())
    assert (header, count) == (["ID", "STATE", "TOOK", "STORED", "RUN"], "1 of 2 recipes are baked, 1 failed.")
    assert (broken[:2], bounds[:2]) == (["broken", "failed"], ["bounds", "succeeded"])
    assert sorted(path.name for path in (forge_home / "bakery" / "nemo").iterdir()) == ["bounds.zarr"]


def test_a_pattern_that_fits_nothing_names_what_there_is(forge, make_feedstock):
    ended = forge("recipe", "run", make_feedstock("=several"), "cmip6-*")
    assert (ended.returncode, ended.stdout) == (2, "")
    assert "none of the 2 recipes of the feedstock 'nemo' fits 'cmip6-*': january, bounds" in ended.stderr
