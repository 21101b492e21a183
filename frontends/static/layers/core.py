"""tf.layers.dense, flatten and dropout."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..exports import export
from ..graphs.conversion import convert_to_tensor
from ..graphs.dtypes import as_dtype
from ..graphs.probe import constant_value
from ..graphs.scopes import name_scope
from ..graphs.shapes import TensorShape, as_shape
from ..graphs.tensor import Tensor
from ..operations.arrays import identity, reshape, shape, transpose
from ..operations.casting import cast
from ..operations.conditions import cond
from ..operations.dropout import dropout as dropped
from ..operations.joining import concat
from ..operations.neural import bias_add
from ..operations.products import matmul
from ..variables.initializers import ZEROS
from .layer import InputSpec, Layer, activation_of

Initializer = Any
Function = Callable[..., Any] | str | None


@export("contrib.framework.smart_cond", "contrib.layers.utils.smart_cond", "python.layers.utils.smart_cond")
def chosen(pred: Any, true_fn: Callable[[], Any], false_fn: Callable[[], Any], name: str | None = None) -> Any:
    """The result of one of two functions: at once where `pred` is known, else by tf.cond. Raises TypeError."""
    for what, function in (("true_fn", true_fn), ("false_fn", false_fn)):
        if not callable(function):
            raise TypeError(f"`{what}` must be callable.")
    known = known_truth(pred)
    if known is None:
        return cond(pred, true_fn, false_fn, name=name)
    return true_fn() if known else false_fn()


def known_truth(pred: Any) -> bool | None:
    """What a bool, 0, 1 or a tensor of known value says; None where only a run tells. Raises TypeError."""
    if isinstance(pred, bool | np.bool_) or pred in (0, 1):
        return bool(pred)
    if hasattr(pred, "_as_graph_tensor"):
        return None
    if not isinstance(pred, Tensor):
        raise TypeError(f"`pred` must be a Tensor, or a Python bool, or 1 or 0. Found instead: {pred}")
    found = constant_value(pred)
    return None if found is None else bool(found)


@export("layers.Dense")
class Dense(Layer):
    """activation(inputs @ kernel + bias), over the last axis."""

    def __init__(
        self, units: Any, activation: Function = None, use_bias: bool = True, kernel_initializer: Initializer = None,
        bias_initializer: Initializer = ZEROS, kernel_regularizer: Any = None, bias_regularizer: Any = None,
        activity_regularizer: Any = None, kernel_constraint: Any = None, bias_constraint: Any = None,
        trainable: bool = True, name: Any = None, **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(trainable=trainable, name=name, activity_regularizer=activity_regularizer, **kwargs)
        self.units = int(units)
        self.activation = activation_of(activation)
        self.use_bias = use_bias
        self.kernel_initializer = kernel_initializer
        self.bias_initializer = bias_initializer
        self.kernel_regularizer = kernel_regularizer
        self.bias_regularizer = bias_regularizer
        self.kernel_constraint = kernel_constraint
        self.bias_constraint = bias_constraint
        self.input_spec = InputSpec(min_ndim=2)

    def build(self, input_shape: Any) -> None:
        dtype = as_dtype(self._dtype or "float32")
        if not (dtype.is_floating or dtype.is_complex):
            raise TypeError(f"Unable to build `Dense` layer with non-floating point dtype {dtype!r}")
        last = as_shape(input_shape)[-1].value
        if last is None:
            raise ValueError("The last dimension of the inputs to `Dense` should be defined. Found `None`.")
        self.input_spec = InputSpec(min_ndim=2, axes={-1: last})
        self.kernel = self.add_weight(
            "kernel", shape=[last, self.units], initializer=self.kernel_initializer,
            regularizer=self.kernel_regularizer, constraint=self.kernel_constraint, trainable=True,
        )  # fmt: skip
        self.bias = None
        if self.use_bias:
            self.bias = self.add_weight(
                "bias", shape=[self.units], initializer=self.bias_initializer, regularizer=self.bias_regularizer,
                constraint=self.bias_constraint, trainable=True,
            )  # fmt: skip
        self.built = True

    def call(self, inputs: Any) -> Tensor:
        x = convert_to_tensor(inputs)
        if x.shape.ndims is not None and x.shape.ndims > 2:
            outputs = _over_last_axis(x, self.kernel, self.units)
        else:
            outputs = matmul(cast(x, as_dtype(self._dtype or "float32")), self.kernel)
        if self.bias is not None:
            outputs = bias_add(outputs, self.bias)
        return outputs if self.activation is None else self.activation(outputs)

    def compute_output_shape(self, input_shape: Any) -> TensorShape:
        """The input's shape with as many elements along the last axis as the layer has units. Raises ValueError."""
        known = as_shape(input_shape).with_rank_at_least(2)
        if known[-1].value is None:
            raise ValueError(f"The innermost dimension of input_shape must be defined, but saw: {known}")
        return known[:-1].concatenate(self.units)


