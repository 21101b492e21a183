"""tf.assert_equal and its kin: what must hold of tensors, while the graph is built where that is told, or in runs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
from diptych.ir import Value

from ..exports import export
from ..graphs.apply import apply
from ..graphs.conversion import convert_to_tensor
from ..graphs.defaults import get_default_graph
from ..graphs.definitions import operation, shape_of_input
from ..graphs.dtypes import FLOATS, NUMBERS, DType, as_dtype, float32, int32
from ..graphs.errors import InvalidArgumentError
from ..graphs.operation import Operation
from ..graphs.probe import constant_value
from ..graphs.scopes import control_dependencies, name_scope
from ..graphs.shapes import Dims, TensorShape, as_shape, compatible, disagreement, merged, runtime_text
from ..graphs.site import Refusal, Site
from ..graphs.tensor import Tensor
from .arrays import identity, rank, shape, size
from .casting import abs as absolute
from .control import group, no_op
from .messages import Assert
from .reductions import reduced
from .slicing import slice_tensor

Data = Sequence[Any] | None


def _refuse_known(holds: bool, data: Sequence[Any]) -> None:
    """Raises InvalidArgumentError where a condition is known to be broken while the graph is built."""
    if not holds:
        parts = (constant_value(each) if isinstance(each, Tensor) else each for each in data)
        raise InvalidArgumentError(None, None, "\n".join("?" if part is None else str(part) for part in parts))


_COMPARISONS: dict[str, tuple[str, str, Callable[..., Any]]] = {
    "assert_equal": ("==", "Equal", np.equal),
    "assert_none_equal": ("!=", "NotEqual", np.not_equal),
    "assert_less": ("<", "Less", np.less),
    "assert_less_equal": ("<=", "LessEqual", np.less_equal),
    "assert_greater": (">", "Greater", np.greater),
    "assert_greater_equal": (">=", "GreaterEqual", np.greater_equal),
}


def _compared(
    kind: str, x: Any, y: Any, data: Data, summarize: int | None, message: str | None, name: str | None
) -> Operation:
    sign, type, compare = _COMPARISONS[kind]
    with name_scope(name, kind, [x, y, *(data or [])]):
        x = convert_to_tensor(x, name="x")
        y = convert_to_tensor(y, name="y", dtype_hint=x.dtype.base_dtype)
        said: list[Any] = list(data) if data is not None else [
            f"Condition x {sign} y did not hold element-wise:", f"x ({x.name}) = ", x, f"y ({y.name}) = ", y,
        ]  # fmt: skip
        if message is not None:
            said = [message, *said]
        condition = reduced("All", apply(type, [x, y]), None, False, None)
        known = [constant_value(each) for each in (x, y)]
        if known[0] is not None and known[1] is not None:
            _refuse_known(bool(np.all(compare(*known))), said)
        return Assert(condition, said, summarize=summarize)


def _declare_comparison(kind: str) -> Callable[..., Operation]:
    @export(kind, f"debugging.{kind}")
    def function(
        x: Any, y: Any, data: Data = None, summarize: int | None = None, message: str | None = None,
        name: str | None = None,
    ) -> Operation:  # fmt: skip
        if kind == "assert_equal" and x is y:
            with name_scope(name, kind, [x, y]):
                return no_op()
        return _compared(kind, x, y, data, summarize, message, name)

    function.__name__ = function.__qualname__ = kind
    function.__doc__ = f"An operation that raises InvalidArgumentError unless x {_COMPARISONS[kind][0]} y everywhere."
    return function


assert_equal = _declare_comparison("assert_equal")
assert_none_equal = _declare_comparison("assert_none_equal")
assert_less = _declare_comparison("assert_less")
assert_less_equal = _declare_comparison("assert_less_equal")
assert_greater = _declare_comparison("assert_greater")
assert_greater_equal = _declare_comparison("assert_greater_equal")

_SIGNS = {
    "assert_positive": (">", "assert_less", True),
    "assert_negative": ("<", "assert_less", False),
    "assert_non_negative": (">=", "assert_less_equal", True),
    "assert_non_positive": ("<=", "assert_less_equal", False),
}


def _declare_sign(kind: str) -> Callable[..., Operation]:
    sign, comparison, zero_first = _SIGNS[kind]

    @export(kind, f"debugging.{kind}")
    def function(
        x: Any, data: Data = None, summarize: int | None = None, message: str | None = None, name: str | None = None
    ) -> Operation:
        with name_scope(name, kind, [x, *(data or [])]):
            x = convert_to_tensor(x, name="x")
            said = data or [
                message or "", f"Condition x {sign} 0 did not hold element-wise:", f"x ({x.name}) = ", x
            ]  # fmt: skip
            zero = convert_to_tensor(0, dtype=x.dtype.base_dtype)
            left, right = (zero, x) if zero_first else (x, zero)
            return _compared(comparison, left, right, said, summarize, None, None)

    function.__name__ = function.__qualname__ = kind
    function.__doc__ = f"An operation that raises InvalidArgumentError unless x {sign} 0 everywhere."
    return function


assert_positive = _declare_sign("assert_positive")
assert_negative = _declare_sign("assert_negative")
assert_non_negative = _declare_sign("assert_non_negative")
assert_non_positive = _declare_sign("assert_non_positive")


@export("assert_near", "debugging.assert_near")
def assert_near(
    x: Any, y: Any, rtol: Any = None, atol: Any = None, data: Data = None, summarize: int | None = None,
    message: str | None = None, name: str | None = None,
) -> Operation:  # fmt: skip
    """An operation that raises InvalidArgumentError unless |x - y| < atol + rtol |y| everywhere; both are 10 times the
    precision of the type by default."""
    with name_scope(name, "assert_near", [x, y, *(data or [])]):
        x = convert_to_tensor(x, name="x")
        y = convert_to_tensor(y, name="y", dtype=x.dtype.base_dtype)
        eps = 10 * np.finfo(x.dtype.as_numpy_dtype).eps
        relative, absolute_bound = (
            convert_to_tensor(eps if bound is None else bound, name=label, dtype=x.dtype.base_dtype)
            for bound, label in ((rtol, "rtol"), (atol, "atol"))
        )
        said = data or [
            message or "", f"x and y not equal to tolerance rtol = {relative}, atol = {absolute_bound}",
            f"x ({x.name}) = ", x, f"y ({y.name}) = ", y,
        ]  # fmt: skip
        bound = absolute_bound + relative * absolute(y)
        near = reduced("All", apply("Less", [absolute(x - y), bound]), None, False, None)
        return Assert(near, said, summarize=summarize)


# -- ranks, types, shapes ----


def _ranked(
    kind: str, x: Any, ranks: Sequence[Any], data: Data, summarize: int | None, message: str | None, name: str | None,
    fits: Callable[[int, Sequence[int]], bool], words: str, listed: bool,
) -> Operation:  # fmt: skip
    """A check of x's rank against `ranks`, of which there is one unless `listed`."""
    with name_scope(name, kind, [x, *(data or [])]):
        x = convert_to_tensor(x, name="x")
        tensors = [convert_to_tensor(each, name="rank") for each in ranks]
        for each in tensors:
            if each.dtype.base_dtype is not int32:
                raise TypeError(f"  {each.name} must be of type {int32}")
        known = [constant_value(each) for each in tensors]
        if any(each is not None and each.ndim for each in known):
            raise ValueError("Rank must be a scalar.")
        found = x.shape.ndims
        if found is not None and None not in known:
            wanted = tuple(int(each) for each in known if each is not None)
            if not fits(found, wanted):
                said = wanted if listed else wanted[0]
                raise ValueError(
                    f"{message or ''}.  Tensor {x.name} must have rank {words}{said}.  Received rank {found}, "
                    f"shape {x.shape}"
                )
            return no_op(name="static_checks_determined_all_ok")
        actual = rank(x)
        if kind == "assert_rank_at_least":
            condition = apply("GreaterEqual", [actual, tensors[0]])
        else:
            condition = apply("Equal", [tensors[0], actual])
            for each in tensors[1:]:
                condition = apply("LogicalOr", [condition, apply("Equal", [each, actual])])
        said = data or [
            message or "", f"Tensor {x.name} must have rank {words.strip()}".rstrip(), *tensors, "Received shape: ",
            shape(x),
        ]  # fmt: skip
        return Assert(condition, said, summarize=summarize)


