"""What a pull request changes: the files that differ from the commit that it branched off, as git tells."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from pangeo_forge.errors import UsageError
from pangeo_forge.feedstocks.git import GitFailed, run_git
from pangeo_forge.lint.files.texts import MAX_BYTES

_NOREPLY = re.compile(r"(?:[0-9]+\+)?(?P<login>[A-Za-z0-9][A-Za-z0-9-]*)@users\.noreply\.github\.com")
#: Of more commits and files nothing more is to be said.
_MOST_COMMITS = 1_000
_DIFF = ("diff", "--name-only", "-z", "--no-renames", "--no-relative", "--no-ext-diff", "--no-textconv", "--ignore-submodules=all")


@dataclass(frozen=True, slots=True)
class Committer:
    """Who made a commit.

    Parameters
    ----------
    name, email : str
        As git has them.
    """

    name: str
    email: str

    @property
    def login(self) -> str | None:
        """The name on GitHub, where the e-mail address is the one that GitHub gives to hide another."""
        found = _NOREPLY.fullmatch(self.email)
        return found["login"] if found else None


@dataclass(frozen=True)
class Changes:
    """How a checkout differs from a commit before.

    Parameters
    ----------
    top : Path
        The checkout's top folder.
    base : str
        The commit that both have in common.
    paths : frozenset of str
        The files that differ, those that are new or gone included, relative to the top folder.
    committers : tuple of Committer
        Who made the commits since, each once.
    """

    top: Path
    base: str
    paths: frozenset[str]
    committers: tuple[Committer, ...]

    @classmethod
    def since(cls, ref: str, top: Path) -> Changes:
        """Compare a checkout with where it branched off a branch or commit.

        Raises
        ------
        UsageError
            If the checkout does not hold that commit.
        """
        base = _find_base(ref, top)
        try:
            changed = run_git(*_DIFF, base, "--", folder=top)
            new = run_git("ls-files", "-z", "--others", "--exclude-standard", folder=top)
            log = run_git("log", "--no-merges", f"--max-count={_MOST_COMMITS}", "--format=%an%x00%ae", f"{base}..HEAD", "--", folder=top)
        except GitFailed as error:
            message = f"git cannot compare the checkout {top} with {ref!r}: {error.summary}"
            raise UsageError(message, hint="Look at git's words.", detail=error.reason) from error
        committers = dict.fromkeys(Committer(*line.split("\0")) for line in log.split("\n") if line.count("\0") == 1)
        return cls(top, base, frozenset(path for path in f"{changed}\0{new}".split("\0") if path), tuple(committers))

    @cached_property
    def folders(self) -> dict[str, tuple[str, ...]]:
        """The files that differ by the first part of their paths; those at the top are under ``""``."""
        found: dict[str, list[str]] = {}
        for path in sorted(self.paths):
            first, slash, _ = path.partition("/")
            found.setdefault(first if slash else "", []).append(path)
        return {name: tuple(paths) for name, paths in found.items()}

    def path_of(self, folder: Path, name: str) -> str:
        """Name a file of a folder of the checkout relative to its top."""
        return Path(os.path.realpath(folder), name).relative_to(self.top).as_posix()

    def had_any(self, paths: Iterable[str]) -> bool:
        """Whether one of these files was there at the commit before."""
        return bool(run_git("ls-tree", "--name-only", self.base, "--", *paths, folder=self.top))

    def before(self, path: str) -> str | None:
        """Give a file's text at the commit before; None where it was not there, or was too large."""
        blob = f"{self.base}:{path}"
        try:
            if int(run_git("cat-file", "-s", blob, folder=self.top)) > MAX_BYTES:
                return None
            return run_git("cat-file", "blob", blob, folder=self.top)
        except GitFailed:
            return None


def find_top(folder: Path) -> Path:
    """Find the top folder of the checkout that a folder lies in.

    Raises
    ------
    UsageError
        If it lies in none.
    """
    try:
        return Path(run_git("rev-parse", "--show-toplevel", folder=folder))
    except GitFailed as error:
        message = f"there is nothing to compare with: {folder} lies in no git checkout"
        raise UsageError(message, hint="Leave out --base, or lint a clone of the repository.", detail=error.reason) from error


def _find_base(ref: str, top: Path) -> str:
    hint = "Name a branch or commit of the checkout, such as origin/main. A workflow fetches them by `fetch-depth: 0`."
    if not ref or ref.startswith("-"):
        raise UsageError(f"{ref!r} is no branch or commit", hint=hint)
    try:
        commit = run_git("rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}", folder=top)
    except GitFailed as error:
        raise UsageError(f"the checkout {top} has no branch or commit {ref!r}", hint=hint, detail=error.reason) from error
    try:
        return run_git("merge-base", commit, "HEAD", folder=top)
    except GitFailed as error:
        message = f"the checkout {top} does not reach back to where it left {ref!r}"
        raise UsageError(message, hint="Fetch the history: `git fetch --unshallow`, or `fetch-depth: 0`.", detail=error.reason) from error
