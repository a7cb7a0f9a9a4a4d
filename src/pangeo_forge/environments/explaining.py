"""What uv says when it fails, shortened, with the line of ``requirements.txt`` that it is about."""

from __future__ import annotations

import re
from collections.abc import Iterable

from packaging.utils import canonicalize_name

from pangeo_forge.environments.wanted import Wanted
from pangeo_forge.errors import EngineError, ForgeError, Problem, UserError
from pangeo_forge.types import redact_text

_LONGEST = 500
_FRAME = re.compile(r"[│├╰╭─▶×]+")
_HINT = re.compile(r"\n\s*hint:")
_LABEL = re.compile(r"^\s*(?:error|cause|warning|Caused by):\s*", re.MULTILINE)
_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*[A-Za-z0-9]|[A-Za-z0-9]")
_NO_SOLUTION = "No solution found"
#: Said where a server cannot be reached; which one stands in the whole text.
_UNREACHABLE = re.compile(
    r"error sending request|dns error|tcp connect error|[Cc]onnection refused|Connection reset|[Nn]etwork is unreachable"
    r"|operation timed out|[Nn]etwork (?:connectivity is|was) disabled|failed to lookup address|Could not resolve host"
    r"|invalid peer certificate"
)
_ADDRESS = re.compile(r"(?:https?|ssh|git)://[^\s`'\")<>]+")
_NO_SPACE = re.compile(r"No space left on device")
_BUILD = re.compile(r"Failed to (?:build|download and build) `?(?P<what>[^`\n]+?)`?(?:\n|$)")

_NETWORK_HINT = (
    "Try again where there is a network. Without one, UV_FIND_LINKS can name a folder of packages, and --no-isolation takes what is there."
)


def is_unsolvable(said: str) -> bool:
    """Whether uv found that requirements exclude each other, or that something there is not."""
    return _NO_SOLUTION in said


def explain(said: str, wanted: Iterable[Wanted]) -> ForgeError:
    """Make an error of what uv said.

    Parameters
    ----------
    said : str
        All of its standard error.
    wanted : iterable of Wanted
        What it was asked for.
    """
    said = redact_text(said)
    asked = tuple(wanted)
    if _NO_SPACE.search(said):
        return EngineError("the recipe's environment cannot be built: no space is left on the disk", detail=said)
    if _UNREACHABLE.search(said):
        address = _ADDRESS.search(said)
        what = f"{address[0].rstrip('/.,)')} cannot be reached" if address else "there is no network"
        return EngineError(f"the recipe's environment cannot be built: {what}", hint=_NETWORK_HINT, detail=said)
    about = _find_lines(said, asked)
    where = about[0].where if about else None
    problems = tuple(Problem(f"asks for {one.shown}", one.where) for one in about if one.where is not None)
    if found := _BUILD.search(said):
        message = f"{found['what']} cannot be built, which requirements.txt asks for: {_last_words(said)}"
        return UserError(_cut(message), where=where, hint="--verbose shows all that the build said.", detail=said)
    message = f"the recipe's requirements cannot be met: {shorten(said)}"
    hint = "Mend requirements.txt; or bake with what is installed already by --no-isolation."
    return UserError(message, where=where, hint=hint, detail=said, problems=problems if len(problems) > 1 else ())


def shorten(said: str) -> str:
    """Give in one line what uv says of why: what follows its headline."""
    text = _FRAME.sub(" ", said)
    _, _, reason = text.partition("when resolving dependencies")
    reason = _HINT.split(reason or text, maxsplit=1)[0].lstrip(":")
    return _cut(" ".join(_LABEL.sub("", reason).split()))


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST].rsplit(' ', 1)[0]} …"


def _last_words(said: str) -> str:
    lines = [line.strip() for line in _FRAME.sub(" ", said).splitlines() if line.strip() and not line.strip().startswith("hint:")]
    return lines[-1] if lines else "it does not say why"


def _find_lines(said: str, wanted: tuple[Wanted, ...]) -> list[Wanted]:
    """Find which requirements a text names: in its own words first, then by their packages."""
    named = {canonicalize_name(word) for word in _WORD.findall(said)}
    written = [one for one in wanted if one.where is not None]
    by_text = [one for one in written if one.shown != one.name and one.shown in said]
    by_name = [one for one in written if one.name in named]
    return list({id(one): one for one in (*by_text, *by_name)}.values())
