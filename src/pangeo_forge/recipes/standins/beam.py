"""``apache_beam``: transforms that remember what they were given, and pipelines that remember their transforms.

A *recording* is a chain of transforms from a source on. Nothing of it is run here; `pangeo_forge.recipes.lifting` reads it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar, cast

Element = TypeVar("Element")


class CannotRecord(Exception):
    """A recipe asked of Beam what is not recorded; the message says what."""


class PTransform:
    """A step of a pipeline; composite ones say in `expand` which steps they are made of."""

    #: Whether the lifting reads it, whatever it is made of.
    is_known: ClassVar[bool] = False
    label: str | None = None

    def __init__(self, label: str | None = None) -> None:
        self.label = label

    def expand(self, pcoll: Any) -> Any:
        """Say which steps this one is made of."""
        raise CannotRecord(f"{type(self).__name__} has no expand, so it is a step that Beam itself must run")

    def __or__(self, other: PTransform) -> Chain:
        return Chain((*_steps_of(self), *_steps_of(other)))

    def __ror__(self, left: Any) -> Any:
        if isinstance(left, PCollection):
            return left.applied(self)
        if isinstance(left, Pipeline):
            return PCollection((self,), left)
        return PCollection((Create(left), self))

    def __rrshift__(self, label: str) -> PTransform:
        """``"label" >> transform``: the label says nothing about what is done."""
        return self

    def with_input_types(self, *_: Any, **__: Any) -> PTransform:
        """Take type hints, which say nothing about what is done."""
        return self

    with_output_types = with_input_types


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
    """The elements at a place of a pipeline: the transforms that lead there."""

    steps: tuple[PTransform, ...] = ()
    pipeline: Any = None

    def applied(self, transform: PTransform) -> PCollection[Element]:
        """Give the elements that a transform makes of these."""
        return PCollection((*self.steps, transform), self.pipeline)

    def __or__(self, transform: Any) -> Any:
        if isinstance(transform, PTransform):
            return self.applied(transform)
        return NotImplemented


@dataclass(eq=False)
class Create(PTransform):
    """The elements that a pipeline begins with."""

    values: Iterable[Any]
    reshuffle: bool = True


class _Function(PTransform):
    """A transform that calls a function with each element."""

    def __init__(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> None:
        if any(isinstance(value, PCollection | SideInput) for value in (*args, *kwargs.values())):
            raise CannotRecord(f"{type(self).__name__} takes the elements of another pipeline as an argument")
        self.fn = fn
        self.args = args
        self.kwargs = kwargs


class Map(_Function):
    """``fn(element)``."""


class MapTuple(_Function):
    """``fn(*element)``."""


class FlatMap(_Function):
    """The elements of ``fn(element)``."""


class FlatMapTuple(_Function):
    """The elements of ``fn(*element)``."""


class Filter(_Function):
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


class ParDo(PTransform):
    """The elements that a `DoFn` makes of each."""

    def __init__(self, fn: DoFn | type[DoFn], *args: Any, **kwargs: Any) -> None:
        self.fn = fn() if isinstance(fn, type) else fn
        self.args = args
        self.kwargs = kwargs


@dataclass(frozen=True)
class SideInput:
    """The elements of another pipeline, as an argument of a function."""

    pcoll: Any


class _Unknown(type):
    """The class of what is not recorded; what is below it is not either."""

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return make_unknown(f"{cls.full_name}.{name}")


class UnknownTransform(PTransform, metaclass=_Unknown):
    """Something of Beam that is not recorded: a pipeline with it is not lifted."""

    full_name: ClassVar[str] = "apache_beam"

    def __init__(self, *_: Any, **__: Any) -> None:
        super().__init__()

    def expand(self, pcoll: Any) -> Any:
        """Refuse."""
        raise CannotRecord(f"{self.full_name} is not among the transforms that are read")


def make_unknown(full_name: str) -> type[UnknownTransform]:
    """Stand in for something of Beam that is not recorded."""
    attributes = {"full_name": full_name, "__module__": "apache_beam"}
    return cast("type[UnknownTransform]", _Unknown(full_name.rpartition(".")[2], (UnknownTransform,), attributes))


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
        self.options = None

    def __or__(self, transform: PTransform) -> PCollection[Any]:
        return PCollection((transform,), self)

    def __enter__(self) -> Pipeline:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def run(self, *_: Any, **__: Any) -> Any:
        """Refuse: a recipe is an object of the module, and not something that the module runs."""
        raise CannotRecord("the module runs a pipeline by itself while it is imported")


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


def flatten(transforms: Iterable[PTransform]) -> list[PTransform]:
    """Expand composite transforms, down to those that are known.

    Raises
    ------
    CannotRecord
        If one of them does what is not recorded.
    """
    flat: list[PTransform] = []
    for transform in transforms:
        if type(transform).expand is PTransform.expand or transform.is_known:
            flat.append(transform)
            continue
        expanded = transform.expand(PCollection())
        if not isinstance(expanded, PCollection):
            raise CannotRecord(f"{type(transform).__name__}.expand gives a {type(expanded).__name__}, not the elements of one pipeline")
        flat += flatten(expanded.steps)
    return flat
