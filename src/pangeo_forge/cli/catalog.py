"""``pangeo-forge catalog``: describing datasets, and finding them again."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pangeo_forge.cli import options
from pangeo_forge.cli.catalog_check import check, describe_state
from pangeo_forge.cli.catalog_faces import export, import_
from pangeo_forge.cli.catalog_push import push
from pangeo_forge.cli.groups import examples, make_group
from pangeo_forge.cli.speaking import Speaker, speaking
from pangeo_forge.cli.tables import format_table
from pangeo_forge.cli.terminal import find_width, is_live, say, tell
from pangeo_forge.errors import RunCancelled, UsageError
from pangeo_forge.types import format_size

if TYPE_CHECKING:
    from pangeo_forge.catalog.entering.place import Outcome
    from pangeo_forge.catalog.health.findings import Health
    from pangeo_forge.catalog.index.search import Page
    from pangeo_forge.catalog.pictures.illustrating import Illustrated
    from pangeo_forge.catalog.storage.tree import Tree

app = make_group("Describe datasets in a STAC catalogue, check it, and search it.")


@app.command(
    "create",
    epilog=examples(
        ("pangeo-forge catalog create local", "all that the local bakery baked"),
        ("pangeo-forge catalog create /data/stores --title Reanalyses", "stores that anybody wrote"),
        ("pangeo-forge catalog create /data/stores --pictures", "with a picture of each dataset"),
        ("pangeo-forge catalog create s3://bucket/stores --output catalog", "with the catalogue in a folder here"),
        ("pangeo-forge catalog create /srv/stores --public-url https://data.example.org/stores", "what a web server shows"),
    ),
)
def create(
    target: Annotated[str, typer.Argument(metavar="TARGET", help="A folder, an fsspec URL, or a bakery's id.")],
    output: Annotated[str | None, typer.Option("--output", "-o", metavar="URL", help="[default: `catalog` in the target]")] = None,
    title: Annotated[str | None, typer.Option(metavar="TEXT", help="What the catalogue is called.", show_default=False)] = None,
    public_url: Annotated[
        str | None,
        typer.Option(
            "--public-url",
            metavar="URL",
            help="Where everybody reads the target, or ''. [default: as it was]",
            show_default=False,
        ),
    ] = None,
    absolute: Annotated[
        str | None,
        typer.Option(metavar="URL", help="Write whole addresses, of a catalogue that is read at this URL.", show_default=False),
    ] = None,
    relative: Annotated[bool, typer.Option("--relative", help="Write relative addresses. [default: as they were, or relative]")] = False,
    pictures: Annotated[bool, typer.Option("--pictures", help="Draw a thumbnail and an overview of each dataset.")] = False,
    references_to: options.ReferencesTo = None,
    workers: Annotated[int | None, typer.Option(metavar="N", min=1, help="How many processes. [default: one a core]")] = None,
    storage_options: options.StorageOptions = None,
    as_json: options.AsJson = False,
    verbose: options.Verbose = False,
) -> None:
    """Describe all datasets of a target, and write a STAC catalogue with an index.

    Zarr stores are found wherever they lie in the target, whoever wrote them. Those that have not changed since the last time are not
    opened again. One that cannot be described is named, and stops none of the others; the exit code is then 1.
    """
    with speaking(as_json, verbose) as speaker:
        from pangeo_forge.api import cataloguing, configuring, picturing

        if absolute is not None and relative:
            raise UsageError("--absolute and --relative exclude one another", hint="Write one of them.")
        if absolute is not None and not absolute.strip():
            raise UsageError("--absolute is empty", hint="Write the URL at which the catalogue will be read, or --relative.")
        configuring.use_storage_options(storage_options)
        if pictures:
            picturing.check_installed()
        with _going_on():
            outcome = cataloguing.create_catalog(
                target,
                output,
                title=title,
                public_url=public_url,
                catalog_url="" if relative else absolute,
                references_to=references_to or (),
                workers=workers,
                progress=_show_progress,
            )
        drawn = _draw(target, output, references_to or (), workers) if pictures else None
        speaker.show((outcome, drawn), _describe_outcome, _encode_outcome)
        if outcome.problems:
            raise typer.Exit(1)


def _draw(target: str, output: str | None, references_to: Sequence[str], workers: int | None) -> Illustrated:
    from pangeo_forge.api import picturing

    return picturing.illustrate_catalog(target, output, references_to=references_to, workers=workers, progress=_show_drawing)


@contextmanager
def _going_on() -> Iterator[None]:
    """Say of an interruption what it leaves behind."""
    try:
        yield
    except KeyboardInterrupt:
        raise RunCancelled(
            "interrupted: readers see the catalogue as it was before", hint="The same command goes on with what is not described yet."
        ) from None


def _show_progress(done: int, of: int, what: str = "described") -> None:
    if is_live(sys.stderr):
        sys.stderr.write("\r\x1b[K" + (f"{done:,} of {of:,} datasets {what}" if done < of else ""))
        sys.stderr.flush()


def _show_drawing(done: int, of: int) -> None:
    _show_progress(done, of, "drawn")


def _describe_outcome(found: tuple[Outcome, Illustrated | None]) -> str:
    outcome, drawn = found
    lines = [f"{outcome.described:,} described, {outcome.unchanged:,} unchanged, {outcome.gone:,} gone"]
    lines += [f"{place}: {why}" for place, why in outcome.problems]
    if drawn is not None:
        lines += [f"{drawn.drawn:,} drawn", *(f"{dataset} has no picture: {why}" for dataset, why in drawn.without)]
    return "\n".join(lines)


def _encode_outcome(found: tuple[Outcome, Illustrated | None]) -> dict[str, Any]:
    outcome, drawn = found
    without = [{"dataset": dataset, "message": why} for dataset, why in drawn.without] if drawn else []
    return {
        **({"drawn": drawn.drawn, "without_picture": without} if drawn else {}),
        "described": outcome.described,
        "unchanged": outcome.unchanged,
        "gone": outcome.gone,
        "problems": [{"place": place, "message": why} for place, why in outcome.problems],
    }


@app.command(
    "validate",
    epilog=examples(
        ("pangeo-forge catalog validate catalog", "against the core of STAC"),
        ("pangeo-forge catalog validate catalog --schemas schemas", "and against its extensions"),
    ),
)
def validate(
    catalog: options.Catalog,
    schemas: Annotated[
        str | None,
        typer.Option(metavar="DIR", help="The schemas of extensions, laid out as datacube/v2.3.0/schema.json.", show_default=False),
    ] = None,
    storage_options: options.StorageOptions = None,
    as_json: options.AsJson = False,
    verbose: options.Verbose = False,
) -> None:
    """Check a catalogue against the JSON schemas of STAC, without a network.

    The core's schemas are at hand; those of extensions are if --schemas names their folder. What could not be checked is named.
    """
    with speaking(as_json, verbose) as speaker:
        from pangeo_forge.api import cataloguing, configuring

        configuring.use_storage_options(storage_options)
        verdicts = list(cataloguing.validate_catalog(catalog, schemas=schemas))
        faults = [(name, fault) for name, verdict in verdicts for fault in verdict.faults]
        unchecked = sorted({uri for _, verdict in verdicts for uri in verdict.unchecked})
        found = {
            "objects": len(verdicts),
            "faults": [{"object": name, "path": f.path, "message": f.message, "schema": f.schema} for name, f in faults],
            "unchecked": unchecked,
        }
        speaker.show(found, _describe_validation)
        if faults:
            raise typer.Exit(1)


def _describe_validation(found: Mapping[str, Any]) -> str:
    lines = [": ".join(filter(None, (fault["object"], fault["path"], fault["message"]))) for fault in found["faults"]]
    lines += [f"not checked, as its schema is not at hand: {uri}" for uri in found["unchecked"]]
    return "\n".join([*lines, f"{found['objects']:,} objects, {len(found['faults']):,} faults"])


app.command(
    "check",
    epilog=examples(
        ("pangeo-forge catalog check catalog", "all datasets"),
        ("pangeo-forge catalog check catalog sst --timeout 10", "one of them, with little patience"),
        ("pangeo-forge catalog check s3://bucket/catalog --target s3://bucket/stores --json", "and what the catalogue lacks"),
    ),
)(check)


app.command(
    "export",
    epilog=examples(
        ("pangeo-forge catalog export catalog --as intake -o catalog.yaml", "for intake.open_catalog, with intake-xarray"),
        ("pangeo-forge catalog export catalog --as geoparquet -o items.parquet", "for geopandas, DuckDB, rustac"),
        ("pangeo-forge catalog export catalog --as json-ld -o datasets.json", "for search engines of datasets"),
        ("pangeo-forge catalog export catalog --as leap -o leap.json", "for LEAP's catalogue"),
    ),
)(export)
app.command(
    "import",
    epilog=examples(
        ("pangeo-forge catalog import consolidated-web-catalog.json -o catalog", "all stores that LEAP's catalogue lists"),
        ("pangeo-forge catalog import https://example.org/leap.json -o catalog --title LEAP", ""),
    ),
)(import_)
app.command(
    "push",
    epilog=examples(
        ("pangeo-forge catalog push catalog", "into the database that PANGEO_FORGE_PGSTAC names"),
        ("PGPASSWORD=… pangeo-forge catalog push s3://bucket/catalog --pgstac postgresql://forge@host/stac", ""),
    ),
)(push)


@app.command(
    "search",
    epilog=examples(
        ("pangeo-forge catalog search catalog sea temperature", ""),
        ("pangeo-forge catalog search catalog --bbox=-30,30,40,70 --datetime 1990/2020", ""),
        ("pangeo-forge catalog search catalog --variable air_temperature --json", ""),
    ),
)
def search(
    catalog: options.Catalog,
    words: Annotated[list[str] | None, typer.Argument(metavar="WORD…", help="All of them must be found.", show_default=False)] = None,
    bbox: Annotated[str | None, typer.Option(metavar="W,S,E,N", help="Degrees; written --bbox=-10,…", show_default=False)] = None,
    datetime: Annotated[
        str | None, typer.Option(metavar="INTERVAL", help="Such as 2020, 2019-07/2020-06 or ../1990.", show_default=False)
    ] = None,
    variable: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="A variable's name or standard name; may be repeated.", show_default=False)
    ] = None,
    cql2: Annotated[
        str | None,
        typer.Option("--filter", metavar="CQL2", help="Such as \"license = 'MIT' AND title LIKE '%wind%'\".", show_default=False),
    ] = None,
    all_versions: Annotated[bool, typer.Option("--all-versions", help="Older versions as well.")] = False,
    limit: Annotated[int, typer.Option(metavar="N", min=1, max=1_000_000, help="How many to show.")] = 20,
    geojson: Annotated[bool, typer.Option("--geojson", help="Print a GeoJSON FeatureCollection of the Items.")] = False,
    storage_options: options.StorageOptions = None,
    as_json: options.AsJson = False,
    verbose: options.Verbose = False,
) -> None:
    """Find datasets by words, place, time and variables, in the catalogue's index; no server is needed."""
    with speaking(as_json or geojson, verbose) as speaker:
        from pangeo_forge.api import cataloguing, configuring

        configuring.use_storage_options(storage_options)
        if as_json and geojson:
            raise UsageError("--json and --geojson are given, but only one can be printed", hint="Leave out one of the two.")
        asked = cataloguing.Search(
            words=words or (), bbox=bbox, datetime=datetime, variables=variable or (), all_versions=all_versions, filter=cql2
        )
        page = cataloguing.search_catalog(catalog, asked, limit=limit)
        if geojson:
            say(json.dumps({"type": "FeatureCollection", "features": list(page.items), "numberMatched": page.matched}))
            return
        known = cataloguing.read_catalog_health(catalog, page.items)
        speaker.show(page, lambda found: _describe_page(found, known), lambda found: _encode_page(found, known))


