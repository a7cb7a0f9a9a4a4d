"""Opening the files of an archive, wherever they are, and saying plainly why one cannot be opened."""

from __future__ import annotations

import io
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import urlsplit

import fsspec
import xarray as xr
from fsspec.compression import compr
from fsspec.implementations.local import LocalFileSystem
from fsspec.utils import infer_compression

from pangeo_forge.errors import SourceError
from pangeo_forge.plans.explaining import explained
from pangeo_forge.plans.stamps import Stamp, digest_file, digest_of, stamp_of, stamp_of_local
from pangeo_forge.types import redact_url

#: Options of `xarray.open_dataset` that say how values are decoded, not how the file is read.
DECODING = frozenset(
    {
        "mask_and_scale",
        "decode_times",
        "decode_timedelta",
        "use_cftime",
        "concat_characters",
        "decode_coords",
        "drop_variables",
        "decode_cf",
    }
)

_COPY_BLOCK = 1_000_000


@dataclass(frozen=True, slots=True)
class Fetching:
    """How a remote file is fetched.

    Parameters
    ----------
    whole_below : int
        A file of at most so many bytes is fetched whole, with one request.
    block : int
        Of a larger one blocks of so many bytes are fetched, when they are asked for.
    blocks : int
        So many blocks of a file are held at once.
    largest : int, optional
        No file has more bytes than this, so that none need be asked for its size; 0 if that is not known.
    """

    whole_below: int
    block: int
    blocks: int
    largest: int = 0


#: Headers are read from small blocks, since HDF5 scatters them over the file.
HEADER = Fetching(whole_below=400_000, block=256_000, blocks=32)


@dataclass(frozen=True, slots=True)
class Access:
    """How the files of an archive are opened.

    Parameters
    ----------
    fsspec_options : mapping
        Options of the file system that the URLs are on.
    file_type : str, optional
        ``netcdf4``, ``netcdf3`` or ``zarr``; else it is found out from the first bytes.
    open_kwargs : mapping
        What `xarray.open_dataset` is given, decoding options included.
    compression : str, optional
        How whole files are compressed, as fsspec names it: ``gzip``, ``bz2``, ``xz``, ``zip``, ``infer``.
    """

    fsspec_options: Mapping[str, Any] = field(default_factory=dict, repr=False)
    file_type: str | None = None
    open_kwargs: Mapping[str, Any] = field(default_factory=dict)
    compression: str | None = None

    @property
    def reading(self) -> dict[str, Any]:
        """What of `open_kwargs` says how the file is read."""
        return {name: value for name, value in self.open_kwargs.items() if name not in DECODING}

    @property
    def decoding(self) -> dict[str, Any]:
        """What of `open_kwargs` says how values are decoded, in today's words."""
        decoding = {name: value for name, value in self.open_kwargs.items() if name in DECODING and name != "decode_cf"}
        use_cftime = decoding.pop("use_cftime", None)
        if use_cftime is not None and decoding.get("decode_times", True) is True:
            decoding["decode_times"] = xr.coders.CFDatetimeCoder(use_cftime=use_cftime)
        return decoding

    def decode(self, dataset: xr.Dataset) -> xr.Dataset:
        """Decode a dataset that `open_input` gave, as the recipe's author would see it."""
        if self.open_kwargs.get("decode_cf", True):
            return xr.decode_cf(dataset, **self.decoding)
        return dataset.drop_vars(self.decoding.get("drop_variables", ()), errors="ignore")


@dataclass(frozen=True, slots=True)
class OpenedFile:
    """A file while it is open: what it holds, undecoded and lazily, and which version of it that is, as far as it is known."""

    dataset: xr.Dataset
    stamp: Stamp = field(default_factory=Stamp)


@contextmanager
def open_input(url: str, access: Access, fetching: Fetching = HEADER) -> Iterator[OpenedFile]:
    """Open one file of an archive.

    Parameters
    ----------
    url : str
        Where it is.
    access : Access
        How it is opened.
    fetching : Fetching
        How it is fetched if it is remote.

    Raises
    ------
    SourceError
        If it is missing, refused, cut off, or not of a format that can be read.
    SourceUnavailable
        If trying again may help.
    """
    with ExitStack() as stack:
        with explained(url):
            opened = _open(url, access, fetching, stack)
        yield opened


