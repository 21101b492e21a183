"""tf.layers.conv2d and its like: a layer made and called at once."""

from __future__ import annotations

from typing import Any

from ..exports import export
from ..graphs.tensor import Tensor
from ..variables.initializers import ZEROS
from . import convolutional
from .convolutional import Convolution


def _declare(kind: type[Convolution], *names: str) -> None:
    @export(*(f"layers.{name}" for name in names))
    def function(
        inputs: Any, filters: int, kernel_size: Any, strides: Any = 1, padding: str = "valid",
        data_format: str | None = "channels_last", dilation_rate: Any = 1, activation: Any = None,
        use_bias: bool = True, kernel_initializer: Any = None, bias_initializer: Any = ZEROS,
        kernel_regularizer: Any = None, bias_regularizer: Any = None, activity_regularizer: Any = None,
        kernel_constraint: Any = None, bias_constraint: Any = None, trainable: bool = True, name: Any = None,
        reuse: Any = None,
    ) -> Tensor:  # fmt: skip
        layer = kind(
            filters, kernel_size, strides, padding, data_format, dilation_rate, activation, use_bias,
            kernel_initializer, bias_initializer, kernel_regularizer, bias_regularizer, activity_regularizer,
            kernel_constraint, bias_constraint, trainable, name, _scope=name, _reuse=reuse,
        )  # fmt: skip
        return layer.apply(inputs)

    function.__name__ = function.__qualname__ = names[0]
    function.__doc__ = f"{kind.__doc__} It has variables of its own: kernel and bias."


def _declare_transposed(kind: type[Convolution], *names: str) -> None:
    @export(*(f"layers.{name}" for name in names))
    def function(
        inputs: Any, filters: int, kernel_size: Any, strides: Any = 1, padding: str = "valid",
        data_format: str | None = "channels_last", activation: Any = None, use_bias: bool = True,
        kernel_initializer: Any = None, bias_initializer: Any = ZEROS, kernel_regularizer: Any = None,
        bias_regularizer: Any = None, activity_regularizer: Any = None, kernel_constraint: Any = None,
        bias_constraint: Any = None, trainable: bool = True, name: Any = None, reuse: Any = None,
    ) -> Tensor:  # fmt: skip
        layer = kind(
            filters, kernel_size, strides, padding, data_format=data_format, activation=activation, use_bias=use_bias,
            kernel_initializer=kernel_initializer, bias_initializer=bias_initializer,
            kernel_regularizer=kernel_regularizer, bias_regularizer=bias_regularizer,
            activity_regularizer=activity_regularizer, kernel_constraint=kernel_constraint,
            bias_constraint=bias_constraint, trainable=trainable, name=name, _scope=name, _reuse=reuse,
        )  # fmt: skip
        return layer.apply(inputs)

    function.__name__ = function.__qualname__ = names[0]
    function.__doc__ = f"{kind.__doc__} It has variables of its own: kernel and bias."


def _declare_separable(kind: type[Convolution], *names: str) -> None:
    @export(*(f"layers.{name}" for name in names))
    def function(
        inputs: Any, filters: int, kernel_size: Any, strides: Any = 1, padding: str = "valid",
        data_format: str | None = "channels_last", dilation_rate: Any = 1, depth_multiplier: int = 1,
        activation: Any = None, use_bias: bool = True, depthwise_initializer: Any = None,
        pointwise_initializer: Any = None, bias_initializer: Any = ZEROS, depthwise_regularizer: Any = None,
        pointwise_regularizer: Any = None, bias_regularizer: Any = None, activity_regularizer: Any = None,
        depthwise_constraint: Any = None, pointwise_constraint: Any = None, bias_constraint: Any = None,
        trainable: bool = True, name: Any = None, reuse: Any = None,
    ) -> Tensor:  # fmt: skip
        layer = kind(
            filters, kernel_size, strides, padding, data_format, dilation_rate, depth_multiplier, activation, use_bias,
            depthwise_initializer, pointwise_initializer, bias_initializer, depthwise_regularizer,
            pointwise_regularizer, bias_regularizer, activity_regularizer, depthwise_constraint, pointwise_constraint,
            bias_constraint, trainable, name, _scope=name, _reuse=reuse,
        )  # fmt: skip
        return layer.apply(inputs)

    function.__name__ = function.__qualname__ = names[0]
    function.__doc__ = f"{kind.__doc__} It has variables of its own: depthwise_kernel, pointwise_kernel and bias."


_declare(convolutional.Conv1D, "conv1d")
_declare(convolutional.Conv2D, "conv2d")
_declare(convolutional.Conv3D, "conv3d")
_declare_transposed(convolutional.Conv2DTranspose, "conv2d_transpose")
_declare_transposed(convolutional.Conv3DTranspose, "conv3d_transpose")
_declare_separable(convolutional.SeparableConv1D, "separable_conv1d")
_declare_separable(convolutional.SeparableConv2D, "separable_conv2d")
