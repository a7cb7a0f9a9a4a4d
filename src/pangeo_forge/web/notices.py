"""Pictures that say in words why there is no other."""

from __future__ import annotations

import textwrap

from markupsafe import escape
from starlette.responses import Response

from pangeo_forge.catalog.pictures.wanted import Theme

_COLOURS: dict[Theme, tuple[str, str]] = {"light": ("#eef2f4", "#51646f"), "dark": ("#1a252d", "#9fb3bf")}


def make_notice(why: str, theme: Theme, *, small: bool = False, status: int = 200) -> Response:
    """Make a picture of a text; that of a thumbnail has no room for more than a dash, and says the rest where one points at it."""
    ground, ink = _COLOURS[theme]
    width, height = (320, 180) if small else (900, 300)
    lines = ["No picture"] if small else textwrap.wrap(f"This cannot be drawn: {why}", 90)[:8]
    rows = "".join(
        f'<text x="{width / 2:g}" y="{height / 2 + (number - (len(lines) - 1) / 2) * 24 + 5:g}">{escape(line)}</text>'
        for number, line in enumerate(lines)
    )
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}">'
        f'<title>{escape(why)}</title><rect width="100%" height="100%" fill="{ground}"/>'
        f'<g fill="{ink}" font-family="system-ui, sans-serif" font-size="16" text-anchor="middle">{rows}</g></svg>'
    )
    return Response(svg, status_code=status, media_type="image/svg+xml", headers={"Cache-Control": "no-store"})
