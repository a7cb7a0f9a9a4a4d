"""A group of commands whose modules are imported when they are used, not when the program starts."""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any, ClassVar

import typer
from typer.core import TyperGroup


@dataclass(frozen=True, slots=True)
class Door:
    """A command or group of commands that is not imported yet.

    Parameters
    ----------
    module : str
        The module whose `app` it is.
    summary : str
        What the list of commands says of it.
    command : str, optional
        Which of the commands of the module's `app` it is, if that is a group.
    """

    module: str
    summary: str
    command: str | None = None

    def open(self) -> Any:
        """Import the module, and give its command."""
        opened: Any = typer.main.get_command(import_module(self.module).app)
        return opened.commands[self.command] if self.command else opened


class _Rooms(MutableMapping[str, Any]):
    """Commands by their names, each imported when it is asked for."""

    def __init__(self, doors: dict[str, Door]) -> None:
        self._doors = doors
        self._opened: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._opened:
            self._opened[name] = self._doors[name].open()
        return self._opened[name]

    def __setitem__(self, name: str, command: Any) -> None:
        self._opened[name] = command

    def __delitem__(self, name: str) -> None:
        del self._doors[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._doors)

    def __len__(self) -> int:
        return len(self._doors)


class LazyGroup(TyperGroup):
    """A group whose commands are behind `doors`."""

    doors: ClassVar[dict[str, Door]] = {}

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        self.commands = _Rooms(self.doors)

    def list_commands(self, ctx: Any) -> list[str]:
        """Name the commands, in the order of the doors."""
        return list(self.doors)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """List the commands without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, door.summary) for name, door in self.doors.items()])
