"""Whether the addresses of the inputs are such that everybody can read them, and safely."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from pangeo_forge.feedstocks.problems import shorten
from pangeo_forge.lint.code.executed import find_scripted
from pangeo_forge.lint.code.modules import Module
from pangeo_forge.lint.code.trees import list_children
from pangeo_forge.lint.drafts import Draft
from pangeo_forge.lint.findings import Finding, Level
from pangeo_forge.lint.rule import Rule

_SUSPICIOUS = re.compile(r"(?:http|ftp|file)://|/(?:home|Users|root|glade|scratch|gpfs|lustre)/|~/|[A-Za-z]:\\+Users")
_CHAINED = r"(?:[a-z]{2,12}::){0,3}"
_HTTP = re.compile(rf"{_CHAINED}http://(?P<host>[\w.-]+)")
_FTP = re.compile(r"(?<![A-Za-z])ftp://(?P<host>[\w.-]*)(?=.)")
_LOCAL = re.compile(rf"{_CHAINED}(?:file://|(?:/(?:home|Users|root|glade|scratch|gpfs|lustre)/|~/|[A-Za-z]:\\+Users\\)\w)")
#: Names of things, not addresses of data; and machines of one's own.
_NO_ARCHIVE = re.compile(
    r"(?:.*\.)?(?:w3\.org|esipfed\.org|cfconventions\.org|opengis\.net|purl\.org|doi\.org|handle\.net|creativecommons\.org|"
    r"opensource\.org|apache\.org|spdx\.org|vocab\.nerc\.ac\.uk|mmisw\.org|xmlns\.com)|localhost|127\..*|0\.0\.0\.0|10\..*|192\.168\..*"
)
_DATA = re.compile(
    r"\.(?:nc[34]?|nc4|cdf|grib2?|grb2?|hdf5?|h5|he5|tiff?|zarr|zip|tar|t?gz|bz2|csv|txt|dat|parquet|json|mat|bin|asc)\b", re.IGNORECASE
)
_BASE = re.compile(r"(?i)(?:^|_)(?:url|uri|base|root|path|file|files|input|inputs|source|sources|server|archive|href|links?)(?:_|$|s$)")
_WORDS = """
    replace startswith endswith split strip lstrip removeprefix find index count partition print warn debug info warning error
"""
#: Methods of texts, whose arguments are looked for in addresses, and functions that tell people something.
_NO_READERS = frozenset(_WORDS.split())


@dataclass(frozen=True, slots=True)
class _Address:
    """A text in a module that looks like an address; what is filled in is written ``{}``."""

    text: str
    node: ast.Constant | ast.JoinedStr


class PoorAddress(Rule):
    """Inputs are read by an address that is not secure, is hard to reach, or is on the author's own computer.

    What comes by `http://` can be changed on its way. `ftp://` is kept out of many networks of clouds, and gives no parts of files.
    Most archives serve the same files by `https://`. A path that begins in somebody's home folder is nowhere else.

    Bad (`recipe.py`):

    ```python
    from pangeo_forge.recipes import ConcatDim, FilePattern, ZarrRecipe

    days = ConcatDim("time", keys=[1, 2, 3])
    sst = ZarrRecipe(FilePattern(lambda time: f"ftp://data.example.org/{time}.nc", days))
    ```

    Good (`recipe.py`):

    ```python
    from pangeo_forge.recipes import ConcatDim, FilePattern, ZarrRecipe

    days = ConcatDim("time", keys=[1, 2, 3])
    sst = ZarrRecipe(FilePattern(lambda time: f"https://data.example.org/{time}.nc", days))
    ```
    """

    code = "PFR036"
    name = "poor-address"
    level = Level.HINT
    message = "{fault}"

    def check(self, draft: Draft) -> Iterable[Finding]:
        """Look at the texts in the modules, at each archive once."""
        for module in draft.modules.values():
            told = set()
            for address in _find_addresses(module) if _SUSPICIOUS.search(module.text.text) else ():
                fault = _find_fault(address.text)
                if fault and fault.place not in told:
                    told.add(fault.place)
                    where, end = module.at(address.node), module.end_of(address.node)
                    yield self.found(where, end=end, level=fault.level, help=fault.advice, fault=fault.message)


@dataclass(frozen=True, slots=True)
class _Fault:
    """What is wrong with an address: the archive that it is about, how bad it is, why, and what to write instead."""

    place: str
    level: Level
    message: str
    advice: str


def _find_fault(text: str) -> _Fault | None:
    if _LOCAL.match(text):
        message = f"the path {shorten(text, 50)} leads somewhere on one computer only"
        return _Fault("/", Level.WARNING, message, "Write the address that everybody can read the files from.")
    if found := _FTP.search(text):
        place = found["host"]
        source = f" of {place}" if place else ""
        message = f"the files{source} come by FTP, which many networks of clouds do not let through, and which nothing protects"
        return _Fault(place, Level.HINT, message, "See whether the archive serves the files by https as well.")
    found = _HTTP.match(text)
    if found and not _NO_ARCHIVE.fullmatch(found["host"]):
        place = f"http://{found['host']}"
        message = f"`{place}` is not secure: what is read can be changed on its way"
        return _Fault(place, Level.HINT, message, f"Write `https://{found['host']}`, if the archive answers there.")
    return None


def _find_addresses(module: Module) -> Iterator[_Address]:
    """Find the texts that may be the addresses of inputs, in the order of the file."""
    parents = {id(child): node for node in module.nodes for child in list_children(node)}
    scripted = find_scripted(module)
    nodes = (node for node in module.nodes if isinstance(node, ast.Constant | ast.JoinedStr) and id(node) not in scripted)
    texts = [_Address(_text(node), node) for node in nodes]
    for address in sorted(texts, key=lambda address: (address.node.lineno, address.node.col_offset)):
        if _SUSPICIOUS.search(address.text) and _may_be_input(address, parents):
            yield address


def _text(node: ast.AST) -> str:
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=values):
            return "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in values)
    return ""


def _may_be_input(address: _Address, parents: Mapping[int, ast.AST]) -> bool:
    parent = parents.get(id(address.node))
    while isinstance(parent, ast.BinOp | ast.List | ast.Tuple | ast.Set | ast.IfExp):
        parent = parents.get(id(parent))
    if isinstance(parent, ast.Expr | ast.JoinedStr | ast.Compare) or parent is None:
        return False
    if isinstance(parent, ast.Call):
        name = getattr(parent.func, "attr", getattr(parent.func, "id", ""))
        if name in _NO_READERS or isinstance(parents.get(id(parent)), ast.Raise):
            return False
    if _is_attribute_of_data(parent):
        return False
    return bool("{" in address.text or _DATA.search(address.text) or _LOCAL.match(address.text) or _is_named_so(parent))


def _is_attribute_of_data(parent: ast.AST) -> bool:
    """Whether a text becomes an attribute of a dataset: ``ds.attrs["references"] = "http://…"``."""
    return isinstance(parent, ast.Assign) and any(
        isinstance(target, ast.Subscript) and "attrs" in ast.unparse(target.value) for target in parent.targets
    )


def _is_named_so(parent: ast.AST) -> bool:
    """Whether what a text becomes has the name of an address."""
    match parent:
        case ast.Assign(targets=[ast.Name(id=name), *_]) | ast.keyword(arg=str(name)) | ast.AnnAssign(target=ast.Name(id=name)):
            return _BASE.search(name) is not None
        case ast.Return():
            return True
    return False
