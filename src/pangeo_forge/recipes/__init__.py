"""What recipe modules import: patterns of files, and the recipes that combine them."""

from pangeo_forge.plans.inputs import InputFile
from pangeo_forge.recipes.patterns import ConcatDim, FilePattern, MergeDim, pattern_from_file_sequence
from pangeo_forge.recipes.virtual import VirtualRecipe
from pangeo_forge.recipes.zarr import ZarrRecipe

__all__ = ["ConcatDim", "FilePattern", "InputFile", "MergeDim", "VirtualRecipe", "ZarrRecipe", "pattern_from_file_sequence"]
