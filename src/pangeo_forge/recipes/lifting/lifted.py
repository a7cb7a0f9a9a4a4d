"""Beam pipelines as recipes: lifted, or kept with the reason why not."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from pangeo_forge.errors import UserError
from pangeo_forge.plans.plan import Plan, PlanContext, Stage, Step, find_append_dim
from pangeo_forge.recipes import patterns as native
from pangeo_forge.recipes.kerchunk import KerchunkRecipe
from pangeo_forge.recipes.lifting.elements import ElementStep
from pangeo_forge.recipes.lifting.following import FollowUp
from pangeo_forge.recipes.zarr import ZarrRecipe


@dataclass(frozen=True)
class LiftedRecipe:
    """A Beam pipeline that is planned as a native recipe.

    Parameters
    ----------
    recipe : ZarrRecipe or KerchunkRecipe
        The native recipe with the same meaning.
    store_name : str
        What the recipe calls its store.
    after : tuple of ElementStep
        What is done with the finished store.
    """

    recipe: ZarrRecipe | KerchunkRecipe
    store_name: str = ""
    after: tuple[ElementStep, ...] = ()
    dialect: ClassVar[str] = "Beam API"
    kind: ClassVar[str] = "pipeline, lifted"

    @property
    def pattern(self) -> native.FilePattern:
        """The files."""
        return self.recipe.pattern

    @property
    def append_dim(self) -> str | None:
        """The dimension along which the files are appended to a dataset that is there."""
        return find_append_dim(self.recipe)

    def alone(self) -> LiftedRecipe:
        """Make the recipe of the same files that appends them to nothing."""
        return replace(self, recipe=self.recipe.alone()) if isinstance(self.recipe, ZarrRecipe) else self

    def prune(self) -> LiftedRecipe:
        """Make the recipe of the first two keys of every concat dimension."""
        return replace(self, recipe=self.recipe.prune())

    def plan(self, context: PlanContext) -> Plan:
        """Say how the store is made: see `Plan`."""
        plan = self.recipe.plan(context)
        if not self.after:
            return plan
        follow = Step("follow-up", lambda results: Stage("follow-up", (None,), FollowUp(self.after, context.target, plan.product)))
        return replace(plan, steps=(*plan.steps, follow))


@dataclass(frozen=True)
class UnliftedPipeline:
    """A Beam pipeline that does what no plan does; it is run by Apache Beam, and refuses to be planned.

    Parameters
    ----------
    reference : str
        Where it was found, as ``module:name``.
    reason : str
        What it does that no plan does.
    append_dim : str, optional
        The dimension along which it appends to a store that is there.
    """

    reference: str
    reason: str
    append_dim: str | None = None
    dialect: ClassVar[str] = "Beam API"
    kind: ClassVar[str] = "pipeline, by Beam"

    def prune(self) -> UnliftedPipeline:
        """Leave it as it is, since nobody knows what its inputs are."""
        return self

    def plan(self, context: PlanContext) -> Plan:
        """Refuse.

        Raises
        ------
        UserError
            Always; the message says why.
        """
        message = f"the pipeline {self.reference!r} has no plan, and is run by Apache Beam: {self.reason}"
        raise UserError(
            message, hint="`pangeo-forge recipe test` and `recipe run` run it, in the environment that requirements.txt asks for."
        )
