"""Places that a user names by mistake: each is told in one line, with what to do."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

Forge = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def stores(tmp_path: Path) -> Path:
    xr.Dataset({"sst": ("x", np.ones(3))}).to_zarr(tmp_path / "stores" / "sst.zarr", consolidated=False)
    return tmp_path / "stores"


def told(ended: subprocess.CompletedProcess[str], code: int) -> str:
    """Give the line that tells of an error, which is followed by a hint and by nothing else."""
    line, hint = ended.stderr.splitlines()
    assert (ended.returncode, line[:7], hint[:6], ended.stdout) == (code, "error: ", "hint: ", "")
    assert "unexpected" not in line
    return line


def test_a_file_is_no_target_but_the_folder_of_stores_is(tmp_path: Path, forge: Forge) -> None:
    (tmp_path / "f.nc").write_bytes(b"CDF")
    ended = forge("catalog", "create", "f.nc", cwd=tmp_path)
    assert told(ended, 2) == f"error: {tmp_path}/f.nc is a file, and no folder of stores"
    assert "the folder that the Zarr stores lie in" in ended.stderr
    assert not (tmp_path / "f.nc" / "catalog").exists()


def test_neither_is_a_device(forge: Forge) -> None:
    assert told(forge("catalog", "create", "/dev/null"), 2) == "error: /dev/null is a file, and no folder of stores"


@pytest.mark.parametrize(
    ("output", "why"),
    [
        ("afile", "Not a directory"),
        ("afile/catalog", "Not a directory"),
        ("n" * 460, "File name too long"),
        ("/proc/x", "No such file or directory"),
    ],
)
def test_an_output_that_cannot_be_written_is_named_with_the_reason(
    stores: Path, tmp_path: Path, forge: Forge, output: str, why: str
) -> None:
    (tmp_path / "afile").touch()
    line = told(forge("catalog", "create", stores, "-o", output, cwd=tmp_path), 1)
    assert output[:40] in line
    assert line.endswith(f": the catalogue cannot be written: {why}")


@pytest.mark.parametrize(
    "command", [("catalog", "create", "foo://x/y"), ("catalog", "search", "foo://x/y"), ("catalog", "create", ".", "-o", "foo://x/y")]
)
def test_an_unknown_protocol_is_named(tmp_path: Path, forge: Forge, command: tuple[str, ...]) -> None:
    line = told(forge(*command, cwd=tmp_path), 2)
    assert line.startswith("error: foo://x/y: the ")
    assert line.endswith("'s protocol 'foo' is not known")


def test_an_unknown_protocol_of_a_recipes_target_is_told_before_the_run(tmp_path: Path, forge: Forge) -> None:
    assert forge("recipe", "init", "mine", cwd=tmp_path).returncode == 0
    ended = forge("recipe", "run", "mine", "--target", "foo://x/y", cwd=tmp_path)
    assert ended.returncode == 2
    assert "foo://x/y: the target's protocol 'foo' is not known" in ended.stderr
    assert "mine" not in forge("runs", "list").stdout


@pytest.mark.parametrize("command", ["create", "search"])
def test_a_server_that_refuses_is_no_fault_of_ours(forge: Forge, command: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    line = told(forge("catalog", command, f"ftp://127.0.0.1:{port}/x"), 1)
    assert line.startswith(f"error: ftp://127.0.0.1:{port}/x")
    assert line.endswith(" cannot be reached: Connection refused")


def test_a_bakery_is_searched_by_its_id(forge: Forge, forge_home: Path, tmp_path: Path) -> None:
    root = Path(forge("bakeries", "show", "local").stdout.partition("target")[2].split()[0].removeprefix("file://"))
    xr.Dataset({"sst": ("x", np.ones(3))}).to_zarr(root / "sst.zarr", consolidated=False)
    assert forge("catalog", "create", "local").returncode == 0
    assert "sst" in forge("catalog", "search", "local", cwd=tmp_path).stdout
    assert forge("catalog", "validate", "local", cwd=tmp_path).returncode == 0


def test_a_limit_that_no_catalogue_reaches_is_refused(forge: Forge) -> None:
    ended = forge("catalog", "search", "catalog", "--limit", "9" * 20)
    assert (ended.returncode, ended.stderr.count("\n")) == (2, 2)
    assert "--limit" in ended.stderr


def test_a_host_of_another_machine_is_not_mended_by_another_port(stores: Path, forge: Forge) -> None:
    assert forge("catalog", "create", stores).returncode == 0
    ended = forge("catalog", "serve", stores, "--host", "192.0.2.1", "--no-browser")
    assert told(ended, 2).startswith("error: 192.0.2.1:8000 cannot be listened to: Cannot assign")
    assert ended.stderr.splitlines()[1].startswith("hint: A host is an address of this machine")


def test_an_export_makes_no_file_that_is_called_as_standard_output_is(tmp_path: Path, forge: Forge) -> None:
    ended = forge("catalog", "export", tmp_path, "--as", "leap", "-o", "-", cwd=tmp_path)
    assert told(ended, 2) == "error: a catalogue is exported to a file, not to standard output"
    assert list(tmp_path.glob("-")) == []
