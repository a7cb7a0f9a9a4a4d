"""Icechunk repositories of references. Icechunk keeps threads of its own, so that nothing may be forked once it was used."""

from __future__ import annotations

import itertools
import os
import shutil
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

import fsspec.config
import icechunk
import numpy as np
import zarr
from zarr.core.sync import sync

from pangeo_forge.errors import UserError
from pangeo_forge.plans.plan import Target
from pangeo_forge.plans.products import Origin
from pangeo_forge.plans.references.snippets import NO_CREDENTIALS
from pangeo_forge.plans.schema import Array
from pangeo_forge.plans.targets import encode_attrs, is_local, remove
from pangeo_forge.types import redact_url

if TYPE_CHECKING:
    from pangeo_forge.plans.references.writing import Content


# That a disk is not safe for several writers is no news: one task writes, once.
icechunk.set_logs_filter("error")


def open_store(target: Target, origin: Origin, snapshot: str | None = None) -> Any:
    """Open a snapshot, by default the newest of the main branch, for reading, chunks in the inputs included."""
    storage = make_storage(target)
    config = icechunk.Repository.fetch_config(storage)
    prefixes = list((config.virtual_chunk_containers or {}) if config else ())
    if origin.reach is not None:
        for prefix in prefixes:
            origin.reach.check_prefix(prefix)
    repository = icechunk.Repository.open(storage, authorize_virtual_chunk_access=_credentials(prefixes, origin))
    session = repository.readonly_session(snapshot_id=snapshot) if snapshot else repository.readonly_session("main")
    return session.store


def find_newest(target: Target) -> tuple[str, list[str]]:
    """Give the id of the newest snapshot of the main branch, and what the URLs of virtual chunks begin with."""
    storage = make_storage(target)
    config = icechunk.Repository.fetch_config(storage)
    return icechunk.Repository.open(storage).lookup_branch("main"), sorted((config.virtual_chunk_containers or {}) if config else ())


def write_icechunk(content: Content, target: Target, origin: Origin) -> None:
    """Commit to a repository, which is made if it is not there; what it held stays in its history, for those who know the snapshot."""
    from pangeo_forge.plans.references.writing import make_virtual, write_values

    joined = [replace(array, paths=_escape(array.paths)) for array in content.joined]
    prefixes = sorted(set(itertools.chain.from_iterable(_prefixes(array.paths) for array in joined)))
    containers = {prefix: icechunk.VirtualChunkContainer(prefix, _container_store(prefix, origin)) for prefix in prefixes}
    repository = _open_for_writing(target, containers, _credentials(prefixes, origin))
    session = repository.writable_session("main")
    sync(session.store.clear())
    if joined:
        # A file that is changed later is not read any more: its chunks may lie elsewhere, or mean something else.
        make_virtual(joined).vz.to_icechunk(session.store, last_updated_at=datetime.now(UTC) + timedelta(seconds=1))
    group = zarr.open_group(session.store, mode="a", zarr_format=3)
    for array in content.joined:
        group[array.variable.name].attrs.update(encode_attrs(array.variable.attrs, array.variable.dtype, 3))
    write_values(group, content, 3)
    session.commit("Write references")


def _open_for_writing(
    target: Target, containers: Mapping[str, icechunk.VirtualChunkContainer], credentials: dict[str, Any]
) -> icechunk.Repository:
    """Open a repository, or make one where there is none; the containers are added to those that its older snapshots need.

    None is added within one that is there: readers of the older snapshots have leave for that one only.
    """
    storage = make_storage(target)
    there = icechunk.Repository.exists(storage)
    config = (icechunk.Repository.fetch_config(storage) if there else None) or icechunk.RepositoryConfig.default()
    known = tuple(config.virtual_chunk_containers or {})
    for prefix, container in containers.items():
        if prefix in known or not prefix.startswith(known):
            config.set_virtual_chunk_container(container)
    if not there:
        storage = make_storage(target, create=True)
        return icechunk.Repository.create(storage, config=config, authorize_virtual_chunk_access=credentials)
    repository = icechunk.Repository.open(storage, config=config, authorize_virtual_chunk_access=credentials)
    repository.save_config()
    return repository


def make_storage(target: Target, *, create: bool = False) -> icechunk.Storage:
    """Say in Icechunk's terms where a repository is; if it is to be made, nothing is left there.

    Raises
    ------
    UserError
        If Icechunk cannot keep a repository on such a file system.
    """
    if is_local(target):
        path = Path(target.url.removeprefix("file://"))
        if create:
            shutil.rmtree(path, ignore_errors=True)
        return icechunk.local_filesystem_storage(str(path))
    parts = urlsplit(target.url)
    if parts.scheme in ("s3", "s3a"):
        if create:
            remove(target)
        return icechunk.s3_storage(bucket=parts.netloc, prefix=parts.path.strip("/") or None, **_s3_place(target.storage_options))
    make_http: Any = getattr(icechunk, "http_storage", None)  # which Icechunk 2 has
    if parts.scheme in ("http", "https") and not create and make_http:
        storage: icechunk.Storage = make_http(target.url)
        return storage
    raise UserError(
        f"Icechunk repositories are not written to {parts.scheme!r}",
        where=redact_url(target.url),
        hint="Choose a target on this machine or on S3, or one of the formats of kerchunk.",
    )


