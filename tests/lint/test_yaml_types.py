"""What a reader of YAML 1.1 takes a text without quotes for, held against one."""

from __future__ import annotations

import datetime

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from pangeo_forge.lint.files.yaml_types import read_as_yaml_1_1

#: What is made of these looks often like a number, a date or a word.
PIECES = st.lists(
    st.sampled_from([*"0123789_-+.:xboeETZaf ", "2021", "-07", "0x", "0b", "yes", "off", "True", ".inf", ".NaN", "1:30"]), max_size=9
)


def loaded(text):
    """Load a text in YAML 1.1; a text where it is none of the kinds that another is taken for."""
    try:
        return yaml.safe_load(text)
    except ValueError:
        return 0  # a number or date that is none, such as 2021-13-45: it is not taken for a text
    except yaml.YAMLError:
        return text


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("on", "the truth value true"),
        ("Yes", "the truth value true"),
        ("no", "the truth value false"),
        ("12", "the number 12"),
        ("1_000", "the number 1000"),
        ("010", "the number 8"),
        ("-0x1F", "the number -31"),
        ("0b11", "the number 3"),
        ("1:30", "the number 90"),
        ("-1:30:30", "the number -5430"),
        ("1:30.5", "the number 90.5"),
        ("1.0", "the number 1.0"),
        ("2021.10", "the number 2021.1"),
        (".5", "the number 0.5"),
        ("1.e+3", "the number 1000.0"),
        ("-.inf", "the number -.inf"),
        (".nan", "the number .nan"),
        ("0b_", "a number"),
        ("2021-07-01", "a date"),
        ("2021-7-1 12:00:00Z", "a time"),
    ],
)
def test_what_is_no_text_is_named(text, kind):
    assert read_as_yaml_1_1(text) == kind
    assert not isinstance(loaded(text), str)


@pytest.mark.parametrize(
    "text",
    [
        "y",
        "n",
        "oN",
        "0.9.2",
        "2022.06.02",
        "1e3",
        "08",
        "1:60",
        "2021-7-1",
        "0000-0002-1825-0097",
        "sst",
        "2021-07-01T00",
        "1 2",
        "",
        "None",
        "9" * 5000,
    ],
)
def test_what_is_a_text_is_left_alone(text):
    assert read_as_yaml_1_1(text) is None


@given(PIECES.map("".join).filter(lambda text: text == text.strip() and text))
def test_a_reader_of_yaml_1_1_agrees(text):
    value = loaded(text)
    kind = read_as_yaml_1_1(text)
    if isinstance(value, str) or value is None or isinstance(value, dict | list):
        assert kind is None
    elif isinstance(value, datetime.date):
        assert kind in ("a date", "a time")
    else:
        assert kind is not None


@given(PIECES.map("".join))
def test_the_number_is_the_one_that_it_reads(text):
    value, kind = loaded(text), read_as_yaml_1_1(text) or ""
    if kind.startswith("the number") and not kind.lower().endswith(("inf", "nan")):
        assert float(kind.removeprefix("the number ")) == float(value)
