"""Cells of recurrent layers: what one step does. A layer of a cell multiplies the inputs of all steps at once."""

from __future__ import annotations

from typing import Any, ClassVar

from diptych.ir import Unsupported, user_location

from ..exports import export
from ..graphs import nest
from ..graphs.conversion import convert_to_tensor
from ..graphs.shapes import as_shape
from ..graphs.tensor import Tensor
from ..operations.arrays import shape
from ..operations.contractions import tensordot
from ..operations.joining import concat, split, unstack
from ..operations.neural import bias_add
from ..operations.products import matmul
from ..operations.ranges import ones, zeros
from . import activations, initializers
from .core import Dropout
from .layer import Layer


class Cell(Layer):
    """A step of `units` features, with the variables kernel, recurrent_kernel and bias.

    Subclasses have `blocks`, how many times `units` the kernels are wide, `states`, how many states there are, and
    `step(projected, states)`, which makes the new states, the first of which is the output.
    """

    blocks: ClassVar[int]
    states: ClassVar[int] = 1

    def __init__(
        self, units: int, activation: Any = "tanh", use_bias: bool = True, kernel_initializer: Any = "glorot_uniform",
        recurrent_initializer: Any = "orthogonal", bias_initializer: Any = "zeros", kernel_regularizer: Any = None,
        recurrent_regularizer: Any = None, bias_regularizer: Any = None, kernel_constraint: Any = None,
        recurrent_constraint: Any = None, bias_constraint: Any = None, dropout: float = 0.0,
        recurrent_dropout: float = 0.0, implementation: int = 1, **options: Any,
    ) -> None:  # fmt: skip
        super().__init__(**options)
        self.units = int(units)
        self.activation = activations.get(activation)
        self.use_bias = use_bias
        self.kernel_initializer = kernel_initializer
        self.recurrent_initializer = recurrent_initializer
        self.bias_initializer = bias_initializer
        self.kernel_regularizer = kernel_regularizer
        self.recurrent_regularizer = recurrent_regularizer
        self.bias_regularizer = bias_regularizer
        self.kernel_constraint = kernel_constraint
        self.recurrent_constraint = recurrent_constraint
        self.bias_constraint = bias_constraint
        self.dropout = dropout
        self.recurrent_dropout = recurrent_dropout

    @property
    def state_size(self) -> Any:
        """The size of the state, or of each of several."""
        return self.units if self.states == 1 else [self.units] * self.states

    @property
    def output_size(self) -> int:
        """The size of the output."""
        return self.units

    def build(self, input_shape: Any) -> None:
        wide = self.units * self.blocks
        self.kernel = self.add_weight(
            "kernel", shape=[as_shape(input_shape)[-1].value, wide], initializer=self.kernel_initializer,
            regularizer=self.kernel_regularizer, constraint=self.kernel_constraint,
        )  # fmt: skip
        self.recurrent_kernel = self.add_weight(
            "recurrent_kernel", shape=[self.units, wide], initializer=self.recurrent_initializer,
            regularizer=self.recurrent_regularizer, constraint=self.recurrent_constraint,
        )  # fmt: skip
        self.bias = None
        if self.use_bias:
            self.bias = self.add_weight(
                "bias", shape=self._bias_shape(wide), initializer=self._bias_start(), regularizer=self.bias_regularizer,
                constraint=self.bias_constraint,
            )  # fmt: skip
        self.built = True

    def _bias_shape(self, wide: int) -> list[int]:
        return [wide]

    def _bias_start(self) -> Any:
        return self.bias_initializer

    def _input_bias(self) -> Any:
        return self.bias

    def get_initial_state(self, inputs: Any = None, batch_size: Any = None, dtype: Any = None) -> Any:
        """Zeros."""
        return zeros_of(self.state_size, shape(inputs)[0] if batch_size is None else batch_size, dtype or inputs.dtype)

    def project(self, x: Tensor) -> Tensor:
        """The products of inputs [..., features] with the kernel, and the bias added."""
        made = tensordot(x, convert_to_tensor(self.kernel), [[x.shape.ndims - 1], [0]])
        return made if self.bias is None else bias_add(made, self._input_bias())

    def step(self, projected: Tensor, states: list[Tensor]) -> list[Tensor]:
        """The new states, the first of which is the output."""
        raise NotImplementedError

    def dropped(self, x: Tensor, training: Any) -> Tensor:
        """While it learns, features of inputs zero, the same ones in all steps."""
        if not self.dropout:
            return x
        noise = (None, 1, None) if x.shape.ndims == 3 else None
        return Dropout(self.dropout, noise).call(x, training)

    def kept(self, state: Tensor, training: Any) -> Tensor | None:
        """What the first state is multiplied by before each step; None where nothing is dropped."""
        if not self.recurrent_dropout:
            return None
        return Dropout(self.recurrent_dropout).call(ones(shape(state), state.dtype), training)

    def call(self, inputs: Any, states: Any, training: Any = None) -> tuple[Tensor, list[Tensor]]:
        """(output, new states) of one step."""
        first, *rest = nest.flatten(states)
        factor = self.kept(first, training)
        projected = self.project(self.dropped(convert_to_tensor(inputs), training))
        made = self.step(projected, [first if factor is None else first * factor, *rest])
        return made[0], made


