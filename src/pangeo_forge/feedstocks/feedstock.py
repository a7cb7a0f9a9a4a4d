"""A feedstock: recipes, what describes them, and where they were found."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pangeo_forge.feedstocks.git import find_state
from pangeo_forge.feedstocks.meta import Meta
from pangeo_forge.feedstocks.modules import check_modules
from pangeo_forge.feedstocks.problems import invalid
from pangeo_forge.feedstocks.reading import parse_meta, read_file
from pangeo_forge.feedstocks.sources import META, find_feedstock


@dataclass(frozen=True, slots=True)
class Feedstock:
    """A folder of recipes and their ``meta.yaml``.

    Parameters
    ----------
    name : str
        The name of the repository or folder, without ``-feedstock``.
    source : str
        How the user named it, without what is secret in a URL.
    folder : Path
        The folder that holds ``meta.yaml`` and the modules, absolute.
    commit : str or None
        The commit of the git checkout that the folder lies in; None where there is none, or git does not tell.
    dirty : bool
        Whether the folder differs from that commit.
    meta : Meta
        What ``meta.yaml`` says.
    requirements : Path or None
        The ``requirements.txt`` beside it.
    """

    name: str
    source: str
    folder: Path
    commit: str | None
    dirty: bool
    meta: Meta
    requirements: Path | None

    @classmethod
    def load(cls, source: str | Path, *, checkouts: Path) -> Feedstock:
        """Find and read a feedstock, without running anything of it.

        Parameters
        ----------
        source : str or Path
            A folder, or a git URL ``…[@ref][#sub-folder]``.
        checkouts : Path
            Where the files of git repositories are kept.

        Raises
        ------
        UsageError
            If there is nothing by that name, or several feedstocks of which none was chosen.
        InvalidFeedstock
            If it cannot be worked with; `problems` are all that is wrong with it.
        SourceError
            If git cannot give the repository.
        """
        place = find_feedstock(source, checkouts=checkouts)
        shown = place.show(META)
        meta, problems = parse_meta(read_file(place.folder / META, shown), shown)
        problems = [*problems, *check_modules(meta, place.folder)]
        if problems:
            raise invalid(sorted(problems, key=lambda problem: (problem.where.line or 0) if problem.where else 0))
        commit, dirty = find_state(place.folder)
        requirements = place.folder / "requirements.txt"
        return cls(
            name=place.name,
            source=place.source,
            folder=place.folder,
            commit=commit,
            dirty=dirty,
            meta=meta,
            requirements=requirements if requirements.is_file() else None,
        )
