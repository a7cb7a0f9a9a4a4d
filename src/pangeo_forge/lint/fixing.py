"""Make the changes that findings bring with them, until there is nothing left to change."""

from __future__ import annotations

import codecs
import difflib
import os
import stat
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from pangeo_forge.errors import UserError
from pangeo_forge.lint.drafts import Draft
from pangeo_forge.lint.files.texts import NotText, Text
from pangeo_forge.lint.findings import Creation, Edit, Finding, Rename
from pangeo_forge.lint.linter import Linted, lint_draft
from pangeo_forge.lint.options import Options
from pangeo_forge.lint.reports.paths import relative

#: A fix may uncover another fault; so many times at most.
_ROUNDS = 10

Overlay = dict[str, bytes | None]


@dataclass(frozen=True, slots=True)
class Fixed:
    """A feedstock as it would be with its faults mended.

    Parameters
    ----------
    draft : Draft
        With the changed files in its overlay.
    mended : tuple of Finding
        What is no longer found.
    left : Linted
        What still is.
    """

    draft: Draft
    mended: tuple[Finding, ...]
    left: Linted


def fix(draft: Draft, options: Options) -> Fixed:
    """Mend what can be mended, without writing anything."""
    first = left = lint_draft(draft, options)
    for _ in range(_ROUNDS):
        overlay = _change(draft, left.findings)
        if overlay == draft.overlay:
            break
        draft = replace(draft, overlay=overlay, _texts={}, _problems=[], _secrets={})
        left = lint_draft(draft, options)
    remaining = {(finding.code, finding.message) for finding in left.findings}
    mended = tuple(found for found in first.findings if found.fix and (found.code, found.message) not in remaining)
    return Fixed(draft, mended, left)


def _change(draft: Draft, findings: Iterable[Finding]) -> Overlay:
    """Apply the changes of findings; of two that touch the same text, the first."""
    overlay: Overlay = dict(draft.overlay)
    edits: dict[str, list[Edit]] = defaultdict(list)
    for finding in findings:
        own = [change for change in finding.fix if isinstance(change, Edit)]
        if own and not any(_overlap(one, other) for one in own for other in edits[one.path]):
            for edit in own:
                edits[edit.path].append(edit)
        for change in finding.fix:
            if isinstance(change, Rename):
                _rename(draft, change, overlay)
            elif isinstance(change, Creation):
                _create(draft, change, overlay)
    for path, wanted in edits.items():
        if (path in overlay, overlay.get(path)) == (path in draft.overlay, draft.overlay.get(path)):  # not renamed just now
            _edit(draft, path, wanted, overlay)
    return overlay


def _overlap(one: Edit, other: Edit) -> bool:
    return one.path == other.path and one.start <= other.end and other.start <= one.end


def _edit(draft: Draft, path: str, edits: Iterable[Edit], overlay: Overlay) -> None:
    data = draft.read_bytes(path, "PFM001")
    if data is None:
        return
    try:
        text = Text.decode(data, path, draft.show(path))
    except NotText:
        return
    end_of_line = "\r\n" if "\r\n" in text.text else "\n"
    changed = text.text
    for edit in sorted(edits, key=lambda edit: edit.start, reverse=True):
        new = edit.text.replace("\n", end_of_line)
        changed = changed[: text.offset(edit.start)] + new + changed[text.offset(edit.end) :]
    mark = codecs.BOM_UTF8 if data.startswith(codecs.BOM_UTF8) else b""
    overlay[path] = mark + changed.encode()


def _rename(draft: Draft, change: Rename, overlay: Overlay) -> None:
    new = f"{change.path.rpartition('/')[0]}/{change.name}".lstrip("/")
    data = (draft.folder / change.path).read_bytes() if change.path not in overlay and draft.has_file(change.path) else None
    if data is not None and not draft.has_file(new):
        overlay[change.path], overlay[new] = None, data


def _create(draft: Draft, change: Creation, overlay: Overlay) -> None:
    path = Path(os.path.relpath(draft.root / change.path, draft.folder)).as_posix()
    if not draft.has_file(path) and not os.path.lexists(draft.folder / path):
        overlay[path] = change.text.encode()


def write(draft: Draft) -> list[str]:
    """Write the files of a draft's overlay, each as a whole or not at all, and name them.

    Raises
    ------
    UserError
        If one cannot be written.
    """
    paths = []
    for path, data in draft.overlay.items():
        place = draft.folder / path
        try:
            if data is None:
                place.unlink()
            else:
                _replace(place, data)
        except OSError as error:
            hint = "Look at its permissions; what was mended before is written."
            raise UserError(f"{draft.show(path)} cannot be written: {error.strerror}", hint=hint) from error
        paths.append(draft.show(path))
    return paths


def _replace(place: Path, data: bytes) -> None:
    real = place.resolve()
    mode = stat.S_IMODE(real.stat().st_mode) if real.exists() else 0o666 & ~_umask()
    descriptor, name = tempfile.mkstemp(prefix=f".{place.name[:60]}-", dir=real.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        Path(name).chmod(mode)
        Path(name).replace(real)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def show_diff(draft: Draft) -> str:
    """Write the changes of a draft's overlay as a unified diff, as ``git apply`` reads it."""
    return "".join(line for path in draft.overlay for line in _diff_file(draft, path, draft.overlay))


def _diff_file(draft: Draft, path: str, overlay: Mapping[str, bytes | None]) -> Iterator[str]:
    place = draft.folder / path
    shown = relative(os.path.normpath(draft.show(path))).lstrip("/")
    old = place.read_bytes() if place.is_file() else None
    new = overlay[path]
    before, after = (data.decode("utf-8", "replace").splitlines(keepends=True) if data is not None else [] for data in (old, new))
    from_file, to_file = (f"{side}/{shown}" if data is not None else os.devnull for side, data in (("a", old), ("b", new)))
    for line in difflib.unified_diff(before, after, from_file, to_file):
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
