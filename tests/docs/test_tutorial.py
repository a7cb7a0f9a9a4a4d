"""The tutorial does what it says, step by step."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from docs.terminal import Shell
from docs.walkthrough import Walkthrough, find_blocks, is_tested, source_of

TUTORIAL = Path(__file__).resolve().parents[2] / "docs" / "tutorial.md"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.slow
@pytest.mark.server
def test_a_reader_who_does_what_the_tutorial_says_sees_what_it_shows(tmp_path: Path, make_shell: Callable[[Path], Shell]):
    replaced = {"127.0.0.1:8080": f"127.0.0.1:{free_port()}", "/home/you": str(tmp_path / "home")}
    done = Walkthrough(make_shell(tmp_path), replaced).follow(TUTORIAL)
    assert done == len([block for block in find_blocks(TUTORIAL) if is_tested(block)]) > 15


def test_all_of_the_tutorial_is_tested_but_for_what_it_installs():
    (untested,) = (source_of(block) for block in find_blocks(TUTORIAL) if not is_tested(block))
    assert untested.startswith("$ python3 -m venv ")
