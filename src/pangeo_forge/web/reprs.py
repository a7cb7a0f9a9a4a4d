"""xarray's own HTML of datasets, made when it is asked for, and kept."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from markupsafe import Markup, escape

from pangeo_forge.catalog.library import Library
from pangeo_forge.catalog.sources.trust import Trust
from pangeo_forge.catalog.stac.assets import is_indexed
from pangeo_forge.plans.reach import ReferenceRefused, telling_refusals


class Reprs:
    """The summaries of datasets, of which the last hundred are kept.

    Parameters
    ----------
    library : Library
        Whose datasets they are.
    trust : Trust
        Where datasets may lie, and how far their references are followed.
    """

    def __init__(self, library: Library, trust: Trust) -> None:
        self._library = library
        self._trust = trust
        self._show = lru_cache(maxsize=100)(self._open)

    def show(self, item: Mapping[str, Any]) -> Markup:
        """Give the summary of an Item's dataset; where it cannot be opened, why.

        What lies there was written by anybody: whatever it raises is a fact about it, and is shown.
        """
        asset = next(iter(item["assets"].values()))
        try:
            gathered = asset.get("zarr:consolidated", True)
            return self._show(str(asset["href"]), str(item["properties"].get("version")), gathered, is_indexed(asset))
        except ReferenceRefused as error:
            return Markup("<p>The dataset cannot be opened here: {}. {}</p>").format(error.message, error.hint or "")
        except Exception as error:
            return Markup("<p>The dataset cannot be opened here: {}: {}</p>").format(type(error).__name__, escape(str(error)))

    def _open(self, href: str, version: str, gathered: bool, indexed: bool) -> Markup:
        from pangeo_forge.plans.plan import Target
        from pangeo_forge.plans.products import Origin, recognize

        target = Target(href)
        product = recognize(target, Origin(reach=self._trust.find_reach(href)))
        if product is None:
            raise ValueError("it is of no kind that is known")
        decoding = {"create_default_indexes": indexed, **({} if gathered else {"consolidated": False})}
        with telling_refusals(), product.open(target, **decoding) as dataset:
            return Markup(dataset._repr_html_())  # noqa: S704  (xarray escapes what it shows)
