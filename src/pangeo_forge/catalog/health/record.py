"""The health of a catalogue's datasets as a file beside its index, so that Items and Collections stay as they are."""

from __future__ import annotations

import json
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from pangeo_forge.catalog.health.findings import Executed, Health, Look, judge
from pangeo_forge.catalog.storage.tree import Tree
from pangeo_forge.types import redact_text

HEALTH = "health.json"

_KEPT_EVERY_S = 20.0


def read_records(tree: Tree) -> dict[str, dict[str, Any]]:
    """Read what is known as it is written, by the ids of Collections; see `find_current`. A damaged file is as none: it is made anew."""
    try:
        records: dict[str, dict[str, Any]] = json.loads(tree.read(HEALTH) or b"{}").get("datasets", {})
    except ValueError:
        return {}
    return records


def read_health(tree: Tree) -> dict[str, Health]:
    """Read what is known, by the ids of Collections; of a dataset that nobody has looked at, nothing."""
    return {name: Health.from_dict(record) for name, record in read_records(tree).items()}


def find_current(records: Mapping[str, Mapping[str, Any]], item: Mapping[str, Any]) -> Health | None:
    """Find what is known of the version that an Item tells of; None if nobody has looked at that."""
    record = records.get(str(item.get("collection")))
    return Health.from_dict(record) if record and record["item"] == item["id"] else None


def write_health(tree: Tree, known: Mapping[str, Health], gone: Collection[str] = ()) -> None:
    """Put what is known of some datasets into the place of what was; of those that are gone nothing is kept."""
    with tree.locked():
        before = read_records(tree)
        after = {**before, **{name: health.to_dict() for name, health in known.items()}}
        after = {name: record for name, record in after.items() if name not in gone}
        if after != before:
            tree.write(HEALTH, _encode(after))


@dataclass
class HealthKeeper:
    """Writes what is found every so often, should the process be killed.

    Parameters
    ----------
    tree : Tree
        The catalogue.
    fault : str, optional
        Why nothing could be written: a catalogue of somebody else's is looked at all the same.
    """

    tree: Tree
    fault: str | None = None
    _found: dict[str, Health] = field(default_factory=dict)
    _written: float = field(default_factory=time.monotonic)

    def add(self, dataset: str, health: Health) -> None:
        """Keep what was found of a dataset."""
        self._found[dataset] = health
        if time.monotonic() - self._written >= _KEPT_EVERY_S:
            self.write()

    def write(self, gone: Collection[str] = ()) -> None:
        """Write what is not yet written, and drop what is known of datasets that are gone."""
        if self.tree.is_on_the_web:
            self.fault = "a web server takes no files"
        try:
            if (self._found or gone) and not self.fault:
                write_health(self.tree, self._found, gone)
        except (OSError, NotImplementedError) as error:
            self.fault = redact_text(str(error)) or type(error).__name__
        self._found, self._written = {}, time.monotonic()


def enter_looks(tree: Tree, dataset: str, item: str, looks: Mapping[str, Look]) -> None:
    """Keep what became of the snippets of a version that has been entered, unless more is known of it already."""
    record = read_records(tree).get(dataset)
    if looks and (record is None or record["item"] != item):
        write_health(tree, {dataset: as_made(item, looks)})


def as_made(item: str, looks: Mapping[str, Look]) -> Health:
    """Say what is known of a version when it is entered: whether its snippets work; what else there is to know has not been asked."""
    findings = tuple(finding for look in looks.values() for finding in look.findings)
    state = judge([look.findings for look in looks.values()])
    return Health(
        item=item,
        state=state if state == "broken" else "unknown",
        findings=findings,
        snippets={key: look.executed for key, look in looks.items() if look.executed},
        chunks={key: look.chunks for key, look in looks.items() if look.chunks},
    )


def keep_date(executed: Executed, before: Executed | None) -> Executed:
    """Keep when a snippet last worked, where it does not now."""
    return replace(executed, worked=before.worked) if before and not executed.worked else executed


def _encode(records: Mapping[str, Mapping[str, Any]]) -> bytes:
    """Write a line for each dataset, so that a person finds one."""
    # What UTF-8 cannot hold is escaped as JSON does it.
    lines = [f"{_dump(name)}: {_dump(record)}" for name, record in sorted(records.items())]
    return ('{"datasets": {\n' + ",\n".join(lines) + "\n}}\n").encode("utf-8", "backslashreplace")


def _dump(value: Any) -> str:
    return json.dumps(value, allow_nan=False, ensure_ascii=False)
