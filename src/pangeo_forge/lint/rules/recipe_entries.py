"""Whether ``recipes`` lists recipes, each with what it needs."""

from __future__ import annotations

import re
from collections.abc import Iterable

from pangeo_forge.feedstocks.nodes import Field, Fields, is_empty, read_fields
from pangeo_forge.feedstocks.problems import listing, nearest
from pangeo_forge.feedstocks.yaml import Items, Pairs, Scalar
from pangeo_forge.lint.drafts import Draft
from pangeo_forge.lint.files.catalogfile import NAME as CATALOG
from pangeo_forge.lint.files.mappings import RECIPE
from pangeo_forge.lint.files.metafile import MetaFile
from pangeo_forge.lint.findings import Change, Edit, Finding, Level
from pangeo_forge.lint.rule import ReadingRule, Rule

_EXAMPLE = '`- id: my-dataset`, and under that `object: "{module}:name"`.'
#: Modules that hold no recipes.
_NO_RECIPES = frozenset({"__init__", "setup", "conftest"})


class NoRecipes(ReadingRule):
    """`meta.yaml` names no recipes.

    Without `recipes` a module beside `meta.yaml` is not looked at, whatever it defines. Only a feedstock that describes datasets
    that exist already, in a `catalog.yaml`, does without.

    Bad (`meta.yaml`):

    ```yaml
    title: Sea surface temperature
    ```

    Good (`meta.yaml`):

    ```yaml
    title: Sea surface temperature
    recipes:
      - id: sst
        object: "recipe:sst"
    ```
    """

    code = "PFM010"
    name = "no-recipes"
    level = Level.ERROR

    def check(self, draft: Draft) -> Iterable[Finding]:
        """Report a misspelt key, or that there is none."""
        noted = list(super().check(draft))
        yield from noted
        meta = draft.meta
        if noted or meta is None or meta.root is None or meta.model is None or "recipes" in meta.fields:
            return
        modules, is_catalogue = _recipe_modules(draft), draft.has_file(CATALOG)
        if modules:
            level = Level.HINT if is_catalogue else Level.ERROR
            message = f"no `recipes` are named here, so that nothing of {listing([f'{name}.py' for name in modules], 3)} is used"
            yield self.found(
                meta.root.where, level=level, message=message, help=f"Write `recipes:`, and under it {_EXAMPLE.format(module=modules[0])}"
            )
        elif not is_catalogue:
            message = f"there are no `recipes`, and no {CATALOG} that names datasets: there is nothing to bake"
            yield self.found(
                meta.root.where,
                level=Level.WARNING,
                message=message,
                help=f"Write `recipes:`, and under it {_EXAMPLE.format(module='recipe')}",
            )


class EmptyRecipes(Rule):
    """`recipes` is there, but nothing stands under it.

    It is an error where a module lies beside `meta.yaml`, and a warning where there is none. Nothing is said where a `catalog.yaml`
    names datasets that exist already.

    Bad (`meta.yaml`):

    ```yaml
    title: Sea surface temperature
    recipes: []
    ```

    Good (`meta.yaml`):

    ```yaml
    title: Sea surface temperature
    recipes:
      - id: sst
        object: "recipe:sst"
    ```
    """

    code = "PFM011"
    name = "empty-recipes"
    level = Level.ERROR
    message = "nothing stands under `recipes`"

    def check(self, draft: Draft) -> Iterable[Finding]:
        """Look at what stands under the key; where there is a catalogue, nothing has to."""
        field = draft.meta.fields.get("recipes") if draft.meta else None
        if field is None or draft.has_file(CATALOG):
            return
        if is_empty(field.value) or (isinstance(field.value, Items) and not field.value.items):
            modules = _recipe_modules(draft)
            level = Level.ERROR if modules else Level.WARNING
            hint = f"Write under it {_EXAMPLE.format(module=modules[0] if modules else 'recipe')}"
            yield self.found(field.key_where, end=field.key_end, level=level, help=hint)


class NoList(Rule):
    """`recipes` is one entry, not a list of entries.

    It is read as a list of one. The format has a list, and so do the newer of the older tools, which refuse anything else.

    Bad (`meta.yaml`):

    ```yaml
    recipes:
      id: sst
      object: "recipe:sst"
    ```

    Good (`meta.yaml`):

    ```yaml
    recipes:
      - id: sst
        object: "recipe:sst"
    ```
    """

    code = "PFM012"
    name = "no-list"
    level = Level.WARNING
    message = "`recipes` is one entry, but should be a list of entries"
    help = "Write `- ` in front of its first key, and indent the others as that."
    fixable = True

    def check(self, draft: Draft) -> Iterable[Finding]:
        """Look at the kind of value that the key has."""
        meta = draft.meta
        field = meta.fields.get("recipes") if meta else None
        if meta is None or field is None or not isinstance(field.value, Pairs):
            return
        entry = read_fields(field.value, [])
        if {"dict_object", "object", "module"} & entry.keys():
            yield self.found(field.key_where, end=field.key_end, fix=_make_list(field.value, meta))


