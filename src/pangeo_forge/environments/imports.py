"""Packages that older recipes import without requiring them, because what they were written for brought them."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path

#: The packages that are answered for while a recipe is loaded: they are not installed for a recipe that is lifted.
ANSWERED = ("pangeo_forge_recipes", "apache_beam")

#: By what is imported, the packages that ``pangeo-forge-recipes`` and Beam brought, or that were in the images that recipes ran in.
BROUGHT = {
    name: package
    for package, names in {
        "adlfs": "adlfs",
        "aiohttp": "aiohttp",
        "boto3": "boto3",
        "cftime": "cftime",
        "dask": "dask",
        "distributed": "distributed",
        "fastparquet": "fastparquet",
        "fsspec": "fsspec",
        "gcsfs": "gcsfs",
        "h5netcdf": "h5netcdf",
        "h5py": "h5py",
        "intake": "intake",
        "intake-esm": "intake_esm",
        "intake-xarray": "intake_xarray",
        "kerchunk": "kerchunk",
        "netcdf4": "netCDF4",
        "orjson": "orjson",
        "pandas": "pandas",
        "pooch": "pooch",
        "pyarrow": "pyarrow",
        "python-dateutil": "dateutil",
        "pytz": "pytz",
        "pyyaml": "yaml",
        "rechunker": "rechunker",
        "requests": "requests",
        "s3fs": "s3fs",
        "scipy": "scipy",
        "tqdm": "tqdm",
        "typing-extensions": "typing_extensions",
        "ujson": "ujson",
        "zstandard": "zstandard",
    }.items()
    for name in names.split()
}
_MISSING = ("ImportError", "ModuleNotFoundError", "Exception")


def find_brought(folder: Path, modules: Iterable[str]) -> frozenset[str]:
    """Name the packages that modules of an older API import and that used to come along.

    Parameters
    ----------
    folder : Path
        The feedstock's own.
    modules : iterable of str
        The modules of its recipes, as paths of dots; those beside them that they import are read as well.

    Returns
    -------
    frozenset of str
        Empty where no module imports ``pangeo_forge_recipes`` or ``apache_beam``. A module that is not valid Python imports nothing.
    """
    imported = _follow(folder, modules)
    if not imported & {*ANSWERED}:
        return frozenset()
    return frozenset(BROUGHT[name] for name in imported if name in BROUGHT)


def _follow(folder: Path, modules: Iterable[str]) -> set[str]:
    """Give the first parts of all names that modules import, and those of this folder that these lead to."""
    waiting, seen, imported = list(modules), set[str](), set[str]()
    while waiting:
        module = waiting.pop()
        if module in seen:
            continue
        seen.add(module)
        for name in _imports_of(_find_file(folder, module)):
            imported.add(name.partition(".")[0])
            waiting.append(name)
    return imported


def _find_file(folder: Path, module: str) -> Path | None:
    path = folder.joinpath(*module.split("."))
    return next((file for file in (path.with_suffix(".py"), path / "__init__.py") if file.is_file()), None)


def _imports_of(file: Path | None) -> Iterator[str]:
    if file is None:
        return
    try:
        tree = ast.parse(file.read_bytes())
    except (SyntaxError, ValueError, RecursionError, OSError):
        return
    yield from _needed(tree.body)


def _needed(statements: Iterable[ast.AST]) -> Iterator[str]:
    """Yield what statements import, but for what they can do without: imports that are caught, or only for checkers of types."""
    for statement in statements:
        match statement:
            case ast.Import(names=names):
                yield from (alias.name for alias in names)
            case ast.ImportFrom(module=str(module), level=0):
                yield module
            case ast.Try(handlers=handlers) if any(_catches_missing(handler) for handler in handlers):
                pass
            case ast.If(test=ast.Name(id="TYPE_CHECKING") | ast.Attribute(attr="TYPE_CHECKING"), orelse=otherwise):
                yield from _needed(otherwise)
            case _:
                yield from _needed(ast.iter_child_nodes(statement))


def _catches_missing(handler: ast.ExceptHandler) -> bool:
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(kind is None or (isinstance(kind, ast.Name) and kind.id in _MISSING) for kind in kinds)
