"""tf.contrib.rnn.ConvLSTMCell and its kin: cells whose state is a picture, or a row or block of numbers."""

from __future__ import annotations

from typing import Any

from ..exports import NAMES, export
from ..graphs.shapes import TensorShape
from ..graphs.tensor import Tensor
from ..operations.convolution import convolution
from ..operations.joining import concat, split
from ..recurrence.cell import RNNCell
from ..recurrence.cells import LSTMStateTuple
from ..variables.initializers import ConstantInitializer
from ..variables.scopes import get_variable

_tanh: Any = NAMES["tanh"]
_sigmoid: Any = NAMES["sigmoid"]


@export("contrib.rnn.ConvLSTMCell")
class ConvLSTMCell(RNNCell):
    """BasicLSTMCell with convolutions in place of products (Shi et al., 2015), for inputs [batch, *input_shape] with
    channels last; with `skip_connection` inputs are joined to the output. Raises ValueError."""

    def __init__(
        self, conv_ndims: int, input_shape: Any, output_channels: int, kernel_shape: Any, use_bias: bool = True,
        skip_connection: bool = False, forget_bias: float = 1.0, initializers: Any = None,
        name: str = "conv_lstm_cell",
    ) -> None:  # fmt: skip
        super().__init__(name=name)
        if conv_ndims != len(input_shape) - 1:
            raise ValueError(f"Invalid input_shape {input_shape} for conv_ndims={conv_ndims}.")
        self._output_channels = output_channels
        self._kernel_shape = list(kernel_shape)
        self._use_bias = use_bias
        self._skip_connection = skip_connection
        self._forget_bias = forget_bias
        self._sizes = list(input_shape[:-1])
        self._channels = output_channels + (input_shape[-1] if skip_connection else 0)

    @property
    def state_size(self) -> Any:
        size = TensorShape([*self._sizes, self._output_channels])
        return LSTMStateTuple(size, size)

    @property
    def output_size(self) -> Any:
        return TensorShape([*self._sizes, self._channels])

    def _convolved(self, x: Tensor) -> Tensor:
        dtype, width = x.dtype.base_dtype, 4 * self._output_channels
        kernel = get_variable("kernel", [*self._kernel_shape, x.shape[-1].value, width], dtype=dtype)
        result = convolution(x, kernel, "SAME")
        if not self._use_bias:
            return result
        return result + get_variable("biases", [width], dtype=dtype, initializer=ConstantInitializer(0.0, dtype=dtype))

    def call(self, inputs: Any, state: Any) -> tuple[Any, Any]:
        memory, hidden = state
        i, j, f, o = split(self._convolved(concat([inputs, hidden], -1)), 4, -1)
        memory = _sigmoid(f + self._forget_bias) * memory + _sigmoid(i) * _tanh(j)
        output = _tanh(memory) * _sigmoid(o)
        if self._skip_connection:
            output = concat([output, inputs], -1)
        return output, LSTMStateTuple(memory, output)


@export("contrib.rnn.Conv1DLSTMCell")
class Conv1DLSTMCell(ConvLSTMCell):
    """ConvLSTMCell of rows."""

    def __init__(self, name: str = "conv_1d_lstm_cell", **kwargs: Any) -> None:
        super().__init__(1, name=name, **kwargs)


@export("contrib.rnn.Conv2DLSTMCell")
class Conv2DLSTMCell(ConvLSTMCell):
    """ConvLSTMCell of pictures."""

    def __init__(self, name: str = "conv_2d_lstm_cell", **kwargs: Any) -> None:
        super().__init__(2, name=name, **kwargs)


@export("contrib.rnn.Conv3DLSTMCell")
class Conv3DLSTMCell(ConvLSTMCell):
    """ConvLSTMCell of blocks."""

    def __init__(self, name: str = "conv_3d_lstm_cell", **kwargs: Any) -> None:
        super().__init__(3, name=name, **kwargs)
