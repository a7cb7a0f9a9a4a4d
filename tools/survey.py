"""Say of a folder of real feedstocks how far each gets today: read, loaded, lifted, planned, and what stops the others.

    python tools/survey.py FOLDER [--json] [--limit SECONDS] [--jobs N]

Each feedstock is loaded in a process of its own, for so long and not longer, and without a network: what its modules ask of one is
answered "no network here", and counted as that. Nothing is baked. FOLDER holds feedstocks, each a folder with a `meta.yaml`, or with one
in its `feedstock/`.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from pangeo_forge.lint.drafts import METAS

CHILD = Path(__file__).with_name("survey_feedstock.py")


def find_feedstocks(folder: Path) -> list[Path]:
    """Find the folders of feedstocks in a folder."""
    places = [(child / "feedstock", child) for child in sorted(folder.iterdir()) if child.is_dir()]
    found = [next((place for place in pair if any((place / name).exists() for name in METAS)), None) for pair in places]
    return [place for place in found if place is not None]


def survey(folder: Path, limit_s: float) -> dict[str, Any]:
    """Survey a feedstock in a process of its own."""
    name = folder.parent.name if folder.name == "feedstock" else folder.name
    with tempfile.TemporaryDirectory(prefix="survey-") as scratch:
        result = Path(scratch) / "result"
        environment = {**os.environ, "SURVEY_LOAD_S": str(limit_s)}
        process = subprocess.Popen(
            [sys.executable, CHILD, folder, result],
            cwd=scratch,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        ended = wait(process, 2 * limit_s)
        asked = Path(f"{result}.network").read_text().split() if Path(f"{result}.network").exists() else []
        found = json.loads(result.read_text()) if result.exists() else explain_end(ended, asked)
    return {"feedstock": name, **found, "asked": list(dict.fromkeys(asked))}


def wait(process: subprocess.Popen[bytes], limit_s: float) -> int | None:
    """Wait for a process and return how it ended, or end it and all that it has started, and return None."""
    try:
        return process.wait(limit_s)
    except subprocess.TimeoutExpired:
        return None
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def explain_end(ended: int | None, asked: list[str]) -> dict[str, Any]:
    """Say what it means that a process has written nothing."""
    if asked:
        category, reason = "network", f"it did not end, or not well, after it had asked for {asked[0]}"
    elif ended is None:
        category, reason = "time limit", "it did not end in time"
    else:
        category, reason = "author's fault", f"it ends the process that imports it ({ended})"
    return {"loaded": False, "category": category, "reason": reason, "recipes": []}


def write_table(surveys: list[dict[str, Any]]) -> None:
    """Write a line for each feedstock, and a summary."""
    rows = [("FEEDSTOCK", "LOADED", "LIFTED", "PLANNED", "STOPPED BY", "REASON")]
    rows += [(one["feedstock"], *describe(one)) for one in surveys]
    widths = [min(max(len(row[column]) for row in rows), 48) for column in range(5)]
    for row in rows:
        print("  ".join([*(cell[:48].ljust(width) for cell, width in zip(row[:5], widths, strict=True)), row[5]]).rstrip()[:220])
    print()
    for words, count in summarize(surveys).items():
        print(f"{count:5}  {words}")


def describe(one: dict[str, Any]) -> tuple[str, str, str, str, str]:
    """Say in words how far a feedstock got."""
    recipes = one["recipes"]
    stopped = [recipe for recipe in recipes if recipe["category"] not in (None, "not looked at")]
    first = one if one["category"] else (stopped[0] if stopped else {"category": "", "reason": ""})
    return (
        "yes" if one["loaded"] else "no",
        count(sum(recipe["lifted"] for recipe in recipes), len(recipes)),
        count(sum(bool(recipe["planned"]) for recipe in recipes), sum(recipe["planned"] is not None for recipe in recipes)),
        first["category"] or "",
        first["reason"] or "",
    )


def count(some: int, of: int) -> str:
    """Write how many of how many."""
    return f"{some}/{of}" if of else "-"


def summarize(surveys: list[dict[str, Any]]) -> dict[str, int]:
    """Count feedstocks, how far they got, and what stopped the others."""
    loaded = [one for one in surveys if one["loaded"]]
    recipes = [recipe for one in loaded for recipe in one["recipes"]]
    stops = Counter(f"feedstocks not loaded: {one['category']}" for one in surveys if not one["loaded"])
    later = Counter(f"recipes not planned: {recipe['category']}" for recipe in recipes if recipe["category"] not in (None, "not looked at"))
    return {
        "feedstocks": len(surveys),
        "feedstocks loaded": len(loaded),
        **dict(stops.most_common()),
        "recipes loaded": len(recipes),
        "recipes planned": sum(bool(recipe["planned"]) for recipe in recipes),
        **dict(later.most_common()),
    }


def main(arguments: list[str]) -> int:
    """Survey a folder."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--json", action="store_true", help="write all that was found as JSON")
    parser.add_argument("--limit", type=float, default=60.0, metavar="SECONDS", help="how long a module may take to be imported")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, metavar="N", help="how many feedstocks at a time")
    options = parser.parse_args(arguments)
    if not options.folder.is_dir():
        parser.error(f"there is no folder {options.folder}")
    feedstocks = find_feedstocks(options.folder)
    with ThreadPoolExecutor(options.jobs) as pool:
        surveys = list(pool.map(lambda folder: survey(folder, options.limit), feedstocks))
    if options.json:
        print(json.dumps({"summary": summarize(surveys), "feedstocks": surveys}, indent=1))
    else:
        write_table(surveys)
    return 0 if surveys else 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
