"""tf.layers.batch_normalization, with moving averages that operations of their own update."""

from __future__ import annotations

from typing import Any

from diptych.ir import Unsupported, user_location

from ..exports import export
from ..graphs.conversion import constant, convert_to_tensor
from ..graphs.dtypes import as_dtype, bfloat16, float16, float32
from ..graphs.scopes import name_scope
from ..graphs.shapes import TensorShape, as_shape
from ..graphs.tensor import Tensor
from ..operations.arrays import reshape
from ..operations.casting import cast
from ..operations.moments import batch_normalization as normalized
from ..operations.moments import fused_batch_norm, moments
from ..variables.initializers import ONES, ZEROS
from .core import chosen, known_truth
from .layer import InputSpec, Layer


@export("layers.BatchNormalization")
class BatchNormalization(Layer):
    """(inputs - mean) / sqrt(variance + epsilon) * gamma + beta along `axis`, with the moments of the batch in
    training and their moving averages elsewhere (Ioffe and Szegedy, 2015).

    The operations that update the averages are put into the collection UPDATE_OPS: a program runs them itself.
    """

    def __init__(
        self, axis: Any = -1, momentum: Any = 0.99, epsilon: float = 1e-3, center: bool = True, scale: bool = True,
        beta_initializer: Any = ZEROS, gamma_initializer: Any = ONES, moving_mean_initializer: Any = ZEROS,
        moving_variance_initializer: Any = ONES, beta_regularizer: Any = None, gamma_regularizer: Any = None,
        beta_constraint: Any = None, gamma_constraint: Any = None, renorm: bool = False, renorm_clipping: Any = None,
        renorm_momentum: float = 0.99, fused: bool | None = None, trainable: bool = True,
        virtual_batch_size: int | None = None, adjustment: Any = None, name: Any = None, **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(trainable=trainable, name=name, **kwargs)
        for option, given in (("renorm", renorm), ("virtual_batch_size", virtual_batch_size),
                              ("adjustment", adjustment)):  # fmt: skip
            if given:
                raise Unsupported(
                    f"tf.layers.batch_normalization: {option} is {given} but must be left out",
                    location=user_location(), hint="the moments of the whole batch",
                )  # fmt: skip
        axes = [axis] if isinstance(axis, int) else list(axis)
        if len(axes) != 1:
            raise Unsupported(
                f"tf.layers.batch_normalization: axis is {axes} but must be one axis", location=user_location(),
                hint="axis=-1",
            )  # fmt: skip
        self.axis = axes
        self.momentum = momentum
        self.epsilon = epsilon
        self.center = center
        self.scale = scale
        self.beta_initializer = beta_initializer
        self.gamma_initializer = gamma_initializer
        self.moving_mean_initializer = moving_mean_initializer
        self.moving_variance_initializer = moving_variance_initializer
        self.beta_regularizer = beta_regularizer
        self.gamma_regularizer = gamma_regularizer
        self.beta_constraint = beta_constraint
        self.gamma_constraint = gamma_constraint
        self.fused = fused is None or fused

    def build(self, input_shape: Any) -> None:
        known = as_shape(input_shape)
        rank = known.ndims
        if not rank:
            raise ValueError("Input has undefined rank:", known)
        axis = self.axis[0]
        if not -rank <= axis < rank:
            raise ValueError(f"Invalid axis: {axis + rank if axis < 0 else axis}")
        axis %= rank
        self.axis = [axis]
        self.fused = self.fused and rank == 4
        if self.fused and axis not in (1, 3):
            raise ValueError("Unsupported axis, fused batch norm only supports axis == [1] or axis == [3]")
        size = known[axis].value
        if size is None:
            raise ValueError("Input has undefined `axis` dimension. Input shape: ", known)
        self.input_spec = InputSpec(ndim=rank, axes={axis: size})
        dtype = as_dtype(self._dtype or float32)
        dtype = float32 if dtype in (float16, bfloat16) else dtype
        self.gamma = self.beta = None
        if self.scale:
            self.gamma = self.add_weight(
                "gamma", shape=(size,), dtype=dtype, initializer=self.gamma_initializer,
                regularizer=self.gamma_regularizer, constraint=self.gamma_constraint, trainable=True,
            )  # fmt: skip
        if self.center:
            self.beta = self.add_weight(
                "beta", shape=(size,), dtype=dtype, initializer=self.beta_initializer,
                regularizer=self.beta_regularizer, constraint=self.beta_constraint, trainable=True,
            )  # fmt: skip
        self.moving_mean = self.add_weight(
            "moving_mean", shape=(size,), dtype=dtype, initializer=self.moving_mean_initializer, trainable=False
        )
        self.moving_variance = self.add_weight(
            "moving_variance", shape=(size,), dtype=dtype, initializer=self.moving_variance_initializer,
            trainable=False,
        )  # fmt: skip
        self._size = size
        self._param_dtype = dtype
        self.built = True

    def call(self, inputs: Any, training: Any = False) -> Tensor:
        x = convert_to_tensor(inputs)
        training = False if training is None else training
        return self._fused(x, training) if self.fused else self._composed(x, training)

    def _fused(self, x: Tensor, training: Any) -> Tensor:
        gamma = constant(1.0, self._param_dtype, shape=[self._size]) if self.gamma is None else self.gamma
        beta = constant(0.0, self._param_dtype, shape=[self._size]) if self.beta is None else self.beta
        layout = "NCHW" if self.axis == [1] else "NHWC"

        def of_batch() -> Any:
            return fused_batch_norm(x, gamma, beta, epsilon=self.epsilon, data_format=layout)

        def of_averages() -> Any:
            return fused_batch_norm(
                x, gamma, beta, mean=self.moving_mean, variance=self.moving_variance, epsilon=self.epsilon,
                is_training=False, data_format=layout,
            )  # fmt: skip

        outputs, mean, variance = chosen(training, of_batch, of_averages)
        known = known_truth(training)
        if known is None:
            momentum = chosen(training, lambda: constant(self.momentum), lambda: constant(1.0))
        else:
            momentum = convert_to_tensor(self.momentum)
        if known is not False:
            self.add_update(self._moved(self.moving_mean, mean, momentum))
            self.add_update(self._moved(self.moving_variance, variance, momentum))
        return outputs

    def _composed(self, x: Tensor, training: Any) -> Tensor:
        rank = len(x.shape)
        axes = [axis for axis in range(rank) if axis not in self.axis]
        mean, variance = convert_to_tensor(self.moving_mean), convert_to_tensor(self.moving_variance)
        if known_truth(training) is not False:
            averages = mean, variance
            found = moments(cast(x, self._param_dtype), axes)
            mean = chosen(training, lambda: found[0], lambda: averages[0])
            variance = chosen(training, lambda: found[1], lambda: averages[1])
            for average, new in ((self.moving_mean, mean), (self.moving_variance, variance)):
                self.add_update(self._updated(training, average, new))
        spread = [self._spread(each, rank) for each in (mean, variance, self.beta, self.gamma)]
        mean, variance, offset, scale = (None if each is None else cast(each, x.dtype.base_dtype) for each in spread)
        outputs = normalized(x, mean, variance, offset, scale, self.epsilon)
        outputs.set_shape(x.shape)
        return outputs

    def _spread(self, value: Any, rank: int) -> Any:
        """`value`, one number a place along the axis, in a shape that broadcasts."""
        if value is None or self.axis == [rank - 1]:
            return value
        return reshape(value, [self._size if axis in self.axis else 1 for axis in range(rank)])

    def _updated(self, training: Any, average: Any, new: Tensor) -> Any:
        return chosen(training, lambda: self._moved(average, new, self.momentum), average.value)

    def _moved(self, average: Any, value: Tensor, momentum: Any) -> Tensor:
        """The moving average, moved by 1 - momentum of the way to `value`."""
        with name_scope("AssignMovingAvg") as scope:
            decay = cast(convert_to_tensor(1.0 - momentum, name="decay"), average.dtype.base_dtype)
            return average.assign_sub((average - cast(value, average.dtype.base_dtype)) * decay, name=scope)

    def compute_output_shape(self, input_shape: Any) -> TensorShape:
        """The shape of the input."""
        return as_shape(input_shape)


@export("layers.batch_normalization")
def batch_normalization(
    inputs: Any, axis: Any = -1, momentum: Any = 0.99, epsilon: float = 1e-3, center: bool = True, scale: bool = True,
    beta_initializer: Any = ZEROS, gamma_initializer: Any = ONES, moving_mean_initializer: Any = ZEROS,
    moving_variance_initializer: Any = ONES, beta_regularizer: Any = None, gamma_regularizer: Any = None,
    beta_constraint: Any = None, gamma_constraint: Any = None, training: Any = False, trainable: bool = True,
    name: Any = None, reuse: Any = None, renorm: bool = False, renorm_clipping: Any = None,
    renorm_momentum: float = 0.99, fused: bool | None = None, virtual_batch_size: int | None = None,
    adjustment: Any = None,
) -> Tensor:  # fmt: skip
    """Normalization by the moments of the batch with `training`, by their moving averages without. The updates of the
    averages are in the collection UPDATE_OPS."""
    layer = BatchNormalization(
        axis, momentum, epsilon, center, scale, beta_initializer, gamma_initializer, moving_mean_initializer,
        moving_variance_initializer, beta_regularizer, gamma_regularizer, beta_constraint, gamma_constraint, renorm,
        renorm_clipping, renorm_momentum, fused, trainable, virtual_batch_size, adjustment, name, _reuse=reuse,
        _scope=name,
    )  # fmt: skip
    return layer.apply(inputs, training=training)
