"""What a feedstock's ``meta.yaml`` tells of a dataset, and where that is silent the dataset's own attributes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pangeo_forge.bakeries.database import Bakery
from pangeo_forge.catalog.entry import About
from pangeo_forge.catalog.sources.licences import find_license
from pangeo_forge.feedstocks.meta import Meta, Provider

_ROLES = ("licensor", "producer", "processor", "host")


def tell_about(meta: Meta, recipe_id: str, bakery: Bakery, own: About) -> About:
    """Say of a dataset what its feedstock does; the bakery is who processed it and hosts it.

    Parameters
    ----------
    meta : Meta
    recipe_id : str
        Stands in the title where the feedstock has other recipes as well.
    bakery : Bakery
    own : About
        What the dataset's attributes say.
    """
    title = meta.title if meta.title and len(meta.recipes) == 1 and meta.recipes[0].id else f"{meta.title}: {recipe_id}"
    providers = [_describe(each) for each in meta.providers if each.name] or own.providers
    about = replace(
        own,
        title=title if meta.title else own.title,
        description=meta.description or own.description,
        keywords=_texts(meta.extra.get("keywords")) or own.keywords,
        providers=[*providers, {"name": bakery.id, "description": bakery.description, "roles": ["processor", "host"]}],
        citation=_text(meta.extra.get("citation")) or own.citation,
        doi=_text(meta.extra.get("doi")) or own.doi,
    )
    return replace(about, **_license(meta))


def _license(meta: Meta) -> dict[str, Any]:
    if not meta.license and not meta.license_link:
        return {}
    link, written = meta.license_link, meta.license or ""
    title = (link.title if link else None) or written or None
    return {"license": find_license(written), "license_url": link.url if link else None, "license_title": title}


def _describe(provider: Provider) -> dict[str, Any]:
    roles = [role for role in provider.roles if role in _ROLES]
    fields = {"name": provider.name, "description": provider.description, "roles": roles, "url": provider.url}
    return {name: value for name, value in fields.items() if value}


def _text(value: Any) -> str | None:
    return str(value).strip() or None if isinstance(value, str | int | float) else None


def _texts(value: Any) -> list[str]:
    return [text for each in (value if isinstance(value, list | tuple) else [value]) if (text := _text(each))]
