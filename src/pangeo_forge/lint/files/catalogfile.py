"""``catalog.yaml`` as it is written: the stores of a feedstock that exist already, and what a catalogue says of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from pangeo_forge.errors import InvalidFeedstock, Problem
from pangeo_forge.feedstocks.nodes import Field, Fields, Problems, is_empty, kind_of, read_fields, read_mapping, read_mappings
from pangeo_forge.feedstocks.yaml import Items, Pairs, Scalar, parse_yaml
from pangeo_forge.lint.files.texts import Text

NAME = "catalog.yaml"
CODE = "PFC001"

#: The prefix of what one viewer of stores wants.
_PREFIX = "ncviewjs:"
_META_URL = "meta_yaml_url"
_RECHUNKING = "rechunking"


@dataclass(frozen=True, slots=True)
class Store:
    """A store that the file lists.

    Parameters
    ----------
    node : Pairs
        Its mapping.
    fields : dict of Field
        The fields of that.
    copies : tuple of Scalar
        The addresses of the copies with other chunks.
    engine : str or None
        What xarray should open it with, where that is said.
    """

    node: Pairs
    fields: Fields
    copies: tuple[Scalar, ...]
    engine: str | None

    @property
    def id(self) -> Scalar | None:
        """What it is called; None where that is not said."""
        return _scalar(self.fields.get("id"))

    @property
    def url(self) -> Scalar | None:
        """Where it is; None where that is not said."""
        return _scalar(self.fields.get("url"))

    @property
    def is_private(self) -> bool:
        """Whether the file says that not everybody can read it."""
        public = _scalar(self.fields.get("public"))
        return public is not None and public.text.lower() == "false"


@dataclass(frozen=True)
class CatalogFile:
    """A ``catalog.yaml``.

    Parameters
    ----------
    text : Text
        Its text.
    root : Pairs or None
        Its mapping; None where it holds none.
    fields : dict of Field
        The fields of that.
    stores : tuple of Store
        What it lists.
    tags : tuple of Scalar
        The words that it is found by.
    problems : tuple of Problem
        What is wrong with it.
    """

    text: Text
    root: Pairs | None
    fields: Fields
    stores: tuple[Store, ...]
    tags: tuple[Scalar, ...]
    problems: tuple[Problem, ...]

    @classmethod
    def parse(cls, text: Text) -> CatalogFile:
        """Read a file's text, whatever is wrong with it."""
        try:
            root = parse_yaml(text.text.encode(), text.shown)
        except InvalidFeedstock as error:
            return cls(text, None, {}, (), (), _with_code(error.problems))
        if not isinstance(root, Pairs):
            hint = "Write `stores:`, and under it `- id: …` with a `url:` for each store."
            problem = Problem(f"the file must hold a mapping, not {kind_of(root)}", root.where, hint, CODE)
            return cls(text, None, {}, (), (), (problem,))
        problems: Problems = []
        fields = read_fields(root, problems)
        stores = tuple(_read_stores(fields, problems))
        return cls(text, root, fields, stores, tuple(_read_tags(fields, problems)), _with_code(problems))

    @property
    def meta_url(self) -> Field | None:
        """Where the catalogue finds ``meta.yaml``."""
        return _either(self.fields, _META_URL)


def _with_code(problems: Problems | tuple[Problem, ...]) -> tuple[Problem, ...]:
    """Give problems of YAML in general the code of this file's rule."""
    return tuple(replace(problem, code=CODE) for problem in problems)


def _either(fields: Fields, key: str) -> Field | None:
    return fields.get(key) or fields.get(_PREFIX + key)


def _scalar(field: Field | None) -> Scalar | None:
    value = field.value if field else None
    return value if isinstance(value, Scalar) and value.text.strip() and not value.is_null else None


def _read_stores(fields: Fields, problems: Problems) -> Iterator[Store]:
    field = fields.get("stores")
    if field is None:
        return
    nodes = field.value.items if isinstance(field.value, Items) else (field.value,)
    mappings = (node for node in nodes if isinstance(node, Pairs))
    for node, store in zip(mappings, read_mappings(field, "id: my-dataset", problems), strict=True):
        for key in ("id", "url"):
            _check_text(store.get(key), problems)
        kwargs = read_mapping(store["xarray_open_kwargs"], problems) if "xarray_open_kwargs" in store else None
        engine = _scalar((kwargs or {}).get("engine"))
        yield Store(node, store, tuple(_read_copies(store, problems)), engine.text if engine else None)


def _check_text(field: Field | None, problems: Problems) -> None:
    if field and not isinstance(field.value, Scalar):
        message = f"`{field.key}` must be a text, not {kind_of(field.value)}"
        problems.append(Problem(message, field.where, f"Write `{field.key}: …` on one line."))


def _read_copies(store: Fields, problems: Problems) -> Iterator[Scalar]:
    field = _either(store, _RECHUNKING)
    for copy in read_mappings(field, "path: gs://bucket/other-chunks.zarr", problems) if field else ():
        path = _scalar(copy.get("path"))
        if path:
            yield path


def _read_tags(fields: Fields, problems: Problems) -> Iterator[Scalar]:
    field = fields.get("tags")
    value = field.value if field else None
    if field is None or value is None or is_empty(value):
        return
    if not isinstance(value, Items):
        hint = "Write `tags: [ocean, temperature]`."
        problems.append(Problem(f"`tags` must be a list, not {kind_of(value)}", field.where, hint))
        return
    for item in value.items:
        if isinstance(item, Scalar):
            yield item
        else:
            problems.append(Problem(f"each tag must be a text, but this is {kind_of(item)}", item.where, "Write `tags: [one, two]`."))
