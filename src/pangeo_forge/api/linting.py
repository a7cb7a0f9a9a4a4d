"""What is wrong with feedstocks, and mending it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from pangeo_forge.errors import Problem
from pangeo_forge.feedstocks.problems import invalid
from pangeo_forge.lint.configuration import configure, read_codes
from pangeo_forge.lint.discovery import find_drafts
from pangeo_forge.lint.drafts import Draft
from pangeo_forge.lint.findings import Level
from pangeo_forge.lint.fixing import Fixed, fix
from pangeo_forge.lint.linter import Linted, each_once, lint_drafts
from pangeo_forge.lint.options import Options
from pangeo_forge.settings import Settings


def lint_recipes(
    *sources: str | Path,
    select: Sequence[str] = (),
    ignore: Sequence[str] = (),
    online: bool = False,
    base: str | None = None,
) -> list[Linted]:
    """Find what is wrong with feedstocks, without running any of their code, as ``pangeo-forge recipe lint`` does.

    Parameters
    ----------
    *sources : str or Path
        Each a feedstock, a folder of feedstocks, or a git URL ``…[@ref][#sub-folder]``.
    select, ignore : sequence of str
        Codes of rules, or beginnings of codes.
    online : bool
        Whether rules may ask servers.
    base : str, optional
        The commit that the feedstocks were at before, for the rules that compare.

    Returns
    -------
    list of Linted
        One for each feedstock.

    Raises
    ------
    UsageError
        If there is no such source or rule.
    """
    options = Options(read_codes(list(select)), read_codes(list(ignore)), online, base)
    return list(lint_all(find_all(sources, base=base), options))


def find_all(sources: Iterable[str | Path], *, base: str | None = None) -> list[Draft]:
    """Find the feedstocks that sources hold, each once."""
    checkouts = Settings.load().home / "checkouts"
    drafts = [draft for source in sources for draft in find_drafts(source, checkouts=checkouts, base=base)]
    return list({draft.folder: draft for draft in drafts}.values())


def lint_all(drafts: Sequence[Draft], options: Options, *, configured: bool = True) -> Iterator[Linted]:
    """Lint drafts in their order, with what their repositories ask for unless `configured` is false."""
    return lint_drafts([(draft, configure(options, draft) if configured else options) for draft in drafts])


def fix_all(drafts: Iterable[Draft], options: Options, *, configured: bool = True) -> Iterator[Fixed]:
    """Work out how drafts would be mended, without writing anything."""
    mended = [fix(draft, configure(options, draft) if configured else options) for draft in drafts]
    left = each_once((fixed.draft, fixed.left) for fixed in mended)
    yield from (replace(fixed, left=linted) for fixed, linted in zip(mended, left, strict=True))


def refuse_faulty(source: str | Path) -> None:
    """Make sure that nothing is wrong with a feedstock that must make its recipes fail.

    Raises
    ------
    InvalidFeedstock
        If there is; `problems` are all errors of the linter.
    """
    linted = list(lint_all(find_all([source]), Options()))
    errors = [finding for one in linted for finding in one.findings if finding.level is Level.ERROR]
    if errors:
        raise invalid([Problem(error.message, error.where, error.help, error.code) for error in errors])
