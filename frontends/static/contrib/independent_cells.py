"""tf.contrib.rnn: cells whose units see their own state alone, which saves products."""

from __future__ import annotations

from typing import Any

from ..exports import NAMES, export
from ..graphs.tensor import Tensor
from ..operations.joining import concat, split
from ..operations.neural import bias_add
from ..operations.products import matmul
from ..recurrence.cells import LayerRNNCell, LSTMStateTuple
from ..variables.initializers import Ones, RandomUniform

_sigmoid: Any = NAMES["sigmoid"]


@export("contrib.rnn.SRUCell")
class SRUCell(LayerRNNCell):
    """The simple recurrent unit (Lei and Zhang, 2017)."""

    def __init__(
        self, num_units: int, activation: Any = None, reuse: Any = None, name: str | None = None, **kwargs: Any
    ) -> None:
        super().__init__(num_units, activation, reuse, name, kwargs.pop("dtype", None), **kwargs)

    def build(self, inputs_shape: Any) -> None:
        self._kernel = self.add_weight("kernel", [self._depth(inputs_shape), 4 * self._num_units])
        self._bias = self.add_weight("bias", [2 * self._num_units], initializer=self._zeros())
        self.built = True

    def call(self, inputs: Any, state: Any) -> tuple[Any, Any]:
        candidate, f, r, passed = split(matmul(inputs, self._kernel), 4, 1)
        f, r = split(_sigmoid(bias_add(concat([f, r], 1), self._bias)), 2, 1)
        memory = f * state + (1.0 - f) * candidate
        return r * self._activation(memory) + (1.0 - r) * passed, memory


class _Independent(LayerRNNCell):
    """A cell of which each unit's state is multiplied with numbers of its own."""

    def __init__(
        self, num_units: int, activation: Any = None, reuse: Any = None, kernel_initializer: Any = None,
        bias_initializer: Any = None, name: str | None = None, dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__(num_units, activation, reuse, name, dtype)
        self._kernel_initializer = kernel_initializer
        self._bias_initializer = bias_initializer

    def _weights(self, inputs_shape: Any, kernel: str, own: str, bias: str, count: int, first: Any) -> list[Any]:
        """The weights of inputs, of a unit's own state, and the bias of `count` numbers a unit."""
        width = count * self._num_units
        return [
            self.add_weight(kernel, [self._depth(inputs_shape), width], initializer=self._kernel_initializer),
            self.add_weight(own, [1, width], initializer=RandomUniform(-1, 1)),
            self.add_weight(bias, [width], initializer=self._bias_initializer or first),
        ]


def _gates(inputs: Any, state: Any, weights: list[Any], count: int = 1) -> Tensor:
    kernel, own, bias = weights
    repeated = state if count == 1 else concat([state] * count, 1)
    return bias_add(matmul(inputs, kernel) + repeated * own, bias)


@export("contrib.rnn.IndRNNCell")
class IndRNNCell(_Independent):
    """The independently recurrent network (Li et al., 2018)."""

    def __init__(
        self, num_units: int, activation: Any = None, reuse: Any = None, name: str | None = None, dtype: Any = None
    ) -> None:
        super().__init__(num_units, activation, reuse, None, None, name, dtype)

    def build(self, inputs_shape: Any) -> None:
        self._all = self._weights(inputs_shape, "kernel_w", "kernel_u", "bias", 1, self._zeros())
        self.built = True

    def call(self, inputs: Any, state: Any) -> tuple[Any, Any]:
        output = self._activation(_gates(inputs, state, self._all))
        return output, output


@export("contrib.rnn.IndyGRUCell")
class IndyGRUCell(_Independent):
    """GRUCell with units that see their own state alone (Gonnet and Deselaers, 2019)."""

    def build(self, inputs_shape: Any) -> None:
        self._gate = self._weights(inputs_shape, "gates/kernel_w", "gates/kernel_u", "gates/bias", 2, Ones())
        self._candidate = self._weights(
            inputs_shape, "candidate/kernel", "candidate/kernel_u", "candidate/bias", 1, self._zeros()
        )
        self.built = True

    def call(self, inputs: Any, state: Any) -> tuple[Any, Any]:
        r, u = split(_sigmoid(_gates(inputs, state, self._gate, 2)), 2, 1)
        candidate = self._activation(_gates(inputs, r * state, self._candidate))
        following = u * state + (1 - u) * candidate
        return following, following


@export("contrib.rnn.IndyLSTMCell")
class IndyLSTMCell(_Independent):
    """BasicLSTMCell with units that see their own state alone (Gonnet and Deselaers, 2019)."""

    def __init__(
        self, num_units: int, forget_bias: float = 1.0, activation: Any = None, reuse: Any = None,
        kernel_initializer: Any = None, bias_initializer: Any = None, name: str | None = None, dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__(num_units, activation, reuse, kernel_initializer, bias_initializer, name, dtype)
        self._forget_bias = forget_bias

    @property
    def state_size(self) -> Any:
        return LSTMStateTuple(self._num_units, self._num_units)

    def build(self, inputs_shape: Any) -> None:
        self._all = self._weights(inputs_shape, "kernel_w", "kernel_u", "bias", 4, self._zeros())
        self.built = True

    def call(self, inputs: Any, state: Any) -> tuple[Any, Any]:
        c, h = state
        i, j, f, o = split(_gates(inputs, h, self._all, 4), 4, 1)
        memory = c * _sigmoid(f + self._forget_bias) + _sigmoid(i) * self._activation(j)
        output = self._activation(memory) * _sigmoid(o)
        return output, LSTMStateTuple(memory, output)
