"""The bakeries that are known: for now the one that is built in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pangeo_forge.bakeries.targets import StorageRoot, check_public_url
from pangeo_forge.errors import UsageError
from pangeo_forge.settings import Settings


@dataclass(frozen=True, slots=True)
class Bakery:
    """A named deployment, as data.

    Parameters
    ----------
    id : str
        What users type.
    description : str
        One line.
    engine : str
        The name of the engine that runs the stages unless the user names another.
    environment : tuple of str, or "all"
        Which of the user's environment variables a worker sees: it runs the recipe's code.
    target : StorageRoot
        Where datasets are stored.
    """

    id: str
    description: str
    engine: str
    environment: tuple[str, ...] | Literal["all"]
    target: StorageRoot

    def to_dict(self) -> dict[str, Any]:
        """Describe the bakery with plain values, without its storage options."""
        environment = self.environment if self.environment == "all" else list(self.environment)
        return {
            "id": self.id,
            "description": self.description,
            "engine": self.engine,
            "environment": environment,
            "target": self.target.url,
            "public": self.target.public_url,
        }


#: What every worker needs, whichever variables its bakery names.
_ALWAYS = ("PATH", "HOME", "LANG", "TMPDIR")
#: What no recipe has a use for, and may hold a password.
_NEVER = ("PANGEO_FORGE_DATABASE",)


def local_bakery(settings: Settings) -> Bakery:
    """Make the built-in bakery: this machine's cores and a folder in the user's own home."""
    return Bakery(
        id="local",
        description="This machine, with a folder of your own as the store",
        engine="local",
        environment="all",
        target=StorageRoot(str(settings.home.absolute() / "bakery"), public_url=_read_public_url(settings)),
    )


def _read_public_url(settings: Settings) -> str | None:
    return check_public_url(settings.public_url, "PANGEO_FORGE_PUBLIC_URL") if settings.public_url else None


def list_bakeries(settings: Settings) -> tuple[Bakery, ...]:
    """Give all bakeries that a run may name."""
    return (local_bakery(settings),)


def get_bakery(bakery_id: str, settings: Settings) -> Bakery:
    """Find a bakery by its id.

    Raises
    ------
    UsageError
        If there is none of this id; the message names those that there are.
    """
    bakeries = {bakery.id: bakery for bakery in list_bakeries(settings)}
    if bakery_id not in bakeries:
        raise UsageError(
            f"there is no bakery {bakery_id!r}; there is: {', '.join(bakeries)}",
            hint="`pangeo-forge bakeries list` shows them all.",
        )
    return bakeries[bakery_id]


def worker_environment(bakery: Bakery, environ: Mapping[str, str]) -> dict[str, str]:
    """Choose which of `environ`'s variables a worker on this bakery sees.

    The built-in ``local`` bakery passes all of the user's own, as any program that they start sees them, but for the address of the
    database of runs. A bakery that names variables passes these, and those without which hardly a program runs
    (``PATH``, ``HOME``, ``LANG``, ``TMPDIR``).
    """
    if bakery.environment == "all":
        return {name: value for name, value in environ.items() if name not in _NEVER}
    names = {*bakery.environment, *_ALWAYS}
    return {name: value for name, value in environ.items() if name in names}
