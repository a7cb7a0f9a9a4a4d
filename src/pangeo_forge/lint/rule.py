"""What a rule is: a class whose attributes are its message and whose docstring is its documentation."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from enum import StrEnum
from typing import Any, ClassVar

from pangeo_forge.errors import Where
from pangeo_forge.lint.drafts import Draft
from pangeo_forge.lint.findings import Change, Finding, Level


class Need(StrEnum):
    """What a rule must have beside the files of the feedstock."""

    NOTHING = "nothing"
    #: The commit that the feedstock was at before, to compare with.
    HISTORY = "history"
    #: Leave to ask servers (``--online``).
    NETWORK = "network"
    #: The recipe, loaded: such a rule speaks in ``recipe test``, not in ``recipe lint``.
    EXECUTION = "execution"


class Rule(ABC):
    """One fault to look for.

    A rule belongs to a module of `pangeo_forge.lint.rules`, or to a module that a package names by an entry point of the
    group ``pangeo_forge.rules``. Its docstring is its documentation: a line that names the fault; why it matters; what
    stands under ``Bad`` and ``Good``, as whole or partial files (see `pangeo_forge.lint.documentation`).

    Attributes
    ----------
    code : str
        ``PF``, the letter of the family, three digits. Never used for anything else, also when the rule is gone.
    name : str
        In words, with hyphens.
    level : Level
        How bad a finding usually is.
    message, help : str
        Templates, as of `str.format`, that `found` fills in.
    since : str
        The version that the rule came with.
    needs : Need
        What it must have beside the feedstock's files.
    fixable : bool
        Whether ``--fix`` can do something about it, at least sometimes.
    """

    code: ClassVar[str]
    name: ClassVar[str]
    level: ClassVar[Level]
    message: ClassVar[str]
    help: ClassVar[str] = ""
    since: ClassVar[str] = "0.1"
    needs: ClassVar[Need] = Need.NOTHING
    fixable: ClassVar[bool] = False

    @abstractmethod
    def check(self, draft: Draft) -> Iterable[Finding]:
        """Find every place of a feedstock that has the fault."""

    def check_online(self, draft: Draft) -> Iterable[Finding]:
        """Find the same with leave to ask servers; for rules that can say or mend more then."""
        return self.check(draft)

    def found(
        self,
        where: Where,
        *,
        end: tuple[int, int] | None = None,
        level: Level | None = None,
        help: str | None = None,  # noqa: A002  (what it is called in the output)
        fix: Iterable[Change] = (),
        **values: Any,
    ) -> Finding:
        """Make a finding.

        Parameters
        ----------
        where : Where
            The place.
        end : tuple of int, optional
            Line and column behind the last character that is meant.
        level : Level, optional
            Where it is not the rule's usual one.
        help : str, optional
            What to write instead, where the rule's template does not say it.
        fix : iterable of Change
            What would mend it.
        **values
            What the templates are filled with.
        """
        return Finding(
            code=self.code,
            name=self.name,
            level=level or self.level,
            message=" ".join(self.message.format(**values).split()),
            where=where,
            end=end,
            help=help if help is not None else self.help.format(**values) or None,
            fix=tuple(fix),
        )


class ReadingRule(Rule):
    """A rule whose findings are what reading the feedstock's files came upon, since a run refuses them as well."""

    message = "{message}"

    def check(self, draft: Draft) -> Iterable[Finding]:
        """Report the problems that have this rule's code."""
        for problem in draft.problems:
            if problem.code == self.code:
                where = problem.where or Where(draft.show(""))
                end = draft.meta.ends.get(where) if draft.meta else None
                yield self.found(where, end=end, help=problem.hint or "", message=problem.message)


class ExecutedRule(Rule):
    """A rule that needs the recipe to be loaded: `recipe test` reports it, under the same code."""

    needs = Need.EXECUTION

    def check(self, draft: Draft) -> Iterable[Finding]:
        """Find nothing, as nothing of the feedstock is run here."""
        return ()
