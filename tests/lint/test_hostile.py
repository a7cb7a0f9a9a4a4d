"""Whatever lies in the folder: a finding or a refusal, soon, in little memory, and nothing outside is read."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lint.feedstocks import META, RECIPE, draft_of, write_good
from pangeo_forge.lint.findings import Level
from pangeo_forge.lint.linter import lint_draft
from pangeo_forge.lint.options import Options

#: Runs the command, and tells what it opened and how much memory it took at most (MB).
WATCHED = """
import json, re, sys
from pangeo_forge.cli.main import main
opened = []
sys.addaudithook(lambda event, args: event in ("open", "os.listdir", "os.scandir") and opened.append(str(args[0])))
code = main(sys.argv[1:])
peak = int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1]) / 1024  # of this program, not of who started it
sys.stderr.write(json.dumps({"code": code, "peak": peak, "opened": opened}))
"""
MOST_MEMORY_MB = 200
#: No limit on speed, which benchmarks measure: what takes so long does not end.
PATIENCE_S = 60


def watch(*arguments: str | Path, environ: dict[str, str]) -> tuple[str, dict]:
    command = [sys.executable, "-c", WATCHED, "recipe", "lint", "--json", *arguments]
    ended = subprocess.run(command, capture_output=True, text=True, env=environ, timeout=PATIENCE_S)
    assert "Traceback" not in ended.stderr
    return ended.stdout, json.loads(ended.stderr.splitlines()[-1])


def sparse(path: Path, size: int, start: bytes = b"") -> None:
    with path.open("wb") as file:
        file.write(start)
        file.truncate(size)


def bomb() -> str:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    return "\n".join([*lines, *(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 20))])


HOSTILE: dict[str, Callable[[Path], object]] = {
    "random bytes": lambda folder: (folder / "meta.yaml").write_bytes(bytes(range(256)) * 100),
    "NUL bytes in the YAML": lambda folder: (folder / "meta.yaml").write_bytes(b"title: a\0b\n"),
    "NUL bytes in the module": lambda folder: (folder / "recipe.py").write_bytes(b"x = 1\0\n"),
    "NUL bytes in the requirements": lambda folder: (folder / "requirements.txt").write_bytes(b"a\0b\n"),
    "invalid UTF-8 in the YAML": lambda folder: (folder / "meta.yaml").write_bytes(b"title: \xff\xfe\xfa\n"),
    "invalid UTF-8 in the module": lambda folder: (folder / "recipe.py").write_bytes(b"x = '\xff'\n"),
    "invalid UTF-8 in the requirements": lambda folder: (folder / "requirements.txt").write_bytes(b"\xff\n"),
    "100 MB of YAML": lambda folder: (folder / "meta.yaml").write_bytes(b"- a\n" * 25_000_000),
    "100 MB of holes for YAML": lambda folder: sparse(folder / "meta.yaml", 100_000_000, b"title: a\n"),
    "50 GB of a module": lambda folder: sparse(folder / "recipe.py", 50_000_000_000, b"x = 1\n"),
    "100 MB of requirements": lambda folder: (folder / "requirements.txt").write_bytes(b"numpy==1\n" * 11_000_000),
    "100 MB of a catalogue": lambda folder: sparse(folder / "catalog.yaml", 100_000_000, b"id: a\n"),
    "aliases that expand without end": lambda folder: (folder / "meta.yaml").write_text(bomb()),
    "aliases of themselves": lambda folder: (folder / "meta.yaml").write_text("title: &a [*a]\n"),
    "deep YAML": lambda folder: (folder / "meta.yaml").write_text("[" * 100_000),
    "deep Python": lambda folder: (folder / "recipe.py").write_text("x = " + "(" * 90_000),
    "deep sums": lambda folder: (folder / "recipe.py").write_text("x = 1" + "+1" * 45_000),
    "deep pipelines": lambda folder: (folder / "recipe.py").write_text("sst = a" + " | a" * 24_000),
    "names without end": lambda folder: (folder / "recipe.py").write_text("a\n" * 49_000),
    "calls without end": lambda folder: (folder / "recipe.py").write_text("f(a)\n" * 19_000),
    "a large number": lambda folder: (folder / "recipe.py").write_text(f"sst = {'9' * 90_000}\n"),
    "a YAML of keys": lambda folder: (folder / "meta.yaml").write_text("".join(f"k{n}: 1\n" for n in range(45_000))),
    "a YAML of recipes": lambda folder: (folder / "meta.yaml").write_text("recipes:\n" + '- {id: a, object: "recipe:sst"}\n' * 15_000),
    "a YAML of licences": lambda folder: (folder / "meta.yaml").write_text(META.replace("CC-BY-4.0", "(" * 100_000)),
    "a long key": lambda folder: (folder / "meta.yaml").write_text(f"{META}{'k' * 400_000}: 1\n"),
    "a long text": lambda folder: (folder / "meta.yaml").write_text(META.replace("CC-BY-4.0", "-" * 400_000)),
    "a YAML that is a folder": lambda folder: [(folder / "meta.yaml").unlink(), (folder / "meta.yaml").mkdir()],
    "a module that is a folder": lambda folder: [(folder / "recipe.py").unlink(), (folder / "recipe.py").mkdir()],
    "a YAML that is a pipe": lambda folder: [(folder / "meta.yaml").unlink(), os.mkfifo(folder / "meta.yaml")],
    "a module that is a pipe": lambda folder: [(folder / "recipe.py").unlink(), os.mkfifo(folder / "recipe.py")],
    "requirements that are a device": lambda folder: [
        (folder / "requirements.txt").unlink(),
        (folder / "requirements.txt").symlink_to("/dev/zero"),
    ],
    "a link to itself": lambda folder: (folder / "loop").symlink_to("loop"),
    "a link to the folder above": lambda folder: (folder / "up").symlink_to(".."),
    "six thousand files": lambda folder: [(folder / f"file-{n}.txt").touch() for n in range(6000)],
    "a deep folder": lambda folder: (folder / "/".join("d" * 100)).mkdir(parents=True),
    "a name that is no text": lambda folder: (folder / os.fsdecode(b"\xff.py")).write_text("x = 1"),
}


@pytest.mark.slow
@pytest.mark.parametrize("spoil", [pytest.param(spoil, id=name) for name, spoil in HOSTILE.items()])
def test_hostile_files_end_in_findings_within_little_memory(tmp_path, forge_environ, spoil):
    root = write_good(tmp_path)
    spoil(root / "feedstock")
    report, told = watch(root, environ=forge_environ)
    assert told["code"] in (0, 1)
    assert told["peak"] < MOST_MEMORY_MB
    assert set(json.loads(report)) == {"feedstocks", "summary"}


OUTSIDE: dict[str, Callable[[Path, Path], object]] = {
    "meta.yaml": lambda folder, outside: [(folder / "meta.yaml").unlink(), (folder / "meta.yaml").symlink_to(outside / "meta.yaml")],
    "recipe.py": lambda folder, outside: [(folder / "recipe.py").unlink(), (folder / "recipe.py").symlink_to(outside / "recipe.py")],
    "requirements.txt": lambda folder, outside: [
        (folder / "requirements.txt").unlink(),
        (folder / "requirements.txt").symlink_to(outside / "requirements.txt"),
    ],
    "a folder": lambda folder, outside: (folder / "more").symlink_to(outside),
    "catalog.yaml": lambda folder, outside: (folder / "catalog.yaml").symlink_to(outside / "meta.yaml"),
    "workflows": lambda folder, outside: (folder.parent / ".github").symlink_to(outside),
    "README.md": lambda folder, outside: [(folder.parent / "README.md").unlink(), (folder.parent / "README.md").symlink_to(outside / "a")],
    "configuration": lambda folder, outside: (folder.parent / "pangeo-forge.toml").symlink_to(outside / "pangeo-forge.toml"),
    "an object above": lambda folder, outside: (folder / "meta.yaml").write_text(META.replace("recipe:sst", "..outside.recipe:sst")),
}


@pytest.mark.parametrize("link", [pytest.param(link, id=name) for name, link in OUTSIDE.items()])
def test_nothing_outside_of_the_repository_is_read(tmp_path, forge_environ, link):
    outside = tmp_path / "outside"
    outside.mkdir()
    for name in ("meta.yaml", "recipe.py", "requirements.txt", "pangeo-forge.toml", "a"):
        (outside / name).write_text("[secret")
    (outside / "workflows").mkdir()
    (outside / "workflows" / "test.yaml").write_text("[secret")
    root = write_good(tmp_path / "repository")
    link(root / "feedstock", outside)
    _, told = watch(root, environ=forge_environ)
    read = [path for path in told["opened"] if os.path.realpath(path).startswith(str(outside))]
    assert read == []


def findings_of(root: Path) -> list[str]:
    findings = lint_draft(draft_of(root), Options()).findings
    assert all(finding.where.line is None or finding.where.line >= 1 for finding in findings)
    return [finding.code for finding in findings if finding.level is Level.ERROR]


FILES = ("meta.yaml", "recipe.py", "requirements.txt", "catalog.yaml")


@settings(max_examples=60, deadline=None)
@given(name=st.sampled_from(FILES), data=st.binary(max_size=300))
def test_bytes_at_random_never_end_in_an_exception(tmp_path_factory, name, data):
    root = write_good(tmp_path_factory.mktemp("random"), {f"feedstock/{name}": data})
    findings_of(root)


GOOD_FILES = {"meta.yaml": META, "recipe.py": RECIPE, "requirements.txt": "numpy==2.0\nxarray\n", "catalog.yaml": "id: sst\nstores: []\n"}


@settings(max_examples=150, deadline=None)
@given(name=st.sampled_from(FILES), cut=st.floats(0, 1), length=st.integers(0, 40), junk=st.text(max_size=12))
def test_a_damaged_file_never_ends_in_an_exception(tmp_path_factory, name, cut, length, junk):
    text = GOOD_FILES[name]
    start = int(cut * len(text))
    damaged = text[:start] + junk + text[start + length :]
    root = write_good(tmp_path_factory.mktemp("damaged"), {f"feedstock/{name}": damaged.encode(errors="surrogatepass")})
    findings_of(root)
