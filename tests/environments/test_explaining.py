"""What uv says, in one line, with the line that it is about."""

from __future__ import annotations

from pathlib import Path

import pytest

from pangeo_forge.environments.explaining import explain
from pangeo_forge.environments.wanted import read_requirements
from pangeo_forge.errors import EngineError, ForgeError, UserError

#: The same, as uv has said it since 0.12, and before.
NEW = """error: No solution found when resolving dependencies
  cause: Because left==1.0 depends on base<2 and you require left, we can conclude that you require base<2.
         And because you require base>=2, we can conclude that your requirements are unsatisfiable.

hint: something about indexes"""
OLD = """  × No solution found when resolving dependencies:
  ╰─▶ Because left==1.0 depends on base<2 and you require left, we can conclude that
      you require base<2.
      And because you require base>=2, we can conclude that your requirements are unsatisfiable.

      hint: something about indexes"""


def explained(folder: Path, said: str) -> ForgeError:
    (folder / "requirements.txt").write_text("other\nleft\nbase>=2\n")
    return explain(said, read_requirements(folder).wanted)


@pytest.mark.parametrize("said", [NEW, OLD])
def test_requirements_that_exclude_each_other_are_told_with_both_lines(tmp_path: Path, said: str) -> None:
    error = explained(tmp_path, said)
    assert isinstance(error, UserError)
    assert error.message == (
        "the recipe's requirements cannot be met: Because left==1.0 depends on base<2 and you require left, we can conclude that you "
        "require base<2. And because you require base>=2, we can conclude that your requirements are unsatisfiable."
    )
    assert {problem.where.line for problem in error.problems if problem.where} == {2, 3}
    assert error.detail == said


@pytest.mark.parametrize(
    "said",
    [
        "error: Failed to fetch: https://example.org/simple/left/\n  cause: error sending request for url\n  cause: dns error",
        "error: Failed to fetch: `https://example.org/simple/left/`\n  Caused by: tcp connect error: Connection refused (os error 111)",
    ],
)
def test_a_server_that_cannot_be_reached_is_named_and_is_no_fault_of_the_recipe(tmp_path: Path, said: str) -> None:
    error = explained(tmp_path, said)
    assert isinstance(error, EngineError)
    assert error.message == "the recipe's environment cannot be built: https://example.org/simple/left cannot be reached"
    assert error.hint and "--no-isolation" in error.hint


def test_a_package_that_cannot_be_built_is_told_with_its_line(tmp_path: Path) -> None:
    error = explained(
        tmp_path, "error: Failed to build `left==1.0`\n  cause: Build backend failed\n         [stderr]\n         ZeroDivisionError"
    )
    assert str(error) == (f"{tmp_path}/requirements.txt:2: left==1.0 cannot be built, which requirements.txt asks for: ZeroDivisionError")


def test_passwords_of_indexes_are_not_told(tmp_path: Path) -> None:
    error = explained(tmp_path, "error: Failed to fetch: https://me:secret@example.org/simple/left/\n  cause: dns error")
    assert "secret" not in f"{error}{error.detail}{error.hint}"


def test_a_very_long_reason_is_cut(tmp_path: Path) -> None:
    error = explained(tmp_path, "error: No solution found when resolving dependencies\n  cause: " + "Because of this. " * 100)
    assert len(error.message) < 600
    assert error.message.endswith("…")
