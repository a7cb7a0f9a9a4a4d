"""A module may do what it likes while it is imported: the command says what, or goes on as if nothing had been."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow

Forge = Callable[..., subprocess.CompletedProcess[str]]

#: Begins a text that stands behind the recipe.
BEHIND = b"# behind\n"

RECIPE = """
from pangeo_forge.recipes import ConcatDim, FilePattern, ZarrRecipe

def make_url(time_counter):
    return f"{archive}/nemo_1m_{{time_counter}}_grid-T.nc"

def set_time(ds, source):
    return ds.assign_coords(time_counter=ds.time_centered.variable).drop_vars("time_centered")

MONTHS = ("20150101-20150201", "20150201-20150301", "20150301-20150401")
recipe = ZarrRecipe(
    FilePattern(make_url, ConcatDim("time_counter", MONTHS)),
    preprocess=set_time,
    open_kwargs={{"drop_variables": ["bounds_lon", "bounds_lat"]}},
)
"""


def write_feedstock(folder: Path, archive: Path, modules: dict[str, str | bytes]) -> Path:
    """Write a feedstock of modules, by name, each with its own text and a recipe behind it; the id of a recipe is its module's name."""
    folder.mkdir()
    entries = [f'  - id: "{name}"\n    object: "{name}:recipe"\n' for name in modules]
    (folder / "meta.yaml").write_text('title: "Modules"\nrecipes:\n' + "".join(entries))
    recipe = RECIPE.format(archive=archive).encode()
    for name, text in modules.items():
        data = text if isinstance(text, bytes) else text.encode()
        (folder / f"{name}.py").write_bytes(recipe + data.removeprefix(BEHIND) if data.startswith(BEHIND) else data + recipe)
    return folder


# What is told.

FATAL = {
    "leaves": ("import sys\nsys.exit(3)", ":2", "module 'm' fails when it is imported: SystemExit: 3 [PFR041]"),
    "interrupts": ("raise KeyboardInterrupt", ":1", "module 'm' fails when it is imported: KeyboardInterrupt [PFR041]"),
    "ends the process": ("import os\nos._exit(3)", "", "module 'm' ends the process with exit code 3 when it is imported [PFR041]"),
    "ends it well": ("import os\nos._exit(0)", "", "module 'm' ends the process with exit code 0 when it is imported [PFR041]"),
    "aborts": ("import os\nos.abort()", ":2", "module 'm' crashes the process when it is imported (SIGABRT) [PFR041]"),
    "crashes": ("import ctypes\nctypes.string_at(0)", ":2", "module 'm' crashes the process when it is imported (SIGSEGV) [PFR041]"),
    "crashes in silence": (
        "import ctypes, os\nos.closerange(0, 3)\nctypes.string_at(0)",
        ":3",
        "module 'm' crashes the process when it is imported (SIGSEGV) [PFR041]",
    ),
    "is killed": ("import os\nos.kill(os.getpid(), 9)", "", "while module 'm' was imported the worker was killed by SIGKILL"),
    "never comes back up": (
        "def f():\n    f()\nf()",
        ":2",
        "module 'm' fails when it is imported: RecursionError: maximum recursion depth",
    ),
    "wants too much": ("x = bytearray(1 << 60)", ":1", "module 'm' fails when it is imported: MemoryError [PFR041]"),
    "cannot say why": (
        "class Odd(Exception):\n    def __str__(self):\n        raise ValueError\nraise Odd",
        ":4",
        "module 'm' fails when it is imported: Odd: (its message cannot be written: ValueError) [PFR041]",
    ),
    "asks the user": ("input('password: ')", ":1", "module 'm' fails when it is imported: EOFError: EOF when reading a line [PFR041]"),
    "is no Python": ("recipe = = 1", ":1:10", "is not valid Python: invalid syntax [PFR001]"),
    "mixes tabs and blanks": ("if 1:\n        x = 1\n\ty = 2", ":3", "is not valid Python: inconsistent use of tabs and spaces"),
    "holds zeros": ("x = 1\0", "", "is not valid Python: source code "),
    "is no UTF-8": (b"name = 'Gr\xf6nland'", "", "is not valid Python: "),
}


@pytest.mark.parametrize(("text", "line", "message"), FATAL.values(), ids=FATAL)
def test_what_cannot_be_survived_is_told_with_the_module(
    forge: Forge, tmp_path: Path, samples: Path, text: str | bytes, line: str, message: str
) -> None:
    folder = write_feedstock(tmp_path / "f", samples / "NEMO", {"m": text})
    ended = forge("recipe", "list", folder)
    assert (ended.returncode, ended.stdout) == (1, "")
    first = " ".join(ended.stderr.split())
    assert first.startswith(f"error: {folder}{'/m.py' + line if line else ''}")
    assert message in first
    assert "Traceback" not in ended.stderr


# What never ends.

