"""What a provider did: the four roles that STAC knows, and the other words that people have for them."""

from __future__ import annotations

from collections.abc import Mapping

#: What each role says of a provider.
MEANINGS: Mapping[str, str] = {
    "producer": "made the data",
    "licensor": "gives the licence",
    "processor": "made these data of others'",
    "host": "offers the data to be read",
}

#: Other words for one role.
_SAME = {
    "producer": ("produce", "produced", "producers", "author", "authors", "creator", "creators", "originator"),
    "licensor": ("licensors", "licenser", "licencor", "licencer", "license holder", "licence holder", "rights holder", "copyright holder"),
    "processor": ("process", "processed", "processing", "processors", "processer"),
    "host": ("hosts", "hosting", "hoster", "archive", "archives", "archiver", "distributor", "distributors", "distribution", "repository"),
}
_ROLES = {word: role for role, words in _SAME.items() for word in (role, *words)}

#: Words that may mean several, the likeliest first; of what a provider is, it must be said what it did.
_SEVERAL = {
    "provider": ("host", "producer"),
    "publisher": ("host", "licensor"),
    "curator": ("host", "processor"),
    "owner": ("licensor", "producer"),
    "contributor": ("processor", "producer"),
    "institution": ("producer", "host"),
    "research institution": ("producer", "host"),
    "research institute": ("producer", "host"),
    "research organisation": ("producer", "host"),
    "research organization": ("producer", "host"),
}


def read_role(text: str) -> str | tuple[str, ...]:
    """Give the one role that a word means, or those that it may mean: all of them where nothing is known of the word."""
    words = " ".join(text.lower().replace("-", " ").replace("_", " ").split()).removeprefix("data ")
    return _ROLES[words] if words in _ROLES else _SEVERAL.get(words, tuple(MEANINGS))
