"""Cells: plain, gated (Cho et al., 2014) and with a memory (Hochreiter and Schmidhuber, 1997; Zaremba et al., 2015)."""

from __future__ import annotations

import collections
from collections.abc import Callable
from typing import Any

from ..exports import export
from ..graphs.apply import apply
from ..graphs.dtypes import as_dtype
from ..graphs.tensor import Tensor
from ..layers.layer import InputSpec, Layer, activation_of
from ..operations.joining import concat, split
from ..operations.neural import bias_add
from ..operations.products import matmul
from ..operations.selection import clip_by_value
from ..operations.slicing import slice_
from ..variables.initializers import ConstantInitializer, Zeros
from .cell import RNNCell, check_dtypes

Activation = str | Callable[[Tensor], Tensor] | None


def _sigmoid(x: Tensor) -> Tensor:
    return apply("Sigmoid", [x])


class LayerRNNCell(RNNCell):
    """A cell that makes its variables in `build`, as layers do."""

    def __init__(
        self, num_units: int, activation: Activation, reuse: Any, name: str | None, dtype: Any, **options: Any
    ) -> None:
        super().__init__(_reuse=reuse, name=name, dtype=dtype, **options)
        if self._dtype is not None:
            check_dtypes(self._dtype)
        self.input_spec = InputSpec(ndim=2)
        self._num_units = num_units
        self._activation = activation_of(activation or "tanh")

    def __call__(self, inputs: Any, state: Any, scope: Any = None, *arguments: Any, **options: Any) -> Any:
        """(output, next state) for inputs [batch, size] and a state as `zero_state` has it."""
        return Layer.__call__(self, inputs, state, *arguments, scope=scope, **options)

    @property
    def state_size(self) -> Any:
        return self._num_units

    @property
    def output_size(self) -> Any:
        return self._num_units

    def _depth(self, input_shape: Any) -> int:
        """The size of an input row. Raises ValueError where it is not known."""
        depth = input_shape[-1].value
        if depth is None:
            raise ValueError(f"Expected inputs.shape[-1] to be known, saw shape: {input_shape}")
        check_dtypes(self._dtype or "float32")
        return depth

    def _zeros(self) -> Zeros:
        return Zeros(dtype=as_dtype(self._dtype or "float32"))


def _affine(inputs: Any, state: Any, kernel: Any, bias: Any) -> Tensor:
    return bias_add(matmul(concat([inputs, state], 1), kernel), bias)


