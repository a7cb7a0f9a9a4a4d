"""Writing combined references, as JSON or as Parquet."""

from __future__ import annotations

from dataclasses import dataclass

from pangeo_forge.plans.inputs import Inputs
from pangeo_forge.plans.kerchunk.merging import Merge
from pangeo_forge.plans.kerchunk.places import Input
from pangeo_forge.plans.kerchunk.scanning import Scanned, absolute_url
from pangeo_forge.plans.plan import Cost, Target
from pangeo_forge.plans.products import needing_virtual
from pangeo_forge.plans.references.parquet import write_parquet
from pangeo_forge.plans.references.writing import write_json
from pangeo_forge.plans.targets import writing


def list_inputs(inputs: Inputs, scanned: Scanned, protocol: str | None = None) -> list[Input]:
    """Give each set of references with the address of its file, in the order of the pattern."""
    return [(absolute_url(inputs[number].url, protocol), refs) for number in sorted(scanned) for refs in scanned[number].references]


@dataclass(frozen=True)
class WriteReferences:
    """Combine the references of all inputs and write them: one task.

    Parameters
    ----------
    inputs : list of (str, dict)
        The address and the references of each input.
    merge : Merge
        How they are combined.
    target : Target
        Where to.
    parquet : bool
        Whether a folder of Parquet files is written, not one of JSON.
    """

    inputs: list[Input]
    merge: Merge
    target: Target
    parquet: bool = False

    def __call__(self, task: None) -> Cost:
        """Write them."""
        refs = self.merge(self.inputs)
        with needing_virtual(), writing(self.target):
            (write_parquet if self.parquet else write_json)({"version": 1, "refs": refs}, self.target)
        return Cost(chunks=sum(not key.rpartition("/")[2].startswith(".z") for key in refs))
