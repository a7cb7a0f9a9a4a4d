"""From a recorded Beam pipeline to the native recipe with the same meaning.

`pipelines` reads the steps in their order. What each part of a pipeline becomes has a module of its own: which inputs there are
(`sources`), how they are opened (`opening`), the functions between opening and storing (`processing`), the chunks (`chunking`), and what
is done with the finished store (`following`). `elements` holds the functions of a recipe that all of these call.
"""

from pangeo_forge.recipes.lifting.lifted import LiftedRecipe, UnliftedPipeline
from pangeo_forge.recipes.lifting.pipelines import RECORDED, lift, lift_or_keep
from pangeo_forge.recipes.lifting.reasons import CannotLift

__all__ = ["RECORDED", "CannotLift", "LiftedRecipe", "UnliftedPipeline", "lift", "lift_or_keep"]
