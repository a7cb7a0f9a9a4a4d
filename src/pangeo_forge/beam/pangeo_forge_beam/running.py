"""Run a pipeline to its end."""

from __future__ import annotations

from .building import Pipeline
from .counting import Counters
from .talking import Talk


def run(pipeline: Pipeline, counters: Counters, talk: Talk) -> None:
    """Run a pipeline, and say what it did."""
    counters.start()
    try:
        result = pipeline.run()
        result.wait_until_finish()
    finally:
        counters.stop()
    talk.say("ended", state=str(result.state), inputs=pipeline.inputs)
