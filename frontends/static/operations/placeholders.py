"""tf.placeholder: tensors whose values a run is given."""

from __future__ import annotations

from typing import Any

from diptych.ir import Value

from ..exports import export
from ..graphs.apply import apply
from ..graphs.defaults import get_default_graph
from ..graphs.definitions import definition_of, operation
from ..graphs.dtypes import RUNTIME_NAMES, DType, as_dtype
from ..graphs.errors import InvalidArgumentError
from ..graphs.operation import Operation
from ..graphs.shapes import TensorShape, as_shape, compatible, disagreement, runtime_text
from ..graphs.site import Refusal, Site
from ..graphs.tensor import Tensor


@operation("Placeholder", "-> dtype", takes_tensors=True)
def lower_placeholder(at: Site, made: Operation, *, dtype: DType, shape: TensorShape) -> Any:
    """A placeholder that is reached was not fed."""
    name = RUNTIME_NAMES.get(dtype.name, dtype.name)
    where = "" if shape.known is None else f" and shape {runtime_text(shape.known)}"
    message = f"You must feed a value for placeholder tensor '{made.name}' with dtype {name}{where}"
    raise InvalidArgumentError(made.node_def, made, message)


@export("placeholder")
def placeholder(dtype: Any, shape: Any = None, name: str | None = None) -> Tensor:
    """A tensor that every run which needs it must feed. Sizes of `shape` may be None, and so may `shape`."""
    try:
        known = as_shape(shape)
    except (TypeError, ValueError) as error:
        raise type(error)(f"Error converting shape to a TensorShape: {error}.") from None
    element = as_dtype(dtype).base_dtype
    made = get_default_graph().create_operation(
        definition_of("Placeholder"), (), {"dtype": element, "shape": known}, [(element, known.known)],
        name or "Placeholder",
    )  # fmt: skip
    return made.outputs[0]


def _default_shape(inputs: Any, *, shape: TensorShape) -> list[Any]:
    given = inputs[0]._dims
    if not compatible(given, shape.known):
        raise Refusal(disagreement(given or (), shape.known or ()))
    return [shape.known]


@operation("PlaceholderWithDefault", "input: T -> T", shape=_default_shape)
def lower_default(at: Site, x: Value, *, shape: TensorShape) -> Value:
    """The default, in a run that does not feed the tensor."""
    if not compatible(x.shape, shape.known):
        raise Refusal(disagreement(x.shape, shape.known or ()))
    return x


@export("placeholder_with_default")
def placeholder_with_default(input: Any, shape: Any, name: str | None = None) -> Tensor:
    """`input`, unless a run feeds this tensor another value of `shape`."""
    return apply("PlaceholderWithDefault", [input], name=name, shape=as_shape(shape))
