"""Writing another text in the place of one, in the quotes that its author chose."""

from __future__ import annotations

from pangeo_forge.feedstocks.yaml import Scalar
from pangeo_forge.lint.files.texts import Text
from pangeo_forge.lint.files.yaml_types import read_as_yaml_1_1
from pangeo_forge.lint.findings import Edit

_NOTHING = frozenset({"null", "Null", "NULL", "~"})


def replace_text(text: Text, scalar: Scalar, new: str) -> tuple[Edit, ...]:
    """Write a text in the place of another.

    Parameters
    ----------
    text : Text
        The file.
    scalar : Scalar
        What stands there.
    new : str
        What to write instead: letters, digits and ``-``, ``.``, ``_``, ``+`` alone.

    Returns
    -------
    tuple of Edit
        Nothing for a text that has an anchor or a tag, or is written over lines of its own (``|``, ``>``).
    """
    if scalar.where.line is None or scalar.where.column is None or scalar.end is None:
        return ()
    start = (scalar.where.line, scalar.where.column)
    written = text.text[text.offset(start) : text.offset(scalar.end)]
    if written[:1] in ("'", '"'):
        return (Edit(text.path, start, scalar.end, f"{written[0]}{new}{written[0]}"),)
    if not scalar.plain or written[:1] != scalar.text[:1]:
        return ()
    is_text = read_as_yaml_1_1(new) is None and new not in _NOTHING
    return (Edit(text.path, start, scalar.end, new if is_text else f'"{new}"'),)
