"""Combining the references of many inputs into one set by kerchunk, which is stopped where it would combine them wrongly without a word."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pangeo_forge.errors import InputsDisagree, RecipeFailed
from pangeo_forge.plans.blaming import blamed_on_recipe
from pangeo_forge.plans.kerchunk.places import Input, check_places, is_read
from pangeo_forge.plans.kerchunk.scanning import References, as_text, read_json
from pangeo_forge.types import redact_url

#: What must be the same in all inputs of a variable that is concatenated, since the result says it once.
_OF_ARRAY = ("chunks", "dtype", "compressor", "filters", "order", "fill_value")
_OF_ATTRS = ("_ARRAY_DIMENSIONS", "scale_factor", "add_offset", "_FillValue", "missing_value", "_Unsigned", "units", "calendar")
#: And of a coordinate, whose values are compared as they are stored.
_OF_COORDINATE = ("scale_factor", "add_offset", "_Unsigned", "calendar")


@dataclass(frozen=True)
class Merge:
    """How the references of inputs are combined: the parameters of `kerchunk.combine.MultiZarrToZarr`, with their meaning there.

    Parameters
    ----------
    concat_dims : tuple of str
        Along which the inputs follow one another, in the order of the coordinates' values.
    identical_dims : tuple of str
        Variables that are the same in all inputs.
    coo_map : mapping
        Where the values of a concat dimension are found; by default in the variable of its name.
    coo_dtypes : mapping
        The types of coordinates.
    preprocess, postprocess : callable, optional
        The recipe's own changes: of each input's references, in place, and of the combined ones, returned.
    """

    concat_dims: tuple[str, ...]
    identical_dims: tuple[str, ...] = ()
    coo_map: Mapping[str, Any] = field(default_factory=dict)
    coo_dtypes: Mapping[str, Any] = field(default_factory=dict)
    preprocess: Callable[[References], Any] | None = None
    postprocess: Callable[[References], References] | None = None

    @property
    def selectors(self) -> dict[str, Any]:
        """Where the values of each concat dimension are found."""
        default = {name: "VARNAME" if name == "var" else f"data:{name}" for name in self.concat_dims}
        return {**default, **self.coo_map}

    @property
    def read(self) -> tuple[str, ...]:
        """The variables whose values are needed to combine inputs."""
        return tuple(selector.partition(":")[2] for selector in self.selectors.values() if is_read(selector))

    @property
    def changes(self) -> bool:
        """Whether the recipe changes references."""
        return self.preprocess is not None or self.postprocess is not None

    def __call__(self, inputs: Iterable[Input]) -> References:
        """Combine.

        Raises
        ------
        InputsDisagree
            If the inputs do not fit together.
        RecipeFailed
            If a function of the recipe fails, or a coordinate is not found.
        """
        prepared = [(url, self.prepare(url, refs)) for url, refs in inputs]
        check_alike(prepared, self.concat_dims, self.identical_dims)
        merged = self._merge(prepared, self._mend_units(prepared))
        if self.postprocess is None:
            return merged
        with blamed_on_recipe(self.postprocess, prepared[0][0]):
            return as_text(self.postprocess(merged))

    def prepare(self, url: str, refs: References) -> References:
        """Give an input's references as the recipe changes them."""
        refs = dict(refs)
        if self.preprocess is not None:
            with blamed_on_recipe(self.preprocess, url):
                self.preprocess(refs)
        return refs

    def _mend_units(self, prepared: Sequence[Input]) -> dict[str, Any]:
        """Have times compared as times where inputs count them from different days."""
        mended = self.selectors
        for name, selector in self.selectors.items():
            if not (isinstance(selector, str) and selector == f"data:{name}"):
                continue
            units = {read_json(refs, f"{name}/.zattrs").get("units") for _, refs in prepared}
            if len(units) > 1 and all(isinstance(unit, str) and " since " in unit for unit in units):
                _check_no_bounds(name, prepared)
                mended[name] = f"cf:{name}"
        return mended

    def _merge(self, prepared: Sequence[Input], selectors: dict[str, Any]) -> References:
        from kerchunk.combine import MultiZarrToZarr

        placed = _Placed(prepared)
        combine = MultiZarrToZarr(
            [url for url, _ in prepared],
            indicts=[{"version": 1, "refs": refs} for _, refs in prepared],
            concat_dims=list(self.concat_dims),
            coo_map={name: _Blamed(selector) if callable(selector) else selector for name, selector in selectors.items()},
            coo_dtypes=dict(self.coo_dtypes),
            identical_dims=list(self.identical_dims),
            inline_threshold=0,  # What is small is kept already since the inputs were scanned.
            out=placed,
        )
        try:
            with warnings.catch_warnings():
                warnings.filterwarnings("ignore", message="Concatenated coordinate")  # It has one value where there is one input.
                refs = as_text(combine.translate()["refs"])
        except KeyError as error:
            raise RecipeFailed(
                f"the inputs have no variable {error.args[0]!r} along which their references could be combined",
                where=redact_url(prepared[0][0]),
                hint="Name a dimension whose coordinate is in the files, or say by coo_map where its values are.",
            ) from error
        for name, selector in selectors.items():
            if is_read(selector):
                check_places(name, selector, prepared, combine.coos[name], self.coo_dtypes.get(name))
        return refs


