"""Imports go down the layers, and what starts fast does not pay for what it does not use."""

from __future__ import annotations

import json
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[1]

HEAVY = {"dask", "distributed", "numpy", "pandas", "xarray", "zarr"}

#: Runs the command as its entry point does, then says which modules that imported.
LISTING = """
import json, sys
from pangeo_forge.cli.main import main
sys.argv = ["pangeo-forge", *sys.argv[1:]]
try:
    main()
except SystemExit as ended:
    assert ended.code in (0, None), ended.code
print("\\n" + json.dumps(sorted(sys.modules)))
"""


def test_the_contracts_of_import_linter_hold():
    command = [Path(sysconfig.get_path("scripts")) / "lint-imports", "--no-cache", "--no-logo"]
    ended = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stdout


@pytest.mark.parametrize(
    "arguments", [["--help"], ["--version"], ["bakeries", "list"], ["bakeries", "list", "--json"], ["schema", "meta"], ["runs", "list"]]
)
def test_a_command_that_computes_nothing_imports_nothing_heavy(arguments, forge_environ):
    ended = subprocess.run([sys.executable, "-c", LISTING, *arguments], capture_output=True, text=True, env=forge_environ)
    assert ended.returncode == 0, ended.stderr
    imported = {name.partition(".")[0] for name in json.loads(ended.stdout.splitlines()[-1])}
    assert "pangeo_forge" in imported
    assert imported & HEAVY == set()