class IncompleteRecipe(ReadingRule):
    """An entry of `recipes` lacks its id or its object.

    A recipe is an `id` and an `object`, or a `dict_object` alone, whose keys are the ids. Entries with an `id` alone name datasets
    that exist already: they stand in a feedstock without recipes, and `catalog.yaml` says under the same id where each is.

    Bad (`meta.yaml`):

    ```yaml
    recipes:
      - id: sst
    ```

    Good (`meta.yaml`):

    ```yaml
    recipes:
      - id: sst
        object: "recipe:sst"
    ```
    """

    code = "PFM013"
    name = "incomplete-recipe"
    level = Level.ERROR

    def check(self, draft: Draft) -> Iterable[Finding]:
        """Report what is incomplete, and look for datasets in the catalogue."""
        yield from super().check(draft)
        catalogued = draft.meta.model.catalogued if draft.meta and draft.meta.model and not draft.meta.model.recipes else ()
        stores = [store.id.text for store in draft.catalog.stores if store.id] if draft.catalog else []
        for entry in catalogued if stores else ():
            if entry.id not in stores and entry.where:
                close = nearest(entry.id, stores)
                hint = f"Did you mean '{close}'?" if close else f"The stores there: {listing(stores)}."
                message = f"'{entry.id}' has no object, and {CATALOG} has no store with that id"
                end = draft.meta.ends.get(entry.where) if draft.meta else None
                yield self.found(entry.where, end=end, level=Level.WARNING, message=message, help=hint)


class UnknownRecipeKey(Rule):
    """An entry of `recipes` has a key that nothing reads there.

    A licence or providers of one recipe among several are not known to anything; a key that is misspelt is as if it were not there.
    A key that is much like a known one, or belongs elsewhere, is a warning; any other, such as a `description`, is a hint.

    Bad (`meta.yaml`):

    ```yaml
    recipes:
      - id: sst
        object: "recipe:sst"
        license: CC-BY-4.0
    ```

    Good (`meta.yaml`):

    ```yaml
    recipes:
      - id: sst
        object: "recipe:sst"
    provenance:
      license: CC-BY-4.0
    ```
    """

    code = "PFM014"
    name = "unknown-recipe-key"
    level = Level.WARNING
    message = "the key `{key}` means nothing in a recipe"

    def check(self, draft: Draft) -> Iterable[Finding]:
        """Look at the keys of all entries."""
        meta = draft.meta
        noted = {problem.where for problem in meta.problems} if meta else set()
        for _, fields in meta.mappings("recipes") if meta else ():
            known = RECIPE.keys if "module" in fields else RECIPE.keys - {"name"}
            for field in fields.values():
                if field.key not in known and field.key_where not in noted and not field.key.startswith("x-"):
                    level, hint = _explain(field.key, fields)
                    yield self.found(field.key_where, end=field.key_end, level=level, help=hint, key=field.key[:60])


class TwoObjects(ReadingRule):
    """An entry of `recipes` has both a `dict_object` and an `id` or `object`.

    A `dict_object` is a dictionary of recipes, whose keys are their ids, so that another id beside it can mean nothing.

    Bad (`meta.yaml`):

    ```yaml
    recipes:
      - id: sst
        dict_object: "recipe:recipes"
    ```

    Good (`meta.yaml`):

    ```yaml
    recipes:
      - dict_object: "recipe:recipes"
    ```
    """

    code = "PFM015"
    name = "two-objects"
    level = Level.ERROR


def _recipe_modules(draft: Draft) -> list[str]:
    """Name the modules of the folder that may hold recipes."""
    names = [path.removesuffix(".py") for path in sorted(draft.files) if path.endswith(".py") and "/" not in path]
    return [name for name in names if name not in _NO_RECIPES and not name.startswith("test_")]


def _explain(key: str, fields: Fields) -> tuple[Level, str]:
    """Say how bad an unknown key is, and what was probably meant."""
    close = nearest(key, sorted(RECIPE.keys - {"name"} - fields.keys())) if len(key) <= 60 else None
    if close and not (close in ("object", "dict_object") and {"object", "dict_object"} & fields.keys()):
        return Level.WARNING, f"Did you mean `{close}`?"
    if key in RECIPE.homes:
        return Level.WARNING, f"Write it {RECIPE.homes[key]}, for all recipes."
    return Level.HINT, "Nothing reads it; what people should know of the dataset is better told in the file's `description`."


def _make_list(entry: Pairs, meta: MetaFile) -> list[Change]:
    """Write a mapping as a list of one; nothing where it is written in a way that is not seen through."""
    fields = [Field(key.text, key.where, value, key.end) for key, value in entry.pairs if isinstance(key, Scalar)]
    places = [(field.key_where.line or 1, field.key_where.column or 1) for field in fields]
    if len(fields) < len(entry.pairs) or not all(_is_on_one_line(field) for field in fields):
        return []
    path, first = meta.text.path, places[0]
    if meta.text.text[meta.text.offset(_start(entry))] == "{":
        end = _closing(fields[-1], meta)
        return [Edit(path, _start(entry), _start(entry), "["), Edit(path, end, end, "]")] if end else []
    if _start(entry) != first or len({line for line, _ in places}) < len(places):
        return []
    others = (Edit(path, (line, 1), (line, 1), "  ") for line, _ in places[1:])
    return [Edit(path, first, first, "- "), *others]


def _start(node: Pairs) -> tuple[int, int]:
    return node.where.line or 1, node.where.column or 1


def _is_on_one_line(field: Field) -> bool:
    value = field.value
    return isinstance(value, Scalar) and value.end is not None and value.where.line == value.end[0] == field.key_where.line


def _closing(last: Field, meta: MetaFile) -> tuple[int, int] | None:
    """Find the place behind the brace that closes a mapping, on the line of its last field."""
    assert isinstance(last.value, Scalar) and last.value.end
    line, column = last.value.end
    found = re.match(r"[ \t]*,?[ \t]*\}", meta.text.line(line)[column - 1 :])
    return (line, column + found.end()) if found else None
