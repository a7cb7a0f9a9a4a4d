"""A page is followed to the letter, and what is not so is told with its line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from docs.terminal import Shell
from docs.walkthrough import Walkthrough, split_session

PAGE = """
Write

<!-- test: file greet.py -->
```python
import sys

print("hello", *sys.argv[1:])
```

and then

```console
$ export WHOM=world
$ mkdir below && cd below
$ python ../greet.py $WHOM
hello world
$ python -c "raise SystemExit(3)"
$ echo $?
3
```

<!-- test: interrupt at ready -->
```console
$ python -c "print('ready', flush=True); import time; time.sleep(60)"
ready…
KeyboardInterrupt
```

```pycon
>>> 1 + 1
2
```
"""


@pytest.fixture
def follow(tmp_path: Path, make_shell: Callable[[Path], Shell]) -> Callable[[str], int]:
    page = tmp_path / "page.md"

    def follow(text: str) -> int:
        page.write_text(text)
        (tmp_path / "work").mkdir()
        return Walkthrough(make_shell(tmp_path / "work")).follow(page)

    return follow


def test_files_folders_variables_exit_codes_and_ctrl_c_are_as_for_a_reader(follow):
    assert follow(PAGE) == 4


@pytest.mark.parametrize(
    ("true", "false", "line"), [("hello world\n", "hello you\n", 13), ("3\n```", "4\n```", 13), (">>> 1 + 1\n2", ">>> 1 + 1\n3", 30)]
)
def test_what_is_not_so_fails_and_says_where(follow, true, false, line):
    with pytest.raises(AssertionError, match=f"line {line}, "):
        follow(PAGE.replace(true, false))


def test_a_command_may_go_on_in_the_next_line():
    assert list(split_session("$ one \\\n    two\nprinted\n\n$ three\n")) == [("one \\\n    two", "printed\n"), ("three", "")]