def _over_last_axis(x: Tensor, kernel: Any, units: int) -> Tensor:
    """x [..., inputs] @ kernel [inputs, units], as one product of matrices."""
    with name_scope("Tensordot") as scope:
        rows = reshape(x, [-1, x.shape[-1].value])
        product = matmul(rows, kernel)
        lead = x._dims[:-1] if x._dims is not None else ()
        if lead.count(None) <= 1:
            return reshape(product, [*(-1 if size is None else size for size in lead), units], name=scope)
        made = reshape(product, concat([shape(x)[:-1], [units]], 0), name=scope)
        made.set_shape([*lead, units])
        return made


@export("layers.dense")
def dense(
    inputs: Any, units: Any, activation: Function = None, use_bias: bool = True,
    kernel_initializer: Initializer = None, bias_initializer: Initializer = ZEROS, kernel_regularizer: Any = None,
    bias_regularizer: Any = None, activity_regularizer: Any = None, kernel_constraint: Any = None,
    bias_constraint: Any = None, trainable: bool = True, name: Any = None, reuse: Any = None,
) -> Tensor:  # fmt: skip
    """activation(inputs @ kernel + bias), over the last axis, with variables of its own: kernel and bias."""
    layer = Dense(
        units, activation, use_bias, kernel_initializer, bias_initializer, kernel_regularizer, bias_regularizer,
        activity_regularizer, kernel_constraint, bias_constraint, trainable, name, _scope=name, _reuse=reuse,
    )  # fmt: skip
    return layer.apply(inputs)


@export("layers.Flatten")
class Flatten(Layer):
    """All axes but the first made one."""

    def __init__(self, data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.data_format = normalized_format(data_format)
        self.input_spec = InputSpec(min_ndim=1)

    def call(self, inputs: Any) -> Tensor:
        x = convert_to_tensor(inputs)
        rank = x.shape.ndims
        if self.data_format == "channels_first" and rank is not None and rank > 1:
            x = transpose(x, [0, *range(2, rank), 1])
        outputs = reshape(x, [x.shape[0].value or shape(x)[0], -1])
        outputs.set_shape(self.compute_output_shape(x.shape))
        return outputs

    def compute_output_shape(self, input_shape: Any) -> TensorShape:
        """[batch, the product of the other sizes]."""
        known = as_shape(input_shape)
        if known.ndims is None:
            return TensorShape([None, None])
        rest = known[1:]
        return TensorShape([known[0], rest.num_elements() if rest.is_fully_defined() else None])


@export("layers.flatten")
def flatten(inputs: Any, name: str | None = None, data_format: str = "channels_last") -> Tensor:
    """All axes but the first made one."""
    return Flatten(name=name, data_format=data_format).apply(inputs)


def normalized_format(data_format: str | None) -> str:
    """channels_last, the default, or channels_first. Raises ValueError for other ones."""
    found = "channels_last" if data_format is None else data_format.lower()
    if found not in ("channels_first", "channels_last"):
        raise ValueError(
            'The `data_format` argument must be one of "channels_first", "channels_last". Received: ' + str(data_format)
        )
    return found


@export("layers.Dropout")
class Dropout(Layer):
    """In training each element zero with probability `rate`, the others larger by as much as keeps the mean."""

    def __init__(
        self, rate: Any = 0.5, noise_shape: Any = None, seed: Any = None, name: Any = None, **kwargs: Any
    ) -> None:
        super().__init__(name=name, **kwargs)
        self.rate = rate
        self.noise_shape = noise_shape
        self.seed = seed

    def call(self, inputs: Any, training: Any = False) -> Tensor:
        def noisy() -> Tensor:
            return dropped(inputs, noise_shape=self.noise_shape, seed=self.seed, rate=self.rate)

        return chosen(False if training is None else training, noisy, lambda: identity(inputs))


@export("layers.dropout")
def dropout(
    inputs: Any, rate: Any = 0.5, noise_shape: Any = None, seed: Any = None, training: Any = False,
    name: str | None = None,
) -> Tensor:  # fmt: skip
    """With `training` each element zero with probability `rate`, the others divided by 1 - rate; `inputs` without."""
    return Dropout(rate, noise_shape=noise_shape, seed=seed, name=name).apply(inputs, training=training)
