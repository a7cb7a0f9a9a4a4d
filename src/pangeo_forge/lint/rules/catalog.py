"""Whether ``catalog.yaml`` says of the stores that exist what a catalogue needs to know."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from difflib import get_close_matches

from pangeo_forge.feedstocks.nodes import Fields
from pangeo_forge.feedstocks.problems import nearest, shorten
from pangeo_forge.feedstocks.sources import plain_name
from pangeo_forge.feedstocks.yaml import Scalar
from pangeo_forge.lint.drafts import Draft
from pangeo_forge.lint.files.catalogfile import CatalogFile, Store
from pangeo_forge.lint.files.origins import find_origin
from pangeo_forge.lint.findings import Edit, Finding, Level
from pangeo_forge.lint.rule import ReadingRule, Rule
from pangeo_forge.types import redact_text

_TOP = ("meta_yaml_url", "title", "description", "maintainers", "provenance", "thumbnail", "tags", "links", "stores")
_STORE = ("id", "name", "url", "rechunking", "public", "geospatial", "xarray_open_kwargs", "last_updated", "description")
_PREFIX = "ncviewjs:"

#: What stands in the template that most of these files are made from.
_TEMPLATE_REPOSITORIES = frozenset({"proto_feedstock", "LEAP_template_feedstock"})
_TEMPLATE_PATH = re.compile(r"://some-bucket/|/proto_feedstock/")
_TEMPLATE_TAG = "my-custom-tag"

_PLACEHOLDER = re.compile(r"<[^<>]{0,100}>|\{[^{}]{0,100}\}")
_ADDRESS = re.compile(r"(?:[a-z][a-z0-9+.-]{0,20}::){0,3}[a-z][a-z0-9+.-]{0,20}://[^/\s]", re.IGNORECASE)
_LOCAL = re.compile(r"file:|[/~]|[A-Za-z]:\\")
_META_PAGE = re.compile(r"https?://(?:www\.)?(?:github|raw\.githubusercontent)\.com/(?P<owner>[\w.-]+)/(?P<name>[\w.-]+)/\S+\.ya?ml")
_YAML_PAGE = re.compile(r"https?://\S+\.ya?ml(?:\?\S*)?")


class InvalidCatalog(ReadingRule):
    """`catalog.yaml` cannot be read.

    It is no YAML, or something else than a mapping of what a catalogue needs to know, or a value is of another kind than its key asks
    for.

    Bad (`catalog.yaml`):

    ```yaml
    tags: ocean, temperature
    stores:
      - id: sst
        url: https://data.example.org/sst.zarr
    ```

    Good (`catalog.yaml`):

    ```yaml
    meta_yaml_url: https://github.com/example/sst-feedstock/blob/main/feedstock/meta.yaml
    tags: [ocean, temperature]
    stores:
      - id: sst
        url: https://data.example.org/sst.zarr
    ```
    """

    code = "PFC001"
    name = "invalid-catalog"
    level = Level.ERROR


class WrongMetaUrl(Rule):
    """`catalog.yaml` does not say where this feedstock's `meta.yaml` is, or names that of another.

    A catalogue takes title, description, licence and maintainers from there, so that it lists the dataset as another one, or not at
    all. Files copied from a template or from another feedstock have this fault most often. Compared are the names of repositories only:
    a fork names the repository that it comes from, and a feedstock without a `meta.yaml` of its own may well use that of another.

    Bad (`catalog.yaml`):

    ```yaml
    meta_yaml_url: UPDATE
    tags: [ocean]
    stores:
      - id: sst
        url: https://data.example.org/sst.zarr
    ```

    Good (`catalog.yaml`):

    ```yaml
    meta_yaml_url: https://github.com/example/sst-feedstock/blob/main/feedstock/meta.yaml
    tags: [ocean]
    stores:
      - id: sst
        url: https://data.example.org/sst.zarr
    ```
    """

    code = "PFC002"
    name = "wrong-meta-url"
    level = Level.WARNING
    message = "{fault}"
    help = "Write `meta_yaml_url: https://github.com/{owner}/{name}/blob/main/feedstock/meta.yaml`."

    def check(self, draft: Draft) -> Iterable[Finding]:
        """Look at the address."""
        catalog = draft.catalog
        if catalog is None or catalog.root is None or _is_misspelt(catalog.fields, "meta_yaml_url", _TOP):
            return
        origin = find_origin(draft)
        owner, name = (origin.owner, origin.name) if origin else ("owner", "name")
        field = catalog.meta_url
        if field is None:
            if "title" not in catalog.fields:
                fault = "nothing says where meta.yaml is, from which a catalogue takes title and licence"
                yield self.found(catalog.root.where, fault=fault, owner=owner, name=name)
            return
        if not isinstance(field.value, Scalar):
            return
        described = _describe_meta_url(field.value.text.strip(), name if origin and draft.meta else None)
        if described:
            level, fault = described
            yield self.found(field.where, end=field.value.end, level=level, fault=fault, owner=owner, name=name)


class UnknownStore(Rule):
    """A store has an id that none of the recipes has.

    A catalogue finds by the id which recipe made a store. Nothing is said where `meta.yaml` names no recipes, or dictionaries of
    recipes, whose ids are not known.

    Bad (`catalog.yaml`):

    ```yaml
    meta_yaml_url: https://github.com/example/sst-feedstock/blob/main/feedstock/meta.yaml
    tags: [ocean]
    stores:
      - id: sst_
        url: https://data.example.org/sst.zarr
    ```

    Good (`catalog.yaml`):

    ```yaml
    meta_yaml_url: https://github.com/example/sst-feedstock/blob/main/feedstock/meta.yaml
    tags: [ocean]
    stores:
      - id: sst
        url: https://data.example.org/sst.zarr
    ```
    """

    code = "PFC003"
    name = "unknown-store"
    level = Level.WARNING
    message = "no recipe in meta.yaml has the id {id}"
    help = "{advice}"

    def check(self, draft: Draft) -> Iterable[Finding]:
        """Compare the ids."""
        model = draft.meta.model if draft.meta else None
        if model is None or draft.catalog is None or any(recipe.is_dict for recipe in model.recipes):
            return
        known = [*(str(recipe.id) for recipe in model.recipes), *(str(entry.id) for entry in model.catalogued)]
        ids = [store.id for store in draft.catalog.stores if store.id] if known else []
        free = [name for name in known if name not in {store_id.text.strip() for store_id in ids}]
        for store_id in ids:
            if store_id.text.strip() not in known:
                close = _find_like(store_id.text.strip(), free)
                advice = f"Did you mean `{close}`?" if close else "Give the store the id of the recipe that makes it, if one does."
                level = Level.WARNING if close else Level.HINT
                yield self.found(store_id.where, end=store_id.end, level=level, id=shorten(store_id.text), advice=advice)


class NoTags(Rule):
    """A dataset has no words that it is found by.

    A catalogue lets people search by tags. The template has `my-custom-tag` to be replaced, which many files have kept.

    Bad (`catalog.yaml`):

    ```yaml
    meta_yaml_url: https://github.com/example/sst-feedstock/blob/main/feedstock/meta.yaml
    tags: [my-custom-tag, zarr]
    stores:
      - id: sst
        url: https://data.example.org/sst.zarr
    ```

    Good (`catalog.yaml`):

    ```yaml
    meta_yaml_url: https://github.com/example/sst-feedstock/blob/main/feedstock/meta.yaml
    tags: [ocean, temperature, zarr]
    stores:
      - id: sst
        url: https://data.example.org/sst.zarr
    ```
    """

    code = "PFC007"
    name = "no-tags"
    level = Level.HINT
    message = "{fault}"
    help = "Write the words that people look for: `tags: [ocean, temperature]`."

    def check(self, draft: Draft) -> Iterable[Finding]:
        """Look at the tags."""
        catalog = draft.catalog
        if catalog is None or catalog.root is None or catalog.problems or _is_misspelt(catalog.fields, "tags", _TOP):
            return
        field = catalog.fields.get("tags")
        if not catalog.tags:
            yield self.found(field.key_where if field else catalog.root.where, fault="the dataset has no tags to be found by")
        for tag in catalog.tags:
            if tag.text.strip() == _TEMPLATE_TAG:
                yield self.found(tag.where, end=tag.end, fault=f"`{_TEMPLATE_TAG}` is what the template says")


class WrongStoreUrl(Rule):
    """The address of a store is none.

    Seen are addresses in two pairs of quotes, one in YAML's and one in the text itself, names in braces that nothing fills in,
    the template's bucket, and paths on somebody's computer.

    Bad (`catalog.yaml`):

    ```yaml
    meta_yaml_url: https://github.com/example/sst-feedstock/blob/main/feedstock/meta.yaml
    tags: [ocean]
    stores:
      - id: sst
        url: "'https://data.example.org/sst.zarr'"
    ```

    Good (`catalog.yaml`):

    ```yaml
    meta_yaml_url: https://github.com/example/sst-feedstock/blob/main/feedstock/meta.yaml
    tags: [ocean]
    stores:
      - id: sst
        url: "https://data.example.org/sst.zarr"
    ```
    """

    code = "PFC008"
    name = "wrong-store-url"
    level = Level.WARNING
    message = "the address {url} {fault}"
    help = "{advice}"
    fixable = True

    def check(self, draft: Draft) -> Iterable[Finding]:
        """Look at the addresses of the stores and of their copies."""
        catalog = draft.catalog
        for store in catalog.stores if catalog else ():
            for url in filter(None, (store.url, *store.copies)):
                described = _describe_store_url(url.text)
                if catalog and described:
                    fault, advice, right = described
                    fix = _replace(catalog, url, right) if right else []
                    shown = shorten(redact_text(url.text))
                    yield self.found(url.where, end=url.end, url=shown, fault=fault, advice=advice, fix=fix)


class IncompleteStore(Rule):
    """A store has no address, or no id.

    Bad (`catalog.yaml`):

    ```yaml
    meta_yaml_url: https://github.com/example/sst-feedstock/blob/main/feedstock/meta.yaml
    tags: [ocean]
    stores:
      - id: sst
    ```

    Good (`catalog.yaml`):

    ```yaml
    meta_yaml_url: https://github.com/example/sst-feedstock/blob/main/feedstock/meta.yaml
    tags: [ocean]
    stores:
      - id: sst
        url: https://data.example.org/sst.zarr
    ```
    """

    code = "PFC010"
    name = "incomplete-store"
    level = Level.ERROR
    message = "{fault}"
    help = "Write `{key}: {example}`."

    def check(self, draft: Draft) -> Iterable[Finding]:
        """Look at each store."""
        for store in draft.catalog.stores if draft.catalog else ():
            yield from self._check_store(store)

    def _check_store(self, store: Store) -> Iterator[Finding]:
        if _lacks(store, "url"):
            yield self.found(store.node.where, fault="a store has no `url`, so that nobody can read it", key="url", example="https://…")
        if _lacks(store, "id"):
            fault = "a store has no `id`, so that no catalogue can list it"
            yield self.found(store.node.where, level=Level.WARNING, fault=fault, key="id", example="my-dataset")


class MisspeltCatalogKey(Rule):
    """A key is misspelt, so that what stands under it is lost.

    Bad (`catalog.yaml`):

    ```yaml
    meta_yaml_url: https://github.com/example/sst-feedstock/blob/main/feedstock/meta.yaml
    ags: [ocean]
    stores:
      - id: sst
        url: https://data.example.org/sst.zarr
    ```

    Good (`catalog.yaml`):

    ```yaml
    meta_yaml_url: https://github.com/example/sst-feedstock/blob/main/feedstock/meta.yaml
    tags: [ocean]
    stores:
      - id: sst
        url: https://data.example.org/sst.zarr
    ```
    """

    code = "PFC011"
    name = "misspelt-catalog-key"
    level = Level.WARNING
    message = "the key {key} means nothing, so that what stands under it is lost"
    help = "Did you mean `{right}`?"

    def check(self, draft: Draft) -> Iterable[Finding]:
        """Look at the keys of the file and of its stores."""
        if draft.catalog is None:
            return
        yield from self._check_keys(draft.catalog.fields, _TOP)
        for store in draft.catalog.stores:
            yield from self._check_keys(store.fields, _STORE)

    def _check_keys(self, fields: Fields, known: tuple[str, ...]) -> Iterator[Finding]:
        for key, right in _misspelt(fields, known).items():
            yield self.found(fields[key].key_where, end=fields[key].key_end, key=shorten(key), right=right)


def _find_like(store_id: str, known: list[str]) -> str | None:
    """Find the id that another was surely meant to be: the same but for a letter or two, or for hyphens and capitals."""
    plain = {re.sub(r"[^a-z0-9]", "", name.lower()): name for name in known}
    close = get_close_matches(re.sub(r"[^a-z0-9]", "", store_id.lower()), plain, n=1, cutoff=0.9)
    return plain[close[0]] if close else None


def _misspelt(fields: Fields, known: tuple[str, ...]) -> dict[str, str]:
    """Find keys that are likely to be others that are not there, and which."""
    plain = {key: key.removeprefix(_PREFIX) for key in fields}
    absent = [key for key in known if key not in plain.values()]
    unknown = [key for key, own in plain.items() if own not in known]
    close = {key: nearest(plain[key], absent) for key in unknown}
    return {key: right for key, right in close.items() if right}


def _is_misspelt(fields: Fields, key: str, known: tuple[str, ...]) -> bool:
    return key in _misspelt(fields, known).values()


def _lacks(store: Store, key: str) -> bool:
    """Whether a store has nothing under a key, and under no word like it either."""
    field = store.fields.get(key)
    is_empty = field is None or (isinstance(field.value, Scalar) and (field.value.is_null or not field.value.text.strip()))
    return is_empty and not _is_misspelt(store.fields, key, _STORE)


def _describe_meta_url(url: str, own: str | None) -> tuple[Level, str] | None:
    """Say what is wrong with the address of ``meta.yaml``, where `own` is the name of the feedstock's repository, if it is known."""
    shown = shorten(redact_text(url))
    if _PLACEHOLDER.search(url) or not _YAML_PAGE.fullmatch(url):
        return Level.ERROR, f"{shown} is not the address of a meta.yaml, so that no catalogue can list the dataset"
    found = _META_PAGE.fullmatch(url)
    if found is None:
        return None
    name = found["name"]
    if name in _TEMPLATE_REPOSITORIES and plain_name(own or "") != plain_name(name):
        return Level.WARNING, f"this is the template's meta.yaml ({name}), not that of this feedstock"
    if own and plain_name(name).lower() != plain_name(own).lower():
        return Level.WARNING, f"this is the meta.yaml of {name}, but this feedstock is in {own}"
    return None


