"""Who made the data: missing providers, what is missing of them, and roles that STAC does not know."""

from __future__ import annotations

import pytest

from lint.feedstocks import META
from lint.meta_files import PROVIDER, RECIPES, find, mend, shown, with_provenance, without
from pangeo_forge.feedstocks.nodes import to_plain
from pangeo_forge.feedstocks.yaml import parse_yaml
from pangeo_forge.lint.vocabularies.roles import MEANINGS, read_role

# PFM031.


def test_missing_provenance_is_told_at_the_start(tmp_path):
    (found,) = find(tmp_path, "PFM031", without("provenance:"))
    assert shown([found]) == ["1:1 warning there is no provenance: nobody learns who made the data, nor what may be done with them"]
    assert found.end == (1, 6)
    assert find(tmp_path, "PFM035", without("provenance:")) == []


def test_empty_provenance_is_told_at_its_key(tmp_path):
    assert shown(find(tmp_path, "PFM031", with_provenance("")))[0].startswith("5:1 warning there is no provenance")


def test_missing_providers_are_told_at_provenance(tmp_path):
    (found,) = find(tmp_path, "PFM031", with_provenance("  license: CC0-1.0\n"))
    assert shown([found]) == ["5:1 warning no providers are named: nobody learns who made the data"]
    assert found.end == (5, 11)


@pytest.mark.parametrize(("text", "column"), [("  providers:\n", 3), ("  providers: []\n", 14)])
def test_empty_providers_are_told_at_their_place(tmp_path, text, column):
    assert shown(find(tmp_path, "PFM031", with_provenance(text))) == [
        f"6:{column} warning no providers are named: nobody learns who made the data"
    ]


@pytest.mark.parametrize(
    "meta",
    [
        META,
        f"{RECIPES}provenence: {{license: CC0-1.0}}\n",
        f"{RECIPES}license: CC0-1.0\n",
        f"{RECIPES}providers: [{{name: a}}]\n",
        f"{RECIPES}provenance: NOAA\n",
        with_provenance("  provider: [{name: a}]\n"),
        with_provenance("  providers: NOAA\n"),
    ],
)
def test_nothing_is_said_of_what_another_rule_tells(tmp_path, meta):
    assert find(tmp_path, "PFM031", meta) == []


# PFM032.


def test_a_provider_without_a_name_is_an_error(tmp_path):
    found = find(tmp_path, "PFM032", with_provenance("  providers:\n    - description: a\n      url: https://a.org\n"))
    assert shown(found) == ["7:7 error the provider has no name"]


def test_what_a_provider_lacks_is_one_hint_at_its_start(tmp_path):
    (found,) = find(tmp_path, "PFM032", with_provenance("  providers:\n    - name: ESGF\n      roles: [host]\n"))
    assert shown([found]) == ["7:7 hint the provider 'ESGF' has no description and no url"]
    assert found.end == (7, 11)
    assert found.help == "Write `description: …`, who that is, and `url: https://…`, its page or that of the data."


@pytest.mark.parametrize(
    ("url", "advice"),
    [
        ("s3://noaa-sst-pds/", "Write the page of the data; where the files are is for the recipe to say."),
        ("ftp://ftp.ncdc.noaa.gov/sst", "Write the page of the data; where the files are is for the recipe to say."),
        ("'doi: 10.5281/zenodo.7072512'", "Write `https://doi.org/10.5281/zenodo.7072512`."),
        ("10.5281/zenodo.7072512", "Write `https://doi.org/10.5281/zenodo.7072512`."),
        ("www.metoffice.gov.uk/data", "Write `https://www.metoffice.gov.uk/data`."),
        ("see the paper", "Write the page of the data; where the files are is for the recipe to say."),
    ],
)
def test_what_a_browser_does_not_open_is_a_hint(tmp_path, url, advice):
    (found,) = find(tmp_path, "PFM032", with_provenance(f"  providers:\n    - {{name: a, description: b, url: {url}}}\n"))
    assert (found.where.line, found.where.column, found.help) == (7, 38, advice)


@pytest.mark.parametrize(
    "url", ["http://gpcp.umd.edu/", "https://x.org/a?b=c#d", "https://x.org?q", "HTTPS://x.org", "https://example.org"]
)
def test_pages_are_not_told(tmp_path, url):
    assert find(tmp_path, "PFM032", with_provenance(f"  providers:\n    - {{name: a, description: b, url: '{url}'}}\n")) == []


