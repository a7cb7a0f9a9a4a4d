"""What a plan makes: how it is recognized, opened and told of, by the kind of store that it is."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol

import xarray as xr

from pangeo_forge.errors import TargetError, TargetExists, UserError
from pangeo_forge.plans.plan import Target
from pangeo_forge.plans.reach import Reach, telling_refusals
from pangeo_forge.plans.targets import ZarrFormat, filesystem_of, is_local, with_numcodecs, writing
from pangeo_forge.types import redact_url

#: So many bytes of a file are looked at to tell whether it holds references.
_START = 4096
_SMALL = 1_000_000


class Product(Protocol):
    """A kind of store that holds one dataset."""

    #: What the name of a dataset of this kind ends with, where nobody chose another.
    suffix: ClassVar[str]

    @property
    def title(self) -> str:
        """What it is called in a sentence: ``Zarr version 3``."""
        ...

    def open(self, target: Target, **decoding: Any) -> xr.Dataset:
        """Open the dataset lazily and without Dask; `decoding` is what `xarray.open_dataset` is given."""
        ...

    def snippet(self, target: Target) -> str:
        """Write the code that opens the dataset, an ellipsis for each secret."""
        ...


@dataclass(frozen=True, slots=True)
class Origin:
    """Where the files are that a dataset of references leads to.

    Parameters
    ----------
    url : str
        Of one of them: the others are on the same file system.
    options : mapping
        fsspec's options of that file system.
    reach : Reach, optional
        How far references are followed; by default wherever they lead, which is right for none but those that one wrote oneself.
    """

    url: str = ""
    options: Mapping[str, Any] = field(default_factory=dict, repr=False)
    reach: Reach | None = None

    @property
    def protocol(self) -> str:
        """The file system's name."""
        scheme, separator, _ = self.url.partition("://")
        return "file" if not separator or scheme == "local" else scheme

    @property
    def is_local(self) -> bool:
        """Whether the files are on this machine."""
        return self.protocol == "file"


@dataclass(frozen=True, slots=True)
class Zarr:
    """A Zarr store that holds all values itself."""

    suffix: ClassVar[str] = ".zarr"
    format: ZarrFormat = 3

    @property
    def title(self) -> str:
        """What it is called in a sentence."""
        return f"Zarr version {self.format}"

    def open(self, target: Target, **decoding: Any) -> xr.Dataset:
        """Open the dataset lazily and without Dask."""
        options = None if is_local(target) else dict(target.storage_options)
        dataset: xr.Dataset = xr.open_zarr(target.url.removeprefix("file://"), **{"chunks": None, "storage_options": options, **decoding})
        return dataset

    def snippet(self, target: Target) -> str:
        """Write the code that opens the dataset."""
        options = f", storage_options={hide(target.storage_options)}" if target.storage_options else ""
        return f'import xarray as xr\n\nds = xr.open_zarr("{target.url}"{options})'


@dataclass(frozen=True, slots=True)
class _Kerchunk:
    """References in the form of kerchunk, which lead to chunks in the inputs."""

    origin: Origin = field(default_factory=Origin)

    def open(self, target: Target, **decoding: Any) -> xr.Dataset:
        """Open the dataset lazily and without Dask."""
        with needing_virtual():
            import kerchunk.codecs  # noqa: F401  (registers the codecs that references may name)
            from kerchunk.utils import refs_as_store
        options = {} if is_local(target) else {"target_options": dict(target.storage_options)}
        url = target.url.removeprefix("file://")
        with telling_refusals():
            store = refs_as_store(url, **self._lead(target), **options)
            dataset: xr.Dataset = xr.open_zarr(store, **{"chunks": None, "zarr_format": 2, "consolidated": False, **decoding})
        return dataset

    def _lead(self, target: Target) -> dict[str, Any]:
        """Say to fsspec's file system of references by what the files are read."""
        if self.origin.reach is not None:
            from pangeo_forge.plans.references.confined import make_systems

            return {"fs": make_systems(self.origin.reach, self.origin.options, target)}
        # Without a URL of an input the references themselves say which protocol theirs is.
        return {"remote_protocol": self.origin.protocol if self.origin.url else None, "remote_options": dict(self.origin.options)}

    def snippet(self, target: Target) -> str:
        """Write the code that opens the dataset."""
        options: dict[str, Any] = {}
        if not self.origin.is_local:
            options |= {"remote_protocol": self.origin.protocol}
        if self.origin.options:
            options |= {"remote_options": hide(self.origin.options)}
        if target.storage_options:
            options |= {"target_options": hide(target.storage_options)}
        given = f", storage_options={options}" if options else ""
        return f'import xarray as xr\n\nds = xr.open_dataset("{target.url}", engine="kerchunk"{given})'