def is_remote(url: str) -> bool:
    """Whether a URL is on a file system of another machine."""
    return "://" in url and not url.startswith(("file://", "local://", "memory://"))


def _open(url: str, access: Access, fetching: Fetching, stack: ExitStack) -> OpenedFile:
    if access.file_type == "zarr":
        options = dict(access.fsspec_options) or None
        dataset: xr.Dataset = xr.open_zarr(url, chunks=None, decode_cf=False, storage_options=options, **access.reading)
        return OpenedFile(stack.enter_context(dataset))
    if access.file_type == "opendap":
        return OpenedFile(
            stack.enter_context(xr.open_dataset(url, decode_cf=False, cache=False, **{"engine": "netcdf4", **access.reading}))
        )
    filesystem, path = fsspec.url_to_fs(url, **access.fsspec_options)
    if access.compression is not None:
        path, stamp = _decompress(filesystem, path, url, access.compression, stack)
        return OpenedFile(_open_local(path, url, access, stack), stamp)
    if isinstance(filesystem, LocalFileSystem):
        return OpenedFile(_open_local(path, url, access, stack), stamp_of_local(path))
    remote, stamp = _open_remote(filesystem, path, fetching, stack)
    return OpenedFile(open_stream(remote, url, access, stack), stamp)


def _open_local(path: str, url: str, access: Access, stack: ExitStack) -> xr.Dataset:
    with Path(path).open("rb") as file:
        engine = access.reading.get("engine") or find_engine(file, url)
    return _open_dataset(path, url, engine, access, stack)


def open_stream(file: BinaryIO, url: str, access: Access, stack: ExitStack) -> xr.Dataset:
    """Open a file that is open for reading; `url` says in messages which it is.

    The dataset and what it needs are closed with the stack.
    """
    engine = access.reading.get("engine") or find_engine(file, url)
    if engine == "h5netcdf":
        return _open_dataset(file, url, engine, access, stack)
    # The other engines read no file objects.
    local = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="pangeo-forge-"))) / (Path(urlsplit(url).path).name or "input")
    with local.open("wb") as copy:
        shutil.copyfileobj(file, copy, _COPY_BLOCK)
    return _open_dataset(str(local), url, engine, access, stack)


def open_file(url: str, access: Access, fetching: Fetching, stack: ExitStack) -> tuple[BinaryIO, Stamp]:
    """Open a file for its bytes, until `stack` is closed, and say which version of it that is, as far as it is known."""
    filesystem, path = fsspec.url_to_fs(url, **access.fsspec_options)
    if isinstance(filesystem, LocalFileSystem):
        return stack.enter_context(Path(path).open("rb")), stamp_of_local(path)
    return _open_remote(filesystem, path, fetching, stack)


def look_at(url: str, access: Access) -> Stamp:
    """Say which version of a file there is, without opening it."""
    filesystem, path = fsspec.url_to_fs(url, **access.fsspec_options)
    return stamp_of_local(path) if isinstance(filesystem, LocalFileSystem) else stamp_of(filesystem.info(path))


def _decompress(filesystem: Any, path: str, url: str, compression: str, stack: ExitStack) -> tuple[str, Stamp]:
    """Write what is in a compressed file to a local one, since no engine reads through a compression; the stamp is the compressed one's."""
    name = infer_compression(url) if compression == "infer" else compression
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="pangeo-forge-")))
    packed, plain = folder / "packed", folder / "input"
    filesystem.get_file(path, str(packed))
    stamp = _stamp_copy(packed)
    if isinstance(filesystem, LocalFileSystem):
        stamp = replace(stamp, modified=stamp_of_local(path).modified)
    if name is None:
        return str(packed), stamp
    with packed.open("rb") as source, compr[name](source, mode="rb") as content, plain.open("wb") as copy:
        shutil.copyfileobj(content, copy, _COPY_BLOCK)
    packed.unlink()
    return str(plain), stamp


