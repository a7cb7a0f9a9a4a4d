"""What all tests share: real data, a home of their own, real servers, and a guard that no test leaves this machine."""

from __future__ import annotations

import ipaddress
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import iris_sample_data
import pytest

pytest_plugins = ["servers.fixtures", "peer.fixtures"]

# uv trusts certificates of its own unless it is told to trust the machine's.
if "UV_NATIVE_TLS" not in os.environ:
    os.environ.setdefault("UV_SYSTEM_CERTS", "1")

PROJECT = Path(__file__).resolve().parents[1]
SAMPLES = Path(iris_sample_data.path)

#: The one reason for which a test may be skipped in continuous integration.
NEEDS_SHARED = "needs ../shared"


# Data.


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of material beside the project, which is not part of it."""
    folder = PROJECT.parent / "shared"
    if not folder.is_dir():
        pytest.skip(f"{NEEDS_SHARED}: there is no folder {folder}")
    return folder


@pytest.fixture(scope="session")
def samples() -> Path:
    """The folder of iris-sample-data: real files of many kinds, to be read only."""
    return SAMPLES


@pytest.fixture(scope="session")
def nemo_files() -> list[Path]:
    """Three monthly files of an ocean model; ``time_counter`` is 0.0 in each, the real time is ``time_centered`` (360-day calendar)."""
    return sorted((SAMPLES / "NEMO").glob("nemo_1m_*.nc"))


@pytest.fixture(scope="session")
def ostia_file() -> Path:
    """One file of 54 months of sea surface temperature, ``surface_temperature(time=54, latitude=18, longitude=432)``."""
    return SAMPLES / "ostia_monthly.nc"


@pytest.fixture(scope="session")
def a1b_file() -> Path:
    """One file of 240 years of air temperature in a 360-day calendar, ``air_temperature(time=240, latitude=37, longitude=49)``."""
    return SAMPLES / "A1B_north_america.nc"


# The product as a user has it.


@pytest.fixture
def forge_home(tmp_path: Path) -> Path:
    """A home of the test's own, for ``PANGEO_FORGE_HOME``."""
    return tmp_path / "forge-home"


@pytest.fixture
def forge_environ(forge_home: Path) -> dict[str, str]:
    """This process's environment variables, with no setting of the developer's own and `forge_home` as the home."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PANGEO_FORGE_")}
    return inherited | {"PANGEO_FORGE_HOME": str(forge_home), "NO_COLOR": "1", "COLUMNS": "120"}


@pytest.fixture
def forge(forge_environ: dict[str, str]) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run the command as a process: ``forge("recipe", "list", folder, NEMO_ARCHIVE=url).stdout``."""

    def run(*arguments: str | Path, cwd: Path | None = None, timeout: float = 300, **environ: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "pangeo_forge", *map(str, arguments)]
        return subprocess.run(command, cwd=cwd, env=forge_environ | environ, timeout=timeout, capture_output=True, text=True)

    return run


# The guard: Python tells its audit hooks of every connection before it is made.


def _is_loopback(host: str) -> bool:
    if host in ("", "localhost", "ip6-localhost", socket.gethostname()):
        return True
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return False


def _stay_on_this_machine(event: str, args: tuple[Any, ...]) -> None:
    if event == "socket.connect":
        connection, address = args
        if (
            connection.family in (socket.AF_INET, socket.AF_INET6)
            and connection.type == socket.SOCK_STREAM
            and not _is_loopback(address[0])
        ):
            raise RuntimeError(f"a test reached for {address}; tests connect to loopback only")
    elif event == "socket.getaddrinfo":
        host = args[0].decode() if isinstance(args[0], bytes) else args[0]
        if host is not None and not _is_loopback(host):
            raise socket.gaierror(socket.EAI_NONAME, f"tests look up no other machine, not {host!r}")


sys.addaudithook(_stay_on_this_machine)


# In continuous integration nothing is passed over in silence.

_FORBIDDEN_SKIPS: list[str] = []


def _note_skip(report: pytest.CollectReport | pytest.TestReport) -> None:
    if not report.skipped or hasattr(report, "wasxfail"):
        return
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    reason = reason.removeprefix("Skipped: ")
    if not reason.startswith(NEEDS_SHARED):
        _FORBIDDEN_SKIPS.append(f"{report.nodeid}: {reason}")


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Note a skipped test."""
    _note_skip(report)


def pytest_collectreport(report: pytest.CollectReport) -> None:
    """Note a skipped module."""
    _note_skip(report)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail a session in continuous integration that skipped what it should have run."""
    if os.environ.get("CI") == "true" and _FORBIDDEN_SKIPS and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say which skips made the session fail."""
    if os.environ.get("CI") == "true" and _FORBIDDEN_SKIPS:
        terminalreporter.section(f"skipped, but CI=true allows that only where the reason begins with {NEEDS_SHARED!r}", red=True)
        for line in _FORBIDDEN_SKIPS:
            terminalreporter.line(line)
