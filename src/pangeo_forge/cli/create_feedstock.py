"""``pangeo-forge create-feedstock``: from a recipe in a folder to a repository of its own."""

from __future__ import annotations

from typing import Annotated

import typer

from pangeo_forge.cli import options
from pangeo_forge.cli.descriptions import describe_repository
from pangeo_forge.cli.groups import examples
from pangeo_forge.cli.speaking import speaking
from pangeo_forge.errors import UsageError

app = typer.Typer(rich_markup_mode=None, pretty_exceptions_enable=False, add_completion=False)


@app.command(
    epilog=examples(
        ("pangeo-forge create-feedstock recipes/sst --local ../sst-feedstock", ""),
        ("pangeo-forge create-feedstock https://github.com/owner/staged-recipes#recipes/sst --local sst-feedstock", ""),
    )
)
def create_feedstock(
    source: options.Source,
    local: Annotated[
        str | None, typer.Option(metavar="DIR", help="Make it in this folder, which must not be there, or be empty.", show_default=False)
    ] = None,
    author_name: Annotated[
        str | None, typer.Option(metavar="NAME", help="The commit's author. [default: the first maintainer]", show_default=False)
    ] = None,
    author_email: Annotated[
        str | None, typer.Option(metavar="EMAIL", help="The author's address. [default: the maintainer's]", show_default=False)
    ] = None,
    as_json: options.AsJson = False,
    verbose: options.Verbose = False,
) -> None:
    """Make the complete repository of a finished recipe: the recipe, a README, a licence, its code owners, and one commit."""
    with speaking(as_json, verbose) as speaker:
        from pangeo_forge.api import feedstocks

        if local is None:
            raise UsageError("feedstocks can be made in a folder only, so far; on GitHub they come later", hint="Say where: --local DIR.")
        folder = feedstocks.create_feedstock(source, local, author_name=author_name, author_email=author_email)
        files = sorted(file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file())
        shown = [file for file in files if not file.startswith(".git/")]
        speaker.show({"folder": str(folder), "files": shown}, describe_repository)
