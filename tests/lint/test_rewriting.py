"""Writing one text in the place of another."""

from __future__ import annotations

import pytest

from pangeo_forge.feedstocks.nodes import to_plain
from pangeo_forge.feedstocks.yaml import Pairs, parse_yaml
from pangeo_forge.lint.files.rewriting import replace_text
from pangeo_forge.lint.files.texts import Text


def rewrite(written: str, new: str) -> str | None:
    """Replace the text under ``a``; None where that is left alone."""
    text = Text("meta.yaml", "meta.yaml", f"a: {written}\nb: 1\n")
    root = parse_yaml(text.text.encode(), "meta.yaml")
    assert isinstance(root, Pairs)
    edits = replace_text(text, root.pairs[0][1], new)
    if not edits:
        return None
    (edit,) = edits
    changed = text.text[: text.offset(edit.start)] + edit.text + text.text[text.offset(edit.end) :]
    assert to_plain(parse_yaml(changed.encode(), "meta.yaml")) == {"a": new, "b": 1}
    return changed.removeprefix("a: ").removesuffix("\nb: 1\n")


@pytest.mark.parametrize(
    ("written", "new", "rewritten"),
    [
        ("old", "new", "new"),
        ("'old'", "new", "'new'"),
        ('"old"', "new", '"new"'),
        ('"\\u006fld"  # why', "new", '"new"  # why'),
        ("'it''s'", "new", "'new'"),
        ("old   # why", "new", "new   # why"),
        ("over\n  two lines", "new", "new"),
        ("'over\n  two lines'", "new", "'new'"),
        ("ünïcödé # ö", "new", "new # ö"),
        ("old", "0-1", "0-1"),
        ("old", "1234", '"1234"'),
        ("old", "no", '"no"'),
        ("old", "null", '"null"'),
        ("'old'", "null", "'null'"),
    ],
)
def test_quotes_and_comments_stay(written, new, rewritten):
    assert rewrite(written, new) == rewritten


@pytest.mark.parametrize("written", ["&x old", "!!str old", "!!str 'old'", "|\n  old", ">-\n  old"])
def test_what_is_not_written_simply_is_left_alone(written):
    assert rewrite(written, "new") is None
