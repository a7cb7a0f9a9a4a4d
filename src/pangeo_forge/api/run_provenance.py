"""Where a dataset comes from: what is known of its run, and what is kept of that beside the catalogue."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pangeo_forge.feedstocks.git import find_origin
from pangeo_forge.runs.journal import JOURNAL, Journal
from pangeo_forge.runs.run import Run
from pangeo_forge.types import redact_url
from pangeo_forge.worker.events import StageEnded, StageStarted
from pangeo_forge.worker.job import Job

if TYPE_CHECKING:
    from pangeo_forge.catalog.entering.handing import Finding
    from pangeo_forge.catalog.entry import Inputs, Provenance
    from pangeo_forge.catalog.storage.tree import Tree


def make_provenance(finding: Finding, run: Run, job: Job, tree: Tree) -> Provenance:
    """Tell where a dataset comes from, and keep beside the catalogue what is too long for an Item.

    Parameters
    ----------
    finding : Finding
        What the run's worker found of its dataset.
    run : Run
    job : Job
        What its worker was asked to do.
    tree : Tree
        The catalogue.
    """
    from pangeo_forge.catalog.entry import Provenance

    objects = [entry.object for entry in job.entries if entry.id == run.recipe_id] or [entry.object for entry in job.entries]
    return Provenance(
        run=run.id,
        feedstock=run.feedstock,
        recipe=run.recipe_id,
        bakery=run.bakery,
        baked=_write(run.ended or run.created),
        source=run.source,
        commit=run.commit,
        software=run.environment,
        environment=_keep_environment(run, tree) if run.environment else None,
        execution=_keep_execution(run, tree),
        repository=find_origin(Path(run.source)) if run.commit and run.source and "://" not in run.source else None,
        file=f"{objects[0].partition(':')[0].replace('.', '/')}.py" if len(objects) == 1 else None,
        inputs=_keep_inputs(finding, run, tree) if finding.inputs else None,
    )


def _keep_inputs(finding: Finding, run: Run, tree: Tree) -> Inputs:
    """Keep the list of the files that a run read."""
    from pangeo_forge.catalog.entering.handing import read_manifest
    from pangeo_forge.catalog.entry import Inputs
    from pangeo_forge.catalog.storage.tree import INPUTS

    content = read_manifest(Path(run.folder))
    return Inputs(
        href=tree.keep(f"{INPUTS}/{run.id}.parquet", content),
        count=finding.inputs,
        bytes=len(content),
        checksum=f"1220{hashlib.sha256(content).hexdigest()}",
        sources=finding.sources,
    )


def _keep_environment(run: Run, tree: Tree) -> str:
    """Keep the list of the packages that a run was baked with; runs with the same packages share it."""
    from pangeo_forge.catalog.storage.tree import ENVIRONMENTS

    content = "".join(f"{name}=={version}\n" for name, version in sorted(run.environment.items())).encode()
    return tree.keep(f"{ENVIRONMENTS}/{hashlib.sha256(content).hexdigest()[:16]}.txt", content)


def _keep_execution(run: Run, tree: Tree) -> str:
    """Keep an account of a run."""
    from pangeo_forge.catalog.storage.files import as_json
    from pangeo_forge.catalog.storage.tree import RUNS

    return tree.keep(f"{RUNS}/{run.id}.json", as_json(_describe(run)))


def _describe(run: Run) -> dict[str, Any]:
    """Describe a run without what only its own machine could make use of."""
    times = {"created": run.created, "started": run.started, "ended": run.ended}
    return {
        "id": run.id,
        "feedstock": run.feedstock,
        "recipe": run.recipe_id,
        "source": redact_url(run.source) if run.source else None,
        "commit": run.commit,
        "bakery": run.bakery,
        "engine": run.engine,
        "state": run.state,
        **{name: _write(time) if time else None for name, time in times.items()},
        "attempts": run.attempt,
        "seconds": round(run.seconds, 3),
        "cpu_seconds": round(run.cpu_s, 3),
        "peak_memory": run.peak_memory,
        "inputs": run.inputs,
        "bytes_written": run.bytes_written,
        "bytes_stored": run.bytes_stored,
        "chunks_written": run.chunks_written,
        "stages": _list_stages(run),
        "environment": run.environment,
    }


def _list_stages(run: Run) -> list[dict[str, Any]]:
    """List the stages with their tasks, and how long each took in the attempt that ended it."""
    tasks: dict[str, int] = {}
    stages = []
    for event in Journal(Path(run.folder) / JOURNAL).read():
        if isinstance(event, StageStarted):
            tasks[event.stage] = event.tasks
        elif isinstance(event, StageEnded):
            stages.append({"name": event.stage, "tasks": tasks.get(event.stage, 0), "seconds": round(event.seconds, 3)})
    return stages


def _write(time: datetime) -> str:
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
