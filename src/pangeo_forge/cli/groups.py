"""A group of commands of which each speaks plainly."""

from __future__ import annotations

import typer
from typer.core import TyperGroup

from pangeo_forge.cli.terminal import say

#: What fits on a narrow terminal, indented.
_WIDTH = 72


def make_group(help: str, group: type[TyperGroup] = TyperGroup) -> typer.Typer:  # noqa: A002  (typer's own name)
    """Make a group that shows its help if no command of it is named."""
    app = typer.Typer(
        help=help, cls=group, rich_markup_mode=None, pretty_exceptions_enable=False, add_completion=False, invoke_without_command=True
    )

    @app.callback()
    def show_help(ctx: typer.Context) -> None:
        if ctx.invoked_subcommand is None:
            say(ctx.get_help())

    return app


def examples(*lines: tuple[str, str]) -> str:
    """Write the end of a command's help: what one may type, and what it does."""
    width = max(len(line) for line, _ in lines)
    if width + max(len(what) for _, what in lines) <= _WIDTH:
        shown = [f"  {line:{width}}  {what}".rstrip() for line, what in lines]
    else:
        shown = [f"  # {what}\n  {line}" if what else f"  {line}" for line, what in lines]
    return "\n".join(["\b", "Examples:", *shown])
