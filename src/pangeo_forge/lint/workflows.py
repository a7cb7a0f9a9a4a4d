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
from pangeo_forge.lint.folders import is_inside
from pangeo_forge.lint.texts import Text

if TYPE_CHECKING:
    from pangeo_forge.lint.drafts import Draft

FOLDER = ".github/workflows"
_MOST_FILES = 50
_MOST_STEPS = 500


@dataclass(frozen=True)
class Step:
    """A step of a job, or a job that is a workflow of its own.

    Parameters
    ----------
    fields : dict of Field
        What it says.
    job : dict of Field
        What the job says that it belongs to.
    """

    fields: Fields
    job: Fields

    @property
    def uses(self) -> Scalar | None:
        """The action, as ``owner/name@ref`` or a path."""
        return _scalar(self.fields, "uses")

    @property
    def action(self) -> str:
        """The action's name, in small letters and without what follows the ``@``; empty where there is none."""
        return self.uses.text.partition("@")[0].strip().lower() if self.uses else ""

    @property
    def script(self) -> Scalar | None:
        """The commands of a shell."""
        return _scalar(self.fields, "run")

    @property
    def inputs(self) -> Fields:
        """What is given to the action."""
        return _mapping(self.fields, "with")

    def given(self, name: str) -> str:
        """Give the text of an input; empty where there is none."""
        value = _scalar(self.inputs, name)
        return value.text if value else ""

    @property
    def condition(self) -> str:
        """What must hold for the step to be run, and for its job."""
        return " ".join(value.text for fields in (self.job, self.fields) if (value := _scalar(fields, "if")))


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
    def steps(self) -> tuple[Step, ...]:
        """The steps of all jobs."""
        return tuple(islice(self._steps(), _MOST_STEPS))

    def _steps(self) -> Iterator[Step]:
        jobs = (field.value for field in _mapping(self.fields, "jobs").values())
        for job in (read_fields(node, []) for node in jobs if isinstance(node, Pairs)):
            if "uses" in job:
                yield Step(job, job)
            steps = job["steps"].value if "steps" in job else None
            for node in steps.items if isinstance(steps, Items) else ():
                if isinstance(node, Pairs):
                    yield Step(read_fields(node, []), job)

    def lines(self, value: Scalar) -> Iterator[tuple[int, str]]:
        """Give the lines of the file that a value stands on, with their numbers."""
        first = value.where.line or 1
        last, column = value.end or (first, 0)
        for number in range(first, last + (column > 1)):
            yield number, self.text.line(number)

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
    if not folder.is_dir() or not is_inside(folder, root):
        return []
    names = (place.name for place in islice(folder.iterdir(), 10 * _MOST_FILES))
    return [f"{FOLDER}/{name}" for name in sorted(name for name in names if name.endswith((".yml", ".yaml")))[:_MOST_FILES]]
