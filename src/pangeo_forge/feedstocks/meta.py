"""What a feedstock's ``meta.yaml`` says, whichever of its dialects it is written in."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, is_dataclass
from enum import StrEnum
from typing import Any

from pangeo_forge.errors import Where
from pangeo_forge.types import RecipeId


class Dialect(StrEnum):
    """Which habits a ``meta.yaml`` follows; none is better than another, and none is required."""

    #: Recipes, and perhaps provenance and maintainers: what is written since 2023.
    PLAIN = "plain"
    #: With a version of the software or a bakery, as the service of 2021 to 2023 wanted it.
    SERVICE = "service"
    #: With the spellings of the first decision on the format (ADR 0002 of 2021).
    ADR = "adr"
    #: No recipe to bake: a description, or a list of stores that exist already.
    CATALOGUE = "catalogue"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecipeEntry:
    """A recipe, or a dictionary of recipes, and the object in a module that it is.

    Parameters
    ----------
    id : str or None
        None for a dictionary (``dict_object``), whose keys become the ids.
    object : str
        ``"module:name"``; the module is a path of dots, relative to the feedstock's folder.
    is_dict : bool
        Whether the object is a dictionary of recipes.
    where : Where, optional
        Where the object is named in ``meta.yaml``.
    """

    id: RecipeId | None
    object: str
    is_dict: bool = False
    where: Where | None = field(default=None, repr=False)

    @property
    def module(self) -> str:
        """The module's path of dots."""
        return self.object.partition(":")[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogueEntry:
    """A dataset that exists already; ``catalog.yaml`` beside ``meta.yaml`` says where."""

    id: RecipeId
    where: Where | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """Who made, licensed, processed or hosts the data (as in STAC's Collection)."""

    name: str | None = None
    description: str | None = None
    roles: tuple[str, ...] = ()
    url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LicenseLink:
    """Where the text of a licence can be read."""

    title: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Maintainer:
    """Who looks after the feedstock."""

    name: str | None = None
    orcid: str | None = None
    github: str | None = None
    email: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bakery:
    """Where the recipes should run, what they should be written to, and what a worker of theirs needs."""

    id: str
    target: str | None = None
    resources: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Meta:
    """A feedstock's description.

    Parameters
    ----------
    title, description : str, optional
        Of the dataset, for people.
    recipes : tuple of RecipeEntry
        What can be baked.
    catalogued : tuple of CatalogueEntry
        Datasets that exist already.
    providers : tuple of Provider
        Where the data come from.
    license : str, optional
        As written: an SPDX identifier in a third of the real files.
    license_link : LicenseLink, optional
        Where the licence can be read.
    maintainers : tuple of Maintainer
        The first is the author, where one is wanted.
    bakeries : tuple of Bakery
        In practice at most one.
    recipes_version : str, optional
        The version of ``pangeo_forge_recipes`` that the recipes were written for.
    spec_version : str, optional
        The version of the format, as far as the file names one.
    feedstock_id, version : str, optional
        The feedstock's own name and version, which ADR 0002 has.
    dialect : Dialect
        Which habits the file follows.
    extra : dict
        What stands under keys that mean nothing here.
    """

    title: str | None = None
    description: str | None = None
    recipes: tuple[RecipeEntry, ...] = ()
    catalogued: tuple[CatalogueEntry, ...] = ()
    providers: tuple[Provider, ...] = ()
    license: str | None = None
    license_link: LicenseLink | None = None
    maintainers: tuple[Maintainer, ...] = ()
    bakeries: tuple[Bakery, ...] = ()
    recipes_version: str | None = None
    spec_version: str | None = None
    feedstock_id: str | None = None
    version: str | None = None
    dialect: Dialect = Dialect.PLAIN
    extra: dict[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Describe the feedstock with plain values; where each of them was written is left out."""
        described: dict[str, Any] = _plain(self)
        return described

    @property
    def bakery(self) -> Bakery | None:
        """Where the recipes should run, if the file says so."""
        return self.bakeries[0] if self.bakeries else None


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        return {each.name: _plain(getattr(value, each.name)) for each in fields(value) if each.name != "where"}
    return tuple(map(_plain, value)) if isinstance(value, tuple) else value
