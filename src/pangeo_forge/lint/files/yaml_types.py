"""What a reader of YAML 1.1 takes a text without quotes for; PyYAML, by which the older tools read, is such a reader."""

from __future__ import annotations

import re
from collections.abc import Callable

_TRUE = frozenset({"yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"})
_FALSE = frozenset({"no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"})
_INTEGER = re.compile(r"[-+]?(?:0b[01_]+|0x[0-9a-fA-F_]+|0[0-7_]+|0|[1-9][0-9_]*(?::[0-5]?[0-9])*)")
_FLOAT = re.compile(
    r"[-+]?(?:[0-9][0-9_]*\.[0-9_]*(?:[eE][-+][0-9]+)?|[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*)|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?"
)
_NO_NUMBER = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME = re.compile(
    r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt]|[ \t]+)[0-9]{1,2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]*)?(?:[ \t]*(?:Z|[-+][0-9]{1,2}(?::[0-9]{2})?))?"
)
#: Nobody writes a longer one without quotes and means a number or a time.
_LONGEST = 60


def read_as_yaml_1_1(text: str) -> str | None:
    """Say what a reader of YAML 1.1 takes a text without quotes for; None where it is a text for it as well, or nothing."""
    if len(text) > _LONGEST:
        return None
    if text in _TRUE or text in _FALSE:
        return "the truth value true" if text in _TRUE else "the truth value false"
    if _INTEGER.fullmatch(text):
        return _describe(_integer, text)
    if _FLOAT.fullmatch(text):
        return _describe(_float, text)
    if _DATE.fullmatch(text):
        return "a date"
    if _TIME.fullmatch(text):
        return "a time"
    return f"the number {text}" if _NO_NUMBER.fullmatch(text) else None


def _describe(read: Callable[[str], float], text: str) -> str:
    try:
        return f"the number {read(text.replace('_', ''))}"
    except ValueError:  # digits are missing, as in 0x_
        return "a number"


def _integer(text: str) -> int:
    sign, digits = (-1 if text[0] == "-" else 1), text.lstrip("+-")
    if ":" in digits:
        return sign * int(_sixties(digits))
    base = {"0b": 2, "0x": 16}.get(digits[:2]) or (8 if digits[0] == "0" and len(digits) > 1 else 10)
    return sign * int(digits, base)


def _float(text: str) -> float:
    sign, digits = (-1.0 if text[0] == "-" else 1.0), text.lstrip("+-")
    return sign * (_sixties(digits) if ":" in digits else float(digits))


def _sixties(digits: str) -> float:
    """Add up minutes and hours, as of ``1:30``."""
    total = 0.0
    for part in digits.split(":"):
        total = total * 60 + float(part)
    return total
