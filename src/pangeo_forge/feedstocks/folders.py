"""New folders that are there as a whole or not at all."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pangeo_forge.errors import UserError


@contextmanager
def new_folder(place: Path) -> Iterator[Path]:
    """Give an empty folder to fill, which becomes `place` at the end of the block, unless that ends in an error.

    Raises
    ------
    UserError
        If there is something at `place`, or nothing can be written there.
    """
    place = place.absolute()
    _check_free(place)
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{place.name[:60]}-", dir=place.parent, ignore_cleanup_errors=True) as temporary:
            # a folder in it, as the temporary one itself is closed to all others
            folder = Path(temporary) / "new"
            folder.mkdir()
            yield folder
            _check_free(place)
            folder.rename(place)
    except OSError as error:
        message = f"the folder {place} cannot be made: {error.strerror} ({error.filename})"
        raise UserError(message, hint="Choose another place, or look at its permissions and at the room there.") from error


def _check_free(place: Path) -> None:
    if place.is_symlink() or (place.exists() and not place.is_dir()):
        raise UserError(f"there is a file {place} already", hint="Choose another name.")
    if place.is_dir() and any(place.iterdir()):
        raise UserError(f"the folder {place} is there already, and not empty", hint="Choose another name, or move it away.")
    if place == Path.cwd():
        raise UserError(f"the folder {place} is the current one, and cannot be replaced", hint="Name a new folder in it.")
