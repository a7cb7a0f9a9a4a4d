"""Everything that a user can meet is in the documentation, and what the documentation names is there."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import pangeo_forge
from pangeo_forge import errors, settings
from pangeo_forge.engines.base import find_engines
from pangeo_forge.recipes import ZarrRecipe

PROJECT = Path(__file__).resolve().parents[2]
NAMED = re.compile(r"pangeo-forge((?: [a-z][a-z-]*)+)((?: +(?!\|)[^\s`|]+)*)")
MISTAKES = {("pangeo-forge recipe plan sst --prune", "--prune")}


@cache
def commands() -> dict[str, Any]:
    """Find every command by what is typed."""

    def walk(name: str, command: Any) -> Iterator[tuple[str, Any]]:
        yield name, command
        if hasattr(command, "list_commands"):
            context = command.make_context(name, [], resilient_parsing=True)
            for child in command.list_commands(context):
                yield from walk(f"{name} {child}", command.get_command(context, child))

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # the oldest Typer uses what the newest Click deprecates
        import typer

        from pangeo_forge.cli.main import app

        return dict(walk("pangeo-forge", typer.main.get_command(app)))


def options_of(command: Any) -> set[str]:
    return {"--help", "--install-completion", "--show-completion", *(text for parameter in command.params for text in parameter.opts)}


def family(kind: type) -> list[type]:
    return [kind, *(member for child in kind.__subclasses__() for member in family(child))]


@pytest.fixture(scope="module")
def text() -> str:
    """All that is written in the guides and the tutorial."""
    files = [*(PROJECT / "docs" / "guide").glob("*.md"), PROJECT / "docs" / "tutorial.md"]
    return "\n".join(file.read_text() for file in files)


def test_every_command_is_explained(text):
    leaves = [name for name in commands() if not any(other.startswith(f"{name} ") for other in commands())]
    assert len(leaves) > 10
    assert [name for name in leaves if not re.search(rf"{re.escape(name)}\b", text)] == []


def test_every_command_has_a_place_in_the_reference():
    reference = (PROJECT / "docs" / "reference" / "commands.md").read_text()
    helped = re.findall(r"^```\{help\} ?(.*)$", reference, re.MULTILINE)
    groups = {name for name in commands() if any(other.startswith(f"{name} ") for other in commands())} - {"pangeo-forge"}
    assert [f"pangeo-forge {name}".strip() for name in helped] == [name for name in commands() if name not in groups]


def test_every_option_is_explained(text):
    options = {option for command in commands().values() for option in options_of(command) if option.startswith("-")}
    small = {"-f", "--help", "--install-completion", "--show-completion", "--version", "--author-name", "--author-email"}
    assert [option for option in sorted(options - small) if not re.search(rf"`[^`]*{option}\b", text)] == []


def test_every_engine_is_explained(text):
    assert [name for name in find_engines() if f"| `{name}` |" not in text] == []


def test_every_class_of_errors_is_explained(text):
    ours = [kind for kind in family(errors.ForgeError) if kind.__module__ == errors.__name__]
    assert len(ours) > 10
    assert [kind.__name__ for kind in ours if f"| `{kind.__name__}` |" not in text] == []


def test_every_environment_variable_is_explained(text):
    source = Path(settings.__file__).read_text()
    variables = set(re.findall(r'"(PANGEO_FORGE_[A-Z_]+|XDG_[A-Z_]+)"', source))
    assert len(variables) > 3
    assert [name for name in sorted(variables) if f"`{name}`" not in text] == []


def test_every_name_of_the_python_api_is_explained(text):
    names = set(pangeo_forge.__all__) - {"Run", "__version__"}
    assert [name for name in sorted(names) if f"pf.{name}" not in text] == []


def test_every_parameter_of_a_recipe_is_explained(text):
    fields = ZarrRecipe.__dataclass_fields__
    assert [name for name in fields if f"`{name}`" not in text and f"{name}=" not in text] == []


def test_what_the_pages_call_a_command_is_one(pages):
    """Also its options."""
    wrong = []
    for page in pages:
        for words, rest in NAMED.findall(page.read_text()):
            typed = f"pangeo-forge{words}{rest}"
            name = max((name for name in commands() if f"{typed} ".startswith(f"{name} ")), key=len, default="")
            if name == "pangeo-forge" or hasattr(commands()[name], "list_commands"):
                wrong.append(f"{page.name}: {typed}")
            known = options_of(commands()[name])
            wrong += [
                f"{page.name}: {typed}"
                for option in re.findall(r"(?<!\S)--?[a-z][a-z-]*", rest)
                if option not in known and (typed, option) not in MISTAKES
            ]
    assert wrong == []


def test_the_readmes_table_has_every_group(pages):
    readme = pages[0].read_text()
    groups = {name.split()[1] for name in commands() if name != "pangeo-forge"}
    assert [group for group in sorted(groups) if f"| `pangeo-forge {group}" not in readme] == []
