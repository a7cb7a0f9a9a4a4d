"""From a recipe to a pipeline that stores where it should, reads what it should, and is counted."""

from __future__ import annotations

import operator
from functools import reduce
from typing import Any

import apache_beam as beam
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.runners.portability.fn_api_runner import FnApiRunner
from apache_beam.transforms import ptransform

from .counting import Counters, pass_by, pass_by_with_key
from .pruning import describe_item, is_item, prune
from .storing import Places, names_of

_OPENERS = {"OpenWithXarray", "OpenWithKerchunk"}


class Pipeline(beam.Pipeline):  # type: ignore[misc]
    """A pipeline that sees each transform as it is applied, those within others as well.

    Parameters
    ----------
    options : PipelineOptions
    places : Places
        Are put into the transforms.
    counters : Counters
        Count what passes.
    pruned : bool
        Whether to keep only the first two keys of every concat dimension.
    """

    def __init__(self, options: PipelineOptions, places: Places, counters: Counters, *, pruned: bool) -> None:
        # The runner for one machine; by its usual name, Beam would first look for a program to download.
        super().__init__(runner=FnApiRunner(), options=options)
        self.places = places
        self.counters = counters
        self.pruned = pruned
        self.inputs = 0
        self.inputs_before = 0
        self.items: list[dict[str, Any]] = []
        self.origin = ""
        self._within: list[set[str]] = []
        self._counted = 0

    def apply(self, transform: Any, pvalueish: Any = None, label: str | None = None) -> Any:
        """Apply a transform."""
        if label or isinstance(transform, ptransform._NamedPTransform):
            return super().apply(transform, pvalueish, label)  # which comes here again, with the transform alone
        names = names_of(transform)
        self.places.put_into(transform)
        if "Create" in names:
            self._begin_with(transform)
        if "GroupByKey" in names and any("Rechunk" in outer for outer in self._within):
            pvalueish = self._count(pvalueish, pass_by_with_key, "store", self._counted)
        self._within.append(names)
        try:
            result = super().apply(transform, pvalueish, label)
        finally:
            self._within.pop()
        if names & _OPENERS:
            return self._count(result, pass_by, "open")
        return self._count(result, pass_by, "store") if "StoreDatasetFragments" in names else result

    def describe(self) -> dict[str, Any]:
        """Describe with plain values what was built."""
        written = [{**one, "origin": self.origin} for one in self.places.written.values()]
        return {"inputs": self.inputs, "inputs_before": self.inputs_before, "items": self.items, "written": written}

    def _begin_with(self, create: Any) -> None:
        if not any(map(is_item, create.values)):
            return
        self.inputs_before += len(create.values)
        if self.pruned:
            create.values = prune(create.values)
        self.inputs += len(create.values)
        self.items += [describe_item(item) for item in create.values if is_item(item) and isinstance(item[1], str)]
        self.origin = next((url for _, url in create.values if isinstance(url, str)), self.origin)
        self.counters.totals["open"] = self.inputs

    def _count(self, elements: Any, function: Any, place: str, *more: int) -> Any:
        self._counted += 1
        step = beam.Map(function, self.counters.pipe, place, *more).with_output_types(elements.element_type)
        return elements | f"count {place} {self._counted}" >> step


def build(recipe: Any, order: dict[str, Any], counters: Counters) -> Pipeline:
    """Build the pipeline of a recipe."""
    options = PipelineOptions(
        [], direct_running_mode=order["mode"], direct_num_workers=order["workers"], save_main_session=False, auto_unique_labels=True
    )
    pipeline = Pipeline(options, Places.of(order), counters, pruned=order["pruned"])
    # The parts of a chain one after the other, so that its steps have short names.
    reduce(operator.or_, getattr(recipe, "_parts", (recipe,)), pipeline)
    return pipeline
