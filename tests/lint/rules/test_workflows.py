"""Whether workflows on GitHub work."""

from __future__ import annotations

import textwrap

import pytest

from lint.feedstocks import META, RECIPE, draft_of, lint, write, write_good
from pangeo_forge.lint.findings import Level
from pangeo_forge.lint.options import Options

PFG = Options(select=("PFG",))
CHECKOUT = "- uses: actions/checkout@v5\n"


def workflow(steps: str, *, on: str = "push", job: str = "") -> str:
    """Write a workflow with one job."""
    start = f"on: {on}\njobs:\n  bake:\n    runs-on: ubuntu-latest\n"
    return f"{start}{textwrap.indent(job, '    ')}    steps:\n{textwrap.indent(steps, '      ')}"


def found(root, text, path=".github/workflows/bake.yaml", **files):
    write_good(root, {path: text, **files})
    return [(finding.code, finding.where.line, finding.where.column, finding.message) for finding in lint(root, PFG)]


def codes(root, text, **files):
    return [code for code, *_ in found(root, text, **files)]


# Which files are workflows.


@pytest.mark.parametrize("path", [".github/workflows/a.yml", ".github/workflows/a.yaml"])
def test_workflows_are_read_where_github_reads_them(path, tmp_path):
    assert found(tmp_path, workflow("- uses: actions/checkout\n"), path) != []


@pytest.mark.parametrize(
    "path", [".github/workflows/deep/a.yml", ".github/workflows/a.txt", ".github/a.yml", "feedstock/.github/workflows/a.yml"]
)
def test_other_files_are_not(path, tmp_path):
    assert found(tmp_path, workflow("- uses: actions/checkout\n"), path) == []


@pytest.mark.parametrize(
    "text",
    ["", "[", "- a\n", "on: push\n", "on: push\njobs: [a]\n", "on: push\njobs: {a: {steps: x}}\n", "\0", "jobs:\n  a:\n    steps: [a]\n"],
)
def test_what_is_no_workflow_is_passed_over(text, tmp_path):
    assert found(tmp_path, text) == []


def test_a_feedstock_at_the_top_of_a_repository_has_workflows_as_well(tmp_path):
    text = workflow("- uses: actions/checkout\n")
    write(tmp_path, {"meta.yaml": META, "recipe.py": RECIPE, ".github/workflows/a.yaml": text})
    assert [finding.code for finding in lint(tmp_path, PFG)] == ["PFG007"]


def test_the_workflows_of_all_drafts_are_none_of_one(tmp_path):
    text = workflow("- uses: actions/checkout\n")
    write(tmp_path, {"recipes/rain/meta.yaml": META, ".github/workflows/a.yaml": text})
    assert lint(tmp_path, PFG) == ()


def test_a_comment_passes_over_what_is_found(tmp_path):
    assert found(tmp_path, workflow("- uses: actions/checkout@main  # noqa: PFG007\n")) == []


def test_the_line_of_the_file_is_shown(tmp_path):
    write_good(tmp_path, {".github/workflows/a.yaml": workflow("- uses: actions/checkout@main\n")})
    (finding,) = lint(tmp_path, PFG)
    assert finding.source == "      - uses: actions/checkout@main"
    assert finding.where.path == (tmp_path / ".github/workflows/a.yaml").as_posix()
    assert finding.end == (6, 36)


# PFG002: what GitHub has taken away.


@pytest.mark.parametrize(
    ("uses", "level", "message"),
    [
        ("actions/upload-artifact@v3", Level.WARNING, "GitHub refuses to run actions/upload-artifact before version 4"),
        ("actions/download-artifact@v2.1.0", Level.WARNING, "GitHub refuses to run actions/download-artifact before version 4"),
        ("Actions/Cache@v2", Level.WARNING, "GitHub refuses to run actions/cache before version 3"),
        ("actions/cache@v3", Level.HINT, "version 3 of actions/cache is written for a Node that is gone"),
        ("actions/checkout@v2", Level.HINT, "version 2 of actions/checkout is written for a Node that is gone"),
        ("actions/setup-python@v4", Level.HINT, "version 4 of actions/setup-python is written for a Node that is gone"),
    ],
)
def test_versions_that_github_does_not_run_are_told(uses, level, message, tmp_path):
    assert found(tmp_path, workflow(f'- uses: "{uses}"\n')) == [("PFG002", 6, 15, message)]
    assert lint(tmp_path, PFG)[0].level is level


