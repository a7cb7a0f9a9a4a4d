"""The licence of the data: what is no identifier of SPDX, what is none at all, and what has no link."""

from __future__ import annotations

import pytest

from lint.feedstocks import META
from lint.meta_files import PROVIDER, RECIPES, find, mend, shown, with_license, with_provenance
from pangeo_forge.lint.findings import Finding

CODES = ("PFM034", "PFM035", "PFM036", "PFM037")


def judge(root, meta: str) -> Finding | None:
    """Give the one finding there is of a licence, whichever rule's it is."""
    found = [finding for code in CODES for finding in find(root, code, meta)]
    assert len(found) < 2
    return found[0] if found else None


def told(root, meta: str) -> tuple[str, str, bool] | None:
    """Give code and level of the one finding, and whether it is mended."""
    found = judge(root, meta)
    return (found.code, str(found.level), bool(found.fix)) if found else None


@pytest.mark.parametrize(
    "licence",
    ["CC-BY-4.0", "'CC0-1.0'", "CC-PDDC", "OGL-Canada-2.0", "GPL-3.0", "CC-BY-4.0 OR ODbL-1.0", "LicenseRef-Copernicus", "Apache-2.0"],
)
def test_identifiers_are_not_told(tmp_path, licence):
    assert judge(tmp_path, with_license(licence)) is None


def test_a_name_that_belongs_to_one_identifier_is_mended_in_its_quotes(tmp_path):
    meta = with_license("'Creative Commons Attribution 4.0 International'  # checked")
    found = judge(tmp_path, meta)
    assert shown([found]) == [
        "10:12 warning the licence 'Creative Commons Attribution 4.0 International' has an identifier, by which programs know it"
    ]
    assert (found.code, found.end, found.help) == ("PFM034", (10, 60), "Write `CC-BY-4.0`.")
    assert mend(tmp_path, "PFM034", meta) == with_license("'CC-BY-4.0'  # checked")


@pytest.mark.parametrize(
    ("written", "mended"),
    [("CC0", "CC0-1.0"), ('"CC-BY-NC v.4.0"', '"CC-BY-NC-4.0"'), ("MIT License", "MIT"), ("Apache\n    Version 2.0", "Apache-2.0")],
)
def test_names_are_mended_as_they_are_written(tmp_path, written, mended):
    assert mend(tmp_path, "PFM034", with_license(written)) == with_license(mended)


def test_other_letters_than_the_list_has_are_a_hint(tmp_path):
    assert told(tmp_path, with_license("cc-by-4.0")) == ("PFM034", "hint", True)
    assert told(tmp_path, with_license("mit or CC0-1.0")) == ("PFM034", "hint", False)
    assert mend(tmp_path, "PFM034", with_license("cc-by-4.0")) == with_license("CC-BY-4.0")


def test_a_name_without_its_version_is_left_to_the_author(tmp_path):
    found = judge(tmp_path, with_license("CC-BY"))
    assert shown([found]) == ["10:12 warning the licence 'CC-BY' does not say exactly which it is"]
    assert (found.help, found.fix) == ("Write `CC-BY-4.0` or `CC-BY-3.0` or `CC-BY-2.0`, whichever the provider means.", ())


def test_a_slip_of_the_pen_is_asked_about(tmp_path):
    found = judge(tmp_path, with_license("CC-BY-40"))
    assert (found.code, found.help, found.fix) == ("PFM034", "Write `CC-BY-4.0`, if that is meant.", ())


@pytest.mark.parametrize("written", ["Open Data", "No constraints on data access or use.", "No Usage Restrictions", "public domain"])
def test_words_that_say_that_data_are_free_are_a_hint(tmp_path, written):
    found = judge(tmp_path, with_license(written))
    assert shown([found]) == [f"10:12 hint the licence {written!r} is a description, no identifier: programs cannot tell what it allows"]
    assert found.help.startswith("Write `CC0-1.0`, if the provider gave up all rights; otherwise `license: other`, ")


def test_other_words_are_a_hint(tmp_path):
    found = judge(tmp_path, with_license("Generated using information of Copernicus"))
    assert (found.code, str(found.level), found.fix) == ("PFM034", "hint", ())


def test_words_beside_a_link_only_want_another_word(tmp_path):
    found = judge(tmp_path, with_license("UK terms", "  license_link: {url: https://x.org}\n"))
    assert found.help == "Write `license: other`, since `license_link` says the rest."


@pytest.mark.parametrize("written", ["unknown", "Unknown", "not specified"])
def test_who_writes_that_it_is_unknown_gets_a_hint(tmp_path, written):
    found = judge(tmp_path, with_license(written))
    assert shown([found]) == [f"10:12 hint the licence is {written!r}: nobody learns what may be done with the data"]
    assert found.code == "PFM035"


