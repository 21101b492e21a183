"""tf.keras.layers.RNN, and the recurrent layers of one cell each."""

from __future__ import annotations

import inspect
from typing import Any, ClassVar

from diptych.ir import Unsupported, user_location

from ..exports import export
from ..graphs import nest
from ..graphs.conversion import convert_to_tensor
from ..graphs.shapes import as_shape
from ..graphs.tensor import Tensor
from ..operations.arrays import shape, transpose
from ..operations.joining import stack, unstack
from ..operations.rearranging import reverse
from ..operations.scans import scanned
from .cells import Cell, GRUCell, LSTMCell, SimpleRNNCell, StackedRNNCells, check_cell, zeros_of
from .layer import Layer


@export("keras.layers.RNN")
class RNN(Layer):
    """A cell run over the steps of sequences [batch, time, features]: the last output [batch, units], or all
    [batch, time, units] with `return_sequences`; with `return_state` the last states behind it.

    Raises ValueError for what is no cell, Unsupported for `stateful`.
    """

    def __init__(
        self, cell: Any, return_sequences: bool = False, return_state: bool = False, go_backwards: bool = False,
        stateful: bool = False, unroll: bool = False, time_major: bool = False, **options: Any,
    ) -> None:  # fmt: skip
        if isinstance(cell, list | tuple):
            cell = StackedRNNCells(cell)
        check_cell(cell, "`cell` should have")
        super().__init__(**options)
        if stateful:
            raise Unsupported(
                "tf.keras.layers.RNN: stateful is True but must be False", location=user_location(),
                hint="return_state=True and initial_state",
            )  # fmt: skip
        self.cell = cell
        self.return_sequences = return_sequences
        self.return_state = return_state
        self.go_backwards = go_backwards
        self.unroll = unroll
        self.time_major = time_major
        if "input_shape" not in self._given and "input_dim" in self._given:
            self._given["input_shape"] = (self._given.get("input_length"), self._given["input_dim"])

    def build(self, input_shape: Any) -> None:
        if not self.cell.built:
            first = as_shape(input_shape[0] if isinstance(input_shape, list) else input_shape).as_list()
            self.cell.build([first[0], *first[2:]])
            self.cell.built = True
        self.built = True

    def call(self, inputs: Any, training: Any = None, initial_state: Any = None) -> Any:
        x = inputs
        if isinstance(inputs, list | tuple):
            x, *given = inputs
            initial_state = given or initial_state
        x = convert_to_tensor(x)
        states = self._first_states(x, initial_state)
        if self.unroll and x.shape[0 if self.time_major else 1].value is None:
            raise ValueError(
                "Cannot unroll a RNN if the time dimension is undefined. \n- If using a Sequential model, specify the "
                "time dimension by passing an `input_shape` or `batch_input_shape` argument to your first layer. If "
                "your first layer is an Embedding, you can also use the `input_length` argument.\n- If using the "
                "functional API, specify the time dimension by passing a `shape` or `batch_shape` argument to your "
                "Input layer."
            )
        step, x = self._step(x, states[0], training)
        steps = x if self.time_major else transpose(x, [1, 0, *range(2, x.shape.ndims)])
        if self.go_backwards:
            steps = reverse(steps, [0])

        def round_of(before: list[Tensor], each: list[Tensor]) -> tuple[list[Tensor], list[Tensor]]:
            output, new = step(each[0], before)
            for made, old in zip(new, before, strict=True):
                made.set_shape(old.shape)
            return new, [output]

        if self.unroll:
            outputs: list[Tensor] = []
            for each in unstack(steps):
                states, (output,) = round_of(states, [each])
                outputs.append(output)
            every, last = stack(outputs), outputs[-1]
        else:
            states, (every,) = scanned(round_of, states, [steps])
            last = every[-1]
        result: Any = last
        if self.return_sequences:
            result = every if self.time_major else transpose(every, [1, 0, *range(2, every.shape.ndims)])
            known = [x.shape[0].value, x.shape[1].value]
            result.set_shape([*known, *every.shape.as_list()[2:]])
        return [result, *states] if self.return_state else result

    def _first_states(self, x: Tensor, given: Any) -> list[Tensor]:
        """The states before the first step. Raises ValueError for another number of them."""
        sizes = nest.flatten(self.cell.state_size)
        if given is not None:
            found = [convert_to_tensor(each) for each in nest.flatten(given)]
            if len(found) != len(sizes):
                raise ValueError(f"Layer has {len(sizes)} states but was passed {len(found)} initial states.")
            return found
        axis = 1 if self.time_major else 0
        make: Any = getattr(self.cell, "get_initial_state", None)
        count = shape(x)[axis]
        dtype = x.dtype.base_dtype
        made = zeros_of(self.cell.state_size, count, dtype) if make is None else make(
            inputs=None, batch_size=count, dtype=dtype
        )  # fmt: skip
        states = [convert_to_tensor(each) for each in nest.flatten(made)]
        for state, size in zip(states, sizes, strict=True):
            state.set_shape([x.shape[axis].value, *as_shape(size).as_list()])
        return states

    def _step(self, x: Tensor, state: Tensor, training: Any) -> tuple[Any, Tensor]:
        """(a function of one step's input and states to the output and the new states, what it goes over)."""
        cell = self.cell
        if not isinstance(cell, Cell):
            options = cell._passed({"training": training})

            def called(each: Tensor, before: list[Tensor]) -> tuple[Tensor, list[Tensor]]:
                output, new = cell.call(each, before, **options)
                return output, nest.flatten(new)

            return called, x
        factor = cell.kept(state, training)

        def projected(each: Tensor, before: list[Tensor]) -> tuple[Tensor, list[Tensor]]:
            made = cell.step(each, before if factor is None else [before[0] * factor, *before[1:]])
            return made[0], made

        return projected, cell.project(cell.dropped(x, training))


class _OfCell(RNN):
    """A layer of one kind of cell; keywords that the layer does not take are the cell's."""

    kind: ClassVar[type[Cell]]

    def __init__(self, units: int, *arguments: Any, **options: Any) -> None:
        own = {*inspect.signature(RNN.__init__).parameters, *inspect.signature(Layer.__init__).parameters}
        own |= {"activity_regularizer", *self._given}
        cell = self.kind(units, *arguments, **{name: each for name, each in options.items() if name not in own})
        super().__init__(cell, **{name: each for name, each in options.items() if name in own})
        self.units = cell.units
        self.activation = cell.activation


@export("keras.layers.SimpleRNN")
class SimpleRNN(_OfCell):
    """A layer of SimpleRNNCell, whose arguments it takes, and RNN's."""

    kind = SimpleRNNCell


@export("keras.layers.LSTM")
class LSTM(_OfCell):
    """A layer of LSTMCell, whose arguments it takes, and RNN's."""

    kind = LSTMCell


@export("keras.layers.GRU")
class GRU(_OfCell):
    """A layer of GRUCell, whose arguments it takes, and RNN's."""

    kind = GRUCell
