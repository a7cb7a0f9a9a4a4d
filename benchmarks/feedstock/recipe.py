"""The archive as a native recipe; and one of a million inputs, to be planned only."""

import json
import os

from pangeo_forge.recipes import ConcatDim, FilePattern, ZarrRecipe

ARCHIVE = os.environ["BENCH_ARCHIVE"]  # a folder or an HTTP address
FILES = int(os.environ["BENCH_FILES"])
CODEC = json.loads(os.environ["BENCH_CODEC"])


def make_url(time):
    """Say where a file is; beyond the archive's end its files come again."""
    return f"{ARCHIVE}/f_{time % FILES:04d}.nc"


recipe = ZarrRecipe(
    FilePattern(make_url, ConcatDim("time", range(FILES), nitems_per_file=5)),
    target_chunks={"time": 5},
    encoding={name: {"compressors": [CODEC]} for name in ("v0", "v1", "v2")},
)

million = ZarrRecipe(FilePattern(make_url, ConcatDim("time", range(1_000_000), nitems_per_file=5)), target_chunks={"time": 5})
