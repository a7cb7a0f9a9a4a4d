"""From a recorded Beam pipeline to the native recipe with the same meaning.

`pipelines` reads the steps in their order. What each part of a pipeline becomes has a module of its own: how inputs are opened
(`opening`), the functions between opening and storing (`processing`), and those behind the store (`following`).
"""

from pangeo_forge.recipes.lifting.lifted import LiftedRecipe, UnliftedPipeline
from pangeo_forge.recipes.lifting.pipelines import lift, lift_or_keep
from pangeo_forge.recipes.lifting.reasons import CannotLift

__all__ = ["CannotLift", "LiftedRecipe", "UnliftedPipeline", "lift", "lift_or_keep"]
