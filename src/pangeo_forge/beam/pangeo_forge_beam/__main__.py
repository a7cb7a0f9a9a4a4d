"""``python -m pangeo_forge_beam``: take an order, and run the recipe that it names."""

from __future__ import annotations

import os
import sys
from typing import Any

from .failing import Refused, describe_failure
from .finding import find_recipe
from .talking import Talk


def main() -> int:
    """Run one recipe; return 0 if it was run to its end, else 1."""
    talk = Talk.take_over()
    order = talk.listen()
    phase = "import"
    try:
        recipe = find_recipe(order)
        talk.say("loaded")
        talk.listen()  # whoever ordered it has made room at the target
        phase = "build"
        run = _prepare(recipe, order, talk)
        phase = "run"
        run()
    except Refused as refusal:
        talk.say("refused", message=str(refusal), hint=refusal.hint)
        return 1
    except (Exception, SystemExit) as error:
        talk.say("failed", phase=phase, **describe_failure(error, order["folder"]))
        return 1
    return 0


def _prepare(recipe: Any, order: dict[str, Any], talk: Talk) -> Any:
    """Build the pipeline, and give what runs it. Beam is imported here, after the recipe: by then it has been anyway."""
    from .building import build
    from .counting import Counters
    from .running import run

    counters = Counters(order["scratch"], talk)
    pipeline = build(recipe, order, counters)
    talk.say("built", **pipeline.describe())
    return lambda: run(pipeline, counters, talk)


if __name__ == "__main__":
    code = main()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(code)  # Beam leaves threads behind that would be waited for
