"""Which names the modules of the Beam API have: those of ``apache_beam``, and those that ``pangeo_forge_recipes`` has since."""

from __future__ import annotations

from typing import Any

from pangeo_forge.recipes.standins import beam, indexing, openers, patterns, transforms, writers
from pangeo_forge.recipes.standins.contents import names_of
from pangeo_forge.recipes.standins.metrics import Metrics
from pangeo_forge.recipes.standins.unread import make_unread

_HINTS = {"with_input_types": beam.with_types, "with_output_types": beam.with_types}
_SIDE_INPUTS = ("AsDict", "AsIter", "AsList", "AsSingleton")


def beam_contents() -> dict[str, dict[str, Any]]:
    """Say which names each module has."""
    return {**_recipes(), **_beam()}


def _recipes() -> dict[str, dict[str, Any]]:
    read = {
        "types": names_of(indexing),
        "transforms": names_of(indexing, patterns, openers, transforms),
        "openers": names_of(openers),
        "writers": names_of(writers),
    }
    unread = make_unread()
    return {f"pangeo_forge_recipes.{name}": {**unread.get(name, {}), **read.get(name, {})} for name in sorted({*read, *unread})}


def _beam() -> dict[str, dict[str, Any]]:
    names = names_of(beam)
    metrics = {"Metrics": Metrics}
    return {
        "apache_beam": names,
        "apache_beam.pipeline": names,
        "apache_beam.pvalue": {"PCollection": beam.PCollection, **dict.fromkeys(_SIDE_INPUTS, beam.SideInput)},
        "apache_beam.transforms": names,
        "apache_beam.transforms.core": names,
        "apache_beam.transforms.ptransform": names,
        "apache_beam.transforms.util": names,
        "apache_beam.metrics": metrics,
        "apache_beam.metrics.metric": metrics,
        "apache_beam.options": {},
        "apache_beam.options.pipeline_options": {"PipelineOptions": beam.Options},
        "apache_beam.runners": {},
        "apache_beam.typehints": _HINTS,
        "apache_beam.typehints.decorators": _HINTS,
        "apache_beam.io": {},
        "apache_beam.utils": {},
    }
