"""Measure what it takes to plan a million inputs: ``python planning.py``

``whole command`` is ``pangeo-forge recipe plan`` on the recipe `million` of `feedstock`, all processes and imports. The other rows are
the parts in one process, without imports: making the pattern, and planning.
"""

from __future__ import annotations

import os
import sysconfig
import time
import tracemalloc
from pathlib import Path

from archive import make_archive
from measure import measure

HERE = Path(__file__).resolve().parent
WORK = HERE.parent / "build" / "bench"
INPUTS = 1_000_000


def main() -> None:
    """Measure, and print a line for each part."""
    archive = make_archive(WORK / "archive", 2)
    forge = str(Path(sysconfig.get_path("scripts")) / "pangeo-forge")
    environ = {
        **os.environ,
        "BENCH_ARCHIVE": str(archive),
        "BENCH_FILES": "2",
        "BENCH_CODEC": "null",
        "PANGEO_FORGE_HOME": str(WORK / "home"),
    }
    usage = measure([forge, "recipe", "plan", str(HERE), "million"], environ, log=WORK / "plan.log")
    print(f"whole command: {usage.wall_s:.2f} s, {usage.cpu_s:.2f} s CPU, {usage.peak_bytes / 1e6:.0f} MB")
    for name, (seconds, held) in measure_parts(archive).items():
        print(f"{name}: {seconds:.3f} s, {held / 1e6:.1f} MB")


def measure_parts(archive: Path) -> dict[str, tuple[float, int]]:
    """Measure the parts: seconds, and the most that Python's objects and arrays took at a time (in a second go, as that is slow)."""
    from pangeo_forge.plans.plan import PlanContext, Target
    from pangeo_forge.recipes import ConcatDim, FilePattern, ZarrRecipe

    def make_pattern() -> FilePattern:
        pattern = FilePattern(lambda time: f"{archive}/f_{time % 2:04d}.nc", ConcatDim("time", range(INPUTS), nitems_per_file=5))
        assert len(pattern) == INPUTS
        return pattern

    def outline() -> None:
        plan = ZarrRecipe(make_pattern(), target_chunks={"time": 5}).plan(PlanContext(Target(str(WORK / "million.zarr")), Target("")))
        stages = plan.outline(plan.sample())
        assert max(len(stage.tasks) for stage in stages) >= INPUTS

    parts = {}
    for name, function in (("pattern", make_pattern), ("plan", outline)):
        function()
        began = time.perf_counter()
        function()
        seconds = time.perf_counter() - began
        tracemalloc.start()
        function()
        parts[name] = (seconds, tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    return parts


if __name__ == "__main__":
    main()
