"""``apache_beam``: transforms that remember what they were given, and pipelines that remember their transforms.

A *recording* is a chain of transforms from a source on. Nothing of it is run here; `pangeo_forge.recipes.lifting` reads it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Generic, TypeVar, cast

from pangeo_forge.plans.blaming import describe
from pangeo_forge.recipes.standins.patterns import PatternItems

Element = TypeVar("Element")


class CannotRecord(Exception):
    """A recipe asked of Beam what is not recorded; the message says what."""


class PTransform:
    """A step of a pipeline; composite ones say in `expand` which steps they are made of."""

    label: str | None = None

    def __init__(self, label: str | None = None) -> None:
        self.label = label

    def __class_getitem__(cls, _: Any) -> type[PTransform]:
        return cls

    def expand(self, pcoll: Any) -> Any:
        """Say which steps this one is made of."""
        raise CannotRecord(f"{type(self).__name__} has no expand, so it is a step that Beam itself must run")

    def __or__(self, other: PTransform) -> Chain:
        return Chain((*_steps_of(self), *_steps_of(other)))

    def __ror__(self, left: Any) -> Any:
        if isinstance(left, PCollection):
            return left.applied(self)
        if isinstance(left, Pipeline):
            return PCollection((), left, left.made).applied(self)
        return Chain((Create(left), self))

    def __rrshift__(self, label: str) -> PTransform:
        """``"label" >> transform``: the label says nothing about what is done."""
        return self

    def with_input_types(self, *_: Any, **__: Any) -> PTransform:
        """Take type hints, which say nothing about what is done."""
        return self

    with_output_types = with_input_types


class Primitive(PTransform):
    """A step that the lifting reads, whatever it is made of; of a subclass with an `expand` of its own that is called."""

    def expand(self, pcoll: Any) -> Any:
        """Apply this step, as the one that it is derived from if that is asked by way of ``super()``."""
        kind = next(base for base in type(self).__mro__ if getattr(base, "expand", None) is Primitive.expand)
        step: PTransform = object.__new__(kind)
        vars(step).update(vars(self))
        return pcoll.applied(step)


@dataclass(eq=False)
class Chain(PTransform):
    """Transforms one after the other: what ``a | b | c`` makes."""

    steps: tuple[PTransform, ...]

    def expand(self, pcoll: PCollection[Any]) -> PCollection[Any]:
        """Apply the steps."""
        for step in self.steps:
            pcoll = pcoll.applied(step)
        return pcoll


def _steps_of(transform: Any) -> tuple[PTransform, ...]:
    if isinstance(transform, Chain):
        return transform.steps
    if isinstance(transform, PTransform):
        return (transform,)
    raise TypeError(f"a pipeline is made of transforms, not of {type(transform).__name__}")


@dataclass(eq=False)
class PCollection(Generic[Element]):
    """The elements at a place of a pipeline: the transforms that lead there.

    Parameters
    ----------
    steps : tuple of PTransform
    pipeline : Pipeline, optional
    made : list of PCollection
        All that were made from the same beginning, so that a branch which leads nowhere is not overlooked.
    """

    steps: tuple[PTransform, ...] = ()
    pipeline: Any = None
    made: list[PCollection[Any]] = field(default_factory=list)

    def applied(self, transform: PTransform) -> PCollection[Element]:
        """Give the elements that a transform makes of these."""
        result: PCollection[Element] = PCollection((*self.steps, transform), self.pipeline, self.made)
        self.made.append(result)
        return result

    def __or__(self, transform: Any) -> Any:
        if isinstance(transform, PTransform):
            return self.applied(transform)
        return NotImplemented

    def leads_to(self, other: PCollection[Any]) -> bool:
        """Whether the steps of the other begin with these."""
        return len(self.steps) <= len(other.steps) and all(a is b for a, b in zip(self.steps, other.steps, strict=False))


@dataclass(eq=False)
class Create(Primitive):
    """The elements that a pipeline begins with."""

    values: Any
    reshuffle: bool = True

    def __post_init__(self) -> None:
        if isinstance(self.values, str | bytes):
            raise TypeError(f"Create is given a {type(self.values).__name__}, not a collection of elements")
        if isinstance(self.values, Mapping):  # as Beam reads it
            self.values = tuple(self.values.items())
        elif isinstance(self.values, Iterator) and not isinstance(self.values, PatternItems):
            self.values = tuple(self.values)
        elif not isinstance(self.values, Iterable):
            raise TypeError(f"Create is given a {type(self.values).__name__}, which has no elements")


class Function(Primitive):
    """A transform that calls a function with each element."""

    def __init__(self, fn: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__()
        self.fn = fn
        self.args = args
        self.kwargs = kwargs

    @property
    def has_side_inputs(self) -> bool:
        """Whether an argument is the elements of another pipeline."""
        return any(isinstance(value, PCollection | SideInput | PTransform) for value in (*self.args, *self.kwargs.values()))


class Map(Function):
    """``fn(element)``."""


class MapTuple(Function):
    """``fn(*element)``."""


class FlatMap(Function):
    """The elements of ``fn(element)``."""


class FlatMapTuple(Function):
    """The elements of ``fn(*element)``."""


class Filter(Function):
    """The elements for which ``fn(element)`` is true."""


class DoFn:
    """A function with a life of its own; `process` yields the elements made of one."""

    def process(self, element: Any, *args: Any, **kwargs: Any) -> Iterable[Any] | None:
        """Make elements of one."""
        raise NotImplementedError

    def setup(self) -> None:
        """Begin."""

    def start_bundle(self) -> None:
        """Begin a bundle."""

    def finish_bundle(self) -> None:
        """End a bundle."""

    def teardown(self) -> None:
        """End."""


class ParDo(Function):
    """The elements that a `DoFn` makes of each."""

    def __init__(self, fn: DoFn | type[DoFn] | Callable[..., Any], *args: Any, **kwargs: Any) -> None:
        super().__init__(fn() if isinstance(fn, type) else fn, *args, **kwargs)


class Reshuffle(Primitive):
    """The same elements, spread anew over the machines."""


@dataclass(frozen=True)
class SideInput:
    """The elements of another pipeline, as an argument of a function."""

    pcoll: Any
    default_value: Any = None


class _Unknown(type):
    """The class of what is not recorded; what is below it is not either."""

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return make_unknown(f"{cls.full_name}.{name}")


class UnknownTransform(PTransform, metaclass=_Unknown):
    """Something of Beam that is not recorded: a pipeline with it is not lifted."""

    full_name: ClassVar[str] = "apache_beam"

    def __class_getitem__(cls, _: Any) -> type[UnknownTransform]:
        return cls

    def __init__(self, *_: Any, **__: Any) -> None:
        super().__init__()

    def expand(self, pcoll: Any) -> Any:
        """Refuse."""
        raise CannotRecord(f"{self.full_name} is not among the transforms that are read")


def make_unknown(full_name: str) -> type[UnknownTransform]:
    """Stand in for something of Beam that is not recorded."""
    attributes = {"full_name": full_name, "__module__": "apache_beam"}
    return cast("type[UnknownTransform]", _Unknown(full_name.rpartition(".")[2], (UnknownTransform,), attributes))


_DOFN_PARAMETERS = (
    "BundleFinalizerParam",
    "ElementParam",
    "KeyParam",
    "PaneInfoParam",
    "RestrictionParam",
    "SideInputParam",
    "StateParam",
    "TimerParam",
    "TimestampParam",
    "WatermarkEstimatorParam",
    "WindowParam",
    "WindowedValueParam",
)
for _parameter in _DOFN_PARAMETERS:
    setattr(DoFn, _parameter, make_unknown(f"apache_beam.DoFn.{_parameter}"))


class Options:
    """Options of a pipeline, which are the bakery's."""

    def __init__(self, *_: Any, **__: Any) -> None:
        pass

    def view_as(self, _: Any) -> Options:
        """Give the options of a kind."""
        return self


