"""Whether a text is Python, and if not, what its author most likely did."""

from __future__ import annotations

import ast
import re
import warnings
from dataclasses import dataclass

from pangeo_forge.lint.files.texts import Text


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a text is no Python.

    Parameters
    ----------
    message : str
        What is wrong, in one line.
    start, end : tuple of int
        Line and column; `end` is None where only the start is known.
    hint : str
        What to write instead; empty where nothing can be said.
    """

    message: str
    start: tuple[int, int]
    end: tuple[int, int] | None = None
    hint: str = ""


def parse(text: Text) -> ast.Module:
    """Parse a text.

    Raises
    ------
    SyntaxError
        If it is no Python.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of escapes in texts
        return ast.parse(text.text, filename=text.shown)


def check_rules(tree: ast.Module) -> None:
    """Check what the grammar does not say: that ``return`` stands in a function, and its like. Nothing is run.

    Raises
    ------
    SyntaxError
        If a module with this tree could not be imported.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        compile(tree, "", "exec", dont_inherit=True)


def explain(error: SyntaxError, text: Text) -> Fault:
    """Say what is wrong with a text that is no Python, in the words of who wrote it."""
    merge = _MERGE.search(text.text)
    if merge:
        line = text.text.count("\n", 0, merge.start()) + 1
        message = "the marks of a merge that was not finished are left in the file"
        return Fault(message, (line, 1), (line, 1 + len(merge[0])), "Decide between the two sides, and delete the lines of marks.")
    line, column = max(error.lineno or 1, 1), max(error.offset or 1, 1)
    if isinstance(error, TabError):
        hint = "Indent with spaces only; most editors can convert the file."
        return Fault("tabs and spaces are mixed in the indentation", (line, column), None, hint)
    meant = _find_meant(line, text.line(line)[:_LONGEST])
    if meant:
        return meant
    reason = error.msg or "invalid syntax"
    hint = next((hint for pattern, hint in _BY_REASON if pattern.search(reason)), "")
    end = (error.end_lineno or 0, error.end_offset or 0)
    return Fault(f"this is not valid Python: {reason}", (line, column), end if end > (line, column) else None, hint)


def _find_meant(line: int, written: str) -> Fault | None:
    """Find what was meant by a line that Python does not understand."""
    for pattern, message, hint in _MEANT:
        found = pattern.match(written)
        if found:
            name = found["what"]
            start, end = found.span("what")
            return Fault(message, (line, start + 1), (line, end + 1), hint.format(name=name.replace("-", "_")))
    return None


#: Of longer lines the start is looked at.
_LONGEST = 300
_MERGE = re.compile(r"^<{7} .*$", re.MULTILINE)
_NEWER = "Python 3.12 reads this, but recipes run on Python 3.11 as well"

#: By the line of the error: what was meant, and what to do.
_MEANT: tuple[tuple[re.Pattern[str], str, str], ...] = (
    (re.compile(r"\s*(?P<what>print\s+[^\s=(.\[,)].*)"), "this is Python 2: `print` is a function now", "Write `print(…)`."),
    (
        re.compile(r"\s*(?P<what>except\s+[\w.]+\s*,\s*\w+\s*:)"),
        "what an `except` catches is named by `as`, and several kinds of it stand in parentheses",
        "Write `except ValueError as error:`, or `except (ValueError, KeyError):`.",
    ),
    (re.compile(r"\s*(?P<what>raise\s+[\w.]+\s*,.*)"), "this is Python 2: an exception is called now", 'Write `raise ValueError("…")`.'),
    (
        re.compile(r"\s*(?P<what>exec\s+[\"'\w].*)"),
        "this is Python 2: `exec` is a function now",
        "Write the code, not a text of it.",
    ),
    (
        re.compile(r"\s*(?P<what>%%?[a-z].*|![a-z].*|\?\w.*|[\w.]+\?{1,2}\s*$)"),
        "this is a command of a notebook, not Python",
        "Delete the line; what it installs belongs in requirements.txt.",
    ),
    (
        re.compile(r".*?(?P<what>\{%.*%\}|\{\{\s*(?:cookiecutter\b[^}]*|[\w.]+\s*)\}\})"),
        "a field of a template was not filled in",
        "Put a value in the place of the braces.",
    ),
    (
        re.compile(r"\s*(?P<what>(?:https?|ftp|s3|gs)://\S.*)"),
        "this is an address, not Python",
        'Put it in quotes and give it a name: `url = "https://…"`.',
    ),
    (
        re.compile(r"\s*(?:(?:def|class)\s+)?(?P<what>[A-Za-z_]\w*(?:-\w+)+)\s*(?:=(?!=)|\()"),
        "a name cannot hold a hyphen, which means minus",
        "Write `{name}`, here and where it is used.",
    ),
    (
        re.compile(r"\s*(?:(?:def|class)\s+)?(?P<what>\d\w*[A-Za-z_]\w*)\s*(?:=(?!=)|\()"),
        "a name cannot begin with a digit",
        "Put a letter in front of it, here and where it is used.",
    ),
    (re.compile(r"\s*(?P<what>type\s+\w+\s*(?:\[[^\]]*\])?\s*=.*)"), _NEWER, "Write the name of the type, and `=`, without `type`."),
    (
        re.compile(r"\s*(?:async\s+)?(?P<what>(?:def|class)\s+\w+\s*\[)"),
        _NEWER,
        "Leave the brackets out, or make what is in them with `typing.TypeVar`.",
    ),
)

#: By the reason that Python gives.
_BY_REASON: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile("was never closed"), "The bracket that opens here is closed nowhere."),
    (re.compile("does not match opening|^unmatched"), "Count the brackets, from the line that this one begins on."),
    (re.compile("unterminated (?:triple-quoted )?f?-?string|EOL while|EOF while"), "The text that begins here has no closing quotes."),
    (re.compile("invalid (?:non-printable )?character"), "Type the line anew: quotes, dashes and spaces of typeset text are no Python."),
    (re.compile("^f-string"), "Use other quotes inside the braces than outside, and no backslashes: only Python 3.12 reads the same ones."),
    (re.compile("unindent does not match|unexpected indent|expected an indented block"), "Lines of one block begin in one column."),
    (re.compile("'(?:await|async with|async for)' outside"), "Only a notebook takes it; write `asyncio.run(…)`."),
    (re.compile("'(?:return|yield)' outside function"), "Look at the indentation: the line belongs to no function."),
    (re.compile("leading zeros"), "Write the number without the zeros in front, or as a text."),
    (re.compile("unicode error|unicodeescape"), 'Put an r in front of a path of Windows: `r"C:\\Users"`.'),
)
