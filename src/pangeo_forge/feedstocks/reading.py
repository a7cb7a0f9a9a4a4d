"""From the bytes of a ``meta.yaml`` to what it says, with everything that is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from pathlib import Path

from pangeo_forge.errors import Problem, Where
from pangeo_forge.feedstocks.documents import (
    Document,
    LicenseLinkDocument,
    MaintainerDocument,
    MetaDocument,
    PlainDocument,
    ProviderDocument,
    ServiceDocument,
    keys_of,
)
from pangeo_forge.feedstocks.entries import Entries, read_entries
from pangeo_forge.feedstocks.meta import Bakery, Dialect, LicenseLink, Maintainer, Meta, Provider
from pangeo_forge.feedstocks.nodes import (
    Fields,
    Problems,
    is_empty,
    kind_of,
    misspelt,
    read_fields,
    read_mapping,
    read_mappings,
    read_text,
    read_texts,
    to_plain,
)
from pangeo_forge.feedstocks.problems import invalid, listing
from pangeo_forge.feedstocks.yaml import MAX_BYTES, Node, Pairs, parse_yaml

#: The keys that a ``meta.yaml`` may have at the top; others mean nothing here.
KEYS = keys_of(MetaDocument)
_ADR_KEYS = KEYS - keys_of(ServiceDocument)
_SERVICE_KEYS = keys_of(ServiceDocument) - keys_of(PlainDocument)
_RECIPES_VERSIONS = ("pangeo_forge_version", "pangeo_forge_recipes_version", "pangeo_forge_recipe_version")


def load_meta(path: Path, name: str | None = None) -> Meta:
    """Read a ``meta.yaml``.

    Parameters
    ----------
    path : Path
        The file.
    name : str, optional
        The file, as messages should name it.

    Raises
    ------
    InvalidFeedstock
        If it cannot be read or worked with; `problems` are all that is wrong with it.
    """
    name = name or str(path)
    meta, problems = parse_meta(read_file(path, name), name)
    if problems:
        raise invalid(problems)
    return meta


def read_file(path: Path, name: str) -> bytes:
    """Read a file's bytes, one more than `parse_meta` accepts at most."""
    try:
        if path.exists() and not path.is_file():
            kind = "a folder" if path.is_dir() else "a pipe or device"
            raise invalid(
                [Problem(f"this is {kind}, but should be a file", Where(name, 1, 1), "Rename it, and write a file meta.yaml.", "PFM001")]
            )
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        message, hint = f"the file cannot be read: {error.strerror or error}", "Look at its name and permissions."
    raise invalid([Problem(message, Where(name, 1, 1), hint, "PFM001")])


def parse_meta(data: bytes, name: str) -> tuple[Meta, list[Problem]]:
    """Read what a ``meta.yaml`` says, as far as it can be read, and all that is wrong with it.

    Raises
    ------
    InvalidFeedstock
        If it is not YAML, or no mapping with at least one key of a ``meta.yaml``.
    """
    return read_meta(parse_yaml(data, name))


def read_meta(root: Node) -> tuple[Meta, list[Problem]]:
    """Read what the tree of a ``meta.yaml`` says, as far as it can be read, and all that is wrong with it.

    Raises
    ------
    InvalidFeedstock
        If it is no mapping with at least one key of a ``meta.yaml``.
    """
    fields, problems = _read_top(root)
    _check_spelling(fields, problems)
    entries = read_entries(fields["recipes"], problems) if "recipes" in fields else Entries()
    provenance = read_mapping(fields["provenance"], problems) if "provenance" in fields else None
    bakeries = (*_read_bakeries(fields, "bakery", problems), *_read_bakeries(fields, "bakeries", problems))
    versions = [read_text(fields, key, problems) for key in _RECIPES_VERSIONS]
    meta = Meta(
        title=read_text(fields, "title", problems),
        description=read_text(fields, "description", problems),
        recipes=entries.recipes,
        catalogued=entries.catalogued,
        providers=tuple(_read_providers(provenance or {}, problems)),
        license=read_text(provenance or {}, "license", problems),
        license_link=_read_license_link(provenance or {}, problems),
        maintainers=tuple(_read_maintainers(fields, problems)),
        bakeries=bakeries,
        recipes_version=next((version for version in versions if version), None),
        spec_version=read_text(fields, "pangeo_forge_metadata_spec_version", problems),
        feedstock_id=read_text(fields, "id", problems),
        version=read_text(fields, "version", problems),
        dialect=_dialect(entries, fields),
        extra={field.key: to_plain(field.value) for field in fields.values() if field.key not in KEYS},
    )
    return meta, sorted(problems, key=_place)


