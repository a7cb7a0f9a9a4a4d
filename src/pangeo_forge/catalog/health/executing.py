"""Executing a snippet as it is shown, and looking at what it made."""

from __future__ import annotations

import ast
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from pangeo_forge.catalog.snippets import Snippet, write_snippets
from pangeo_forge.plans.plan import Target
from pangeo_forge.plans.reach import Reach
from pangeo_forge.types import redact_text

if TYPE_CHECKING:
    import xarray as xr

#: What stands in a snippet for what the reader has to bring.
_PLACEHOLDER = "…"
_LONGEST = 400
#: Options of S3, and the environment variables that stand for them.
_IN_ENVIRONMENT = {"key": "AWS_ACCESS_KEY_ID", "secret": "AWS_SECRET_ACCESS_KEY", "token": "AWS_SESSION_TOKEN"}
_SHORTEST_SECRET = 4

#: What makes file systems is called so in the names that a snippet sees.
_SYSTEMS = "_pangeo_forge_systems"


class NotGiven(Exception):
    """A snippet leaves something to be filled in that is not at hand here."""


class NoDataset(Exception):
    """A snippet ran, and did not make a dataset."""


def find_snippet(asset: Mapping[str, Any]) -> Snippet | None:
    """Give the snippet of an asset that can be executed here, if it has one."""
    return next(iter(write_snippets(asset)), None)


def execute(code: str, options: Mapping[str, Any], reach: Reach | None = None, href: str = "") -> xr.Dataset:
    """Execute a snippet in this process, and give the dataset that it made.

    Parameters
    ----------
    code : str
        The snippet.
    options : mapping
        fsspec's, of the store. They take the place of the ellipses that the snippet has for them, as a reader would put them there;
        all else is executed as it is shown.
    reach : Reach, optional
        How far references are followed that kerchunk's engine reads; by default wherever they lead.
    href : str
        Where the store is, with a reach.

    Raises
    ------
    NotGiven
        If an ellipsis is left.
    NoDataset
        If it made none.
    Exception
        Whatever the snippet raises.
    """
    import xarray as xr

    filler = _Filler(options)
    tree = filler.visit(ast.parse(code))
    made: dict[str, Any] = {}
    if reach is not None:
        tree, made = _Confiner().visit(tree), {_SYSTEMS: partial(_make_systems, reach, Target(href, options))}
    if filler.missing:
        raise NotGiven(f"the snippet needs {', '.join(filler.missing)}")
    with _keys_in_environment(options):
        exec(compile(ast.fix_missing_locations(tree), "<snippet>", "exec"), made)  # noqa: S102  (written by `write_snippets`, with what is not ours quoted)
    ds = made.get("ds")
    if not isinstance(ds, xr.Dataset):
        raise NoDataset(f"the snippet made no dataset, but {type(ds).__name__}")
    if not ds.variables:
        raise NoDataset("the snippet made a dataset without variables")
    return ds


@contextmanager
def _keys_in_environment(options: Mapping[str, Any]) -> Iterator[None]:
    """Have keys where libraries look for them that are no file system of fsspec's, as readers have."""
    keys = {name: str(options[option]) for option, name in _IN_ENVIRONMENT.items() if options.get(option)}
    before = {name: os.environ.get(name) for name in keys}
    os.environ.update(keys)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _make_systems(reach: Reach, store: Target, options: Mapping[str, Any]) -> Any:
    from pangeo_forge.plans.references.confined import make_systems

    return make_systems(reach, options, store)


class _Confiner(ast.NodeTransformer):
    """Has kerchunk's engine read the files that references lead to by file systems that judge each of them."""

    def visit_Call(self, node: ast.Call) -> ast.AST:
        given = {keyword.arg: keyword for keyword in node.keywords}
        engine = given["engine"].value if "engine" in given else None
        if isinstance(engine, ast.Constant) and engine.value == "kerchunk":
            if "storage_options" not in given:
                given["storage_options"] = ast.keyword("storage_options", ast.Dict([], []))
                node.keywords.append(given["storage_options"])
            _confine(given["storage_options"].value)
        return node


def _confine(options: ast.expr) -> None:
    assert isinstance(options, ast.Dict)  # as `write_snippets` writes them
    named = {key.value: value for key, value in zip(options.keys, options.values, strict=True) if isinstance(key, ast.Constant)}
    files: list[ast.expr] = [named.get("remote_options", ast.Dict([], []))]
    options.keys.append(ast.Constant("fs"))
    options.values.append(ast.Call(ast.Name(_SYSTEMS, ast.Load()), files, []))


class _Filler(ast.NodeTransformer):
    """Puts options into the places of the ellipses of a snippet, also of those within others."""

    def __init__(self, options: Mapping[str, Any]) -> None:
        self.missing: list[str] = []
        self._at = options

    def visit_Dict(self, node: ast.Dict) -> ast.AST:
        outer = self._at
        for number, (key, value) in enumerate(zip(node.keys, node.values, strict=True)):
            name = key.value if isinstance(key, ast.Constant) else None
            within = outer if name == "target_options" else outer.get(str(name))
            if isinstance(value, ast.Constant) and value.value == _PLACEHOLDER:
                node.values[number] = self._fill(str(name), within)
            else:
                self._at = within if isinstance(within, Mapping) else {}
                node.values[number] = self.visit(value)
        self._at = outer
        return node

    def _fill(self, name: str, value: Any) -> ast.expr:
        if value is None:
            self.missing.append(name)
        return ast.Constant(value) if isinstance(value, str | int | float | bool) else ast.parse(repr(value), mode="eval").body


def tell(error: BaseException, options: Mapping[str, Any]) -> str:
    """Write an exception in one line, without what is secret in URLs and options."""
    text = " ".join(redact_text(f"{type(error).__name__}: {error}").split())
    for secret in _secrets(options):
        text = text.replace(secret, _PLACEHOLDER)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]} …"


def _secrets(options: Mapping[str, Any]) -> list[str]:
    found: list[str] = []
    for value in options.values():
        if isinstance(value, Mapping):
            found += _secrets(value)
        elif isinstance(value, str) and len(value) >= _SHORTEST_SECRET and "://" not in value:
            found.append(value)
    return sorted(found, key=len, reverse=True)


def now() -> str:
    """Give the time as records have it, RFC 3339."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
