"""A process that watches over one run, as the command does: ``supervise.py start|resume HOME SCRIPT GRACE_S [TARGET|ID]``."""

import json
import sys
from pathlib import Path

from pangeo_forge.bakeries.database import local_bakery
from pangeo_forge.errors import ForgeError
from pangeo_forge.runs.records import RunRecords
from pangeo_forge.runs.run import make_run_id
from pangeo_forge.runs.supervisor import RunDetails, resume_run, start_run
from pangeo_forge.runs.worker_process import WorkerCommand
from pangeo_forge.settings import Settings
from pangeo_forge.worker.events import Event, RunStarted, TaskEnded
from pangeo_forge.worker.job import Entry, Job


def show(event: Event) -> None:
    """Print what the tests wait for."""
    word = event.run_id if isinstance(event, RunStarted) else event.task if isinstance(event, TaskEnded) else ""
    print(event.kind, word, flush=True)


def main(verb: str, home: str, script: str, grace_s: str, what: str) -> int:
    """Do it, and print the error that it ends with as JSON."""
    settings = Settings.load({"PANGEO_FORGE_HOME": home})
    command = WorkerCommand((sys.executable, script), grace_s=float(grace_s))
    records = RunRecords(settings.database)
    try:
        if verb == "resume":
            resume_run(records, what, settings=settings, observer=show, command=command)
        else:
            job = Job(
                kind="bake", folder=str(Path(script).parent), entries=[Entry("ocean", "recipe:recipe")], recipe_id="ocean", target=what
            )
            details = RunDetails(id=make_run_id("ocean"), feedstock="nemo", bakery=local_bakery(settings))
            start_run(records, job, details, settings=settings, observer=show, command=command)
    except ForgeError as error:
        print("error", json.dumps(error.to_dict()), flush=True)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
