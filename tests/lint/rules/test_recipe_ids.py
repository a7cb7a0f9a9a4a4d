"""Ids of recipes: which are refused, unwise, too long, or stand twice."""

from __future__ import annotations

import pytest

from lint.feedstocks import META, lint, write_good
from pangeo_forge.lint.findings import Level
from pangeo_forge.lint.options import Options

LONG = "sea-surface-temperature-daily-mean-of-the-first-ten-metres-of-the-ocean"


def find(root, meta, code, **files):
    return list(lint(write_good(root, {"feedstock/meta.yaml": meta, **files}), Options(select=(code,))))


def with_id(text):
    return META.replace("id: sst", f"id: {text}")


def test_an_id_that_stands_twice_is_found_at_the_second(tmp_path):
    entry = '  - id: sst\n    object: "recipe:sst"\n'
    (found,) = find(tmp_path, META.replace(entry, entry * 2), "PFM016")
    assert (found.where.line, found.where.column, found.end) == (6, 9, (6, 12))
    assert found.message == "the id 'sst' stands twice, first in line 4"


@pytest.mark.parametrize(
    ("text", "level", "message", "hint"),
    [
        ('"a/b"', "error", "the id 'a/b' holds '/', which has a meaning in addresses of stores", "Write `id: a-b`, say."),
        (
            "sea ice",
            "warning",
            "the id 'sea ice' holds a space, which is written otherwise in a URL, and not taken by all that name a job after it",
            "Write `id: sea-ice`, say, if nothing is written under it yet: the id is a part of the dataset's address.",
        ),
        (
            "sst+ice",
            "warning",
            "the id 'sst+ice' holds '+', which is written otherwise in a URL, and not taken by all that name a job after it",
            "Write `id: sst-ice`, say, if nothing is written under it yet: the id is a part of the dataset's address.",
        ),
        (
            ".sst",
            "warning",
            "the id '.sst' begins with '.', which hides it on a disk",
            "Write `id: sst`, say, if nothing is written under it yet: the id is a part of the dataset's address.",
        ),
        (
            "GPM_3IMERGDF.07",
            "hint",
            "the id 'GPM_3IMERGDF.07' has capital letters, which some disks take for small ones, and names of jobs cannot have",
            "Write `id: gpm_3imergdf.07`, say, if nothing is written under it yet: the id is a part of the dataset's address.",
        ),
        (
            "海面水温です",
            "warning",
            "the id '海面水温です' holds '海', which is written otherwise in a URL, and not taken by all that name a job after it",
            "Write `id: my-dataset`, say, if nothing is written under it yet: the id is a part of the dataset's address.",
        ),
    ],
)
def test_what_is_wrong_with_an_id_depends_on_its_characters(tmp_path, text, level, message, hint):
    (found,) = find(tmp_path, with_id(text), "PFM017")
    assert (found.where.line, found.where.column, found.end) == (4, 9, (4, 9 + len(text)))
    assert (found.level, found.message, found.help, found.fix) == (level, message, hint, ())


@pytest.mark.parametrize("text", ["sst", "sst-daily", "0.25-degree", "_sst", "a" * 63, '"on"', "cmip6.pmip.mri-esm2-0.tas"])
def test_an_id_of_small_letters_is_left_alone(tmp_path, text):
    assert find(tmp_path, with_id(text), "PFM01") == []


def test_capitals_of_a_dataset_that_is_there_already_are_left_alone(tmp_path):
    files = {"feedstock/recipe.py": None, "feedstock/catalog.yaml": "stores:\n  - id: MSWEP\n    url: gs://bucket/MSWEP.zarr\n"}
    assert find(tmp_path, f"recipes:\n  - id: MSWEP\n  - id: {LONG}\n", "PFM017", **files) == []
    assert find(tmp_path, f"recipes:\n  - id: MSWEP\n  - id: {LONG}\n", "PFM018", **files) == []


def test_an_id_longer_than_a_label_is_a_warning(tmp_path):
    (found,) = find(tmp_path, with_id(LONG), "PFM018")
    assert (found.level, found.end) == (Level.WARNING, (4, 9 + len(LONG)))
    assert found.message == f"the id has {len(LONG)} characters, more than the 63 that the name of a job may have"


def test_an_id_that_is_refused_for_its_length_is_not_long_as_well(tmp_path):
    findings = find(tmp_path, with_id("a" * 300), "PFM01")
    assert [found.code for found in findings] == ["PFM017"]
