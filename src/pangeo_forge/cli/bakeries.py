"""``pangeo-forge bakeries``: where recipes can run."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from pangeo_forge.cli import completing
from pangeo_forge.cli.groups import examples, make_group
from pangeo_forge.cli.options import AsJson, Verbose
from pangeo_forge.cli.speaking import speaking
from pangeo_forge.cli.tables import format_facts, format_table
from pangeo_forge.cli.terminal import find_width

if TYPE_CHECKING:
    from pangeo_forge.bakeries.database import Bakery

app = make_group("Show where recipes can run: bakeries, each an engine and a place to store datasets.")


@app.command("list", epilog=examples(("pangeo-forge bakeries list", ""), ("pangeo-forge bakeries list --json", "")))
def list_bakeries(as_json: AsJson = False, verbose: Verbose = False) -> None:
    """List the bakeries that a run may name with --bakery."""
    with speaking(as_json, verbose) as speaker:
        from pangeo_forge.api import bakeries

        speaker.show(bakeries.list_bakeries(), _describe_all, lambda found: [bakery.to_dict() for bakery in found])


@app.command("show", epilog=examples(("pangeo-forge bakeries show local", "")))
def show_bakery(
    bakery_id: Annotated[str, typer.Argument(metavar="ID", help="The bakery.", autocompletion=completing.bakery_ids)],
    as_json: AsJson = False,
    verbose: Verbose = False,
) -> None:
    """Show one bakery."""
    with speaking(as_json, verbose) as speaker:
        from pangeo_forge.api import bakeries

        speaker.show(bakeries.get_bakery(bakery_id), _describe, lambda bakery: bakery.to_dict())


def _describe_all(bakeries: Sequence[Bakery]) -> str:
    rows = [(bakery.id, bakery.engine, bakery.target.url, bakery.description) for bakery in bakeries]
    return format_table(("ID", "ENGINE", "TARGET", "DESCRIPTION"), rows, width=find_width(sys.stdout))


def _describe(bakery: Bakery) -> str:
    environment = "all of yours" if bakery.environment == "all" else ", ".join(bakery.environment) or "none"
    facts = [
        ("id", bakery.id),
        ("description", bakery.description),
        ("engine", bakery.engine),
        ("target", bakery.target.url),
        *((("public", bakery.target.public_url),) if bakery.target.public_url else ()),
        ("environment", environment),
    ]
    return format_facts(facts)
