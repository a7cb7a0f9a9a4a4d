"""The recipes that a ``meta.yaml`` names, in all the shapes that people name them in.

A list of ``{id, object}``, of ``{dict_object}``, of ``{id}`` alone (a catalogue), of ``{id, module, name}`` (2021's
first draft), or one such mapping instead of a list.
"""

from __future__ import annotations

import keyword
import re
from dataclasses import dataclass

from pangeo_forge.errors import Problem, Where
from pangeo_forge.feedstocks.documents import (
    LONGEST_ID,
    UNSAFE_IN_ID,
    DatasetDocument,
    DictObjectDocument,
    ModuleDocument,
    ObjectDocument,
    keys_of,
)
from pangeo_forge.feedstocks.meta import CatalogueEntry, RecipeEntry
from pangeo_forge.feedstocks.nodes import Field, Fields, Problems, is_empty, kind_of, misspelt, read_fields
from pangeo_forge.feedstocks.problems import shorten
from pangeo_forge.feedstocks.yaml import Items, Node, Pairs, Scalar
from pangeo_forge.types import RecipeId

#: The keys that an entry may have; others mean nothing here.
KEYS = keys_of(ObjectDocument, DictObjectDocument, ModuleDocument, DatasetDocument)
_EXAMPLE = 'Write `- id: my-dataset`, and under it `object: "module:name"`.'
_UNSAFE = re.compile(UNSAFE_IN_ID)


@dataclass(frozen=True, slots=True)
class Entries:
    """What stands under ``recipes``."""

    recipes: tuple[RecipeEntry, ...] = ()
    catalogued: tuple[CatalogueEntry, ...] = ()


def read_entries(field: Field, problems: Problems) -> Entries:
    """Read ``recipes``, noting every problem of every entry."""
    value = field.value
    if isinstance(value, Scalar):
        if not value.is_null:
            problems.append(Problem(f"`recipes` must be a list, not {kind_of(value)}", field.where, _EXAMPLE, "PFM007"))
        return Entries()
    nodes = value.items if isinstance(value, Items) else (value,)
    places: dict[str, Where] = {}
    entries = []
    for node in nodes:
        entry = _read_entry(node, problems)
        if entry:
            _check_unique(entry, node, places, problems)
            entries.append(entry)
    recipes = tuple(entry for entry in entries if isinstance(entry, RecipeEntry))
    catalogued = tuple(entry for entry in entries if isinstance(entry, CatalogueEntry))
    if recipes:
        problems.extend(no_object(entry) for entry in catalogued)
    return Entries(recipes, catalogued)


def no_object(entry: CatalogueEntry) -> Problem:
    """Say of an entry with only an id that it should have an object."""
    return Problem(f"the recipe '{entry.id}' has no object", entry.where, 'Write `object: "module:name"` under its id.', "PFM013")


def _read_entry(node: Node, problems: Problems) -> RecipeEntry | CatalogueEntry | None:
    if not isinstance(node, Pairs):
        problems.append(Problem(f"each of `recipes` must be a mapping, but this is {kind_of(node)}", node.where, _EXAMPLE, "PFM013"))
        return None
    fields = {key: field for key, field in read_fields(node, problems).items() if not is_empty(field.value)}
    if "dict_object" in fields:
        return _read_dictionary(fields, problems)
    if "object" in fields:
        target = _read_object(fields["object"], problems)
    elif "module" in fields:
        target = _read_module_and_name(fields, problems)
    else:
        return _read_without_object(node, fields, problems)
    recipe_id = _read_id(node, fields, problems)
    return RecipeEntry(id=recipe_id, object=target[0], where=target[1]) if target and recipe_id else None


def _read_dictionary(fields: Fields, problems: Problems) -> RecipeEntry | None:
    other = fields.get("id") or fields.get("object")
    if other:
        message = f"`dict_object` and `{other.key}` stand in one entry"
        hint = "Remove `id`: the keys of the dictionary become the ids." if other.key == "id" else "Make two entries of them."
        problems.append(Problem(message, other.key_where, hint, "PFM015"))
    target = _read_object(fields["dict_object"], problems)
    return RecipeEntry(id=None, object=target[0], is_dict=True, where=target[1]) if target and not other else None


def _read_without_object(node: Pairs, fields: Fields, problems: Problems) -> CatalogueEntry | None:
    wrong = misspelt(fields, "object", KEYS) or misspelt(fields, "dict_object", KEYS)
    if wrong:
        meant = "dict_object" if wrong.key.lower().startswith("dict") else "object"
        problems.append(
            Problem(f"the recipe has no object, but the unknown key `{wrong.key}`", wrong.key_where, f"Did you mean `{meant}`?", "PFM013")
        )
        return None
    if not fields:
        problems.append(Problem("this entry of `recipes` is empty", node.where, _EXAMPLE, "PFM013"))
        return None
    recipe_id = _read_id(node, fields, problems)
    return CatalogueEntry(id=recipe_id, where=fields["id"].where) if recipe_id else None


