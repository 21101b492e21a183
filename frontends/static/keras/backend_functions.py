"""tf.keras.backend: functions of tensors. Many are tf's own, under keras's names."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..exports import NAMES, export
from ..graphs.conversion import constant as tensor_of
from ..graphs.conversion import convert_to_tensor
from ..graphs.dtypes import as_dtype
from ..graphs.tensor import Tensor
from ..layers.core import chosen
from ..operations import arrays, casting, cumulative, joining, ranges, reductions, selection
from ..operations import elementwise as _elementwise  # noqa: F401 - it declares names
from ..operations import gradients as differentiation
from ..operations import neural as _neural  # noqa: F401 - it declares names
from ..operations import random as drawn
from ..operations.clipping import l2_normalize as normalized
from ..operations.conditions import cond
from ..operations.dropout import dropout as dropped
from ..operations.gathering import gather as gathered
from ..operations.matrices import eye as identity_matrix
from ..operations.products import matmul
from ..operations.rearranging import repeat
from ..operations.rearranging import reverse as reversed_along
from ..operations.statistics import reduce_std, reduce_variance
from ..variables.state import assign, assign_add, assign_sub
from . import activations, losses, settings
from .backend import int_shape, learning_phase, variable

# elementwise declares its functions by a table of its own
_ELEMENTWISE = (
    "cos", "equal", "exp", "greater", "greater_equal", "less", "less_equal", "log", "maximum", "minimum", "not_equal",
    "pow", "sigmoid", "sign", "sin", "sqrt", "square", "tanh",
)  # fmt: skip
_SAME = {
    **{name: NAMES[name] for name in _ELEMENTWISE}, "abs": casting.abs, "cast": casting.cast,
    "clip": selection.clip_by_value, "cumprod": cumulative.cumprod, "cumsum": cumulative.cumsum, "dot": matmul,
    "elu": activations.elu, "expand_dims": arrays.expand_dims, "one_hot": ranges.one_hot,
    "ones_like": ranges.ones_like, "permute_dimensions": arrays.transpose, "relu": activations.relu,
    "reverse": reversed_along, "round": casting.round, "shape": arrays.shape, "softmax": activations.softmax,
    "softplus": NAMES["nn.softplus"], "softsign": NAMES["nn.softsign"], "squeeze": arrays.squeeze,
    "stack": joining.stack, "tile": joining.tile, "transpose": arrays.transpose, "update": assign,
    "update_add": assign_add, "update_sub": assign_sub, "zeros_like": ranges.zeros_like,
}  # fmt: skip
for _name, _function in _SAME.items():
    export(f"keras.backend.{_name}")(_function)


def _declare_reduction(name: str, compute: Callable[..., Any]) -> None:
    def reduction(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
        return compute(x, axis=axis, keepdims=keepdims)

    reduction.__name__ = reduction.__qualname__ = name
    reduction.__doc__ = f"tf.{compute.__name__}."
    export(f"keras.backend.{name}")(reduction)


for _name in ("sum", "max", "min", "prod", "any", "all", "logsumexp"):
    _declare_reduction(_name, NAMES[f"reduce_{_name}"])
_declare_reduction("std", reduce_std)
_declare_reduction("var", reduce_variance)


@export("keras.backend.mean")
def mean(x: Any, axis: Any = None, keepdims: bool = False) -> Tensor:
    """The mean, of bools how many are true."""
    x = convert_to_tensor(x)
    if x.dtype.base_dtype.is_bool:
        x = casting.cast(x, settings.floatx())
    return reductions.reduced("Mean", x, axis, keepdims, None)


@export("keras.backend.argmax")
def argmax(x: Any, axis: int = -1) -> Tensor:
    """The place of the largest element along an axis."""
    return reductions.argmax(x, axis)


@export("keras.backend.argmin")
def argmin(x: Any, axis: int = -1) -> Tensor:
    """The place of the smallest element along an axis."""
    return reductions.argmin(x, axis)


@export("keras.backend.arange")
def arange(start: Any, stop: Any = None, step: Any = 1, dtype: str = "int32") -> Tensor:
    """The numbers from start, or from 0, to before stop."""
    if stop is None and start < 0:
        start = 0
    made = ranges.range(start, limit=stop, delta=step, name="arange")
    return made if dtype == "int32" else casting.cast(made, dtype)


@export("keras.backend.reshape")
def reshape(x: Any, shape: Any) -> Tensor:
    """tf.reshape."""
    return arrays.reshape(x, shape)


@export("keras.backend.flatten")
def flatten(x: Any) -> Tensor:
    """All elements in one row."""
    return arrays.reshape(x, [-1])


@export("keras.backend.batch_flatten")
def batch_flatten(x: Any) -> Tensor:
    """[batch, all other axes made one]."""
    x = convert_to_tensor(x)
    known = int_shape(x)[1:]
    width = -1 if None in known else int(np.prod(known, dtype=int))
    return arrays.reshape(x, [-1, width] if width != -1 else [arrays.shape(x)[0], -1])


@export("keras.backend.concatenate")
def concatenate(tensors: Sequence[Any], axis: int = -1) -> Tensor:
    """Tensors one after another along an axis."""
    return joining.concat(list(tensors), axis)


@export("keras.backend.repeat_elements")
def repeat_elements(x: Any, rep: int, axis: int) -> Tensor:
    """Each element several times along an axis."""
    return repeat(x, rep, axis=axis)


@export("keras.backend.gather")
def gather(reference: Any, indices: Any) -> Tensor:
    """The elements of integers along the first axis."""
    return gathered(reference, indices)


@export("keras.backend.l2_normalize")
def l2_normalize(x: Any, axis: Any = None) -> Tensor:
    """Of length 1 along an axis."""
    return normalized(x, axis=axis)


@export("keras.backend.batch_dot")
def batch_dot(x: Any, y: Any, axes: Any = None) -> Tensor:
    """The products of two tensors [batch, ...] of 2 or 3 axes over an axis of each; [batch, 1] where nothing else is
    left."""
    x, y = convert_to_tensor(x), convert_to_tensor(y)
    ranks = x.shape.ndims, y.shape.ndims
    pair = (ranks[0] - 1, max(ranks[1] - 2, 1)) if axes is None else (axes, axes) if isinstance(axes, int) else axes
    left, right = (axis % rank for axis, rank in zip(pair, ranks, strict=True))
    x = arrays.expand_dims(x, 1) if ranks[0] == 2 else x if left == 2 else arrays.transpose(x, [0, 2, 1])
    y = arrays.expand_dims(y, 2) if ranks[1] == 2 else y if right == 1 else arrays.transpose(y, [0, 2, 1])
    found = matmul(x, y)
    if ranks == (2, 2):
        return arrays.squeeze(found, [2])
    return arrays.squeeze(found, [1]) if ranks[0] == 2 else arrays.squeeze(found, [2]) if ranks[1] == 2 else found


@export("keras.backend.gradients")
def gradients(loss: Any, variables: Any) -> list[Any]:
    """tf.gradients."""
    return differentiation.gradients(loss, variables)


@export("keras.backend.stop_gradient")
def stop_gradient(variables: Any) -> Any:
    """tf.stop_gradient, of one tensor or of several."""
    if isinstance(variables, list | tuple):
        return [arrays.stop_gradient(each) for each in variables]
    return arrays.stop_gradient(variables)


@export("keras.backend.dropout")
def dropout(x: Any, level: float, noise_shape: Any = None, seed: int | None = None) -> Tensor:
    """Each element zero with probability `level`."""
    return dropped(x, rate=level, noise_shape=noise_shape, seed=seed)


# -- which of two ----


@export("keras.backend.switch")
def switch(condition: Any, then_expression: Any, else_expression: Any) -> Any:
    """One of two tensors, or of what two functions make; element by element where the condition has axes."""
    condition = casting.cast(condition, "bool")
    if condition.shape.ndims:
        then, other = (each() if callable(each) else each for each in (then_expression, else_expression))
        for _ in range(convert_to_tensor(then).shape.ndims - condition.shape.ndims):
            condition = arrays.expand_dims(condition, -1)
        where: Any = NAMES["where_v2"]
        return where(condition, then, other)
    return cond(
        condition, *(each if callable(each) else lambda each=each: arrays.identity(each)
                     for each in (then_expression, else_expression))
    )  # fmt: skip


@export("keras.backend.in_train_phase")
def in_train_phase(x: Any, alt: Any, training: Any = None) -> Any:
    """`x` while it learns, `alt` otherwise: tensors, or functions that make them."""
    makers = (each if callable(each) else lambda each=each: arrays.identity(each) for each in (x, alt))
    return chosen(learning_phase() if training is None else training, *makers)


@export("keras.backend.in_test_phase")
def in_test_phase(x: Any, alt: Any, training: Any = None) -> Any:
    """`alt` while it learns, `x` otherwise."""
    return in_train_phase(alt, x, training)


# -- what is new ----


@export("keras.backend.constant")
def constant(value: Any, dtype: Any = None, shape: Any = None, name: str | None = None) -> Tensor:
    """A tensor of a value."""
    return tensor_of(value, dtype=as_dtype(dtype or settings.floatx()), shape=shape, name=name or "Const")


def _declare_filled(name: str, make: Callable[..., Any]) -> None:
    @export(f"keras.backend.{name}")
    def filled(shape: Any, dtype: Any = None, name: str | None = None) -> Any:
        return variable(make(shape, as_dtype(dtype or settings.floatx())), dtype, name)

    filled.__name__ = filled.__qualname__ = name
    filled.__doc__ = f"A variable of {name}."


_declare_filled("zeros", ranges.zeros)
_declare_filled("ones", ranges.ones)


@export("keras.backend.eye")
def eye(size: int, dtype: Any = None, name: str | None = None) -> Any:
    """A variable of the identity matrix."""
    return variable(identity_matrix(size, dtype=as_dtype(dtype or settings.floatx())), dtype, name)


@export("keras.backend.random_normal")
def random_normal(
    shape: Any, mean: float = 0.0, stddev: float = 1.0, dtype: Any = None, seed: int | None = None
) -> Tensor:
    """tf.random_normal."""
    return drawn.random_normal(shape, mean, stddev, as_dtype(dtype or settings.floatx()), seed=seed)


@export("keras.backend.truncated_normal")
def truncated_normal(
    shape: Any, mean: float = 0.0, stddev: float = 1.0, dtype: Any = None, seed: int | None = None
) -> Tensor:
    """tf.truncated_normal."""
    return drawn.truncated_normal(shape, mean, stddev, as_dtype(dtype or settings.floatx()), seed=seed)


@export("keras.backend.random_uniform")
def random_uniform(
    shape: Any, minval: float = 0.0, maxval: float = 1.0, dtype: Any = None, seed: int | None = None
) -> Tensor:
    """tf.random_uniform."""
    return drawn.random_uniform(shape, minval, maxval, as_dtype(dtype or settings.floatx()), seed=seed)


# -- losses ----


@export("keras.backend.categorical_crossentropy")
def categorical_crossentropy(target: Any, output: Any, from_logits: bool = False, axis: int = -1) -> Tensor:
    """The loss, with targets and predictions by other names. Raises ValueError for another axis than the last."""
    return losses.categorical_crossentropy(target, _last(output, axis), from_logits)


@export("keras.backend.sparse_categorical_crossentropy")
def sparse_categorical_crossentropy(target: Any, output: Any, from_logits: bool = False, axis: int = -1) -> Tensor:
    """The loss, with targets and predictions by other names. Raises ValueError for another axis than the last."""
    return losses.sparse_categorical_crossentropy(target, _last(output, axis), from_logits)


def _last(output: Any, axis: int) -> Tensor:
    output = convert_to_tensor(output)
    if axis not in (-1, output.shape.ndims - 1):
        raise ValueError(f"tf.keras.backend: axis is {axis} but must be the last one")
    return output
