"""What requirements.txt lacks, what pip refuses in it, and what of it moves."""

from __future__ import annotations

from pathlib import Path

import pytest

from lint.feedstocks import draft_of, lint, write_good
from pangeo_forge.lint.findings import Finding, Level
from pangeo_forge.lint.fixing import fix
from pangeo_forge.lint.options import Options

PFD = Options(select=("PFD",))

BEAM = """\
import apache_beam as beam
from pangeo_forge_recipes.patterns import pattern_from_file_sequence
from pangeo_forge_recipes.transforms import OpenURLWithFSSpec, OpenWithXarray, StoreToZarr

pattern = pattern_from_file_sequence(["https://data.example.org/1.nc", "https://data.example.org/2.nc"], "time")
sst = (
    beam.Create(pattern.items())
    | OpenURLWithFSSpec()
    | OpenWithXarray()
    | StoreToZarr(store_name="sst.zarr", combine_dims=pattern.combine_dim_keys)
)
"""

CLASSIC = """\
from pangeo_forge_recipes.patterns import pattern_from_file_sequence
from pangeo_forge_recipes.recipes import XarrayZarrRecipe

sst = XarrayZarrRecipe(pattern_from_file_sequence(["https://data.example.org/1.nc"], "time"))
"""


def find(root: Path, requirements: str | None, recipe: str | None = None, **more: str) -> list[Finding]:
    files: dict[str, str | None] = {"feedstock/requirements.txt": requirements}
    if recipe is not None:
        files["feedstock/recipe.py"] = recipe
    return list(lint(write_good(root, {**files, **{f"feedstock/{name}": text for name, text in more.items()}}), PFD))


def shown(findings: list[Finding]) -> list[str]:
    return [f"{Path(finding.where.path).name}:{finding.where.line}:{finding.where.column} {finding.message}" for finding in findings]


def codes(findings: list[Finding]) -> list[str]:
    return [finding.code for finding in findings]


# PFD001 and PFD003.


def test_a_beam_recipe_without_the_file_is_told_at_its_import(tmp_path):
    assert shown(find(tmp_path, None, BEAM)) == [
        "recipe.py:1:1 apache_beam is imported, but there is no requirements.txt that says in which version"
    ]


def test_a_file_of_comments_counts_as_none(tmp_path):
    assert shown(find(tmp_path, "# later\n", BEAM)) == ["recipe.py:1:1 apache_beam is imported, but requirements.txt names no package"]


@pytest.mark.parametrize("recipe", [CLASSIC, None])
def test_recipes_in_other_apis_need_no_file(tmp_path, recipe):
    assert find(tmp_path, None, recipe) == []


def test_a_file_that_cannot_be_read_is_not_missing(tmp_path):
    root = write_good(tmp_path, {"feedstock/recipe.py": BEAM, "feedstock/requirements.txt": b"\xff"})
    assert [finding.code for finding in lint(root, PFD)] == ["PFD002"]


def test_a_beam_recipe_whose_library_is_not_named_is_told(tmp_path):
    (found,) = find(tmp_path, "s3fs==2024.6.1\n", BEAM)
    assert (found.code, found.level) == ("PFD003", Level.WARNING)
    assert shown([found])[0].startswith("requirements.txt:1:1 pangeo-forge-recipes is not named here, but ")


@pytest.mark.parametrize(
    "line",
    [
        "pangeo-forge-recipes==0.10.8",
        "pangeo_forge_recipes==0.10.8",
        "git+https://github.com/somebody/pangeo-forge-recipes@v0.10.8",
        "git+https://github.com/a/b@v1.0#egg=pangeo_forge_recipes",
        "leap-data-management-utils[pangeo-forge]==0.0.19",
        "pangeo-forge-esgf==0.3.1",
        "-r more.txt",
        "./vendored",
    ],
)
def test_the_library_may_come_in_many_ways(tmp_path, line):
    assert find(tmp_path, f"{line}\n", BEAM) == []


