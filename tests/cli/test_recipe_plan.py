"""``pangeo-forge recipe plan``."""

from __future__ import annotations

import json

PLAN = """\
sst
  inputs      3
  dimensions  y 330, x 360, axis_nbounds 2, time_counter 3
  size        about 2.4 MB uncompressed, as Zarr version 3

VARIABLE              DTYPE    DIMENSIONS                  CHUNKS          CHUNK    SIZE
nav_lat               float32  y, x                        330 × 360      475 kB  475 kB
nav_lon               float32  y, x                        330 × 360      475 kB  475 kB
time_centered_bounds  float64  time_counter, axis_nbounds  3 × 2            48 B    48 B
tos                   float32  time_counter, y, x          1 × 330 × 360  475 kB  1.4 MB
time_counter          float64  time_counter                3                24 B    24 B

STAGE     TASKS   READS  WRITES  CHUNKS  MEMORY/TASK
inspect       3       -       -       -            -
prepare       1       -    72 B       2         72 B
store         4  2.4 MB  2.4 MB       5       1.9 MB
finalize      1       -       -       -            -
check         4       -       -       -            -

note: sizes are estimated from a few inputs; a run looks at all of them first
note: prepare: the inputs differ in the attributes TimeStamp, file_name, name, timeStamp: these are left out
"""


def test_a_plan_shows_the_dataset_and_the_stages(forge, make_feedstock, forge_home):
    ended = forge("recipe", "plan", make_feedstock("sst=sst"))
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout == PLAN
    assert not (forge_home / "bakery").exists()


def test_a_plan_is_numbers_for_machines(forge, make_feedstock):
    ended = forge("recipe", "plan", make_feedstock("sst=sst"), "sst", "--json")
    assert (ended.returncode, ended.stderr) == (0, "")
    planned = json.loads(ended.stdout)
    assert {name: planned[name] for name in ("id", "inputs", "pruned")} == {"id": "sst", "inputs": 3, "pruned": False}
    assert planned["dataset"]["sizes"]["time_counter"] == 3
    store = next(stage for stage in planned["stages"] if stage["name"] == "store")
    assert set(store) == {"name", "tasks", "bytes_read", "bytes_written", "chunks", "memory_per_task", "notes"}
    assert store["bytes_written"] > 1_000_000


def test_a_pruned_plan_has_the_first_two_inputs(forge, make_feedstock):
    folder = make_feedstock("sst=sst")
    assert forge("recipe", "plan", folder, "--pruned").stdout.startswith("sst (pruned)\n  inputs      2\n")
    planned = json.loads(forge("recipe", "plan", folder, "--pruned", "--json").stdout)
    assert (planned["inputs"], planned["pruned"]) == (2, True)


def test_one_of_several_recipes_must_be_named(forge, make_feedstock):
    ended = forge("recipe", "plan", make_feedstock("sst=sst", "=several"))
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr == (
        "error: the feedstock 'nemo' has 3 recipes, and none is named: sst, january, bounds\nhint: Name one of them, such as sst.\n"
    )


def test_a_recipe_of_a_dictionary_can_be_named(forge, make_feedstock):
    assert json.loads(forge("recipe", "plan", make_feedstock("sst=sst", "=several"), "bounds", "--json").stdout)["id"] == "bounds"


def test_a_recipe_that_there_is_not_names_the_one_that_is_meant(forge, make_feedstock):
    ended = forge("recipe", "plan", make_feedstock("sst=sst", "broken=broken"), "borken")
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr == "error: there is no recipe 'borken' in the feedstock 'nemo'; there is sst, broken\nhint: Did you mean broken?\n"


def test_an_input_that_is_not_there_is_told_by_its_address(forge, make_feedstock, tmp_path):
    folder = make_feedstock("sst=sst")
    text = (folder / "recipe.py").read_text()
    (folder / "recipe.py").write_text(text.replace("/nemo_1m_", "/nothing_1m_"))
    ended = forge("recipe", "plan", folder)
    assert (ended.returncode, ended.stdout) == (1, "")
    first = ended.stderr.splitlines()[0]
    assert first.startswith("error: /")
    assert "/NEMO/nothing_1m_20150101-20150201_grid-T.nc: " in first
