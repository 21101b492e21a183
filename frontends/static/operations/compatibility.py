"""tf.compat, switches of TensorFlow's that change nothing here, and what is known of tensors while a graph is built."""

from __future__ import annotations

import datetime
import numbers
import os
import time
from typing import Any

import numpy as np

from ..exports import export
from ..graphs.apply import apply
from ..graphs.conversion import convert_to_tensor
from ..graphs.definitions import operation, shape_of_input
from ..graphs.dtypes import float64
from ..graphs.probe import constant_value
from ..graphs.shapes import Dimension, TensorShape
from ..graphs.site import Site
from ..graphs.switches import switches
from ..graphs.tensor import Tensor
from .python_functions import py_func

export("compat.bytes_or_text_types")((bytes, str))
export("compat.integral_types")((numbers.Integral, np.integer))
export("compat.real_types")((numbers.Real, np.integer, np.floating))
export("compat.complex_types")((numbers.Complex, np.number))
export("GIT_VERSION")("v1.15.0")
export("COMPILER_VERSION")("none")
export("GRAPH_DEF_VERSION")(134)
export("GRAPH_DEF_VERSION_MIN_CONSUMER")(0)
export("GRAPH_DEF_VERSION_MIN_PRODUCER")(0)


@export("compat.as_bytes")
def as_bytes(bytes_or_text: Any, encoding: str = "utf-8") -> bytes:
    """Text as bytes; bytes themselves. Raises TypeError for others."""
    if isinstance(bytes_or_text, str):
        return bytes_or_text.encode(encoding)
    if isinstance(bytes_or_text, bytes | bytearray):
        return bytes(bytes_or_text)
    raise TypeError(f"Expected binary or unicode string, got {bytes_or_text!r}")


@export("compat.as_text", "compat.as_str")
def as_text(bytes_or_text: Any, encoding: str = "utf-8") -> str:
    """Bytes as text; text itself. Raises TypeError for others."""
    if isinstance(bytes_or_text, str):
        return bytes_or_text
    if isinstance(bytes_or_text, bytes):
        return bytes_or_text.decode(encoding)
    raise TypeError(f"Expected binary or unicode string, got {bytes_or_text!r}")


@export("compat.as_str_any")
def as_str_any(value: Any) -> str:
    """Bytes as text, and anything else as Python writes it."""
    return as_text(value) if isinstance(value, bytes) else str(value)


@export("compat.path_to_str")
def path_to_str(path: Any) -> Any:
    """A path as text, others themselves."""
    return as_str_any(os.fspath(path)) if hasattr(path, "__fspath__") else path


@export("dimension_value", "compat.dimension_value")
def dimension_value(dimension: Any) -> Any:
    """The size of a Dimension, None where it is not known; others themselves."""
    return dimension.value if isinstance(dimension, Dimension) else dimension


@export("dimension_at_index", "compat.dimension_at_index")
def dimension_at_index(shape: TensorShape, index: int) -> Dimension:
    """The dimension at an index, an unknown one where the rank is not known."""
    return Dimension(None) if shape.ndims is None else shape.dims[index]


@export("compat.forward_compatible")
def forward_compatible(year: int, month: int, day: int) -> bool:
    """Whether TensorFlow 1.15 is newer than a date."""
    return datetime.date(2019, 8, 21) > datetime.date(year, month, day)


@export("executing_eagerly", "executing_eagerly_outside_functions")
def executing_eagerly() -> bool:
    """False: this is the static graph."""
    return False


@export("control_flow_v2_enabled")
def control_flow_v2_enabled() -> bool:
    """False."""
    return False


@export("resource_variables_enabled")
def resource_variables_enabled() -> bool:
    """Whether variables are made as with `use_resource`, where nothing else is said."""
    return switches.resource_variables


@export("enable_resource_variables")
def enable_resource_variables() -> None:
    """Makes variables from now on as with `use_resource`."""
    switches.resource_variables = True


@export("disable_resource_variables", "disable_v2_behavior")
def disable_resource_variables() -> None:
    """Makes variables from now on as without `use_resource`."""
    switches.resource_variables = False


def _declare_switch(name: str) -> None:
    @export(name)
    def function() -> None:
        pass

    function.__name__ = function.__qualname__ = name
    function.__doc__ = "Accepted: graphs behave as TensorFlow 1's do."


for _name in (
    "disable_eager_execution", "disable_control_flow_v2", "disable_tensor_equality", "disable_v2_tensorshape",
):  # fmt: skip
    _declare_switch(_name)


@export("get_static_value")
def get_static_value(tensor: Any, partial: bool = False) -> Any:
    """The elements of a tensor that are known while the graph is built; None where they are not."""
    if isinstance(tensor, np.ndarray) or tensor is None:
        return tensor
    return constant_value(convert_to_tensor(tensor))


@export("contrib.util.constant_value")
def known_elements(tensor: Any, partial: bool = False) -> Any:
    """The elements of a tensor that are known while the graph is built; None where they are not. Raises TypeError for
    what is no tensor."""
    if not isinstance(tensor, Tensor):
        raise TypeError(f"{tensor!r} is not a Tensor, has type {type(tensor)}")
    return constant_value(tensor)


@operation("GuaranteeConst", "input: T -> T", shape=shape_of_input, blocks=True)
def lower_guarantee(at: Site, x: Any) -> Any:
    """x."""
    return x


@export("guarantee_const")
def guarantee_const(input: Any, name: str | None = None) -> Tensor:
    """`input`, which the caller promises never changes."""
    return apply("GuaranteeConst", [input], name=name)


@export("timestamp")
def timestamp(name: str | None = None) -> Tensor:
    """The seconds since 1970 when the graph runs."""
    found = py_func(lambda: np.float64(time.time()), [], float64, name=name or "Timestamp")
    found.set_shape(())
    return found
