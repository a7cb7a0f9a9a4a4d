"""Run the stages of a plan, one after the other, from where an earlier attempt left off."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from pangeo_forge.engines.base import Engine, Outcome, Progress
from pangeo_forge.errors import ForgeError
from pangeo_forge.plans.plan import Cost, Plan, Stage
from pangeo_forge.worker.checkpoints import Checkpoints
from pangeo_forge.worker.events import StageEnded, StageStarted, TaskEnded, TaskRetried, Tell


def run_plan(plan: Plan, engine: Engine, checkpoints: Checkpoints, tell: Tell) -> dict[str, Any]:
    """Run the stages of a plan that are not done yet, and return each one's combined result."""
    results: dict[str, Any] = {}
    for step in plan.steps:
        stage = step.make_stage(results)
        if not len(stage.tasks):
            continue
        progress = checkpoints.load(step.name) or Progress.start(stage)
        began = time.perf_counter()
        tell(_started(stage, progress))
        results[step.name] = engine.run(stage, progress, _Reporter(tell, checkpoints)) if 0 in progress.done else progress.combined
        checkpoints.save(step.name, progress)
        tell(StageEnded(stage=step.name, seconds=time.perf_counter() - began))
    return results


def _started(stage: Stage, progress: Progress) -> StageStarted:
    described = describe_stage(stage)
    return StageStarted(stage=described.pop("name"), done=progress.done.count(1), **{**described, "notes": stage.notes})


@dataclass
class _Reporter:
    """Turns what an engine tells into events, and keeps checkpoints on the way."""

    tell: Tell
    checkpoints: Checkpoints

    def task_ended(self, stage: Stage, number: int, outcome: Outcome, progress: Progress) -> None:
        took = outcome.result if isinstance(outcome.result, Cost) else Cost()
        self.tell(
            TaskEnded(
                stage=stage.name,
                task=number,
                seconds=outcome.seconds,
                bytes_read=took.bytes_read,
                bytes_written=took.bytes_written,
                chunks=took.chunks,
                peak_memory=outcome.peak_memory,
            )
        )
        self.checkpoints.save_if_due(stage.name, progress)

    def task_retried(self, stage: Stage, number: int, attempt: int, delay_s: float, error: ForgeError) -> None:
        self.tell(TaskRetried(stage=stage.name, task=number, attempt=attempt, delay_s=delay_s, error=error.to_dict()))


def describe_stage(stage: Stage) -> dict[str, Any]:
    """Describe a stage with plain values."""
    cost = stage.cost
    return {
        "name": stage.name,
        "tasks": len(stage.tasks),
        "bytes_read": cost.bytes_read,
        "bytes_written": cost.bytes_written,
        "chunks": cost.chunks,
        "memory_per_task": cost.memory_per_task,
        "notes": list(stage.notes),
    }
