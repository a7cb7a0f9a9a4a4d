"""What a person may ask of the linter."""

from __future__ import annotations

from dataclasses import dataclass

from pangeo_forge.lint.findings import Finding
from pangeo_forge.lint.rule import Need, Rule


@dataclass(frozen=True, slots=True)
class Options:
    """Which rules to apply.

    Parameters
    ----------
    select : tuple of str
        Codes, or beginnings of codes; empty for all.
    ignore : tuple of str
        Codes, or beginnings of codes, to leave out; where both fit a rule, the longer one counts.
    online : bool
        Whether rules may ask servers.
    base : str or None
        The commit that the feedstock was at before, for the rules that compare.
    """

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    online: bool = False
    base: str | None = None

    def wants(self, rule: Rule | Finding) -> bool:
        """Whether a rule, or what a rule found, was asked for."""
        chosen = max((len(code) for code in self.select if rule.code.startswith(code)), default=-1 if self.select else 0)
        left_out = max((len(code) for code in self.ignore if rule.code.startswith(code)), default=-1)
        return chosen > left_out

    def can(self, rule: Rule) -> bool:
        """Whether a rule has what it needs."""
        has = {Need.NOTHING: True, Need.HISTORY: self.base is not None, Need.NETWORK: self.online, Need.EXECUTION: False}
        return has[rule.needs]
