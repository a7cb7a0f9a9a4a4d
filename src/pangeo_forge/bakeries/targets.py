"""Where a bakery keeps its datasets: one place for each feedstock's recipe, another for each test."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlsplit

from pangeo_forge.errors import UsageError

#: What the name of a dataset ends with as long as it is not known what it will be.
DEFAULT_SUFFIX = ".zarr"

#: The folder in which the datasets of tests are.
TESTS = "test"

_UNSAFE = re.compile(r"[^A-Za-z0-9._=+-]+")
#: What may stand in the path of a URL as it is (RFC 3986, section 3.3).
_IN_PATHS = "/:@!$&'()*+,;=~"
_SYNONYMS = {"s3a": "s3", "gcs": "gs", "local": "file"}


@dataclass(frozen=True, slots=True)
class PublicEnd:
    """The address at which everybody reads what lies under a folder.

    Parameters
    ----------
    root : str
        The folder, as its owner writes to it.
    url : str
        Its address, ``https://…`` or of an object store that needs no credentials.
    """

    root: str
    url: str

    def find(self, place: str) -> str | None:
        """Give the public address of a place; None if it does not lie under the folder."""
        root, whole = same_place(self.root), same_place(place)
        if not whole.startswith(f"{root}/"):
            return None
        rest = whole[len(root) + 1 :]
        return f"{self.url.rstrip('/')}/{quote(rest, safe=_IN_PATHS) if self.url.startswith('http') else rest}"


@dataclass(frozen=True, slots=True)
class StorageRoot:
    """A folder, by an fsspec URL, under which datasets are laid out.

    Parameters
    ----------
    url : str
        Without a trailing slash.
    storage_options : mapping
        fsspec's. They may hold secrets, so they are not shown.
    public_url : str, optional
        The address at which everybody reads what lies there.
    """

    url: str
    storage_options: Mapping[str, Any] = field(default_factory=dict, repr=False)
    public_url: str | None = None

    @property
    def public_end(self) -> PublicEnd | None:
        """Where everybody reads what lies there, if anybody may."""
        return PublicEnd(self.url, self.public_url) if self.public_url else None

    def dataset(self, feedstock: str, recipe_id: str) -> str:
        """Give the URL of the dataset that a recipe's full runs make."""
        return f"{self.url}/{as_name(feedstock)}/{as_name(recipe_id)}{DEFAULT_SUFFIX}"

    def test_dataset(self, feedstock: str, recipe_id: str, run_id: str) -> str:
        """Give the URL of the dataset that one pruned run makes."""
        return f"{self.url}/{TESTS}/{as_name(feedstock)}/{run_id}/{as_name(recipe_id)}{DEFAULT_SUFFIX}"


def as_name(text: str) -> str:
    """Make of any text a name for a file, an object's key or a part of a URL; different texts give different names.

    A text that is such a name already stays as it is. In any other the characters that are not safe become hyphens, and a tilde
    and a few digits of the text's hash keep it apart from its like: ``as_name("a/b") == "a-b~c14cdd"``.
    """
    name = _UNSAFE.sub("-", text).strip("-.")
    if text and name == text:
        return name
    digits = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:6]
    return f"{name or 'unnamed'}~{digits}"


def same_place(url: str) -> str:
    """Write a target's URL in the one form that all ways to name the same place have in common."""
    scheme, separator, rest = url.partition("://")
    if not separator:
        return os.path.realpath(url)
    scheme = _SYNONYMS.get(scheme.lower(), scheme.lower())
    return os.path.realpath(rest) if scheme == "file" else f"{scheme}://{rest.rstrip('/')}"


def check_public_url(url: str, what: str) -> str:
    """Take the address of a public end as a user writes it.

    Parameters
    ----------
    url : str
    what : str
        What asks for it: "the public URL", or a variable.

    Raises
    ------
    UsageError
        If it is no URL that others than this machine could read, or holds more than a place: a password, a query.
    """
    hint = "Write the address that readers use: https://… or s3://…."
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        raise UsageError(f"{what} cannot be read", hint=hint) from None
    if parts.username is not None or parts.query or parts.fragment:
        raise UsageError(f"{what} holds more than a place: a name, a password or a query, which would be shown to all", hint=hint)
    if parts.scheme in ("", "file", "local", "memory") or not parts.netloc:
        raise UsageError(f"{what} is {url!r}, which nobody else can read", hint=hint)
    return url.strip().rstrip("/")


def refuse_password(url: str, what: str) -> None:
    """Refuse a URL that holds a password, because URLs are shown, and kept in journals and databases.

    Parameters
    ----------
    url : str
        Of any kind.
    what : str
        What it is the URL of: ``"target"``, ``"cache"``.

    Raises
    ------
    UsageError
        If it does, or is malformed. The message does not repeat it.
    """
    try:
        holds_password = "://" in url and urlsplit(url).password is not None
    except ValueError:
        raise UsageError(f"the {what} is no URL: what follows :// cannot be read", hint="Write it as protocol://host/path.") from None
    if holds_password:
        raise UsageError(
            f"the {what}'s URL holds a password, and URLs are shown and kept",
            hint="Give user name and password as storage options instead.",
        )
