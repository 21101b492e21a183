"""tf.keras.layers: convolutions, pooling, padding, and normalization."""

from __future__ import annotations

from typing import Any

from ..exports import NAMES, export
from ..graphs.conversion import convert_to_tensor
from ..graphs.shapes import as_shape
from ..graphs.tensor import Tensor
from ..layers import convolutional as plain
from ..layers import normalization
from ..layers.core import normalized_format
from ..layers.pooling import Pooling
from ..operations.convolution import depthwise_conv2d
from ..operations.moments import batch_normalization as normalized
from ..operations.moments import moments
from ..operations.padding import pad
from ..operations.rearranging import repeat
from ..operations.reductions import reduced
from ..operations.slicing import slice_tensor
from .core import phase
from .layer import Layer


def _declare(kind: Any, *names: str) -> None:
    made: Any = type(kind.__name__, (kind, Layer), {"__doc__": kind.__doc__})
    export(*(f"keras.layers.{name}" for name in names))(made)


@export("keras.layers.Conv1D", "keras.layers.Convolution1D")
class Conv1D(plain.Conv1D, Layer):
    """A convolution over sequences; with `padding="causal"` an output sees no later step."""

    def __init__(
        self, filters: int, kernel_size: Any, strides: Any = 1, padding: str = "valid", **options: Any
    ) -> None:
        self.is_causal = plain.padding_name(padding, causal=True) == "causal"
        super().__init__(filters, kernel_size, strides, "valid" if self.is_causal else padding, **options)

    def call(self, inputs: Any) -> Tensor:
        if self.is_causal:
            before = self.dilation_rate[0] * (self.kernel_size[0] - 1)
            inputs = pad(
                inputs, [[0, 0], [0, 0], [before, 0]] if self._channel_axis == 1 else [[0, 0], [before, 0], [0, 0]]
            )
        return super().call(inputs)


_declare(plain.Conv2D, "Conv2D", "Convolution2D")
_declare(plain.Conv3D, "Conv3D", "Convolution3D")
_declare(plain.Conv2DTranspose, "Conv2DTranspose", "Convolution2DTranspose")
_declare(plain.Conv3DTranspose, "Conv3DTranspose", "Convolution3DTranspose")
_declare(plain.SeparableConv1D, "SeparableConv1D", "SeparableConvolution1D")
_declare(plain.SeparableConv2D, "SeparableConv2D", "SeparableConvolution2D")


@export("keras.layers.DepthwiseConv2D")
class DepthwiseConv2D(plain.Convolution, Layer):
    """Each channel's own convolution, `depth_multiplier` of them."""

    rank = 2

    def __init__(
        self, kernel_size: Any, strides: Any = (1, 1), padding: str = "valid", depth_multiplier: int = 1,
        data_format: str | None = None, activation: Any = None, use_bias: bool = True,
        depthwise_initializer: Any = "glorot_uniform", bias_initializer: Any = "zeros",
        depthwise_regularizer: Any = None, bias_regularizer: Any = None, activity_regularizer: Any = None,
        depthwise_constraint: Any = None, bias_constraint: Any = None, **options: Any,
    ) -> None:  # fmt: skip
        plain.Convolution.__init__(
            self, None, kernel_size, strides, padding, data_format, activation=activation, use_bias=use_bias,
            bias_initializer=bias_initializer, bias_regularizer=bias_regularizer,
            activity_regularizer=activity_regularizer, bias_constraint=bias_constraint, **options,
        )  # fmt: skip
        self.depth_multiplier = depth_multiplier
        self.depthwise_initializer = depthwise_initializer
        self.depthwise_regularizer = depthwise_regularizer
        self.depthwise_constraint = depthwise_constraint

    def build(self, input_shape: Any) -> None:
        channels = self._channels(input_shape)
        self.depthwise_kernel = self.add_weight(
            "depthwise_kernel", shape=[*self.kernel_size, channels, self.depth_multiplier],
            initializer=self.depthwise_initializer, regularizer=self.depthwise_regularizer,
            constraint=self.depthwise_constraint,
        )  # fmt: skip
        self.filters = channels * self.depth_multiplier
        self._build_bias()
        self.built = True

    def _convolved(self, x: Tensor) -> Tensor:
        first = self._channel_axis == 1
        steps = [1, 1, *self.strides] if first else [1, *self.strides, 1]
        return depthwise_conv2d(
            x, self.depthwise_kernel, steps, self.padding.upper(), rate=list(self.dilation_rate),
            data_format=self._format,
        )  # fmt: skip


