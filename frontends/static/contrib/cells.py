"""tf.contrib.rnn: more recurrent cells, and wrappers that change what goes in or comes out."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from ..exports import NAMES, export
from ..graphs.apply import apply
from ..graphs.scopes import name_scope
from ..graphs.tensor import Tensor
from ..layers.layer import InputSpec
from ..operations.arrays import reshape
from ..operations.dropout import dropout
from ..operations.embedding import embedding_lookup
from ..operations.joining import concat, split
from ..operations.neural import bias_add
from ..operations.products import matmul
from ..operations.selection import clip_by_value
from ..recurrence.cell import RNNCell, check_cell
from ..recurrence.cells import GRUCell, LayerRNNCell, LSTMStateTuple
from ..variables.initializers import ConstantInitializer, RandomUniform, Zeros
from ..variables.scopes import get_variable, get_variable_scope, variable_scope
from .linear import Linear
from .normalization import layer_norm

_tanh: Any = NAMES["tanh"]
_sigmoid: Any = NAMES["sigmoid"]
_relu: Any = NAMES["nn.relu"]


class _Around(RNNCell):
    """A cell around another one."""

    def __init__(self, cell: Any, reuse: Any) -> None:
        super().__init__(_reuse=reuse)
        check_cell("cell", cell)
        self._cell = cell

    @property
    def state_size(self) -> Any:
        return self._cell.state_size

    @property
    def output_size(self) -> Any:
        return self._cell.output_size

    def zero_state(self, batch_size: Any, dtype: Any) -> Any:
        """The inner cell's."""
        with name_scope(f"{type(self).__name__}ZeroState", values=[batch_size]):
            return self._cell.zero_state(batch_size, dtype)


@export("contrib.rnn.EmbeddingWrapper")
class EmbeddingWrapper(_Around):
    """A cell whose inputs are integers that name rows of a table."""

    def __init__(
        self, cell: Any, embedding_classes: int, embedding_size: int, initializer: Any = None, reuse: Any = None
    ) -> None:
        super().__init__(cell, reuse)
        if embedding_classes <= 0 or embedding_size <= 0:
            raise ValueError(
                f"Both embedding_classes and embedding_size must be > 0: {embedding_classes}, {embedding_size}."
            )
        self._shape = [embedding_classes, embedding_size]
        self._initializer = initializer

    def call(self, inputs: Any, state: Any) -> tuple[Any, Any]:
        edge = math.sqrt(3)  # of uniform numbers of variance 1
        first = self._initializer or get_variable_scope().initializer or RandomUniform(-edge, edge)
        part = state
        while isinstance(part, list | tuple):
            part = part[0]
        table = get_variable("embedding", self._shape, initializer=first, dtype=part.dtype.base_dtype)
        return self._cell(embedding_lookup(table, reshape(inputs, [-1])), state)


@export("contrib.rnn.InputProjectionWrapper")
class InputProjectionWrapper(_Around):
    """A cell whose inputs go through an affine map first."""

    def __init__(
        self, cell: Any, num_proj: int, activation: Callable[..., Any] | None = None, input_size: Any = None,
        reuse: Any = None,
    ) -> None:  # fmt: skip
        super().__init__(cell, reuse)
        self._num_proj = num_proj
        self._activation = activation
        self._linear: Linear | None = None

    def call(self, inputs: Any, state: Any) -> tuple[Any, Any]:
        if self._linear is None:
            self._linear = Linear(inputs, self._num_proj, True)
        projected = self._linear(inputs)
        return self._cell(projected if self._activation is None else self._activation(projected), state)


@export("contrib.rnn.OutputProjectionWrapper")
class OutputProjectionWrapper(_Around):
    """A cell whose outputs go through an affine map."""

    def __init__(
        self, cell: Any, output_size: int, activation: Callable[..., Any] | None = None, reuse: Any = None
    ) -> None:
        super().__init__(cell, reuse)
        if output_size < 1:
            raise ValueError(f"Parameter output_size must be > 0: {output_size}.")
        self._output_size = output_size
        self._activation = activation
        self._linear: Linear | None = None

    @property
    def output_size(self) -> Any:
        return self._output_size

    def call(self, inputs: Any, state: Any) -> tuple[Any, Any]:
        output, following = self._cell(inputs, state)
        if self._linear is None:
            self._linear = Linear(output, self._output_size, True)
        projected = self._linear(output)
        return projected if self._activation is None else self._activation(projected), following


