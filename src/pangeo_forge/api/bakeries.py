"""Which bakeries there are."""

from __future__ import annotations

from pangeo_forge.bakeries import database
from pangeo_forge.bakeries.database import Bakery
from pangeo_forge.settings import Settings


def list_bakeries() -> tuple[Bakery, ...]:
    """Give all bakeries that a run may name."""
    return database.list_bakeries(Settings.load())


def get_bakery(bakery_id: str) -> Bakery:
    """Find a bakery by its id.

    Raises
    ------
    UsageError
        If there is none of this id.
    """
    return database.get_bakery(bakery_id, Settings.load())