@export("nn.rnn_cell.BasicRNNCell", "contrib.rnn.BasicRNNCell")
class BasicRNNCell(LayerRNNCell):
    """output = state = activation(W [inputs, state] + b)."""

    def __init__(
        self, num_units: int, activation: Activation = None, reuse: Any = None, name: str | None = None,
        dtype: Any = None, **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(num_units, activation, reuse, name, dtype, **kwargs)

    def build(self, input_shape: Any) -> None:
        depth = self._depth(input_shape)
        self._kernel = self.add_weight("kernel", shape=[depth + self._num_units, self._num_units])
        self._bias = self.add_weight("bias", shape=[self._num_units], initializer=self._zeros())
        self.built = True

    def call(self, inputs: Any, state: Any) -> tuple[Any, Any]:
        check_dtypes(inputs, state)
        output = self._activation(_affine(inputs, state, self._kernel, self._bias))
        return output, output


@export("nn.rnn_cell.GRUCell", "contrib.rnn.GRUCell")
class GRUCell(LayerRNNCell):
    """output = state = u * state + (1 - u) * activation(W [inputs, r * state] + b), with gates r and u."""

    def __init__(
        self, num_units: int, activation: Activation = None, reuse: Any = None, kernel_initializer: Any = None,
        bias_initializer: Any = None, name: str | None = None, dtype: Any = None, **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(num_units, activation, reuse, name, dtype, **kwargs)
        self._kernel_initializer = kernel_initializer
        self._bias_initializer = bias_initializer

    def build(self, input_shape: Any) -> None:
        depth, units = self._depth(input_shape), self._num_units
        given, dtype = self._bias_initializer, as_dtype(self._dtype or "float32")
        self._gate_kernel = self.add_weight(
            "gates/kernel", shape=[depth + units, 2 * units], initializer=self._kernel_initializer
        )
        ones = ConstantInitializer(1.0, dtype=dtype) if given is None else given
        self._gate_bias = self.add_weight("gates/bias", shape=[2 * units], initializer=ones)
        self._candidate_kernel = self.add_weight(
            "candidate/kernel", shape=[depth + units, units], initializer=self._kernel_initializer
        )
        zeros = self._zeros() if given is None else given
        self._candidate_bias = self.add_weight("candidate/bias", shape=[units], initializer=zeros)
        self.built = True

    def call(self, inputs: Any, state: Any) -> tuple[Any, Any]:
        check_dtypes(inputs, state)
        gates = _sigmoid(_affine(inputs, state, self._gate_kernel, self._gate_bias))
        reset, update = split(gates, 2, 1)
        candidate = self._activation(_affine(inputs, reset * state, self._candidate_kernel, self._candidate_bias))
        following = update * state + (1 - update) * candidate
        return following, following


@export("nn.rnn_cell.LSTMStateTuple", "contrib.rnn.LSTMStateTuple")
class LSTMStateTuple(collections.namedtuple("LSTMStateTuple", ("c", "h"))):
    """The state of a cell with a memory: c the memory, h the output."""

    __slots__ = ()

    @property
    def dtype(self) -> Any:
        """The dtype of both. Raises TypeError where they differ."""
        if self.c.dtype != self.h.dtype:
            raise TypeError(f"Inconsistent internal state: {self.c.dtype} vs {self.h.dtype}")
        return self.c.dtype


@export("nn.rnn_cell.BasicLSTMCell", "contrib.rnn.BasicLSTMCell")
class BasicLSTMCell(LayerRNNCell):
    """c = sigmoid(f + forget_bias) * c + sigmoid(i) * activation(j); output = h = activation(c) * sigmoid(o)."""

    def __init__(
        self, num_units: int, forget_bias: float = 1.0, state_is_tuple: bool = True, activation: Activation = None,
        reuse: Any = None, name: str | None = None, dtype: Any = None, **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(num_units, activation, reuse, name, dtype, **kwargs)
        self._forget_bias = forget_bias
        self._state_is_tuple = state_is_tuple

    @property
    def state_size(self) -> Any:
        units = self._num_units
        return LSTMStateTuple(units, units) if self._state_is_tuple else 2 * units

    def build(self, input_shape: Any) -> None:
        depth, units = self._depth(input_shape), self._num_units
        self._kernel = self.add_weight("kernel", shape=[depth + units, 4 * units])
        self._bias = self.add_weight("bias", shape=[4 * units], initializer=self._zeros())
        self.built = True

    def call(self, inputs: Any, state: Any) -> tuple[Any, Any]:
        check_dtypes(inputs, state)
        c, h = state if self._state_is_tuple else split(state, 2, 1)
        i, j, f, o = split(_affine(inputs, h, self._kernel, self._bias), 4, 1)
        memory = c * _sigmoid(f + self._forget_bias) + _sigmoid(i) * self._activation(j)
        output = self._activation(memory) * _sigmoid(o)
        return output, LSTMStateTuple(memory, output) if self._state_is_tuple else concat([memory, output], 1)


@export("nn.rnn_cell.LSTMCell", "contrib.rnn.LSTMCell")
class LSTMCell(LayerRNNCell):
    """As BasicLSTMCell, with peepholes from the memory to the gates, bounds on the memory, and a projection of the
    output to num_proj numbers, as far as wanted (Sak et al., 2014)."""

    def __init__(
        self, num_units: int, use_peepholes: bool = False, cell_clip: float | None = None, initializer: Any = None,
        num_proj: int | None = None, proj_clip: float | None = None, num_unit_shards: Any = None,
        num_proj_shards: Any = None, forget_bias: float = 1.0, state_is_tuple: bool = True,
        activation: Activation = None, reuse: Any = None, name: str | None = None, dtype: Any = None, **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(num_units, activation, reuse, name, dtype, **kwargs)
        self._use_peepholes = use_peepholes
        self._cell_clip = cell_clip
        self._initializer = initializer
        self._num_proj = num_proj
        self._proj_clip = proj_clip
        self._forget_bias = forget_bias
        self._state_is_tuple = state_is_tuple

    @property
    def output_size(self) -> Any:
        return self._num_proj or self._num_units

    @property
    def state_size(self) -> Any:
        sizes = self._num_units, self.output_size
        return LSTMStateTuple(*sizes) if self._state_is_tuple else sum(sizes)

    def build(self, input_shape: Any) -> None:
        depth, units = self._depth(input_shape), self._num_units
        rows = depth + self.output_size
        self._kernel = self.add_weight("kernel", shape=[rows, 4 * units], initializer=self._initializer)
        self._bias = self.add_weight("bias", shape=[4 * units], initializer=self._zeros())
        if self._use_peepholes:
            self._peepholes = [
                self.add_weight(f"w_{gate}_diag", shape=[units], initializer=self._initializer) for gate in "fio"
            ]
        if self._num_proj is not None:
            self._projection = self.add_weight(
                "projection/kernel", shape=[units, self._num_proj], initializer=self._initializer
            )
        self.built = True

    def call(self, inputs: Any, state: Any) -> tuple[Any, Any]:
        check_dtypes(inputs, state)
        if self._state_is_tuple:
            c, h = state
        else:
            units = self._num_units
            c, h = slice_(state, [0, 0], [-1, units]), slice_(state, [0, units], [-1, self.output_size])
        if inputs.shape.with_rank(2).dims[1].value is None:
            raise ValueError("Could not infer input size from inputs.get_shape()[-1]")
        i, j, f, o = split(_affine(inputs, h, self._kernel, self._bias), 4, 1)
        f = f + self._forget_bias
        if self._use_peepholes:
            forget, enter, leave = self._peepholes
            f, i = f + forget * c, i + enter * c
        memory = _sigmoid(f) * c + _sigmoid(i) * self._activation(j)
        if self._cell_clip is not None:
            memory = clip_by_value(memory, -self._cell_clip, self._cell_clip)
        if self._use_peepholes:
            o = o + leave * memory
        output = _sigmoid(o) * self._activation(memory)
        if self._num_proj is not None:
            output = matmul(output, self._projection)
            if self._proj_clip is not None:
                output = clip_by_value(output, -self._proj_clip, self._proj_clip)
        return output, LSTMStateTuple(memory, output) if self._state_is_tuple else concat([memory, output], 1)