def _place(problem: Problem) -> tuple[int, int]:
    where = problem.where
    return (where.line or 0, where.column or 0) if where else (0, 0)


def _read_top(root: Node) -> tuple[Fields, Problems]:
    problems: Problems = []
    hint = "Write `title: …` and `recipes:` at the start of lines of their own."
    if is_empty(root):
        raise invalid([Problem("the file is empty", root.where, hint, "PFM002")])
    if not isinstance(root, Pairs):
        raise invalid([Problem(f"the file must hold a mapping, not {kind_of(root)}", root.where, hint, "PFM002")])
    fields = read_fields(root, problems)
    if not problems and not KEYS & fields.keys() and not misspelt(fields, "recipes", KEYS):
        message = f"this does not describe a feedstock: its keys are {listing(list(fields))}"
        raise invalid([Problem(message, root.where, hint, "PFM002")])
    return fields, problems


def _check_spelling(fields: Fields, problems: Problems) -> None:
    """Note a key that was meant to be ``recipes``; other misspelt keys cost less and are left to the linter."""
    wrong = None if "recipes" in fields else misspelt(fields, "recipes", KEYS)
    if wrong:
        problems.append(
            Problem(f"there is no `recipes`, but the unknown key `{wrong.key}`", wrong.key_where, "Did you mean `recipes`?", "PFM010")
        )


def _read_providers(provenance: Fields, problems: Problems) -> Iterator[Provider]:
    if "providers" not in provenance:
        return
    for fields in read_mappings(provenance["providers"], "name: NOAA NCEI", problems):
        texts = _read_all_texts(fields, ProviderDocument, problems, but={"roles"})
        yield Provider(roles=read_texts(fields, "roles", problems), **texts)


def _read_license_link(provenance: Fields, problems: Problems) -> LicenseLink | None:
    fields = read_mapping(provenance["license_link"], problems) if "license_link" in provenance else None
    if fields is None:
        url = read_text(provenance, "url", problems)
        return LicenseLink(url=url) if url else None
    return LicenseLink(**_read_all_texts(fields, LicenseLinkDocument, problems))


def _read_maintainers(fields: Fields, problems: Problems) -> Iterator[Maintainer]:
    if "maintainers" not in fields:
        return
    for person in read_mappings(fields["maintainers"], "github: my-login", problems):
        yield Maintainer(**_read_all_texts(person, MaintainerDocument, problems))


def _read_all_texts(
    fields: Fields, document: type[Document], problems: Problems, but: AbstractSet[str] = frozenset()
) -> dict[str, str | None]:
    """Read what a mapping may hold, which is all text but for some keys."""
    return {key: read_text(fields, key, problems) for key in document.model_fields if key not in but}


def _read_bakeries(fields: Fields, key: str, problems: Problems) -> Iterator[Bakery]:
    if key not in fields:
        return
    for bakery in read_mappings(fields[key], "id: my-bakery", problems):
        bakery_id, target = read_text(bakery, "id", problems), read_text(bakery, "target", problems)
        resources = to_plain(bakery["resources"].value) if "resources" in bakery and read_mapping(bakery["resources"], problems) else {}
        if bakery_id:
            yield Bakery(id=bakery_id, target=target, resources=resources)
        elif target or resources:
            hint = "Write `id: my-bakery` under it; `pangeo-forge bakeries list` shows which there are."
            problems.append(Problem(f"`{key}` has no id", fields[key].where, hint, "PFM056"))


def _dialect(entries: Entries, fields: Fields) -> Dialect:
    if not entries.recipes:
        return Dialect.CATALOGUE
    if _ADR_KEYS & fields.keys():
        return Dialect.ADR
    return Dialect.SERVICE if _SERVICE_KEYS & fields.keys() else Dialect.PLAIN
