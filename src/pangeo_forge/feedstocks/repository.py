"""What stands in the repository of a feedstock beside the feedstock itself: README, licence, owners, files to ignore."""

from __future__ import annotations

from importlib.resources import files
from string import Template

from pangeo_forge.feedstocks.authors import find_login
from pangeo_forge.feedstocks.meta import Maintainer, Meta


def fill(template: str, **values: str) -> str:
    """Fill in one of the texts in ``templates/``."""
    text = (files("pangeo_forge.feedstocks") / "templates" / f"{template}.txt").read_text(encoding="utf-8")
    return Template(text).substitute(values)


def compose_readme(name: str, meta: Meta) -> str:
    """Compose a README about a feedstock of that name."""
    ids = [entry.id for entry in meta.recipes if entry.id]
    people = [f"- {_name_person(person)}" for person in meta.maintainers]
    return fill(
        "repository/README.md",
        title=" ".join((meta.title or name).split()),
        description=meta.description or "It has no description yet: write one into `feedstock/meta.yaml`.",
        recipes=_list_recipes(meta),
        id=ids[0] if ids else "ID",
        data_license=f"The data are under: {meta.license}." if meta.license else "The licence of the data is not stated.",
        maintainers="\n".join(people) or "Nobody is named in `feedstock/meta.yaml`.",
    )


def licence_text() -> str:
    """Give the licence of a recipe's code."""
    return fill("repository/LICENSE")


def ignored_text() -> str:
    """Name what git should not look at."""
    return fill("repository/gitignore")


def compose_owners(meta: Meta) -> str | None:
    """Compose a CODEOWNERS that names the maintainers; None where none is known on GitHub."""
    owners = [login for person in meta.maintainers if (login := find_login(person))]
    return f"* {' '.join(f'@{login}' for login in owners)}\n" if owners else None


def _list_recipes(meta: Meta) -> str:
    lines = [f"- `{entry.id}`" if entry.id else f"- those in the dictionary `{entry.object}`" for entry in meta.recipes]
    return "\n".join(["The recipes in it:", "", *lines, ""]) if lines else ""


def _name_person(person: Maintainer) -> str:
    login = find_login(person)
    link = f"[@{login}](https://github.com/{login})" if login else ""
    return f"{person.name} ({link})" if person.name and link else person.name or link or "somebody"
