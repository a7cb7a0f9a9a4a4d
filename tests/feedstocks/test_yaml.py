"""YAML is read with positions, as written, within limits."""

from __future__ import annotations

import time

import pytest

from pangeo_forge.errors import InvalidFeedstock
from pangeo_forge.feedstocks.yaml import MAX_BYTES, Items, Pairs, Scalar, parse_yaml


def refusal(data: str | bytes) -> tuple[str, str | None]:
    with pytest.raises(InvalidFeedstock) as caught:
        parse_yaml(data.encode() if isinstance(data, str) else data, "meta.yaml")
    assert len(caught.value.problems) == 1
    return str(caught.value), caught.value.hint


def test_values_keep_the_text_that_was_written():
    root = parse_yaml(b"version: 0.10\nid: on\ntitle: '007'\nempty:\n", "meta.yaml")
    assert isinstance(root, Pairs)
    values = [value for _, value in root.pairs]
    assert [(value.text, value.plain, value.is_null) for value in values if isinstance(value, Scalar)] == [
        ("0.10", True, False),
        ("on", True, False),
        ("007", False, False),
        ("", True, True),
    ]


def test_values_know_their_line_and_column():
    root = parse_yaml("título: é\nlist:\n  - [one, two]\n".encode(), "a/meta.yaml")
    assert isinstance(root, Pairs)
    inner = root.pairs[1][1]
    assert isinstance(inner, Items)
    assert isinstance(inner.items[0], Items)
    places = [root.pairs[0][1], inner, inner.items[0], inner.items[0].items[1]]
    assert [str(node.where) for node in places] == ["a/meta.yaml:1:9", "a/meta.yaml:3:3", "a/meta.yaml:3:5", "a/meta.yaml:3:11"]


def test_an_alias_stands_for_the_value_it_names():
    root = parse_yaml(b"one: &x [1, 2]\ntwo: *x\n", "meta.yaml")
    assert isinstance(root, Pairs)
    assert root.pairs[0][1] == root.pairs[1][1]


def test_a_byte_order_mark_of_utf8_is_passed_over():
    assert parse_yaml(b"\xef\xbb\xbfa: b", "m") == parse_yaml(b"a: b", "m")


INDENT = "Start all keys of one mapping, and all '-' of one list, in the same column."
BRACKET = ("this bracket is not closed, or a comma is missing after it", "Write the second bracket, and a comma between values.")
LINE = "Check the quotes and the indentation of this line."
QUOTE_VALUE = "Put quotes around the value."


@pytest.mark.parametrize(
    ("text", "place", "message", "hint"),
    [
        (
            "a: b: c",
            "1:5",
            "there is a ':' where no key can be",
            "Put quotes around a text that contains ': ', and check the indentation of this line.",
        ),
        ("a:\n\t- b", "2:1", "there is a tab where only spaces can be", "Indent with spaces."),
        ("a:\n  - b: 1\n   c: 2", "3:4", "this line fits nothing above it: the indentation is wrong", INDENT),
        ("a: 1\nb: 'x\n", "2:4", "this quote is not closed", "Write the second quote."),
        ("a: [b\nc: d", "1:4", *BRACKET),
        ("a: {b: c", "1:4", *BRACKET),
        ("a: 1\nb\n", "2:1", "this line is neither 'key: value' nor part of a text", "Write ': ' after the key."),
        ("a: @b", "1:4", "a value cannot start with this character", QUOTE_VALUE),
        (
            'a: "\\q"',
            "1:6",
            "there is a backslash in double quotes that means nothing",
            r"Write \\ for a backslash, or use single quotes.",
        ),
        ("[a] [b]", "1:5", "something follows after the end", LINE),
        ("a: !e!x y", "1:4", "there is a '!' that begins no known tag", QUOTE_VALUE),
        ("%YAML x\n---\na", "1:7", "while scanning a directive expected a digit, but found 'x'", LINE),
    ],
)
def test_what_is_no_yaml_is_explained_in_plain_words(text, place, message, hint):
    assert refusal(text) == (f"meta.yaml:{place}: this is not valid YAML: {message}", hint)