@pytest.mark.parametrize(
    "uses",
    [
        "actions/checkout@v4",
        "actions/cache@v4.2.0",
        "actions/checkout@8e5e7e5ab8b370d6c329ec480221332ada57f0ab",
        "other/cache@v1",
        "docker://alpine:3",
    ],
)
def test_other_versions_are_left_alone(uses, tmp_path):
    assert found(tmp_path, workflow(f"- uses: {uses}\n")) == []


def test_commands_that_github_takes_away_are_told_with_what_to_write(tmp_path):
    steps = '- run: |\n    # echo "::set-output name=a::b"\n    ls\n    echo "::set-output name=all::$(ls)"\n- run: echo ::add-path::bin\n'
    assert found(tmp_path, workflow(steps)) == [
        ("PFG002", 9, 17, "GitHub warns of the command `::set-output`"),
        ("PFG002", 10, 19, "GitHub refuses the command `::add-path`"),
    ]
    assert [finding.help for finding in lint(tmp_path, PFG)] == [
        'Write `echo "name=value" >> "$GITHUB_OUTPUT"`.',
        'Write `echo "folder" >> "$GITHUB_PATH"`.',
    ]


# PFG003: files that are not there.

BAKE = "pangeo-forge-runner bake --repo=. -f configs/config.py"
BAKE_OVER_LINES = (
    "- run: |\n    pip install pangeo-forge-runner>=0.10\n    pangeo-forge-runner bake \\\n      --repo=. \\\n      -f configs/config.py\n"
)


@pytest.mark.parametrize(
    ("steps", "place", "path"),
    [
        (f"- run: {BAKE}\n", (7, 51), "configs/config.py"),
        (BAKE_OVER_LINES, (11, 16), "configs/config.py"),
        ("- run: python -u scripts/make.py --all\n", (7, 24), "scripts/make.py"),
        ("- run: pip install -U -r ./feedstock/more.txt\n", (7, 32), "feedstock/more.txt"),
        ("- uses: ./.github/actions/setup\n", (7, 15), ".github/actions/setup"),
        (
            "- uses: pangeo-forge/deploy-recipe-action@v0.3\n  with:\n    pangeo_forge_runner_config: ./config.json\n",
            (9, 39),
            "config.json",
        ),
    ],
)
def test_files_that_a_workflow_uses_are_looked_for(steps, place, path, tmp_path):
    assert found(tmp_path, workflow(CHECKOUT + steps)) == [("PFG003", *place, f"there is no {path} in the repository")]


@pytest.mark.parametrize(
    ("steps", "file"),
    [
        (f"- run: {BAKE}\n", "configs/config.py"),
        ("- run: python scripts/make.py\n", "scripts/make.py"),
        ("- uses: ./.github/actions/setup\n", ".github/actions/setup/action.yaml"),
        ("- uses: ./\n", "action.yml"),
    ],
)
def test_files_that_are_there_are_found(steps, file, tmp_path):
    assert found(tmp_path, workflow(CHECKOUT + steps), **{file: ""}) == []


@pytest.mark.parametrize(
    "steps",
    [
        "- run: python scripts/make.py\n",  # nothing is checked out
        CHECKOUT + "  with: {repository: other/one}\n- run: python scripts/make.py\n",
        CHECKOUT + "  with: {path: here}\n- run: python here/make.py\n",
        CHECKOUT + "  with:\n    ref: other\n- run: python scripts/make.py\n",
        CHECKOUT + "- run: cat > make.py <<EOF\n- run: python make.py\n",
        CHECKOUT + "- run: curl -O https://example.org/make.py\n- run: python make.py\n",
        CHECKOUT + "- run: git clone https://example.org/a\n- run: python a/make.py\n",
        CHECKOUT + "- uses: actions/download-artifact@v5\n- run: python make.py\n",
        CHECKOUT + "- run: cd scripts && python make.py\n",
        CHECKOUT + "- run: python make.py\n  working-directory: scripts\n",
        CHECKOUT + "- run: if [ -f requirements.txt ]; then pip install -r requirements.txt; fi\n",
        CHECKOUT + "- run: python $HOME/make.py\n- run: python ~/make.py\n- run: python /make.py\n- run: python ../make.py\n",
        CHECKOUT + "- run: python ${{ inputs.script }}.py\n- run: python -m make\n- run: python -c 'a.py'\n",
        CHECKOUT + "- run: docker build -f other.py .\n",
        CHECKOUT + '- uses: pangeo-forge/deploy-recipe-action@v0.3\n  with:\n    pangeo_forge_runner_config: \'{"a": "b.json"}\'\n',
        CHECKOUT + "- run: |\n    # python scripts/make.py\n",
    ],
)
def test_files_that_may_come_from_elsewhere_are_not_missed(steps, tmp_path):
    assert found(tmp_path, workflow(steps)) == []


