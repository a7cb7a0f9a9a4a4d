"""A user before the program in the terminal, which runs without one."""

from __future__ import annotations

import asyncio
import html
import re
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from textual import events
from textual.pilot import Pilot

from pangeo_forge.catalog.library import Library
from pangeo_forge.tui.app import Browser

_TEXT = re.compile(r'<text class="[^"]*-r\d+" x="([\d.]+)" y="([\d.]+)"[^>]*>([^<]*)</text>')

#: How wide a character is in a screenshot.
_WIDTH = 12.2


@dataclass
class User:
    """Somebody who sees the screen and presses keys."""

    app: Browser
    pilot: Pilot[None]

    @property
    def seen(self) -> str:
        """What is on the screen, row by row."""
        rows: dict[float, str] = {}
        for x, y, text in sorted(_TEXT.findall(self.app.export_screenshot()), key=lambda found: (float(found[1]), float(found[0]))):
            before = rows.get(float(y), "").ljust(round(float(x) / _WIDTH))
            rows[float(y)] = before + html.unescape(text).replace("\xa0", " ")
        return "\n".join(row.rstrip() for _, row in sorted(rows.items()))

    async def press(self, *keys: str) -> None:
        """Press keys, one after the other."""
        await self.pilot.press(*keys)

    async def type(self, text: str) -> None:
        """Type a text."""
        await self.pilot.press(*text)

    def hit(self, *keys: str) -> None:
        """Press keys so fast that none is seen to by the program before the last is pressed."""
        for key in keys:
            self.app.post_message(events.Key(key, key if len(key) == 1 else None))

    async def sees(self, *texts: str) -> None:
        """Wait until the screen has all of some texts."""
        await self.waits_for(lambda: all(text in self.seen for text in texts), f"{texts} to be seen")

    async def sees_no(self, text: str) -> None:
        """Wait until the screen has not got a text."""
        await self.waits_for(lambda: text not in self.seen, f"{text!r} to be gone")

    async def waits_for(self, condition: Callable[[], bool], what: str) -> None:
        """Wait until something holds."""
        until = time.monotonic() + 60
        while not condition():
            assert time.monotonic() < until, f"waited for {what}, but there is:\n{self.seen}"
            await self.pilot.pause(0.02)


@asynccontextmanager
async def sitting_before(library: Library, size: tuple[int, int]) -> AsyncIterator[User]:
    app = Browser(library)
    async with app.run_test(size=size, notifications=True) as pilot:
        yield User(app, pilot)


def browse(library: Library, story: Callable[[User], Coroutine[Any, Any, None]], *, size: tuple[int, int] = (120, 36)) -> None:
    """Let a user do something with a catalogue."""

    async def go() -> None:
        async with sitting_before(library, size) as user:
            await story(user)

    with ThreadPoolExecutor(1) as pool:  # in this thread a browser of other tests may have a loop that runs
        pool.submit(lambda: asyncio.run(go())).result()