def _encode_page(page: Page, known: Mapping[str, Health]) -> dict[str, Any]:
    health = {name: health.to_dict() for name, health in known.items()}
    return {"matched": page.matched, "items": list(page.items), "health": health}


def _describe_page(page: Page, known: Mapping[str, Health]) -> str:
    if not page.items:
        return "nothing was found"
    rows = [(*_describe_item(item), describe_state(known.get(item["id"]))) for item in page.items]
    columns = slice(None) if any(row[-1] for row in rows) else slice(-1)  # of a catalogue that was never checked there is nothing to say
    header = ("ID", "TITLE", "TIME", "VARIABLES", "SIZE", "STATE")
    shown = format_table(header[columns], [row[columns] for row in rows], width=find_width(sys.stdout))
    if page.matched > len(page.items):
        tell(f"{len(page.items):,} of {page.matched:,}; --limit shows more")
    return shown


def _describe_item(item: Mapping[str, Any]) -> tuple[str, ...]:
    from pangeo_forge.catalog.views import describe_time

    properties = item["properties"]
    names = [name for name, variable in properties.get("cube:variables", {}).items() if variable.get("variable_type") == "data"]
    shown = ", ".join(names[:4]) + (f", … ({len(names)})" if len(names) > 4 else "")
    title, size = str(properties.get("title", ""))[:40], format_size(properties.get("pangeo_forge:bytes", 0))
    return str(item["collection"]), title, describe_time(properties), shown, size