ENDLESS = {
    "sleeps": ("import time\ntime.sleep(1000)", 2),
    "spins": ("while True: pass", 1),
    "catches everything": ("import time\nwhile True:\n    try:\n        time.sleep(1)\n    except BaseException:\n        pass", 4),
    "blocks signals": ("import signal, time\nsignal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())\ntime.sleep(1000)", 3),
    "is in C": ("import ctypes\nwhile True:\n    ctypes.PyDLL(None).usleep(600_000_000)", 3),
    "waits for a native lock": (
        "import ctypes\nlock = ctypes.create_string_buffer(64)\nlibc = ctypes.CDLL(None)\nlibc.pthread_mutex_lock(lock)\n"
        "libc.pthread_mutex_lock(lock)",
        5,
    ),
    "stands still": ("import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)", None),
    "looks for a match": ('import re\nre.match(r"(a+)+$", "a" * 60 + "b")', 2),
}


@pytest.mark.parametrize(("text", "line"), ENDLESS.values(), ids=ENDLESS)
def test_what_never_ends_is_cut_off_with_the_line(forge: Forge, tmp_path: Path, samples: Path, text: str, line: int | None) -> None:
    folder = write_feedstock(tmp_path / "f", samples / "NEMO", {"m": text})
    ended = forge("recipe", "list", folder, "--load-timeout", "1")
    assert (ended.returncode, ended.stdout) == (1, "")
    told = " ".join(ended.stderr.split())
    assert "module 'm' takes longer than 1 s to be imported" in told
    assert "--load-timeout" in told
    if line is not None:
        assert f"error: {folder}/m.py:{line}: " in told


# What is survived.

HARMLESS = {
    "prints": "print('hello')\nprint('x' * 10_000_000)",
    "writes_below": "import os\nos.write(1, b'{\"event\": \"worker_ended\"}\\n')\nos.system('echo from a child')",
    "closes_streams": "import sys\nsys.stdout.close()\nsys.stderr.close()",
    "closes_files": "import os\nos.closerange(0, 3)",
    "has_no_streams": "import sys\nsys.stdin = sys.stdout = sys.stderr = None",
    "leaves_threads": "import threading, time\n"
    "for daemon in (True, False):\n    threading.Thread(target=time.sleep, args=(10**6,), daemon=daemon).start()",
    "leaves_processes": "import subprocess\nsubprocess.Popen(['sleep', '1000'])",
    "forks": "import os\nos.fork()",
    "leaves_work_for_the_end": "import atexit, time\natexit.register(time.sleep, 10**6)",
    "goes_away": "import os, tempfile\nwith tempfile.TemporaryDirectory() as folder:\n    os.chdir(folder)",
    "clears_the_environment": "import os\nos.environ.clear()",
    "ignores_signals": "import signal\n"
    "for number in (signal.SIGTERM, signal.SIGALRM, signal.SIGCHLD):\n    signal.signal(number, signal.SIG_IGN)",
    "blocks_signals": "import signal\nsignal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())",
    "recurses_little": "import sys\nsys.setrecursionlimit(100)",
    "makes_warnings_errors": "import warnings\nwarnings.simplefilter('error')",
    "is_silent": "import logging\nlogging.disable()",
    "spawns": "import multiprocessing\nmultiprocessing.set_start_method('spawn', force=True)",
    "takes_builtins_away": "# behind\nimport builtins\nbuiltins.open = builtins.next = builtins.len = builtins.getattr = None",
    "limits_memory": "# behind\nimport resource\n"
    "resource.setrlimit(resource.RLIMIT_DATA, (1, resource.getrlimit(resource.RLIMIT_DATA)[1]))",
    "limits_files": "import resource\nresource.setrlimit(resource.RLIMIT_NOFILE, (20, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))",
    "hides_files": "import os\nos.umask(0o777)",
    "counts_exactly": "import numpy as np\nnp.seterr(all='raise')",
    "imports_the_command": "import pangeo_forge\nimport pangeo_forge.cli.main\npangeo_forge.cli.main.app",
    "replaces_itself": "import sys, types\nsys.modules[__name__].__class__ = type('Module', (types.ModuleType,), {})",
    "types": "import types\nassert types.ModuleType",
    "zarr": "import zarr\nassert zarr.open",
    "größe": "größe = 1",
    "marked": b"\xef\xbb\xbfx = 1",
    "in_latin": "# -*- coding: latin-1 -*-\nname = 'Grönland'".encode("latin-1"),
}


@pytest.fixture(scope="module")
def listed(tmp_path_factory: pytest.TempPathFactory, samples: Path) -> dict[str, dict[str, Any]]:
    """What the command says of the recipes of all these modules, one imported after the other."""
    folder = tmp_path_factory.mktemp("hostile")
    write_feedstock(folder / "f", samples / "NEMO", HARMLESS)
    environ = os.environ | {"PANGEO_FORGE_HOME": str(folder / "home")}
    command = [sys.executable, "-m", "pangeo_forge", "recipe", "list", str(folder / "f"), "--json"]
    ended = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=300)
    assert ended.returncode == 0, ended.stderr
    return {recipe["id"]: recipe for recipe in json.loads(ended.stdout)["recipes"]}


@pytest.mark.parametrize("name", HARMLESS)
def test_what_can_be_survived_is(listed: dict[str, dict[str, Any]], name: str) -> None:
    assert (listed[name]["inputs"], listed[name]["problem"]) == (3, None)


