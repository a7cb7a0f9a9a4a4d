"""Each look is a process of its own: what crashes or hangs takes nothing else with it, and nothing is left of a check that ends."""

from __future__ import annotations

import json
import multiprocessing
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

from catalog.health.stores import enter, write_store
from pangeo_forge.api.cataloguing import create_catalog
from pangeo_forge.api.checking import check_catalog
from pangeo_forge.recipes import VirtualRecipe, pattern_from_file_sequence
from virtualizing import bake, make_files


@pytest.mark.parametrize("form", ["icechunk", "kerchunk-json"])
def test_references_are_followed_to_the_files_that_they_lead_to(tmp_path: Path, form: Any) -> None:
    (tmp_path / "target").mkdir()
    urls = make_files(tmp_path / "target")
    bake(VirtualRecipe(pattern_from_file_sequence(urls, "time"), format=form), tmp_path / "target")[0].close()
    create_catalog(tmp_path / "target")
    assert check_catalog(tmp_path / "target").datasets["out"].findings == ()
    Path(urls[0]).unlink()
    (finding,) = check_catalog(tmp_path / "target").datasets["out"].findings
    assert finding.message.startswith("values of sst cannot be read: ")
    assert urls[0] in finding.message


def test_chunks_that_are_too_large_are_not_read(tmp_path: Path) -> None:
    values = np.ones((3000, 3000))  # 72 MB
    xr.Dataset({"x": (("a", "b"), values)}).to_zarr(tmp_path / "x.zarr", consolidated=False, encoding={"x": {"chunks": values.shape}})
    create_catalog(tmp_path)
    health = check_catalog(tmp_path).datasets["x"]
    (finding,) = health.findings
    assert (health.state, finding.weight) == ("healthy", "note")
    assert finding.message == "values of x were not read: its chunks are larger than 64 MB"


def test_one_that_hangs_does_not_keep_the_others(tmp_path: Path) -> None:
    write_store(tmp_path / "ssh.zarr")
    create_catalog(tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        enter(tmp_path, f"http://127.0.0.1:{listener.getsockname()[1]}/sst.zarr")
        states = {name: health.state for name, health in check_catalog(tmp_path, workers=2, timeout_s=6).datasets.items()}
    assert states == {"ssh": "healthy", "sst": "broken"}


def test_one_that_crashes_is_told_with_what_it_did(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener, ThreadPoolExecutor() as pool:
        enter(tmp_path, f"http://127.0.0.1:{listener.getsockname()[1]}/sst.zarr")
        checked = pool.submit(check_catalog, tmp_path, timeout_s=300)
        with listener.accept()[0]:  # now it waits for an answer
            while not (children := multiprocessing.active_children()):
                time.sleep(0.01)
            for child in children:
                child.kill()
            (finding,) = checked.result().datasets["sst"].findings
    assert finding.message == "asking whether it is there ended the process that did it (signal 9)"


def test_a_check_that_is_interrupted_keeps_what_it_has_found(tmp_path: Path, forge_environ: dict[str, str]) -> None:
    write_store(tmp_path / "ssh.zarr")
    create_catalog(tmp_path)
    before = json.loads((tmp_path / "catalog" / "health.json").read_text())["datasets"]
    assert "checked" not in before["ssh"]
    with socket.create_server(("127.0.0.1", 0)) as listener:
        enter(tmp_path, f"http://127.0.0.1:{listener.getsockname()[1]}/sst.zarr")
        command = [sys.executable, "-c", WATCHED, str(tmp_path)]
        process = subprocess.Popen(command, env=forge_environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert process.stdout.readline() == "ssh\n"
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=120)
    assert "KeyboardInterrupt" in said
    after = json.loads((tmp_path / "catalog" / "health.json").read_text())["datasets"]
    assert after["ssh"]["state"] == "healthy"
    assert "sst" not in after


WATCHED = """
import sys
from pangeo_forge.api.checking import check_catalog

if __name__ == "__main__":
    check_catalog(sys.argv[1], workers=2, timeout_s=600, progress=lambda done, of, name, health: print(name, flush=True))
"""