@export("assert_rank", "debugging.assert_rank")
def assert_rank(
    x: Any, rank: Any, data: Data = None, summarize: int | None = None, message: str | None = None,
    name: str | None = None,
) -> Operation:  # fmt: skip
    """An operation that checks x's rank; ValueError where the rank is known to be another."""
    return _ranked(
        "assert_rank", x, [rank], data, summarize, message, name, lambda found, given: found == given[0], "", False
    )


@export("assert_rank_at_least", "debugging.assert_rank_at_least")
def assert_rank_at_least(
    x: Any, rank: Any, data: Data = None, summarize: int | None = None, message: str | None = None,
    name: str | None = None,
) -> Operation:  # fmt: skip
    """An operation that checks that x has at least `rank` axes; ValueError where it is known to have fewer."""
    return _ranked(
        "assert_rank_at_least", x, [rank], data, summarize, message, name, lambda found, given: found >= given[0],
        "at least ", False,
    )  # fmt: skip


@export("assert_rank_in", "debugging.assert_rank_in")
def assert_rank_in(
    x: Any, ranks: Any, data: Data = None, summarize: int | None = None, message: str | None = None,
    name: str | None = None,
) -> Operation:  # fmt: skip
    """An operation that checks that x's rank is one of `ranks`; ValueError where it is known to be another."""
    return _ranked(
        "assert_rank_in", x, list(ranks), data, summarize, message, name, lambda found, given: found in given, "in ",
        True,
    )  # fmt: skip