def _describe_store_url(url: str) -> tuple[str, str, str] | None:
    """Say what is wrong with the address of a store, what to write, and, where that is certain, the right address."""
    right = url.strip().strip("'\"").strip()
    if right != url and _ADDRESS.match(right):
        return "has quotes or blanks in it", f"Write `{redact_text(right)}`.", right
    if found := _PLACEHOLDER.search(url):
        return f"has {found[0]} in it, which nothing fills in", "List each store with an address of its own.", ""
    if _TEMPLATE_PATH.search(url):
        return "is what the template says", "Write where this dataset is, or leave it out.", ""
    if _LOCAL.match(url):
        return "is on one computer only", "Write the address that everybody can read from.", ""
    if not _ADDRESS.match(url):
        return "has no protocol", "Write it with `https://`, `s3://`, `gs://` or another protocol in front.", ""
    return None


def _replace(catalog: CatalogFile, scalar: Scalar, right: str) -> list[Edit]:
    """Write another address in the quotes that the author used; nothing where it is not in one piece, or may hold a secret."""
    where, end = scalar.where, scalar.end
    if where.line is None or where.column is None or end is None or end[0] != where.line or re.search(r"[\s'\"\\#@?]", right):
        return []
    written = catalog.text.line(where.line)[where.column - 1 : end[1] - 1]
    quote = written[:1] if written[:1] in ("'", '"') else ""
    forms = (f'"{scalar.text}"', "'" + scalar.text.replace("'", "''") + "'", scalar.text)
    return [Edit(catalog.text.path, (where.line, where.column), end, quote + right + quote)] if written in forms else []