def test_nothing_more_is_said_of_a_provider_whose_name_waits_to_be_replaced(tmp_path):
    assert find(tmp_path, "PFM032", with_provenance("  providers:\n    - name: TBD\n")) == []


def test_one_provider_alone_and_empty_ones_are_read(tmp_path):
    assert find(tmp_path, "PFM032", with_provenance("  providers:\n    name: ESGF\n    description: a\n    url: https://a.org\n")) == []
    assert find(tmp_path, "PFM032", with_provenance("  providers:\n    -\n    - ESGF\n")) == []


def test_of_very_many_faults_only_some_are_told(tmp_path):
    assert len(find(tmp_path, "PFM033", with_provenance(f"  providers: [{{name: a, roles: [{', '.join(['b', 'c'] * 500)}]}}]\n"))) == 50


# PFM033.


def roles(text: str) -> str:
    return with_provenance(f"  providers:\n{PROVIDER}      roles: {text}\n")


@pytest.mark.parametrize(
    ("written", "role"),
    [
        ("produce", "producer"),
        ("Producer", "producer"),
        ("creator", "producer"),
        ("data_producer", "producer"),
        ("Licensors", "licensor"),
        ("copyright holder", "licensor"),
        ("processing", "processor"),
        ("archive", "host"),
        ("Distributor", "host"),
        ("data-archive", "host"),
    ],
)
def test_another_word_for_a_role_is_mended(tmp_path, written, role):
    (found,) = find(tmp_path, "PFM033", roles(f"[licensor2, '{written}']"))[1:]
    assert shown([found]) == [f"10:26 warning {written!r} is no role of STAC"]
    assert found.help == f"Write `{role}`."
    assert mend(tmp_path, "PFM033", roles(f"['{written}']  # why")) == roles(f"['{role}']  # why")


@pytest.mark.parametrize("written", ["provider", "data provider", "curator", "research institution", "publisher", "doi", "funder"])
def test_what_may_mean_several_is_left_to_the_author(tmp_path, written):
    (found,) = find(tmp_path, "PFM033", roles(f"\n        - {written}"))
    assert (found.where.line, found.where.column, found.end, found.fix) == (11, 11, (11, 11 + len(written)), ())
    assert found.help.startswith("Write `")


def test_each_possible_role_is_explained(tmp_path):
    (found,) = find(tmp_path, "PFM033", roles("curator"))
    assert found.help == "Write `host` if it offers the data to be read, `processor` if it made these data of others'."


def test_a_role_that_is_there_already_is_not_written_twice(tmp_path):
    (found,) = find(tmp_path, "PFM033", roles("[archive, host]"))
    assert (found.help, found.fix) == ("Remove it: `host` is there already.", ())


@pytest.mark.parametrize("text", ["[producer, licensor, processor, host]", "producer", "[]", "", "{producer: }", "[[producer]]", "[~]"])
def test_known_roles_and_other_shapes_are_not_told(tmp_path, text):
    assert find(tmp_path, "PFM033", roles(text)) == []


@pytest.mark.parametrize("text", ["&role archive", "!!str archive", "|\n        archive", ">-\n        archive"])
def test_a_role_that_is_not_written_simply_is_not_mended(tmp_path, text):
    (found,) = find(tmp_path, "PFM033", roles(text))
    assert found.fix == ()


def test_an_alias_is_told_where_it_leads_to(tmp_path):
    meta = with_provenance("  providers:\n    - {name: a, roles: &r [archive]}\n    - {name: b, roles: *r}\n")
    assert shown(find(tmp_path, "PFM033", meta)) == ["7:28 warning 'archive' is no role of STAC"]
    mended = to_plain(parse_yaml(mend(tmp_path, "PFM033", meta).encode(), "meta.yaml"))
    assert [provider["roles"] for provider in mended["provenance"]["providers"]] == [["host"], ["host"]]


def test_every_word_leads_to_roles_that_there_are():
    for word in ("archive", "provider", "nonsense"):
        meant = read_role(word)
        assert {meant} if isinstance(meant, str) else {*meant} <= {*MEANINGS}
