"""What went wrong in Beam's process, as an error of ours, chosen by who can act."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from pangeo_forge.errors import ForgeError, RecipeFailed, SourceError, SourceUnavailable, UserError, Where
from pangeo_forge.types import redact_text, redact_url

_SHOWN = "The traceback of the recipe's code is shown with --verbose."
_MISSING = ("FileNotFoundError",)
_QUOTED = re.compile(r"'(?P<path>[^']+)'$|^(?P<url>\S+)$")
_PASSING = ("ConnectionError", "ClientConnectionError", "ClientConnectorError", "ServerDisconnectedError", "TimeoutError")


def make_error(failure: Mapping[str, Any], requirements: str) -> ForgeError:
    """Make the error of a failure that Beam's process has described.

    Parameters
    ----------
    failure : mapping
        What `pangeo_forge_beam.failing.describe_failure` gave, and the ``phase``: ``import``, ``build`` or ``run``.
    requirements : str
        The file that says what is installed in the environment.
    """
    told = redact_text(f"{failure['type']}: {failure['message']}" if failure["message"] else failure["type"])
    detail = redact_text(failure["traceback"])
    where = Where(failure["file"], failure["line"]) if failure["file"] else None
    if failure["phase"] == "import":
        return _of_import(failure, told, where, detail, requirements)
    if where is not None:
        what = "the pipeline cannot be built" if failure["phase"] == "build" else f"{failure['function']} failed"
        return RecipeFailed(f"{what}: {told}", where=where, hint=_SHOWN, detail=detail)
    step = _last(failure["step"])
    if failure["type"] in _MISSING:
        named = _QUOTED.search(failure["message"])
        place = redact_url(named["path"] or named["url"]) if named else step
        return SourceError("there is no such file", where=place, detail=detail, hint="Check the URLs that the pattern makes.")
    if failure["type"] in _PASSING:
        return SourceUnavailable(f"the connection failed: {told}", where=step, detail=detail, hint="Try again later.")
    hint = "No code of the recipe was at work then, but what it makes of the inputs may not suit the step. --verbose shows the traceback."
    return RecipeFailed(f"Apache Beam failed: {told}", where=step, hint=hint, detail=detail)


def _of_import(failure: Mapping[str, Any], told: str, where: Where | None, detail: str, requirements: str) -> ForgeError:
    if failure["type"] == "ModuleNotFoundError":
        hint = f"Add the package to {requirements}."
        message = f"a module is not installed in the environment of Apache Beam: {redact_text(failure['message'])}"
        return UserError(message, where=where, hint=hint, detail=detail, code="PFR034")
    message = f"the recipe's module fails when it is imported with Apache Beam: {told}"
    return RecipeFailed(message, where=where, hint=_SHOWN, detail=detail, code="PFR041")


def _last(step: str | None) -> str | None:
    """Name a step as the recipe's author knows it: ``OpenWithXarray/Open with Xarray``."""
    return f"step {step!r}" if step else None