def _prefixes(paths: Array) -> set[str]:
    """Name what all URLs begin with: a folder on this machine, a bucket, a server."""
    urls = {str(path) for path in paths.reshape(-1).tolist() if path}
    local = [url.removeprefix("file://") for url in urls if url.startswith("file://")]
    others = {f"{parts.scheme}://{parts.netloc}/" for url in urls if not url.startswith("file://") for parts in (urlsplit(url),)}
    if not local:
        return others
    return others | {f"file://{_plain_folder(local)}/"}


def _plain_folder(paths: list[str]) -> str:
    """Find the folder that all files are in; of its name what needs no escaping, since Icechunk takes a prefix literally.

    Raises
    ------
    UserError
        If that is none but the root of all, which Icechunk does not take.
    """
    folder = os.path.commonpath([str(PurePosixPath(path).parent) for path in paths])
    if "%" in folder:
        folder = folder.partition("%")[0].rpartition("/")[0]
    if not folder.strip("/"):
        raise UserError(
            "Icechunk cannot refer to files whose only common folder is the root of the file system",
            where=unquote(paths[0]),
            hint="Move the files together, or use format='kerchunk-json' or 'kerchunk-parquet'.",
        )
    return folder.rstrip("/")


def _escape(paths: Array) -> Array:
    """Write URLs of files on this machine as Icechunk reads them: escaped."""
    known: dict[str, str] = {"": ""}
    escaped = [
        known.setdefault(path, Path(path.removeprefix("file://")).as_uri() if path.startswith("file://") else path)
        for path in paths.reshape(-1).tolist()
    ]
    return np.array(escaped, dtype=np.dtypes.StringDType()).reshape(paths.shape)


def _container_store(prefix: str, origin: Origin) -> Any:
    parts = urlsplit(prefix)
    if parts.scheme == "file":
        return icechunk.local_filesystem_store(parts.path)
    if parts.scheme == "s3":
        place = _s3_place(origin.options)
        known = {name: place[name] for name in ("endpoint_url", "allow_http", "region", "force_path_style", "anonymous") if name in place}
        return icechunk.s3_store(s3_compatible="endpoint_url" in place, **known)
    if parts.scheme in ("http", "https"):
        _refuse_port(prefix)
        return icechunk.http_store({"allow_http": "true"} if parts.scheme == "http" else None)
    raise UserError(
        f"Icechunk cannot refer to files that are reached by {parts.scheme!r}",
        where=redact_url(prefix),
        hint="Use format='kerchunk-json' or 'kerchunk-parquet'.",
    )


def _refuse_port(prefix: str) -> None:
    if urlsplit(prefix).port is not None and icechunk.__version__.startswith("1."):
        raise UserError(
            "Icechunk 1 cannot refer to a server with a port: it takes the port for a part of another place",
            where=redact_url(prefix),
            hint="Python 3.12 and later have Icechunk 2, which can; or use format='kerchunk-json' or 'kerchunk-parquet'.",
        )


def _credentials(prefixes: list[str], origin: Origin) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for prefix in prefixes:
        # Icechunk 2 wants to be told in so many words that none are needed.
        scheme = prefix.partition("://")[0]
        found[prefix] = getattr(icechunk.credentials, NO_CREDENTIALS.get(scheme, ""), None)
        if prefix.startswith("s3://"):
            is_open = origin.reach is not None and not origin.options and origin.reach.is_anonymous(prefix)
            place = _s3_place({"anon": True} if is_open else origin.options)
            names = ("access_key_id", "secret_access_key", "session_token", "anonymous", "from_env")
            found[prefix] = icechunk.s3_credentials(**{name: place[name] for name in names if name in place})
    return icechunk.containers_credentials(found)


def _s3_place(options: Mapping[str, Any]) -> dict[str, Any]:
    """Say in Icechunk's terms what s3fs is told, here or by fsspec's configuration."""
    options = {**fsspec.config.conf.get("s3", {}), **options}
    client = dict(options.get("client_kwargs") or {})
    endpoint = options.get("endpoint_url") or client.get("endpoint_url")
    place: dict[str, Any] = {"region": client.get("region_name") or "us-east-1"}
    if endpoint:
        place |= {"endpoint_url": endpoint, "allow_http": endpoint.startswith("http://"), "force_path_style": True}
    if options.get("anon"):
        return place | {"anonymous": True}
    if options.get("key"):
        place |= {"access_key_id": options["key"], "secret_access_key": options.get("secret")}
        return place | ({"session_token": options["token"]} if options.get("token") else {})
    return place | {"from_env": True}
