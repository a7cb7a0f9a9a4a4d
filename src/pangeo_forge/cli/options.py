"""Arguments and options that several commands have."""

from __future__ import annotations

from typing import Annotated

import typer

from pangeo_forge.cli import completing

SOURCE_HELP = "The feedstock: a folder, the path of its meta.yaml, or a git URL 'https://…[@ref][#sub-folder]'."

Source = Annotated[str, typer.Argument(metavar="SOURCE", help=SOURCE_HELP, show_default=False)]
RecipeId = Annotated[str | None, typer.Argument(metavar="ID", help="The recipe; not needed where there is only one.", show_default=False)]
RunId = Annotated[
    str,
    typer.Argument(metavar="ID", help="The run, or the beginning of its id.", autocompletion=completing.run_ids, show_default=False),
]

ReferencesTo = Annotated[
    list[str] | None,
    typer.Option(
        "--references-to",
        metavar="FOLDER|URL",
        help="Where references may lead besides the target; may be repeated.",
        show_default=False,
    ),
]
Catalog = Annotated[
    str, typer.Argument(metavar="CATALOG", help="A catalogue: its folder, its catalog.json, the target that it is in, or a bakery's id.")
]
StorageOptions = Annotated[
    str | None,
    typer.Option(
        "--storage-options",
        metavar="FILE",
        help="JSON with fsspec's options by protocol, such as keys. [default: fsspec's configuration]",
        show_default=False,
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for machines; no progress is shown.")]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="With an error show also its detail, such as a traceback of the recipe.")]

NoIsolation = Annotated[
    bool,
    typer.Option("--no-isolation", help="Install nothing for the recipe: what it requires must be there, where pangeo-forge is."),
]

NoCatalog = Annotated[bool, typer.Option("--no-catalog", help="Do not enter the dataset in the bakery's catalogue.")]

NoLint = Annotated[bool, typer.Option("--no-lint", help="Do not look for faults of the feedstock first.")]

LoadTimeout = Annotated[
    int | None,
    typer.Option(
        metavar="SECONDS",
        min=1,
        help="How long the recipe's module may take to be imported. [default: PANGEO_FORGE_LOAD_TIMEOUT, or 600]",
        show_default=False,
    ),
]
Bakery = Annotated[str, typer.Option(metavar="ID", help="Where to run.", autocompletion=completing.bakery_ids)]
Target = Annotated[
    str | None,
    typer.Option(
        metavar="URL",
        help="The dataset's own place, a path or an fsspec URL. [default: the bakery's place for this recipe]",
        show_default=False,
    ),
]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace a dataset that is at the target already.")]
Cache = Annotated[
    str | None, typer.Option(metavar="URL", help="Keep fetched inputs in this folder, a path or an fsspec URL.", show_default=False)
]
Engine = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="What runs the tasks: local or dask; or beam, for a pipeline of the Beam API. [default: the bakery's]",
        autocompletion=completing.engines,
    ),
]
Workers = Annotated[int | None, typer.Option(metavar="N", min=1, help="How many processes. [default: one a core]")]
Scheduler = Annotated[
    str | None, typer.Option(metavar="ADDRESS", help="A Dask scheduler that is running, such as tcp://host:8786; implies --engine dask.")
]
