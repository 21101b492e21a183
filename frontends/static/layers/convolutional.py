"""tf.layers: convolutions and their transposes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from ..exports import export
from ..graphs.conversion import convert_to_tensor
from ..graphs.shapes import TensorShape, as_shape
from ..graphs.tensor import Tensor
from ..operations.arrays import expand_dims, shape, squeeze
from ..operations.convolution import FORMATS, convolved, separable_conv2d
from ..operations.joining import stack
from ..operations.neural import bias_add
from ..operations.transposed_convolution import conv2d_transpose, conv3d_transpose
from ..variables.initializers import ZEROS
from .core import normalized_format
from .layer import InputSpec, Layer, activation_of


def sizes_of(value: Any, count: int, name: str) -> tuple[int, ...]:
    """`value`, a number or one for each of `count` axes, as a tuple. Raises ValueError."""
    if isinstance(value, int):
        return (value,) * count
    words = f"The `{name}` argument must be a tuple of {count} integers. Received: {value}"
    try:
        numbers = tuple(int(number) for number in value)
    except (TypeError, ValueError):
        raise ValueError(words) from None
    if len(numbers) != count:
        raise ValueError(words)
    return numbers


def padding_name(value: str, *, causal: bool = False) -> str:
    """valid or same. Raises ValueError for other ones."""
    found = value.lower() if isinstance(value, str) else value
    if found not in ("valid", "same", *(("causal",) if causal else ())):
        raise ValueError(
            'The `padding` argument must be a list/tuple or one of "valid", "same" (or "causal", only for `Conv1D). '
            f"Received: {found}"
        )
    return found


class Convolution(Layer):
    """activation(convolution of the inputs with kernel + bias), over `rank` axes."""

    rank: ClassVar[int]

    def __init__(
        self, filters: int | None, kernel_size: Any, strides: Any = 1, padding: str = "valid",
        data_format: str | None = "channels_last", dilation_rate: Any = 1, activation: Any = None,
        use_bias: bool = True, kernel_initializer: Any = None, bias_initializer: Any = ZEROS,
        kernel_regularizer: Any = None, bias_regularizer: Any = None, activity_regularizer: Any = None,
        kernel_constraint: Any = None, bias_constraint: Any = None, trainable: bool = True, name: Any = None,
        **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(trainable=trainable, name=name, activity_regularizer=activity_regularizer, **kwargs)
        self.filters = None if filters is None else int(filters)
        self.kernel_size = sizes_of(kernel_size, self.rank, "kernel_size")
        self.strides = sizes_of(strides, self.rank, "strides")
        self.padding = padding_name(padding)
        self.data_format = normalized_format(data_format)
        self.dilation_rate = sizes_of(dilation_rate, self.rank, "dilation_rate")
        self.activation = activation_of(activation)
        self.use_bias = use_bias
        self.kernel_initializer = kernel_initializer
        self.bias_initializer = bias_initializer
        self.kernel_regularizer = kernel_regularizer
        self.bias_regularizer = bias_regularizer
        self.kernel_constraint = kernel_constraint
        self.bias_constraint = bias_constraint
        self.input_spec = InputSpec(ndim=self.rank + 2)

    @property
    def _format(self) -> str:
        """The data format in the words of tf.nn."""
        return FORMATS[self.rank][self.data_format == "channels_first"]

    @property
    def _channel_axis(self) -> int:
        return 1 if self.data_format == "channels_first" else -1

    def _channels(self, input_shape: Any) -> int:
        """The channels of the input, which are then asked of all inputs. Raises ValueError where they are unknown."""
        found = as_shape(input_shape)[self._channel_axis].value
        if found is None:
            raise ValueError("The channel dimension of the inputs should be defined. Found `None`.")
        self.input_spec = InputSpec(ndim=self.rank + 2, axes={self._channel_axis: found})
        return found

    def _kernel_shape(self, channels: int) -> list[Any]:
        return [*self.kernel_size, channels, self.filters]

    def build(self, input_shape: Any) -> None:
        self.kernel = self.add_weight(
            "kernel", shape=self._kernel_shape(self._channels(input_shape)), initializer=self.kernel_initializer,
            regularizer=self.kernel_regularizer, constraint=self.kernel_constraint, trainable=True,
        )  # fmt: skip
        self._build_bias()
        self.built = True

    def _build_bias(self) -> None:
        self.bias = None
        if self.use_bias:
            self.bias = self.add_weight(
                "bias", shape=[self.filters], initializer=self.bias_initializer, regularizer=self.bias_regularizer,
                constraint=self.bias_constraint, trainable=True,
            )  # fmt: skip

    def call(self, inputs: Any) -> Tensor:
        return self._finished(self._convolved(convert_to_tensor(inputs)))

    def _convolved(self, x: Tensor) -> Tensor:
        kernel = convert_to_tensor(self.kernel)
        return convolved(x, kernel, self.padding, self.strides, self.dilation_rate, self._format, None)

    def _finished(self, outputs: Tensor) -> Tensor:
        outputs = self._with_bias(outputs)
        return outputs if self.activation is None else self.activation(outputs)

    def _with_bias(self, outputs: Tensor) -> Tensor:
        if self.bias is None:
            return outputs
        return bias_add(outputs, self.bias, data_format="NC..." if self._channel_axis == 1 else "N...C")

    # -- shapes ----

    def _lengths(self, sizes: Sequence[int | None]) -> list[int | None]:
        found: list[int | None] = []
        for place, size in enumerate(sizes):
            span = (self.kernel_size[place] - 1) * self.dilation_rate[place] + 1
            room = size if size is None or self.padding == "same" else size - span + 1
            found.append(None if room is None else -(-room // self.strides[place]))
        return found

    def compute_output_shape(self, input_shape: Any) -> TensorShape:
        """The shape of the result for an input of a shape."""
        known = as_shape(input_shape).as_list()
        first = self._channel_axis == 1
        lengths = self._lengths(known[2:] if first else known[1:-1])
        return TensorShape([known[0], self.filters, *lengths] if first else [known[0], *lengths, self.filters])


@export("layers.Conv1D")
class Conv1D(Convolution):
    """A convolution over sequences [batch, width, channels]."""

    rank = 1


@export("layers.Conv2D")
class Conv2D(Convolution):
    """A convolution over images [batch, height, width, channels]."""

    rank = 2


@export("layers.Conv3D")
class Conv3D(Convolution):
    """A convolution over volumes [batch, depth, height, width, channels]."""

    rank = 3


class Transposed(Convolution):
    """The transpose of a convolution: larger by its strides."""

    function: ClassVar[Callable[..., Tensor]]

    def __init__(
        self, filters: Any, kernel_size: Any, strides: Any = 1, padding: str = "valid", **options: Any
    ) -> None:
        super().__init__(filters, kernel_size, strides, padding, **options)

    def _kernel_shape(self, channels: int) -> list[Any]:
        return [*self.kernel_size, self.filters, channels]

    def _length(self, size: Any, place: int) -> Any:
        """How long the result is along an axis."""
        if size is None:
            return None
        kernel, stride = self.kernel_size[place], self.strides[place]
        rest = max(kernel - stride, 0) if self.padding == "valid" else 0
        return size * stride + rest if rest else size * stride

    def _lengths(self, sizes: Sequence[int | None]) -> list[int | None]:
        return [self._length(size, place) for place, size in enumerate(sizes)]

    def _convolved(self, x: Tensor) -> Tensor:
        sizes = shape(x)
        first = self._channel_axis == 1
        dims = x._dims or (None,) * (self.rank + 2)
        lengths = [
            self._length(sizes[axis] if dims[axis] is None else dims[axis], place)
            for place, axis in enumerate(range(2, self.rank + 2) if first else range(1, self.rank + 1))
        ]
        batch = sizes[0] if dims[0] is None else dims[0]
        wanted = [batch, self.filters, *lengths] if first else [batch, *lengths, self.filters]
        result = type(self).function(
            x, self.kernel, stack(wanted), strides=list(self.strides), padding=self.padding.upper(),
            data_format=self._format,
        )  # fmt: skip
        result.set_shape(self.compute_output_shape(x.shape))
        return result


@export("layers.Conv2DTranspose")
class Conv2DTranspose(Transposed):
    """The transpose of a convolution over images."""

    rank = 2
    function = staticmethod(conv2d_transpose)


@export("layers.Conv3DTranspose")
class Conv3DTranspose(Transposed):
    """The transpose of a convolution over volumes."""

    rank = 3
    function = staticmethod(conv3d_transpose)


class Separable(Convolution):
    """Each channel's own convolution, then a product that mixes them, + bias."""

    def __init__(
        self, filters: int, kernel_size: Any, strides: Any = 1, padding: str = "valid",
        data_format: str | None = "channels_last", dilation_rate: Any = 1, depth_multiplier: int = 1,
        activation: Any = None, use_bias: bool = True, depthwise_initializer: Any = None,
        pointwise_initializer: Any = None, bias_initializer: Any = ZEROS, depthwise_regularizer: Any = None,
        pointwise_regularizer: Any = None, bias_regularizer: Any = None, activity_regularizer: Any = None,
        depthwise_constraint: Any = None, pointwise_constraint: Any = None, bias_constraint: Any = None,
        trainable: bool = True, name: Any = None, **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(
            filters, kernel_size, strides, padding, data_format, dilation_rate, activation, use_bias,
            bias_initializer=bias_initializer, bias_regularizer=bias_regularizer,
            activity_regularizer=activity_regularizer, bias_constraint=bias_constraint, trainable=trainable, name=name,
            **kwargs,
        )  # fmt: skip
        self.depth_multiplier = depth_multiplier
        self._parts = {
            "depthwise": (depthwise_initializer, depthwise_regularizer, depthwise_constraint),
            "pointwise": (pointwise_initializer, pointwise_regularizer, pointwise_constraint),
        }

    def build(self, input_shape: Any) -> None:
        channels = self._channels(input_shape)
        shapes = {
            "depthwise": [*self.kernel_size, channels, self.depth_multiplier],
            "pointwise": [*(1,) * self.rank, channels * self.depth_multiplier, self.filters],
        }
        for part, (initializer, regularizer, constraint) in self._parts.items():
            weight = self.add_weight(
                f"{part}_kernel", shape=shapes[part], initializer=initializer, regularizer=regularizer,
                constraint=constraint, trainable=True,
            )  # fmt: skip
            setattr(self, f"{part}_kernel", weight)
        self._build_bias()
        self.built = True

    def _convolved(self, x: Tensor) -> Tensor:
        return self._separable(x, self.depthwise_kernel, self.pointwise_kernel, self.strides, self.dilation_rate)

    def _separable(self, x: Tensor, depthwise: Any, pointwise: Any, strides: Any, rate: Any) -> Tensor:
        """The convolutions of images."""
        first = self._channel_axis == 1
        steps = [1, 1, *strides] if first else [1, *strides, 1]
        return separable_conv2d(
            x, depthwise, pointwise, steps, self.padding.upper(), rate=list(rate), data_format=FORMATS[2][first]
        )


@export("layers.SeparableConv1D")
class SeparableConv1D(Separable):
    """A separable convolution over sequences, which are images of one row."""

    rank = 1

    def call(self, inputs: Any) -> Tensor:
        place = 2 if self._channel_axis == 1 else 1
        x = expand_dims(inputs, place)
        depthwise, pointwise = expand_dims(self.depthwise_kernel, 0), expand_dims(self.pointwise_kernel, 0)
        made = self._separable(x, depthwise, pointwise, self.strides * 2, (1, *self.dilation_rate))
        outputs = squeeze(self._with_bias(made), [place])
        return outputs if self.activation is None else self.activation(outputs)


@export("layers.SeparableConv2D")
class SeparableConv2D(Separable):
    """A separable convolution over images."""

    rank = 2
