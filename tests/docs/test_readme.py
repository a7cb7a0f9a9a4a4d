"""What the README says is so."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from docs.terminal import Shell
from docs.walkthrough import Walkthrough, find_blocks, is_tested, source_of

PROJECT = Path(__file__).resolve().parents[2]
README = PROJECT / "README.md"


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """Thirty years of made-up temperatures, one file a year, as the README's recipe takes them."""
    folder = tmp_path / "archive"
    folder.mkdir()
    for year in range(1990, 2020):
        times = xr.date_range(f"{year}-01-01", periods=12, freq="MS", use_cftime=False)
        values = np.random.default_rng(year).normal(15, 1, (12, 4, 5)).astype("f4")
        xr.Dataset({"sst": (("time", "lat", "lon"), values)}, {"time": times}).to_netcdf(folder / f"sst_{year}.nc", engine="h5netcdf")
    return folder


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """What of the project the demo needs, as a repository of its own, so that the developer's ``demo`` stays as it is."""
    folder = tmp_path / "pangeo-forge"
    ignored = shutil.ignore_patterns("__pycache__")
    for name in ("tools", "examples", "tests/servers"):
        shutil.copytree(PROJECT / name, folder / name, ignore=ignored)
    person = ("-c", "user.name=Reader", "-c", "user.email=reader@example.org", "-c", "commit.gpgSign=false")
    for arguments in (["init", "--quiet"], ["add", "--all"], [*person, "commit", "--quiet", "--message", "Begin"]):
        subprocess.run(["git", *arguments], cwd=folder, check=True)
    return folder


def test_make_demo_is_the_demo():
    """The tests call the demo without make, which would set up the environment that they run in."""
    makefile = (PROJECT / "Makefile").read_text()
    assert re.search(r"^demo: .*\n\t@\$\(bin\)/python tools/demo\.py\n", makefile, re.MULTILINE)


@pytest.mark.slow
@pytest.mark.server
def test_a_reader_who_does_what_the_readme_says_sees_what_it_shows(
    clone: Path, archive: Path, http_server: Callable[[Path], object], make_shell: Callable[[Path], Shell]
):
    replaced = {"https://example.org/sst": http_server(archive).url, "make demo": "python tools/demo.py"}
    done = Walkthrough(make_shell(clone), replaced).follow(README)
    assert done == 4


def test_of_the_readmes_blocks_only_those_that_install_something_are_not_tested():
    untested = [source_of(block).split()[0] for block in find_blocks(README) if not is_tested(block)]
    assert untested == ["make", "pip"]
