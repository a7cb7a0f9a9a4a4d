"""The archive as a recipe of the class API."""

import os

from pangeo_forge_recipes.patterns import ConcatDim, FilePattern
from pangeo_forge_recipes.recipes import XarrayZarrRecipe

FILES = int(os.environ["BENCH_FILES"])


def address(time):
    """Say where a file is."""
    return os.environ["BENCH_ARCHIVE"] + f"/f_{time:04d}.nc"


recipe = XarrayZarrRecipe(FilePattern(address, ConcatDim("time", range(FILES), nitems_per_file=5)), target_chunks={"time": 5})
