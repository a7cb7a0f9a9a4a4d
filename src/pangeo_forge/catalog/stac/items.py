"""An Item for each baked version; once written it does not change."""

from __future__ import annotations

from typing import Any

from pangeo_forge.catalog.entry import Entry, Provenance
from pangeo_forge.catalog.stac.assets import make_assets, make_inputs, make_schemes
from pangeo_forge.catalog.stac.extensions import STAC_VERSION, find_extensions
from pangeo_forge.catalog.stac.links import make_links

#: The packages on which it depends what is in a dataset, and how it is stored; all others are in the list that a link leads to.
_TOLD = frozenset(
    {
        "python",
        "pangeo-forge",
        "pangeo-forge-recipes",
        "apache-beam",
        "cfgrib",
        "cftime",
        "dask",
        "distributed",
        "eccodes",
        "fsspec",
        "gcsfs",
        "h5netcdf",
        "h5py",
        "icechunk",
        "kerchunk",
        "netcdf4",
        "numcodecs",
        "numpy",
        "obstore",
        "pandas",
        "s3fs",
        "scipy",
        "virtualizarr",
        "xarray",
        "zarr",
    }
)


def make_item(entry: Entry) -> dict[str, Any]:
    """Make the Item of an entry, without the links that lead through a catalogue."""
    made = entry.provenance
    assets = make_assets(entry.ways) | (make_inputs(made.inputs) if made and made.inputs else {})
    properties = _when(entry) | describe(entry) | _processing(entry.provenance)
    item: dict[str, Any] = {
        "type": "Feature",
        "stac_version": STAC_VERSION,
        "stac_extensions": find_extensions(properties, *assets.values()),
        "id": entry.item_id,
        "geometry": entry.description.geometry,
        "properties": properties,
        "links": make_links(entry),
        "assets": assets,
        "collection": entry.id,
    }
    if entry.description.bbox:
        item["bbox"] = entry.description.bbox
    return item


def describe(entry: Entry) -> dict[str, Any]:
    """Give the fields that an Item's properties and a Collection have in common."""
    about, description = entry.about, entry.description
    fields: dict[str, Any] = {
        "title": about.title,
        "description": about.description,
        "keywords": about.keywords,
        "providers": about.providers,
        "license": about.license,
        "created": entry.created,
        "version": entry.version,
        "cube:dimensions": description.dimensions,
        "cube:variables": description.variables,
        "storage:schemes": make_schemes(entry.ways),
        "sci:citation": about.citation,
        "sci:doi": about.doi,
        "pangeo_forge:standard_names": description.standard_names,
        "pangeo_forge:attrs": description.attrs,
        "pangeo_forge:bytes": description.bytes,
    }
    return {name: value for name, value in fields.items() if value not in (None, [], {}, "")}


def _when(entry: Entry) -> dict[str, Any]:
    """Give the times that STAC asks for; a dataset without time has that of its making."""
    start, end = entry.description.start, entry.description.end
    if start is None or end is None:
        return {"datetime": entry.created}
    if start == end:
        return {"datetime": start}
    return {"datetime": None, "start_datetime": start, "end_datetime": end}


def _recipe(made: Provenance) -> dict[str, str]:
    """Name the recipe among the software, with the commit as its version."""
    return {f"{made.feedstock}/{made.recipe}": made.commit} if made.commit else {}


def _processing(made: Provenance | None) -> dict[str, Any]:
    if made is None:
        return {}
    fields = {
        "processing:datetime": made.baked,
        "processing:facility": made.bakery,
        "processing:software": {name: version for name, version in made.software.items() if name in _TOLD} | _recipe(made),
        "processing:lineage": f"Baked from the recipe {made.recipe} of the feedstock {made.feedstock}.",
        "processing:version": made.commit,
        "pangeo_forge:run": made.run,
        "pangeo_forge:feedstock": made.feedstock,
        "pangeo_forge:recipe": made.recipe,
        "pangeo_forge:source": made.source,
        "pangeo_forge:commit": made.commit,
    }
    return {name: value for name, value in fields.items() if value}
