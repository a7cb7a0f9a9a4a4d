"""``pangeo-forge catalog push``: a catalogue into a database, for those who outgrow a file."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from pangeo_forge.cli import options
from pangeo_forge.cli.speaking import speaking
from pangeo_forge.cli.terminal import is_live

if TYPE_CHECKING:
    from pangeo_forge.catalog.pgstac.pushing import Pushed


def push(
    catalog: options.Catalog,
    pgstac: Annotated[
        str | None,
        typer.Option(metavar="DSN", help="The database. [default: PANGEO_FORGE_PGSTAC, or PGHOST, PGDATABASE, …]", show_default=False),
    ] = None,
    migrate: Annotated[bool, typer.Option("--migrate", help="Bring an older pgstac in the database up to date.")] = False,
    storage_options: options.StorageOptions = None,
    as_json: options.AsJson = False,
    verbose: options.Verbose = False,
) -> None:
    """Load a catalogue into pgstac, a database of STAC on PostgreSQL; stac-fastapi-pgstac serves it from there.

    Where the database has no pgstac yet, it is installed there. What was pushed before is written again where it differs; what the
    catalogue does not have any more stays. A command line can be seen by others on the machine: the environment is where a password
    should be.
    """
    with speaking(as_json, verbose) as speaker:
        from pangeo_forge.api.configuring import use_storage_options
        from pangeo_forge.api.pushing import push_catalog

        use_storage_options(storage_options)
        pushed = push_catalog(catalog, pgstac, migrate=migrate, progress=_show_progress)
        speaker.show(pushed, _describe, asdict)


def _show_progress(done: int, of: int) -> None:
    if is_live(sys.stderr) and (done % 100 == 0 or done == of):
        sys.stderr.write("\r\x1b[K" + (f"{done:,} of {of:,} Items read" if done < of else ""))
        sys.stderr.flush()


def _describe(pushed: Pushed) -> str:
    lines = []
    if pushed.installed:
        lines.append(f"the database had no pgstac: {pushed.pgstac} was installed")
    elif pushed.migrated_from:
        lines.append(f"pgstac {pushed.migrated_from} was brought up to {pushed.pgstac}")
    return "\n".join([*lines, f"{pushed.collections:,} Collections and {pushed.items:,} Items pushed"])
