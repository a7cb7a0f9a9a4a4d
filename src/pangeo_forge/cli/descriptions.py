"""Recipes, plans and new feedstocks in words and tables."""

from __future__ import annotations

import shlex
import sys
from typing import Any

from pangeo_forge.cli.tables import format_facts, format_table
from pangeo_forge.cli.terminal import find_width
from pangeo_forge.types import format_size, printable


def describe_listing(listing: dict[str, Any]) -> str:
    """Write a feedstock's recipes."""
    recipes = listing["recipes"]
    rows = [(one["id"], one["dialect"], one["kind"], f"{one['inputs']:,}", _size(one["bytes"])) for one in recipes]
    problems = [f"{one['id']}: {one['problem']}" for one in recipes if one["problem"]]
    return _paragraphs(
        _heading(listing["feedstock"]),
        format_table(("ID", "DIALECT", "KIND", "INPUTS", "SIZE"), rows, right="INPUTS SIZE", width=find_width(sys.stdout)),
        "\n".join(["Sizes that could not be estimated:", *(f"  {printable(problem)}" for problem in problems)]) if problems else "",
    )


def _heading(feedstock: dict[str, Any]) -> str:
    title = f": {feedstock['title']}" if feedstock["title"] else ""
    commit = f" ({feedstock['commit'][:12]})" if feedstock["commit"] else ""
    return printable(f"{feedstock['name']}{commit}{title}")


def _size(nbytes: int | None) -> str:
    return "unknown" if nbytes is None else f"about {format_size(nbytes)}"


def describe_plan(planned: dict[str, Any]) -> str:
    """Write what a run would do."""
    dataset = planned["dataset"]
    variables = dataset["variables"]
    pruned = " (pruned)" if planned["pruned"] else ""
    total = format_size(sum(variable["bytes"] for variable in variables))
    about = "" if dataset["exact"] else "about "
    facts = [
        ("inputs", f"{planned['inputs']:,}"),
        ("dimensions", ", ".join(f"{name} {size:,}" for name, size in dataset["sizes"].items())),
        ("size", f"{about}{total} uncompressed, as {dataset['product']}"),
    ]
    notes = [f"{stage['name']}: {note}" for stage in planned["stages"] for note in stage["notes"]]
    if not dataset["exact"]:
        notes.insert(0, "sizes are estimated from a few inputs; a run looks at all of them first")
    return _paragraphs(
        f"{planned['id']}{pruned}\n{format_facts(facts, indent=2)}",
        format_table(
            ("VARIABLE", "DTYPE", "DIMENSIONS", "CHUNKS", "CHUNK", "SIZE"),
            [_variable(one) for one in variables],
            right="CHUNK SIZE",
            width=find_width(sys.stdout),
        ),
        format_table(
            ("STAGE", "TASKS", "READS", "WRITES", "CHUNKS", "MEMORY/TASK"),
            [_stage(one) for one in planned["stages"]],
            right="TASKS READS WRITES CHUNKS MEMORY/TASK",
            width=find_width(sys.stdout),
        ),
        "\n".join(f"note: {printable(note)}" for note in notes),
    )


def _variable(variable: dict[str, Any]) -> tuple[str, ...]:
    dims = ", ".join(variable["dims"])
    chunks = " × ".join(map(str, variable["chunks"]))
    return (variable["name"], variable["dtype"], dims, chunks, format_size(variable["chunk_bytes"]), format_size(variable["bytes"]))


def _stage(stage: dict[str, Any]) -> tuple[str, ...]:
    sizes = [format_size(stage[name]) if stage[name] else "-" for name in ("bytes_read", "bytes_written")]
    memory = format_size(stage["memory_per_task"]) if stage["memory_per_task"] else "-"
    return (stage["name"], f"{stage['tasks']:,}", *sizes, f"{stage['chunks']:,}" if stage["chunks"] else "-", memory)


def describe_new(new: dict[str, Any]) -> str:
    """Say what was written, and what to do next."""
    folder = shlex.quote(new["folder"])
    return _paragraphs(
        f"{folder} is a feedstock that works as it is, on made-up sample files:\n" + "\n".join(f"  {file}" for file in new["files"]),
        f'Next:\n  pangeo-forge recipe test {folder}\nThen replace what is marked "replace" in its meta.yaml and recipe.py.',
    )


def describe_repository(repository: dict[str, Any]) -> str:
    """Say what repository was made, and what to do next."""
    folder = shlex.quote(repository["folder"])
    return _paragraphs(
        f"{folder} is a git repository with one commit:\n" + "\n".join(f"  {file}" for file in repository["files"]),
        f"Next:\n  pangeo-forge recipe test {folder}",
    )


def _paragraphs(*texts: str) -> str:
    return "\n\n".join(text for text in texts if text)
