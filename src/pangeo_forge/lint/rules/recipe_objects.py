"""Whether the objects that ``meta.yaml`` names are there, and can be recipes."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from itertools import islice

from pangeo_forge.feedstocks.problems import listing, nearest
from pangeo_forge.lint.code.bindings import Binding
from pangeo_forge.lint.code.definitions import NamedObject, Presence
from pangeo_forge.lint.code.dictionaries import read_dictionary
from pangeo_forge.lint.code.kinds import Kind, find_kind
from pangeo_forge.lint.code.modules import Module
from pangeo_forge.lint.drafts import Draft
from pangeo_forge.lint.findings import Finding, Level
from pangeo_forge.lint.rule import ReadingRule, Rule

#: More of them have one cause.
_MOST = 25
#: Among so many names one that is like another is looked for.
_MOST_NAMES = 500


class InvalidObject(ReadingRule):
    """An object is not written as `module:name`.

    The module is a file beside `meta.yaml`, without its `.py`, or one in a folder, with dots (`folder.module`). The name is that of
    a variable in it.

    Bad (`meta.yaml`):

    ```yaml
    recipes:
      - id: sst
        object: recipe.py
    ```

    Good (`meta.yaml`):

    ```yaml
    recipes:
      - id: sst
        object: "recipe:sst"
    ```
    """

    code = "PFM019"
    name = "invalid-object"
    level = Level.ERROR


class InvalidObjectName(ReadingRule):
    """An object's name is none that a variable of Python can have.

    Mostly it has a hyphen, as the id has: the variable has an underscore there.

    Bad (`meta.yaml`):

    ```yaml
    recipes:
      - id: sea-surface
        object: "recipe:sea-surface"
    ```

    Good (`meta.yaml`):

    ```yaml
    recipes:
      - id: sea-surface
        object: "recipe:sst"
    ```
    """

    code = "PFM020"
    name = "invalid-object-name"
    level = Level.ERROR


class MissingModule(ReadingRule):
    """An object is named in a module that is not there.

    Modules are looked for in the folder of `meta.yaml`. Seen most often are a file that was renamed, and a `recipe` that is called
    `recipes`.

    Bad (`meta.yaml`):

    ```yaml
    recipes:
      - id: sst
        object: "recipes:sst"
    ```

    Good (`meta.yaml`):

    ```yaml
    recipes:
      - id: sst
        object: "recipe:sst"
    ```
    """

    code = "PFM021"
    name = "missing-module"
    level = Level.ERROR


class MissingObject(Rule):
    """An object is named that its module does not define.

    The names that a module binds are found without running it: by assignments and definitions, under conditions too, and through
    star imports of modules beside it. Where other code may bind names as well (`globals()`, `exec`, a star import of a package),
    it is only a hint. What is bound under `if __name__ == "__main__":` alone is not there when the module is imported.

    Bad (`meta.yaml`):

    ```yaml
    recipes:
      - id: sst
        object: "recipe:recipe"
    ```

    Good (`meta.yaml`):

    ```yaml
    recipes:
      - id: sst
        object: "recipe:sst"
    ```
    """

    code = "PFM022"
    name = "missing-object"
    level = Level.ERROR
    message = "{fault}"

    def check(self, draft: Draft) -> Iterable[Finding]:
        """Look for the object of each entry."""
        missing = (named for named in draft.objects if not named.is_bound)
        for named in islice(missing, _MOST):
            level = Level.HINT if named.definition.presence is Presence.UNKNOWN else Level.ERROR
            hint = _suggest(named, draft)
            yield self.found(named.where, end=named.end, level=level, help=hint, fault=_describe(named))


class NoRecipe(Rule):
    """An object is something else than a recipe.

    Said is only what is certain from the module's text: a pattern, a function, a class, a module, a dictionary, a list, a text.
    `recipe test` loads the object, and reports under the same code whatever has not what a recipe has.

    Bad (`meta.yaml`):

    ```yaml
    recipes:
      - id: sst
        object: "recipe:pattern"
    ```

    Good (`meta.yaml`):

    ```yaml
    recipes:
      - id: sst
        object: "recipe:sst"
    ```
    """

    code = "PFM023"
    name = "no-recipe"
    level = Level.ERROR
    message = "{what} is {kind}{made}, not a recipe"

    def check(self, draft: Draft) -> Iterable[Finding]:
        """Look at the object of each entry, and at what dictionaries hold."""
        return islice((found for named in draft.objects if named.is_bound for found in self._check_object(named, draft)), _MOST)

    def _check_object(self, named: NamedObject, draft: Draft) -> Iterator[Finding]:
        module, name = named.definition.module, named.definition.name
        if named.entry.is_dict:
            yield from self._check_items(named, draft)
            return
        values = draft.follower.named(module, name)
        kind = find_kind(draft.follower, values)
        if kind and kind is not Kind.RECIPE:
            made = f" ({module.text.path}, line {values[0].where.line})"
            yield self.found(named.where, end=named.end, help=_advise(kind, named), what=f"'{named.entry.object}'", kind=kind, made=made)

    def _check_items(self, named: NamedObject, draft: Draft) -> Iterator[Finding]:
        for item in read_dictionary(draft.follower, named.definition.module, named.definition.name):
            kind = find_kind(draft.follower, (item.value,))
            if kind and kind is not Kind.RECIPE:
                what = f"'{item.key}' of '{named.entry.object}'" if item.key else f"what '{named.entry.object}' holds"
                hint = "The values of the dictionary are the recipes, its keys their ids."
                yield self.found(item.value.where, end=item.value.end, help=hint, what=what, kind=kind, made="")


def _describe(named: NamedObject) -> str:
    path, name = named.module.text.path, named.name
    if named.definition.presence is Presence.GUARDED:
        return f"`{name}` is not there when {path} is imported: it is bound only if the module is run as a script"
    if named.definition.presence is Presence.UNKNOWN:
        return f"nothing in {path} is seen to bind `{name}`; {named.definition.reason}"
    return f"{path} does not define `{name}`"


def _suggest(named: NamedObject, draft: Draft) -> str:
    module, name = named.module, named.name
    if named.definition.presence is Presence.GUARDED:
        return "Bind it above the `if`."
    elsewhere = next((other for other in draft.modules.values() if other is not module and _is_variable(name, other)), None)
    if elsewhere and elsewhere.name:
        return f"Write '{elsewhere.name}:{name}'?"
    variables = [known for known in islice(module.bindings, _MOST_NAMES) if _is_variable(known, module)]
    close = nearest(name, variables) if len(name) < _MOST else None
    meant = f"Did you mean '{module.name}:{close}'? " if close else ""
    return f"{meant}The variables there: {listing(variables)}." if variables else f"{module.text.path} has no variables."


def _is_variable(name: str, module: Module) -> bool:
    """Whether a name is bound to what a recipe may be."""
    return not name.startswith("_") and any(_may_be_recipe(binding) for binding in module.bindings.get(name, ()))


def _may_be_recipe(binding: Binding) -> bool:
    """Whether a statement binds what may be a recipe, or a dictionary of them."""
    if binding.value is None:
        return isinstance(binding.node, ast.AugAssign)
    return not isinstance(binding.value, ast.Constant | ast.JoinedStr | ast.List | ast.ListComp | ast.Tuple | ast.Set | ast.Lambda)


def _advise(kind: Kind, named: NamedObject) -> str:
    module = named.entry.module
    match kind:
        case Kind.DICTIONARY:
            return f'Write `dict_object: "{named.entry.object}"` alone, without an id: its keys are the ids.'
        case Kind.FUNCTION:
            return f"Call it in {module}, bind what it returns to a variable, and name that."
        case Kind.CLASS:
            return f"Make an object of it in {module}, bind it to a variable, and name that."
        case Kind.PATTERN | Kind.DIMENSION:
            return "Name the recipe that it is given to."
        case _:
            return "Name the variable that holds the recipe."
