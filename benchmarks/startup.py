"""Measure how long commands take that compute nothing: ``python startup.py [--rounds 20]``"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import sysconfig
import tempfile
import time
from pathlib import Path

COMMANDS = (("--help",), ("--version",), ("bakeries", "list"), ("runs", "list"), ("recipe", "run", "--help"))


def main() -> None:
    """Run each command a number of times, in turn, and print the medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=20)
    rounds = parser.parse_args().rounds
    forge = str(Path(sysconfig.get_path("scripts")) / "pangeo-forge")
    commands = {"python -c pass": [sys.executable, "-c", "pass"]}
    commands |= {" ".join(["pangeo-forge", *arguments]): [forge, *arguments] for arguments in COMMANDS}
    with tempfile.TemporaryDirectory() as home:
        environ = {**os.environ, "PANGEO_FORGE_HOME": home}
        times: dict[str, list[float]] = {name: [] for name in commands}
        for _ in range(rounds):
            for name, command in commands.items():
                times[name].append(time_of(command, environ))
    print(f"median of {rounds}, with the smallest and the largest")
    for name, seconds in times.items():
        print(f"{name:30} {statistics.median(seconds):.3f} s  ({min(seconds):.3f} to {max(seconds):.3f})")


def time_of(command: list[str], environ: dict[str, str]) -> float:
    """Measure a command that must succeed."""
    began = time.perf_counter()
    subprocess.run(command, env=environ, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
