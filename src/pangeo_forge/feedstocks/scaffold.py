"""Make what a person would otherwise copy together: a new feedstock, or the repository of a finished one."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from pangeo_forge.errors import UsageError, UserError
from pangeo_forge.feedstocks.authors import Author, choose_author
from pangeo_forge.feedstocks.entries import id_fault, safe_id
from pangeo_forge.feedstocks.feedstock import Feedstock
from pangeo_forge.feedstocks.folders import new_folder
from pangeo_forge.feedstocks.git import GitFailed, run_git
from pangeo_forge.feedstocks.repository import compose_owners, compose_readme, fill, ignored_text, licence_text
from pangeo_forge.feedstocks.samples import write_samples
from pangeo_forge.feedstocks.sources import plain_name


def init_feedstock(name: str, folder: Path) -> Path:
    """Write a new, commented feedstock that passes its own test on sample files.

    Parameters
    ----------
    name : str
        Of the new folder; without a ``-feedstock`` at its end it is the recipe's id as well.
    folder : Path
        Where to make it.

    Returns
    -------
    Path
        The new folder, `folder` / `name`.

    Raises
    ------
    UserError
        If it is there already, or the name cannot be an id.
    """
    recipe_id = plain_name(name)
    fault = id_fault(recipe_id) or (None if recipe_id == safe_id(recipe_id) else "has more than letters, digits, '-', '_' and '.'")
    if fault:
        raise UsageError(f"the name {name!r} {fault}", hint=f"Choose {safe_id(name)!r}, say.")
    with new_folder(folder / name) as new:
        samples = new / "feedstock" / "sample-data"
        samples.mkdir(parents=True)
        write_samples(samples)
        for template, place in (("meta.yaml", "feedstock"), ("recipe.py", "feedstock"), ("README.md", "")):
            _write(new / place / template, fill(f"new/{template}", id=recipe_id))
    return folder / name


def create_feedstock(
    source: str | Path, destination: Path, *, author_name: str | None = None, author_email: str | None = None, checkouts: Path
) -> Path:
    """Make the complete repository of a feedstock, with one commit.

    Parameters
    ----------
    source : str or Path
        The feedstock, as `Feedstock.load` takes it.
    destination : Path
        The repository's folder, which must not be there, or be empty.
    author_name, author_email : str, optional
        Of the commit; by default the first maintainer's.
    checkouts : Path
        Where the files of git repositories are kept.

    Returns
    -------
    Path
        The repository's folder.

    Raises
    ------
    UserError
        If the feedstock cannot be read, or the destination is there already.
    """
    feedstock = Feedstock.load(source, checkouts=checkouts)
    author = choose_author(feedstock.meta.maintainers, author_name, author_email)
    owners = compose_owners(feedstock.meta)
    if Path(os.path.realpath(destination)).is_relative_to(feedstock.folder):
        raise UserError(f"the folder {destination} would lie in the feedstock itself", hint="Choose a place outside of it.")
    with new_folder(destination) as new:
        _copy(feedstock.folder, new / "feedstock")
        _write(new / ".gitignore", ignored_text())
        _write(new / "LICENSE", licence_text())
        _write(new / "README.md", compose_readme(feedstock.name, feedstock.meta))
        if owners:
            (new / ".github").mkdir()
            _write(new / ".github" / "CODEOWNERS", owners)
        _commit(new, feedstock, author)
    return destination


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


def _copy(source: Path, destination: Path) -> None:
    """Copy a feedstock's files, but for those that its ``.gitignore`` will name."""
    to_ignore = [line.rstrip("/") for line in ignored_text().split()]
    find_ignored = shutil.ignore_patterns(".git", *to_ignore)

    def ignore(folder: str, names: list[str]) -> set[str]:
        ignored = find_ignored(folder, names)
        for name in names:
            if name not in ignored:
                _check_link(Path(folder, name), source)
        return ignored

    try:
        shutil.copytree(source, destination, symlinks=True, ignore=ignore)
    except shutil.Error as error:
        raise UserError("some files of the feedstock cannot be copied", hint="Look at their permissions.", detail=str(error)) from error


def _check_link(path: Path, source: Path) -> None:
    """Refuse a link out of the feedstock: its target is no part of it, and may be nobody's business."""
    if path.is_symlink() and (path.readlink().is_absolute() or not Path(os.path.realpath(path)).is_relative_to(source)):
        message = f"{path.relative_to(source)} is a link that leads out of the feedstock"
        raise UserError(message, hint="Put the file itself in its place.")


def _tell_origin(feedstock: Feedstock) -> str:
    """Say where the recipe is from, as far as others can know the place; a path on this machine is nobody's business."""
    public = feedstock.source if "://" in feedstock.source and not feedstock.source.startswith("file:") else ""
    commit = f"commit {feedstock.commit}" if feedstock.commit else ""
    changed = ", with changes that were not committed" if feedstock.dirty else ""
    origin = ", ".join(filter(None, (public, commit)))
    return f"\n\nFrom {origin}{changed}." if origin else ""


def _commit(folder: Path, feedstock: Feedstock, author: Author) -> None:
    message = f"Create the feedstock {feedstock.name}{_tell_origin(feedstock)}"
    person = {
        f"GIT_{role}_{part}": value for role in ("AUTHOR", "COMMITTER") for part, value in (("NAME", author.name), ("EMAIL", author.email))
    }
    # What the developer has set up for other repositories (signatures, files to ignore, line ends) does not matter here.
    plain = ("-c", "commit.gpgSign=false", "-c", "core.excludesFile=", "-c", "core.autocrlf=false")
    try:
        run_git("init", "--quiet", "--template=", "--initial-branch=main", folder=folder)
        run_git(*plain, "add", "--all", folder=folder, timeout_s=900)
        run_git(*plain, "commit", "--quiet", "--message", message, folder=folder, environ=person, timeout_s=900)
    except GitFailed as error:
        raise UserError(f"git cannot commit the feedstock: {error.summary}", hint="Look at git's words.", detail=error.reason) from error
