"""The steps of a native recipe that appends to a dataset: those of any recipe, but that the dataset is looked at first."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from pangeo_forge.plans.appending import Extend, PrepareToAppend, continue_layout
from pangeo_forge.plans.existing import ExistingDataset, LookAtExisting
from pangeo_forge.plans.layout import Layout, Wishes, make_layout
from pangeo_forge.plans.plan import Results, Stage, Step
from pangeo_forge.plans.work import Work, divide
from pangeo_forge.recipes.planning import Planning


@dataclass(frozen=True)
class Appending(Planning):
    """The steps of a recipe that appends along a dimension."""

    dim: str

    @property
    def look(self) -> LookAtExisting:
        """What reads the dataset."""
        return LookAtExisting(self.context.target, self.dim, tuple(self.recipe.pattern.concat_shape))

    def first_steps(self) -> tuple[Step, ...]:
        """Give the step that comes before all inputs are looked at."""
        return (Step("existing", self.existing),)

    def existing(self, results: Results) -> Stage:
        """Look at the dataset before anything is appended; what it was then is what a resumed run goes on from."""
        return Stage("existing", (None,), self.look, _first)

    def sample(self) -> dict[str, Any]:
        """Look at the dataset, and open a few inputs."""
        return {"existing": self.look(None), **super().sample()}

    def prepare(self, results: Results) -> Stage:
        """Write coordinates."""
        layout, work = self.lay_out(results)
        function = PrepareToAppend(layout, results["existing"], self.context.target, self.context.scratch, work)
        return replace(super().prepare(results), function=function)

    def finalize(self, results: Results) -> Stage:
        """Let readers see what was appended."""
        layout, _ = self.lay_out(results)
        return Stage("finalize", (None,), Extend(layout, results["existing"], self.context.target, self.context.scratch))

    def lay_out(self, results: Results) -> tuple[Layout, Work]:
        """Decide how the layout of the dataset goes on, and who writes what of it."""
        recipe, found = self.recipe, results["inspect"]
        alone = make_layout(found, recipe.pattern, Wishes(compat=recipe.compat, ordered=recipe.ordered))
        wishes = Wishes(attrs=recipe.attrs, compat=recipe.compat)
        layout = continue_layout(alone, found, results["existing"], self.dim, recipe.pattern, wishes)
        return layout, divide(layout, self.context.task_memory, reads_whole=recipe.source.is_processed)


def _first(a: ExistingDataset, b: ExistingDataset) -> ExistingDataset:
    """Fold the results of a stage that has but one task."""
    return a
