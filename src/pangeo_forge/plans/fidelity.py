"""Encoding values as a store that is there already packs them, and refusing what would come back as something else."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr
from xarray import conventions
from xarray.coders import CFDatetimeCoder

from pangeo_forge.errors import UserError
from pangeo_forge.plans.reading import encode
from pangeo_forge.plans.schema import PACKING, Array, is_time

#: Times that are stored as floating-point numbers are right to this.
_TIME_TOLERANCE = np.timedelta64(1, "s")


def encode_faithfully(name: str, values: xr.Variable, dtype: np.dtype[Any], attrs: Mapping[str, Any], where: str | None = None) -> Array:
    """Pack decoded values as `attrs` say, which are those of a store that is there already.

    Parameters
    ----------
    name, values, dtype, attrs
        As for `encode`.
    where : str, optional
        The input that the values are of, for an error to name.

    Raises
    ------
    UserError
        If what is read back would not be the values, to the precision that the packing has.
    """
    packing = {key: attrs[key] for key in PACKING if key in attrs and (key not in ("units", "calendar") or is_time(attrs))}
    if is_time(attrs) and values.dtype.kind not in "mMO" and not _counts_alike(values.attrs, attrs):
        raise UserError(
            f"the times of {name!r} are numbers, and not counted as in the dataset: {attrs['units']!r}",
            where=where,
            hint="Let xarray decode them (without decode_times=False), so that they can be counted anew.",
        )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what xarray warns of is what is looked for below
        encoded = encode(name, values, dtype, attrs)
        if dtype.kind == "O":
            return encoded
        lost = find_lost(values, _decode(name, values, encoded, packing), dtype, packing)
    if lost.any():
        example = np.asarray(values.values)[lost].reshape(-1)[0]
        shown = ", ".join([str(dtype), *(f"{key} {value}" for key, value in packing.items())])
        count = f"{np.count_nonzero(lost):,} of the values of {name!r}"
        raise UserError(
            f"{count} cannot be expressed as the dataset packs them ({shown}), such as {example}",
            where=where,
            hint="Bring them in line in preprocess, or bake a new dataset of all files.",
        )
    return encoded


def _counts_alike(a: Mapping[str, Any], b: Mapping[str, Any]) -> bool:
    return a.get("units") == b.get("units") and a.get("calendar", "standard") == b.get("calendar", "standard")


def _decode(name: str, values: xr.Variable, encoded: Array, packing: Mapping[str, Any]) -> xr.Variable:
    """Decode what was encoded to the kind of values that it was made of."""
    if values.dtype.kind not in "mMO":
        packing = {key: value for key, value in packing.items() if key not in ("units", "calendar")}
    coder = CFDatetimeCoder(use_cftime=values.dtype.kind == "O")
    return conventions.decode_cf_variable(name, xr.Variable(values.dims, encoded, dict(packing)), decode_times=coder)


def find_lost(values: xr.Variable, back: xr.Variable, dtype: np.dtype[Any], packing: Mapping[str, Any]) -> Array:
    """Say of each value whether it is not what is read back, to the precision of the packing: array of bool."""
    a, b = np.asarray(values.values), np.asarray(back.values)
    missing = np.asarray(values.isnull().values) & np.asarray(back.isnull().values)
    if a.dtype.kind in "mMO":
        if a.dtype.kind != b.dtype.kind:
            return np.ones(a.shape, dtype=bool)
        tolerance = _TIME_TOLERANCE if dtype.kind == "f" else np.timedelta64(0, "s")
        apart = np.abs((a - b)[~missing]).astype("m8[us]") > tolerance
        lost = np.zeros(a.shape, dtype=bool)
        lost[~missing] = apart
        return lost
    scale = abs(float(np.asarray(packing["scale_factor"]).reshape(-1)[0])) if "scale_factor" in packing else 0.0
    if dtype.kind in "iu" and not scale:
        return np.asarray(~(missing | (a == b)))
    rtol = 4 * float(np.finfo(dtype).eps) if dtype.kind == "f" else 1e-6
    return np.asarray(~np.isclose(a, b, rtol=rtol, atol=0.5 * scale if dtype.kind in "iu" else 0.0, equal_nan=True))
