"""What all inputs have in common, and where they disagree: headers folded together in any order.

`combine` is associative and commutative, so that inputs can be inspected side by side: what it keeps of two inputs is always that
of the lower number, and what differs between them is marked as such, whichever came first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from pangeo_forge.plans.schema import Header, Packing, Shared, VariableSchema
from pangeo_forge.plans.stamps import Stamp

#: So many disagreements are told in full; the rest are counted.
TOLD = 12


@dataclass(frozen=True, slots=True, order=True)
class Disagreement:
    """Two inputs that do not fit together.

    Parameters
    ----------
    first, second : int
        The numbers of the inputs.
    message : str
        What is wrong; ``{first}`` and ``{second}`` stand for the inputs.
    hint : str
        What the recipe's author can do.
    """

    first: int
    second: int
    message: str
    hint: str


@dataclass(frozen=True, slots=True)
class Seen:
    """A value and the number of the lowest input that it was seen in."""

    value: Any
    number: int


@dataclass(frozen=True, slots=True)
class CommonVariable:
    """A variable as its inputs have it in common.

    Parameters
    ----------
    schema : VariableSchema
        Of the lowest input that has it; of `attrs` only what all agree in, but for the packing.
    number : int
        That input.
    mixed : bool
        Whether inputs differ in packing or dtype, so that values are decoded and packed anew.
    value_dtype : numpy.dtype
        The dtype that holds the decoded values of all.
    dropped : frozenset of str
        Attributes that inputs do not agree in.
    """

    schema: VariableSchema
    number: int
    mixed: bool
    value_dtype: np.dtype[Any]
    dropped: frozenset[str] = frozenset()

    @property
    def attrs(self) -> dict[str, Any]:
        """The attributes that all inputs agree in, and the packing of the lowest."""
        return {name: value for name, value in self.schema.attrs.items() if name not in self.dropped}


@dataclass(slots=True)
class Group:
    """The inputs of one set of variables (one position along the merge dimensions)."""

    number: int
    variables: dict[str, CommonVariable]


@dataclass(slots=True)
class Survey:
    """What is known of the inputs that have been inspected.

    Parameters
    ----------
    inputs : int
        How many they are.
    groups : dict of int to Group
        By the position along the merge dimensions.
    lengths : dict of str to dict of int to Seen
        The number of steps along each concat dimension, by the position along it.
    sizes : dict of str to Seen
        The lengths of the other dimensions.
    shared : dict of (str, tuple of int) to (Shared, int)
        Values that inputs must have in common, and the lowest input that has them.
    attrs : dict of str to object
        Attributes of the dataset that no two inputs disagree in.
    dropped : set of str
        Attributes that they disagree in.
    lacking : dict of str to Disagreement
        Concat dimensions that an input does not have, which is no fault where there is but one input along it.
    varying : dict of str to Disagreement
        Variables without a concat dimension whose values differ between inputs, and where.
    disagreements : list of Disagreement
    disagreeing : int
        How many there are in all.
    largest : int
        The size of the largest file, bytes; 0 if that of one is not known.
    stamps : dict of int to Stamp
        Which version of each input was read, by the input's number.
    packings : dict of packing to packing
        Each packing once, so that a million inputs do not hold a million of it.
    """

    concat_dims: tuple[str, ...]
    inputs: int = 0
    groups: dict[int, Group] = field(default_factory=dict)
    lengths: dict[str, dict[int, Seen]] = field(default_factory=dict)
    sizes: dict[str, Seen] = field(default_factory=dict)
    shared: dict[tuple[str, tuple[int, ...]], tuple[Shared, int]] = field(default_factory=dict)
    attrs: dict[str, Any] = field(default_factory=dict)
    dropped: set[str] = field(default_factory=set)
    lacking: dict[str, Disagreement] = field(default_factory=dict)
    varying: dict[str, Disagreement] = field(default_factory=dict)
    disagreements: list[Disagreement] = field(default_factory=list)
    disagreeing: int = 0
    largest: int = 0
    stamps: dict[int, Stamp] = field(default_factory=dict)
    packings: dict[Packing, Packing] = field(default_factory=dict)


def make_survey(header: Header, group: int, concat_dims: tuple[str, ...]) -> Survey:
    """Survey a single input.

    Parameters
    ----------
    header : Header
        What the input holds.
    group : int
        Its position along the merge dimensions.
    concat_dims : tuple of str
    """
    number = header.source.number
    survey = Survey(concat_dims, inputs=1, attrs=dict(header.attrs), largest=header.stamp.size, stamps={number: header.stamp})
    variables = {name: CommonVariable(schema, number, False, schema.value_dtype) for name, schema in header.variables.items()}
    survey.groups[group] = Group(number, variables)
    for dim, size in header.sizes.items():
        if dim in concat_dims:
            survey.lengths[dim] = {header.source.index[dim]: Seen(size, number)}
        else:
            survey.sizes[dim] = Seen(size, number)
    survey.shared = {key: (shared, number) for key, shared in header.shared.items()}
    for dim in concat_dims:
        if dim not in header.sizes:
            hint = f"Give it one in preprocess: return ds.expand_dims({dim}=[…])."
            survey.lacking[dim] = Disagreement(number, number, f"{{first}} has no dimension {dim!r} to concatenate along", hint)
    return survey


def combine(a: Survey, b: Survey) -> Survey:
    """Fold `b` into `a`, which is changed and returned."""
    _combine_sizes(a, b)
    _combine_groups(a, b)
    _combine_shared(a, b)
    a.dropped |= b.dropped | {name for name in a.attrs.keys() & b.attrs.keys() if not _same(a.attrs[name], b.attrs[name])}
    a.attrs = {name: value for name, value in {**b.attrs, **a.attrs}.items() if name not in a.dropped}
    a.inputs += b.inputs
    a.stamps.update(b.stamps)
    a.largest = max(a.largest, b.largest) if a.largest and b.largest else 0
    for known, others in ((a.varying, b.varying), (a.lacking, b.lacking)):
        for name, disagreement in others.items():
            _keep_lowest(known, name, disagreement)
    a.disagreeing += b.disagreeing
    a.disagreements = sorted([*a.disagreements, *b.disagreements])[:TOLD]
    return a


def _disagree(survey: Survey, disagreement: Disagreement) -> None:
    survey.disagreeing += 1
    survey.disagreements = sorted([*survey.disagreements, disagreement])[:TOLD]


def _keep_lowest(known: dict[str, Disagreement], name: str, disagreement: Disagreement) -> None:
    known[name] = min(known.get(name, disagreement), disagreement)


def _combine_sizes(a: Survey, b: Survey) -> None:
    for dim, there in b.sizes.items():
        here = a.sizes.setdefault(dim, there)
        if here.value != there.value:
            message = f"dimension {dim!r} has {{first_value}} steps in {{first}}, but {{second_value}} in {{second}}"
            hint = "Bring the inputs to one shape in preprocess, or leave the odd ones out of the pattern."
            _disagree(a, _between(here, there, message, hint))
        a.sizes[dim] = min(here, there, key=lambda seen: seen.number)
    for dim, lengths in b.lengths.items():
        known = a.lengths.setdefault(dim, {})
        for position, there in lengths.items():
            here = known.setdefault(position, there)
            if here.value != there.value:
                message = f"{{first}} holds {{first_value}} steps along {dim!r}, but {{second}}, at the same position, {{second_value}}"
                _disagree(a, _between(here, there, message, "Files at one position of a concat dimension must hold the same steps."))
            known[position] = min(here, there, key=lambda seen: seen.number)


def _between(a: Seen, b: Seen, message: str, hint: str) -> Disagreement:
    low, high = sorted((a, b), key=lambda seen: seen.number)
    text = message.replace("{first_value}", _literal(low.value)).replace("{second_value}", _literal(high.value))
    return Disagreement(low.number, high.number, text, hint)


def _literal(value: Any) -> str:
    """Write a value so that `str.format` leaves it alone."""
    return str(value).replace("{", "{{").replace("}", "}}")


def _combine_groups(a: Survey, b: Survey) -> None:
    for position, there in b.groups.items():
        here = a.groups.get(position)
        if here is None:
            a.groups[position] = there
            continue
        low, high = sorted((here, there), key=lambda group: group.number)
        for disagreement in _missing(low, high):
            _disagree(a, disagreement)
        variables = {}
        for name in [*low.variables, *(name for name in high.variables if name not in low.variables)]:
            pair = [group.variables[name] for group in (low, high) if name in group.variables]
            variables[name] = pair[0]
            if len(pair) == 2:
                variables[name] = merge_variable(*pair)
                for disagreement in find_differences(name, *pair):
                    _disagree(a, disagreement)
        a.groups[position] = Group(low.number, variables)


def _missing(low: Group, high: Group) -> Iterator[Disagreement]:
    hint = "Drop it in preprocess, or with open_kwargs={'drop_variables': […]}; or leave the odd inputs out of the pattern."
    for name in sorted(low.variables.keys() - high.variables.keys()):
        yield Disagreement(low.number, high.number, f"variable {_literal(repr(name))} is in {{first}}, but not in {{second}}", hint)
    for name in sorted(high.variables.keys() - low.variables.keys()):
        yield Disagreement(low.number, high.number, f"variable {_literal(repr(name))} is in {{second}}, but not in {{first}}", hint)


def find_differences(name: str, a: CommonVariable, b: CommonVariable) -> Iterator[Disagreement]:
    """Say in what a variable of one set of inputs cannot be brought together with that of another."""
    low, high = (a, b) if a.number <= b.number else (b, a)
    variable = _literal(repr(name))
    checks: Mapping[str, tuple[Any, Any, str]] = {
        "dimensions": (low.schema.dims, high.schema.dims, "Bring them to one order in preprocess: ds.transpose(…)."),
        "units": (_units(low), _units(high), "Convert one to the other in preprocess."),
        "calendar": (_calendar(low), _calendar(high), "Convert one to the other in preprocess: ds.convert_calendar(…)."),
    }
    for what, (here, there, hint) in checks.items():
        if here != there and not (what == "calendar" and None in (here, there)):
            message = f"{what} of {variable} are {_literal(repr(here))} in {{first}}, but {_literal(repr(there))} in {{second}}"
            yield Disagreement(low.number, high.number, message.replace("calendar of", "calendars of"), hint)
    if low.schema.is_text != high.schema.is_text:
        message = f"{variable} is {low.schema.dtype} in {{first}}, but {high.schema.dtype} in {{second}}"
        yield Disagreement(low.number, high.number, message, "Bring them to one type in preprocess: ds[name].astype(…).")


def _units(variable: CommonVariable) -> str | None:
    """Return the units that inputs must have in common; times may count from different dates."""
    return "time" if variable.schema.is_time else variable.schema.attrs.get("units")


def _calendar(variable: CommonVariable) -> str | None:
    if not variable.schema.is_time:
        return None
    name = str(variable.schema.attrs.get("calendar", "standard")).lower()
    return {"gregorian": "standard", "365_day": "noleap", "366_day": "all_leap"}.get(name, name)


def merge_variable(a: CommonVariable, b: CommonVariable) -> CommonVariable:
    """Make what two sets of inputs have in common in one variable."""
    low, high = (a, b) if a.number <= b.number else (b, a)
    differing = {
        name
        for name in low.schema.attrs.keys() & high.schema.attrs.keys()
        if name not in _packing_names(low.schema) and not _same(low.schema.attrs[name], high.schema.attrs[name])
    }
    extra = {
        name: value for name, value in high.schema.attrs.items() if name not in low.schema.attrs and name not in _packing_names(high.schema)
    }
    schema = low.schema if not extra else replace(low.schema, attrs={**low.schema.attrs, **extra})
    return CommonVariable(
        schema=schema,
        number=low.number,
        mixed=low.mixed or high.mixed or low.schema.packing != high.schema.packing,
        value_dtype=low.value_dtype if low.value_dtype == high.value_dtype else _promoted(low.value_dtype, high.value_dtype),
        dropped=low.dropped | high.dropped | differing,
    )


def _promoted(a: np.dtype[Any], b: np.dtype[Any]) -> np.dtype[Any]:
    return np.dtype(object) if "O" in (a.kind, b.kind) else np.result_type(a, b)


def _packing_names(schema: VariableSchema) -> set[str]:
    return {name for name, _ in schema.packing}


def _combine_shared(a: Survey, b: Survey) -> None:
    for key, (there, there_number) in b.shared.items():
        if key not in a.shared:
            a.shared[key] = (replace(there, packing=a.packings.setdefault(there.packing, there.packing)), there_number)
            continue
        here, here_number = a.shared[key]
        differ = here.digest != there.digest if here.packing == there.packing else here.meaning != there.meaning
        if differ:
            unequal = _unequal(key, min(here_number, there_number), max(here_number, there_number))
            if key[1]:
                _disagree(a, unequal)
            else:
                _keep_lowest(a.varying, key[0], unequal)
        if there_number < here_number:
            a.shared[key] = (there, there_number)


def _unequal(key: tuple[str, tuple[int, ...]], first: int, second: int) -> Disagreement:
    name = _literal(repr(key[0]))
    if key[1]:
        message = f"{name} differs between {{first}} and {{second}}, which are at the same position"
        return Disagreement(first, second, message, "Files at one position of a concat dimension must hold the same steps.")
    message = f"{name} has no concat dimension, so it is kept once, but it differs between {{first}} and {{second}}"
    hint = "Drop it in preprocess, or give it the concat dimension: ds[name].expand_dims(…)."
    return Disagreement(first, second, message, hint)


def _same(a: Any, b: Any) -> bool:
    if isinstance(a, np.ndarray) or isinstance(b, np.ndarray):
        return np.array_equal(a, b)
    return bool(a == b) or (a != a and b != b)
