"""Which fields of the Items are wanted, as STAC's extension *fields* has it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pangeo_forge.errors import UsageError

#: What an Item has if fields are asked for, but none are named that are to be there.
_USUALLY = (
    "type",
    "stac_version",
    "id",
    "collection",
    "geometry",
    "bbox",
    "links",
    "assets",
    "properties.datetime",
    "properties.start_datetime",
    "properties.end_datetime",
)


@dataclass(frozen=True, slots=True)
class Fields:
    """The fields that are wanted; dots lead inwards.

    Parameters
    ----------
    include : tuple of str, optional
        Without it all are there that are not excluded.
    exclude : tuple of str
        What is included as well, or something within it, is there all the same.
    """

    include: tuple[str, ...] | None = None
    exclude: tuple[str, ...] = ()

    def pick(self, item: dict[str, Any]) -> dict[str, Any]:
        """Give an Item with these fields only."""
        if self.include is None and not self.exclude:
            return item
        included = self.include or ()
        picked: dict[str, Any] = _copy(item) if self.include is None else {}
        for path in included:
            _put(picked, item, path.split("."))
        for path in self.exclude:  # but for what leads to something that is included
            if not any(f"{each}.".startswith(f"{path}.") for each in included):
                _drop(picked, path.split("."))
        return picked


def read_fields(asked: Any) -> Fields:
    """Read ``id,properties.title,-links``, or ``{"include": […], "exclude": […]}``.

    Raises
    ------
    UsageError
        If it is neither.
    """
    if isinstance(asked, str):
        names = [name.strip() for name in asked.split(",") if name.strip()]
        include = tuple(name.lstrip("+") for name in names if not name.startswith("-"))
        exclude = tuple(name[1:] for name in names if name.startswith("-"))
        return Fields(include or (None if exclude else _USUALLY), exclude)
    if isinstance(asked, Mapping):
        named, left_out = asked.get("include") or [], asked.get("exclude") or []
        if isinstance(named, list) and isinstance(left_out, list) and all(isinstance(each, str) for each in [*named, *left_out]):
            whole = "include" not in asked and left_out
            usual = tuple(name for name in _USUALLY if not any(f"{name}.".startswith(f"{each}.") for each in left_out))
            return Fields(None if whole else tuple(named) or usual, tuple(left_out))
    raise UsageError("'fields' is a list of names", hint='Write id,properties.title, or {"include": ["id"], "exclude": []}.')


def _copy(value: Any) -> Any:
    return {name: _copy(each) for name, each in value.items()} if isinstance(value, dict) else value


def _put(picked: dict[str, Any], item: Any, path: list[str]) -> None:
    name, *rest = path
    if not isinstance(item, dict) or name not in item:
        return
    if not rest:
        picked[name] = item[name]
    elif isinstance(item[name], dict):
        inner = picked.setdefault(name, {})
        if inner is not item[name]:
            _put(inner, item[name], rest)


def _drop(picked: Any, path: list[str]) -> None:
    name, *rest = path
    if not isinstance(picked, dict) or name not in picked:
        return
    if rest:
        _drop(picked[name], rest)
    else:
        del picked[name]
