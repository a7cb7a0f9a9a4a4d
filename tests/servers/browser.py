"""A real browser without a window: Debian's Chromium, which Playwright drives."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

#: It runs as root in containers, and asks nobody else's servers for anything.
_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def find_chromium() -> str | None:
    """Find the browser's program."""
    return shutil.which("chromium") or shutil.which("chromium-browser")


@contextmanager
def start_browser(program: str) -> Iterator[Browser]:
    """Start the browser, and end it behind the block."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=_ARGUMENTS)
        yield browser
        browser.close()
