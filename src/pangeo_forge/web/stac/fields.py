"""Which fields of the Items are wanted, as STAC's extension *fields* has it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pangeo_forge.errors import UsageError

#: What an Item has, whatever else was asked for: without these it could be told from no other, nor found again.
_ALWAYS = ("id", "collection")
#: What it has if nothing is named that is to be there.
_USUALLY = ("type", "stac_version", "geometry", "bbox", "links", "assets", "properties.datetime")


@dataclass(frozen=True, slots=True)
class Fields:
    """The fields that are wanted; dots lead inwards.

    Parameters
    ----------
    include, exclude : tuple of str
        Nothing to include, and the Item comes whole but for what is excluded.
    """

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()

    def pick(self, item: dict[str, Any]) -> dict[str, Any]:
        """Give an Item with these fields only."""
        if not self.include and not self.exclude:
            return item
        picked: dict[str, Any] = {} if self.include else _copy(item)
        for path in self.include:
            _put(picked, item, path.split("."))
        for path in self.exclude:
            _drop(picked, path.split("."))
        return {**picked, **{name: item[name] for name in _ALWAYS if name in item}}


def read_fields(asked: Any) -> Fields:
    """Read ``id,properties.title,-links``, or ``{"include": […], "exclude": […]}``.

    Raises
    ------
    UsageError
        If it is neither.
    """
    if asked is None or asked == "":
        return Fields()
    if isinstance(asked, str):
        names = [name.strip() for name in asked.split(",") if name.strip()]
        return Fields(
            include=tuple(name.lstrip("+") for name in names if not name.startswith("-")),
            exclude=tuple(name[1:] for name in names if name.startswith("-")),
        )
    if isinstance(asked, Mapping):
        include, exclude = asked.get("include") or [], asked.get("exclude") or []
        if isinstance(include, list) and isinstance(exclude, list) and all(isinstance(each, str) for each in [*include, *exclude]):
            return Fields(tuple(include or _when_empty(asked)), tuple(exclude))
    raise UsageError("'fields' is a list of names", hint='Write id,properties.title, or {"include": ["id"], "exclude": []}.')


def _when_empty(asked: Mapping[str, Any]) -> tuple[str, ...]:
    """Give what is included by an empty object, which asks for the least that is useful."""
    return () if asked.get("exclude") else _USUALLY


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