# -- pooling ----


def _declare_pooling(kind: str, rank: int) -> None:
    title = f"{kind}Pooling{rank}D"
    base: Any = NAMES[f"layers.{title}"]

    def __init__(
        self: Any, pool_size: Any = 2, strides: Any = None, padding: str = "valid", data_format: str | None = None,
        **options: Any,
    ) -> None:  # fmt: skip
        Pooling.__init__(self, pool_size, strides, padding, data_format, **options)

    made: Any = type(title, (base, Layer), {"__init__": __init__, "__doc__": base.__doc__})
    short = "Max" if kind == "Max" else "Avg"
    export(f"keras.layers.{title}", f"keras.layers.{short}Pool{rank}D")(made)


def _declare_global(kind: str, rank: int) -> None:
    title = f"Global{kind}Pooling{rank}D"

    def __init__(self: Any, data_format: str | None = None, **options: Any) -> None:
        Layer.__init__(self, **options)
        self.data_format = normalized_format(data_format)

    def call(self: Any, inputs: Any) -> Tensor:
        first = 2 if self.data_format == "channels_first" else 1
        return reduced("Max" if kind == "Max" else "Mean", inputs, list(range(first, first + rank)), False, None)

    what = "largest element" if kind == "Max" else "mean"
    made: Any = type(title, (Layer,), {"__init__": __init__, "call": call, "__doc__": f"The {what} of each channel."})
    short = "Max" if kind == "Max" else "Avg"
    export(f"keras.layers.{title}", f"keras.layers.Global{short}Pool{rank}D")(made)


for _kind in ("Max", "Average"):
    for _rank in (1, 2, 3):
        _declare_pooling(_kind, _rank)
        _declare_global(_kind, _rank)

# -- sizes ----


def _pairs(given: Any, rank: int) -> list[list[int]]:
    """[before, behind] for each of `rank` axes."""
    if isinstance(given, int):
        return [[given, given]] * rank
    if rank == 1:
        return [list(given)]
    return [[each, each] if isinstance(each, int) else list(each) for each in given]


def _declare_sizes(rank: int) -> None:
    def axes(self: Any) -> range:
        return range(2, 2 + rank) if self.data_format == "channels_first" else range(1, 1 + rank)

    class ZeroPadding(Layer):
        def __init__(self, padding: Any = 1, data_format: str | None = None, **options: Any) -> None:
            super().__init__(**options)
            self.padding = _pairs(padding, rank)
            self.data_format = normalized_format(data_format)

        def call(self, inputs: Any) -> Tensor:
            widths = [[0, 0]] * (rank + 2)
            for axis, pair in zip(axes(self), self.padding, strict=True):
                widths[axis] = pair
            return pad(inputs, widths)

    class Cropping(Layer):
        def __init__(self, cropping: Any = 1, data_format: str | None = None, **options: Any) -> None:
            super().__init__(**options)
            self.cropping = _pairs(cropping, rank)
            self.data_format = normalized_format(data_format)

        def call(self, inputs: Any) -> Tensor:
            index = [slice(None)] * (rank + 2)
            for axis, (before, behind) in zip(axes(self), self.cropping, strict=True):
                index[axis] = slice(before, -behind if behind else None)
            return slice_tensor(convert_to_tensor(inputs), tuple(index))

    class UpSampling(Layer):
        def __init__(
            self, size: Any = 2, data_format: str | None = None, interpolation: str = "nearest", **options: Any
        ) -> None:
            super().__init__(**options)
            if interpolation not in ("nearest", "bilinear"):
                raise ValueError('`interpolation` argument should be one of `"nearest"` or `"bilinear"`.')
            self.size = (size,) * rank if isinstance(size, int) else tuple(size)
            self.interpolation = interpolation
            self.data_format = normalized_format(data_format)

        def call(self, inputs: Any) -> Tensor:
            if self.interpolation == "bilinear":
                resize: Any = NAMES["image.resize_bilinear"]
                sizes = [inputs.shape[axis].value * times for axis, times in zip(axes(self), self.size, strict=True)]
                return resize(inputs, sizes, half_pixel_centers=True)
            for axis, times in zip(axes(self), self.size, strict=True):
                inputs = repeat(inputs, times, axis=axis)
            return inputs

    for kind, means in (
        (ZeroPadding, "Zeros around each example."), (Cropping, "Each example without its edges."),
        (UpSampling, "Each element several times along each axis."),
    ):  # fmt: skip
        title = f"{kind.__name__}{rank}D"
        kind.__doc__ = means
        kind.__name__ = kind.__qualname__ = title
        export(f"keras.layers.{title}")(kind)


