"""The entry point ``pangeo-forge``."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from io import TextIOWrapper
from typing import Annotated, Any

import typer

import pangeo_forge
from pangeo_forge.cli.failures import CANCELLED, show_error
from pangeo_forge.cli.lazy import Door, LazyGroup
from pangeo_forge.cli.terminal import drop_output, open_missing_streams, say, stop_printing
from pangeo_forge.errors import TargetError, UsageError

NAME = "pangeo-forge"

#: What is raised where a command line is not as it should be: the base of the one such error that every version of Typer names.
_Misuse: Any = typer.BadParameter.__mro__[1]


class _Forge(LazyGroup):
    doors = {  # noqa: RUF012  (a class variable of the base)
        "recipe": Door("pangeo_forge.cli.recipe", "List, plan, lint, test, run and begin recipes."),
        "create-feedstock": Door("pangeo_forge.cli.create_feedstock", "Make the repository of a finished recipe."),
        "schema": Door("pangeo_forge.cli.schema", "Print JSON schemas of a feedstock's files, for editors."),
        "runs": Door("pangeo_forge.cli.runs", "Show, follow, resume and cancel runs."),
        "env": Door("pangeo_forge.cli.environments", "Build, list and remove the environments of recipes."),
        "bakeries": Door("pangeo_forge.cli.bakeries", "Show where recipes can run."),
        "catalog": Door("pangeo_forge.cli.catalog", "Describe datasets in a STAC catalogue, and search it."),
    }


_EPILOG = """
\b
Examples:
  pangeo-forge recipe init my-data          write a recipe to begin with
  pangeo-forge recipe test my-data          bake two of its files, and check
  pangeo-forge recipe run my-data           bake it all
  pangeo-forge runs list                    what was baked, and how it went

\b
Exit codes:
  0    all went well
  1    the work failed: a recipe, an input, the store
  2    the command was used wrongly: an option, a name that is not there
  130  it was cancelled, as by Ctrl-C

\b
Environment variables:
  PANGEO_FORGE_HOME          the folder of runs and of the local bakery
  PANGEO_FORGE_DATABASE      the SQLAlchemy URL of the database of runs
  PANGEO_FORGE_WORKERS       how many processes
  PANGEO_FORGE_TASK_MEMORY   how much one task may hold, such as 100MB
  PANGEO_FORGE_ENVIRONMENTS  the folder of the environments of recipes
  PANGEO_FORGE_CATALOG       the catalogue that baked datasets are entered in
  PANGEO_FORGE_PUBLIC_URL    where everybody reads what the local bakery stores
  PANGEO_FORGE_PGSTAC        the database that catalogues are pushed into, with its password
  PANGEO_FORGE_LOAD_TIMEOUT  how long a recipe's module may take to be imported, seconds
  NO_COLOR                   no colours
"""

app = typer.Typer(
    name=NAME,
    cls=_Forge,
    help="Turn archives of files into analysis-ready, cloud-optimized datasets.",
    epilog=_EPILOG,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    invoke_without_command=True,
)


def _show_version(wanted: bool) -> None:
    if wanted:
        say(f"{NAME} {pangeo_forge.__version__}")
        raise typer.Exit


@app.callback()
def _begin(
    ctx: typer.Context,
    version: Annotated[bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and exit.")] = False,
) -> None:
    if ctx.invoked_subcommand is None:
        say(ctx.get_help())


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command, and return its exit code."""
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    open_missing_streams()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # an old terminal does not know all characters
    try:
        code = _run(arguments)
        sys.stdout.flush()
    except KeyboardInterrupt:
        code = CANCELLED
    except BrokenPipeError:  # who was to read it has read enough, as `head` does
        drop_output()
        code = 1
    except (OSError, TargetError) as error:  # outside of commands nothing is done but writing, as of their help
        failure = stop_printing(error) if isinstance(error, OSError) else error
        show_error(failure, as_json="--json" in arguments, verbose=False)
        code = failure.exit_code
    return code


def _run(arguments: Sequence[str]) -> int:
    try:
        return typer.main.get_command(app)(arguments, prog_name=NAME, standalone_mode=False) or 0
    except _Misuse as error:
        context = getattr(error, "ctx", None)
        path = context.command_path if context else NAME
        misuse = UsageError(error.format_message(), hint=f"`{path} --help` shows how it is used.")
        show_error(misuse, as_json="--json" in arguments, verbose=False)
        return misuse.exit_code
