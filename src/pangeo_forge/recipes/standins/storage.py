"""``pangeo_forge_recipes.storage``: where things are kept, which the bakery says, so that what a recipe says of it is kept and not used."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import fsspec


@dataclass
class FSSpecTarget:
    """A place on a file system."""

    fs: Any = None
    root_path: str = ""
    fsspec_kwargs: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def from_url(cls, url: str) -> FSSpecTarget:
        """Make the place that a URL names."""
        filesystem, path = fsspec.url_to_fs(url)
        return cls(filesystem, path)

    def __truediv__(self, suffix: str) -> FSSpecTarget:
        return replace(self, root_path=f"{self.root_path}/{suffix}")

    def get_mapper(self) -> Any:
        """Give the place as a mapping."""
        return self.fs.get_mapper(self.root_path)

    def exists(self, path: str) -> bool:
        """Whether there is a file."""
        return bool(self.fs.exists(f"{self.root_path}/{path}"))

    def __str__(self) -> str:
        return self.root_path


class FlatFSSpecTarget(FSSpecTarget):
    """A place whose files lie beside each other."""


class CacheFSSpecTarget(FlatFSSpecTarget):
    """A place for copies of the inputs."""


class MetadataTarget(FSSpecTarget):
    """A place for what was found out about the inputs."""


@dataclass
class StorageConfig:
    """The places of a recipe of the class API."""

    target: Any = None
    cache: Any = None
    metadata: Any = None


def temporary_storage_config() -> StorageConfig:
    """Make places that nothing is written to."""
    return StorageConfig(FSSpecTarget(), CacheFSSpecTarget(), MetadataTarget())
