"""What meta.yaml says of the bakery: an old spelling, amounts without units, no name."""

from __future__ import annotations

import pytest

from lint.feedstocks import META
from lint.meta_files import RECIPES, find, mend, shown
from pangeo_forge.feedstocks.nodes import to_plain
from pangeo_forge.feedstocks.yaml import parse_yaml

# PFM053.


def test_the_old_spelling_is_told_at_the_key(tmp_path):
    (found,) = find(tmp_path, "PFM053", f"{RECIPES}bakeries:\n  - id: local\n")
    assert shown([found]) == ["4:1 warning `bakeries` is `bakery` today, and holds one"]
    assert (found.end, found.help) == ((4, 9), "Write `bakery:`, and under it the `id` of the bakery.")


@pytest.mark.parametrize(
    ("written", "mended"),
    [
        ("bakeries:\n  - id: local  # here\n", "bakery:\n    id: local  # here\n"),
        ("bakeries:   # a\n- id: local\n  # b\n  target: x\n", "bakery:   # a\n  id: local\n  # b\n  target: x\n"),
        (
            "bakeries:\n    -   resources:\n            cpu: 1\n        id: local\n",
            "bakery:\n        resources:\n            cpu: 1\n        id: local\n",
        ),
        ("'bakeries': {id: local}\n", None),
        ("bakeries: {id: local}\n", "bakery: {id: local}\n"),
        ("bakeries:\n  - {id: local}\n", "bakery:\n    {id: local}\n"),
        ("bakeries:\n", "bakery:\n"),
        ("bakeries: [{id: local}]\n", None),
        ("bakeries:\n  -\n    id: local\n", None),
        ("bakeries:\n  - &b\n    id: local\n", "bakery:\n    &b\n    id: local\n"),
        ("bakeries: []\n", None),
        ("bakeries:\n  - id: one\n  - id: two\n", None),
        ("bakery: {id: local}\nbakeries: {id: local}\n", None),
        ("bakeries: local\n", "bakery: local\n"),
    ],
)
def test_a_list_of_one_is_mended_where_that_is_simple(tmp_path, written, mended):
    meta = f"{RECIPES}{written}maintainers: [{{github: ada}}]\n"
    assert mend(tmp_path, "PFM053", meta) == meta.replace(written, mended or written)


@pytest.mark.parametrize(
    "bakeries",
    [
        "- id: local\n  resources:\n    memory: 4 GB\n",
        "  - {id: local, target: a}\n",
        "  - &b\n    id: local\n",
        "  -   id: >-\n        local\n",
    ],
)
def test_mending_changes_nothing_but_the_list(tmp_path, bakeries):
    before = f"{RECIPES}bakeries:\n{bakeries}maintainers:\n- github: ada\n"
    old, new = (to_plain(parse_yaml(text.encode(), "meta.yaml")) for text in (before, mend(tmp_path, "PFM053", before)))
    (bakery,) = old.pop("bakeries")
    assert new == {**old, "bakery": bakery}


def test_of_several_one_must_be_chosen(tmp_path):
    (found,) = find(tmp_path, "PFM053", f"{RECIPES}bakeries:\n  - id: one\n  - id: two\n")
    assert found.help == "Write `bakery:`, and under it the `id` of the one that is meant."


def test_the_spelling_of_today_is_not_told(tmp_path):
    assert find(tmp_path, "PFM053", META) == []


# PFM054.


def resources(text: str) -> str:
    return f"{RECIPES}bakery:\n  id: local\n  resources: {text}\n"


def test_amounts_without_units_are_one_hint_at_the_first(tmp_path):
    (found,) = find(tmp_path, "PFM054", resources("\n    memory: 4096\n    cpu: 1024"))
    assert shown([found]) == [
        "7:13 hint `memory` is 4096 without a unit, which is read as MB, and `cpu` is 1024, which is read as 1024ths of a core"
    ]
    assert (found.end, found.help) == ((7, 17), "Write `memory: 4096 MB` and `cpu: 1`.")


def test_parts_of_a_core_are_told_alone(tmp_path):
    (found,) = find(tmp_path, "PFM054", resources("{memory: 4 GB, cpu: 512}"))
    assert (found.where.column, found.help) == (34, "Write `cpu: 0.5`.")


@pytest.mark.parametrize("text", ["{memory: much}", "{cpu: many}", "{memory: -4 GB}", "{memory: 4 GG}", "{memory: 4096, cpu: '???'}"])
def test_what_is_no_amount_is_a_warning(tmp_path, text):
    assert [str(found.level) for found in find(tmp_path, "PFM054", resources(text))] == ["warning"]


@pytest.mark.parametrize(
    "text",
    [
        "{memory: 4 GB, cpu: 1}",
        "{memory: 10GiB, cpu: 0.5}",
        "{memory: 512Mi, cpu: 500m}",
        "{memory: '2.5 TB', cpu: 4 cores}",
        "{memory: , cpu: ''}",
        "{gpu: 1}",
        "[]",
        "",
    ],
)
def test_amounts_with_units_and_other_things_are_not_told(tmp_path, text):
    assert find(tmp_path, "PFM054", resources(text)) == []


# PFM056.


def test_a_bakery_without_a_name_is_an_error(tmp_path):
    found = find(tmp_path, "PFM056", f"{RECIPES}bakery:\n  target: scratch\n")
    assert shown(found) == ["5:3 error `bakery` has no id"]
    assert find(tmp_path, "PFM056", META) == []
