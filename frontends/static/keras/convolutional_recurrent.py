"""tf.keras.layers.ConvLSTM2D: a recurrent layer over sequences of images, whose products are convolutions."""

from __future__ import annotations

from typing import Any

from ..exports import export
from ..graphs.conversion import convert_to_tensor
from ..graphs.shapes import as_shape
from ..graphs.tensor import Tensor
from ..layers.convolutional import padding_name, sizes_of
from ..layers.core import normalized_format
from ..operations.arrays import reshape, shape
from ..operations.convolution import conv2d
from ..operations.joining import concat, split
from ..operations.neural import bias_add
from .cells import LSTMCell
from .core import Dropout
from .recurrent import LSTM


class _ConvLSTM2DCell(LSTMCell):
    """LSTMCell with convolutions in place of products: states [batch, rows, columns, filters]."""

    def __init__(
        self, filters: int, kernel_size: Any, strides: Any = (1, 1), padding: str = "valid",
        data_format: str | None = None, dilation_rate: Any = (1, 1), *arguments: Any, **options: Any,
    ) -> None:  # fmt: skip
        super().__init__(filters, *arguments, **options)
        self.filters = filters
        self.kernel_size = sizes_of(kernel_size, 2, "kernel_size")
        self.strides = sizes_of(strides, 2, "strides")
        self.padding = padding_name(padding)
        self.data_format = normalized_format(data_format)
        self.dilation_rate = sizes_of(dilation_rate, 2, "dilation_rate")
        self._sizes: list[int] = []

    @property
    def _is_first(self) -> bool:
        return self.data_format == "channels_first"

    @property
    def _format(self) -> str:
        return "NCHW" if self._is_first else "NHWC"

    @property
    def state_size(self) -> Any:
        """The shape of each state, known once the cell is built."""
        whole = as_shape([self.filters, *self._sizes] if self._is_first else [*self._sizes, self.filters])
        return [whole, whole]

    def build(self, input_shape: Any) -> None:
        sizes = as_shape(input_shape).as_list()[1:]
        channels, *places = sizes if self._is_first else [sizes[-1], *sizes[:-1]]
        if None in sizes:
            raise ValueError(
                "The spatial dimensions and channels of the inputs to tf.keras.layers.ConvLSTM2D should be defined. "
                f"Found: {sizes}"
            )
        self._sizes = [
            -(-size // step) if self.padding == "same" else (size - (window - 1) * apart - 1) // step + 1
            for size, window, step, apart in zip(
                places, self.kernel_size, self.strides, self.dilation_rate, strict=True
            )
        ]
        wide = self.filters * self.blocks
        self.kernel = self.add_weight(
            "kernel", shape=[*self.kernel_size, channels, wide], initializer=self.kernel_initializer,
            regularizer=self.kernel_regularizer, constraint=self.kernel_constraint,
        )  # fmt: skip
        self.recurrent_kernel = self.add_weight(
            "recurrent_kernel", shape=[*self.kernel_size, self.filters, wide], initializer=self.recurrent_initializer,
            regularizer=self.recurrent_regularizer, constraint=self.recurrent_constraint,
        )  # fmt: skip
        self.bias = None
        if self.use_bias:
            self.bias = self.add_weight(
                "bias", shape=[wide], initializer=self._bias_start(), regularizer=self.bias_regularizer,
                constraint=self.bias_constraint,
            )  # fmt: skip
        self.built = True

    def _along_places(self, pair: tuple[int, ...]) -> list[int]:
        return [1, 1, *pair] if self._is_first else [1, *pair, 1]

    def project(self, x: Tensor) -> Tensor:
        """The convolutions of all images, of several steps at once, and the bias added."""
        outer = x.shape.ndims - 3
        images = reshape(x, [-1, *x.shape.as_list()[outer:]])
        made = conv2d(
            images, self.kernel, self._along_places(self.strides), self.padding.upper(), data_format=self._format,
            dilations=self._along_places(self.dilation_rate),
        )  # fmt: skip
        if self.bias is not None:
            made = bias_add(made, convert_to_tensor(self.bias), data_format=self._format)
        found = reshape(made, concat([shape(x)[:outer], made.shape.as_list()[1:]], 0))
        found.set_shape([*x.shape.as_list()[:outer], *made.shape.as_list()[1:]])
        return found

    def step(self, projected: Tensor, states: list[Tensor]) -> list[Tensor]:
        hidden, memory = states
        product = conv2d(hidden, self.recurrent_kernel, [1, 1, 1, 1], "SAME", data_format=self._format)
        gates = split(projected + product, 4, axis=1 if self._is_first else 3)
        gate_in, forget, out = (self.recurrent_activation(gates[place]) for place in (0, 1, 3))
        memory = forget * memory + gate_in * self.activation(gates[2])
        return [out * self.activation(memory), memory]

    def dropped(self, x: Tensor, training: Any) -> Tensor:
        if not self.dropout:
            return x
        return Dropout(self.dropout, (None, 1, None, None, None) if x.shape.ndims == 5 else None).call(x, training)


@export("keras.layers.ConvLSTM2D")
class ConvLSTM2D(LSTM):
    """An LSTM over images [batch, time, rows, columns, channels]: the last output [batch, rows, columns, filters], or
    all with `return_sequences`. Arguments are those of Conv2D, then LSTM's. Raises ValueError for images of unknown
    size."""

    kind = _ConvLSTM2DCell

    def __init__(self, filters: int, kernel_size: Any, *arguments: Any, **options: Any) -> None:
        super().__init__(filters, kernel_size, *arguments, **options)
        self.filters = filters
