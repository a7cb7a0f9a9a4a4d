"""What is found of a dataset, and what that comes to: plain values, which are kept beside the catalogue."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

#: What a dataset is, the worst last; ``unknown`` is one that nobody could look at.
State = Literal["healthy", "unknown", "degraded", "broken"]

#: What a finding makes of a dataset: a note nothing.
Weight = Literal["note", "unknown", "degraded", "broken"]

#: What is looked at, in this order.
Check = Literal["reach", "browser", "open", "snippet", "values", "catalogue", "feedstock"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something to say of a dataset.

    Parameters
    ----------
    check : str
        What was looked at.
    weight : str
        What it makes of the dataset.
    message : str
        What is so and why, in one line, without secrets.
    where : str
        The URL or path, without secrets.
    hint : str, optional
        What to do about it.
    """

    check: Check
    weight: Weight
    message: str
    where: str
    hint: str | None = None

    def __str__(self) -> str:
        return f"{self.where}: {self.message}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Executed:
    """What became of a way's snippet.

    Parameters
    ----------
    worked : str, optional
        When it last gave the dataset, RFC 3339.
    fault : str, optional
        Why it did not, the last time that it was executed, or could not be executed.
    """

    worked: str | None = None
    fault: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What one look at one way to a dataset came to.

    Parameters
    ----------
    findings : tuple of Finding
    executed : Executed, optional
        What became of the snippet, if the way has one.
    chunks : tuple of str
        The chunks that were looked for and are there. One that is not may never have been written, as all its values are missing; one
        that was there before has gone.
    """

    findings: tuple[Finding, ...] = ()
    executed: Executed | None = None
    chunks: tuple[str, ...] = ()

    @property
    def broken(self) -> list[Finding]:
        """What keeps the dataset from being used."""
        return [finding for finding in self.findings if finding.weight == "broken"]

    @classmethod
    def from_dict(cls, record: Mapping[str, Any]) -> Look:
        """Read what `dataclasses.asdict` made of it."""
        findings = tuple(Finding(**each) for each in record["findings"])
        executed = Executed(**record["executed"]) if record["executed"] else None
        return cls(findings=findings, executed=executed, chunks=tuple(record["chunks"]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """What is known of the newest version of a dataset.

    Parameters
    ----------
    item : str
        The Item of that version: of another one nothing is known by this.
    state : str
    checked : str, optional
        When it was last looked at as a whole, RFC 3339. What makes a catalogue only executes its snippets.
    findings : tuple of Finding
    snippets : dict of str to Executed
        What became of each way's snippet, by the keys of the assets.
    chunks : dict of str to tuple of str
        The chunks of each way that were there.
    """

    item: str
    state: State = "unknown"
    checked: str | None = None
    findings: tuple[Finding, ...] = ()
    snippets: Mapping[str, Executed] = field(default_factory=dict)
    chunks: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Describe it with values that JSON can hold, those that are empty left out."""
        record = asdict(self)
        record["findings"] = [{name: value for name, value in each.items() if value} for each in record["findings"]]
        record["snippets"] = {key: {k: v for k, v in each.items() if v} for key, each in record["snippets"].items()}
        return {name: value for name, value in record.items() if value}

    @classmethod
    def from_dict(cls, record: Mapping[str, Any]) -> Health:
        """Read what `to_dict` wrote."""
        return cls(
            item=record["item"],
            state=record.get("state", "unknown"),
            checked=record.get("checked"),
            findings=tuple(Finding(**each) for each in record.get("findings", ())),
            snippets={key: Executed(**each) for key, each in record.get("snippets", {}).items()},
            chunks={key: tuple(each) for key, each in record.get("chunks", {}).items()},
        )


def judge(ways: Iterable[Iterable[Finding]], others: Iterable[Finding] = ()) -> State:
    """Say what a dataset is from what was found on each way to it, and besides.

    It is as bad as the worst of it. One way that nobody here can take, as it needs keys, says nothing where another one was taken.
    """
    by_way = [{finding.weight for finding in way} for way in ways]
    all_weights = set().union(*by_way, {finding.weight for finding in others})
    if "broken" in all_weights:
        return "broken"
    if "degraded" in all_weights:
        return "degraded"
    return "unknown" if not by_way or all("unknown" in way for way in by_way) else "healthy"
