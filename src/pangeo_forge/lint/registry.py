"""All rules there are: ours, and those that other packages bring."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from inspect import isabstract
from types import ModuleType

from pangeo_forge.errors import UsageError
from pangeo_forge.lint.rule import Rule

#: The entry points by which other packages name modules with rules of their own.
GROUP = "pangeo_forge.rules"

#: Modules of `pangeo_forge.lint.rules`, in the order of their codes.
_TOPICS = (
    "pull_requests",
    "workflow_secrets",
    "workflows",
    "structure",
    "contents",
    "repository",
    "catalog",
    "requirements",
    "requirement_versions",
    "meta_syntax",
    "meta_keys",
    "recipe_entries",
    "recipe_ids",
    "recipe_objects",
    "recipe_dictionaries",
    "description",
    "providers",
    "licences",
    "maintainers",
    "versions",
    "bakeries",
    "placeholders",
    "python",
    "secrets",
    "module_size",
    "recipe_kinds",
    "pruning",
    "stores",
    "inputs",
    "environment",
    "import_time",
    "imports",
    "addresses",
    "loading",
    "online",
    "published",
)


@cache
def find_rules() -> tuple[Rule, ...]:
    """Give one of each rule, by code.

    Raises
    ------
    UsageError
        If a package's rules cannot be imported, or two rules have one code.
    """
    rules: dict[str, Rule] = {}
    for module in _find_modules():
        for rule in _rules_of(module):
            other = rules.setdefault(rule.code, rule)
            if other is not rule:
                message = f"the rules {type(other).__qualname__} and {type(rule).__qualname__} have the same code, {rule.code}"
                raise UsageError(message, hint=f"Uninstall one of the packages: {type(rule).__module__} brings the second.")
    return tuple(rules[code] for code in sorted(rules))


def find_rule(code: str) -> Rule:
    """Give the rule with a code.

    Raises
    ------
    UsageError
        If there is none.
    """
    from pangeo_forge.feedstocks.problems import nearest

    rules = {rule.code: rule for rule in find_rules()}
    if code.upper() in rules:
        return rules[code.upper()]
    close = nearest(code, [*rules, *(rule.name for rule in rules.values())])
    hint = f"Did you mean {close}? " if close else ""
    raise UsageError(f"there is no rule {code}", hint=f"{hint}`pangeo-forge recipe lint --explain all` lists them.")


def _find_modules() -> Iterator[ModuleType]:
    for topic in _TOPICS:
        yield import_module(f"pangeo_forge.lint.rules.{topic}")
    for point in entry_points(group=GROUP):
        try:
            yield point.load()
        except Exception as error:
            message = f"the lint rules of {point.value} cannot be imported: {error!r}"
            raise UsageError(message, hint=f"Uninstall or mend the package that names them, by the entry point '{point.name}'.") from error


def _rules_of(module: ModuleType) -> Iterator[Rule]:
    for value in vars(module).values():
        if isinstance(value, type) and issubclass(value, Rule) and value.__module__ == module.__name__ and not isabstract(value):
            yield value()
