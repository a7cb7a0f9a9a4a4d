"""Who looks after a feedstock: nobody, or people whose logins and iDs cannot be looked up."""

from __future__ import annotations

import pytest

from lint.feedstocks import META
from lint.meta_files import RECIPES, find, find_staged, mend, shown, without


def maintained(**keys: str) -> str:
    """Write a file with one maintainer, whose first key is in line 5."""
    return f"{RECIPES}maintainers:\n  - " + "\n    ".join(f"{key}: {text}" for key, text in keys.items()) + "\n"


# PFM040.


def test_without_maintainers_there_is_a_warning_at_the_start(tmp_path):
    (found,) = find(tmp_path, "PFM040", without("maintainers:"))
    assert shown([found]) == ["1:1 warning no maintainer is named"]
    assert found.help == "Write `maintainers:`, and under it for each person `- name: …` with `github: …`."


def test_among_staged_recipes_it_is_an_error(tmp_path):
    assert shown(find_staged(tmp_path, "PFM040", without("maintainers:"))) == ["1:1 error no maintainer is named"]
    assert find_staged(tmp_path, "PFM040", META) == []


@pytest.mark.parametrize(("text", "place"), [("maintainers:\n", "4:1"), ("maintainers: []\n", "4:14"), ("maintainers: ''\n", "4:14")])
def test_an_empty_list_is_told_at_its_place(tmp_path, text, place):
    assert shown(find(tmp_path, "PFM040", RECIPES + text)) == [f"{place} warning no maintainer is named"]


@pytest.mark.parametrize(
    "meta", [META, f"{RECIPES}maintaners: [{{github: ada}}]\n", f"{RECIPES}github: ada\n", f"{RECIPES}maintainers: Ada\n"]
)
def test_nothing_is_said_of_what_another_rule_tells(tmp_path, meta):
    assert find(tmp_path, "PFM040", meta) == []


# PFM041.


def test_a_maintainer_without_a_login_is_told_at_the_entry(tmp_path):
    (found,) = find(tmp_path, "PFM041", maintained(name="Ada Lovelace", orcid="0000-0002-1825-0097"))
    assert shown([found]) == ["5:5 warning the maintainer 'Ada Lovelace' has no login on GitHub, and cannot be asked to review a change"]
    assert found.end == (5, 9)


def test_among_staged_recipes_a_missing_login_is_an_error(tmp_path):
    assert [str(found.level) for found in find_staged(tmp_path, "PFM041", maintained(name="Ada"))] == ["error"]


@pytest.mark.parametrize("keys", [{"github": "ada"}, {"name": "Ada", "githubb": "ada"}, {"name": "Ada", "github": "'@ada'"}])
def test_who_has_one_or_misspelt_the_key_is_not_told(tmp_path, keys):
    assert find(tmp_path, "PFM041", maintained(**keys)) == []


def test_one_maintainer_alone_is_read_as_a_list_of_one(tmp_path):
    assert find(tmp_path, "PFM041", f"{RECIPES}maintainers: {{name: Ada, github: ada}}\n") == []


# PFM042.


@pytest.mark.parametrize(
    ("written", "mended", "fault"),
    [
        ("'@ada'", "'ada'", "'@ada' is a login with an '@'"),
        ('"@ada-l"', '"ada-l"', "'@ada-l' is a login with an '@'"),
        ("https://github.com/ada", "ada", "'https://github.com/ada' is the address of a profile, not the login"),
        ("github.com/ada/", "ada", "'github.com/ada/' is the address of a profile, not the login"),
        ("https://www.github.com/null", '"null"', "'https://www.github.com/null' is the address of a profile, not the login"),
        ("https://github.com/1234", '"1234"', "'https://github.com/1234' is the address of a profile, not the login"),
    ],
)
def test_an_address_or_an_at_is_taken_away(tmp_path, written, mended, fault):
    (found,) = find(tmp_path, "PFM042", maintained(github=f"{written}  # hers"))
    assert shown([found]) == [f"5:13 warning {fault}"]
    assert mend(tmp_path, "PFM042", maintained(github=f"{written}  # hers")) == maintained(github=f"{mended}  # hers")


@pytest.mark.parametrize("written", ["Ada Lovelace", "ada@example.org", "leap-stc/data-and-compute", "-ada", "https://gitlab.com/ada"])
def test_what_cannot_be_a_login_is_told_and_left(tmp_path, written):
    (found,) = find(tmp_path, "PFM042", maintained(github=written))
    assert shown([found]) == [f"5:13 warning {written!r} is no login that GitHub gives"]
    assert found.fix == ()


@pytest.mark.parametrize(
    "written", ["ada", "Ada-Lovelace", "a", "developmentseed", "ada_company", "1234", "", "''", "your-github-username"]
)
def test_logins_are_not_told(tmp_path, written):
    assert find(tmp_path, "PFM042", maintained(github=written)) == []


# PFM043.


@pytest.mark.parametrize(
    ("written", "mended"),
    [
        ("https://orcid.org/0000-0002-1825-0097", "0000-0002-1825-0097"),
        ('"http://orcid.org/0000-0002-5631-889x/"', '"0000-0002-5631-889X"'),
        ("orcid.org/0000-0002-1825-0097", "0000-0002-1825-0097"),
        ("0000000218250097", "0000-0002-1825-0097"),
        ("0000–0002–1825–0097", "0000-0002-1825-0097"),
        ("'ORCID: 0000-0002-1825-0097'", "'0000-0002-1825-0097'"),
    ],
)
def test_an_id_that_is_written_otherwise_is_mended(tmp_path, written, mended):
    (found,) = find(tmp_path, "PFM043", maintained(orcid=written))
    assert shown([found]) == [f"5:12 warning {written.strip(chr(34) + chr(39))!r} is not how an ORCID iD is written here"]
    assert mend(tmp_path, "PFM043", maintained(orcid=f"{written}  # hers")) == maintained(orcid=f"{mended}  # hers")


@pytest.mark.parametrize("written", ["0000-0000-0000-0000", "0000-0002-1825-0098", "https://orcid.org/0000-0002-1825-0079"])
def test_a_slip_of_the_pen_shows(tmp_path, written):
    (found,) = find(tmp_path, "PFM043", maintained(orcid=written))
    assert shown([found]) == [f"5:12 warning the ORCID iD {written!r} is nobody's: its last digit does not follow from the others"]
    assert found.fix == ()


@pytest.mark.parametrize("written", ["aaa-bbb-ccc", "0000-0002-1825", "0000-0002-1825-00977", "000X-0002-1825-0097", "a" * 1000])
def test_what_is_no_id_is_told(tmp_path, written):
    (found,) = find(tmp_path, "PFM043", maintained(orcid=written))
    assert found.message.endswith("is no ORCID iD")
    assert found.fix == ()


@pytest.mark.parametrize("written", ["0000-0002-1825-0097", "'0000-0001-8571-865X'", "", "''", "Your Orchid ID", "[a]"])
def test_ids_and_what_another_rule_tells_are_not_told(tmp_path, written):
    assert find(tmp_path, "PFM043", maintained(orcid=written)) == []
