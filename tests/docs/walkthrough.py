"""Does what a page of the documentation tells its reader to do, and holds what comes of it against what the page shows.

Fenced blocks are taken in their order. What is to be done with one is said by its language and by a comment before it, which no reader
sees:

- ``console``: each line that begins with ``$`` is typed into a shell, and what stands below it is compared with what is printed;
- ``<!-- test: file PATH -->``: the block is what the reader writes into that file;
- ``<!-- test: interrupt at TEXT -->``: Ctrl-C is pressed when this is seen;
- ``<!-- test: background until PATTERN -->``: the command goes on until the page ends;
- ``<!-- test: printed by COMMAND -->``: the block is what the command prints;
- ``<!-- test: python -->``: the block is a program that must end well;
- ``pycon``: Python's own prompt, by doctest, one session for all blocks of a page;
- ``<!-- test: skip, REASON -->``: nothing.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from sybil import Document, Example, Region
from sybil.parsers.markdown.lexers import FencedCodeBlockLexer

from docs.likeness import Likeness
from docs.prompt import Prompt
from docs.terminal import Shell

_COMMENT = re.compile(r"<!-- test: (?P<what>file|interrupt at|background until|printed by|python|skip,) ?(?P<rest>.*?) -->\s*\Z")


@dataclass
class Walkthrough:
    """A reader who does what a page says.

    Parameters
    ----------
    shell : Shell
        What the reader types into.
    replaced : dict of str to str
        What the page says, and what is meant here: a port that is free, a folder.
    """

    shell: Shell
    replaced: Mapping[str, str] = field(default_factory=dict)
    likeness: Likeness = field(default_factory=Likeness)
    _open: ExitStack = field(default_factory=ExitStack)
    _prompt: Prompt | None = None

    def follow(self, page: Path) -> int:
        """Do what the page says, and give the number of blocks that were done.

        Raises
        ------
        AssertionError
            If something else is printed than the page shows.
        """
        done = 0
        with self._open:
            for example in find_blocks(page, self._do):
                example.evaluate()
                done += is_tested(example)
        return done

    def _do(self, example: Example) -> str | None:
        what, rest = comment_of(example)
        source = source_of(example)
        match what, language_of(example):
            case "skip,", _:
                return None
            case "file", _:
                return self._write(rest, source)
            case "printed by", _:
                return self._compare(rest, source)
            case "python", _:
                return self._run_python(source)
            case "background until", _:
                return self._start(source, rest)
            case _, "console":
                return self._type(source, rest if what == "interrupt at" else None)
            case _, "pycon":
                return self._ask_python(source)
        return None

    def _write(self, name: str, source: str) -> None:
        path = self.shell.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(self._here(source))

    def _start(self, session: str, until: str) -> None:
        for command, _ in split_session(session):
            self._open.enter_context(self.shell.serve(self._here(command), until=until))

    def _type(self, session: str, interrupt_at: str | None) -> str | None:
        differences = (self._compare(command, shown, interrupt_at) for command, shown in split_session(session))
        return next((difference for difference in differences if difference), None)

    def _compare(self, command: str, shown: str, interrupt_at: str | None = None) -> str | None:
        printed = self.shell.run(self._here(command), interrupt_at=interrupt_at)
        difference = self.likeness.find_difference(shown, self._there(printed))
        return f"$ {command}\n{difference}" if difference else None

    def _run_python(self, source: str) -> str | None:
        self._write("block.py", source)
        printed = self.shell.run("python block.py || echo it ended with $?")
        return self._there(printed) if "it ended with" in printed else None

    def _ask_python(self, source: str) -> str | None:
        if self._prompt is None:
            self._prompt = self._open.enter_context(Prompt(self.shell.folder, self.shell.environ))
        self._write("block.txt", source)
        return self._there(self._prompt.ask(self.shell.folder / "block.txt")) or None

    def _here(self, text: str) -> str:
        text = self.likeness.translate(text)
        for shown, here in self.replaced.items():
            text = text.replace(shown, here)
        return text

    def _there(self, text: str) -> str:
        for shown, here in self.replaced.items():
            text = text.replace(here, shown)
        return text


def find_blocks(page: Path, evaluator: Callable[[Example], str | None] | None = None) -> Iterator[Example]:
    """Yield the fenced blocks of a page that name a language."""

    def parse(document: Document) -> Iterator[Region]:
        for region in FencedCodeBlockLexer(".+")(document):
            region.evaluator = evaluator
            yield region

    return Document.parse(str(page), parse).examples()


def language_of(example: Example) -> str:
    """Give the language that a block names."""
    return str(example.region.lexemes["language"]).strip()


def source_of(example: Example) -> str:
    """Give what stands in a block."""
    return str(example.region.lexemes["source"])


def comment_of(example: Example) -> tuple[str, str]:
    """Give what the comment before a block says is to be done with it."""
    match = _COMMENT.search(example.document.text[: example.start])
    return (match["what"], match["rest"]) if match else ("", "")


def is_tested(example: Example) -> bool:
    """Whether something is to be done with a block."""
    what, _ = comment_of(example)
    return what != "skip," and bool(what or language_of(example) in ("console", "pycon"))


def split_session(session: str) -> Iterator[tuple[str, str]]:
    """Split a session into what was typed and what was printed; a line that ends in a backslash goes on in the next."""
    typed: list[str] = []
    printed: list[str] = []
    for line in textwrap.dedent(session).splitlines():
        if line.startswith("$ "):
            if typed:
                yield "\n".join(typed), "\n".join(printed)
            typed, printed = [line.removeprefix("$ ")], []
        elif typed and typed[-1].endswith("\\") and not printed:
            typed.append(line)
        else:
            printed.append(line)
    if typed:
        yield "\n".join(typed), "\n".join(printed)
