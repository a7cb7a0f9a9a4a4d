"""Whether a ``dict_object`` is a dictionary, and its keys can be ids."""

from __future__ import annotations

import ast
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from pangeo_forge.feedstocks.entries import id_fault
from pangeo_forge.feedstocks.problems import shorten
from pangeo_forge.lint.code.definitions import NamedObject
from pangeo_forge.lint.code.dictionaries import Item, read_dictionary
from pangeo_forge.lint.code.following import Value
from pangeo_forge.lint.code.kinds import Kind, find_kind
from pangeo_forge.lint.code.modules import Module
from pangeo_forge.lint.drafts import Draft
from pangeo_forge.lint.findings import Finding, Level
from pangeo_forge.lint.rule import Rule
from pangeo_forge.lint.vocabularies.ids import LONGEST, criticize

#: Keys that are looked at, of one dictionary.
_MOST = 2000
_REPEATED = "stands twice in the dictionary, so that the first value is lost"


@dataclass(frozen=True)
class _Fault:
    """What is wrong with a key, and where."""

    text: str
    level: Level
    key: str
    written: Value


class InvalidDictionary(Rule):
    """A `dict_object` is no dictionary of recipes, is empty, or has keys that cannot be ids.

    The keys of the dictionary become the ids of its recipes, so that what holds for an `id` in `meta.yaml` holds for them too: they
    are texts, without slashes and spaces, and no two are the same. Said is what the text of the module tells: keys that are written
    out, and the fixed parts of those that are put together.

    Bad (`meta.yaml`):

    ```yaml
    recipes:
      - dict_object: "recipe:recipes"
    ```

    Bad (`recipe.py`):

    ```python
    from pangeo_forge.recipes import ConcatDim, FilePattern, ZarrRecipe

    days = ConcatDim("time", keys=[1, 2, 3])
    recipes = {
        f"sst/{mask}": ZarrRecipe(FilePattern(lambda time, mask=mask: f"https://data.example.org/{mask}/{time}.nc", days))
        for mask in ("sea", "ice")
    }
    ```

    Good (`meta.yaml`):

    ```yaml
    recipes:
      - dict_object: "recipe:recipes"
    ```

    Good (`recipe.py`):

    ```python
    from pangeo_forge.recipes import ConcatDim, FilePattern, ZarrRecipe

    days = ConcatDim("time", keys=[1, 2, 3])
    recipes = {
        f"sst-{mask}": ZarrRecipe(FilePattern(lambda time, mask=mask: f"https://data.example.org/{mask}/{time}.nc", days))
        for mask in ("sea", "ice")
    }
    ```
    """

    code = "PFM024"
    name = "invalid-dictionary"
    level = Level.WARNING
    message = "{fault}"

    def check(self, draft: Draft) -> Iterable[Finding]:
        """Look at the dictionaries that entries name."""
        ids: set[str] = {entry.id for entry in draft.meta.model.recipes if entry.id} if draft.meta and draft.meta.model else set()
        for named in draft.objects:
            if named.entry.is_dict and named.is_bound:
                yield from self._check_value(named, draft)
                yield from self._check_keys(named, draft, ids)

    def _check_value(self, named: NamedObject, draft: Draft) -> Iterator[Finding]:
        values = draft.follower.named(named.definition.module, named.definition.name)
        kind = find_kind(draft.follower, values)
        if kind and kind is not Kind.DICTIONARY:
            fault = f"'{named.entry.object}' is {kind}, not a dictionary of recipes"
            yield self.found(named.where, end=named.end, level=Level.ERROR, help=_advise(kind, named), fault=fault)
        elif len(values) == 1 and _is_empty(values[0], named.definition.name):
            fault = f"the dictionary '{named.entry.object}' is empty: it has no recipe"
            yield self.found(values[0].where, end=values[0].end, level=Level.ERROR, help="Put a recipe in it, under its id.", fault=fault)

    def _check_keys(self, named: NamedObject, draft: Draft, ids: set[str]) -> Iterator[Finding]:
        """Report each kind of fault at the first key that has it, and how many others do."""
        items = list(islice(read_dictionary(draft.follower, named.definition.module, named.definition.name), _MOST))
        found: dict[str, list[_Fault]] = defaultdict(list)
        for fault in (*_find_faults(items, ids), *_find_repeated(items)):
            found[fault.text].append(fault)
        for text, faults in found.items():
            first = min(faults, key=lambda fault: (fault.written.where.line or 0, fault.written.where.column or 0))
            more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
            hint = "The keys of the dictionary become the ids of the recipes."
            message = f"the key {first.key}{more} {text}"
            yield self.found(first.written.where, end=_end(first.written), level=first.level, help=hint, fault=message)