def with_types(*_: Any, **__: Any) -> Callable[[Element], Element]:
    """Decorate with type hints, which say nothing about what is done."""
    return lambda function: function


class Pipeline:
    """A pipeline that a script runs by itself: what is applied to it is recorded and not run."""

    def __init__(self, *_: Any, **__: Any) -> None:
        self.options = Options()
        self.made: list[PCollection[Any]] = []

    def __or__(self, transform: PTransform) -> PCollection[Any]:
        begin: PCollection[Any] = PCollection((), self, self.made)
        return begin.applied(transform)

    def apply(self, transform: PTransform, pcoll: Any = None, label: str | None = None) -> PCollection[Any]:
        """Apply a transform, as ``|`` does."""
        return pcoll.applied(transform) if isinstance(pcoll, PCollection) else self | transform

    def __enter__(self) -> Pipeline:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def run(self, *_: Any, **__: Any) -> PipelineResult:
        """Run nothing: a recipe is run when it is asked for, not while its module is imported."""
        return PipelineResult()


class PipelineResult:
    """What a script is given that has run its pipeline."""

    state = "DONE"

    def wait_until_finish(self, *_: Any, **__: Any) -> str:
        """Wait for nothing."""
        return self.state


def ptransform_fn(function: Callable[..., Any]) -> Callable[..., PTransform]:
    """Make a transform of a function ``(pcoll, *args)``."""

    def make(*args: Any, **kwargs: Any) -> PTransform:
        return _FromFunction(function, args, kwargs)

    return make


