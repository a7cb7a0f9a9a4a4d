"""Bake a recipe by Apache Beam: it runs in the environment that the recipe's author wrote down, and is watched from here."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from pangeo_forge.beam.failures import make_error
from pangeo_forge.beam.order import Order, Place, Reference
from pangeo_forge.beam.process import BeamProcess
from pangeo_forge.environments.preparing import prepare_as_written
from pangeo_forge.environments.store import Environment, Store, holding
from pangeo_forge.errors import CheckFailed, Problem, RecipeFailed, TargetExists, UserError
from pangeo_forge.plans import targets
from pangeo_forge.plans.inputs import InputFile
from pangeo_forge.plans.plan import Target
from pangeo_forge.plans.products import KerchunkJson, KerchunkParquet, Origin, check_place, recognize
from pangeo_forge.types import redact_url
from pangeo_forge.worker.describing import Read, describe_for_catalog
from pangeo_forge.worker.events import Note, RecipeLoaded, StageEnded, StageStarted, TaskEnded, Tell
from pangeo_forge.worker.job import Job
from pangeo_forge.worker.looking import look_at
from pangeo_forge.worker.usage import measure_usage

#: The stage that is the whole of what Beam does; the others, as far as they can be told apart, lie within it.
PIPELINE = "pipeline"


def bake_by_beam(job: Job, recipe_id: str, reason: str, tell: Tell) -> dict[str, Any]:
    """Make a dataset by Apache Beam, and look at it.

    Parameters
    ----------
    job : Job
    recipe_id : str
        The recipe's own.
    reason : str
        Why it is not made by a plan.
    tell : callable
        Is told what happens.

    Raises
    ------
    ForgeError
        If the environment cannot be built, the recipe fails, Beam ends without a word, or what was written is no dataset.
    """
    tell(Note(message=f"the pipeline is run by Apache Beam: {reason}"))
    if job.checksums:
        tell(Note(message="of inputs that Apache Beam reads no checksums are made"))
    target = Target(job.target, job.target_options)
    written = _run(job, recipe_id, target, tell)
    place = replace(target, url=f"{target.url}/{written.file}") if written.file else target
    seen = look_at(place, written.origin)
    if job.pruned and seen.empty:
        raise CheckFailed(
            f"the dataset was written, but {seen.empty[0]}" if len(seen.empty) == 1 else "the dataset was written, but has empty variables",
            problems=[Problem(text) for text in seen.empty] if len(seen.empty) > 1 else (),
            where=redact_url(job.target),
            hint="Look at the dataset, and at what the pipeline does to the inputs.",
        )
    for text in seen.empty:
        tell(Note(message=text))
    describe_for_catalog(job, seen.product, place, tell, Read(written.inputs))
    return {
        "snippet": seen.snippet,
        "repr": seen.shown,
        "values_compared": 0,
        "bytes_stored": targets.measure(target),
        **measure_usage(),
    }


@dataclass(frozen=True)
class _Written:
    """What a pipeline writes.

    Parameters
    ----------
    file : str
        The one file in the target that holds references, if it writes these.
    origin : Origin
        Where they lead to.
    inputs : sequence of InputFile
        What the pipeline begins with, as far as these are items of a pattern.
    """

    file: str = ""
    origin: Origin = field(default_factory=Origin)
    inputs: Sequence[InputFile] = ()


def _run(job: Job, recipe_id: str, target: Target, tell: Tell) -> _Written:
    if not job.resume:
        _check_place(target, overwrite=job.overwrite)
    environment = _get_environment(job, tell)
    tell(Note(message=f"it runs in the environment that requirements.txt asks for, of Python {environment.python_version}"))
    with holding(environment), BeamProcess(environment.python, _make_order(job, recipe_id), os.environ) as process:
        with _limited(job, process):
            loaded = next(said := process.listen(), {})
        watch = _Watch(job, recipe_id, environment, tell)
        watch.hear(loaded)
        if job.resume:
            tell(Note(message="Apache Beam keeps no account of what is done: the run starts over"))
        targets.remove(target)
        watch.begin(PIPELINE, 1)
        process.go_on()
        for one in said:
            watch.hear(one)
        watch.end()
    return watch.written


def _check_place(target: Target, *, overwrite: bool) -> None:
    """Make sure that the target may be written; references that Beam wrote there earlier are a dataset as well."""
    filesystem, path = targets.filesystem_of(target)
    names = [name.rpartition("/")[2] for name in filesystem.ls(path, detail=False)] if filesystem.isdir(path) else []
    if len(names) != 1 or not isinstance(recognize(replace(target, url=f"{target.url}/{names[0]}")), KerchunkJson | KerchunkParquet):
        check_place(target, overwrite=overwrite)
    elif not overwrite:
        raise TargetExists(
            "there are references at the target already",
            where=redact_url(target.url),
            hint="Replace them with --overwrite, or choose another place with --target.",
        )


def _get_environment(job: Job, tell: Tell) -> Environment:
    modules = {entry.object.partition(":")[0] for entry in job.entries}

    def say(what: str) -> None:
        tell(Note(message=f"the environment for Apache Beam: {what}"))

    return prepare_as_written(Path(job.folder), modules, store=Store(Path(job.environments)), tell=say)


def _make_order(job: Job, recipe_id: str) -> Order:
    return Order(
        folder=job.folder,
        recipe=_refer(job, recipe_id),
        target=Place(job.target, job.target_options),
        scratch=job.scratch,
        cache=Place(job.cache, job.cache_options) if job.cache else None,
        pruned=job.pruned,
        # A test is done before other processes have imported Beam.
        workers=1 if job.pruned else int(job.engine_options.get("workers") or 1),
    )


def _refer(job: Job, recipe_id: str) -> Reference:
    """Say where a recipe is defined: its own entry comes before the dictionaries."""
    named = tuple(entry.object for entry in job.entries if entry.id == recipe_id)
    return Reference(named[:1]) if named else Reference(tuple(entry.object for entry in job.entries if entry.id is None), recipe_id)


@contextmanager
def _limited(job: Job, process: BeamProcess) -> Iterator[None]:
    """Cut off a module that takes too long to be imported."""
    if not process.has_spoken(job.load_timeout_s):
        raise RecipeFailed(
            f"the recipe's module takes longer than {job.load_timeout_s:g} s to be imported with Apache Beam",
            where=job.folder,
            hint="Do what takes long in the recipe's functions, or give it more time by --load-timeout.",
            code="PFR041",
        )
    yield


@dataclass
class _Watch:
    """Makes events and errors of what Beam's process says."""

    job: Job
    recipe_id: str
    environment: Environment
    tell: Tell
    written: _Written = field(default_factory=_Written)
    _begun: dict[str, float] = field(default_factory=dict)
    _tasks: dict[str, int] = field(default_factory=dict)

    def hear(self, said: dict[str, Any]) -> None:
        """Take in what it says.

        Raises
        ------
        ForgeError
            If it says that the recipe failed.
        """
        match said.get("said"):
            case "built":
                self._describe(said)
            case "begun":
                self.begin(said["stage"], said["tasks"])
            case "done":
                self.tell(TaskEnded(stage=said["stage"], task=said["task"], seconds=said["seconds"]))
                self._tasks[said["stage"]] -= 1
                if not self._tasks[said["stage"]]:
                    self._end(said["stage"])
            case "refused":
                raise UserError(said["message"], where=self.job.folder, hint=said["hint"])
            case "failed":
                raise make_error(said, str(Path(self.job.folder) / "requirements.txt"))

    def begin(self, stage: str, tasks: int) -> None:
        """Begin a stage."""
        self._begun[stage], self._tasks[stage] = time.perf_counter(), tasks
        self.tell(StageStarted(stage=stage, tasks=tasks))

    def end(self) -> None:
        """End what has not ended, the whole last."""
        for stage in [stage for stage in self._begun if stage != PIPELINE]:
            self._end(stage)
        self.tell(TaskEnded(stage=PIPELINE, task=0, seconds=time.perf_counter() - self._begun[PIPELINE]))
        self._end(PIPELINE)

    def _end(self, stage: str) -> None:
        self.tell(StageEnded(stage=stage, seconds=time.perf_counter() - self._begun.pop(stage)))

    def _describe(self, said: dict[str, Any]) -> None:
        for one in said["written"]:
            self.written = _Written(one["file"], Origin(one["origin"], one["options"]))
        files = [InputFile(number, each["url"], each["index"], {}) for number, each in enumerate(said["items"])]
        self.written = replace(self.written, inputs=files)
        versions = {"python": self.environment.python_version, **self.environment.packages}
        self.tell(RecipeLoaded(recipe_id=self.recipe_id, dialect="Beam API", inputs=said["inputs"], versions=versions))
        if self.job.pruned and said["inputs"] == said["inputs_before"] != 1:
            why = "no concat dimension has more than two keys" if said["inputs"] else "the pipeline begins with no items of a pattern"
            self.tell(Note(message=f"pruning keeps all inputs: {why}"))
