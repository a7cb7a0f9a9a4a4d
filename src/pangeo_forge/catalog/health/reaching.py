"""Whether something is there at all, and whether a browser may read it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from pangeo_forge.catalog.health.executing import tell
from pangeo_forge.catalog.health.findings import Finding
from pangeo_forge.catalog.health.web_servers import Answer, ask
from pangeo_forge.types import redact_url

#: What a store has that can be asked for, by the end of its media type; one of them is enough.
_DOCUMENTS: dict[str, tuple[str, ...]] = {
    "+icechunk": ("/repo", "/config.yaml", "/refs/branch.main/ref.json"),
    "+kerchunk": ("", "/.zmetadata"),
    "version=2": ("/.zmetadata", "/.zgroup"),
}
_OF_ZARR_3 = ("/zarr.json",)

_GONE = "Put it back, or describe what is there anew with `pangeo-forge catalog create`."
_MAKE = "Make the catalogue again."
_ALLOW = "Let the server allow all origins: Access-Control-Allow-Origin: *."


def is_web(href: str) -> bool:
    """Whether a place is on a web server."""
    return href.startswith(("http://", "https://"))


def reach(asset: Mapping[str, Any], options: Mapping[str, Any]) -> list[Finding]:
    """Ask for what a store begins with: nothing is found if it is there, and readers of all kinds may have it."""
    href, media = str(asset["href"]).rstrip("/"), str(asset.get("type", ""))
    documents = next((names for end, names in _DOCUMENTS.items() if media.endswith(end)), _OF_ZARR_3)
    if is_web(href):
        return _ask_server(href, documents, in_parts=media.endswith("+icechunk"))
    return _ask_filesystem(href, documents, options)


def reach_file(href: str, options: Mapping[str, Any]) -> list[Finding]:
    """Ask for a file that lies beside a dataset, such as a picture of it: the data can be used without."""
    found = _ask_server(href, ("",), in_parts=False) if is_web(href) else _ask_filesystem(href, ("",), options)
    lost = [finding for finding in found if finding.check == "reach" and finding.weight == "broken"]
    return [replace(finding, weight="degraded", message=f"a file beside the data: {finding.message}", hint=_MAKE) for finding in lost]


def _ask_server(href: str, documents: tuple[str, ...], *, in_parts: bool) -> list[Finding]:
    where, answer = redact_url(href), Answer(0, "nothing was asked")
    for name in documents:
        answer = ask(f"{href}{name}")
        if answer.is_there or answer.status != 404:
            break
    if not answer.is_there:
        hint = _GONE if answer.status in (404, 410) else "Ask whoever keeps the server."
        return [Finding(check="reach", weight="broken", message=answer.reason, where=where, hint=hint)]
    if answer.is_page:
        message = "the server gives a page for people where data should be, such as one to log in"
        return [Finding(check="reach", weight="broken", message=message, where=where, hint="Make the data readable without logging in.")]
    found = []
    if not answer.is_open:
        message = "pages of other sites may not read it: the server sends no Access-Control-Allow-Origin"
        found.append(Finding(check="browser", weight="degraded", message=message, where=where, hint=_ALLOW))
    if in_parts and not answer.in_parts:
        found.append(lacks_ranges(where))
    return found


def lacks_ranges(where: str) -> Finding:
    """Say that a server gives whole files only, to whom parts are needed."""
    message = "the server gives no parts of files (Range requests), which reading this needs"
    return Finding(check="browser", weight="degraded", message=message, where=where, hint="Use a server that answers Range requests.")


def _ask_filesystem(href: str, documents: tuple[str, ...], options: Mapping[str, Any]) -> list[Finding]:
    import fsspec

    where = redact_url(href)
    try:
        filesystem, root = fsspec.url_to_fs(href, **options)
        if any(filesystem.exists(f"{root}{name}") for name in documents):
            return []
        return [Finding(check="reach", weight="broken", message=_say_what_is_there(filesystem, root), where=where, hint=_GONE)]
    except Exception as error:  # each file system has exceptions of its own
        hint = "See that keys are at hand, in the file system's own configuration."
        return [
            Finding(check="reach", weight=_weigh(error), message=f"it cannot be reached: {tell(error, options)}", where=where, hint=hint)
        ]


def _say_what_is_there(filesystem: Any, root: str) -> str:
    exists: Callable[[str], bool] = filesystem.exists
    return "the store has no metadata any more" if exists(root) else "there is nothing any more"


def _weigh(error: Exception) -> Any:
    """Without a package or keys nothing is known of the store."""
    return "unknown" if isinstance(error, ImportError | ValueError) or "credentials" in type(error).__name__.lower() else "broken"
