"""``pangeo-forge catalog check``: whether what a catalogue leads to is still there, and opens."""

from __future__ import annotations

import sys
from collections import Counter
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pangeo_forge.cli import options
from pangeo_forge.cli.speaking import speaking
from pangeo_forge.cli.terminal import is_live, tell
from pangeo_forge.types import printable

if TYPE_CHECKING:
    from pangeo_forge.catalog.health.checking import Checkup
    from pangeo_forge.catalog.health.findings import Finding, Health, State

#: The states, the worst first.
_STATES: tuple[State, ...] = ("broken", "degraded", "unknown", "healthy")


def check(
    catalog: options.Catalog,
    datasets: Annotated[list[str] | None, typer.Argument(metavar="ID…", help="Only these datasets.", show_default=False)] = None,
    target: Annotated[
        str | None,
        typer.Option(
            metavar="TARGET",
            help="Look here for datasets that are not in the catalogue. [default: the folder that it is in]",
            show_default=False,
        ),
    ] = None,
    workers: Annotated[int | None, typer.Option(metavar="N", min=1, help="How many at once. [default: one a core, at least 4]")] = None,
    timeout: Annotated[int, typer.Option(metavar="SECONDS", min=1, help="How long one way to a dataset may take.")] = 60,
    references_to: options.ReferencesTo = None,
    storage_options: options.StorageOptions = None,
    as_json: options.AsJson = False,
    verbose: options.Verbose = False,
) -> None:
    """Look at every dataset of a catalogue as a reader does: is it there, does it open as shown, can values be read.

    On web servers also whether pages of other sites may read it, and whether parts of files are given. Datasets that are older than their
    feedstock, or were written again, are named, and those of the target that the catalogue does not have. What is found is kept beside the
    catalogue, and shown in lists and pages. The exit code is 1 if something is broken.
    """
    with speaking(as_json, verbose) as speaker:
        from pangeo_forge.api import checking, configuring

        configuring.use_storage_options(storage_options)
        checkup = checking.check_catalog(
            catalog,
            datasets or (),
            target=target,
            workers=workers,
            timeout_s=timeout,
            references_to=references_to or (),
            progress=_ignore if as_json else _show_progress,
        )
        if checkup.unkept:
            tell(f"note: what was found could not be kept beside the catalogue: {printable(checkup.unkept)}")
        speaker.show(checkup, _describe, _encode)
        if any(health.state == "broken" for health in checkup.datasets.values()):
            raise typer.Exit(1)


def _ignore(done: int, of: int, dataset: str, health: Health) -> None:
    """Machines are told nothing before the end."""


def _show_progress(done: int, of: int, dataset: str, health: Health) -> None:
    if is_live(sys.stderr):
        sys.stderr.write("\r\x1b[K" + (f"{done:,} of {of:,} datasets looked at" if done < of else ""))
        sys.stderr.flush()


def _describe(checkup: Checkup) -> str:
    lines = [line for name, health in checkup.datasets.items() for line in _describe_dataset(name, health)]
    lines += [line for finding in checkup.strays for line in _describe_finding(finding)]
    count = Counter(health.state for health in checkup.datasets.values())
    told = [f"{count[state]:,} {state}" for state in _STATES if count[state]]
    if checkup.strays:
        told.append(f"{len(checkup.strays):,} not in the catalogue")
    return "\n".join([*lines, ", ".join(told) or "no datasets"])


def _describe_dataset(name: str, health: Health) -> list[str]:
    if not health.findings:
        return []
    return [f"{printable(name)} is {health.state}", *(f"  {line}" for finding in health.findings for line in _describe_finding(finding))]


def _describe_finding(finding: Finding) -> list[str]:
    lines = [printable(f"{finding.where}: {finding.message}")]
    return [*lines, f"  hint: {printable(finding.hint)}"] if finding.hint else lines


def describe_state(health: Health | None) -> str:
    """Say what a dataset was when it was last looked at, and on which day; nothing of one of which that is not known."""
    if health is None or (health.checked is None and health.state == "unknown"):
        return ""
    return f"{health.state} {health.checked[:10]}" if health.checked else health.state


def _encode(checkup: Checkup) -> dict[str, Any]:
    """Describe a check with values that JSON can hold."""
    return {
        "states": dict(Counter(health.state for health in checkup.datasets.values())),
        "datasets": {name: health.to_dict() for name, health in checkup.datasets.items()},
        "strays": [{"where": each.where, "message": each.message, "hint": each.hint} for each in checkup.strays],
        "unkept": checkup.unkept,
    }
