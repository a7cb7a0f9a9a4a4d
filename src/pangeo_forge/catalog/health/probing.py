"""Looking at one way to a dataset as a reader takes it: is it there, does the snippet open it, can values be read.

What lies there was made by anybody, so that whatever is raised is a fact about it, and is told as one.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pangeo_forge.catalog.health import chunks, executing
from pangeo_forge.catalog.health.findings import Executed, Finding, Look, Weight
from pangeo_forge.catalog.health.reaching import is_web, lacks_ranges, reach, reach_file
from pangeo_forge.catalog.health.web_servers import ask
from pangeo_forge.catalog.sources.finding import Walk
from pangeo_forge.plans.reach import Reach, ReferenceRefused, find_refusal
from pangeo_forge.types import redact_url

if TYPE_CHECKING:
    import xarray as xr
    import zarr

#: What is said where a package is not there, or is older than what a snippet asks of it.
_NOT_HERE = ("unrecognized engine", "module 'icechunk' has no attribute")

_BAKE_AGAIN = "Bake the dataset again, or restore it from a copy."


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """A way to be looked at.

    Parameters
    ----------
    asset : mapping
        The STAC asset.
    options : mapping
        fsspec's, with the secrets that the asset does not tell.
    chunks : tuple of str
        The chunks that were there before.
    expected : tuple of str
        The names of the variables that the catalogue tells of.
    fingerprint : str
        What told, when it was described, when it has changed; empty where that is not known.
    beside : tuple of (str, mapping)
        The places of files beside the data, such as pictures, each with fsspec's options.
    reach : Reach, optional
        How far references are followed; by default wherever they lead.
    refusal : ReferenceRefused, optional
        Why not even the dataset is opened.
    """

    asset: Mapping[str, Any]
    options: Mapping[str, Any] = field(default_factory=dict, repr=False)
    chunks: tuple[str, ...] = ()
    expected: tuple[str, ...] = ()
    fingerprint: str = ""
    beside: tuple[tuple[str, Mapping[str, Any]], ...] = field(default=(), repr=False)
    reach: Reach | None = None
    refusal: ReferenceRefused | None = None

    @property
    def href(self) -> str:
        """Where it leads."""
        return str(self.asset["href"])

    @property
    def is_zarr(self) -> bool:
        """Whether it leads to a plain Zarr store, all of whose chunks are objects in it."""
        return str(self.asset.get("type", "")).startswith("application/vnd.zarr;")

    def find(self, check: Any, weight: Weight, message: str, hint: str | None = None) -> Finding:
        """Make a finding about it."""
        return Finding(check=check, weight=weight, message=message, where=redact_url(self.href), hint=hint)


def probe(way: Way, begin: Callable[[str], None]) -> Look:
    """Look at all of a way; `begin` is told what is begun."""
    if way.refusal:
        return Look(findings=(_tell_refusal(way, way.refusal),), executed=Executed(fault=way.refusal.message))
    begin("asking whether it is there")
    found = reach(way.asset, way.options)
    worst = next((finding for finding in found if finding.check == "reach"), None)
    if worst:
        return Look(findings=tuple(found), executed=Executed(fault=worst.message))
    begin("executing its snippet")
    ds, executed, failed = open_by_snippet(way)
    if ds is None:
        return Look(findings=(*found, *failed), executed=executed)
    begin("reading values")
    with ds:
        present, missed = look_for_chunks(way, ds)
        found += [*missed, *_compare(way, ds), *_read_values(way, ds), *_see_whether_it_changed(way)]
        if is_web(way.href) and way.is_zarr:
            found += _ask_for_parts(way, ds, present)
    begin("asking for the files beside it")
    found += [finding for href, options in way.beside for finding in reach_file(href, options)]
    return Look(findings=tuple(found), executed=executed, chunks=present)


def look_when_made(way: Way) -> Look:
    """Execute the snippet of a way that has just been described, and see which chunks are there; nothing is read."""
    ds, executed, found = open_by_snippet(way)
    if ds is None:
        return Look(findings=tuple(found), executed=executed)
    with ds:
        present, _ = look_for_chunks(way, ds)  # none is there of a dataset all of whose values are those for missing ones
    return Look(executed=executed, chunks=present)


def open_by_snippet(way: Way) -> tuple[xr.Dataset | None, Executed | None, list[Finding]]:
    """Execute a way's snippet, and give the dataset; if it fails, find out whether it is the snippet or the store that is broken."""
    snippet = executing.find_snippet(way.asset)
    if snippet is None:
        return None, None, [way.find("snippet", "unknown", "there is no code that opens it")]
    try:
        _check_leave(way)
        with warnings.catch_warnings(action="ignore"):  # a reader sees them, and has the dataset all the same
            ds = executing.execute(snippet.code, way.options, way.reach, way.href)
    except executing.NotGiven as error:
        fault = f"{error}, which a reader has to bring"
        return None, Executed(fault=fault), [way.find("snippet", "unknown", fault, "Give them in fsspec's configuration.")]
    except Exception as error:
        fault = executing.tell(error, way.options)
        if refusal := find_refusal(error):
            return None, Executed(fault=refusal.message), [_tell_refusal(way, refusal)]
        if isinstance(error, ImportError) or any(said in fault for said in _NOT_HERE):
            hint = "Install its newest version: pip install --upgrade 'pangeo-forge[all]'."
            return (
                None,
                Executed(fault=fault),
                [way.find("snippet", "unknown", f"it needs a package, or a version of one, that is not here: {fault}", hint)],
            )
        return None, Executed(fault=fault), [_blame(way, fault)]
    return ds, Executed(worked=executing.now()), []


