"""What is typed into the search field."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from pangeo_forge.catalog.index.search import Query
from pangeo_forge.errors import UsageError
from pangeo_forge.tui.queries import read_query


def test_words_and_filters_stand_in_any_order():
    asked = read_query("sea  variable:tos bbox:-30,30,40,70 ice datetime:1990/1991 variable:sic")
    assert asked == Query(
        words=("sea", "ice"),
        variables=("tos", "sic"),
        bbox=(-30, 30, 40, 70),
        start=datetime(1990, 1, 1, tzinfo=UTC),
        end=datetime(1991, 12, 31, 23, 59, 59, tzinfo=UTC),
    )


def test_a_colon_after_anything_else_is_a_part_of_a_word():
    assert read_query("doi:10.1 T12:00").words == ("doi:10.1", "T12:00")


def test_a_filter_without_a_value_asks_for_nothing_yet():
    assert read_query("variable: bbox: datetime:") == Query()


@pytest.mark.parametrize("typed", ["bbox:1,2", "datetime:soon", "bbox:0,0,1,1 bbox:2,2,3,3"])
def test_what_cannot_be_read_is_told(typed: str):
    with pytest.raises(UsageError):
        read_query(typed)
