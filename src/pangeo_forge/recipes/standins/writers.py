"""``pangeo_forge_recipes.writers``: what transforms that write stores have in common."""

from __future__ import annotations

from typing import Any

from pangeo_forge.recipes.standins.storage import FSSpecTarget


class ZarrWriterMixin:
    """What has a name for its store, and a root that the bakery says."""

    store_name: str
    target_root: Any

    def get_full_target(self) -> FSSpecTarget:
        """Say where the store is."""
        root = FSSpecTarget.from_url(self.target_root) if isinstance(self.target_root, str) else self.target_root
        target: FSSpecTarget = root / self.store_name
        return target