def _check_leave(way: Way) -> None:
    """Make sure that the files of this machine may be read which a snippet gives Icechunk the leave to read."""
    if way.reach is not None:
        for prefix in way.asset.get("pangeo_forge:leads_to") or ():
            way.reach.check_prefix(str(prefix))


def _tell_refusal(way: Way, refusal: ReferenceRefused) -> Finding:
    return way.find("open", "unknown", refusal.message, refusal.hint)


def _blame(way: Way, fault: str) -> Finding:
    try:
        with warnings.catch_warnings(action="ignore"), _open_otherwise(way):
            return way.find("snippet", "broken", f"the snippet fails, and the store itself opens: {fault}", "Make the catalogue again.")
    except Exception:
        return way.find("open", "broken", f"it does not open: {fault}", _BAKE_AGAIN)


def _open_otherwise(way: Way) -> xr.Dataset:
    from pangeo_forge.plans.plan import Target
    from pangeo_forge.plans.products import Origin, recognize

    target = Target(way.href.rstrip("/"), dict(way.options))
    product = recognize(target, Origin(reach=way.reach))
    if product is None:
        raise LookupError("there is something else than a dataset")
    return product.open(target)


def look_for_chunks(way: Way, ds: xr.Dataset) -> tuple[tuple[str, ...], list[Finding]]:
    """Look for a few chunks of a Zarr store. One that is not there reads as missing values, without an error."""
    if not way.is_zarr:
        return (), []
    import fsspec

    names = chunks.choose_variables(ds)
    try:
        keys = chunks.name_chunks(_open_group(way), names)
        filesystem, root = fsspec.url_to_fs(way.href.rstrip("/"), **way.options)
        present = chunks.find_present(filesystem, root, keys)
        is_empty = bool(keys) and not present and not is_web(way.href) and not chunks.holds_any(filesystem, root, names)
    except Exception as error:
        return (), [way.find("values", "broken", f"chunks cannot be looked for: {executing.tell(error, way.options)}")]
    gone = [key for key in way.chunks if key not in present and key in keys]
    if gone:
        message = f"chunks that were there are gone or empty, and read as missing values: {_list(gone)}"
        return present, [way.find("values", "broken", message, _BAKE_AGAIN)]
    if is_empty:
        message = f"there are no chunks: they are lost, or all values of {_list(names)} are the fill value"
        return present, [way.find("values", "degraded", message, _BAKE_AGAIN)]
    return present, []


def _open_group(way: Way) -> zarr.Group:
    import zarr

    return zarr.open_group(way.href, mode="r", storage_options=dict(way.options) or None)


def _compare(way: Way, ds: xr.Dataset) -> list[Finding]:
    lost = [name for name in way.expected if name not in ds.variables]
    if not lost:
        return []
    return [way.find("open", "broken", f"variables that the catalogue tells of are gone: {_list(lost)}", _BAKE_AGAIN)]


def _see_whether_it_changed(way: Way) -> list[Finding]:
    """See whether its metadata are those that were described; web servers do not list them."""
    if not way.fingerprint or is_web(way.href):
        return []
    import fsspec

    there = Walk(*fsspec.url_to_fs(way.href.rstrip("/"), **way.options)).find()
    if there is None or there.fingerprint == way.fingerprint:
        return []
    message = "it has been written again since it was described"
    return [way.find("catalogue", "degraded", message, "Describe it anew: `pangeo-forge catalog create`.")]


def _read_values(way: Way, ds: xr.Dataset) -> list[Finding]:
    found = []
    for name in chunks.choose_variables(ds):
        try:
            if not chunks.read_ends(ds[name]):
                size = chunks.LARGEST // 1_000_000
                found.append(way.find("values", "note", f"values of {name} were not read: its chunks are larger than {size} MB"))
        except Exception as error:
            if refusal := find_refusal(error):
                return [_tell_refusal(way, refusal)]
            message = f"values of {name} cannot be read: {executing.tell(error, way.options)}"
            found.append(way.find("values", "broken", message, _BAKE_AGAIN))
    return found


def _ask_for_parts(way: Way, ds: xr.Dataset, present: tuple[str, ...]) -> list[Finding]:
    """Chunks that lie together in a shard are read in parts of it."""
    sharded = [key for key in present if ds[key.partition("/")[0]].encoding.get("shards")] if present else []
    if not sharded or ask(f"{way.href.rstrip('/')}/{sharded[0]}").in_parts:
        return []
    return [lacks_ranges(redact_url(way.href))]


def _list(names: list[str], most: int = 4) -> str:
    return ", ".join(names[:most]) + (f", … ({len(names)})" if len(names) > most else "")
