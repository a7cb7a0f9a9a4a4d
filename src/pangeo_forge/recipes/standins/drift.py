"""What libraries no longer have or accept, answered for recipes of those years where the old meaning is plain.

Numpy 2, pandas 2 and 3, zarr 3 and xarray removed names and spellings that recipes use. In the scope of a recipe's code (see
`pangeo_forge.recipes.standins.scope`) these are there again; each that is used is noted once.
"""

from __future__ import annotations

import datetime
import importlib
import sys
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd

from pangeo_forge.recipes.remarks import remark
from pangeo_forge.recipes.standins import frequencies


def _number(name: str) -> Callable[[], Any]:
    return lambda: getattr(np, name)


def _open_rasterio() -> Any:
    return importlib.import_module("rioxarray").open_rasterio


def _store() -> Any:
    from fsspec.mapping import FSMap

    return FSMap


def _group() -> Any:
    import zarr

    return zarr.Group


#: By module and name: what it is called now, and how that is got.
GONE: Mapping[str, Mapping[str, tuple[str, Callable[[], Any]]]] = {
    "numpy": {
        **{
            old: (f"numpy.{new}", _number(new))
            for old, new in {
                "alltrue": "all",
                "cfloat": "complex128",
                "complex_": "complex128",
                "cumproduct": "cumprod",
                "float_": "float64",
                "in1d": "isin",
                "Inf": "inf",
                "Infinity": "inf",
                "infty": "inf",
                "NaN": "nan",
                "NAN": "nan",
                "PINF": "inf",
                "product": "prod",
                "round_": "round",
                "row_stack": "vstack",
                "singlecomplex": "complex64",
                "sometrue": "any",
                "string_": "bytes_",
                "trapz": "trapezoid",
                "unicode_": "str_",
            }.items()
        },
        **{
            kind.__name__: (f"the builtin {kind.__name__}", lambda kind=kind: kind)  # type: ignore[misc]
            for kind in (bool, complex, float, int, object, str)
        },
        "NINF": ("-numpy.inf", lambda: -np.inf),
        "asscalar": ("the array's item()", lambda: lambda array: array.item()),
    },
    "pandas": {
        "datetime": ("datetime.datetime", lambda: datetime.datetime),
        "np": ("numpy", lambda: np),
    },
    "xarray": {"open_rasterio": ("rioxarray.open_rasterio", _open_rasterio)},
    "zarr": {"DirectoryStore": ("a mapping of fsspec", _store)},
    "zarr.storage": dict.fromkeys(("BaseStore", "DirectoryStore", "FSStore", "Store"), ("a mapping of fsspec", _store)),
    "zarr.hierarchy": {"Group": ("zarr.Group", _group)},
}


def put_in_place() -> Callable[[], None]:
    """Let the libraries have what they had, and return what undoes it."""
    undoing = [_answer_for(sys.modules[name], gone) for name, gone in GONE.items() if name in sys.modules]
    undoing += [_replace(owner, name, function) for owner, name, function in _replacements()]

    def undo() -> None:
        for step in reversed(undoing):
            step()

    return undo


def _answer_for(module: ModuleType, gone: Mapping[str, tuple[str, Callable[[], Any]]]) -> Callable[[], None]:
    """Let a module answer for names that it no longer has, and return what undoes it."""
    before = vars(module).get("__getattr__")

    def answer(name: str) -> Any:
        if name not in gone:
            if before is not None:
                return before(name)
            raise AttributeError(f"module {module.__name__!r} has no attribute {name!r}")
        called, get = gone[name]
        remark(f"{module.__name__}.{name} is gone from {module.__name__.partition('.')[0]}: {called} is taken for it")
        return get()

    return _replace(module, "__getattr__", answer)


def _replacements() -> list[tuple[Any, str, Any]]:
    """Say what is put in place of what is there (or not): where it lies, its name, and the function."""
    import xarray as xr

    ranges: list[tuple[Any, str, Any]] = [(pd, name, getattr(frequencies, name)) for name in frequencies.RANGES]
    methods = [(kind, "resample", frequencies.resampling(kind)) for kind in (xr.Dataset, xr.DataArray)]
    frames = [(kind, "append", _append) for kind in (pd.DataFrame, pd.Series) if not hasattr(kind, "append")]
    pairs = [(kind, "iteritems", kind.items) for kind in (pd.DataFrame, pd.Series) if not hasattr(kind, "iteritems")]
    return [*ranges, (xr, "cftime_range", frequencies.cftime_range), *methods, *frames, *pairs]


def _append(self: Any, other: Any, ignore_index: bool = False, **_: Any) -> Any:
    """Add rows, as pandas did until 2.0."""
    remark("DataFrame.append and Series.append are gone from pandas: pandas.concat is taken for them")
    if isinstance(other, Mapping):
        other = pd.DataFrame([other])
    others = other if isinstance(other, list) else [other]
    return pd.concat([self, *others], ignore_index=ignore_index)


_MISSING = object()


def _replace(owner: Any, name: str, value: Any) -> Callable[[], None]:
    before = vars(owner).get(name, _MISSING)
    setattr(owner, name, value)
    return (lambda: delattr(owner, name)) if before is _MISSING else (lambda: setattr(owner, name, before))