@export("contrib.rnn.NASCell")
class NASCell(LayerRNNCell):
    """The cell that a search over architectures found (Zoph and Le, 2016)."""

    def __init__(
        self, num_units: int, num_proj: int | None = None, use_bias: bool = False, reuse: Any = None, **kwargs: Any
    ) -> None:
        name, dtype = kwargs.pop("name", None), kwargs.pop("dtype", None)
        super().__init__(num_units, None, reuse, name, dtype, **kwargs)
        self.input_spec = None
        self._num_proj = num_proj
        self._use_bias = use_bias

    @property
    def output_size(self) -> Any:
        return self._num_proj or self._num_units

    @property
    def state_size(self) -> Any:
        return LSTMStateTuple(self._num_units, self.output_size)

    def build(self, inputs_shape: Any) -> None:
        depth, width = inputs_shape.with_rank(2)[1].value, 8 * self._num_units
        if depth is None:
            raise ValueError("Could not infer input size from inputs.get_shape()[-1]")
        self.recurrent_kernel = self.add_weight("recurrent_kernel", [self.output_size, width])
        self.kernel = self.add_weight("kernel", [depth, width])
        if self._use_bias:
            self.bias = self.add_weight("bias", shape=[width], initializer=Zeros())
        if self._num_proj is not None:
            self.projection_weights = self.add_weight("projection_weights", [self._num_units, self._num_proj])
        self.built = True

    def call(self, inputs: Any, state: Any) -> tuple[Any, Any]:
        memory, before = state
        recurrent = matmul(before, self.recurrent_kernel)
        if self._use_bias:
            recurrent = bias_add(recurrent, self.bias)
        m, x = split(recurrent, 8, 1), split(matmul(inputs, self.kernel), 8, 1)
        kinds = (_sigmoid, _relu, _sigmoid, _relu, _tanh, _sigmoid, _tanh, _sigmoid)
        first = [kind(x[place] * m[place] if place == 3 else x[place] + m[place]) for place, kind in enumerate(kinds)]
        left = _tanh(_tanh(first[0] * first[1]) + memory) * _tanh(first[2] + first[3])
        right = _tanh(_tanh(first[4] * first[5]) + _sigmoid(first[6] + first[7]))
        output = _tanh(left * right)
        if self._num_proj is not None:
            output = matmul(output, self.projection_weights)
        return output, LSTMStateTuple(left, output)


def normalized(x: Tensor, scope: str, gain: float, shift: float) -> Tensor:
    """x after tf.contrib.layers.layer_norm, whose variables begin as `gain` and `shift`."""
    with variable_scope(scope):
        for name, value in (("gamma", gain), ("beta", shift)):
            get_variable(name, shape=x.shape[-1:], initializer=ConstantInitializer(value), dtype=x.dtype.base_dtype)
    return layer_norm(x, reuse=True, scope=scope)


@export("contrib.rnn.LayerNormBasicLSTMCell")
class LayerNormBasicLSTMCell(RNNCell):
    """A cell with a memory whose gates are normalized (Ba et al., 2016) and whose candidates are dropped (Semeniuta et
    al., 2016)."""

    def __init__(
        self, num_units: int, forget_bias: float = 1.0, input_size: Any = None,
        activation: Callable[..., Any] = _tanh, layer_norm: bool = True, norm_gain: float = 1.0,
        norm_shift: float = 0.0, dropout_keep_prob: Any = 1.0, dropout_prob_seed: int | None = None, reuse: Any = None,
    ) -> None:  # fmt: skip
        super().__init__(_reuse=reuse)
        self._num_units = num_units
        self._activation = activation
        self._forget_bias = forget_bias
        self._keep_prob = dropout_keep_prob
        self._seed = dropout_prob_seed
        self._layer_norm = layer_norm
        self._norm_gain = norm_gain
        self._norm_shift = norm_shift

    @property
    def state_size(self) -> Any:
        return LSTMStateTuple(self._num_units, self._num_units)

    @property
    def output_size(self) -> Any:
        return self._num_units

    def _normalized(self, x: Tensor, scope: str) -> Tensor:
        return normalized(x, scope, self._norm_gain, self._norm_shift)

    def call(self, inputs: Any, state: Any) -> tuple[Any, Any]:
        c, h = state
        x = concat([inputs, h], 1)
        weights = get_variable("kernel", [x.shape[-1].value, 4 * self._num_units], dtype=x.dtype.base_dtype)
        gates = matmul(x, weights)
        if not self._layer_norm:
            gates = bias_add(gates, get_variable("bias", [4 * self._num_units], dtype=x.dtype.base_dtype))
        i, j, f, o = split(gates, 4, 1)
        if self._layer_norm:
            parts = ((i, "input"), (j, "transform"), (f, "forget"), (o, "output"))
            i, j, f, o = (self._normalized(gate, name) for gate, name in parts)
        candidate = self._activation(j)
        if not isinstance(self._keep_prob, float) or self._keep_prob < 1:
            candidate = dropout(candidate, self._keep_prob, seed=self._seed)
        memory = c * _sigmoid(f + self._forget_bias) + _sigmoid(i) * candidate
        if self._layer_norm:
            memory = self._normalized(memory, "state")
        output = self._activation(memory) * _sigmoid(o)
        return output, LSTMStateTuple(memory, output)