@export("keras.layers.SimpleRNNCell")
class SimpleRNNCell(Cell):
    """activation(inputs @ kernel + state @ recurrent_kernel + bias)."""

    blocks = 1

    def step(self, projected: Tensor, states: list[Tensor]) -> list[Tensor]:
        return [self.activation(projected + matmul(states[0], self.recurrent_kernel))]


@export("keras.layers.LSTMCell")
class LSTMCell(Cell):
    """Long short-term memory (Hochreiter and Schmidhuber, 1997), with the gates in, forget, new, out."""

    blocks, states = 4, 2

    def __init__(
        self, units: int, activation: Any = "tanh", recurrent_activation: Any = "hard_sigmoid", use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform", recurrent_initializer: Any = "orthogonal",
        bias_initializer: Any = "zeros", unit_forget_bias: bool = True, **options: Any,
    ) -> None:  # fmt: skip
        super().__init__(
            units, activation, use_bias, kernel_initializer, recurrent_initializer, bias_initializer, **options
        )
        self.recurrent_activation = activations.get(recurrent_activation)
        self.unit_forget_bias = unit_forget_bias

    def _bias_start(self) -> Any:
        given = self.bias_initializer
        if not self.unit_forget_bias:
            return given

        def with_ones(sizes: Any, dtype: Any = None) -> Tensor:
            initial = initializers.initial
            parts = [initial(given, [self.units], dtype), ones([self.units], dtype),
                     initial(given, [self.units * 2], dtype)]  # fmt: skip
            return concat(parts, 0)

        return with_ones

    def step(self, projected: Tensor, states: list[Tensor]) -> list[Tensor]:
        hidden, memory = states
        gates = split(projected + matmul(hidden, self.recurrent_kernel), 4, axis=1)
        gate_in, forget, out = (self.recurrent_activation(gates[place]) for place in (0, 1, 3))
        memory = forget * memory + gate_in * self.activation(gates[2])
        return [out * self.activation(memory), memory]