def test_a_class_recipe_needs_no_library_named(tmp_path):
    assert find(tmp_path, "s3fs==2023.10.0\n", CLASSIC) == []


# PFD002.


def test_a_line_that_pip_refuses_is_an_error_at_its_place(tmp_path):
    (found,) = find(tmp_path, "pangeo-forge==0.1.0\n  xarray=2024.05.0  # why\n")
    assert (found.code, found.level) == ("PFD002", Level.ERROR)
    assert shown([found]) == ["requirements.txt:2:3 pip cannot read 'xarray=2024.05.0': one '=' is how conda writes it"]
    assert found.end == (2, 19)
    assert found.source == "  xarray=2024.05.0  # why"


def test_the_way_in_which_conda_writes_versions_is_mended(tmp_path):
    root = write_good(tmp_path, {"feedstock/requirements.txt": "zarr[remote] = 3.1.6 # old\r\nnumpy=2.0=py312_0\r\n"})
    fixed = fix(draft_of(root), PFD)
    assert fixed.draft.overlay["requirements.txt"] == b"zarr[remote]==3.1.6 # old\r\nnumpy=2.0=py312_0\r\n"
    assert [finding.code for finding in fixed.left.findings] == ["PFD002"]


def test_a_file_that_is_no_text_is_an_error(tmp_path):
    root = write_good(tmp_path, {"feedstock/requirements.txt": b"numpy\0\n"})
    (found,) = lint(root, PFD)
    assert (found.code, found.message) == ("PFD002", "the file holds a NUL character, which no text has")


def test_the_password_of_an_index_is_not_shown(tmp_path):
    root = write_good(tmp_path, {"feedstock/requirements.txt": "--index-url https://ada:w7-Qx.Babbage@example.org/simple extra=1.0\n"})
    assert "Babbage" not in repr(lint(root))
    root = write_good(tmp_path, {"feedstock/requirements.txt": "git+https://ada:w7-Qx.Babbage@example.org/a/b@main\n"})
    assert {"PFD006", "PFR030"} == {finding.code for finding in lint(root)}
    assert "Babbage" not in repr(lint(root))


# PFD005.


def test_packages_in_any_version_are_one_hint_at_the_first(tmp_path):
    (found,) = find(tmp_path, "zarr==3.1.6\ns3fs\nRioxarray>=0.15\nnetcdf4 != 1.7.1\n")
    assert (found.code, found.level) == ("PFD005", Level.HINT)
    assert shown([found]) == ["requirements.txt:2:1 s3fs, rioxarray, netcdf4 may come in any version, and in another one tomorrow"]
    assert found.end == (2, 5)
    assert found.help == "Write the versions that the recipe works with, such as `s3fs==1.2.3`; `pip freeze` lists what is installed."


def test_the_library_itself_is_pinned_as_well(tmp_path):
    assert codes(find(tmp_path, "pangeo-forge-recipes\n")) == ["PFD005"]


@pytest.mark.parametrize(
    "text",
    [
        "zarr==3.1.6\n",
        "zarr<4\n",
        "zarr>=3,<4\n",
        "zarr~=3.1\n",
        "zarr==3.*\n",
        "apache-beam==2.52.0\napache-beam[gcp]\n",
        "zarr\n-c constraints.txt\n",
        "zarr\n-r all.txt\n",
        "https://example.org/zarr-3.1.6-py3-none-any.whl\n",
        "git+https://github.com/a/b@v1.0\n",
    ],
)
def test_packages_with_an_upper_bound_are_not_told(tmp_path, text):
    assert find(tmp_path, text) == []


# PFD006.


def test_a_branch_is_told_where_it_stands(tmp_path):
    (found,) = find(tmp_path, "git+https://github.com/a/xarray@patch-1#egg=xarray  # needed\n")
    assert (found.code, found.level) == ("PFD006", Level.WARNING)
    assert shown([found]) == [
        "requirements.txt:1:32 xarray comes from `patch-1` of https://github.com/a/xarray, which may be something else tomorrow"
    ]
    assert found.end == (1, 40)
    assert found.fix == ()


