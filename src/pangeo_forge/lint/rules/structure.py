"""Whether the feedstock's files are where, and named as, they are looked for."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import islice

from pangeo_forge.errors import InvalidFeedstock, Where
from pangeo_forge.feedstocks.entries import safe_id
from pangeo_forge.feedstocks.problems import listing
from pangeo_forge.feedstocks.sources import META
from pangeo_forge.feedstocks.yaml import Pairs, Scalar, parse_yaml
from pangeo_forge.lint.drafts import METAS, Draft, Layout
from pangeo_forge.lint.files.catalogfile import NAME as CATALOG
from pangeo_forge.lint.files.folders import Entry, Kind
from pangeo_forge.lint.files.requirements import NAME as REQUIREMENTS
from pangeo_forge.lint.findings import Finding, Level, Rename
from pangeo_forge.lint.rule import ReadingRule, Rule

#: Names that can only be meant for ``meta.yaml``; a ``metadata.yaml`` beside it may be another tool's.
_MISSPELT = ("meta.yml", "Meta.yaml", "META.yaml")
_MOST = 10


class MissingMeta(Rule):
    """A feedstock has no `meta.yaml`.

    The file says what the recipes are and where the data come from; a folder without it is no feedstock. It lies in the feedstock's
    folder itself: in `feedstock/` at the top of a repository, or in `recipes/<name>/`. `pangeo-forge recipe init` makes a new one.
    """

    code = "PFS001"
    name = "missing-meta"
    level = Level.ERROR
    message = "{fault}"

    def check(self, draft: Draft) -> Iterable[Finding]:
        """Look for the file, and for what else has its name."""
        if draft.meta is not None or draft.is_outside or any(name in draft.files for name in METAS):
            return
        same = next((entry for entry in draft.entries if entry.path == META), None)
        if same is None:
            yield self.found(Where(draft.show("")), help=_say_where(draft), fault=f"there is no {META}; I see: {_see(draft)}")
        elif same.kind is not Kind.ESCAPE:
            what = "a folder" if same.kind is Kind.FOLDER else "neither a file nor a folder"
            yield self.found(Where(draft.show(META)), help="Make it a file with that name.", fault=f"{META} is {what}")


def _see(draft: Draft) -> str:
    top = (entry for entry in draft.entries if "/" not in entry.path and not entry.path.startswith("."))
    return listing([f"{entry.path}/" if entry.kind is Kind.FOLDER else entry.path for entry in islice(top, 100)])


def _say_where(draft: Draft) -> str:
    below = next((path for path in draft.files if path.endswith(f"/{META}")), None)
    if below:
        return f"There is one in {below.rpartition('/')[0]}/: move it here with what lies beside it, or lint that folder."
    return "Write one; `pangeo-forge recipe init` makes a feedstock with a commented one."


class MisnamedMeta(Rule):
    """`meta.yaml` has another name: `meta.yml`, `metadata.yaml`, `META.yaml`.

    Whatever reads feedstocks looks for `meta.yaml`, and says that there is none.
    """

    code = "PFS002"
    name = "misnamed-meta"
    level = Level.ERROR
    message = "the file is named {name}, but must be named meta.yaml"
    help = "Rename it to meta.yaml."
    fixable = True

    def check(self, draft: Draft) -> Iterable[Finding]:
        """Look for near misses where the file is not there."""
        names = [name for name in METAS if name in draft.files]
        if names and names[0] != META:
            yield self.found(Where(draft.show(names[0]), 1, 1), name=names[0], fix=[Rename(names[0], META)])


class TwoMetas(Rule):
    """`meta.yaml` and `meta.yml` lie side by side.

    Only `meta.yaml` is read. Which of the two is right nobody but the author knows, who may go on changing the wrong one.

    Bad (`meta.yml`):

    ```yaml
    title: Sea surface temperature
    ```

    Good (`meta.yaml`):

    ```yaml
    title: Sea surface temperature
    ```
    """

    code = "PFS003"
    name = "two-metas"
    level = Level.ERROR
    message = "{name} lies beside {read}, but only one of them is read"
    help = "Put into meta.yaml what it should say, and remove {name}."

    def check(self, draft: Draft) -> Iterable[Finding]:
        """Look for near misses where the file is there."""
        names = [name for name in METAS if name in draft.files]
        others = [name for name in names[1:] if name in _MISSPELT or names[0] != META]
        for name in others:
            yield self.found(Where(draft.show(name), 1, 1), name=name, read=names[0])


class MetaBelow(Rule):
    """A `meta.yaml` with recipes lies in a sub-folder, below the feedstock's own.

    A feedstock has one `meta.yaml`. Its modules may lie in sub-folders, but a second `meta.yaml` there is read by nothing that is
    told to read the feedstock.

    Bad (`other/meta.yaml`):

    ```yaml
    recipes:
      - id: ice
        object: "recipe:ice"
    ```

    Good (`other/meta.yaml`):

    ```yaml
    package:
      name: other
    ```
    """

    code = "PFS006"
    name = "meta-below"
    level = Level.HINT
    message = "{path} is not read, since the feedstock's own {read} lies above it"
    help = "List its recipes in the feedstock's own, or make a feedstock of its own of the folder."

    def check(self, draft: Draft) -> Iterable[Finding]:
        """Look below the feedstock's own file."""
        if draft.meta is None:
            return
        below = (path for path in draft.files if path.endswith(f"/{META}") and not path.startswith("."))
        for path in islice(below, _MOST):
            if _has_recipes(path, draft):
                yield self.found(Where(draft.show(path), 1, 1), path=path, read=draft.meta.text.path)


