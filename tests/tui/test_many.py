"""A hundred thousand datasets are browsed like ten: only what is seen is looked up."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pangeo_forge.api.cataloguing import open_tree
from pangeo_forge.catalog.index.search import Index, Line
from pangeo_forge.catalog.library import Library
from tui.screen import User, browse

COUNT = 100_000


@pytest.fixture(scope="module")
def many(stores: Path, tmp_path_factory: pytest.TempPathFactory) -> Library:
    """A catalogue with a long index, made of that of a short one."""
    folder = tmp_path_factory.mktemp("many")
    (folder / "catalog.json").write_text(json.dumps({"title": "Many seas"}))
    table = pq.ParquetFile(stores / "catalog" / "index.parquet").read().slice(0, 1)
    table = pa.concat_tables([table] * COUNT).combine_chunks()
    for name, texts in (
        ("id", [f"sea{number:06}-1" for number in range(COUNT)]),
        ("collection", [f"sea{number:06}" for number in range(COUNT)]),
        ("title", [f"Sea number {number:06}" for number in range(COUNT)]),
        ("words", [f"sea{number:06} water" for number in range(COUNT)]),
    ):
        table = table.set_column(table.schema.get_field_index(name), name, pa.array(texts))
    pq.write_table(table, folder / "index.parquet", row_group_size=10_000)
    return Library(open_tree(folder))


def test_the_last_of_them_is_a_key_away_and_few_are_looked_up(many: Library, monkeypatch: pytest.MonkeyPatch):
    asked: list[int] = []
    describe = Index.describe

    def describe_and_count(index: Index, rows: list[int]) -> list[Line]:
        asked.append(len(rows))
        return describe(index, rows)

    monkeypatch.setattr(Index, "describe", describe_and_count)

    async def story(user: User) -> None:
        await user.sees("100,000 datasets", "Sea number 000000")
        await user.press("end")
        await user.sees("Sea number 099999")
        await user.press("pageup", "pageup")
        await user.sees("Sea number 099950")
        assert sum(asked) < 1000

    browse(many, story)


def test_one_of_them_is_found(many: Library):
    async def story(user: User) -> None:
        await user.sees("100,000 datasets")
        await user.press("slash")
        await user.type("sea070707")
        await user.sees("1 dataset\n", "Sea number 070707")

    browse(many, story)