def test_scripts_that_run_elsewhere_by_default_are_not_followed(tmp_path):
    job = "defaults:\n  run:\n    working-directory: scripts\n"
    assert found(tmp_path, workflow(CHECKOUT + "- run: python make.py\n", job=job)) == []
    assert found(tmp_path, job + workflow(CHECKOUT + "- run: python make.py\n")) == []


def test_a_workflow_of_the_repository_is_looked_for(tmp_path):
    text = "on: push\njobs:\n  one:\n    uses: ./.github/workflows/two.yaml\n  three:\n    uses: ./.github/workflows/bake.yaml\n"
    assert found(tmp_path, text) == [("PFG003", 4, 11, "there is no .github/workflows/two.yaml in the repository")]


# PFG006: what counts as true.


@pytest.mark.parametrize(
    ("value", "codes_found"), [("false", ["PFG006"]), ('"False"', ["PFG006"]), ("0", ["PFG006"]), ("true", []), ('""', [])]
)
def test_every_text_but_the_empty_one_counts_as_true(value, codes_found, tmp_path):
    step = f"- uses: pangeo-forge/deploy-recipe-action@v0.3\n  with:\n    select_recipe_by_label: {value}\n"
    assert codes(tmp_path, workflow(step)) == codes_found


def test_the_input_of_another_action_is_its_own(tmp_path):
    assert found(tmp_path, workflow("- uses: other/action@v1\n  with:\n    select_recipe_by_label: false\n")) == []


# PFG007: versions of actions.


@pytest.mark.parametrize(
    ("uses", "level", "message"),
    [
        ("ad-m/github-push-action@master", Level.HINT, "`master` is a branch of ad-m/github-push-action, which moves"),
        ("leap-stc/actions/catalog@main", Level.HINT, "`main` is a branch of leap-stc/actions/catalog, which moves"),
        ("actions/checkout", Level.WARNING, "GitHub refuses actions/checkout without a version"),
        ("a/b/.github/workflows/c.yaml@${{ github.sha }}", Level.WARNING, "GitHub refuses expressions in `uses`"),
    ],
)
def test_branches_and_missing_versions_are_told(uses, level, message, tmp_path):
    assert found(tmp_path, workflow(f"- uses: {uses}\n")) == [("PFG007", 6, 15, message)]
    assert lint(tmp_path, PFG)[0].level is level


def test_jobs_that_are_workflows_of_others_are_looked_at(tmp_path):
    text = "on: push\njobs:\n  one:\n    uses: other/one/.github/workflows/two.yaml@main\n"
    assert codes(tmp_path, text) == ["PFG007"]


@pytest.mark.parametrize(
    "uses", ["other/action@v1", "other/action@0.1.0", "other/action@release-1", "docker://alpine", "other/action@abcdef0"]
)
def test_tags_and_commits_are_versions(uses, tmp_path):
    assert found(tmp_path, workflow(f"- uses: {uses}\n")) == []


# Limits.


def test_a_workflow_with_ever_so_many_steps_is_looked_at_soon(tmp_path):
    steps = CHECKOUT + "- run: echo echo echo echo ${{ secrets.A\n" * 6_000
    assert found(tmp_path, workflow(steps)) == []


def test_the_workflow_of_the_guide_has_no_faults(tmp_path):
    steps = (
        "- uses: actions/checkout@v5\n  with:\n    fetch-depth: 0\n- uses: actions/setup-python@v6\n  with:\n    python-version: '3.13'\n"
        "- run: pip install git+https://github.com/pangeo-forge/pangeo-forge-orchestrator\n"
        '- run: pangeo-forge recipe lint --output github --base "origin/$GITHUB_BASE_REF"\n'
    )
    assert found(tmp_path, workflow(steps, on="pull_request")) == []


def test_what_is_read_of_workflows_is_bounded(tmp_path):
    write_good(tmp_path, {f".github/workflows/{number}.yaml": workflow("- uses: actions/checkout\n") for number in range(200)})
    assert len(draft_of(tmp_path).workflows) == 50
