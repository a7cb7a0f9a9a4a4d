"""Whether the repository of a feedstock has what its visitors look for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from pangeo_forge.errors import Where
from pangeo_forge.feedstocks.repository import compose_owners, compose_readme, licence_text
from pangeo_forge.lint.drafts import Draft, Layout
from pangeo_forge.lint.files.folders import is_inside, list_entries
from pangeo_forge.lint.findings import Creation, Finding, Level
from pangeo_forge.lint.rule import Rule

#: Where GitHub looks for files about a repository.
_PLACES = ("", ".github", "docs")


class IncompleteRepository(Rule):
    """The repository of a feedstock has no README, no licence, or no CODEOWNERS.

    The README says what the dataset is. Without a licence nobody may use the recipe's code; `--fix` writes the one that
    `create-feedstock` writes, the Apache License 2.0: write another one before if it should be another. By CODEOWNERS GitHub asks
    the maintainers to review what others change. The files are looked for at the top of the git repository that has the feedstock
    in its `feedstock/`.
    """

    code = "PFS012"
    name = "incomplete-repository"
    level = Level.HINT
    message = "the repository has no {what}: {why}"
    help = "`--fix` writes one, as `pangeo-forge create-feedstock` does."
    fixable = True

    def check(self, draft: Draft) -> Iterable[Finding]:
        """Look at the top of the repository, and where else GitHub looks."""
        if draft.layout is not Layout.FEEDSTOCK or draft.is_outside or not (draft.root / ".git").exists():
            return
        names = set(_find_names(draft))
        where = Where(draft.show(draft.from_root(".")))
        for file in _wanted(draft):
            if not any(name.startswith(file.beginnings) for name in names):
                fix = [file.creation] if file.creation else ()
                yield self.found(where, fix=fix, help=None if fix else "Write one.", what=file.name, why=file.purpose)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A file that should be there."""

    name: str
    #: How its name may begin, in small letters.
    beginnings: tuple[str, ...]
    purpose: str
    creation: Creation | None


def _wanted(draft: Draft) -> Iterator[_Wanted]:
    meta = draft.meta.model if draft.meta else None
    readme = Creation("README.md", compose_readme(draft.name, meta)) if meta else None
    yield _Wanted("README", ("readme",), "it tells visitors what the dataset is", readme)
    licence = Creation("LICENSE", licence_text())
    yield _Wanted("LICENSE", ("license", "licence", "copying", "unlicense"), "without one nobody may use the recipe's code", licence)
    owners = compose_owners(meta) if meta else None
    if owners:
        has_folder = (draft.root / ".github").is_dir() and is_inside(draft.root / ".github", draft.root)
        creation = Creation(".github/CODEOWNERS" if has_folder else "CODEOWNERS", owners)
        yield _Wanted("CODEOWNERS", ("codeowners",), "by it GitHub asks the maintainers for reviews", creation)


def _find_names(draft: Draft) -> Iterator[str]:
    """Give the names, in small letters, of what lies where GitHub looks."""
    for folder in (draft.root / place for place in _PLACES):
        if is_inside(folder, draft.root):
            yield from (entry.name.lower() for entry in list_entries(folder, draft.root, deepest=0))
    yield from (PurePosixPath(path).name.lower() for path, data in draft.overlay.items() if path.startswith("../") and data is not None)