def check_alike(prepared: Sequence[Input], concat_dims: Sequence[str], identical: Sequence[str]) -> None:
    """Make sure that what is said once of a concatenated variable is true of all inputs.

    Raises
    ------
    InputsDisagree
        If it is not.
    """
    known: dict[str, tuple[str, dict[str, Any]]] = {}
    for url, refs in prepared:
        for name, traits in _concatenated(refs, concat_dims, identical):
            first, expected = known.setdefault(name, (url, traits))
            odd = next((key for key in expected if traits[key] != expected[key]), None)
            if odd is not None:
                raise InputsDisagree(
                    f"variable {name!r} has {odd} {traits[odd]!r}, and {expected[odd]!r} in {redact_url(first)}: "
                    "references keep the bytes of files as they are, so that all must be stored alike",
                    where=redact_url(url),
                    hint="Write these files to Zarr instead, or leave the variable out by a preprocess function.",
                )


def _concatenated(refs: References, concat_dims: Sequence[str], identical: Sequence[str]) -> Iterable[tuple[str, dict[str, Any]]]:
    names = [key.removesuffix("/.zarray") for key in refs if key.endswith("/.zarray")]
    attrs = {name: read_json(refs, f"{name}/.zattrs") for name in names}
    dimensions = {dim for of_variable in attrs.values() for dim in of_variable.get("_ARRAY_DIMENSIONS", ())}
    for name in names:
        along = set(concat_dims) & set(attrs[name].get("_ARRAY_DIMENSIONS", ()))
        if name in identical or (name in dimensions and not along):
            continue
        if name in concat_dims:
            yield name, {key: attrs[name].get(key) for key in _OF_COORDINATE}
            continue
        array = read_json(refs, f"{name}/.zarray")
        yield name, {**{key: array.get(key) for key in _OF_ARRAY}, **{key: attrs[name].get(key) for key in _OF_ATTRS}}


def _check_no_bounds(name: str, prepared: Sequence[Input]) -> None:
    """Refuse bounds of times that are counted from different days: their values stay as they are in the files."""
    for url, refs in prepared:
        bounds = read_json(refs, f"{name}/.zattrs").get("bounds")
        if bounds and f"{bounds}/.zarray" in refs:
            raise InputsDisagree(
                f"{name!r} counts from another day in each input, and the values of {bounds!r} with it, which references cannot mend",
                where=redact_url(url),
                hint=f"Leave {bounds!r} out: preprocess=kerchunk.combine.drop({bounds!r}).",
            )


@dataclass(frozen=True)
class _Blamed:
    """A function of the recipe that kerchunk calls with the number of an input, its Zarr group, the name of a coordinate and the URL."""

    function: Callable[..., Any]

    def __call__(self, number: int, group: Any, name: str, url: str) -> Any:
        with blamed_on_recipe(self.function, url):
            return self.function(number, group, name, url)


class _Placed(dict[str, Any]):
    """Combined references, in which every chunk has one place and every place one chunk."""

    def __init__(self, prepared: Sequence[Input]) -> None:
        super().__init__()
        self._prepared = prepared

    def __setitem__(self, key: str, ref: Any) -> None:
        if key in self and not key.rpartition("/")[2].startswith(".z") and self[key] != ref:
            raise self._explain(key, self[key], ref)
        super().__setitem__(key, ref)

    def _explain(self, key: str, *refs: Any) -> InputsDisagree:
        urls = [next((redact_url(url) for url, own in self._prepared if ref in own.values()), "an input") for ref in refs]
        return InputsDisagree(
            f"variable {key.rpartition('/')[0]!r}: a chunk of this input and one of {urls[0]} have the same place",
            where=urls[1],
            hint="Do the inputs hold the same steps, or are their lengths no multiple of their chunks? Write them to Zarr instead.",
        )
