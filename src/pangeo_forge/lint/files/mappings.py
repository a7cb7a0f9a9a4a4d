"""The mappings of a ``meta.yaml``, each with the keys that mean something in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from pangeo_forge.feedstocks.documents import (
    BakeryDocument,
    DatasetDocument,
    DictObjectDocument,
    Document,
    LicenseLinkDocument,
    MaintainerDocument,
    MetaDocument,
    ModuleDocument,
    ObjectDocument,
    ProvenanceDocument,
    ProviderDocument,
    keys_of,
)
from pangeo_forge.feedstocks.nodes import Fields
from pangeo_forge.lint.files.metafile import MetaFile

#: Keys whose values are no texts, but mappings or lists of them.
_NESTED = frozenset({"recipes", "provenance", "maintainers", "bakery", "bakeries", "providers", "license_link", "resources"})
#: Objects have a form of their own, which is checked as such.
_OBJECTS = frozenset({"object", "dict_object", "module"})


@dataclass(frozen=True)
class Shape:
    """What a mapping of ``meta.yaml`` may hold.

    Parameters
    ----------
    name : str
        As messages should name it.
    path : tuple of str
        The keys that lead to it.
    documents : tuple of type
        The models of it.
    personal : frozenset of str
        Keys that nothing reads, and that people rightly write for others to read.
    homes : dict of str
        Where keys belong that mean something elsewhere, and are not seldom written here.
    """

    name: str
    path: tuple[str, ...]
    documents: tuple[type[Document], ...]
    personal: frozenset[str] = frozenset()
    homes: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def keys(self) -> frozenset[str]:
        """The keys that mean something."""
        return keys_of(*self.documents)

    @cached_property
    def texts(self) -> frozenset[str]:
        """The keys whose values are texts."""
        return self.keys - _NESTED - _OBJECTS


_PROSE = frozenset(
    {"citation", "citations", "contact", "contacts", "doi", "keywords", "links", "notes", "references", "tags", "url"}
    | {"acknowledgement", "acknowledgements", "acknowledgment", "acknowledgments"}
)
_CONTACTS = frozenset({"contact", "email", "orcid", "github", "ror", "address"})
_OF_ALL = dict.fromkeys(("recipes", "provenance", "maintainers", "bakery", "pangeo_forge_version"), "at the top of the file")
_OF_PROVENANCE = {
    **dict.fromkeys(("providers", "license", "license_link"), "under `provenance`"),
    "licence": "as `license`, under `provenance`",
}

RECIPE = Shape(
    "a recipe",
    ("recipes",),
    (ObjectDocument, DictObjectDocument, ModuleDocument, DatasetDocument),
    homes={**_OF_ALL, **_OF_PROVENANCE},
)

SHAPES = (
    Shape(
        "meta.yaml",
        (),
        (MetaDocument,),
        _PROSE,
        {
            **_OF_PROVENANCE,
            **dict.fromkeys(("object", "dict_object"), "in an entry of `recipes`"),
            **dict.fromkeys(("orcid", "github"), "in an entry of `maintainers`"),
            **dict.fromkeys(("target", "resources"), "under `bakery`"),
        },
    ),
    Shape("`provenance`", ("provenance",), (ProvenanceDocument,), frozenset({"citation", "doi", "references", "notes"}), _OF_ALL),
    Shape("a provider", ("provenance", "providers"), (ProviderDocument,), _CONTACTS, _OF_PROVENANCE),
    Shape("`license_link`", ("provenance", "license_link"), (LicenseLinkDocument,)),
    Shape(
        "a maintainer",
        ("maintainers",),
        (MaintainerDocument,),
        _CONTACTS | frozenset({"affiliation", "institution", "organization", "organisation", "role", "roles", "url", "website"}),
    ),
    Shape("a bakery", ("bakery",), (BakeryDocument,), frozenset({"description", "name"})),
    Shape("a bakery", ("bakeries",), (BakeryDocument,), frozenset({"description", "name"})),
)


def find_mappings(meta: MetaFile, shapes: Iterable[Shape] = SHAPES) -> Iterator[tuple[Shape, Fields]]:
    """Give the mappings of a file that have some of these shapes."""
    for shape in shapes:
        found = [meta.fields] if not shape.path else [fields for _, fields in meta.mappings(*shape.path)]
        yield from ((shape, fields) for fields in found)
