"""The shapes of the report."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pydantic import BaseModel
from sarif_pydantic import Sarif

from pangeo_forge.errors import Where
from pangeo_forge.lint.findings import Edit, Finding, Level
from pangeo_forge.lint.linter import Linted
from pangeo_forge.lint.reports import concise, github, markdown, sarif, statistics, text
from pangeo_forge.lint.reports import json as json_report

MISSPELT = Finding(
    code="PFM003",
    name="duplicate-key",
    level=Level.ERROR,
    message="the key 'title' stands twice in one mapping, first in line 1",
    where=Where("feedstock/meta.yaml", 2, 1),
    end=(2, 6),
    help="Remove one of the two, or make a list of their values.",
    source="title: Sea ice",
)
MENDABLE = Finding(
    code="PFM001",
    name="invalid-yaml",
    level=Level.HINT,
    message="a tab",
    where=Where("feedstock/meta.yaml", 3, 3),
    fix=(Edit("meta.yaml", (3, 1), (3, 3), "    "),),
    source="\t\tid: sst",
)
LINTED = Linted("sst", "feedstock", (MISSPELT, MENDABLE))
CLEAN = Linted("ice", "ice", ())


def finding(**changes):
    return Linted("sst", "feedstock", (Finding(**{"code": "PFM001", "name": "n", "level": Level.ERROR, "message": "m", **changes}),))


def test_concise_is_a_line_a_finding():
    assert concise.render(LINTED) == (
        "feedstock/meta.yaml:2:1: PFM003 the key 'title' stands twice in one mapping, first in line 1\n"
        "feedstock/meta.yaml:3:3: PFM001 a tab [*]\n"
    )


def test_text_marks_what_is_meant_and_says_what_to_write():
    assert text.render(LINTED) == (
        "feedstock/meta.yaml:2:1: PFM003 error: the key 'title' stands twice in one mapping, first in line 1\n"
        "  2 | title: Sea ice\n"
        "    | ^^^^^\n"
        "  help: Remove one of the two, or make a list of their values.\n"
        "\n"
        "feedstock/meta.yaml:3:3: PFM001 hint: a tab [*]\n"
        "  3 | \t\tid: sst\n"
        "    | \t\t^\n"
        "\n"
    )


def test_text_shows_of_a_long_line_what_is_around_the_fault():
    rendered = text.render(finding(where=Where("m", 1, 901), source="a" * 900 + "b" + "c" * 900))
    line, mark = rendered.splitlines()[1:3]
    assert len(line) < 140
    assert line[mark.index("^")] == "b"


@pytest.mark.parametrize("column", [1, 20, 45, 60, 140, 200])
@pytest.mark.parametrize("width", [40, 60, 80, 200])
def test_text_fits_the_terminal_and_still_marks_the_place(width, column):
    source = "".join(chr(ord("a") + number % 26) for number in range(200))
    found = finding(message="some words " * 10, help="more words " * 10, where=Where("m", 1, column), source=source)
    lines = text.render(found, width=width).splitlines()
    assert max(map(len, lines)) <= width
    mark = next(number for number, line in enumerate(lines) if "^" in line)
    assert lines[mark - 1][lines[mark].index("^")] == source[column - 1]


def test_text_without_a_place_shows_no_line():
    assert text.render(finding(where=Where("feedstock"))) == "feedstock: PFM001 error: m\n\n"


@pytest.mark.parametrize(
    ("linted", "words"),
    [
        ([CLEAN], "Nothing to mend."),
        ([CLEAN, CLEAN], "Nothing to mend in 2 feedstocks."),
        ([LINTED], "1 error and 1 hint. `--fix` mends 1 of them, marked [*]."),
        ([finding(where=Where("m"))] * 2, "2 errors in 2 feedstocks."),
    ],
)
def test_the_summary_counts(linted, words):
    assert text.summarize(linted) == words


def test_json_leaves_nothing_out():
    rendered = json_report.render([LINTED, CLEAN])
    assert rendered["summary"] == {"error": 1, "warning": 0, "hint": 1}
    assert [one["name"] for one in rendered["feedstocks"]] == ["sst", "ice"]
    assert rendered["feedstocks"][0]["findings"][0] == {
        "code": "PFM003",
        "name": "duplicate-key",
        "level": "error",
        "message": "the key 'title' stands twice in one mapping, first in line 1",
        "help": "Remove one of the two, or make a list of their values.",
        "path": "feedstock/meta.yaml",
        "line": 2,
        "column": 1,
        "end_line": 2,
        "end_column": 6,
        "fixable": False,
    }


def test_github_annotates_the_line():
    assert github.render(LINTED).splitlines()[0] == (
        "::error file=feedstock/meta.yaml,line=2,col=1,endColumn=6,title=PFM003 duplicate-key::"
        "the key 'title' stands twice in one mapping, first in line 1%0ARemove one of the two, or make a list of their values."
    )


def test_github_takes_no_commands_from_a_feedstock():
    rendered = github.render(finding(message="100%\n::set-env name=A::b", where=Where("a,b:c\n.yaml", 1, 1)))
    assert rendered == "::error file=a%2Cb%3Ac%0A.yaml,line=1,col=1,title=PFM001 n::100%25%0A::set-env name=A::b\n"


def test_github_names_files_from_the_repository(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert "file=feedstock/meta.yaml," in github.render(finding(where=Where(f"{Path.cwd()}/feedstock/meta.yaml", 1)))


def test_markdown_lists_the_findings_of_each_feedstock():
    assert markdown.render([LINTED, CLEAN]).splitlines()[:6] == [
        "### Recipe lint",
        "",
        "1 error and 1 hint in 2 feedstocks. \\`\\-\\-fix\\` mends 1 of them, marked \\[\\*\\].",
        "",
        "#### sst",
        "",
    ]
    assert (
        "- ❌ **PFM003** feedstock/meta.yaml:2: the key 'title' stands twice in one mapping, first in line 1  \n"
        "  Remove one of the two, or make a list of their values.\n"
    ) in markdown.render([LINTED])


def test_markdown_makes_nothing_of_what_a_feedstock_says():
    rendered = markdown.render([finding(message="<script> @ada `x` [a](http://b) \n# head", where=Where("m|`.yaml", 1, 1))])
    assert "&lt;script\\> &#64;ada \\`x\\` \\[a\\]\\(http://b\\) \\# head" in rendered


def test_markdown_fits_into_a_comment():
    many = Linted("sst", "feedstock", (MISSPELT,) * 2000)
    rendered = markdown.render([many])
    shown = rendered.count("**PFM003**")
    assert len(rendered) < 65_000
    assert f"and {2000 - shown} more findings" in rendered


def unknown_fields(value):
    if isinstance(value, BaseModel):
        extra = [f"{type(value).__name__}.{name}" for name in value.model_extra or ()]
        return extra + [name for field in type(value).model_fields for name in unknown_fields(getattr(value, field))]
    return [name for item in value for name in unknown_fields(item)] if isinstance(value, list) else []


def test_sarif_is_what_the_standard_describes():
    rendered = sarif.render([LINTED, CLEAN])
    log = Sarif.model_validate(json.loads(json.dumps(rendered)))
    assert unknown_fields(log) == ["Run.columnKind"]  # which the standard has (section 3.14.17), but not the library
    assert [result["ruleId"] for result in rendered["runs"][0]["results"]] == ["PFM003", "PFM001"]


def test_sarif_points_at_the_place_and_the_rule():
    run = sarif.render([LINTED])["runs"][0]
    result = run["results"][0]
    assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == "PFM003"
    assert result["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "feedstock/meta.yaml"},
        "region": {"startLine": 2, "startColumn": 1, "endLine": 2, "endColumn": 6, "snippet": {"text": "title: Sea ice"}},
    }


def test_sarif_brings_the_fix():
    result = sarif.render([LINTED])["runs"][0]["results"][1]
    assert result["level"] == "note"
    assert result["fixes"][0]["artifactChanges"] == [
        {
            "artifactLocation": {"uri": "feedstock/meta.yaml"},
            "replacements": [
                {
                    "deletedRegion": {"startLine": 3, "startColumn": 1, "endLine": 3, "endColumn": 3},
                    "insertedContent": {"text": "    "},
                }
            ],
        }
    ]


def test_statistics_count_each_rule_the_most_frequent_first():
    counts = statistics.count_rules([LINTED, Linted("b", "b", (MENDABLE,))])
    assert [(row["code"], row["count"]) for row in counts] == [("PFM001", 2), ("PFM003", 1)]
    assert statistics.render(counts).splitlines()[0] == "     2  PFM001  hint     invalid-yaml"