@export("keras.layers.GRUCell")
class GRUCell(Cell):
    """Gated recurrent units (Cho and others, 2014), with the gates update, reset, new. With `reset_after` the reset
    comes behind the product, and there are two biases."""

    blocks = 3

    def __init__(
        self, units: int, activation: Any = "tanh", recurrent_activation: Any = "hard_sigmoid", use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform", recurrent_initializer: Any = "orthogonal",
        bias_initializer: Any = "zeros", reset_after: bool = False, **options: Any,
    ) -> None:  # fmt: skip
        super().__init__(
            units, activation, use_bias, kernel_initializer, recurrent_initializer, bias_initializer, **options
        )
        self.recurrent_activation = activations.get(recurrent_activation)
        self.reset_after = reset_after

    def _bias_shape(self, wide: int) -> list[int]:
        return [2, wide] if self.reset_after else [wide]

    def _input_bias(self) -> Any:
        return unstack(convert_to_tensor(self.bias))[0] if self.reset_after else self.bias

    def step(self, projected: Tensor, states: list[Tensor]) -> list[Tensor]:
        hidden = states[0]
        of_update, of_reset, of_new = split(projected, 3, axis=1)
        kernel = convert_to_tensor(self.recurrent_kernel)
        if self.reset_after:
            product = matmul(hidden, kernel)
            if self.bias is not None:
                product = bias_add(product, unstack(convert_to_tensor(self.bias))[1])
            product_update, product_reset, product_new = split(product, 3, axis=1)
        else:
            product_update, product_reset = split(matmul(hidden, kernel[:, : 2 * self.units]), 2, axis=1)
        update = self.recurrent_activation(of_update + product_update)
        reset = self.recurrent_activation(of_reset + product_reset)
        if self.reset_after:
            new = self.activation(of_new + reset * product_new)
        else:
            new = self.activation(of_new + matmul(reset * hidden, kernel[:, 2 * self.units :]))
        return [update * hidden + (1 - update) * new]


@export("keras.layers.StackedRNNCells")
class StackedRNNCells(Layer):
    """Cells one after another. Raises ValueError for what is no cell, Unsupported for cells that drop features."""

    def __init__(self, cells: Any, **options: Any) -> None:
        super().__init__(**options)
        for cell in cells:
            check_cell(cell, "All cells must have")
            if getattr(cell, "dropout", 0) or getattr(cell, "recurrent_dropout", 0):
                raise Unsupported(
                    "tf.keras.layers.StackedRNNCells: dropout of a cell is not supported", location=user_location(),
                    hint="a tf.keras.layers.LSTM for each",
                )  # fmt: skip
        self.cells = list(cells)

    @property
    def state_size(self) -> list[Any]:
        """The sizes of the states of all cells."""
        return [cell.state_size for cell in self.cells]

    @property
    def output_size(self) -> Any:
        """The size of the last cell's output."""
        return self.cells[-1].output_size

    def build(self, input_shape: Any) -> None:
        for cell in self.cells:
            if not cell.built:
                cell.build(input_shape)
                cell.built = True
            input_shape = [None, cell.output_size]
        self.built = True

    def call(self, inputs: Any, states: Any, training: Any = None) -> tuple[Any, list[Tensor]]:
        """(output, new states) of one step."""
        rest = list(nest.flatten(states))
        new: list[Tensor] = []
        for cell in self.cells:
            count = len(nest.flatten(cell.state_size))
            inputs, made = cell.call(inputs, rest[:count], **cell._passed({"training": training}))
            new += nest.flatten(made)
            rest = rest[count:]
        return inputs, new


def check_cell(cell: Any, words: str) -> None:
    """Raises ValueError for what cannot be a cell, Unsupported for one that is none of keras's layers."""
    for name, kind in (("call", "method"), ("state_size", "attribute")):
        if not hasattr(cell, name):
            raise ValueError(f"{words} a `{name}` {kind}. received cells: {cell}")
    if not isinstance(cell, Layer):
        raise Unsupported(
            f"tf.keras.layers.RNN: cell is {type(cell).__name__} but must be a tf.keras.layers.Layer",
            location=user_location(), hint="tf.nn.dynamic_rnn",
        )  # fmt: skip


def zeros_of(sizes: Any, batch: Any, dtype: Any) -> Any:
    """Zeros [batch, size] for each of nested sizes."""
    return nest.rebuild(sizes, lambda size: zeros([batch, *as_shape(size).as_list()], dtype.base_dtype))
