"""Opening what a catalogue leads to: one function for assets, Items, Collections, their addresses, and stores themselves."""

from __future__ import annotations

import json
import posixpath
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from pangeo_forge.errors import TargetError, UsageError
from pangeo_forge.settings import Settings
from pangeo_forge.types import redact_url

if TYPE_CHECKING:
    import xarray as xr

    from pangeo_forge.plans.plan import Target
    from pangeo_forge.plans.products import Origin

#: A JSON file that is larger is no STAC object.
_LARGEST = 50_000_000


def open(  # noqa: A001  (what it is called as `pangeo_forge.open`)
    what: Any,
    *,
    asset: str | None = None,
    storage_options: Mapping[str, Any] | None = None,
    source_options: Mapping[str, Any] | None = None,
) -> xr.Dataset:
    """Open a dataset with xarray, lazily: Zarr, Icechunk and kerchunk's references, on a disk, HTTP(S) or an object store.

    Parameters
    ----------
    what : asset, Item, Collection, str, Path or dict
        A STAC asset, Item or Collection, as pystac and pystac-client have them, as a dictionary, or by its path or URL; or the path or
        URL of a store. A Collection opens as its newest version.
    asset : str, optional
        Which asset of an Item or a Collection; by default the first with data that can be read from here.
    storage_options : mapping, optional
        fsspec's, for the store, such as the keys that its asset only names. What is not given is as fsspec is configured.
    source_options : mapping, optional
        Where the store is one of references: fsspec's options of the file system that the files are on.

    Raises
    ------
    UsageError
        If it leads to no dataset.
    TargetError
        If there is none where it leads to, or it is one of references that lie elsewhere, and lead to files of this machine.

    Examples
    --------
    >>> import pangeo_forge as pf
    >>> ds = pf.open("catalog/sst/collection.json")
    """
    from pangeo_forge.catalog.faces.face import known_options
    from pangeo_forge.catalog.stac.assets import find_indexing

    record, base = _read(what, storage_options or {})
    if record is None:
        return _open_store(base, storage_options or {}, source_options or {})
    chosen = _choose(record, asset, base, storage_options or {})
    told = known_options(chosen)
    place, options = _resolve(str(chosen["href"]), base), {**told, **(storage_options or {})}
    decoding = find_indexing(chosen)
    if str(chosen.get("type", "")).endswith("+icechunk"):  # on a web server nothing but this says what it is
        return _open_icechunk(place, options, source_options or {}, chosen.get("version"), **decoding)
    return _open_store(place, options, source_options or {}, **decoding)


def _read(what: Any, options: Mapping[str, Any]) -> tuple[Mapping[str, Any] | None, str]:
    """Read what was given: a STAC object, and what its addresses are relative to; or None, and the place of a store.

    On an object store it is read with the options of the store.
    """
    if isinstance(what, Mapping):
        return what, _find_self(what)
    if isinstance(what, str | Path):
        place = str(what)
        return _fetch(place, options) if urlsplit(place).path.endswith((".json", ".geojson")) else None, place
    if hasattr(what, "to_dict"):
        owner = getattr(what, "owner", None)
        base = (owner or what).get_self_href() if hasattr(owner or what, "get_self_href") else None
        return what.to_dict(), base or ""
    raise UsageError(
        f"a {type(what).__name__} cannot be opened",
        hint="Give a STAC asset, Item or Collection, its path or URL, or the path or URL of a store.",
    )


def _find_self(record: Mapping[str, Any]) -> str:
    links = record.get("links") or ()
    return next((str(link["href"]) for link in links if link.get("rel") == "self"), "")


