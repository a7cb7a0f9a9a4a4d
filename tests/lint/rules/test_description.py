"""A dataset without a title or a description."""

from __future__ import annotations

import pytest

from lint.feedstocks import META
from lint.meta_files import RECIPES, find, shown, without


def test_a_missing_title_is_told_beside_the_description(tmp_path):
    (found,) = find(tmp_path, "PFM030", without("title: Sea surface temperature"))
    assert shown([found]) == ["1:1 warning there is no title"]
    assert (found.end, found.help) == ((1, 12), "Write `title: …`, what the dataset is in a few words.")


def test_a_missing_description_is_told_beside_the_title(tmp_path):
    found = find(tmp_path, "PFM030", f"{RECIPES}title: Sea ice\n")
    assert shown(found) == ["4:1 warning there is no description"]


def test_both_are_one_finding_at_the_start(tmp_path):
    (found,) = find(tmp_path, "PFM030", f"# a comment\n{RECIPES}")
    assert shown([found]) == ["2:1 warning there is no title and no description"]
    assert found.end == (2, 8)


def test_a_key_with_nothing_after_it_is_told_at_the_key(tmp_path):
    found = find(tmp_path, "PFM030", f"description: Daily means of the sea's surface\n{RECIPES}title:\n")
    assert shown(found) == ["5:1 warning there is no title"]
    assert found[0].end == (5, 6)


@pytest.mark.parametrize("empty", ["''", '"  "'])
def test_an_empty_text_is_told_at_the_text(tmp_path, empty):
    found = find(tmp_path, "PFM030", f"title: Sea ice\ndescription: {empty}\n{RECIPES}")
    assert shown(found) == ["2:14 warning there is no description"]


def test_a_description_of_a_word_is_a_hint(tmp_path):
    found = find(tmp_path, "PFM030", f"title: Sea ice\ndescription: 'Sea ice '\n{RECIPES}")
    assert shown(found) == ["2:14 hint the description 'Sea ice ' tells nobody what the dataset is"]


@pytest.mark.parametrize(
    "meta",
    [
        META,
        f"title: CASM\ndescription: Soil moisture\n{RECIPES}",
        f"title: 2020\ndescription: >-\n  Daily means\n{RECIPES}",
        f"titel: Sea ice\ndescription: Daily means of sea ice\n{RECIPES}",
        f"title: [Sea, ice]\ndescription: Daily means of sea ice\n{RECIPES}",
        f"title: Sea ice\ndescription: TODO\n{RECIPES}",
    ],
    ids=["good", "short title", "number", "misspelt", "wrong kind", "placeholder"],
)
def test_nothing_is_said_of_what_is_there_or_another_rule_tells(tmp_path, meta):
    assert find(tmp_path, "PFM030", meta) == []


@pytest.mark.parametrize("meta", ["", "[a]", "dataset: {name: sst}\n", "a: b: c\n"])
def test_nothing_is_said_of_a_file_that_describes_no_feedstock(tmp_path, meta):
    assert find(tmp_path, "PFM03", meta) == find(tmp_path, "PFM04", meta) == []
