"""``pangeo-forge recipe lint``."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from lint.feedstocks import META, RECIPE, write, write_good

TWICE = META.replace("title:", "title: Sea ice\ntitle:", 1)
FULL = TWICE.replace("license: CC-BY-4.0", "license: Creative Commons Attribution 4.0 International")
FOUND = "meta.yaml:2:1: PFM003 the key 'title' stands twice in one mapping, first in line 1\n"


def test_a_feedstock_without_faults_says_nothing_and_ends_well(forge, tmp_path):
    ended = forge("recipe", "lint", write_good(tmp_path))
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")


def test_in_a_pipe_there_is_nothing_but_findings(forge, tmp_path):
    root = write_good(tmp_path, {"feedstock/meta.yaml": TWICE})
    ended = forge("recipe", "lint", root)
    assert (ended.returncode, ended.stdout, ended.stderr) == (1, f"{root}/feedstock/{FOUND}", "")


def test_this_folder_is_the_default(forge, tmp_path):
    ended = forge("recipe", "lint", cwd=write_good(tmp_path, {"feedstock/meta.yaml": TWICE}))
    assert ended.stdout == f"feedstock/{FOUND}"


def test_a_folder_of_recipes_is_linted_whole(forge, tmp_path):
    for name, meta in (("sst", META), ("ice", TWICE), ("wind", TWICE)):
        write(tmp_path / "recipes" / name, {"meta.yaml": meta, "recipe.py": RECIPE, "requirements.txt": "pangeo-forge==0.1.0\naiohttp\n"})
    ended = forge("recipe", "lint", "--select", "PFM003", cwd=tmp_path)
    assert ended.stdout == f"recipes/ice/{FOUND}recipes/wind/{FOUND}"


def test_a_file_stands_for_its_feedstock(forge, tmp_path):
    root = write_good(tmp_path, {"feedstock/meta.yaml": TWICE})
    ended = forge("recipe", "lint", root / "feedstock/recipe.py", root / "feedstock/meta.yaml")
    assert ended.stdout == f"{root}/feedstock/{FOUND}"


def test_a_git_repository_is_linted(forge, tmp_path):
    root = write_good(tmp_path / "ocean-feedstock", {"feedstock/meta.yaml": TWICE})
    git = ["git", "-c", "user.name=A", "-c", "user.email=a@example.org", "-C", str(root)]
    for command in (["init", "-q", "-b", "main"], ["add", "-A"], ["commit", "-q", "-m", "Begin"]):
        subprocess.run([*git, *command], check=True)
    ended = forge("recipe", "lint", f"file://{root}@main")
    assert (ended.returncode, ended.stdout) == (1, f"feedstock/{FOUND}")


def test_standard_input_is_not_read_by_accident(forge):
    ended = forge("recipe", "lint", "-")
    assert ended.returncode == 2
    assert "nothing is read from standard input" in ended.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["no-such-folder"], "there is no folder or file 'no-such-folder'"),
        (["--select", "PFM999"], "no rule's code begins with 'PFM999'"),
        (["--fix", "--diff"], "--fix and --diff are given"),
        (["--explain", "PFM0003"], "there is no rule PFM0003"),
        (["--output", "xml"], "xml"),
    ],
)
def test_what_is_used_wrongly_ends_with_2(forge, tmp_path, arguments, message):
    ended = forge("recipe", "lint", *arguments, cwd=write_good(tmp_path))
    assert (ended.returncode, ended.stdout) == (2, "")
    assert message in ended.stderr


def test_warnings_fail_only_if_strict(forge, tmp_path):
    root = write_good(tmp_path, {"feedstock/meta.yaml": META.replace("license: CC-BY-4.0", "license: CC-BY")})
    assert forge("recipe", "lint", root, "--select", "PFM034").returncode == 0
    assert forge("recipe", "lint", root, "--select", "PFM034", "--strict").returncode == 1


@pytest.mark.parametrize("output", ["text", "concise", "json", "github", "sarif", "markdown"])
def test_every_format_ends_with_the_same_code(forge, tmp_path, output):
    root = write_good(tmp_path, {"feedstock/meta.yaml": TWICE})
    ended = forge("recipe", "lint", root, "--output", output)
    assert (ended.returncode, ended.stderr) == (1, "")
    assert "PFM003" in ended.stdout


@pytest.mark.parametrize("output", ["text", "concise", "github"])
def test_what_a_file_holds_moves_no_cursor(forge, tmp_path, output):
    recipe = RECIPE.replace("keys=MONTHS", "keys=MONTH") + "tiem  # \x1b[2J\x1b]0;gone\x07\n"
    ended = forge("recipe", "lint", write_good(tmp_path, {"feedstock/recipe.py": recipe}), "--output", output)
    assert ended.returncode == 1
    assert "tiem" in ended.stdout
    assert "\x1b" not in ended.stdout + ended.stderr
    assert "\x07" not in ended.stdout + ended.stderr


def test_json_is_one_document(forge, tmp_path):
    ended = forge("recipe", "lint", write_good(tmp_path, {"feedstock/meta.yaml": TWICE}), "--json")
    found = json.loads(ended.stdout)
    assert found["summary"]["error"] == 1
    assert found["feedstocks"][0]["findings"][0]["code"] == "PFM003"


def test_statistics_count(forge, tmp_path):
    ended = forge("recipe", "lint", write_good(tmp_path, {"feedstock/meta.yaml": TWICE}), "--statistics")
    assert (ended.returncode, ended.stdout) == (1, "     1  PFM003  error    duplicate-key\n")


def test_fixes_are_shown_and_then_made(forge, tmp_path):
    root = write_good(tmp_path, {"feedstock/meta.yaml": FULL.replace("title: Sea ice\n", "")})
    shown = forge("recipe", "lint", "--diff", cwd=root)
    assert (shown.returncode, shown.stderr) == (1, "--fix would mend 1.\n")
    assert "+  license: CC-BY-4.0\n" in shown.stdout
    made = forge("recipe", "lint", "--fix", cwd=root)
    assert (made.returncode, made.stdout, made.stderr) == (0, "", "Mended 1.\n")
    assert (root / "feedstock/meta.yaml").read_text() == META


def test_what_cannot_be_mended_is_still_shown(forge, tmp_path):
    root = write_good(tmp_path, {"feedstock/meta.yaml": FULL})
    ended = forge("recipe", "lint", "--fix", cwd=root)
    assert (ended.returncode, ended.stdout, ended.stderr) == (1, f"feedstock/{FOUND}", "Mended 1.\n")


def test_a_configuration_file_counts_unless_isolated(forge, tmp_path):
    root = write_good(tmp_path, {"feedstock/meta.yaml": TWICE, "pangeo-forge.toml": '[lint]\nignore = ["PFM003"]\n'})
    assert forge("recipe", "lint", root).returncode == 0
    assert forge("recipe", "lint", root, "--isolated").returncode == 1


def test_a_rule_is_explained(forge):
    ended = forge("recipe", "lint", "--explain", "pfm003")
    assert ended.returncode == 0
    assert ended.stdout.startswith("PFM003 duplicate-key (error, since 0.1)\n\nA key stands twice in one mapping.\n")


def test_all_rules_are_listed(forge):
    ended = forge("recipe", "lint", "--explain", "all")
    assert "PFM003  error    A key stands twice in one mapping.\n" in ended.stdout


LISTING = """
import json, sys
from pangeo_forge.cli.main import main
code = main(sys.argv[1:])
print("\\n" + json.dumps(sorted({name.partition(".")[0] for name in sys.modules})))
"""


def test_linting_imports_nothing_heavy(forge_environ, tmp_path):
    root = write_good(tmp_path, {"feedstock/meta.yaml": TWICE})
    ended = subprocess.run([sys.executable, "-c", LISTING, "recipe", "lint", root], capture_output=True, text=True, env=forge_environ)
    imported = set(json.loads(ended.stdout.splitlines()[-1]))
    assert "pangeo_forge" in imported
    assert imported & {"xarray", "zarr", "dask", "numpy", "pandas", "sqlalchemy", "fsspec", "aiohttp"} == set()


def test_no_code_of_the_feedstock_runs(forge, tmp_path):
    marker = tmp_path / "was-run"
    code = f"open({str(marker)!r}, 'w').close()\n"
    files = {"feedstock/recipe.py": code + RECIPE, "setup.py": code, "feedstock/conftest.py": code, "feedstock/sitecustomize.py": code}
    ended = forge("recipe", "lint", write_good(tmp_path / "sst", files), cwd=tmp_path / "sst" / "feedstock")
    assert ended.returncode in (0, 1)
    assert not marker.exists()
    exec(code)  # it would have been seen
    assert marker.exists()


def test_a_run_lints_first_and_stops_at_errors(forge, tmp_path):
    recipe = RECIPE.replace("MONTHS)", "MONTH)")
    root = write_good(tmp_path, {"feedstock/recipe.py": recipe})
    for command in ("test", "run"):
        ended = forge("recipe", command, root)
        assert ended.returncode == 1
        assert "PFR004" in ended.stderr
        assert "`MONTH` is not defined" in ended.stderr
    assert forge("runs", "list", "--json").stdout.strip() == "[]"


def test_a_run_need_not_lint_first(forge, tmp_path):
    root = write_good(tmp_path, {"feedstock/recipe.py": RECIPE.replace("MONTHS)", "MONTH)")})
    ended = forge("recipe", "test", root, "--no-lint")
    assert ended.returncode == 1
    assert "NameError" in ended.stderr
    assert "PFR004" not in ended.stderr