@dataclass(eq=False)
class _FromFunction(PTransform):
    function: Callable[..., Any]
    args: tuple[Any, ...]
    kwargs: dict[str, Any]

    def expand(self, pcoll: Any) -> Any:
        return self.function(pcoll, *self.args, **self.kwargs)


def find_steps(recorded: PTransform | PCollection[Any] | Pipeline) -> tuple[PTransform, ...]:
    """Give the transforms of what a module calls its recipe.

    Raises
    ------
    CannotRecord
        If it is a pipeline of several branches.
    """
    if isinstance(recorded, PTransform):
        return _steps_of(recorded)
    ends = _find_ends(recorded.made)
    if isinstance(recorded, Pipeline):
        if len(ends) != 1:
            raise CannotRecord(f"it is a pipeline with {len(ends)} ends")
        return ends[0].steps
    _check_branches(ends, recorded, "it")
    return recorded.steps


def flatten(transforms: Iterable[PTransform]) -> list[PTransform]:
    """Expand composite transforms, down to those that are known.

    Raises
    ------
    CannotRecord
        If one of them does what is not recorded.
    """
    flat: list[PTransform] = []
    for transform in transforms:
        if type(transform).expand in (PTransform.expand, Primitive.expand):
            flat.append(transform)
        else:
            flat += flatten(_expand(transform))
    return flat


def _expand(transform: PTransform) -> tuple[PTransform, ...]:
    name = type(transform).__name__
    begin: PCollection[Any] = PCollection()
    try:
        expanded = transform.expand(begin)
    except CannotRecord:
        raise
    except Exception as error:  # what a recipe's code raises is not ours to foresee
        raise CannotRecord(f"the expand of {name} fails: {describe(error)}") from error
    if not isinstance(expanded, PCollection):
        raise CannotRecord(f"the expand of {name} gives a {type(expanded).__name__}, not the elements of one pipeline")
    if expanded.made is not begin.made:
        raise CannotRecord(f"the expand of {name} gives elements that it does not make of those that it is given")
    _check_branches(_find_ends(begin.made), expanded, name)
    return expanded.steps


def _find_ends(made: list[PCollection[Any]]) -> list[PCollection[Any]]:
    """Find the collections that nothing is applied to."""
    return [one for one in made if not any(one is not other and one.leads_to(other) for other in made)]


def _check_branches(ends: list[PCollection[Any]], taken: PCollection[Any], name: str) -> None:
    lost = [end for end in ends if not end.leads_to(taken)]
    if lost:
        raise CannotRecord(f"{name} has a branch beside the one that is followed, which ends with {type(lost[0].steps[-1]).__name__}")
