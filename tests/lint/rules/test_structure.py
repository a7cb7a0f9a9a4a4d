"""Whether files are where, and named as, they are looked for."""

from __future__ import annotations

import os

import pytest

from lint.feedstocks import META, RECIPE, draft_of, lint, write, write_good
from lint.repositories import git, start
from pangeo_forge.lint.discovery import find_drafts
from pangeo_forge.lint.findings import Level
from pangeo_forge.lint.fixing import fix
from pangeo_forge.lint.fixing import write as write_fixed
from pangeo_forge.lint.linter import lint_draft
from pangeo_forge.lint.options import Options

PFS = Options(select=("PFS",))


def found(root, options=PFS):
    folder = draft_of(root).show("")
    return [(finding.code, os.path.relpath(finding.where.path, folder), finding.message) for finding in lint(root, options)]


# PFS001 and PFS002: meta.yaml.


def test_a_folder_without_a_description_is_told_what_it_holds(tmp_path):
    write(tmp_path, {"feedstock/recipe.py": RECIPE, "feedstock/data/a.csv": "", "feedstock/.hidden": ""})
    assert found(tmp_path) == [("PFS001", ".", "there is no meta.yaml; I see: data/, recipe.py")]
    assert lint(tmp_path, PFS)[0].help == "Write one; `pangeo-forge recipe init` makes a feedstock with a commented one."


def test_an_empty_folder_holds_nothing(tmp_path):
    assert found(tmp_path) == [("PFS001", ".", "there is no meta.yaml; I see: nothing")]


def test_a_description_that_lies_deeper_is_pointed_to(tmp_path):
    write(tmp_path, {"feedstock/snow/meta.yaml": META})
    assert [code for code, *_ in found(tmp_path)] == ["PFS001"]
    assert lint(tmp_path, PFS)[0].help == "There is one in snow/: move it here with what lies beside it, or lint that folder."


def test_a_folder_with_the_name_of_the_description_is_none(tmp_path):
    (tmp_path / "feedstock" / "meta.yaml").mkdir(parents=True)
    assert found(tmp_path) == [("PFS001", "meta.yaml", "meta.yaml is a folder")]


def test_a_link_that_leads_nowhere_is_none(tmp_path):
    (tmp_path / "feedstock").mkdir()
    (tmp_path / "feedstock" / "meta.yaml").symlink_to("gone.yaml")
    assert found(tmp_path) == [("PFS001", "meta.yaml", "meta.yaml is neither a file nor a folder")]


@pytest.mark.parametrize("name", ["meta.yml", "metadata.yaml", "metadata.yml", "Meta.yaml", "META.yaml"])
def test_a_description_by_another_name_is_read_and_renamed(name, tmp_path):
    write_good(tmp_path, {"feedstock/meta.yaml": None, f"feedstock/{name}": META})
    assert found(tmp_path) == [("PFS002", name, f"the file is named {name}, but must be named meta.yaml")]
    write_fixed(fix(draft_of(tmp_path), PFS).draft)
    assert found(tmp_path) == []
    assert (tmp_path / "feedstock" / "meta.yaml").read_text() == META
    assert not (tmp_path / "feedstock" / name).exists()


def test_two_descriptions_side_by_side_are_two(tmp_path):
    write_good(tmp_path, {"feedstock/meta.yml": META})
    assert found(tmp_path) == [("PFS003", "meta.yml", "meta.yml lies beside meta.yaml, but only one of them is read")]


def test_of_several_wrong_names_one_is_renamed(tmp_path):
    write_good(tmp_path, {"feedstock/meta.yaml": None, "feedstock/meta.yml": META, "feedstock/metadata.yaml": META})
    assert [(code, path) for code, path, _ in found(tmp_path)] == [("PFS002", "meta.yml"), ("PFS003", "metadata.yaml")]


def test_the_metadata_of_another_tool_may_lie_beside_the_description(tmp_path):
    write_good(tmp_path, {"feedstock/metadata.yaml": "name: intake\n"})
    assert found(tmp_path) == []


# PFS006: below.


def test_a_description_below_is_read_by_nothing(tmp_path):
    write_good(tmp_path, {"feedstock/ice/meta.yaml": META})
    assert found(tmp_path) == [("PFS006", "ice/meta.yaml", "ice/meta.yaml is not read, since the feedstock's own meta.yaml lies above it")]


@pytest.mark.parametrize("text", ["package:\n  name: sst\n", "{% set version = 1 %}\n", "- recipes\n", "recipes: [\n", "", "\0"])
def test_files_of_other_tools_below_are_passed_over(text, tmp_path):
    write_good(tmp_path, {"feedstock/conda/meta.yaml": text})
    assert found(tmp_path) == []


# PFS008: names of drafts.