def _read_id(node: Pairs, fields: Fields, problems: Problems) -> RecipeId | None:
    field = fields.get("id")
    if field is None:
        wrong = misspelt(fields, "id", KEYS)
        hint = f"Did you mean `id` by `{wrong.key}`?" if wrong else "Write `id: my-dataset`: it becomes a part of the dataset's address."
        problems.append(Problem("the recipe has no id", wrong.key_where if wrong else node.where, hint, "PFM013"))
        return None
    if not isinstance(field.value, Scalar):
        problems.append(Problem(f"an id must be a text, not {kind_of(field.value)}", field.where, "Write `id: my-dataset`.", "PFM007"))
        return None
    text = field.value.text
    fault = id_fault(text)
    if fault:
        problems.append(Problem(f"the id {shorten(text)} {fault}", field.where, f"Write `id: {safe_id(text)}`, say.", "PFM017"))
        return None
    return RecipeId(text)


def id_fault(text: str) -> str | None:
    """Say why a text cannot be a recipe's id, which becomes a key in an object store; None if it can."""
    unsafe = _UNSAFE.search(text)
    if not text.strip():
        return "is empty"
    if text != text.strip():
        return "begins or ends with a space"
    if not text.isprintable():
        return "holds a character that cannot be seen"
    if unsafe:
        return f"holds {unsafe[0]!r}, which has a meaning in addresses of stores"
    if ".." in text or text == ".":
        return "leads out of the store's folder"
    if len(text.encode()) > LONGEST_ID:
        return f"is longer than {LONGEST_ID} bytes"
    return None


def safe_id(text: str) -> str:
    """Make an id that every store takes from a text."""
    words = re.sub(r"[^A-Za-z0-9._-]+", "-", text).strip("-._")
    return re.sub(r"\.{2,}", ".", words)[:60] or "my-dataset"


def _check_unique(entry: RecipeEntry | CatalogueEntry, node: Node, places: dict[str, Where], problems: Problems) -> None:
    """Note an id that an entry before has, of which `places` tells where."""
    field = read_fields(node, []).get("id") if isinstance(node, Pairs) else None
    if entry.id is None or field is None:
        return
    if entry.id in places:
        message = f"the id '{entry.id}' stands twice, first in line {places[entry.id].line}"
        problems.append(Problem(message, field.where, "Give every recipe an id of its own.", "PFM016"))
    places.setdefault(entry.id, field.where)


def _read_object(field: Field, problems: Problems) -> tuple[str, Where] | None:
    if not isinstance(field.value, Scalar):
        hint = f'Write `{field.key}: "module:name"`.'
        problems.append(Problem(f"`{field.key}` must be a text, not {kind_of(field.value)}", field.where, hint, "PFM019"))
        return None
    return _checked(field.value.text, field, problems)


def _read_module_and_name(fields: Fields, problems: Problems) -> tuple[str, Where] | None:
    module, name = fields["module"], fields.get("name")
    if not isinstance(module.value, Scalar) or name is None or not isinstance(name.value, Scalar):
        problems.append(
            Problem("`module` needs a `name` beside it, both texts", module.where, 'Write `object: "module:name"` instead.', "PFM019")
        )
        return None
    return _checked(f"{module.value.text.removesuffix('.py')}:{name.value.text}", module, problems)


def _checked(text: str, field: Field, problems: Problems) -> tuple[str, Where] | None:
    module, colon, name = text.partition(":")
    if colon and _is_name(name) and all(_is_name(part) for part in module.split(".")) and not module.endswith(".py"):
        return text, field.where
    message = f"`{field.key}` is {shorten(text)}, but must be 'module:name'"
    code = "PFM020" if colon and not _is_name(name) else "PFM019"
    problems.append(Problem(message, field.where, _object_hint(module, colon, name), code))
    return None


def _is_name(text: str) -> bool:
    return text.isidentifier() and not keyword.iskeyword(text)


def _object_hint(module: str, colon: str, name: str) -> str:
    module_name = re.sub(r"[\\/]+", ".", module.strip().removesuffix(".py")).strip(".")
    if not colon:
        return f"Write '{module_name or 'recipe'}:NAME', where NAME is the recipe's variable in the module."
    if _is_name(name.strip()) and all(_is_name(part) for part in module_name.split(".")):
        return f"Write '{module_name}:{name.strip()}'."
    if not _is_name(name):
        other = re.sub(r"\W+", "_", name.strip()).strip("_") or "recipe"
        other += "_" if keyword.iskeyword(other) else ""
        return f"Name a variable of the module, of letters, digits and underscores, such as '{module_name or 'recipe'}:{other}'."
    return "Name a file that Python can import, of letters, digits and underscores, without its '.py'."
