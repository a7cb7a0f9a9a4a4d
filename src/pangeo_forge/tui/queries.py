"""What is typed into the search field: words, and filters such as ``variable:tos bbox:-30,30,40,70 datetime:1990/2020``."""

from __future__ import annotations

from pangeo_forge.api.cataloguing import Search, make_query
from pangeo_forge.catalog.index.search import Query
from pangeo_forge.errors import UsageError

#: What may stand before a colon; with any other word before one it is a part of a word.
FILTERS = ("variable", "bbox", "datetime")


def read_query(text: str) -> Query:
    """Read what is typed into the search field.

    Raises
    ------
    UsageError
        If a filter cannot be read; perhaps it is not typed to its end yet.
    """
    words: list[str] = []
    filters: dict[str, list[str]] = {name: [] for name in FILTERS}
    for word in text.split():
        name, colon, value = word.partition(":")
        if colon and name in filters:
            if value:
                filters[name].append(value)
        else:
            words.append(word)
    for name in ("bbox", "datetime"):
        if len(filters[name]) > 1:
            raise UsageError(f"{name}: is given {len(filters[name])} times", hint="Leave all but one out.")
    search = Search(
        words=words,
        variables=filters["variable"],
        bbox=next(iter(filters["bbox"]), None),
        datetime=next(iter(filters["datetime"]), None),
    )
    return make_query(search)
