"""``pangeo-forge recipe catalog``: a run's dataset in the catalogue."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from pangeo_forge.cli import options
from pangeo_forge.cli.groups import examples
from pangeo_forge.cli.speaking import speaking
from pangeo_forge.cli.tables import format_facts

if TYPE_CHECKING:
    from pangeo_forge.api.run_catalogs import Catalogued

app = typer.Typer(rich_markup_mode=None, pretty_exceptions_enable=False, add_completion=False)


@app.command(
    epilog=examples(
        ("pangeo-forge recipe catalog 20261124-0645", "the dataset of a run"),
        ("pangeo-forge recipe catalog my-feedstock sst", "that of a recipe's newest run"),
        ("pangeo-forge recipe catalog my-feedstock sst --output shown", "in a catalogue of your own"),
    )
)
def catalog(
    source: Annotated[str, typer.Argument(metavar="RUN|SOURCE", help="A run's id or the beginning of it, or a feedstock.")],
    recipe_id: options.RecipeId = None,
    output: Annotated[str | None, typer.Option("--output", "-o", metavar="URL", help="[default: the bakery's catalogue]")] = None,
    storage_options: options.StorageOptions = None,
    as_json: options.AsJson = False,
    verbose: options.Verbose = False,
) -> None:
    """Enter the dataset of a run in the catalogue, as is done without asking when a full run ends.

    It is described with what meta.yaml says by now, so that this also brings corrected words into the catalogue.
    """
    with speaking(as_json, verbose) as speaker:
        from pangeo_forge.api.configuring import use_storage_options
        from pangeo_forge.api.run_catalogs import catalog_run, find_run

        use_storage_options(storage_options)
        done = catalog_run(find_run(source, recipe_id), output)
        speaker.show(done, _describe, lambda done: done.to_dict())


def _describe(done: Catalogued) -> str:
    facts = [("item", done.href), ("catalog", done.catalog)]
    return f"{done.collection} is in the catalogue.\n{format_facts(facts, indent=2)}"
