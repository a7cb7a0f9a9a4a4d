"""What a repository asks of the linter: ``[lint]`` in its ``pangeo-forge.toml``."""

from __future__ import annotations

import re
import tomllib
from dataclasses import replace
from typing import Any

from pangeo_forge.errors import UsageError, Where
from pangeo_forge.feedstocks.problems import nearest
from pangeo_forge.lint.drafts import Draft
from pangeo_forge.lint.files.folders import is_file_inside, read_file
from pangeo_forge.lint.options import Options
from pangeo_forge.lint.registry import find_rules

NAME = "pangeo-forge.toml"
_KEYS = ("select", "ignore")
_MAX_BYTES = 100_000
_HINT = 'Write `[lint]`, and under it `ignore = ["PFM034"]`.'


def configure(options: Options, draft: Draft) -> Options:
    """Add to options what the repository of a draft asks for; what the command line selects counts more.

    Raises
    ------
    UsageError
        If the file is not as it should be.
    """
    table, name = _read(draft)
    if not table:
        return options
    codes = {key: _codes(table.get(key, []), key, name) for key in _KEYS}
    unknown = [key for key in table if key not in _KEYS]
    if unknown:
        close = nearest(unknown[0], _KEYS)
        hint = f"Did you mean `{close}`?" if close else "There are `select` and `ignore`, both lists of codes."
        raise UsageError(f"[lint] has the unknown key `{unknown[0]}`", where=Where(name), hint=hint)
    return replace(options, select=options.select or codes["select"], ignore=(*options.ignore, *codes["ignore"]))


def _read(draft: Draft) -> tuple[dict[str, Any], str]:
    """Read the table from the file in the feedstock's folder, or else from the one at the repository's root."""
    for folder in (draft.folder, draft.root):
        place = folder / NAME
        if not is_file_inside(place, draft.root):
            continue
        shown = draft.show(NAME) if folder == draft.folder else place.as_posix()
        try:
            table = tomllib.loads(read_file(place, _MAX_BYTES).decode())
        except (OSError, ValueError, RecursionError) as error:
            raise UsageError(
                f"this is not valid TOML: {error}", where=Where(shown), hint="Write `[lint]` and under it `ignore = […]`."
            ) from error
        lint = table.get("lint", {})
        if not isinstance(lint, dict):
            raise UsageError("`lint` must be a table", where=Where(shown), hint=_HINT)
        return lint, shown
    return {}, NAME


def _codes(value: object, key: str, name: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(code, str) for code in value):
        raise UsageError(f"`{key}` must be a list of codes", where=Where(name), hint=f'Write `{key} = ["PFM034", "PFD"]`.')
    return read_codes(value, where=Where(name))


def read_codes(codes: list[str], *, where: Where | None = None) -> tuple[str, ...]:
    """Read codes, or beginnings of codes, separated by commas or not.

    Raises
    ------
    UsageError
        If no rule has such a code.
    """
    wanted = tuple(part.upper() for code in codes for part in re.split(r"[,\s]+", code) if part)
    known = [rule.code for rule in find_rules()]
    for code in wanted:
        if not any(name.startswith(code) for name in known):
            close = nearest(code, known)
            hint = f"Did you mean {close}? " if close else ""
            raise UsageError(f"no rule's code begins with {code!r}", where=where, hint=f"{hint}`--explain all` lists the rules.")
    return wanted