def test_no_ref_is_the_default_branch(tmp_path):
    (found,) = find(tmp_path, "git+https://github.com/a/ndpyramid\n")
    assert shown([found])[0].startswith("requirements.txt:1:1 ndpyramid comes from the default branch of https://github.com/a/ndpyramid, ")


@pytest.mark.parametrize(
    "ref",
    [
        "5ee286d2e2c3e1c68a0c7e5885c17c8a9a70e8ca",
        "5ee286d",
        "v0.10.8",
        "0.10.8",
        "2024.05.0",
        "release-1.2",
        "v2.0.0-rc1",
        "beta/v1.0.post1",
    ],
)
def test_commits_and_releases_do_not_move(tmp_path, ref):
    assert find(tmp_path, f"git+https://github.com/a/b@{ref}\n") == []


@pytest.mark.parametrize("ref", ["main", "HEAD", "refs/pull/7/head", "gc/fetch_sync", "fix-2", "3.x", "1.2.x", "v1"])
def test_other_refs_do(tmp_path, ref):
    assert codes(find(tmp_path, f"git+https://github.com/a/b@{ref}\n")) == ["PFD006"]


# PFD007.


@pytest.mark.parametrize(
    ("recipe", "line"),
    [
        (CLASSIC, "pangeo-forge-recipes==0.10.8"),
        (CLASSIC, "pangeo-forge-recipes>=0.10,<0.11"),
        (BEAM, "pangeo-forge-recipes==0.9.4"),
        (BEAM, "pangeo-forge-recipes<0.10"),
    ],
)
def test_a_version_with_the_other_api_is_told(tmp_path, recipe, line):
    (found,) = find(tmp_path, f"{line}\n", recipe)
    assert (found.code, found.level) == ("PFD007", Level.WARNING)
    assert str(found.where).endswith("requirements.txt:1:1")


@pytest.mark.parametrize(
    ("recipe", "line"),
    [
        (CLASSIC, "pangeo-forge-recipes==0.9.4"),
        (CLASSIC, "pangeo-forge-recipes>=0.9,<1"),
        (BEAM, "pangeo-forge-recipes==0.10.8"),
        (BEAM, "pangeo-forge-recipes==0.11"),
        (BEAM, "pangeo-forge-recipes>0.11,<1"),
        (BEAM, "git+https://github.com/a/pangeo-forge-recipes@v0.9.4"),
        (f"{BEAM}\nfrom pangeo_forge_recipes.recipes import XarrayZarrRecipe\n", "pangeo-forge-recipes==0.9.4"),
    ],
)
def test_a_version_that_may_have_it_is_not(tmp_path, recipe, line):
    assert find(tmp_path, f"{line}\n", recipe) == []


# PFD008.


def test_a_version_that_pangeo_forge_does_not_work_with_is_told(tmp_path):
    (found,) = find(tmp_path, "xarray==2026.4.0\nzarr==2.18.3\n")
    assert (found.code, found.level) == ("PFD008", Level.WARNING)
    assert shown([found])[0].startswith("requirements.txt:2:1 zarr==2.18.3 cannot be installed together with pangeo-forge ")


@pytest.mark.parametrize("text", ["zarr==3.*\n", "zarr<3\n", "zarr==2.18.3\npangeo-forge==99.0\n"])
def test_only_exact_versions_beside_this_pangeo_forge_are_compared(tmp_path, text):
    assert find(tmp_path, text) == []


def test_recipes_in_other_apis_live_in_environments_of_their_own(tmp_path):
    assert find(tmp_path, "pangeo-forge-recipes==0.10.8\nzarr==2.18.3\n", BEAM) == []


# PFD009.


