"""tf.keras.layers: several tensors made one."""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable
from typing import Any

from ..exports import export
from ..graphs.apply import apply
from ..graphs.conversion import convert_to_tensor
from ..graphs.tensor import Tensor
from ..layers.layer import snake_case
from ..operations.clipping import l2_normalize
from ..operations.joining import concat
from .backend_functions import batch_dot
from .layer import Layer


class _Merge(Layer):
    """Several tensors made one."""

    def build(self, input_shape: Any) -> None:
        if not isinstance(input_shape, list | tuple) or len(input_shape) < 2:
            raise ValueError(
                "A merge layer should be called on a list of at least 2 inputs. Got "
                f"{len(input_shape) if isinstance(input_shape, list | tuple) else 1} inputs."
            )
        self.built = True


def _declare_merge(name: str, combine: Callable[[list[Any]], Any], means: str) -> None:
    def call(self: Any, inputs: Any) -> Any:
        return combine(list(inputs))

    made: Any = type(name, (_Merge,), {"call": call, "__doc__": f"{means} of several tensors of one shape."})
    export(f"keras.layers.{name}")(made)

    @export(f"keras.layers.{snake_case(name)}")
    def function(inputs: Any, **options: Any) -> Any:
        return made(**options)(inputs)

    function.__name__ = function.__qualname__ = snake_case(name)
    function.__doc__ = made.__doc__


def _folded(function: Callable[[Any, Any], Any]) -> Callable[[list[Any]], Any]:
    return lambda tensors: functools.reduce(function, tensors)


_declare_merge("Add", _folded(operator.add), "The sum")
_declare_merge("Multiply", _folded(operator.mul), "The product")
_declare_merge("Maximum", _folded(lambda x, y: apply("Maximum", [x, y])), "The largest elements")
_declare_merge("Minimum", _folded(lambda x, y: apply("Minimum", [x, y])), "The smallest elements")
_declare_merge("Average", lambda tensors: functools.reduce(operator.add, tensors) / len(tensors), "The mean")
_declare_merge("Subtract", _folded(operator.sub), "The difference")


@export("keras.layers.Concatenate")
class Concatenate(_Merge):
    """Several tensors one after another along an axis."""

    def __init__(self, axis: int = -1, **options: Any) -> None:
        super().__init__(**options)
        self.axis = axis

    def call(self, inputs: Any) -> Tensor:
        return concat(list(inputs), self.axis)


@export("keras.layers.concatenate")
def concatenate(inputs: Any, axis: int = -1, **options: Any) -> Tensor:
    """Several tensors one after another along an axis."""
    return Concatenate(axis, **options)(inputs)


@export("keras.layers.Dot")
class Dot(_Merge):
    """The product of two tensors over an axis of each, of which the first is the batch."""

    def __init__(self, axes: Any, normalize: bool = False, **options: Any) -> None:
        super().__init__(**options)
        self.axes = axes
        self.normalize = normalize

    def call(self, inputs: Any) -> Tensor:
        x, y = (convert_to_tensor(each) for each in inputs)
        if self.normalize:
            pair = (self.axes, self.axes) if isinstance(self.axes, int) else self.axes
            x, y = (l2_normalize(each, axis=axis) for each, axis in zip((x, y), pair, strict=True))
        return batch_dot(x, y, self.axes)


@export("keras.layers.dot")
def dot(inputs: Any, axes: Any, normalize: bool = False, **options: Any) -> Tensor:
    """The product of two tensors over an axis of each, of which the first is the batch; with `normalize` of vectors of
    length 1 along these axes."""
    return Dot(axes, normalize, **options)(inputs)
