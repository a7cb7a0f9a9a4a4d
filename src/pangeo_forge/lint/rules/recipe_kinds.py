"""Which API a recipe is written in."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping

from pangeo_forge.lint.code.modules import Module
from pangeo_forge.lint.code.pipelines import REFERENCE_CLASSES, ZARR_CLASSES
from pangeo_forge.lint.drafts import Draft
from pangeo_forge.lint.findings import Finding, Level
from pangeo_forge.lint.rule import Rule

_CLASSES = ZARR_CLASSES | REFERENCE_CLASSES
_PACKAGES = ("pangeo_forge_recipes.", "pangeo_forge.")
#: What parameters of the class API are called natively.
_NATIVE = {
    "target_chunks": "target_chunks",
    "process_input": "preprocess",
    "process_chunk": "preprocess",
    "xarray_open_kwargs": "open_kwargs",
}
_ORDER = ("target_chunks", "preprocess", "open_kwargs")
_LONGEST = 40


class ClassApi(Rule):
    """A recipe is written in the class API of 2021 to 2023.

    No version of `pangeo_forge_recipes` that has `XarrayZarrRecipe` or `HDFReferenceRecipe` can be installed on a current Python.
    Such recipes run through the compatibility layer, which makes native recipes of them; nothing has to be changed. What the layer
    cannot give is what came later: target chunks by size, encodings, attributes, the format of the store.

    Bad (`recipe.py`):

    ```python
    from pangeo_forge_recipes.patterns import ConcatDim, FilePattern
    from pangeo_forge_recipes.recipes import XarrayZarrRecipe

    pattern = FilePattern(lambda time: f"https://data.example.org/sst/{time}.nc", ConcatDim("time", ["2020-01", "2020-02"]))
    sst = XarrayZarrRecipe(pattern, inputs_per_chunk=1, target_chunks={"time": 31}, xarray_open_kwargs={"decode_coords": "all"})
    ```

    Good (`recipe.py`):

    ```python
    from pangeo_forge.recipes import ConcatDim, FilePattern, ZarrRecipe

    pattern = FilePattern(lambda time: f"https://data.example.org/sst/{time}.nc", ConcatDim("time", ["2020-01", "2020-02"]))
    sst = ZarrRecipe(pattern, target_chunks={"time": 31}, open_kwargs={"decode_coords": "all"})
    ```
    """

    code = "PFR002"
    name = "class-api"
    level = Level.HINT
    message = "{name} is of the class API of 2021 to 2023{more}: it runs through the compatibility layer"
    help = "{native}"

    def check(self, draft: Draft) -> Iterable[Finding]:
        """Report each module once, at the first such recipe."""
        for module in draft.modules.values():
            used = sorted(_find_uses(module), key=lambda node: (node.lineno, node.col_offset))
            if used:
                first, name = used[0], _name(module, used[0])
                native = _translate(first) if name in ZARR_CLASSES else "Leave it as it is: there is no native recipe of references yet."
                place = first.func if isinstance(first, ast.Call) else first
                more = f" (and {len(used) - 1} more here)" if len(used) > 1 else ""
                yield self.found(module.at(place), end=module.end_of(place), name=name, more=more, native=native)


def _find_uses(module: Module) -> Iterator[ast.expr]:
    """Find calls of the API's classes, and classes that derive from them."""
    if not any(name.startswith(_PACKAGES) for name in module.aliases.values()):
        return
    for node in module.nodes:
        if isinstance(node, ast.Call) and _name(module, node):
            yield node
        elif isinstance(node, ast.ClassDef):
            yield from (base for base in node.bases if _name(module, base))


def _name(module: Module, node: ast.expr) -> str:
    dotted = module.dotted(node.func if isinstance(node, ast.Call) else node) or ""
    name = dotted.rpartition(".")[2]
    return name if name in _CLASSES and dotted.startswith(_PACKAGES) else ""


def _translate(node: ast.expr) -> str:
    """Say what a recipe would look like natively, and which of its parameters mean nothing there."""
    if not isinstance(node, ast.Call):
        return "Nothing has to change; natively it would be a `ZarrRecipe` of `pangeo_forge.recipes`."
    given = {keyword.arg: keyword.value for keyword in node.keywords if keyword.arg}
    pattern = node.args[0] if node.args else given.pop("file_pattern", None)
    native = {_NATIVE[name]: _show(value) for name, value in reversed(given.items()) if name in _NATIVE}
    arguments = [_show(pattern) if pattern else "pattern", *(f"{name}={native[name]}" for name in _ORDER if name in native)]
    arguments += ["…"] if any(keyword.arg is None for keyword in node.keywords) else []
    return f"Nothing has to change; natively it would be `ZarrRecipe({', '.join(arguments)})`{''.join(_notes(given))}."


def _notes(given: Mapping[str, ast.expr]) -> Iterator[str]:
    if any(name.startswith("process_") for name in given):
        yield ", where `preprocess` is given `(ds, source)`"
    if "inputs_per_chunk" in given and "target_chunks" not in given:
        yield ", with `target_chunks` instead of `inputs_per_chunk`"
    dropped = [f"`{name}`" for name in given if name not in _NATIVE and (name != "inputs_per_chunk" or "target_chunks" in given)]
    if dropped:
        yield f", without {', '.join(dropped)}"


def _show(node: ast.expr) -> str:
    text = ast.unparse(node)
    return text if len(text) <= _LONGEST else "…"
