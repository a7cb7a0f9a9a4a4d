"""Look at what Apache Beam has written: whether it is a dataset, and holds values."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import xarray as xr

from pangeo_forge.errors import CheckFailed, ForgeError
from pangeo_forge.plans import products
from pangeo_forge.plans.checks import has_value
from pangeo_forge.plans.plan import Target
from pangeo_forge.plans.products import Origin, Product, Zarr
from pangeo_forge.plans.targets import filesystem_of, is_local, open_group
from pangeo_forge.types import redact_text, redact_url


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen.

    Parameters
    ----------
    product : Product
        What it is.
    shown : str
        The dataset as xarray prints it.
    snippet : str
        The code that opens it.
    empty : tuple of str
        Variables in which no value was found.
    """

    product: Product
    shown: str
    snippet: str
    empty: tuple[str, ...] = ()


def look_at(place: Target, origin: Origin) -> Seen:
    """Open what was written as a user would, and look for values.

    Parameters
    ----------
    place : Target
        Where it was written.
    origin : Origin
        Where the inputs are, if it is references that lead to them.

    Raises
    ------
    CheckFailed
        If there is nothing, or it cannot be opened.
    """
    product = _recognize(place, origin)
    decoding = {"consolidated": False} if _lacks_summary(product, place) else {}
    if isinstance(product, Zarr) and _holds_groups(place):
        return _look_at_groups(place, product, decoding)
    with _explained(place), product.open(place, **decoding) as dataset:
        _refuse_nothing(len(dataset.variables), place)
        return Seen(product, repr(dataset), _write_snippet(product.snippet(place), decoding), find_empty(dataset))


def _recognize(place: Target, origin: Origin) -> Product:
    filesystem, path = filesystem_of(place)
    product = products.recognize(place, origin) if filesystem.exists(path) else None
    if product is None:
        raise CheckFailed(
            "the pipeline ran to its end, but there is no dataset at the target",
            where=redact_url(place.url),
            hint="A transform is told of the target if it takes `target_root`; one that stores by itself is not.",
        )
    return product


@contextmanager
def _explained(place: Target) -> Iterator[None]:
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="Consolidated metadata is currently not part")
            yield
    except ForgeError:
        raise
    except Exception as error:
        told = redact_text(f"{type(error).__name__}: {error}")
        raise CheckFailed(
            f"the dataset was written, but cannot be opened: {told}", where=redact_url(place.url), hint="Look at what the pipeline stores."
        ) from error


def _refuse_nothing(variables: int, place: Target) -> None:
    if not variables:
        hint = "If its groups hold some, consolidate the metadata when all is written."
        raise CheckFailed("the dataset was written, but xarray finds no variable in it", where=redact_url(place.url), hint=hint)


def _lacks_summary(product: Product, place: Target) -> bool:
    """Whether it is a Zarr store in which no object holds the metadata of all arrays; xarray would look for it, and warn."""
    filesystem, path = filesystem_of(place)
    return product == Zarr(2) and not filesystem.exists(f"{path}/.zmetadata")


def _write_snippet(snippet: str, decoding: Mapping[str, Any]) -> str:
    return f"{snippet.removesuffix(')')}, consolidated=False)" if decoding else snippet


def find_empty(dataset: xr.Dataset) -> tuple[str, ...]:
    """Name the variables in which no value is found that is not missing."""
    return tuple(
        f"variable {name!r} has no value: all that was looked at is missing"
        for name, variable in dataset.variables.items()
        if not has_value(variable, _chunks_of(variable))
    )


def _chunks_of(variable: xr.Variable) -> tuple[int, ...]:
    preferred = variable.encoding.get("preferred_chunks") or {}
    return tuple(int(preferred.get(dim, size)) for dim, size in variable.sizes.items())


def _holds_groups(place: Target) -> bool:
    group = open_group(place, "r")
    return not any(True for _ in group.array_keys()) and any(True for _ in group.group_keys())


def _look_at_groups(place: Target, product: Product, decoding: Mapping[str, Any]) -> Seen:
    """Look at a store of several datasets, such as the levels of a pyramid."""
    options = None if is_local(place) else dict(place.storage_options)
    url = place.url.removeprefix("file://")
    with _explained(place), xr.open_datatree(url, engine="zarr", chunks=None, storage_options=options, **decoding) as tree:
        _refuse_nothing(sum(len(node.variables) for node in tree.subtree), place)
        empty = tuple(f"group {node.path!r}: {text}" for node in tree.subtree for text in find_empty(node.to_dataset(inherit=False)))
        hidden = f", storage_options={products.hide(place.storage_options)}" if place.storage_options else ""
        snippet = f'import xarray as xr\n\ntree = xr.open_datatree("{place.url}", engine="zarr"{hidden})'
        return Seen(product, repr(tree), _write_snippet(snippet, decoding), empty)
