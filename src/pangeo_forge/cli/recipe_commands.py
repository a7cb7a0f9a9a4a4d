"""The commands of ``pangeo-forge recipe`` that make datasets, or get ready to."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from pangeo_forge.cli import options
from pangeo_forge.cli.descriptions import describe_listing, describe_new, describe_plan
from pangeo_forge.cli.groups import examples, make_group
from pangeo_forge.cli.outcomes import Outcome, code_of, describe_all, describe_baked, describe_tested, end_with, show_for_people, watch
from pangeo_forge.cli.progress import Observer, waiting
from pangeo_forge.cli.speaking import Speaker, speaking
from pangeo_forge.cli.terminal import say, say_json, tell
from pangeo_forge.errors import RunCancelled, UsageError

if TYPE_CHECKING:
    from pangeo_forge.feedstocks.feedstock import Feedstock
    from pangeo_forge.runs.run import Run
    from pangeo_forge.runs.standby import Standby

app = make_group("List, plan, test, run and begin recipes.")

#: A test compares so many inputs with what was written; a pruned recipe seldom has more.
_CHECKS_OF_A_TEST = 16


@app.command(
    "list",
    epilog=examples(
        ("pangeo-forge recipe list my-feedstock", "a folder"),
        ("pangeo-forge recipe list https://github.com/owner/name-feedstock", "a repository"),
        ("pangeo-forge recipe list https://github.com/owner/repo@v1#recipes/sst", "a folder of a tag of it"),
        ("pangeo-forge recipe list my-feedstock --json", "for a program"),
    ),
)
def list_recipes(
    source: options.Source,
    load_timeout: options.LoadTimeout = None,
    no_isolation: options.NoIsolation = False,
    as_json: options.AsJson = False,
    verbose: options.Verbose = False,
) -> None:
    """List the recipes of a feedstock: what they are, how many inputs they have, and how large their datasets will be.

    Where one object of the feedstock is a dictionary of recipes, each of them is listed. Sizes are estimated from a few inputs.
    """
    with speaking(as_json, verbose) as speaker:
        from pangeo_forge.api import recipes

        with waiting("reading the recipes and a few of their inputs", as_json=as_json) as observer:
            listing = recipes.list_recipes(source, load_timeout_s=load_timeout, isolated=not no_isolation, observer=observer)
        speaker.show(listing, describe_listing)


@app.command(
    "plan",
    epilog=examples(
        ("pangeo-forge recipe plan my-feedstock", "its only recipe"),
        ("pangeo-forge recipe plan my-feedstock sst --pruned", "what a test would do"),
        ("pangeo-forge recipe plan my-feedstock sst --json", "for a program"),
    ),
)
def plan(
    source: options.Source,
    recipe_id: options.RecipeId = None,
    pruned: Annotated[bool, typer.Option("--pruned", help="Plan the test: the first two keys of every concat dimension.")] = False,
    load_timeout: options.LoadTimeout = None,
    no_isolation: options.NoIsolation = False,
    as_json: options.AsJson = False,
    verbose: options.Verbose = False,
) -> None:
    """Show what a run would do, without doing it: the dataset, and the stages with their tasks, bytes, chunks and memory.

    A few inputs are opened, and nothing is written.
    """
    with speaking(as_json, verbose) as speaker:
        from pangeo_forge.api import recipes

        with waiting("reading a few inputs", as_json=as_json) as observer:
            planned = recipes.plan(
                source, recipe_id, pruned=pruned, load_timeout_s=load_timeout, isolated=not no_isolation, observer=observer
            )
        speaker.show(planned, describe_plan)


@app.command(
    "test",
    epilog=examples(
        ("pangeo-forge recipe test my-feedstock", "its only recipe"),
        ("pangeo-forge recipe test my-feedstock sst", "one of several"),
        ("pangeo-forge recipe test my-feedstock --target out.zarr --overwrite", "into a place of your own"),
    ),
)
def test(
    source: options.Source,
    recipe_id: options.RecipeId = None,
    target: options.Target = None,
    overwrite: options.Overwrite = False,
    cache: options.Cache = None,
    bakery: options.Bakery = "local",
    engine: options.Engine = None,
    workers: options.Workers = None,
    scheduler: options.Scheduler = None,
    no_lint: options.NoLint = False,
    load_timeout: options.LoadTimeout = None,
    no_isolation: options.NoIsolation = False,
    as_json: options.AsJson = False,
    verbose: options.Verbose = False,
) -> None:
    """Bake the first two keys of every concat dimension, and check what came out.

    The feedstock is linted first, and nothing is baked where that finds errors. The dataset is then opened with xarray: dimensions and
    coordinates must be as planned, no variable may be empty, and a sample of values must be equal to those of the inputs. Each test has
    a target of its own unless you name one.
    """
    with speaking(as_json, verbose) as speaker, _standby(source, bakery, no_isolation) as standby:
        from pangeo_forge.api.baking import bake

        _lint_first(source, no_lint)

        def begin(observer: Observer) -> Run:
            return bake(
                source,
                recipe_id,
                pruned=True,
                target=target,
                overwrite=overwrite,
                cache=cache,
                bakery=bakery,
                engine=engine,
                workers=workers,
                scheduler=scheduler,
                load_timeout_s=load_timeout,
                isolated=not no_isolation,
                checks=_CHECKS_OF_A_TEST,
                observer=observer,
                command=standby,
            )

        outcome = watch(begin, recipe_id, speaker)
        end_with(outcome, speaker, describe_tested)


@app.command(
    "run",
    epilog=examples(
        ("pangeo-forge recipe run my-feedstock", "its only recipe"),
        ("pangeo-forge recipe run my-feedstock sst ice", "one after the other"),
        ("pangeo-forge recipe run my-feedstock --all", "all of them"),
        ("pangeo-forge recipe run my-feedstock 'cmip6-*'", "all whose ids begin so"),
        ("pangeo-forge recipe run my-feedstock sst --target s3://bucket/sst.zarr", "into a place of your own"),
        ("pangeo-forge recipe run my-feedstock sst --engine dask --workers 4", "on a cluster of Dask"),
    ),
)
def run(
    source: options.Source,
    recipe_ids: Annotated[
        list[str] | None,
        typer.Argument(metavar="ID", help="The recipes, or patterns such as 'cmip6-*'; not needed where there is one.", show_default=False),
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Bake all recipes of the feedstock.")] = False,
    target: options.Target = None,
    overwrite: options.Overwrite = False,
    cache: options.Cache = None,
    bakery: options.Bakery = "local",
    engine: options.Engine = None,
    workers: options.Workers = None,
    scheduler: options.Scheduler = None,
    no_lint: options.NoLint = False,
    load_timeout: options.LoadTimeout = None,
    no_isolation: options.NoIsolation = False,
    no_catalog: options.NoCatalog = False,
    checksums: Annotated[bool, typer.Option("--checksums", help="Read each input whole for its SHA-256, for the catalogue.")] = False,
    as_json: options.AsJson = False,
    verbose: options.Verbose = False,
) -> None:
    """Bake recipes: read all inputs, write the dataset, check a sample of it.

    The feedstock is linted first, and nothing is baked where that finds errors.
    Several recipes are baked one after the other; if one fails, the others are baked all the same, and the exit code is 1. A run that
    was cancelled or failed can be resumed (see `pangeo-forge runs`). Each dataset is entered in the bakery's catalogue.
    """
    with speaking(as_json, verbose) as speaker, _standby(source, bakery, no_isolation) as standby:
        from pangeo_forge.api.baking import bake
        from pangeo_forge.api.feedstocks import load_feedstock

        _lint_first(source, no_lint)
        feedstock = load_feedstock(source)
        with waiting("reading the recipes", as_json=as_json) as observer:
            chosen = _choose(feedstock, recipe_ids or [], everything, bakery, load_timeout, not no_isolation, observer)
        if target is not None and len(chosen) > 1:
            raise UsageError(
                f"--target is the place of one dataset, but {len(chosen)} recipes are to be baked", hint="Leave it out, or name one recipe."
            )

        def begin(recipe_id: str, observer: Observer) -> Run:
            return bake(
                feedstock,
                recipe_id,
                target=target,
                overwrite=overwrite,
                cache=cache,
                bakery=bakery,
                engine=engine,
                workers=workers,
                scheduler=scheduler,
                load_timeout_s=load_timeout,
                isolated=not no_isolation,
                catalogued=not no_catalog,
                checksums=checksums,
                observer=observer,
                command=standby,
            )

        outcomes = _bake_each(begin, chosen, speaker)
        if len(outcomes) > 1 and not as_json:
            say(f"\n{describe_all(outcomes)}")
        if as_json:
            say_json([outcome.to_dict() for outcome in outcomes])
        raise typer.Exit(code_of(outcomes))


def _lint_first(source: str, skip: bool) -> None:
    from pangeo_forge.api.linting import refuse_faulty

    if not skip:
        refuse_faulty(source)


def _standby(source: str, bakery: str, no_isolation: bool) -> Standby:
    """Start a worker before all else, where the last one for this source ran, so that it imports what it needs while that is read."""
    from pangeo_forge.api.environments import recall_environment
    from pangeo_forge.bakeries.database import get_bakery
    from pangeo_forge.runs.standby import Standby
    from pangeo_forge.runs.worker_process import WorkerCommand
    from pangeo_forge.settings import Settings

    command = WorkerCommand() if no_isolation else WorkerCommand().inside(recall_environment(source))
    return Standby(get_bakery(bakery, Settings.load()), command)


def _choose(
    feedstock: Feedstock, recipe_ids: list[str], everything: bool, bakery: str, load_timeout: int | None, isolated: bool, observer: Observer
) -> list[str]:
    from pangeo_forge.api.recipes import choose_recipe, choose_recipes, find_ids

    if everything and recipe_ids:
        raise UsageError("--all is given, and recipes are named as well", hint="Leave out one of the two.")
    if everything:
        return find_ids(feedstock, bakery=bakery, load_timeout_s=load_timeout, isolated=isolated, observer=observer)
    if not recipe_ids:
        return [choose_recipe(feedstock, None, bakery=bakery, load_timeout_s=load_timeout, isolated=isolated, observer=observer)]
    return choose_recipes(feedstock, recipe_ids, bakery=bakery, load_timeout_s=load_timeout, isolated=isolated, observer=observer)


def _bake_each(begin: Callable[[str, Observer], Run], recipe_ids: list[str], speaker: Speaker) -> list[Outcome]:
    """Bake one recipe after the other; a failure leaves the others, Ctrl-C does not."""
    outcomes: list[Outcome] = []
    for number, recipe_id in enumerate(recipe_ids):
        outcome = watch(partial(begin, recipe_id), recipe_id, speaker)
        outcomes.append(outcome)
        is_cancelled = isinstance(outcome.error, RunCancelled)
        if is_cancelled and number + 1 < len(recipe_ids) and not speaker.as_json:
            tell(f"not begun: {', '.join(recipe_ids[number + 1 :])}")
        if number and not speaker.as_json and outcome.error is None:
            say("")
        show_for_people(outcome, speaker, describe_baked)
        if is_cancelled:
            break
    return outcomes


@app.command(
    "init",
    epilog=examples(
        ("pangeo-forge recipe init sea-surface-temperature", "writes the folder of that name"),
        ("pangeo-forge recipe test sea-surface-temperature", "which works as it is"),
    ),
)
def init(
    path: Annotated[str, typer.Argument(metavar="NAME", help="The name or path of the new folder; its name becomes the recipe's id.")],
    as_json: options.AsJson = False,
    verbose: options.Verbose = False,
) -> None:
    """Write a new feedstock to begin with: commented, with sample files, so that it passes its own test at once."""
    with speaking(as_json, verbose) as speaker:
        from pangeo_forge.api.feedstocks import init_feedstock

        folder = init_feedstock(path)
        files = sorted(file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file())
        speaker.show({"folder": str(folder), "files": files}, describe_new)