def test_the_parsers_own_words_are_kept_as_the_detail():
    with pytest.raises(InvalidFeedstock) as caught:
        parse_yaml(b"a: [b", "meta.yaml")
    assert caught.value.detail is not None
    assert "expected ',' or ']'" in caught.value.detail


@pytest.mark.parametrize(("text", "line"), [('a: 1\nb: "\\UFFFFFFFF"', 2), ("%YAML 1.0\n---\na: b", 1)])
def test_a_fault_for_which_the_parser_has_no_place_gets_the_last_one_read(text, line):
    message, hint = refusal(text)
    assert message == f"meta.yaml:{line}:1: this is not valid YAML, here or soon after"
    assert hint == "Check the escapes in double quotes, and lines with '%'."


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"\xff\xfea\x00", ("meta.yaml:1:1: the file is UTF-16, not UTF-8", "Save it as UTF-8.")),
        (b"\xff\xfe\x00\x00a\x00\x00\x00", ("meta.yaml:1:1: the file is UTF-32, not UTF-8", "Save it as UTF-8.")),
        (b"a: 1\nb: caf\xe9", ("meta.yaml:2:7: the byte 0xE9 is not UTF-8 text", "Save the file as UTF-8.")),
        (b"\xef\xbb\xbfa: \xe9", ("meta.yaml:1:4: the byte 0xE9 is not UTF-8 text", "Save the file as UTF-8.")),
        (b"a: 1\n\x00", ("meta.yaml:2:1: the character U+0000 does not belong in a text file", "Remove it.")),
        (b"a: \x1b[0m", ("meta.yaml:1:4: the character U+001B does not belong in a text file", "Remove it.")),
    ],
)
def test_what_is_no_text_is_refused_with_its_place(data, expected):
    assert refusal(data) == expected


def test_a_second_document_is_refused():
    assert refusal("a: 1\n---\nb: 2") == ("meta.yaml:2:1: a second document begins here, but there can be only one", "Remove this '---'.")


def test_an_alias_of_nothing_is_refused():
    assert refusal("a: *b") == ("meta.yaml:1:4: *b refers to a value that is not there", "Write the value out.")


def test_an_alias_of_what_it_is_in_is_refused():
    assert refusal("a: &b [*b]") == ("meta.yaml:1:8: *b refers to the value that it is itself a part of", "Write the value out.")


TOO_MANY = "there are more than 20,000 values here, which no meta.yaml needs"


def test_aliases_that_would_grow_without_bounds_are_refused_at_once():
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 40)]
    start = time.perf_counter()
    message, hint = refusal("\n".join(lines))
    assert time.perf_counter() - start < 1
    assert message == f"meta.yaml:5:5: {TOO_MANY}"
    assert hint == "Keep data in files of its own, beside meta.yaml, and use no aliases of aliases."


def test_too_many_values_are_refused():
    assert refusal("- a\n" * 60_000)[0] == f"meta.yaml:20000:3: {TOO_MANY}"


@pytest.mark.parametrize("text", ["[" * 5000, "- " * 5000, "{a: " * 5000, "? " * 5000])
def test_values_nested_too_deep_are_refused(text):
    message, hint = refusal(text)
    assert message.endswith(": values are nested more than 30 deep here")
    assert hint == "Write it flatter."


def test_aliases_cannot_nest_deeper_than_brackets():
    deep = "a0: &a0 " + "[" * 20 + "]" * 20
    assert refusal(f"{deep}\nb: " + "[" * 20 + "*a0" + "]" * 20)[0] == "meta.yaml:2:24: values are nested more than 30 deep here"


def test_a_file_larger_than_any_real_one_is_refused_unread():
    assert refusal(b"#" * (MAX_BYTES + 1)) == (
        "meta.yaml:1:1: the file is larger than 500 kB, which no meta.yaml needs",
        "Keep data in files of its own, beside meta.yaml.",
    )