@pytest.mark.parametrize("written", ["TBD", "None", "???", "n/a", "Just a Test", "TODO", "'-'"])
def test_what_was_left_for_later_is_a_warning(tmp_path, written):
    assert told(tmp_path, with_license(written)) == ("PFM035", "warning", False)


def test_a_missing_licence_is_told_at_provenance(tmp_path):
    found = judge(tmp_path, with_provenance(f"  providers:\n{PROVIDER}"))
    assert shown([found]) == ["5:1 warning there is no licence: nobody learns what may be done with the data"]
    assert found.end == (5, 11)


@pytest.mark.parametrize(("written", "column"), [("", 3), ("~", 3), ("''", 12)])
def test_an_empty_licence_is_told_at_its_place(tmp_path, written, column):
    found = judge(tmp_path, with_license(written))
    assert shown([found]) == [f"10:{column} warning there is no licence: nobody learns what may be done with the data"]


def test_a_link_without_a_licence_is_a_hint(tmp_path):
    found = judge(tmp_path, with_provenance(f"  providers:\n{PROVIDER}  license_link: {{url: https://x.org}}\n"))
    assert (found.code, str(found.level)) == ("PFM035", "hint")


@pytest.mark.parametrize("written", ["proprietary", "Proprietary", "other", "various"])
def test_a_licence_that_says_nothing_wants_a_link(tmp_path, written):
    found = judge(tmp_path, with_license(written))
    assert shown([found]) == [f"10:12 warning the licence is {written!r}, but `license_link` does not say where it can be read"]
    assert judge(tmp_path, with_license(written, "  license_link: {title: Terms, url: https://x.org/terms}\n")) is None


def test_an_empty_link_is_none(tmp_path):
    assert told(tmp_path, with_license("other", "  license_link:\n    title: ''\n    url: ''\n")) == ("PFM036", "warning", False)


def test_a_link_that_is_written_wrongly_is_another_fault(tmp_path):
    assert find(tmp_path, "PFM036", with_license("other", "  license_link: https://x.org/terms\n")) == []


def test_an_address_belongs_elsewhere(tmp_path):
    found = judge(tmp_path, with_license('"https://www.ecad.eu/documents/ECAD_datapolicy.pdf"'))
    assert shown([found]) == ["10:12 hint the licence is an address, where an identifier should be"]
    assert found.help == "Write `license: other`, and under `license_link:` the `title` and the `url` of the terms."


def test_the_address_of_a_known_text_is_mended(tmp_path):
    meta = with_license("https://creativecommons.org/licenses/by/4.0/  # see there")
    assert told(tmp_path, meta) == ("PFM037", "hint", True)
    assert mend(tmp_path, "PFM037", meta) == with_license("CC-BY-4.0  # see there")


@pytest.mark.parametrize(
    "meta",
    [
        META,
        f"{RECIPES}license: unknown\n",
        with_provenance(f"  providers:\n{PROVIDER}  licence: unknown\n"),
        with_provenance("  license: [CC-BY-4.0, CC0-1.0]\n"),
        with_provenance("  license: {id: CC-BY-4.0}\n"),
        f"{RECIPES}provenance: unknown\n",
    ],
)
def test_nothing_is_said_of_what_another_rule_tells(tmp_path, meta):
    assert judge(tmp_path, meta) is None


@pytest.mark.parametrize("written", ["&l CC0", "!!str CC0", "|\n    CC0", ">-\n    CC0"])
def test_what_is_not_written_simply_is_told_but_not_mended(tmp_path, written):
    assert told(tmp_path, with_license(written)) == ("PFM034", "warning", False)


def test_a_very_long_text_is_read_at_once(tmp_path):
    assert told(tmp_path, with_license(f'"{"no restrictions (" * 20_000}"')) == ("PFM034", "hint", False)


def test_real_licences_are_judged_as_read_by_hand(shared, tmp_path):
    from lint.feedstocks import lint
    from pangeo_forge.lint.options import Options

    folders = sorted((shared / "meta-corpus").iterdir())
    found = [finding for folder in folders for finding in lint(folder, Options(select=CODES))]
    places = {(finding.where.path, finding.where.line) for finding in found}
    assert len(places) == len(found)
    counts = {(code, level): 0 for code in CODES for level in ("warning", "hint")}
    for finding in found:
        counts[finding.code, str(finding.level)] += 1
    assert {key: count for key, count in counts.items() if count} == {
        ("PFM034", "warning"): 17,
        ("PFM034", "hint"): 23,
        ("PFM035", "warning"): 4,
        ("PFM035", "hint"): 5,
        ("PFM036", "warning"): 3,
        ("PFM037", "hint"): 1,
    }
    assert sum(bool(finding.fix) for finding in found) == 16
