"""``pangeo-forge recipe lint``: what is wrong with feedstocks, and mending it."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated

import typer

from pangeo_forge.cli import options
from pangeo_forge.cli.groups import examples
from pangeo_forge.cli.speaking import speaking
from pangeo_forge.cli.terminal import find_width, is_live, paint, put, say_json, tell
from pangeo_forge.errors import UsageError
from pangeo_forge.lint.reports import Format
from pangeo_forge.types import printable

if TYPE_CHECKING:
    from pangeo_forge.lint.drafts import Draft
    from pangeo_forge.lint.linter import Linted
    from pangeo_forge.lint.options import Options

_EXAMPLES = examples(
    ("pangeo-forge recipe lint", "the feedstock or feedstocks in this folder"),
    ("pangeo-forge recipe lint my-feedstock --fix", "mend what can be mended"),
    ("pangeo-forge recipe lint https://github.com/owner/repo@branch", "a repository"),
    ("pangeo-forge recipe lint --select PFM --ignore PFM034", "some of the rules"),
    ("pangeo-forge recipe lint --output github --base origin/main", "in a workflow on GitHub"),
    ("pangeo-forge recipe lint --explain PFM021", "what a rule is about"),
)

_Codes = typer.Option(metavar="CODES", help="Codes, or beginnings of codes, separated by commas.", show_default=False)


app = typer.Typer(rich_markup_mode=None, pretty_exceptions_enable=False, add_completion=False)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What the command line asks to be done with the drafts."""

    options: Options
    configured: bool
    output: Format
    statistics: bool
    strict: bool


@app.command(epilog=_EXAMPLES)
def lint(
    sources: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="PATH…",
            help="Feedstocks, folders of feedstocks, or git URLs 'https://…[@ref][#sub-folder]'. [default: this folder]",
            show_default=False,
        ),
    ] = None,
    output: Annotated[
        Format | None, typer.Option("--output", "-o", help="How to show what is found. [default: text on a terminal, concise in a pipe]")
    ] = None,
    fix: Annotated[bool, typer.Option("--fix", help="Mend what can be mended, in the files; comments and layout stay.")] = False,
    diff: Annotated[bool, typer.Option("--diff", help="Show what --fix would change, and change nothing.")] = False,
    select: Annotated[list[str] | None, _Codes] = None,
    ignore: Annotated[list[str] | None, _Codes] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Let warnings fail as errors do.")] = False,
    statistics: Annotated[bool, typer.Option("--statistics", help="Count the findings of each rule instead.")] = False,
    online: Annotated[bool, typer.Option("--online", help="Ask servers as well: users, stores, inputs.")] = False,
    base: Annotated[
        str | None,
        typer.Option(
            metavar="REF", help="The branch or commit that a pull request is against, for the rules that compare.", show_default=False
        ),
    ] = None,
    isolated: Annotated[bool, typer.Option("--isolated", help="Do not read pangeo-forge.toml.")] = False,
    explain: Annotated[str | None, typer.Option(metavar="CODE", help="Say what a rule is about, or list them: all.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The same as --output json.")] = False,
    verbose: options.Verbose = False,
) -> None:
    """Find what is wrong with feedstocks, and say what to write instead; none of their code is run.

    Each rule has a code. A comment `# noqa: CODE` at the end of a line passes over what is found there, and `[lint]` in a file
    pangeo-forge.toml says what to `select` and `ignore`. The exit code is 0 where nothing must be mended, 1 where there are errors
    (or, with --strict, warnings), 2 where the command was used wrongly.
    """
    with speaking(as_json or output in (Format.JSON, Format.SARIF), verbose):
        from pangeo_forge.api import linting
        from pangeo_forge.lint.configuration import read_codes
        from pangeo_forge.lint.options import Options

        if explain is not None:
            _explain(explain)
            return
        if fix and diff:
            raise UsageError("--fix and --diff are given, but only one of them can be done", hint="Leave out one of the two.")
        shape = Format.JSON if as_json else output or (Format.TEXT if is_live(sys.stdout) else Format.CONCISE)
        asked = Options(read_codes(select or []), read_codes(ignore or []), online, base)
        wanted = _Wanted(asked, not isolated, shape, statistics, strict)
        drafts = linting.find_all(sources or ["."], base=base)
        if fix or diff:
            raise typer.Exit(_mend(drafts, wanted, write=fix))
        raise typer.Exit(_show(linting.lint_all(drafts, asked, configured=not isolated), wanted))


