"""From a dataset that was found to its entry: it is opened, described, and asked what its authors say of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any

import xarray as xr

from pangeo_forge.catalog.describing.attributes import clean_text
from pangeo_forge.catalog.describing.dataset import describe
from pangeo_forge.catalog.describing.indexing import takes_indexes
from pangeo_forge.catalog.entry import About, Entry, Way
from pangeo_forge.catalog.sources.finding import Found
from pangeo_forge.catalog.sources.licences import find_license
from pangeo_forge.errors import TargetError
from pangeo_forge.plans.plan import Target
from pangeo_forge.plans.products import Origin, Product, recognize
from pangeo_forge.plans.reach import Reach, telling_refusals

#: What a dataset's own attributes may say, by the conventions of CF and of ACDD 1.3.
_DESCRIPTIONS = ("summary", "description", "abstract", "comment")
#: Options of file systems that are no secrets.
_SHOWN = ("anon", "endpoint_url", "region_name", "requester_pays")

_MAKERS = ("institution", "creator_institution", "creator_name")


def read_entry(
    found: Found,
    dataset_id: str,
    url: str,
    storage_options: Mapping[str, Any],
    product: Product | None = None,
    reach: Reach | None = None,
) -> Entry:
    """Open a dataset and make its entry.

    Parameters
    ----------
    found : Found
    dataset_id : str
        What it is called in the catalogue.
    url : str
        Its place as a reader names it.
    storage_options : mapping
        fsspec's, to open it here. They may hold secrets, so the entry only names them.
    product : Product, optional
        What knows how it is opened, where it is no Zarr store.
    reach : Reach, optional
        How far references are followed; by default wherever they lead.

    Raises
    ------
    ReferenceRefused
        If they lead further.
    TargetError
        If it holds no variables.
    """
    consolidated = found.format == "zarr" and _is_consolidated(url, storage_options)
    opener = _make_opener(found, url, storage_options, consolidated, product, reach)
    with telling_refusals(), opener(decode_cf=False, create_default_indexes=False) as ds:  # as it is stored
        if not ds.variables:
            raise TargetError(_say_empty(found, url, storage_options))
        description = describe(ds)
        indexed = takes_indexes(ds)
        about = read_about(ds, found.name)
    snapshot, leads_to = _look_into(url, storage_options) if found.format == "icechunk" else (None, [])
    made = datetime.fromtimestamp(found.modified, UTC) if found.modified else datetime.now(UTC)
    way = Way(
        key="data",
        href=url,
        format=found.format,
        zarr_format=found.zarr_format,
        consolidated=consolidated,
        storage_options=show_options(storage_options),
        snapshot=snapshot,
        leads_to=leads_to,
        indexed=indexed,
    )
    return Entry(
        id=dataset_id,
        version=made.strftime("%Y%m%dT%H%M%SZ"),
        created=made.strftime("%Y-%m-%dT%H:%M:%SZ"),
        description=description,
        about=about,
        ways=[way],
    )


def _say_empty(found: Found, url: str, storage_options: Mapping[str, Any]) -> str:
    """Say what there is instead of variables: a tree of groups is no dataset."""
    if found.format != "zarr":
        return "it holds no variables"
    import zarr

    names = sorted(zarr.open_group(url, mode="r", storage_options=dict(storage_options) or None).group_keys())
    told = f", but {len(names)} groups ({', '.join(names[:4])}{', …' if len(names) > 4 else ''}), which are not catalogued" if names else ""
    return f"it holds no variables itself{told}"


def show_options(options: Mapping[str, Any]) -> dict[str, Any]:
    """Give a file system's options as everybody may see them: where it is and whether it is open to all, and else the names only."""
    shown = {name: value if name in _SHOWN and isinstance(value, bool | str) else "…" for name, value in options.items()}
    client = options.get("client_kwargs")
    return {**shown, "client_kwargs": show_options(client)} if isinstance(client, Mapping) else shown


def read_about(ds: xr.Dataset, name: str) -> About:
    """Read what a dataset's attributes say of it; what they do not say is made of its name."""
    attrs = {str(key).lower(): clean_text(str(value)).strip() for key, value in ds.attrs.items() if isinstance(value, str)}
    title = attrs.get("title") or name.rpartition("/")[2].removesuffix(".zarr")
    description = next((attrs[key] for key in _DESCRIPTIONS if attrs.get(key)), "") or title
    maker = next((attrs[key] for key in _MAKERS if attrs.get(key)), None)
    written = attrs.get("license", "")
    return About(
        title=title,
        description=description,
        keywords=[word.strip() for word in re.split(r"[,;>]", attrs.get("keywords", "")) if word.strip()],
        providers=[{"name": maker, "roles": ["producer"]}] if maker else [],
        license=find_license(written),
        license_title=written or None,
        license_url=written if written.startswith(("https://", "http://")) else None,
        citation=attrs.get("citation") or None,
    )


def _make_opener(
    found: Found, url: str, storage_options: Mapping[str, Any], consolidated: bool, product: Product | None, reach: Reach | None
) -> Callable[..., xr.Dataset]:
    if found.format == "zarr":
        options: dict[str, Any] = {"storage_options": dict(storage_options)} if storage_options else {}
        return partial(xr.open_dataset, url, engine="zarr", chunks=None, consolidated=consolidated, **options)
    target = Target(url, storage_options)
    known = product or recognize(target, Origin(reach=reach))
    if known is None:
        raise TargetError("this is no dataset that is known", where=url)
    return partial(known.open, target)


def _look_into(url: str, storage_options: Mapping[str, Any]) -> tuple[str, list[str]]:
    from pangeo_forge.plans.references.icechunk import find_newest

    return find_newest(Target(url, storage_options))


def _is_consolidated(url: str, storage_options: Mapping[str, Any]) -> bool:
    import zarr

    group = zarr.open_group(url, mode="r", storage_options=dict(storage_options) or None)
    return group.metadata.consolidated_metadata is not None
