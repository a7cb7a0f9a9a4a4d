"""What a repository should not hold: data, large files, what programs left behind."""

from __future__ import annotations

import json
import os

import pytest

from lint.feedstocks import draft_of, lint, write, write_good
from lint.repositories import git, start
from pangeo_forge.feedstocks.samples import write_samples
from pangeo_forge.lint.findings import Level
from pangeo_forge.lint.linter import lint_draft
from pangeo_forge.lint.options import Options

PFS009 = Options(select=("PFS009",))


def found(root):
    folder = draft_of(root).show("")
    return [(os.path.relpath(finding.where.path, folder), finding.message) for finding in lint(root, PFS009)]


def notebook(size: int, *, outputs: bool) -> str:
    cell = {"cell_type": "code", "source": "x" * size, "outputs": [{"text": "y"}] if outputs else []}
    return json.dumps({"cells": [cell], "nbformat": 4})


@pytest.mark.parametrize(
    ("path", "content", "message"),
    [
        ("sst.nc", b"\0" * 250_000, "sst.nc holds 250 kB of data"),
        ("data/sst.GRIB2", b"\0" * 2_340_000, "sst.GRIB2 holds 2.3 MB of data"),
        ("files.csv", b"a" * 620_000, "files.csv is 620 kB large"),
        ("look.ipynb", notebook(150_000, outputs=True), "look.ipynb is a notebook of 150 kB with its outputs"),
        ("look.ipynb", notebook(700_000, outputs=False), "look.ipynb is 700 kB large"),
    ],
)
def test_data_and_large_files_are_found(path, content, message, tmp_path):
    write_good(tmp_path, {f"feedstock/{path}": content})
    assert found(tmp_path) == [(path, message)]
    assert lint(tmp_path, PFS009)[0].level is Level.WARNING


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("sample.nc", b"\0" * 100_000),
        ("files.csv", b"a" * 400_000),
        ("look.ipynb", notebook(150_000, outputs=False)),
        ("look.ipynb", notebook(50_000, outputs=True)),
        ("look.ipynb", "[" * 150_000),
        ("look.ipynb", json.dumps({"cells": ["x" * 150_000]})),
        ("recipe.py", f'"""{"a" * 600_000}"""'),
        ("requirements.txt", "#" * 600_000),
    ],
)
def test_what_people_write_or_try_a_recipe_on_may_stay(path, content, tmp_path):
    write_good(tmp_path, {f"feedstock/{path}": content})
    assert found(tmp_path) == []


def test_a_store_is_found_as_a_whole(tmp_path):
    write_good(tmp_path, {f"feedstock/out/sst.zarr/sst/{number}.0": b"\0" * 60_000 for number in range(5)})
    assert found(tmp_path) == [("out/sst.zarr", "sst.zarr holds 300 kB of data")]


def test_a_small_store_may_stay(tmp_path):
    write_good(tmp_path, {f"feedstock/sst.zarr/sst/{number}.0": b"\0" * 1_000 for number in range(5)})
    assert found(tmp_path) == []


def test_the_samples_of_a_new_feedstock_may_stay(tmp_path):
    write_good(tmp_path)
    (tmp_path / "feedstock" / "sample-data").mkdir()
    write_samples(tmp_path / "feedstock" / "sample-data")
    assert found(tmp_path) == []


def test_many_files_are_not_all_named(tmp_path):
    write_good(tmp_path, {f"feedstock/data/{number}.nc": b"\0" * 110_000 for number in range(30)})
    assert len(found(tmp_path)) == 10


LEFT = {"feedstock/__pycache__/recipe.cpython-311.pyc": b"", "feedstock/data/.DS_Store": b"", "feedstock/.ipynb_checkpoints/a.ipynb": b""}


def test_what_programs_left_behind_is_found_where_git_keeps_it(tmp_path):
    start(write_good(tmp_path, LEFT))
    assert sorted(found(tmp_path)) == [
        (".ipynb_checkpoints", ".ipynb_checkpoints is left behind by Jupyter, and of no use to others"),
        ("__pycache__", "__pycache__ is left behind by Python, and of no use to others"),
        ("data/.DS_Store", ".DS_Store is left behind by macOS, and of no use to others"),
    ]


def test_what_programs_leave_behind_where_git_does_not_keep_it_is_nobodys_business(tmp_path):
    assert found(write_good(tmp_path, LEFT)) == []
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "add", "feedstock/meta.yaml")
    assert found(tmp_path) == []


def test_data_that_git_does_not_keep_are_nobodys_business(tmp_path):
    start(write_good(tmp_path))
    write(tmp_path, {"feedstock/sst.nc": b"\0" * 250_000, "feedstock/sst.zarr/0.0": b"\0" * 250_000})
    assert found(tmp_path) == []
    git(tmp_path, "add", "feedstock")
    assert [path for path, _ in found(tmp_path)] == ["sst.nc", "sst.zarr"]


def test_git_is_not_asked_where_nothing_is_suspicious(tmp_path):
    draft = draft_of(start(write_good(tmp_path)))
    lint_draft(draft, Options(select=("PFS",)))
    assert "tracked" not in vars(draft)