for _rank in (1, 2, 3):
    _declare_sizes(_rank)

# -- normalization ----


@export("keras.layers.BatchNormalization")
class BatchNormalization(normalization.BatchNormalization, Layer):
    """As tf.layers.BatchNormalization; whether it learns is told by `training` or the learning phase. The updates are
    the layer's own, and in no collection."""

    def __init__(
        self, axis: Any = -1, momentum: float = 0.99, epsilon: float = 1e-3, center: bool = True, scale: bool = True,
        **options: Any,
    ) -> None:  # fmt: skip
        normalization.BatchNormalization.__init__(self, axis, momentum, epsilon, center, scale, **options)

    def call(self, inputs: Any, training: Any = None) -> Tensor:
        return normalization.BatchNormalization.call(self, inputs, phase(training) if self.trainable else False)


@export("keras.layers.LayerNormalization")
class LayerNormalization(Layer):
    """(inputs - mean) / sqrt(variance + epsilon) * gamma + beta, of the moments over `axis` of each example."""

    def __init__(
        self, axis: Any = -1, epsilon: float = 1e-3, center: bool = True, scale: bool = True,
        beta_initializer: Any = "zeros", gamma_initializer: Any = "ones", beta_regularizer: Any = None,
        gamma_regularizer: Any = None, beta_constraint: Any = None, gamma_constraint: Any = None, **options: Any,
    ) -> None:  # fmt: skip
        super().__init__(**options)
        self.axis = [axis] if isinstance(axis, int) else list(axis)
        self.epsilon = epsilon
        self.center = center
        self.scale = scale
        self._parameters = {
            "gamma": (gamma_initializer, gamma_regularizer, gamma_constraint),
            "beta": (beta_initializer, beta_regularizer, beta_constraint),
        }

    def build(self, input_shape: Any) -> None:
        sizes = as_shape(input_shape).as_list()
        self.axis = [axis % len(sizes) for axis in self.axis]
        found: dict[str, Any] = {"gamma": None, "beta": None}
        for name, wanted in (("gamma", self.scale), ("beta", self.center)):
            if wanted:
                initializer, regularizer, constraint = self._parameters[name]
                found[name] = self.add_weight(
                    name, shape=[sizes[axis] for axis in self.axis], initializer=initializer, regularizer=regularizer,
                    constraint=constraint,
                )  # fmt: skip
        self.gamma, self.beta = found["gamma"], found["beta"]
        self.built = True

    def call(self, inputs: Any) -> Tensor:
        mean, variance = moments(inputs, self.axis, keep_dims=True)
        sizes = [inputs.shape[axis].value if axis in self.axis else 1 for axis in range(inputs.shape.ndims)]
        reshape: Any = NAMES["reshape"]
        scale, offset = (None if each is None else reshape(each, sizes) for each in (self.gamma, self.beta))
        return normalized(inputs, mean, variance, offset, scale, self.epsilon)
