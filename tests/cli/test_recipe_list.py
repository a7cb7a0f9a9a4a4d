"""``pangeo-forge recipe list``."""

from __future__ import annotations

import json
import subprocess

import pytest


def test_recipes_are_listed_with_those_of_a_dictionary(forge, make_feedstock):
    ended = forge("recipe", "list", make_feedstock("sst=sst", "=several"))
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.splitlines() == [
        "nemo: Months of NEMO",
        "",
        "ID       DIALECT  KIND        INPUTS          SIZE",
        "sst      native   ZarrRecipe       3  about 2.4 MB",
        "january  native   ZarrRecipe       3  about 2.4 MB",
        "bounds   native   ZarrRecipe       3  about 2.9 MB",
    ]


def test_machines_are_told_bytes(forge, make_feedstock):
    folder = make_feedstock("sst=sst")
    ended = forge("recipe", "list", folder, "--json")
    assert (ended.returncode, ended.stderr) == (0, "")
    assert json.loads(ended.stdout) == {
        "feedstock": {"name": "nemo", "source": str(folder), "commit": None, "title": "Months of NEMO"},
        "recipes": [{"id": "sst", "dialect": "native", "kind": "ZarrRecipe", "inputs": 3, "bytes": 2376072, "problem": None}],
    }


def test_a_size_that_cannot_be_estimated_says_why(forge, make_feedstock):
    ended = forge("recipe", "list", make_feedstock("sst=sst", "broken=broken"))
    assert ended.returncode == 0
    *_, line, blank, heading, problem = ended.stdout.splitlines()
    assert line == "broken  native   ZarrRecipe       3       unknown"
    assert (blank, heading) == ("", "Sizes that could not be estimated:")
    assert problem.startswith("  broken: /")
    assert "_grid-T.nc: fail failed: KeyError: " in problem


def test_a_feedstock_may_be_a_meta_yaml(forge, make_feedstock):
    assert forge("recipe", "list", make_feedstock("sst=sst") / "meta.yaml").returncode == 0


def test_a_feedstock_may_be_a_git_repository(forge, make_feedstock, tmp_path):
    folder = make_feedstock("sst=sst", name="ocean-feedstock")
    git = ["git", "-c", "user.name=A", "-c", "user.email=a@example.org", "-C", str(folder)]
    subprocess.run([*git, "init", "-q", "-b", "main"], check=True)
    subprocess.run([*git, "add", "-A"], check=True)
    subprocess.run([*git, "commit", "-q", "-m", "Begin"], check=True)
    commit = subprocess.run([*git, "rev-parse", "HEAD"], check=True, capture_output=True, text=True).stdout.strip()
    found = json.loads(forge("recipe", "list", f"file://{folder}", "--json").stdout)["feedstock"]
    assert found == {"name": "ocean", "source": f"file://{folder}", "commit": commit, "title": "Months of NEMO"}
    assert forge("recipe", "list", folder).stdout.startswith(f"ocean ({commit[:12]}): Months of NEMO\n")
    (folder / "notes.txt").write_text("not committed")
    assert json.loads(forge("recipe", "list", folder, "--json").stdout)["feedstock"]["commit"] == f"{commit}-dirty"


def test_all_that_is_wrong_with_a_feedstock_is_told_at_once(forge, tmp_path):
    folder = tmp_path / "wrong"
    folder.mkdir()
    entries = ['  - id: "a/b"', '    object: "recipe:recipe"', '  - id: "c"', '    object: "recipe"']
    (folder / "meta.yaml").write_text("\n".join(['title: "A"', "recipes:", *entries, ""]))
    (folder / "recipe.py").write_text("recipe = 1\n")
    ended = forge("recipe", "list", folder)
    assert (ended.returncode, ended.stdout) == (1, "")
    first, *problems = ended.stderr.splitlines()
    assert first.startswith("error: ")
    places = [line.split(": ")[0] for line in problems if line.startswith("  /")]
    assert places == [f"  {folder}/meta.yaml:3:9", f"  {folder}/meta.yaml:6:13"]


def test_an_error_is_json_for_machines(forge, tmp_path):
    ended = forge("recipe", "list", tmp_path / "nothing", "--json")
    assert (ended.returncode, ended.stdout) == (2, "")
    error = json.loads(ended.stderr)["error"]
    assert error["kind"] == "UsageError"
    assert error["message"] == f"there is no folder or file '{tmp_path}/nothing', and it is no git URL"


def test_code_that_fails_is_told_with_its_line_and_with_verbose_its_traceback(forge, make_feedstock):
    folder = make_feedstock("sst=sst")
    (folder / "recipe.py").write_text("months = 3\nsst = months.no_such_thing\n")
    ended = forge("recipe", "list", folder)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr == (
        f"error: {folder}/recipe.py:2: module 'recipe' fails when it is imported: "
        "AttributeError: 'int' object has no attribute 'no_such_thing' [PFR041]\n"
        "hint: The traceback of the recipe's code is shown with --verbose.\n"
    )
    assert "Traceback (most recent call last):" in forge("recipe", "list", folder, "--verbose").stderr


@pytest.mark.parametrize(
    ("meta", "message"),
    [
        ('title: "A"\n', "the feedstock 'bare' has nothing to bake: its meta.yaml names no recipes"),
        ('recipes:\n  - id: "one"\n', "the feedstock 'bare' has nothing to bake: it names datasets that exist already (one)"),
    ],
)
def test_a_feedstock_without_recipes_says_so(forge, tmp_path, meta, message):
    folder = tmp_path / "bare"
    folder.mkdir()
    (folder / "meta.yaml").write_text(meta)
    (folder / "catalog.yaml").write_text("stores: []\n")
    ended = forge("recipe", "list", folder)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.startswith(f"error: {message}\nhint: ")
