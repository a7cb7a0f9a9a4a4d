"""Looking for a few chunks of a dataset, and reading them: the first and the last of some of its variables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import xarray as xr
    import zarr

#: Of so many variables chunks are looked at.
_VARIABLES = 4
#: Larger pieces are not read, bytes.
LARGEST = 64_000_000


def choose(names: Sequence[str]) -> list[str]:
    """Choose a few of many, from the first to the last."""
    if len(names) <= _VARIABLES:
        return list(names)
    return [names[round(number * (len(names) - 1) / (_VARIABLES - 1))] for number in range(_VARIABLES)]


def choose_variables(ds: xr.Dataset) -> list[str]:
    """Choose a few of a dataset's variables: of its data, or if it has none of its coordinates."""
    return choose(sorted(str(name) for name in ds.data_vars) or sorted(str(name) for name in ds.coords))


def name_chunks(group: zarr.Group, names: Sequence[str]) -> list[str]:
    """Name the objects of a store in which the first and the last chunk of some arrays lie."""
    return [key for name in names if name in group for key in _name_ends(group[name])]


def _name_ends(array: Any) -> Iterator[str]:
    if not all(array.shape):
        return
    lengths = array.shards or array.chunks
    last = tuple((size - 1) // length for size, length in zip(array.shape, lengths, strict=True))
    for place in dict.fromkeys([(0,) * len(last), last]):
        yield f"{array.path}/{array.metadata.encode_chunk_key(place)}".lstrip("/")


def find_present(filesystem: Any, root: str, keys: Sequence[str]) -> tuple[str, ...]:
    """Tell which objects of a store are there and hold anything."""

    def is_there(key: str) -> bool:
        try:
            size = filesystem.info(f"{root}/{key}").get("size")
        except FileNotFoundError:
            return False
        return size is None or size > 0

    if len(keys) < 2 or not getattr(filesystem, "async_impl", False):
        return tuple(key for key in keys if is_there(key))
    with ThreadPoolExecutor(8) as pool:  # each is a request to a server
        return tuple(key for key, there in zip(keys, pool.map(is_there, keys), strict=True) if there)


def holds_any(filesystem: Any, root: str, names: Sequence[str]) -> bool:
    """Tell whether there is any chunk of some arrays; the first that is met is enough."""
    files = (file for name in names for _, _, found in filesystem.walk(f"{root}/{name}") for file in found)
    return any(not file.startswith(".z") and file != "zarr.json" for file in files)


def read_ends(variable: xr.DataArray) -> bool:
    """Read the first and the last chunk of a variable; False if they are so large that they are not read.

    Raises
    ------
    Exception
        Whatever keeps them from being read.
    """
    if not variable.size:
        return True
    lengths = _lengths(variable)
    size = variable.dtype.itemsize
    for length in lengths.values():
        size *= length
    if size > LARGEST:
        return False
    first = {name: slice(0, length) for name, length in lengths.items()}
    last = {name: slice((variable.sizes[name] - 1) // length * length, None) for name, length in lengths.items()}
    for place in [first] if first == last else [first, last]:
        variable.isel(place).load(**_in_place(variable))
    return True


def _in_place(variable: xr.DataArray) -> dict[str, Any]:
    """Have Dask compute in this thread; a scheduler named would be looked for in distributed first, a second of imports."""
    if not variable.chunks:
        return {}
    from dask.local import get_sync

    return {"scheduler": get_sync}


def _lengths(variable: xr.DataArray) -> Mapping[str, int]:
    """Give the lengths of the pieces that are read at once."""
    preferred = variable.encoding.get("preferred_chunks") or {}
    stored = dict(zip(variable.dims, variable.encoding.get("chunks") or (), strict=False))
    sizes = variable.sizes
    return {str(name): max(1, min(int(preferred.get(name) or stored.get(name) or sizes[name]), sizes[name])) for name in variable.dims}
