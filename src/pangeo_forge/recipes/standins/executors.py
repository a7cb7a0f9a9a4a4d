"""``pangeo_forge_recipes.executors``: what ran a recipe from within its own module, which is the engine's business now."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from pangeo_forge.recipes.remarks import remark


class Execution:
    """A recipe made ready to run, in the terms of any executor: to run it does nothing, and is noted."""

    def __call__(self, *_: Any, **__: Any) -> None:
        """Do nothing."""
        remark("the module runs its recipe by itself while it is imported: that is passed over, since `pangeo-forge recipe run` runs it")

    compute = run = register = visualize = persist = __call__


class PipelineExecutor:
    """What ran recipes on some library."""

    @staticmethod
    def compile(pipeline: Any) -> Execution:
        """Make a recipe ready to run."""
        return Execution()

    @staticmethod
    def execute(plan: Any, *args: Any, **kwargs: Any) -> None:
        """Do nothing, and note it."""
        Execution()()

    #: What 0.3 called the two.
    def pipelines_to_plan(self, pipelines: Any) -> Execution:
        """Make a recipe ready to run."""
        return Execution()

    execute_plan = execute


class FunctionPipelineExecutor(PipelineExecutor):
    """In a function."""


class GeneratorPipelineExecutor(PipelineExecutor):
    """In a generator."""


class PythonPipelineExecutor(PipelineExecutor):
    """In a function, before 0.6."""


class DaskPipelineExecutor(PipelineExecutor):
    """On Dask."""


class PrefectPipelineExecutor(PipelineExecutor):
    """On Prefect."""


class PrefectDaskWrapperExecutor(PipelineExecutor):
    """On Dask, within one task of Prefect."""


class BeamPipelineExecutor(PipelineExecutor):
    """On Beam."""


@dataclass
class Stage:
    """A step of a recipe's execution, as the executors took it."""

    function: Any
    name: str = ""
    mappable: Any = None
    annotations: Any = None
    retries: int | None = None


@dataclass
class Pipeline:
    """The steps of a recipe's execution."""

    stages: list[Stage] = field(default_factory=list)
    config: Any = None