@app.command(
    "serve",
    epilog=examples(
        ("pangeo-forge catalog serve catalog", "shows it in the browser"),
        ("pangeo-forge catalog serve catalog --host 0.0.0.0 --port 80 --no-browser", "for others"),
    ),
)
def serve(
    catalog: options.Catalog,
    host: Annotated[str, typer.Option(metavar="ADDRESS", help="Where to listen; 0.0.0.0 lets other machines in.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(metavar="N", min=0, max=65535, help="0 is any that is free.")] = 8000,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Do not open the browser.")] = False,
    references_to: options.ReferencesTo = None,
    storage_options: options.StorageOptions = None,
    as_json: options.AsJson = False,
    verbose: options.Verbose = False,
) -> None:
    """Serve a catalogue: pages for people at /, a read-only STAC API for programs at /stac. Ctrl-C ends it."""
    with speaking(as_json, verbose) as speaker:
        from pangeo_forge.api import cataloguing, configuring

        configuring.use_storage_options(storage_options)
        tree = cataloguing.open_tree(catalog)
        _serve(tree, speaker, host=host, port=port, open_browser=not (no_browser or as_json), references_to=references_to or ())


def _serve(tree: Tree, speaker: Speaker, *, host: str, port: int, open_browser: bool, references_to: Sequence[str] = ()) -> None:
    from pangeo_forge.api.trusting import make_trust

    try:
        from pangeo_forge.web.serving import serve as run_server
    except ImportError as error:
        raise _lacking("the server", error, "web") from None

    def announce(address: str) -> None:
        speaker.show({"url": address}, lambda found: f"serving at {found['url']}")

    run_server(tree, make_trust(tree, references_to), host=host, port=port, announce=announce, open_browser=open_browser)