@export("assert_scalar", "debugging.assert_scalar")
def assert_scalar(tensor: Any, name: str | None = None, message: str | None = None) -> Tensor:
    """The tensor. Raises ValueError where it is not known to be a scalar."""
    with name_scope(name, "assert_scalar", [tensor]) as scope:
        tensor = convert_to_tensor(tensor, name=scope)
        if tensor.shape.ndims != 0:
            raise ValueError(f"{message or ''}Expected scalar shape for {tensor.name}, saw shape: {tensor.shape}.")
        return tensor


@export("assert_integer", "debugging.assert_integer")
def assert_integer(x: Any, message: str | None = None, name: str | None = None) -> Operation:
    """An operation that does nothing. Raises TypeError where x has no integers."""
    with name_scope(name, "assert_integer", [x]):
        x = convert_to_tensor(x, name="x")
        if not x.dtype.is_integer:
            raise TypeError(f'{message or ""}  Expected "x" to be integer type.  Found: {x.name} of dtype {x.dtype}')
        return no_op("statically_determined_was_integer")


@export("assert_type", "debugging.assert_type")
def assert_type(tensor: Any, tf_type: Any, message: str | None = None, name: str | None = None) -> Operation:
    """An operation that does nothing. Raises TypeError where `tensor` has another dtype."""
    with name_scope(name, "assert_type", [tensor]):
        tensor = convert_to_tensor(tensor, name="tensor")
        if tensor.dtype != tf_type:
            raise TypeError(f"{message or ''}  {tensor.name} must be of type {tf_type}")
        return no_op("statically_determined_correct_type")


@export("assert_same_float_dtype", "debugging.assert_same_float_dtype")
def assert_same_float_dtype(tensors: Any = None, dtype: Any = None) -> DType:
    """The float dtype that all tensors have, or `dtype`, float32 by default. Raises ValueError where they differ."""
    wanted = None if dtype is None else as_dtype(dtype)
    first: Any = None
    for tensor in tensors or ():
        if tensor is None:
            continue
        found = tensor.dtype.base_dtype
        if wanted is None:
            wanted, first = found, tensor
        elif wanted is not found:
            like = "" if first is None else f" as {first.name}"
            raise ValueError(f"{tensor.name}, type={found}, must be of the same type ({wanted}){like}.")
    if wanted is not None and not wanted.is_floating:
        raise ValueError(f"Expected floating point type, got {wanted}.")
    return wanted or float32


@export("assert_proper_iterable", "debugging.assert_proper_iterable")
def assert_proper_iterable(values: Any) -> None:
    """Raises TypeError for what is one thing that happens to be iterable: a tensor, an array, text."""
    if isinstance(values, Tensor | np.ndarray | str | bytes):
        raise TypeError(f'Expected argument "values" to be a "proper" iterable.  Found: {type(values)}')
    if not isinstance(values, Iterable):
        raise TypeError(f'Expected argument "values" to be iterable.  Found: {type(values)}')


@export("is_numeric_tensor", "debugging.is_numeric_tensor")
def is_numeric_tensor(tensor: Any) -> bool:
    """Whether it is a tensor of numbers."""
    return isinstance(tensor, Tensor) and tensor.dtype.base_dtype in NUMBERS


def _ensured(inputs: Sequence[Tensor], *, shape: TensorShape) -> list[Dims | None]:
    found = inputs[0]._dims
    if not compatible(found, shape.known):
        raise Refusal(disagreement(found or (), shape.known or ()))
    return [found if shape.known is None else merged(found, shape.known)]


