"""``pangeo-forge catalog export`` and ``import``: catalogues in the forms of others."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pangeo_forge.cli import options
from pangeo_forge.cli.speaking import speaking
from pangeo_forge.cli.terminal import is_live
from pangeo_forge.types import printable

if TYPE_CHECKING:
    from pangeo_forge.catalog.entering.place import Outcome
    from pangeo_forge.catalog.faces.face import Face


class Form(StrEnum):
    """The forms that a catalogue can be written in."""

    GEOPARQUET = "geoparquet"
    INTAKE = "intake"
    JSON_LD = "json-ld"
    LEAP = "leap"


def export(
    catalog: options.Catalog,
    form: Annotated[Form, typer.Option("--as", help="The form.", show_default=False)],
    output: Annotated[str, typer.Option("--output", "-o", metavar="FILE", help="A path or an fsspec URL.", show_default=False)],
    storage_options: options.StorageOptions = None,
    as_json: options.AsJson = False,
    verbose: options.Verbose = False,
) -> None:
    """Write a catalogue in another form, as one file: for Intake, for tables, for search engines, for LEAP.

    Datasets that the form cannot tell of are named.
    """
    with speaking(as_json, verbose) as speaker:
        from pangeo_forge.api.configuring import use_storage_options
        from pangeo_forge.api.exporting import export_catalog

        use_storage_options(storage_options)
        face = export_catalog(catalog, form.value, output)
        speaker.show(face, _describe_face, _encode_face)


def _describe_face(face: Face) -> str:
    lines = [f"{face.datasets:,} dataset{'' if face.datasets == 1 else 's'} written"]
    return printable("\n".join([*lines, *(f"left out: {name}: {why}" for name, why in face.left_out)]))


def _encode_face(face: Face) -> dict[str, Any]:
    return {"datasets": face.datasets, "left_out": [{"dataset": name, "message": why} for name, why in face.left_out]}


def import_(
    listing: Annotated[str, typer.Argument(metavar="FILE", help="The JSON of LEAP's catalogue, or of a feedstock of it: a path or a URL.")],
    output: Annotated[str, typer.Option("--output", "-o", metavar="URL", help="The catalogue's folder.", show_default=False)],
    title: Annotated[str | None, typer.Option(metavar="TEXT", help="What the catalogue is called.", show_default=False)] = None,
    storage_options: options.StorageOptions = None,
    as_json: options.AsJson = False,
    verbose: options.Verbose = False,
) -> None:
    """Describe the stores that LEAP's catalogue lists, wherever they are, in a STAC catalogue.

    They are entered beside what the catalogue has already; those that have not changed since are not opened again. One that cannot be
    described is named, and stops none of the others; the exit code is then 1.
    """
    with speaking(as_json, verbose) as speaker:
        from pangeo_forge.api.configuring import use_storage_options
        from pangeo_forge.api.exporting import import_catalog

        use_storage_options(storage_options)
        outcome = import_catalog(listing, output, title=title, progress=_show_progress)
        speaker.show(outcome, _describe_outcome, _encode_outcome)
        if outcome.problems:
            raise typer.Exit(1)


def _show_progress(done: int, of: int) -> None:
    if is_live(sys.stderr):
        sys.stderr.write("\r\x1b[K" + (f"{done:,} of {of:,} stores described" if done < of else ""))
        sys.stderr.flush()


def _describe_outcome(outcome: Outcome) -> str:
    lines = [f"{outcome.described:,} described, {outcome.unchanged:,} unchanged"]
    return printable("\n".join([*lines, *(f"{place}: {why}" for place, why in outcome.problems)]))


def _encode_outcome(outcome: Outcome) -> Mapping[str, Any]:
    problems = [{"place": place, "message": why} for place, why in outcome.problems]
    return {"described": outcome.described, "unchanged": outcome.unchanged, "problems": problems}