def _lacking(what: str, error: ImportError, extra: str) -> UsageError:
    return UsageError(f"{what} needs packages that are not installed: {error}", hint=f"pip install 'pangeo-forge[{extra}]'")


@app.command(
    "browse",
    epilog=examples(
        ("pangeo-forge catalog browse", "what this machine's bakery baked"),
        ("pangeo-forge catalog browse https://example.org/catalog", "a catalogue that is elsewhere"),
        ("pangeo-forge catalog browse stores --web", "in the browser instead"),
    ),
)
def browse(
    catalog: Annotated[
        str | None,
        typer.Argument(
            metavar="CATALOG",
            help="A catalogue: its folder, its catalog.json, or the target that it is in. [default: this machine's bakery's]",
            show_default=False,
        ),
    ] = None,
    web: Annotated[bool, typer.Option("--web", help="In the browser, as `catalog serve` shows it, at any port that is free.")] = False,
    storage_options: options.StorageOptions = None,
    verbose: options.Verbose = False,
) -> None:
    """Look through a catalogue in the terminal: search it, look at datasets, and copy the code that opens them.

    The keys are named at the bottom of the screen; ? tells all of them, and how to search.
    """
    with speaking(False, verbose) as speaker:
        from pangeo_forge.api import cataloguing, configuring

        configuring.use_storage_options(storage_options)
        if not web and not (is_live(sys.stdout) and sys.stdin.isatty()):
            raise UsageError("a catalogue is browsed in a terminal, and this is none", hint="`catalog search` prints what it finds.")
        tree = cataloguing.open_tree(catalog) if catalog else cataloguing.find_default_tree()
        if web:
            _serve(tree, speaker, host="127.0.0.1", port=0, open_browser=True)
            return
        try:
            from pangeo_forge.tui.app import Browser
        except ImportError as error:
            raise _lacking("browsing in the terminal", error, "browse") from None
        from pangeo_forge.catalog.library import Library

        Browser(Library(tree)).run()
