"""``pangeo-forge recipe init`` and ``create-feedstock``."""

from __future__ import annotations

import json
import subprocess

FILES = ["README.md", "feedstock/meta.yaml", "feedstock/recipe.py", *(f"feedstock/sample-data/sst_2020-0{month}.nc" for month in (1, 2, 3))]


def git(folder, *arguments: str) -> str:
    return subprocess.run(["git", "-C", folder, *arguments], check=True, capture_output=True, text=True).stdout


def test_init_writes_a_feedstock_and_says_what_to_do_next(forge, tmp_path):
    ended = forge("recipe", "init", "ocean", cwd=tmp_path)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.splitlines() == [
        "ocean is a feedstock that works as it is, on made-up sample files:",
        *(f"  {file}" for file in FILES),
        "",
        "Next:",
        "  pangeo-forge recipe test ocean",
        'Then replace what is marked "replace" in its meta.yaml and recipe.py.',
    ]


def test_init_tells_machines_what_it_wrote(forge, tmp_path):
    ended = forge("recipe", "init", tmp_path / "ocean-feedstock", "--json")
    assert json.loads(ended.stdout) == {"folder": f"{tmp_path}/ocean-feedstock", "files": FILES}


def test_init_does_not_touch_what_is_there(forge, tmp_path):
    (tmp_path / "ocean").mkdir()
    (tmp_path / "ocean" / "mine.txt").write_text("mine")
    ended = forge("recipe", "init", "ocean", cwd=tmp_path)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.splitlines()[0] == f"error: the folder {tmp_path}/ocean is there already, and not empty"
    assert [path.name for path in (tmp_path / "ocean").iterdir()] == ["mine.txt"]


def test_init_refuses_a_name_that_cannot_be_an_id(forge, tmp_path):
    ended = forge("recipe", "init", "my data!", cwd=tmp_path)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr == ("error: the name 'my data!' has more than letters, digits, '-', '_' and '.'\nhint: Choose 'my-data', say.\n")
    assert list(tmp_path.glob("my*")) == []


def test_create_feedstock_makes_a_repository(forge, tmp_path):
    forge("recipe", "init", "ocean", cwd=tmp_path)
    ended = forge("create-feedstock", "ocean", "--local", "ocean-feedstock", cwd=tmp_path)
    assert (ended.returncode, ended.stderr) == (0, "")
    files = sorted([".github/CODEOWNERS", ".gitignore", "LICENSE", *FILES])
    assert ended.stdout.splitlines() == [
        "ocean-feedstock is a git repository with one commit:",
        *(f"  {file}" for file in files),
        "",
        "Next:",
        "  pangeo-forge recipe test ocean-feedstock",
    ]
    folder = str(tmp_path / "ocean-feedstock")
    assert git(folder, "log", "--format=%an <%ae>") == "Your Name <your-login@users.noreply.github.com>\n"
    assert git(folder, "status", "--porcelain") == ""


def test_create_feedstock_takes_the_author_that_is_named(forge, tmp_path):
    forge("recipe", "init", "ocean", cwd=tmp_path)
    person = ("--author-name", "Ada", "--author-email", "ada@example.org")
    ended = forge("create-feedstock", "ocean", "--local", "repository", *person, "--json", cwd=tmp_path)
    assert json.loads(ended.stdout)["folder"] == "repository"
    assert git(str(tmp_path / "repository"), "log", "--format=%an <%ae>") == "Ada <ada@example.org>\n"


def test_create_feedstock_refuses_a_folder_that_is_there(forge, tmp_path):
    forge("recipe", "init", "ocean", cwd=tmp_path)
    ended = forge("create-feedstock", "ocean", "--local", "ocean", cwd=tmp_path)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.startswith("error: ")


def test_create_feedstock_says_that_github_comes_later(forge, tmp_path):
    ended = forge("create-feedstock", tmp_path)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr == (
        "error: feedstocks can be made in a folder only, so far; on GitHub they come later\nhint: Say where: --local DIR.\n"
    )