def names(tmp_path, name):
    write(tmp_path, {f"recipes/{name}/meta.yaml": META, f"recipes/{name}/recipe.py": RECIPE})
    (draft,) = find_drafts(tmp_path, checkouts=tmp_path / "checkouts")
    return [(finding.code, finding.message, finding.help) for finding in lint_draft(draft, PFS).findings]


@pytest.mark.parametrize("name", ["oisst", "CMIP6-PMIP", "gpm_mergir", "LMRv2p1_MCruns_ensemble_gridded", "1.0", "feedstock-test"])
def test_names_as_drafts_have_them_are_fit(name, tmp_path):
    assert names(tmp_path, name) == []


@pytest.mark.parametrize(
    ("name", "fault", "better"),
    [
        ("sea ice", "which no repository on GitHub can be named", "sea-ice"),
        ("température", "which no repository on GitHub can be named", "temp-rature"),
        ("sst-feedstock", "but -feedstock is put behind the name when it becomes a repository", "sst"),
        ("sst_feedstock", "but -feedstock is put behind the name when it becomes a repository", "sst"),
    ],
)
def test_names_that_repositories_cannot_have_are_unfit(name, fault, better, tmp_path):
    assert names(tmp_path, name) == [("PFS008", f"the folder is named {name!r}, {fault}", f"Rename it to {better!r}, say.")]


def test_elsewhere_the_name_of_the_folder_says_nothing(tmp_path):
    assert found(write_good(tmp_path / "my feedstock")) == []


# PFS010: links.


@pytest.fixture
def outside(tmp_path):
    return write(tmp_path / "outside", {"meta.yaml": "[", "recipe.py": "(", "data.csv": "1"})


@pytest.mark.parametrize("name", ["meta.yaml", "recipe.py", "requirements.txt", "catalog.yaml", "helper.py"])
def test_what_a_run_needs_must_not_lead_out(name, tmp_path, outside):
    root = write_good(tmp_path / "rain", {f"feedstock/{name}": None})
    (root / "feedstock" / name).symlink_to(outside / name)
    (finding,) = [finding for finding in lint(root, PFS) if finding.code == "PFS010"]
    assert (finding.level, finding.message) == (Level.ERROR, f"{name} is a link that leads out of the repository, so that it is not read")
    assert [finding.code for finding in lint(root, PFS)] == ["PFS010"]


def test_other_links_out_are_a_warning(tmp_path, outside):
    root = write_good(tmp_path / "rain")
    (root / "feedstock" / "data").symlink_to(outside)
    assert [(finding.code, finding.level) for finding in lint(root, PFS)] == [("PFS010", Level.WARNING)]


def test_links_that_git_does_not_keep_are_nobodys_business(tmp_path, outside):
    root = start(write_good(tmp_path / "rain"))
    (root / "feedstock" / "data").symlink_to(outside)
    assert found(root) == []
    git(root, "add", "feedstock/data")
    assert [code for code, *_ in found(root)] == ["PFS010"]


def test_a_link_within_the_repository_leads_nowhere_else(tmp_path):
    root = write_good(tmp_path)
    (root / "feedstock" / "README.md").symlink_to("../README.md")
    (root / "feedstock" / "gone").symlink_to("nowhere")
    assert found(root) == []


def test_an_object_cannot_lie_above_the_feedstock(tmp_path, outside):
    root = write_good(tmp_path / "rain", {"feedstock/meta.yaml": META.replace("recipe:sst", "..outside.recipe:sst")})
    assert [finding.code for finding in lint(root, Options(select=("PFS", "PFM019", "PFM02")))] == ["PFM019"]


# PFS014: no module.


def test_a_feedstock_without_code_is_told_of_once(tmp_path):
    meta = META.replace('object: "recipe:sst"', 'object: "recipe:sst"\n  - id: ice\n    object: "ice:ice"')
    write_good(tmp_path, {"feedstock/meta.yaml": meta, "feedstock/recipe.py": None})
    options = Options(select=("PFS", "PFM02"))
    assert found(tmp_path, options) == [
        ("PFS014", "meta.yaml", "there is no module beside meta.yaml, but its recipes are objects of recipe.py, ice.py")
    ]
    assert (lint(tmp_path, options)[0].where.line, lint(tmp_path, options)[0].where.column) == (5, 13)


def test_a_missing_module_among_others_is_another_fault(tmp_path):
    write_good(tmp_path, {"feedstock/meta.yaml": META.replace("recipe:sst", "recipes:sst")})
    assert [code for code, *_ in found(tmp_path, Options(select=("PFS", "PFM02")))] == ["PFM021"]


def test_a_catalogue_of_what_exists_needs_no_code(tmp_path):
    meta = META.replace('    object: "recipe:sst"\n', "")
    write_good(tmp_path, {"feedstock/meta.yaml": meta, "feedstock/recipe.py": None, "feedstock/catalog.yaml": "data: {}\n"})
    assert found(tmp_path) == []
