"""Pipelines that no plan can express, of the shapes that real ones have; and where it can be said what they make, that."""

from __future__ import annotations

from peer.recipes import FOUR, HEAD, OPEN, STORE

SHAPES = {
    "a DoFn that yields several things": f"""
from dataclasses import replace


class Halve(beam.DoFn):
    def process(self, item):
        index, ds = item
        for half in range(2):
            place = {{dim: replace(position, value=2 * position.value + half) for dim, position in index.items()}}
            yield type(index)(place), ds.isel(time=slice(2 * half, 2 * half + 2))


recipe = {OPEN} | beam.ParDo(Halve()) | {STORE})
""",
    "a side input": f"""
class Shift(beam.PTransform):
    def expand(self, pcoll):
        count = pcoll | beam.combiners.Count.Globally()
        return pcoll | beam.Map(self._shift, count=beam.pvalue.AsSingleton(count))

    @staticmethod
    def _shift(item, count):
        index, ds = item
        return index, ds.assign(tas=ds.tas + count)


recipe = {OPEN} | Shift() | {STORE})
""",
    "groups": f"""
def key(item):
    return item[0].find_position("time") % 8, item


def ungroup(group):
    _, items = group
    return list(items)


recipe = {OPEN} | beam.Map(key) | beam.GroupByKey() | beam.FlatMap(ungroup) | {STORE})
""",
    "two branches put together": f"""
class Branches(beam.PTransform):
    def expand(self, pcoll):
        first = pcoll | "first" >> beam.Filter(lambda item: item[0].find_position("time") == 0)
        rest = pcoll | "rest" >> beam.Filter(lambda item: item[0].find_position("time") > 0)
        return (first, rest) | beam.Flatten()


recipe = {OPEN} | Branches() | {STORE})
""",
    "a store that is put together by hand": f"""
from pangeo_forge_recipes.transforms import DetermineSchema, IndexItems, PrepareZarrTarget, Rechunk, StoreDatasetFragments


class ByHand(beam.PTransform):
    def expand(self, pcoll):
        schema = pcoll | DetermineSchema(combine_dims=pattern.combine_dim_keys)
        pieces = pcoll | IndexItems(schema=schema) | Rechunk(target_chunks={{"time": 3}}, schema=schema)
        store = schema | PrepareZarrTarget(target="somewhere.zarr", target_chunks={{"time": 3}})
        return pieces | StoreDatasetFragments(target_store=store)


recipe = {OPEN} | ByHand()
""",
}

LIFTED = f"lifted = {OPEN} | {STORE}, target_chunks={{'time': 3}})\n"


def write_module(text: str, pattern: str = FOUR) -> str:
    """Write the text of a module that begins with the imports and a pattern."""
    return f"{HEAD}{pattern}\n{text}"