def test_a_dataset_is_baked_by_a_module_that_does_it_all(forge: Forge, tmp_path: Path, samples: Path) -> None:
    others = ("prints", "replaces_itself", "types", "zarr", "größe", "marked", "in_latin")
    last = ("limits_memory", "takes_builtins_away")  # with neither can more be done
    names = [*(name for name in HARMLESS if name not in (*others, *last)), *last]
    text = "# behind\n" + "\n".join(str(HARMLESS[name]) for name in names)
    folder = write_feedstock(tmp_path / "f", samples / "NEMO", {"m": text})
    ended = forge("recipe", "run", folder, "--no-lint", "--workers", "2")
    assert ended.returncode == 0, ended.stderr
    assert "m is baked." in ended.stdout


def test_a_process_that_a_module_leaves_behind_is_ended(forge: Forge, tmp_path: Path, samples: Path) -> None:
    note = tmp_path / "pid"
    text = (
        f"import pathlib, subprocess\nchild = subprocess.Popen(['sleep', '1000'])\npathlib.Path({str(note)!r}).write_text(str(child.pid))"
    )
    assert forge("recipe", "list", write_feedstock(tmp_path / "f", samples / "NEMO", {"m": text})).returncode == 0
    ended = subprocess.run(["ps", "-o", "stat=", "-p", note.read_text()], capture_output=True, text=True).stdout.strip()
    assert ended == "" or ended.startswith("Z")


# What is missing.

MISSING = {
    "credentials": (
        "import os\nname = os.environ['EARTHDATA_USERNAME']",
        "m.py:2: the recipe wants the environment variable 'EARTHDATA_USERNAME', which is not set [PFR041]",
        "A bakery passes on what its `environment` names.",
    ),
    "a package": ("import no_such_package", "m.py:1: the recipe imports 'no_such_package', which is not installed [PFR034]", "hint: "),
    "a name of a package": (
        "from numpy import no_such_name",
        "m.py:1: the recipe imports 'no_such_name' from 'numpy', which has no such name in version ",
        "hint: Change the import, or name a version of 'numpy' that has it in requirements.txt.",
    ),
    "a name of the older API": (
        "from pangeo_forge_recipes.transforms import NoSuchTransform",
        "m.py:1: the recipe imports pangeo_forge_recipes.transforms.NoSuchTransform, for which pangeo-forge does not answer [PFR041]",
        "hint: Please report it, with the recipe.",
    ),
    "a module of the older API": (
        "import pangeo_forge_recipes.no_such_module",
        "m.py:1: the recipe imports pangeo_forge_recipes.no_such_module, for which pangeo-forge does not answer [PFR041]",
        "hint: Please report it, with the recipe.",
    ),
    "a server": (
        "import urllib.request\nurllib.request.urlopen('http://archive.invalid/list')",
        "m.py:2: module 'm' asks archive.invalid when it is imported, and that failed: URLError: ",
        "hint: Try again later, or let the recipe's functions ask for what they need.",
    ),
}


@pytest.mark.parametrize(("text", "message", "hint"), MISSING.values(), ids=MISSING)
def test_what_a_module_misses_is_named(forge: Forge, tmp_path: Path, samples: Path, text: str, message: str, hint: str) -> None:
    folder = write_feedstock(tmp_path / "f", samples / "NEMO", {"m": text})
    ended = forge("recipe", "list", folder, COLUMNS="1000")
    assert (ended.returncode, ended.stdout) == (1, "")
    assert message in ended.stderr.splitlines()[0]
    assert hint in ended.stderr


def test_the_traceback_of_a_module_has_none_of_our_lines(forge: Forge, tmp_path: Path, samples: Path) -> None:
    text = "import json\ntry:\n    json.loads('{')\nexcept ValueError as error:\n"
    text += "    raise RuntimeError('http://me:secret@host/a?token=secret') from error"
    folder = write_feedstock(tmp_path / "f", samples / "NEMO", {"m": text})
    told = forge("recipe", "list", folder, "--verbose").stderr
    frames = [line.strip() for line in told.splitlines() if line.startswith('  File "')]
    assert frames[0] == f'File "{folder}/m.py", line 3, in <module>'
    assert frames[-1] == f'File "{folder}/m.py", line 5, in <module>'
    assert any("json/decoder.py" in line for line in frames)
    assert not any("pangeo_forge" in line for line in frames)
    assert "secret" not in told.replace("me:secret@host/a?token=secret') from error", "")


def test_python_itself_imports_its_own_modules_and_not_those_of_a_feedstock(forge: Forge, tmp_path: Path, samples: Path) -> None:
    modules = dict.fromkeys(("queue", "calendar", "tomllib"), "raise RuntimeError('not for you')\n")
    folder = write_feedstock(tmp_path / "f", samples / "NEMO", {"m": "import tomllib\nassert tomllib.loads('a = 1')"})
    for name, text in modules.items():
        (folder / f"{name}.py").write_text(text)
    assert sys.stdlib_module_names >= set(modules)
    ended = forge("recipe", "list", folder)
    assert ended.returncode == 0, ended.stderr
