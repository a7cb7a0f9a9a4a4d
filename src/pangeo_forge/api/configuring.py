"""How file systems are reached: fsspec's configuration, and a file that a user names for one command."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pangeo_forge.errors import UsageError

_FORM = 'It is JSON, as {"s3": {"key": "…", "secret": "…", "client_kwargs": {"endpoint_url": "https://…"}}}.'


def use_storage_options(file: str | Path | None) -> None:
    """Add to fsspec's configuration, for this process and those that it starts, what a file says of each protocol.

    Parameters
    ----------
    file : str or Path, optional
        JSON, with fsspec's options by protocol. Keys in it are not shown to those who list the machine's processes.

    Raises
    ------
    UsageError
        If it cannot be read. The message repeats nothing of it.
    """
    if file is None:
        return
    from fsspec.config import conf

    for protocol, options in _read(Path(file)).items():
        conf[protocol] = {**conf.get(protocol, {}), **options}
        name = f"FSSPEC_{protocol.upper()}"
        for said in [said for said in os.environ if said.startswith(f"{name}_")]:  # it is in `conf` as well, and would win
            del os.environ[said]
        os.environ[name] = json.dumps(conf[protocol], default=str)


def find_configured(url: str) -> dict[str, Any]:
    """Give fsspec's options of a place, as it is configured."""
    from fsspec.config import conf

    return dict(conf.get(url.partition("://")[0], {})) if "://" in url else {}


def _read(file: Path) -> Mapping[str, Mapping[str, Any]]:
    try:
        told = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"the storage options cannot be read: {error.strerror}", where=str(file), hint=_FORM) from None
    except ValueError:
        raise UsageError("the storage options are no JSON", where=str(file), hint=_FORM) from None
    if not isinstance(told, dict) or not all(isinstance(options, dict) for options in told.values()):
        raise UsageError("the storage options do not say which protocol they are of", where=str(file), hint=_FORM)
    return told