def _fetch(place: str, options: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Read a STAC object; None if the file is something else, such as references."""
    import fsspec

    from pangeo_forge.plans.reach import name_protocol

    is_in_a_bucket = name_protocol(place) not in ("file", "http", "https")
    filesystem, path = fsspec.url_to_fs(place, **(options if is_in_a_bucket else {}))
    try:
        if (filesystem.info(path).get("size") or 0) > _LARGEST:
            return None
        record = json.loads(filesystem.cat_file(path))
    except FileNotFoundError:
        raise TargetError("there is nothing to open", where=redact_url(place)) from None
    except ValueError as error:
        raise UsageError(f"{redact_url(place)} is no JSON: {error}") from None
    return record if isinstance(record, dict) and ("stac_version" in record or record.get("type") == "Feature") else None


def _choose(record: Mapping[str, Any], asset: str | None, base: str, options: Mapping[str, Any]) -> Mapping[str, Any]:
    """Choose an asset: the record itself, if it is one."""
    if "href" in record and "assets" not in record:
        return record
    assets: Mapping[str, Mapping[str, Any]] = record.get("assets") or {}
    name = record.get("id") or redact_url(base) or "what was given"
    if asset is not None and asset not in assets:
        raise UsageError(f"{name} has no asset {asset!r}", hint=f"It has {', '.join(assets) or 'none'}.")
    data = [key for key, each in assets.items() if "data" in (each.get("roles") or ())]
    if asset is None and not data:
        raise UsageError(f"{name} has no asset with data", hint=f"Name one with asset=: {', '.join(assets)}." if assets else None)
    return assets[asset] if asset is not None else _prefer([assets[key] for key in data], base, options)


def _prefer(data: Sequence[Mapping[str, Any]], base: str, options: Mapping[str, Any]) -> Mapping[str, Any]:
    """Prefer the first way to the data that can be gone here: not to a path that is not there, nor with credentials that were not given."""
    return next((each for each in data if _can_be_gone(each, base, options)), data[0])


def _can_be_gone(asset: Mapping[str, Any], base: str, options: Mapping[str, Any]) -> bool:
    place = _resolve(str(asset["href"]), base)
    if "://" not in place:
        return Path(place).exists()
    return bool(options) or "…" not in (asset.get("xarray:storage_options") or {}).values()


def _resolve(href: str, base: str) -> str:
    """Make an address whole that is relative to the object that has it."""
    if "://" in href or Path(href).is_absolute() or not base:
        return href
    if "://" not in base:
        return str(Path(base).parent / href)
    if base.startswith(("http://", "https://")):
        return urljoin(base, href)
    protocol, _, path = base.partition("://")
    return f"{protocol}://{posixpath.normpath(posixpath.join(posixpath.dirname(path), href))}"


def _open_icechunk(
    place: str, options: Mapping[str, Any], source_options: Mapping[str, Any], snapshot: str | None, **decoding: Any
) -> xr.Dataset:
    from pangeo_forge.plans.plan import Target
    from pangeo_forge.plans.products import Icechunk

    return Icechunk(_make_origin(place, source_options), snapshot).open(Target(place.rstrip("/"), dict(options)), **decoding, **_lazily())


def _open_store(place: str, options: Mapping[str, Any], source_options: Mapping[str, Any], **decoding: Any) -> xr.Dataset:
    from pangeo_forge.plans.plan import Target
    from pangeo_forge.plans.products import Zarr, recognize

    target = Target(place.rstrip("/"), dict(options))
    product = recognize(target, _make_origin(place, source_options))
    if product is None:
        raise TargetError("there is something else than a dataset", where=redact_url(place))
    if isinstance(product, Zarr):
        decoding["consolidated"] = _is_consolidated(target)
    return product.open(target, **decoding, **_lazily())


def _make_origin(place: str, source_options: Mapping[str, Any]) -> Origin:
    """Say how far references are followed: those that lie elsewhere lead to no files of this machine."""
    from pangeo_forge.plans.products import Origin
    from pangeo_forge.plans.reach import ELSEWHERE, Reach, make_roots, name_protocol

    if name_protocol(place) == "file":
        return Origin(options=source_options)
    return Origin(options=source_options, reach=Reach((*ELSEWHERE.roots, *make_roots(*Settings.load().references_to))))


def _lazily() -> dict[str, Any]:
    return {"chunks": {}} if find_spec("dask") else {}


def _is_consolidated(target: Target) -> bool:
    """Whether a Zarr store has the metadata of all its arrays in one place; xarray warns where it has to find out."""
    from pangeo_forge.plans.targets import filesystem_of

    filesystem, path = filesystem_of(target)
    if not filesystem.exists(f"{path}/zarr.json"):
        return bool(filesystem.exists(f"{path}/.zmetadata"))
    return json.loads(filesystem.cat_file(f"{path}/zarr.json")).get("consolidated_metadata") is not None