def _find_faults(items: Iterable[Item], ids: set[str]) -> Iterator[_Fault]:
    for item in items:
        fault = _judge(item, ids) if item.written else None
        if fault and item.written:
            level, text, key = fault
            yield _Fault(text, level, key, item.written)


def _judge(item: Item, ids: set[str]) -> tuple[Level, str, str] | None:
    """Say what is wrong with a key, as far as its text tells, and how to name it."""
    node = item.written.node if item.written else None
    if item.key is not None:
        if item.key in ids:
            return Level.WARNING, "is the id of another recipe in meta.yaml as well", shorten(item.key)
        return _judge_text(item.key, shorten(item.key))
    if isinstance(node, ast.Constant):
        return Level.WARNING, "is no text, but becomes an id", shorten(ast.unparse(node))
    if isinstance(node, ast.JoinedStr):
        return _judge_text(_fill_in(node), ast.unparse(node)[:LONGEST])
    return None


def _judge_text(text: str, shown: str) -> tuple[Level, str, str] | None:
    fault = id_fault(text)
    if fault:
        return Level.WARNING, f"{fault}, but becomes an id", shown
    if len(text) > LONGEST:
        return Level.WARNING, f"is longer than the {LONGEST} characters that the name of a job may have", shown
    criticism = criticize(text)
    return (*criticism, shown) if criticism else None


def _fill_in(node: ast.JoinedStr) -> str:
    """Put a letter where something is put into a text."""
    return "".join(part.value if isinstance(part, ast.Constant) and isinstance(part.value, str) else "x" for part in node.values)


def _find_repeated(items: Iterable[Item]) -> Iterator[_Fault]:
    """Find keys that stand twice in one display, so that the first of their values is lost."""
    written = [item for item in items if item.key is not None and item.written and not item.is_many]
    counts = Counter(item.key for item in written)
    again = [item for item in written if counts[item.key] > 1]
    places = _displays(again[0].value.module) if again else {}
    seen: set[tuple[int | None, str | None]] = set()
    for item in again:
        assert item.written
        place = (places.get(item.written.node), item.key)
        if place[0] is not None and place in seen:
            yield _Fault(_REPEATED, Level.WARNING, shorten(item.key or ""), item.written)
        seen.add(place)


def _displays(module: Module) -> dict[ast.AST | None, int]:
    """Tell of the keys of a module's dictionaries in which display each stands."""
    displays = [node for node in module.nodes if isinstance(node, ast.Dict)]
    return {key: number for number, display in enumerate(displays) for key in display.keys if key is not None}


def _is_empty(value: Value, name: str) -> bool:
    """Whether a dictionary is written empty, and nothing else is done with it in its module."""
    match value.node:
        case ast.Dict(keys=[]) | ast.Call(func=ast.Name(id="dict"), args=[], keywords=[]):
            nodes = value.module.nodes
            is_used = any(isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Load) for node in nodes)
            return not is_used and not value.module.is_dynamic and len(value.module.bindings.get(name, ())) == 1
    return False


def _end(value: Value) -> tuple[int, int] | None:
    node = value.node
    if isinstance(node, ast.keyword) and node.arg and value.where.line and value.where.column:
        return value.where.line, value.where.column + len(node.arg)
    return value.end


def _advise(kind: Kind, named: NamedObject) -> str:
    match kind:
        case Kind.RECIPE:
            return f'Write `id: my-dataset`, and under it `object: "{named.entry.object}"`.'
        case Kind.FUNCTION:
            return f"Call it in {named.entry.module}, bind what it returns to a variable, and name that."
        case _:
            return "Name a dictionary whose keys are ids and whose values are recipes."
