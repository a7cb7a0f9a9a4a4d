"""Whether workflows on GitHub keep the repository's secrets."""

from __future__ import annotations

import textwrap

import pytest

from lint.feedstocks import lint, write_good
from pangeo_forge.lint.findings import Level
from pangeo_forge.lint.options import Options

PFG = Options(select=("PFG001", "PFG004"))


def found(root, steps, *, on="workflow_dispatch", job=""):
    start = f"on: {on}\njobs:\n  bake:\n    runs-on: ubuntu-latest\n"
    text = f"{start}{textwrap.indent(job, '    ')}    steps:\n{textwrap.indent(steps, '      ')}"
    write_good(root, {".github/workflows/bake.yaml": text})
    return [(finding.code, finding.where.line, finding.where.column, finding.level) for finding in lint(root, PFG)]


# PFG001: what a stranger wrote.


def checkout(ref: str) -> str:
    return f'- uses: actions/checkout@v5\n  with:\n    ref: "{ref}"\n'


@pytest.mark.parametrize(
    "ref",
    ["${{ github.event.pull_request.head.sha }}", "${{ github.head_ref }}", "refs/pull/${{ github.event.number }}/merge"],
)
@pytest.mark.parametrize("on", ["pull_request_target", "[push, pull_request_target]", "\n  pull_request_target:\n    types: [opened]"])
def test_files_of_strangers_are_not_checked_out_beside_secrets(ref, on, tmp_path):
    assert found(tmp_path, checkout(ref), on=on) == [("PFG001", 8 + on.count("\n"), 16, Level.WARNING)]


def test_the_repository_of_a_stranger_is_not_checked_out_beside_secrets(tmp_path):
    step = "- uses: actions/checkout@v5\n  with:\n    repository: ${{ github.event.pull_request.head.repo.full_name }}\n"
    assert [code for code, *_ in found(tmp_path, step, on="pull_request_target")] == ["PFG001"]


@pytest.mark.parametrize("script", ["gh pr checkout $NUMBER", "git fetch origin pull/$NUMBER/head"])
def test_commands_can_check_out_as_well(script, tmp_path):
    assert [code for code, *_ in found(tmp_path, f"- run: {script}\n", on="pull_request_target")] == ["PFG001"]


@pytest.mark.parametrize("on", ["pull_request", "[push, workflow_dispatch]", "issue_comment"])
def test_without_secrets_anything_may_be_checked_out(on, tmp_path):
    assert found(tmp_path, checkout("${{ github.head_ref }}"), on=on) == []


@pytest.mark.parametrize("step", ["- uses: actions/checkout@v5\n", checkout("main"), "- uses: actions/labeler@v5\n"])
def test_the_repositorys_own_files_may_be_checked_out(step, tmp_path):
    assert found(tmp_path, step, on="pull_request_target") == []


def test_a_condition_may_keep_strangers_out(tmp_path):
    step = checkout("${{ github.head_ref }}")
    labelled = "if: contains(github.event.pull_request.labels.*.name, 'safe')\n"
    assert [level for *_, level in found(tmp_path, step, on="pull_request_target", job=labelled)] == [Level.HINT]
    other = "if: github.event_name == 'push'\n"
    assert found(tmp_path, step, on="[push, pull_request_target]", job=other) == []


# PFG004: printed secrets.


@pytest.mark.parametrize(
    ("step", "place", "level"),
    [
        ("- run: echo '${{ toJSON(secrets) }}'\n", (6, 20), Level.ERROR),
        ('- run: |\n    ls\n    echo "all: ${{ tojson( secrets ) }}"\n', (8, 22), Level.ERROR),
        ("- run: echo ${{ secrets.TOKEN }}\n", (6, 19), Level.WARNING),
        ("- uses: other/action@v1\n  with:\n    all: ${{ toJson(secrets) }}\n", (8, 16), Level.HINT),
        ("- run: echo '${{ toJSON(secrets) }}' > all.json\n", (6, 20), Level.HINT),
    ],
)
def test_secrets_are_not_printed_nor_handed_over(step, place, level, tmp_path):
    assert found(tmp_path, step) == [("PFG004", *place, level)]


@pytest.mark.parametrize(
    "step",
    [
        "- run: echo ${{ secrets.KEY }} > key.json\n",
        "- run: echo ${{ secrets.KEY }} | base64 -d\n",
        "- run: |\n    echo ${{ secrets.KEY }} \\\n      | docker login --password-stdin\n",
        '- run: echo "::add-mask::${{ secrets.KEY }}"\n',
        '- run: echo "KEY=${{ secrets.KEY }}" >> "$GITHUB_ENV"\n',
        "- run: KEY=$(echo ${{ secrets.KEY }} | base64 -d) bake\n",
        "- run: |\n    # echo ${{ secrets.KEY }}\n    ls\n",
        "- run: bake\n  env:\n    KEY: ${{ secrets.KEY }}\n",
        "- run: echo ${{ github.sha }}\n",
    ],
)
def test_secrets_may_be_given_to_those_who_need_them(step, tmp_path):
    assert found(tmp_path, step) == []