def _mend(drafts: Sequence[Draft], wanted: _Wanted, *, write: bool) -> int:
    """Mend drafts, in their files or as a diff."""
    from pangeo_forge.api import linting
    from pangeo_forge.lint import fixing

    mended = list(linting.fix_all(drafts, wanted.options, configured=wanted.configured))
    count = sum(len(fixed.mended) for fixed in mended)
    if not write:
        put("".join(fixing.show_diff(fixed.draft) for fixed in mended))
        tell(f"--fix would mend {count}.")
        return int(count > 0)
    for fixed in mended:
        fixing.write(fixed.draft)
    code = _show((fixed.left for fixed in mended), wanted)
    tell(f"Mended {count}.")
    return code


def _show(linted: Iterable[Linted], wanted: _Wanted) -> int:
    """Show what was found, as it comes where the format allows it, and give the exit code."""
    shown = list(_print_each(linted, wanted) if not wanted.statistics and wanted.output in _ONE_BY_ONE else linted)
    if wanted.statistics:
        _print_statistics(shown, wanted.output)
    elif wanted.output not in _ONE_BY_ONE:
        _print_whole(shown, wanted.output)
    if wanted.output in (Format.TEXT, Format.CONCISE):
        _print_summary(shown)
    return int(any(_fails(one, wanted.strict) for one in shown))


_ONE_BY_ONE = (Format.TEXT, Format.CONCISE, Format.GITHUB)


def _fails(linted: Linted, strict: bool) -> bool:
    from pangeo_forge.lint.findings import Level

    return linted.count(Level.ERROR) > 0 or (strict and linted.count(Level.WARNING) > 0)


def _print_each(linted: Iterable[Linted], wanted: _Wanted) -> Iterator[Linted]:
    from pangeo_forge.lint.reports import concise, github, text

    for one in linted:
        shown = _harmless(one)
        if wanted.output is Format.TEXT:
            rendered = text.render(shown, lambda words, style: paint(words, style, sys.stdout), find_width(sys.stdout))
        else:
            rendered = concise.render(shown) if wanted.output is Format.CONCISE else github.render(shown)
        put(rendered)
        yield one


def _harmless(linted: Linted) -> Linted:
    """Take from findings what would move a terminal's cursor or change its colours: they quote strangers' files."""
    findings = (
        replace(
            finding,
            message=printable(finding.message),
            where=replace(finding.where, path=printable(finding.where.path)),
            help=finding.help and printable(finding.help),
            source="".join(character if character.isprintable() or character == "\t" else "\ufffd" for character in finding.source),
        )
        for finding in linted.findings
    )
    return replace(linted, findings=tuple(findings))


def _print_whole(linted: Sequence[Linted], output: Format) -> None:
    from pangeo_forge.lint.reports import json, markdown, sarif

    if output is Format.MARKDOWN:
        put(markdown.render(linted))
    else:
        say_json(json.render(linted) if output is Format.JSON else sarif.render(linted))


def _print_statistics(linted: Sequence[Linted], output: Format) -> None:
    from pangeo_forge.lint.reports import statistics

    counts = statistics.count_rules(linted)
    if output is Format.JSON:
        say_json(counts)
    else:
        put(statistics.render(counts))


def _print_summary(linted: Sequence[Linted]) -> None:
    """Say how much was found, where people read along."""
    from pangeo_forge.lint.reports.text import summarize

    if is_live(sys.stderr) or is_live(sys.stdout):
        sys.stdout.flush()
        tell(summarize(linted))


def _explain(code: str) -> None:
    from pangeo_forge.lint.documentation import document
    from pangeo_forge.lint.registry import find_rule, find_rules

    if code == "all":
        put("".join(f"{rule.code}  {rule.level:<7}  {document(rule).summary}\n" for rule in find_rules()))
        return
    rule = find_rule(code)
    fixable = ", mended by --fix" if rule.fixable else ""
    put(f"{rule.code} {rule.name} ({rule.level}{fixable}, since {rule.since})\n\n{document(rule).text}\n")
