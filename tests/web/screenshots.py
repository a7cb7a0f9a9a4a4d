"""Pictures of the pages, kept for people to look at."""

from __future__ import annotations

import os
from pathlib import Path

from playwright.sync_api import Page

#: Where pictures of the pages are kept, for people to look at.
PICTURES = Path(os.environ.get("SCREENSHOTS") or Path(__file__).parents[2] / "build" / "screenshots")


def take_picture(page: Page, name: str) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=PICTURES / f"{name}.png", full_page=True)
