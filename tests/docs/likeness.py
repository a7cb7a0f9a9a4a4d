"""Whether what is printed today is what the documentation shows, but for what differs from run to run."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_RUN_ID = r"\d{8}-\d{6}-[\w.~-]+-[2-9a-hjkmnp-z]{4}"

#: What differs from run to run, as it stands in the documentation, and what may stand in its place.
_CHANGING = {
    "run": (_RUN_ID, _RUN_ID),
    "time": (r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)?", r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)?"),
    "clock": (r"\b\d\d:\d\d:\d\d\b", r"\d\d:\d\d:\d\d"),
    "day": (r"\b\d{4}-\d\d-\d\d(?= run \d)", r"\d{4}-\d\d-\d\d"),
    "commit": (r"\([0-9a-f]{12}\)", r"\([0-9a-f]{12}(?:-dirty)?\)"),
    "rate": (r"\b[\d.]+ [kMG]?B/s", r"[\d.]+ [kMG]?B/s"),
    "memory": (r"\b[\d.]+ [MG]B (?:of memory )?at most", r"[\d.]+ [MG]B (?:of memory )?at most"),
    # Another version of a compressor compresses a little better or worse.
    "stored": (r"\bstored +[\d.]+ [kMG]B", r"stored\s+[\d.]+ [kMG]B"),
    "row": (r"\b\d+(?:\.\d+)? s +[\d.]+ [kMG]B\b", r"(?:\d+ min )?\d+(?:\.\d+)? s\s+[\d.]+ [kMG]B"),
    "duration": (r"\b(?:\d+ min )?\d+(?:\.\d+)? s\b", r"(?:\d+ min )?\d+(?:\.\d+)? s"),
    "server": (r"http://127\.0\.0\.1:\d+", r"http://127\.0\.0\.1:\d+"),
    "more": (r"…", r".*?"),
}
_TOKEN = re.compile("|".join(f"(?P<{name}>{shown})" for name, (shown, _) in _CHANGING.items()) + r"|(?P<blank>\s+)")


@dataclass
class Likeness:
    """Compares texts, and learns which of today's runs stands for which of the documentation's.

    Parameters
    ----------
    runs : dict of str to str
        The id of today's run for each that the documentation shows.
    """

    runs: dict[str, str] = field(default_factory=dict)

    def find_difference(self, shown: str, printed: str) -> str | None:
        """Say how what was printed differs from what is shown; None if only in times, ids and the like, and in what ``…`` stands for."""
        pattern, names = self._make_pattern(shown.strip())
        match = re.fullmatch(pattern, printed.strip(), re.DOTALL)
        if match is None:
            parts = {"it is so up to the line": self._last_alike(shown, printed), "shown": shown, "printed": printed}
            return "\n".join(f"{name}:\n{_indent(text)}" for name, text in parts.items())
        self.runs |= {run: match[name] for name, run in names.items()}
        return None

    def _last_alike(self, shown: str, printed: str) -> str:
        """Find the last line of what is shown up to which all was printed."""
        lines = shown.strip().splitlines()
        for count in range(len(lines), 0, -1):
            pattern, _ = self._make_pattern("\n".join(lines[:count]))
            if re.match(pattern + r"(?=\s|\Z)", printed.strip(), re.DOTALL):
                return lines[count - 1]
        return "(none)"

    def translate(self, text: str) -> str:
        """Put today's runs in the place of those that the documentation shows, also where only the beginning of an id stands."""
        for shown, today in self.runs.items():
            text = text.replace(shown, today)
            beginning = shown[: len("20260101-000000")]
            text = re.sub(rf"{beginning}(?![\w-])", today, text)
        return text

    def _make_pattern(self, shown: str) -> tuple[str, dict[str, str]]:
        parts, names, place = [], {}, 0
        for token in _TOKEN.finditer(shown):
            parts.append(re.escape(shown[place : token.start()]))
            place = token.end()
            if token.lastgroup == "blank":
                parts.append(r"\s+")
            elif token.lastgroup == "run":
                parts.append(self._pattern_of_run(token[0], names))
            else:
                parts.append(_CHANGING[str(token.lastgroup)][1])
        pattern = "".join([*parts, re.escape(shown[place:])])
        # What is left out may be nothing at all, and then so is the blank beside it.
        return pattern.replace(r"\s+.*?\s+", r"\s+(?:.*?\s+)?"), names

    def _pattern_of_run(self, run: str, names: dict[str, str]) -> str:
        if run in self.runs:
            return re.escape(self.runs[run])
        for name, known in names.items():
            if known == run:
                return f"(?P={name})"
        name = f"run{len(names)}"
        names[name] = run
        return f"(?P<{name}>{_RUN_ID})"


def _indent(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.strip("\n").splitlines())