@dataclass(frozen=True, slots=True)
class KerchunkJson(_Kerchunk):
    """References of kerchunk in one JSON file."""

    suffix: ClassVar[str] = ".json"

    @property
    def title(self) -> str:
        """What it is called in a sentence."""
        return "references (kerchunk, JSON)"


@dataclass(frozen=True, slots=True)
class KerchunkParquet(_Kerchunk):
    """References of kerchunk in a folder of Parquet files."""

    suffix: ClassVar[str] = ".parquet"

    @property
    def title(self) -> str:
        """What it is called in a sentence."""
        return "references (kerchunk, Parquet)"


@dataclass(frozen=True, slots=True)
class Icechunk:
    """An Icechunk repository whose virtual chunks lie in the inputs, as one of its snapshots is or, by default, its main branch."""

    suffix: ClassVar[str] = ".icechunk"
    origin: Origin = field(default_factory=Origin)
    snapshot: str | None = None

    @property
    def title(self) -> str:
        """What it is called in a sentence."""
        return "references (Icechunk)"

    def open(self, target: Target, **decoding: Any) -> xr.Dataset:
        """Open the dataset lazily and without Dask."""
        with needing_virtual():
            from pangeo_forge.plans.references import icechunk
        store = icechunk.open_store(target, self.origin, self.snapshot)
        with with_numcodecs():
            dataset: xr.Dataset = xr.open_zarr(store, **{"chunks": None, "zarr_format": 3, "consolidated": False, **decoding})
        return dataset

    def snippet(self, target: Target) -> str:
        """Write the code that opens the dataset."""
        from pangeo_forge.plans.references.snippets import write_icechunk_snippet

        return write_icechunk_snippet(target, self.origin)


def hide(options: Mapping[str, Any]) -> dict[str, Any]:
    """Put an ellipsis for each of a file system's options: any of them may be a secret."""
    return dict.fromkeys(options, "…")


class needing_virtual:  # noqa: N801  (a context manager, named as what it says)
    """Say which extra is missing where a package is that references need."""

    def __enter__(self) -> None: ...

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if isinstance(error, ImportError):
            raise UserError(
                f"references need packages that are not installed: {error}", hint="Install them: pip install 'pangeo-forge[virtual]'."
            ) from error


def recognize(target: Target, origin: Origin | None = None) -> Product | None:
    """Say what kind of dataset is at a place, or None if it is none that is known.

    Parameters
    ----------
    target : Target
        The place.
    origin : Origin, optional
        Where the files are that references would lead to.

    Raises
    ------
    TargetError
        If there is nothing.
    """
    filesystem, path = filesystem_of(target)
    origin = origin or Origin()
    found = _recognize_folder(filesystem, path, origin)
    if found is not None:
        return found
    if not filesystem.exists(path):  # which says nothing of folders on a web server
        raise TargetError("there is no dataset", where=redact_url(target.url))
    return KerchunkJson(origin) if filesystem.isfile(path) and holds_references(filesystem, path) else None


def _recognize_folder(filesystem: Any, path: str, origin: Origin) -> Product | None:
    if filesystem.exists(f"{path}/zarr.json"):
        return Zarr(3)
    if filesystem.exists(f"{path}/.zgroup"):
        return Zarr(2)
    if filesystem.exists(f"{path}/.zmetadata"):
        return KerchunkParquet(origin) if "record_size" in json.loads(filesystem.cat_file(f"{path}/.zmetadata")) else Zarr(2)
    if filesystem.exists(f"{path}/snapshots") and any(filesystem.exists(f"{path}/{name}") for name in ("refs", "repo")):
        return Icechunk(origin)
    return None


def check_place(target: Target, *, overwrite: bool) -> None:
    """Make sure that a dataset may be written at the target. Nothing is removed: an old dataset goes when a new one is begun.

    Raises
    ------
    TargetExists
        If something is there and `overwrite` is false, or if it is no dataset.
    """
    filesystem, path = filesystem_of(target)
    with writing(target):
        if not filesystem.exists(path) or (filesystem.isdir(path) and not filesystem.ls(path)):
            return
        if recognize(target) is None:
            raise TargetExists(
                "there is something at the target that is not a dataset of pangeo-forge's",
                where=redact_url(target.url),
                hint="Choose another target; it is not removed, not even with --overwrite.",
            )
        if not overwrite:
            raise TargetExists(
                "there is a dataset at the target already",
                where=redact_url(target.url),
                hint="Replace it with --overwrite, or choose another place with --target.",
            )


def holds_references(filesystem: Any, path: str) -> bool:
    """Whether a file begins as references of kerchunk do; not all servers give parts of small files."""
    size = filesystem.info(path).get("size") or 0
    start: bytes = filesystem.cat_file(path) if size <= _SMALL else filesystem.cat_file(path, end=_START)
    return start.lstrip()[:1] == b"{" and (b'"refs"' in start or b'".zgroup"' in start or b'/.zarray"' in start)