def _open_remote(filesystem: Any, path: str, fetching: Fetching, stack: ExitStack) -> tuple[BinaryIO, Stamp]:
    """Open a remote file, and say which version of it that is, as far as it is known."""
    if 0 < fetching.largest <= fetching.whole_below:
        content = filesystem.cat_file(path)
        return io.BytesIO(content), Stamp(len(content))
    file, details = _look_into(filesystem, path, fetching, stack)
    stamp = stamp_of(details)
    if 0 < stamp.size <= fetching.whole_below:
        content = filesystem.cat_file(path)
        return io.BytesIO(content), replace(stamp, size=len(content), checksum=digest_of(content))
    if file is not None and file.seekable():
        return file, stamp
    # FTP cannot give parts of a file, nor can an HTTP server that knows no ranges.
    copy = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="pangeo-forge-"))) / "input"
    filesystem.get_file(path, str(copy))
    whole = _stamp_copy(copy)
    return stack.enter_context(copy.open("rb")), replace(stamp, size=whole.size, checksum=whole.checksum)


def _look_into(filesystem: Any, path: str, fetching: Fetching, stack: ExitStack) -> tuple[BinaryIO | None, Mapping[str, Any]]:
    """Open a file whose parts can be had, without asking for its details twice; of another kind give what details there are."""
    protocols = set(_protocols(filesystem))
    if {"ftp", "sftp"} & protocols:
        return None, {}
    options: dict[str, Any] = {
        "block_size": fetching.block,
        "cache_type": "blockcache",
        "cache_options": {"maxblocks": fetching.blocks},
    }
    if not {"http", "https"} & protocols:
        file = stack.enter_context(filesystem.open(path, "rb", **options))
        return file, getattr(file, "details", None) or {"size": getattr(file, "size", None)}
    # An open file of fsspec's HTTP has forgotten all but its size.
    details = filesystem.info(path)
    if not details.get("size") or not details.get("partial", True) or details["size"] <= fetching.whole_below:
        return None, details
    return stack.enter_context(filesystem.open(path, "rb", size=details["size"], **options)), details


def _stamp_copy(path: Path) -> Stamp:
    """Look at the copy of a file; its time is none of the file's."""
    with path.open("rb") as file:
        return Stamp(path.stat().st_size, checksum=digest_file(file))


def _protocols(filesystem: Any) -> tuple[str, ...]:
    protocol = filesystem.protocol
    return (protocol,) if isinstance(protocol, str) else tuple(protocol)


def _open_dataset(file: str | BinaryIO, url: str, engine: str, access: Access, stack: ExitStack) -> xr.Dataset:
    try:
        options = {**access.reading, "engine": engine}
        return stack.enter_context(xr.open_dataset(file, decode_cf=False, cache=False, create_default_indexes=False, **options))
    except OSError as error:
        if "truncated" in str(error) or "unexpectedly" in str(error):
            raise SourceError(
                "is cut off: the file is shorter than it says of itself",
                where=redact_url(url),
                detail=str(error),
                hint="Fetch it again, or ask the archive's keeper to mend it.",
            ) from error
        raise


def find_engine(file: BinaryIO, url: str) -> str:
    """Name the xarray engine for a file by its first bytes.

    Raises
    ------
    SourceError
        If the file is of no known type; the message says what it looks like instead.
    """
    start = file.read(512)
    file.seek(0)
    if start.startswith(b"\x89HDF\r\n\x1a\n"):
        return "h5netcdf"
    if start.startswith((b"CDF\x01", b"CDF\x02", b"CDF\x05")):
        return "netcdf4"
    if start.startswith(b"GRIB"):
        return "cfgrib"
    raise SourceError(
        f"is {_likeness(start)}, not NetCDF",
        where=redact_url(url),
        hint="Open the URL in a browser to see what the server sends; it may want a login."
        if _is_html(start)
        else "If it is of a type that xarray reads, name its engine: open_kwargs={'engine': …}.",
    )


def _is_html(start: bytes) -> bool:
    return start.lstrip()[:9].lower().startswith((b"<!doctype", b"<html"))


def _likeness(start: bytes) -> str:
    if not start:
        return "empty"
    if _is_html(start):
        return "an HTML page"
    if start.startswith(b"\x1f\x8b"):
        return "compressed with gzip"
    if start.startswith(b"PK\x03\x04"):
        return "a ZIP archive"
    return f"a file that starts with {start[:8]!r}"
