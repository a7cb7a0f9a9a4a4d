"""Functions of a recipe that are called with one element after the other."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from pangeo_forge.recipes.lifting.reasons import CannotLift
from pangeo_forge.recipes.standins import beam
from pangeo_forge.recipes.standins.scope import answering


class ElementStep(Protocol):
    """What a pipeline does with each element."""

    @property
    def function(self) -> Callable[..., Any]:
        """What messages blame."""
        ...

    def __call__(self, element: Any) -> Iterable[Any]:
        """Give the elements that are made of one."""
        ...


@dataclass(frozen=True)
class Call:
    """A function of the recipe, called with each element: ``Map``, ``MapTuple``.

    Parameters
    ----------
    fn : callable
    args, kwargs
        What it is given beside the element.
    unpacks : bool
        Whether the element is a tuple of arguments.
    """

    fn: Callable[..., Any]
    args: tuple[Any, ...] = ()
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    unpacks: bool = False

    @property
    def function(self) -> Callable[..., Any]:
        """What messages blame."""
        return self.fn

    def result(self, element: Any) -> Any:
        """Call it."""
        return self.fn(*element, *self.args, **self.kwargs) if self.unpacks else self.fn(element, *self.args, **self.kwargs)

    def __call__(self, element: Any) -> Iterable[Any]:
        """Give the one element that the function makes."""
        return (self.result(element),)


@dataclass(frozen=True)
class CallForMany(Call):
    """A function that gives any number of elements for one: ``FlatMap``, ``FlatMapTuple``."""

    def __call__(self, element: Any) -> Iterable[Any]:
        """Give the elements that the function makes."""
        return self.result(element) or ()


@dataclass(frozen=True)
class Keep(Call):
    """A function that says which elements are kept: ``Filter``."""

    def __call__(self, element: Any) -> Iterable[Any]:
        """Give the element, or nothing."""
        return (element,) if self.result(element) else ()


@dataclass(frozen=True)
class Do:
    """The `process` of a ``DoFn``; each element is a bundle of its own."""

    fn: beam.DoFn
    args: tuple[Any, ...] = ()
    kwargs: Mapping[str, Any] = field(default_factory=dict)

    @property
    def function(self) -> Callable[..., Any]:
        """What messages blame."""
        return self.fn.process

    def __call__(self, element: Any) -> Iterator[Any]:
        """Give the elements that are made of one."""
        fn = copy.copy(self.fn)
        fn.setup()
        fn.start_bundle()
        yield from fn.process(element, *self.args, **self.kwargs) or ()
        fn.finish_bundle()
        fn.teardown()


def read_step(step: beam.PTransform) -> ElementStep:
    """Read a transform that calls a function of the recipe.

    Raises
    ------
    CannotLift
        If it does not, or if the function wants more than its element.
    """
    kind = type(step).__name__
    if not isinstance(step, beam.Function):
        raise CannotLift(f"{kind} is not a step that works on one input")
    if step.has_side_inputs:
        raise CannotLift(f"{kind} takes the elements of another pipeline as an argument")
    if isinstance(step, beam.ParDo):
        return _read_do(step)
    arguments = (step.fn, step.args, step.kwargs, isinstance(step, beam.MapTuple | beam.FlatMapTuple))
    if isinstance(step, beam.FlatMap | beam.FlatMapTuple):
        return CallForMany(*arguments)
    return Keep(*arguments) if isinstance(step, beam.Filter) else Call(*arguments)


def _read_do(step: beam.ParDo) -> ElementStep:
    fn = step.fn
    if not isinstance(fn, beam.DoFn):
        return CallForMany(fn, step.args, step.kwargs)
    name = type(fn).__name__
    if type(fn).finish_bundle is not beam.DoFn.finish_bundle:
        raise CannotLift(f"the DoFn {name} does something at the end of a bundle")
    defaults = [parameter.default for parameter in list(inspect.signature(fn.process).parameters.values())[1:]]
    if any(isinstance(default, type) and issubclass(default, beam.UnknownTransform) for default in defaults):
        raise CannotLift(f"the DoFn {name} asks for more than its element")
    return Do(fn, step.args, step.kwargs)


def apply_all(steps: Sequence[ElementStep], elements: Iterable[Any]) -> list[Any]:
    """Give the elements that steps make of others, one step after the other."""
    made = list(elements)
    with answering():
        for step in steps:
            made = [result for element in made for result in step(element)]
    return made
