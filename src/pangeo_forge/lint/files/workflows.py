"""The workflows of a repository on GitHub: what starts them, their jobs, and the steps of those."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from pangeo_forge.errors import InvalidFeedstock, Where
from pangeo_forge.feedstocks.nodes import Fields, read_fields
from pangeo_forge.feedstocks.yaml import Items, Node, Pairs, Scalar, parse_yaml
from pangeo_forge.lint.files.folders import is_inside, list_entries
from pangeo_forge.lint.files.texts import Text

if TYPE_CHECKING:
    from pangeo_forge.lint.drafts import Draft

FOLDER = ".github/workflows"
_MOST_FILES = 50
_MOST_JOBS = 100
_MOST_STEPS = 200
_LONGEST_LINE = 2_000


@dataclass(frozen=True)
class Step:
    """A step of a job, or a job that is a workflow of its own.

    Parameters
    ----------
    fields : dict of Field
        What it says.
    """

    fields: Fields

    @property
    def uses(self) -> Scalar | None:
        """The action, as ``owner/name@ref`` or a path."""
        return _scalar(self.fields, "uses")

    @property
    def action(self) -> str:
        """The action's name, in small letters and without what follows the ``@``; empty where there is none."""
        return self.uses.text.partition("@")[0].strip().lower() if self.uses else ""

    @property
    def version(self) -> str:
        """What follows the ``@``."""
        return self.uses.text.partition("@")[2].strip() if self.uses else ""

    @property
    def script(self) -> Scalar | None:
        """The commands of a shell."""
        return _scalar(self.fields, "run")

    @property
    def condition(self) -> str:
        """What must hold for it to be run."""
        value = _scalar(self.fields, "if")
        return value.text if value else ""

    def input(self, name: str) -> Scalar | None:
        """Give what an action is given by that name."""
        return _scalar(_mapping(self.fields, "with"), name)


@dataclass(frozen=True)
class Job:
    """A job of a workflow.

    Parameters
    ----------
    fields : dict of Field
        What it says.
    """

    fields: Fields

    @property
    def whole(self) -> Step:
        """The job as a step: it may be a workflow of its own, and have a condition."""
        return Step(self.fields)

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """Its steps."""
        steps = self.fields["steps"].value if "steps" in self.fields else None
        nodes = (node for node in (steps.items if isinstance(steps, Items) else ()) if isinstance(node, Pairs))
        return tuple(Step(read_fields(node, [])) for node in islice(nodes, _MOST_STEPS))

    @cached_property
    def is_in_checkout(self) -> bool:
        """Whether its commands run in the folder that holds the files of the repository, as they are."""
        checkouts = [step for step in self.steps if step.action == "actions/checkout"]
        is_plain = not any(step.input(name) for step in checkouts for name in ("ref", "repository", "path", "sparse-checkout"))
        return bool(checkouts) and is_plain and "defaults" not in self.fields


@dataclass(frozen=True)
class Workflow:
    """A file in ``.github/workflows``.

    Parameters
    ----------
    text : Text
        Its text.
    fields : dict of Field
        What it says.
    """

    text: Text
    fields: Fields

    @cached_property
    def triggers(self) -> frozenset[str]:
        """The events that start it."""
        field = self.fields.get("on")
        value = field.value if field else None
        if isinstance(value, Pairs):
            return frozenset(read_fields(value, []))
        nodes = value.items if isinstance(value, Items) else (value,)
        return frozenset(node.text for node in nodes if isinstance(node, Scalar))

    @cached_property
    def jobs(self) -> tuple[Job, ...]:
        """Its jobs."""
        nodes = (field.value for field in _mapping(self.fields, "jobs").values() if isinstance(field.value, Pairs))
        return tuple(Job(read_fields(node, [])) for node in islice(nodes, _MOST_JOBS))

    @property
    def steps(self) -> Iterator[Step]:
        """The steps of all jobs, and the jobs that are workflows of their own."""
        return (step for job in self.jobs for step in (job.whole, *job.steps))

    def lines(self, value: Scalar | None) -> Iterator[tuple[int, str]]:
        """Give the lines of the file that a text stands on, with their numbers, but comments and those that nobody wrote."""
        if value is None or value.end is None:
            return
        last, column = value.end
        for number in range(value.where.line or 1, last + (column > 1)):
            line = self.text.line(number)
            if len(line) <= _LONGEST_LINE and not line.lstrip().startswith("#"):
                yield number, line

    def texts(self) -> Iterator[Scalar]:
        """Give all texts of the file."""
        todo: list[Node] = [field.value for field in reversed(self.fields.values())]
        while todo:
            node = todo.pop()
            if isinstance(node, Scalar):
                yield node
            elif isinstance(node, Items):
                todo.extend(reversed(node.items))
            else:
                todo.extend(value for _, value in reversed(node.pairs))

    def at(self, line: int, column: int) -> Where:
        """Name a place in the file."""
        return self.text.at(line, column)


def _scalar(fields: Fields, key: str) -> Scalar | None:
    value = fields[key].value if key in fields else None
    return value if isinstance(value, Scalar) else None


def _mapping(fields: Fields, key: str) -> Fields:
    value = fields[key].value if key in fields else None
    return read_fields(value, []) if isinstance(value, Pairs) else {}


def find_workflows(draft: Draft) -> Iterator[Workflow]:
    """Read the workflows of the repository that a draft lies in, as far as they are YAML."""
    for path in _list_files(draft.root):
        text = draft.read(draft.from_root(path), "")
        if text is None:
            continue
        try:
            root = parse_yaml(text.text.encode(), text.shown)
        except InvalidFeedstock:
            continue
        if isinstance(root, Pairs):
            yield Workflow(text, read_fields(root, []))


def _list_files(root: Path) -> list[str]:
    folder = root / FOLDER
    if not is_inside(folder, root):
        return []
    names = [entry.name for entry in list_entries(folder, root, deepest=0) if entry.name.endswith((".yml", ".yaml"))]
    return [f"{FOLDER}/{name}" for name in names[:_MOST_FILES]]
