"""What inputs hold and where their chunks lie, found one by one and put together in any order."""

from __future__ import annotations

from dataclasses import dataclass, field

from pangeo_forge.plans import survey
from pangeo_forge.plans.inputs import Inputs
from pangeo_forge.plans.reading import OpenedInput
from pangeo_forge.plans.references.arrays import ReferencedArray
from pangeo_forge.plans.references.parsing import VirtualSource
from pangeo_forge.plans.stores import group_number
from pangeo_forge.plans.survey import Survey, make_survey

#: Variables along one concat dimension alone are gathered as coordinates are, if an input holds at most so many bytes of them.
_GATHER_BELOW = 4_000


@dataclass(slots=True)
class Found:
    """What was found in the inputs that have been looked at.

    Parameters
    ----------
    survey : Survey
        What they have in common.
    arrays : dict of str to dict of int to ReferencedArray
        By the variable's name and the input's number.
    refused : dict of str to (int, str)
        Variables without references: the lowest input in which that is so, and why.
    """

    survey: Survey
    arrays: dict[str, dict[int, ReferencedArray]] = field(default_factory=dict)
    refused: dict[str, tuple[int, str]] = field(default_factory=dict)


def combine(a: Found, b: Found) -> Found:
    """Fold `b` into `a`, which is changed and returned."""
    a.survey = survey.combine(a.survey, b.survey)
    for name, arrays in b.arrays.items():
        a.arrays.setdefault(name, {}).update(arrays)
    for name, refused in b.refused.items():
        a.refused[name] = min(a.refused.get(name, refused), refused)
    return a


@dataclass(frozen=True)
class Find:
    """Look at one input: what it holds, and where its chunks lie."""

    inputs: Inputs
    source: VirtualSource

    def __call__(self, number: int) -> Found:
        """Look at the input of a number."""
        file = self.inputs[number]
        dims = tuple(self.inputs.concat_shape)
        with self.source.open_virtual(file) as virtual:
            opened = OpenedInput(file, virtual.dataset, self.source, virtual.stamp)
            header = opened.read_header(dims, bool(self.inputs.merge_shape), _GATHER_BELOW)
        found = Found(make_survey(header, group_number(file, self.inputs), dims))
        found.arrays = {name: {number: array} for name, array in virtual.arrays.items() if name in header.variables}
        found.refused = {name: (number, reason) for name, reason in virtual.refused.items() if name in header.variables}
        return found
