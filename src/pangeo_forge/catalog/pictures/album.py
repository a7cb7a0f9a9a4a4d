"""Pictures that were drawn, kept in a folder of the user's cache, of which the oldest go when it is full."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from fsspec.implementations.local import LocalFileSystem

from pangeo_forge.catalog.pictures.wanted import Picture, Shown, Source, Wanted
from pangeo_forge.catalog.storage.files import as_json, replace

#: Is raised when pictures come to be drawn otherwise, so that those that are kept are drawn again.
_MANNER = 2

#: So many bytes are kept.
_KEPT = 500_000_000


@dataclass(frozen=True, slots=True)
class Album:
    """A folder of pictures.

    Parameters
    ----------
    folder : Path
        It is made if it is not there.
    draw : callable
        Draws what is not there yet.
    kept : int
        How many bytes of pictures are kept.
    """

    folder: Path
    draw: Callable[[Source, Wanted], Picture]
    kept: int = _KEPT

    def get(self, source: Source, wanted: Wanted) -> Picture:
        """Give a picture, drawn now or before.

        Raises
        ------
        CannotDraw
            If it cannot be drawn.
        """
        found = self.find(source, wanted)
        if found is None:
            found = self.draw(source, wanted)
            self._keep(name_picture(source, wanted), found)
        return found

    def find(self, source: Source, wanted: Wanted) -> Picture | None:
        """Find a picture that was drawn before."""
        name = name_picture(source, wanted)
        try:
            told = json.loads((self.folder / f"{name}.json").read_bytes())
            png = self.folder / f"{name}.png"
            content = png.read_bytes()
            png.touch()
        except FileNotFoundError:
            return None
        return Picture(content, Shown(**{**told, "colours": tuple(told["colours"])}))

    def _keep(self, name: str, picture: Picture) -> None:
        here = LocalFileSystem()
        replace(here, str(self.folder / f"{name}.json"), as_json(picture.shown.to_dict()))
        replace(here, str(self.folder / f"{name}.png"), picture.png)
        self._make_room()

    def _make_room(self) -> None:
        """Remove the pictures that nobody has looked at for longest."""
        pictures = sorted(((path.stat().st_mtime, path.stat().st_size, path) for path in self.folder.glob("*.png")), reverse=True)
        total = 0
        for _, size, path in pictures:
            total += size
            if total > self.kept:
                path.unlink(missing_ok=True)
                path.with_suffix(".json").unlink(missing_ok=True)


def name_picture(source: Source, wanted: Wanted) -> str:
    """Name a picture after all that it depends on."""
    told = {**asdict(source), "storage_options": None, "wanted": asdict(wanted), "manner": _MANNER}
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:40]
