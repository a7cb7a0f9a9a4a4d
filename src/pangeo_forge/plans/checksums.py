"""A stage that reads every input whole, for nothing but its checksum: what was baked can be told from what an archive holds later."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import fsspec

from pangeo_forge.plans.activity import at_work
from pangeo_forge.plans.explaining import explained
from pangeo_forge.plans.inputs import Inputs
from pangeo_forge.plans.plan import Plan, Results, Stage, Step
from pangeo_forge.plans.stamps import Stamp
from pangeo_forge.types import redact_url

#: What the stage is called.
STAGE = "checksum"
_BLOCK = 4_000_000

#: Kinds of inputs that are no files.
_NO_FILES = ("zarr", "opendap")


@dataclass(frozen=True)
class Digest:
    """Read an input whole.

    Parameters
    ----------
    inputs : Inputs
    fsspec_options : mapping
        Options of the file system that they are on.
    """

    inputs: Inputs
    fsspec_options: Mapping[str, Any] = field(default_factory=dict, repr=False)

    def __call__(self, number: int) -> dict[int, str]:
        """Give the checksum of the input of a number, by that."""
        url = self.inputs[number].url
        digest = hashlib.sha256()
        with explained(url), at_work(redact_url(url)):
            filesystem, path = fsspec.url_to_fs(url, **self.fsspec_options)
            with filesystem.open(path, "rb", block_size=_BLOCK) as file:
                while block := file.read(_BLOCK):
                    digest.update(block)
        return {number: f"sha256:{digest.hexdigest()}"}


def add_checksums(plan: Plan, pattern: Any) -> Plan:
    """Add the stage to a plan; of inputs that were read whole anyway the checksum is known already.

    Parameters
    ----------
    plan : Plan
    pattern : FilePattern
        What the recipe reads.
    """
    if pattern.file_type in _NO_FILES:
        return plan
    options = {name: value for name, value in pattern.fsspec_open_kwargs.items() if name != "compression"}

    def make_stage(results: Results) -> Stage:
        known = plan.stamps(results) if "inspect" in results else {}
        wanted = [number for number in range(len(pattern)) if not (known.get(number, Stamp()).checksum or "").startswith("sha256:")]
        return Stage(STAGE, wanted, Digest(pattern, options), _join)

    def stamp(results: Results) -> Mapping[int, Stamp]:
        stamps = dict(plan.stamps(results))
        return stamps | {number: replace(stamps.get(number, Stamp()), checksum=text) for number, text in results.get(STAGE, {}).items()}

    return replace(plan, steps=(*plan.steps, Step(STAGE, make_stage)), stamps=stamp)


def _join(a: dict[int, str], b: dict[int, str]) -> dict[int, str]:
    a.update(b)
    return a