READING = """\
from pangeo_forge.recipes import ConcatDim, FilePattern, ZarrRecipe


def make_url(time):
    return {expression}


sst = ZarrRecipe(FilePattern(make_url, ConcatDim("time", keys=[1, 2, 3])))
"""


def reading(expression: str) -> str:
    return READING.replace("{expression}", expression)


@pytest.mark.parametrize(
    ("expression", "protocol", "package"),
    [
        ('f"s3://bucket/{time}.nc"', "s3", "s3fs"),
        ('f"s3://{time}/a.nc"', "s3", "s3fs"),
        ('"gs://bucket/a.nc"', "gs", "gcsfs"),
        ('f"simplecache::gcs://bucket/{time}.nc"', "gcs", "gcsfs"),
        ('"abfs://container/" + str(time)', "abfs", "adlfs"),
    ],
)
def test_a_protocol_whose_package_is_not_named_is_told_at_the_address(tmp_path, expression, protocol, package):
    (found,) = find(tmp_path, "zarr==3.1.6\n", reading(expression))
    assert (found.code, found.level) == ("PFD009", Level.HINT)
    assert shown([found]) == [f"recipe.py:5:12 {protocol}:// is read by {package}, which requirements.txt does not name"]


@pytest.mark.parametrize(
    "line",
    [
        "s3fs==2025.7.0",
        "git+https://github.com/somebody/s3fs@v1.0",
        "fsspec[s3]==2025.7.0",
        "pangeo-forge[s3]==0.1.0",
        "pangeo-forge[all]==0.1.0",
        "earthaccess==0.14.0",
        "-r more.txt",
    ],
)
def test_the_package_may_come_in_many_ways(tmp_path, line):
    assert find(tmp_path, f"{line}\n", reading('f"s3://bucket/{time}.nc"')) == []


@pytest.mark.parametrize(
    "expression",
    [
        'str(time).replace("s3://bucket/", "https://bucket.example.org/")',
        'str(time) if str(time).startswith("s3://bucket") else ""',
        '"" if time == "s3://bucket/a.nc" else str(time)',
        'f"https://data.example.org/{time}.nc"',
        'f"ftp://data.example.org/{time}.nc"',
        '"the bucket s3://bucket/a.nc"',
    ],
)
def test_texts_that_are_no_addresses_of_inputs_are_passed_over(tmp_path, expression):
    assert find(tmp_path, "zarr==3.1.6\n", reading(expression)) == []


def test_a_package_that_is_imported_is_the_matter_of_another_rule(tmp_path):
    assert find(tmp_path, "zarr==3.1.6\n", "import s3fs\n" + reading('f"s3://bucket/{time}.nc"')) == []


def test_comments_on_the_code_are_passed_over(tmp_path):
    recipe = '"""s3://bucket/a.nc"""\n' + reading('f"https://data.example.org/{time}.nc"  # s3://bucket/a.nc')
    assert find(tmp_path, "zarr==3.1.6\n", recipe) == []


def test_nothing_is_said_without_requirements(tmp_path):
    assert find(tmp_path, None, reading('f"s3://bucket/{time}.nc"')) == []


# PFD011.


@pytest.mark.parametrize("name", ["environment.yml", "environment.yaml"])
def test_an_environment_of_conda_is_told(tmp_path, name):
    (found,) = find(tmp_path, "zarr==3.1.6\n", **{name: "dependencies: [xarray]\n"})
    assert (found.code, found.level) == ("PFD011", Level.HINT)
    assert shown([found]) == [f"{name}:1:1 nothing reads {name}: what a recipe needs is installed from requirements.txt"]


# Real files.


def test_real_files_have_no_faults_and_only_hints_of_versions_and_branches(shared):
    found = [finding for folder in (shared / "meta-corpus").iterdir() for finding in lint(folder, PFD)]
    assert {finding.code for finding in found} == {"PFD005", "PFD006"}
    counts = [sum(finding.code == code for finding in found) for code in ("PFD005", "PFD006")]
    assert counts == [32, 27]