@export("contrib.rnn.LSTMBlockCell")
class LSTMBlockCell(LayerRNNCell):
    """BasicLSTMCell, with peepholes and a bound on the memory where wanted."""

    def __init__(
        self, num_units: int, forget_bias: float = 1.0, cell_clip: float | None = None, use_peephole: bool = False,
        dtype: Any = None, reuse: Any = None, name: str = "lstm_cell",
    ) -> None:  # fmt: skip
        super().__init__(num_units, None, reuse, name, dtype)
        self.input_spec = InputSpec(ndim=2)
        self._forget_bias = forget_bias
        self._cell_clip = cell_clip
        self._use_peephole = use_peephole

    @property
    def state_size(self) -> Any:
        return LSTMStateTuple(self._num_units, self._num_units)

    def build(self, input_shape: Any) -> None:
        depth, units = self._depth(input_shape), self._num_units
        self._kernel = self.add_weight("kernel", [depth + units, 4 * units])
        self._bias = self.add_weight("bias", [4 * units], initializer=ConstantInitializer(0.0))
        if self._use_peephole:
            self._i, self._f, self._o = (self.add_weight(f"w_{gate}_diag", [units]) for gate in "ifo")
        self.built = True

    def call(self, inputs: Any, state: Any) -> tuple[Any, Any]:
        c, h = state
        i, j, f, o = split(bias_add(matmul(concat([inputs, h], 1), self._kernel), self._bias), 4, 1)
        if self._use_peephole:
            i, f = i + self._i * c, f + self._f * c
        memory = _sigmoid(i) * _tanh(j) + _sigmoid(f + self._forget_bias) * c
        if self._cell_clip is not None and self._cell_clip > 0:
            memory = clip_by_value(memory, -self._cell_clip, self._cell_clip)
        if self._use_peephole:
            o = o + self._o * memory
        output = _tanh(memory) * _sigmoid(o)
        return output, LSTMStateTuple(memory, output)


@export("contrib.rnn.GRUBlockCellV2")
class GRUBlockCellV2(GRUCell):
    """GRUCell."""

    def __init__(self, num_units: int, reuse: Any = None, name: str = "gru_cell", **kwargs: Any) -> None:
        super().__init__(num_units, reuse=reuse, name=name, **kwargs)


@export("contrib.rnn.GRUBlockCell")
class GRUBlockCell(GRUCell):
    """GRUCell, with variables of short names. Raises ValueError for both or neither of `num_units` and `cell_size`."""

    def __init__(
        self, num_units: int | None = None, cell_size: int | None = None, reuse: Any = None, name: str = "gru_cell"
    ) -> None:
        if (cell_size is None) == (num_units is None):
            raise ValueError("Exactly one of num_units or cell_size must be provided.")
        super().__init__(num_units or cell_size or 0, reuse=reuse, name=name)

    def build(self, input_shape: Any) -> None:
        depth, units = self._depth(input_shape), self._num_units
        self._gate_kernel = self.add_weight("w_ru", [depth + units, 2 * units])
        self._gate_bias = self.add_weight("b_ru", [2 * units], initializer=ConstantInitializer(1.0))
        self._candidate_kernel = self.add_weight("w_c", [depth + units, units])
        self._candidate_bias = self.add_weight("b_c", [units], initializer=ConstantInitializer(0.0))
        self.built = True


@export("contrib.rnn.UGRNNCell")
class UGRNNCell(RNNCell):
    """A cell with one gate, of the update (Collins et al., 2017)."""

    def __init__(
        self, num_units: int, initializer: Any = None, forget_bias: float = 1.0, activation: Callable[..., Any] = _tanh,
        reuse: Any = None,
    ) -> None:  # fmt: skip
        super().__init__(_reuse=reuse)
        self._num_units = num_units
        self._initializer = initializer
        self._forget_bias = forget_bias
        self._activation = activation
        self._linear: Linear | None = None

    @property
    def state_size(self) -> Any:
        return self._num_units

    @property
    def output_size(self) -> Any:
        return self._num_units

    def call(self, inputs: Any, state: Any) -> tuple[Any, Any]:
        with variable_scope(get_variable_scope(), initializer=self._initializer):
            if self._linear is None:
                self._linear = Linear([inputs, state], 2 * self._num_units, True)
            g, c = split(self._linear([inputs, state]), 2, 1)
            gate = _sigmoid(g + self._forget_bias)
            following = gate * state + apply("Sub", [1.0, gate]) * self._activation(c)
        return following, following
