"""Files of git repositories, kept on this machine by commit.

A checkout is made beside its place and renamed into it, so that what is there is complete, also when two processes
ask for the same one at once: the second to finish finds the first one's and drops its own.
"""

from __future__ import annotations

import hashlib
import re
import tempfile
from pathlib import Path

from pangeo_forge.errors import SourceError, SourceUnavailable
from pangeo_forge.feedstocks.addresses import Repository
from pangeo_forge.feedstocks.git import GitFailed, run_git
from pangeo_forge.feedstocks.problems import listing, nearest

_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_PART_OF_COMMIT = re.compile(r"[0-9a-f]{4,64}")
_FETCH_TIMEOUT_S = 900


def get_checkout(repository: Repository, checkouts: Path) -> Path:
    """Return the folder of a repository's files at its ref, fetching them unless they are there already.

    Parameters
    ----------
    repository : Repository
        A branch or tag of it is looked up anew each time; a whole commit id asks nobody if its files are there.
    checkouts : Path
        Where checkouts are kept.

    Raises
    ------
    SourceError
        If the repository or the ref is not there, or not for this user.
    SourceUnavailable
        If the network failed.
    """
    checkouts = checkouts.absolute()
    address = hashlib.sha256(repository.shown.encode()).hexdigest()[:12]
    home = checkouts / f"{re.sub(r'[^A-Za-z0-9._-]', '-', repository.name)}-{address}"
    try:
        home.mkdir(parents=True, exist_ok=True)
        ref, commit = _find_ref(repository, home)
        if commit and (home / commit).is_dir():
            return home / commit
        with tempfile.TemporaryDirectory(prefix=".new-", dir=home, ignore_cleanup_errors=True) as folder:
            new = Path(folder) / "checkout"
            new.mkdir()
            return _move(new, home / _fetch(repository, ref, new))
    except GitFailed as error:
        raise _refusal(repository, error) from error
    except OSError as error:
        message = f"the files of {repository.shown} cannot be kept in {home}: {error.strerror or error}"
        raise SourceError(message, hint="Make room there, or set PANGEO_FORGE_HOME to another folder.") from error


def find_commit(repository: Repository) -> str:
    """Ask a repository at which commit its ref is now; nothing is fetched.

    Raises
    ------
    SourceError
        If the repository or the ref is not there, or not for this user.
    SourceUnavailable
        If the network failed.
    """
    with tempfile.TemporaryDirectory() as folder:
        try:
            ref, commit = _find_ref(repository, Path(folder))
        except GitFailed as error:
            raise _refusal(repository, error) from error
    return commit or ref


def _find_ref(repository: Repository, home: Path) -> tuple[str, str | None]:
    """Ask the repository for a ref's full name and commit; the commit is None where the ref may be (part of) one itself."""
    ref = repository.ref
    if ref and _COMMIT.fullmatch(ref):
        return ref, ref
    names = _full_names(ref)
    peeled = [f"{name}^{{}}" for name in names]
    listed = run_git("ls-remote", "--", repository.url, *names, *peeled, folder=home, url=repository.url)
    commits = {name: commit for commit, name in (line.split("\t") for line in listed.splitlines())}
    for name in names:
        if name in commits:
            return name, commits.get(f"{name}^{{}}", commits[name])
    if ref and _PART_OF_COMMIT.fullmatch(ref):
        return ref, None
    raise _no_such_ref(repository, home)


def _full_names(ref: str | None) -> list[str]:
    if ref in (None, "HEAD"):
        return ["HEAD"]
    return [ref] if ref.startswith("refs/") else [f"refs/tags/{ref}", f"refs/heads/{ref}"]


def _fetch(repository: Repository, ref: str, folder: Path) -> str:
    """Fetch a ref and check it out; return its commit."""
    run_git("init", "--quiet", "--template=", folder=folder)
    try:
        _fetch_refs(repository, folder, "--depth=1", refs=(ref,))
        wanted = "FETCH_HEAD"
    except GitFailed as error:
        if error.may_pass or not _PART_OF_COMMIT.fullmatch(ref):
            raise
        # Part of a commit's id, or a server that gives no single commits: fetch all, and look there.
        _fetch_refs(repository, folder, refs=("+refs/heads/*:refs/remotes/origin/*", "+refs/tags/*:refs/tags/*"))
        wanted = ref
    try:
        commit = run_git("rev-parse", "--verify", f"{wanted}^{{commit}}", folder=folder)
    except GitFailed as error:
        raise _no_such_ref(repository, folder, error.reason) from error
    run_git("checkout", "--quiet", "--detach", commit, folder=folder, timeout_s=_FETCH_TIMEOUT_S)
    return commit


def _fetch_refs(repository: Repository, folder: Path, *options: str, refs: tuple[str, ...]) -> None:
    command = ("fetch", "--quiet", "--no-tags", "--no-recurse-submodules", *options, "--", repository.url, *refs)
    run_git(*command, folder=folder, url=repository.url, timeout_s=_FETCH_TIMEOUT_S)


def _move(new: Path, place: Path) -> Path:
    try:
        new.rename(place)
    except OSError:
        if not place.is_dir():
            raise
    return place


def _no_such_ref(repository: Repository, home: Path, detail: str | None = None) -> SourceError:
    if repository.ref is None:
        return SourceError(f"the repository {repository.shown} holds no commit", hint="Commit and push the feedstock first.")
    listed = run_git("ls-remote", "--heads", "--tags", "--refs", "--", repository.url, folder=home, url=repository.url)
    names = [re.sub(r"^refs/(heads|tags)/", "", line.split("\t")[1]) for line in listed.splitlines()]
    close = nearest(repository.ref, names)
    hint = f"Did you mean '{close}'? " if close else ""
    message = f"the repository {repository.shown} has no branch, tag or commit '{repository.ref}'"
    return SourceError(message, hint=f"{hint}Its branches and tags: {listing(names)}.", detail=detail)


def _refusal(repository: Repository, error: GitFailed) -> SourceError:
    message = f"git cannot read the repository {repository.shown}: {error.summary}"
    if error.may_pass:
        return SourceUnavailable(message, hint="Look at the network, and try again.", detail=error.reason)
    hint = "Check the address. A private repository needs credentials that git finds by itself: a credential helper, or an SSH key."
    return SourceError(message, hint=hint, detail=error.reason)