def _has_recipes(path: str, draft: Draft) -> bool:
    """Whether a file is about a feedstock, and not another tool's."""
    text = draft.read(path, "")
    try:
        root = parse_yaml(text.text.encode(), text.shown) if text else None
    except InvalidFeedstock:
        return False
    return isinstance(root, Pairs) and any(isinstance(key, Scalar) and key.text == "recipes" for key, _ in root.pairs)


class UnfitName(Rule):
    """The folder of a draft in `recipes/` has a name that its repository cannot have, or should not.

    The folder becomes a repository of its own, `<name>-feedstock`. GitHub takes letters, digits, `-`, `_` and `.` in the names of
    repositories, and nothing else.
    """

    code = "PFS008"
    name = "unfit-name"
    level = Level.WARNING
    message = "the folder is named {name!r}, {fault}"
    help = "Rename it to {better!r}, say."

    def check(self, draft: Draft) -> Iterable[Finding]:
        """Look at the name of the folder, where it lies among others."""
        name = draft.folder.name
        if draft.layout is not Layout.STAGED:
            return
        if not re.fullmatch(r"[\w.-]+", name, re.ASCII):
            fault = "which no repository on GitHub can be named"
        elif re.search(r".[-_]feedstock$", name):
            fault = "but -feedstock is put behind the name when it becomes a repository"
        else:
            return
        better = safe_id(re.sub(r"[-_ ]feedstock$", "", name))
        yield self.found(Where(draft.show("")), name=name, fault=fault, better=better)


class LeadsOut(Rule):
    """A link leads out of the repository.

    What it leads to is no part of the feedstock: others have something else there, or nothing. So it is not read, neither by the
    linter nor by anybody who clones the repository. It is an error where a run needs the file; in a git checkout, links that git
    does not keep are not looked at.
    """

    code = "PFS010"
    name = "leads-out"
    level = Level.ERROR
    message = "{what} is a link that leads out of {whole}, so that it is not read"
    help = "Put what it leads to in its place."

    def check(self, draft: Draft) -> Iterable[Finding]:
        """Look at the folder itself and at the links in it."""
        if draft.is_outside:
            yield self.found(Where(draft.show("")), what="the folder", whole="the repository, or of the folder that was named")
            return
        links = (entry for entry in draft.entries if entry.kind is Kind.ESCAPE)
        for entry in islice(links, _MOST):
            is_needed = _is_needed(entry)
            if is_needed or draft.tracked is None or entry.path in draft.tracked:
                level = Level.ERROR if is_needed else Level.WARNING
                yield self.found(Where(draft.show(entry.path)), level=level, what=entry.name, whole="the repository")


def _is_needed(entry: Entry) -> bool:
    """Whether a run reads a file, or may."""
    return entry.path in (META, REQUIREMENTS, CATALOG) or entry.path.endswith(".py")


class NoModule(ReadingRule):
    """`meta.yaml` names the objects of recipes, but there is no module at all beside it.

    Where other modules are there, but not the one that is named, it is PFM021. A dataset that exists already needs no code: it has
    an `id` alone, and `catalog.yaml` says where it is.
    """

    code = "PFS014"
    name = "no-module"
    level = Level.ERROR
