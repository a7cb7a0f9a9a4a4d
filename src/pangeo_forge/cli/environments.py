"""``pangeo-forge env``: what recipes require, installed."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pangeo_forge.cli import options
from pangeo_forge.cli.groups import examples, make_group
from pangeo_forge.cli.progress import waiting
from pangeo_forge.cli.speaking import speaking
from pangeo_forge.cli.tables import format_facts, format_table
from pangeo_forge.cli.terminal import find_width
from pangeo_forge.errors import UsageError
from pangeo_forge.types import format_size

if TYPE_CHECKING:
    from pangeo_forge.environments.store import Environment, Prepared

app = make_group("Build, list and remove the environments of recipes: what their requirements.txt asks for, installed once and kept.")


@app.command("list", epilog=examples(("pangeo-forge env list", ""), ("pangeo-forge env list --json", "")))
def list_environments(as_json: options.AsJson = False, verbose: options.Verbose = False) -> None:
    """List the environments that are kept, the one that was used last first."""
    with speaking(as_json, verbose) as speaker:
        from pangeo_forge.api import environments

        speaker.show(environments.list_environments(), _describe_all, lambda found: [one.to_dict() for one in found])


@app.command(
    "create",
    epilog=examples(
        ("pangeo-forge env create my-feedstock", "as the first run of a recipe does"),
        ("pangeo-forge env create my-feedstock --json", "for a program"),
    ),
)
def create(source: options.Source, as_json: options.AsJson = False, verbose: options.Verbose = False) -> None:
    """Build the environment of a feedstock, unless it is there already or nothing need be installed."""
    with speaking(as_json, verbose) as speaker:
        from pangeo_forge.api import environments

        with waiting("reading the requirements", as_json=as_json) as observer:
            prepared = environments.create_environment(source, observer=observer)
        speaker.show(prepared, _describe_prepared, _encode_prepared)


@app.command(
    "prune",
    epilog=examples(("pangeo-forge env prune --older-than 30", "not used for a month"), ("pangeo-forge env prune --all", "all of them")),
)
def prune(
    older_than: Annotated[float | None, typer.Option(metavar="DAYS", min=0, help="Those that were not used for so long.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="All of them.")] = False,
    as_json: options.AsJson = False,
    verbose: options.Verbose = False,
) -> None:
    """Remove environments. One that a recipe is baked in just now is left; one that was never finished is removed in any case."""
    with speaking(as_json, verbose) as speaker:
        from pangeo_forge.api import environments

        if (older_than is None) != everything:
            raise UsageError("it is not clear which environments to remove", hint="Give either --older-than DAYS or --all.")
        removed, kept = environments.prune_environments(older_than_days=older_than, everything=everything)
        found = {"removed": [one.to_dict() for one in removed], "in_use": [one.to_dict() for one in kept]}
        speaker.show(found, _describe_pruned)


def _describe_all(environments: Sequence[Environment]) -> str:
    if not environments:
        return "There are no environments. One is built when a recipe is baked that requires what is not there."
    rows = [
        (one.key, one.kind, one.python_version, str(len(one.packages)), format_size(one.size), ", ".join(one.requirements))
        for one in environments
    ]
    return format_table(("KEY", "KIND", "PYTHON", "PACKAGES", "SIZE", "REQUIRES"), rows, width=find_width(sys.stdout))


def _describe_prepared(prepared: Prepared) -> str:
    environment = prepared.environment
    if environment is None:
        return "\n".join(["Nothing need be installed: what the recipes require is there.", *_notes(prepared)])
    facts = [
        ("environment", environment.key),
        ("folder", str(environment.folder)),
        ("python", environment.python_version),
        ("size", format_size(environment.size)),
        ("packages", ", ".join(f"{name} {version}" for name, version in environment.packages.items())),
    ]
    headline = "The environment is built." if prepared.was_built else "The environment is there already."
    return "\n".join([headline, format_facts(facts, indent=2), *_notes(prepared)])


def _notes(prepared: Prepared) -> list[str]:
    return [f"note: {remark}" for remark in prepared.remarks]


def _encode_prepared(prepared: Prepared) -> dict[str, Any]:
    environment = prepared.environment.to_dict() if prepared.environment else None
    return {"environment": environment, "was_built": prepared.was_built, "remarks": list(prepared.remarks)}


def _describe_pruned(found: dict[str, Any]) -> str:
    removed, kept = found["removed"], found["in_use"]
    freed = format_size(sum(one["size"] for one in removed))
    lines = [f"removed {len(removed)} environment{'s' if len(removed) != 1 else ''}, {freed}" if removed else "nothing was removed"]
    return "\n".join([*lines, *(f"left {one['key']}: it is in use" for one in kept)])
