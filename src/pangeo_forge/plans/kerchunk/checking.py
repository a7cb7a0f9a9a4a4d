"""Is a dataset of references what it should be? It is opened as a user would open it, and compared with the inputs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr

from pangeo_forge.plans.checks import Findings, choose_cells
from pangeo_forge.plans.kerchunk.merging import Merge
from pangeo_forge.plans.kerchunk.scanning import References, Scan, open_references
from pangeo_forge.plans.opening import Access, open_input
from pangeo_forge.plans.plan import Target
from pangeo_forge.plans.products import Product
from pangeo_forge.types import redact_url


@dataclass(frozen=True)
class Check:
    """Check the dataset as a whole (task None), or against the input of a number."""

    scan: Scan
    merge: Merge
    product: Product
    target: Target

    def __call__(self, task: int | None) -> Findings:
        """Run one check."""
        with self.product.open(self.target) as dataset:
            return self._check_whole(dataset) if task is None else self._check_input(dataset, task)

    def _check_whole(self, dataset: xr.Dataset) -> Findings:
        wrong = [f"dimension {dim!r} is missing" for dim in self.merge.concat_dims if dim != "var" and dim not in dataset.dims]
        if not dataset.data_vars:
            wrong.append("it has no variables")
        return Findings(tuple(wrong))

    def _check_input(self, dataset: xr.Dataset, number: int) -> Findings:
        wrong, values = [], 0
        url = self.scan.url_of(number)
        for refs in self.scan(number)[number].references:
            with self._open(url, refs) as expected:
                place = _find_place(dataset, expected, self.merge.concat_dims)
                if place is None:
                    continue
                odd = [dim for dim, steps in place.items() if (steps < 0).any()]
                if odd:
                    wrong.append(f"coordinate {odd[0]!r} lacks values of {redact_url(url)}")
                    continue
                found, compared = _compare(dataset, expected, place, np.random.default_rng(number))
                wrong += [f"variable {name!r} differs from {redact_url(url)}" for name in found]
                values += compared
        return Findings(tuple(wrong), (), values)

    @contextmanager
    def _open(self, url: str, refs: References) -> Iterator[xr.Dataset]:
        """Open an input as its file is, or, where the recipe changes references or a file is several datasets, by its references."""
        if self.merge.changes or self.scan.is_grib(refs):
            with open_references(self.merge.prepare(url, refs), self.scan.fsspec_options) as dataset:
                yield dataset
            return
        with open_input(url, Access(self.scan.fsspec_options)) as opened:
            yield xr.decode_cf(opened.dataset)


def _find_place(dataset: xr.Dataset, expected: xr.Dataset, dims: tuple[str, ...]) -> dict[str, Any] | None:
    """Find the steps of an input in the dataset; None where the input does not say what its coordinates are."""
    place = {}
    for dim in dims:
        if dim == "var":
            continue
        if dim not in expected.variables or dim not in dataset.indexes:
            return None
        values: Any = np.atleast_1d(expected[dim].values)
        place[dim] = dataset.indexes[dim].get_indexer(values)
    return place


def _compare(dataset: xr.Dataset, expected: xr.Dataset, place: dict[str, Any], random: np.random.Generator) -> tuple[list[str], int]:
    """Compare some values of each variable, and name those that differ."""
    wrong, values = [], 0
    for name, variable in expected.variables.items():
        if name not in dataset.variables or name in dataset.dims:
            continue
        key = dict(zip(variable.dims, choose_cells(variable.shape, [dim in place for dim in variable.dims], random), strict=True))
        ours = variable.isel(key).load()
        theirs = dataset.variables[name].isel(
            {dim: steps[key.get(dim, slice(None))] for dim, steps in place.items() if dim in dataset.variables[name].dims}
            | {dim: cells for dim, cells in key.items() if dim not in place}
        )
        added = [dim for dim in theirs.dims if dim not in ours.dims]
        theirs = theirs.isel(dict.fromkeys(added, 0)).load()
        values += int(ours.size)
        equal: Any = ours.equals
        if not equal(theirs.transpose(*ours.dims)):
            wrong.append(str(name))
    return wrong, values
