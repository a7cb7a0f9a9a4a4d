"""Apply rules to drafts, on all cores where there are many."""

from __future__ import annotations

import gc
import multiprocessing
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from pangeo_forge.errors import ForgeError
from pangeo_forge.lint.concealing import conceal
from pangeo_forge.lint.drafts import Draft
from pangeo_forge.lint.findings import Finding, Level
from pangeo_forge.lint.options import Options
from pangeo_forge.lint.registry import find_rules
from pangeo_forge.lint.rule import Rule
from pangeo_forge.lint.silencing import is_silenced
from pangeo_forge.settings import count_cores

#: From so many feedstocks on, more than one process is faster.
_MANY = 40
_CHUNK = 25


class RuleFailed(ForgeError):
    """A rule raised an exception instead of looking."""


@dataclass(frozen=True, slots=True)
class Linted:
    """What was found in one feedstock.

    Parameters
    ----------
    name : str
        The feedstock's.
    shown : str
        Its folder, as messages name it.
    findings : tuple of Finding
        In the order of the files, each file's in the order of its lines.
    """

    name: str
    shown: str
    findings: tuple[Finding, ...]

    def count(self, level: Level) -> int:
        """Count the findings of a level."""
        return sum(finding.level is level for finding in self.findings)


def lint_drafts(tasks: Sequence[tuple[Draft, Options]]) -> Iterator[Linted]:
    """Lint feedstocks, each with its own options, in their order; what is found of a repository is told once."""
    drafts = [draft for draft, _ in tasks]
    yield from each_once(zip(drafts, _lint_all(tasks), strict=True))


def _lint_all(tasks: Sequence[tuple[Draft, Options]]) -> Iterator[Linted]:
    if len(tasks) < _MANY:
        yield from (lint_draft(*task) for task in tasks)
        return
    find_rules()  # once, before the processes part
    context = multiprocessing.get_context("fork" if "fork" in multiprocessing.get_all_start_methods() else None)
    with ProcessPoolExecutor(count_cores(), mp_context=context, initializer=_collect_seldom) as pool:
        yield from pool.map(lint_draft, *zip(*tasks, strict=True), chunksize=_CHUNK)


def _collect_seldom() -> None:
    """Let Python look for what is no longer needed less often: syntax trees are many small objects that die together."""
    gc.freeze()
    gc.set_threshold(300_000)


def each_once(linted: Iterable[tuple[Draft, Linted]]) -> Iterator[Linted]:
    """Leave out what was found before in the same repository: what is said of all of it is found with each of its feedstocks."""
    seen: dict[Path, set[Finding]] = defaultdict(set)
    for draft, one in linted:
        known = seen[draft.root]
        new = tuple(finding for finding in one.findings if finding not in known)
        known.update(new)
        yield replace(one, findings=new)


def lint_draft(draft: Draft, options: Options) -> Linted:
    """Lint one feedstock.

    Raises
    ------
    RuleFailed
        If a rule raised an exception, which is a fault of the rule.
    """
    found = {finding: None for rule in _choose_rules(options) for finding in _apply(rule, draft, options)}
    kept = [finding for finding in found if not is_silenced(finding, draft)]
    return Linted(draft.name, draft.show(""), tuple(sorted(_with_sources(kept, draft), key=_order)))


@cache
def _choose_rules(options: Options) -> tuple[Rule, ...]:
    return tuple(rule for rule in find_rules() if options.can(rule) and options.wants(rule))


def _apply(rule: Rule, draft: Draft, options: Options) -> Iterable[Finding]:
    try:
        return list(rule.check_online(draft) if options.online else rule.check(draft))
    except ForgeError:
        raise
    except Exception as error:
        message = f"the lint rule {rule.code} ({rule.name}) failed on {draft.show('')}: {error!r}"
        raise RuleFailed(message, hint=f"Go on without it by `--ignore {rule.code}`, and please report it.") from error


def _with_sources(findings: Iterable[Finding], draft: Draft) -> Iterator[Finding]:
    for finding in findings:
        text = draft.text_of(finding.where.path)
        shown = replace(finding, source=text.line(finding.where.line)) if text and finding.where.line else finding
        yield conceal(shown, draft.secrets_of(finding.where.path))


def _order(finding: Finding) -> tuple[str, int, int, str]:
    where = finding.where
    return where.path, where.line or 0, where.column or 0, finding.code
