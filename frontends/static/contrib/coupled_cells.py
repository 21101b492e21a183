"""tf.contrib.rnn: cells in which one gate says both what is kept and what is new."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..exports import NAMES, export
from ..graphs.tensor import Tensor
from ..operations.joining import concat, split
from ..operations.neural import bias_add
from ..operations.products import matmul
from ..operations.selection import clip_by_value
from ..recurrence.cell import RNNCell
from ..recurrence.cells import LSTMStateTuple
from ..variables.initializers import Zeros
from ..variables.scopes import get_variable, get_variable_scope, variable_scope
from .cells import normalized
from .linear import Linear

_tanh: Any = NAMES["tanh"]
_sigmoid: Any = NAMES["sigmoid"]
_relu: Any = NAMES["nn.relu"]


@export("contrib.rnn.CoupledInputForgetGateLSTMCell")
class CoupledInputForgetGateLSTMCell(RNNCell):
    """LSTMCell that takes in as much as it forgets (Greff et al., 2015), with normalized gates where wanted."""

    def __init__(
        self, num_units: int, use_peepholes: bool = False, initializer: Any = None, num_proj: int | None = None,
        proj_clip: float | None = None, num_unit_shards: int = 1, num_proj_shards: int = 1, forget_bias: float = 1.0,
        state_is_tuple: bool = True, activation: Callable[..., Any] = _tanh, reuse: Any = None,
        layer_norm: bool = False, norm_gain: float = 1.0, norm_shift: float = 0.0,
    ) -> None:  # fmt: skip
        super().__init__(_reuse=reuse)
        self._num_units = num_units
        self._use_peepholes = use_peepholes
        self._num_proj = num_proj
        self._proj_clip = proj_clip
        self._shards = (num_unit_shards, num_proj_shards)
        self._forget_bias = forget_bias
        self._state_is_tuple = state_is_tuple
        self._activation = activation
        self._layer_norm = layer_norm
        self._norm = (norm_gain, norm_shift)

    @property
    def state_size(self) -> Any:
        sizes = (self._num_units, self.output_size)
        return LSTMStateTuple(*sizes) if self._state_is_tuple else sum(sizes)

    @property
    def output_size(self) -> Any:
        return self._num_proj or self._num_units

    def _sharded(self, name: str, rows: int, columns: int, count: int, dtype: Any) -> Any:
        """A variable, or several below one another."""
        if count > rows:
            raise ValueError(f"Too many shards: shape={[rows, columns]}, num_shards={count}")
        if count == 1:
            return get_variable(f"{name}_0", [rows, columns], dtype=dtype)
        sizes = [rows // count + (number < rows % count) for number in range(count)]
        return concat([get_variable(f"{name}_{n}", [size, columns], dtype=dtype) for n, size in enumerate(sizes)], 0)

    def call(self, inputs: Any, state: Any) -> tuple[Any, Any]:
        c, m = state if self._state_is_tuple else split(state, [self._num_units, self.output_size], 1)
        dtype, units = inputs.dtype.base_dtype, self._num_units
        depth = inputs.shape.with_rank(2)[1].value
        if depth is None:
            raise ValueError("Could not infer input size from inputs.get_shape()[-1]")
        weights = self._sharded("W", depth + self.output_size, 3 * units, self._shards[0], dtype)
        bias = get_variable("B", [3 * units], initializer=Zeros(), dtype=dtype)
        gates = matmul(concat([inputs, m], 1), weights)
        j, f, o = split(gates if self._layer_norm else bias_add(gates, bias), 3, 1)
        if self._layer_norm:
            j, f, o = (self._normal(x, name) for x, name in ((j, "transform"), (f, "forget"), (o, "output")))
        f = f + self._forget_bias
        if self._use_peepholes:
            of_f, of_o = (get_variable(f"W_{gate}_diag", [units], dtype=dtype) for gate in "FO")
            f = f + of_f * c
        kept = _sigmoid(f)
        c = kept * c + (1 - kept) * self._activation(j)
        if self._layer_norm:
            c = self._normal(c, "state")
        m = _sigmoid(o + of_o * c if self._use_peepholes else o) * self._activation(c)
        if self._num_proj is not None:
            m = matmul(m, self._sharded("W_P", units, self._num_proj, self._shards[1], dtype))
            if self._proj_clip is not None:
                m = clip_by_value(m, -self._proj_clip, self._proj_clip)
        return m, LSTMStateTuple(c, m) if self._state_is_tuple else concat([c, m], 1)

    def _normal(self, x: Tensor, scope: str) -> Tensor:
        return normalized(x, scope, *self._norm)


@export("contrib.rnn.IntersectionRNNCell")
class IntersectionRNNCell(RNNCell):
    """A cell with gates for depth and for time (Collins et al., 2017). Raises ValueError for inputs of another size,
    unless `num_in_proj` maps them."""

    def __init__(
        self, num_units: int, num_in_proj: int | None = None, initializer: Any = None, forget_bias: float = 1.0,
        y_activation: Callable[..., Any] = _relu, reuse: Any = None,
    ) -> None:  # fmt: skip
        super().__init__(_reuse=reuse)
        self._num_units = num_units
        self._num_input_proj = num_in_proj
        self._initializer = initializer
        self._forget_bias = forget_bias
        self._y_activation = y_activation
        self._projection: Linear | None = None
        self._linear: Linear | None = None

    @property
    def state_size(self) -> Any:
        return self._num_units

    @property
    def output_size(self) -> Any:
        return self._num_units

    def call(self, inputs: Any, state: Any) -> tuple[Any, Any]:
        depth = inputs.shape.with_rank(2)[1].value
        if depth is None:
            raise ValueError("Could not infer input size from inputs.get_shape()[-1]")
        with variable_scope(get_variable_scope(), initializer=self._initializer):
            if depth != self._num_units:
                inputs = self._projected(inputs)
            given = concat([inputs, state], 1)
            if self._linear is None:
                self._linear = Linear(given, 4 * self._num_units, True)
            gate_h, h, gate_y, y = split(self._linear(given), 4, 1)
            of_state, of_inputs = (_sigmoid(gate + self._forget_bias) for gate in (gate_h, gate_y))
            following = of_state * state + (1.0 - of_state) * _tanh(h)
            return of_inputs * inputs + (1.0 - of_inputs) * self._y_activation(y), following

    def _projected(self, inputs: Tensor) -> Tensor:
        if not self._num_input_proj:
            raise ValueError(
                "Must have input size == output size for Intersection RNN. To fix, num_in_proj should be set to "
                "num_units at cell init."
            )
        with variable_scope("in_projection"):
            if self._projection is None:
                self._projection = Linear(inputs, self._num_units, True)
            return self._projection(inputs)
