"""ORCID iDs and their checksum."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pangeo_forge.lint.vocabularies.orcid import has_valid_checksum, is_orcid, normalize

IDS = ["0000-0002-1825-0097", "0000-0001-5109-3700", "0000-0002-1694-233X"]


@pytest.mark.parametrize("orcid", IDS)
def test_the_published_examples_are_valid(orcid):
    assert is_orcid(orcid)
    assert has_valid_checksum(orcid)


@given(st.sampled_from(IDS), st.integers(0, 15), st.sampled_from("0123456789X"))
def test_one_wrong_digit_shows(orcid, place, digit):
    digits = orcid.replace("-", "")
    changed = digits[:place] + digit + digits[place + 1 :]
    wrong = "-".join(changed[start : start + 4] for start in range(0, 16, 4))
    if is_orcid(wrong):
        assert has_valid_checksum(wrong) == (wrong == orcid)


@given(st.text())
def test_whatever_is_written_becomes_an_id_or_nothing(text):
    found = normalize(text)
    assert found is None or is_orcid(found)
