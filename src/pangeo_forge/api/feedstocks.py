"""Reading feedstocks and making new ones, with the user's settings."""

from __future__ import annotations

from pathlib import Path

from pangeo_forge.errors import UsageError
from pangeo_forge.feedstocks import scaffold
from pangeo_forge.feedstocks.feedstock import Feedstock
from pangeo_forge.settings import Settings

Source = str | Path | Feedstock


def load_feedstock(source: Source) -> Feedstock:
    """Find and read a feedstock, without running anything of it.

    Parameters
    ----------
    source : str, Path or Feedstock
        A folder, the path of a ``meta.yaml``, or a git URL ``…[@ref][#sub-folder]``; one that is loaded already is given back.

    Raises
    ------
    ForgeError
        If it is not there or cannot be worked with; `problems` are all that is wrong with it.
    """
    return source if isinstance(source, Feedstock) else Feedstock.load(source, checkouts=_checkouts())


def init_feedstock(path: str | Path) -> Path:
    """Write a new, commented feedstock that passes its own test on sample files.

    Parameters
    ----------
    path : str or Path
        The new folder. Its name, without a ``-feedstock`` at the end, is the recipe's id as well.

    Raises
    ------
    UserError
        If it is there already, or its name cannot be an id.
    """
    folder = Path(path)
    if not folder.name:
        raise UsageError(f"{str(path)!r} is not the name of a new folder", hint="Write a name such as 'sea-surface-temperature'.")
    return scaffold.init_feedstock(folder.name, folder.parent)


def create_feedstock(
    source: str | Path, destination: str | Path, *, author_name: str | None = None, author_email: str | None = None
) -> Path:
    """Make the complete repository of a feedstock, with one commit.

    Parameters
    ----------
    source : str or Path
        As for `load_feedstock`.
    destination : str or Path
        The repository's folder, which must not be there, or be empty.
    author_name, author_email : str, optional
        Of the commit; by default the first maintainer's.

    Raises
    ------
    ForgeError
        If the feedstock cannot be read, or the destination is there already.
    """
    return scaffold.create_feedstock(source, Path(destination), author_name=author_name, author_email=author_email, checkouts=_checkouts())


def _checkouts() -> Path:
    return Settings.load().home / "checkouts"
