"""A PostgreSQL server of one's own, from the binaries that the machine has, reached by a socket in its folder (so by no port at all)."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def find_postgres() -> Path | None:
    """Find the folder of ``initdb`` and ``pg_ctl``; Debian keeps it off the PATH."""
    on_path = shutil.which("initdb")
    folders = [Path(on_path).parent] if on_path else []
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((folder for folder in folders if (folder / "initdb").exists()), None)


@contextmanager
def serve_postgres(binaries: Path) -> Iterator[str]:
    """Run a new and empty server; gives its SQLAlchemy URL."""
    with tempfile.TemporaryDirectory(prefix="postgres-") as folder:
        user = _unprivileged_user()
        if user is not None:
            shutil.chown(folder, user)
        control = [str(binaries / "pg_ctl"), "--pgdata", f"{folder}/data", "--silent", "--wait"]
        _run([*control, "initdb", "--options=--auth=trust --username=forge --no-sync --encoding=UTF8"], user)
        _run([*control, "start", "--log", f"{folder}/log", "--options", f"-k {folder} -c listen_addresses='' -F"], user)
        try:
            yield f"postgresql+psycopg://forge@/postgres?host={folder}"
        finally:
            _run([*control, "stop", "--mode", "immediate"], user)


def _unprivileged_user() -> str | None:
    """Name whom to run it as: PostgreSQL refuses to be run by root."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def _run(command: list[str], user: str | None) -> None:
    ended = subprocess.run(command, user=user, cwd="/", capture_output=True, text=True)  # cwd: the user may not see ours
    if ended.returncode:
        raise RuntimeError(f"{' '.join(command)} ended with {ended.returncode}: {ended.stdout}{ended.stderr}")