@operation("EnsureShape", "input: T -> T", shape=_ensured)
def lower_ensure_shape(at: Site, x: Value, *, shape: TensorShape) -> Value:
    """x, whose shape must fit."""
    if not compatible(shape.known, x.shape):
        texts = runtime_text(x.shape), runtime_text(shape.known)
        raise Refusal(f"Shape of tensor {{name}} {texts[0]} is not compatible with expected shape {texts[1]}.")
    return x


@export("ensure_shape")
def ensure_shape(x: Any, shape: Any, name: str | None = None) -> Tensor:
    """x, with the static shape merged with `shape`. A run raises InvalidArgumentError where it has another."""
    return apply("EnsureShape", [x], name=name, shape=as_shape(shape))


# -- numbers that are none ----


@operation("CheckNumerics", "tensor: T -> T", T=FLOATS, shape=shape_of_input)
def lower_check_numerics(at: Site, x: Value, *, message: str) -> Value:
    """x; a run raises InvalidArgumentError where an element is inf or nan."""
    b = at.b
    axes = range(x.rank)
    fixed = b.stop_gradient(x)
    has_nan = b.reduce_or(b.ne(fixed, fixed), axes=axes)
    whole = b.reduce_and(b.bitwise_or(b.is_finite(fixed), b.ne(fixed, fixed)), axes=axes)
    at.check(b.bitwise_or(b.bitwise_not(has_nan), b.bitwise_not(whole)), f"{message} : Tensor had NaN values")
    at.check(b.bitwise_or(whole, has_nan), f"{message} : Tensor had Inf values")
    both = b.bitwise_and(has_nan, b.bitwise_not(whole))
    at.check(b.bitwise_not(both), f"{message} : Tensor had Inf and NaN values")
    return b.identity(x)


@export("check_numerics", "debugging.check_numerics")
def check_numerics(tensor: Any, message: str, name: str | None = None) -> Tensor:
    """`tensor`; a run raises InvalidArgumentError with `message` where an element is inf or nan."""
    return apply("CheckNumerics", [tensor], name=name, message=message)


@export("verify_tensor_all_finite", "debugging.assert_all_finite")
def verify_tensor_all_finite(
    t: Any = None, msg: str | None = None, name: str | None = None, x: Any = None, message: str | None = None
) -> Tensor:
    """The tensor; a run raises InvalidArgumentError with the message where an element is inf or nan."""
    given = x if t is None else t
    with name_scope(name, "VerifyFinite", [given]):
        tensor = convert_to_tensor(given, name="x")
        with control_dependencies([check_numerics(tensor, message=message or msg or "")]):
            return identity(tensor)


@export("add_check_numerics_ops")
def add_check_numerics_ops() -> Operation:
    """An operation that raises InvalidArgumentError where a floating tensor of the default graph is inf or nan, and
    names it; what is computed first is checked first. Raises ValueError for a graph with conditions or loops."""
    checks: list[Any] = []
    for each in get_default_graph().get_operations():
        for output in each.outputs:
            if output.dtype.base_dtype not in FLOATS:
                continue
            if each.context is not None:
                raise ValueError(
                    "`tf.add_check_numerics_ops() is not compatible with TensorFlow control flow operations such as "
                    "`tf.cond()` or `tf.while_loop()`."
                )
            with control_dependencies(checks):
                checks = [check_numerics(output, message=f"{each.name}:{output.value_index}")]
    return group(*checks)


def _differences(x: Any) -> Tensor:
    x = apply("Reshape", [convert_to_tensor(x), [-1]])
    if not is_numeric_tensor(x):
        raise TypeError(f"Expected x to be numeric, instead found: {x}")
    count = apply("Maximum", [size(x), 1])
    return slice_tensor(x, slice(1, count)) - slice_tensor(x, slice(0, count - 1))


@export("is_strictly_increasing", "math.is_strictly_increasing", "debugging.is_strictly_increasing")
def is_strictly_increasing(x: Any, name: str | None = None) -> Tensor:
    """Whether every element of x is larger than the one before it."""
    with name_scope(name, "is_strictly_increasing", [x]):
        gaps = _differences(x)
        return reduced("All", gaps > convert_to_tensor(0, dtype=gaps.dtype), None, False, None)


@export("is_non_decreasing", "math.is_non_decreasing", "debugging.is_non_decreasing")
def is_non_decreasing(x: Any, name: str | None = None) -> Tensor:
    """Whether no element of x is smaller than the one before it."""
    with name_scope(name, "is_non_decreasing", [x]):
        gaps = _differences(x)
        return reduced("All", gaps >= convert_to_tensor(0, dtype=gaps.dtype), None, False, None)
