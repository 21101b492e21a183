"""tf.contrib.rnn: cells around others that look back at outputs, or carry inputs past them."""

from __future__ import annotations

from typing import Any

from ..exports import NAMES, export
from ..graphs import nest
from ..graphs.tensor import Tensor
from ..operations.arrays import expand_dims, reshape
from ..operations.convolution import conv2d
from ..operations.joining import concat, split
from ..operations.neural import bias_add, softmax
from ..operations.products import matmul
from ..operations.reductions import reduced
from ..recurrence.cell import RNNCell, check_cell
from ..variables.initializers import ConstantInitializer
from ..variables.scopes import get_variable, variable_scope
from .linear import Linear

_tanh: Any = NAMES["tanh"]
_sigmoid: Any = NAMES["sigmoid"]


@export("contrib.rnn.AttentionCellWrapper")
class AttentionCellWrapper(RNNCell):
    """A cell that attends to its last `attn_length` outputs (Bahdanau et al., 2015). Raises TypeError, ValueError."""

    def __init__(
        self, cell: Any, attn_length: int, attn_size: int | None = None, attn_vec_size: int | None = None,
        input_size: int | None = None, state_is_tuple: bool = True, reuse: Any = None,
    ) -> None:  # fmt: skip
        super().__init__(_reuse=reuse)
        check_cell("cell", cell)
        if isinstance(cell.state_size, list | tuple) and not state_is_tuple:
            raise ValueError(
                "Cell returns tuple of states, but the flag state_is_tuple is not set. State size is: "
                f"{cell.state_size}"
            )
        if attn_length <= 0:
            raise ValueError(f"attn_length should be greater than zero, got {attn_length}")
        self._cell = cell
        self._length = attn_length
        self._attn_size = attn_size or cell.output_size
        self._attn_vec_size = attn_vec_size or self._attn_size
        self._input_size = input_size
        self._state_is_tuple = state_is_tuple
        self._linear: dict[str, Linear] = {}

    @property
    def state_size(self) -> Any:
        size = (self._cell.state_size, self._attn_size, self._attn_size * self._length)
        return size if self._state_is_tuple else sum(size)

    @property
    def output_size(self) -> Any:
        return self._attn_size

    def _affine(self, what: str, inputs: Any, size: int) -> Tensor:
        if what not in self._linear:
            self._linear[what] = Linear(inputs, size, True)
        return self._linear[what](inputs)

    def call(self, inputs: Any, state: Any) -> tuple[Any, Any]:
        if not self._state_is_tuple:
            state = split(state, [self._cell.state_size, self._attn_size, self._attn_size * self._length], 1)
        inner, attended, outputs = state
        outputs = reshape(outputs, [-1, self._length, self._attn_size])
        size = self._input_size or inputs.shape[1].value
        output, following = self._cell(self._affine("inputs", [inputs, attended], size), inner)
        query = concat(nest.flatten(following), 1) if self._state_is_tuple else following
        attended = self._attended(query, outputs)
        with variable_scope("attn_output_projection"):
            output = self._affine("output", [output, attended], self._attn_size)
        outputs = concat([outputs[:, 1:], expand_dims(output, 1)], 1)
        after = (following, attended, reshape(outputs, [-1, self._length * self._attn_size]))
        return output, after if self._state_is_tuple else concat(after, 1)

    def _attended(self, query: Tensor, outputs: Tensor) -> Tensor:
        """What a query [batch, size] finds in outputs [batch, length, size]."""
        with variable_scope("attention"):
            kernel = get_variable("attn_w", [1, 1, self._attn_size, self._attn_vec_size])
            v = get_variable("attn_v", [self._attn_vec_size])
            hidden = reshape(outputs, [-1, self._length, 1, self._attn_size])
            features = conv2d(hidden, kernel, [1, 1, 1, 1], "SAME")
            asked = reshape(self._affine("query", query, self._attn_vec_size), [-1, 1, 1, self._attn_vec_size])
            weights = softmax(reduced("Sum", v * _tanh(features + asked), [2, 3], False, None))
            found = reduced("Sum", reshape(weights, [-1, self._length, 1, 1]) * hidden, [1, 2], False, None)
            return reshape(found, [-1, self._attn_size])


@export("contrib.rnn.HighwayWrapper")
class HighwayWrapper(RNNCell):
    """A cell whose inputs are carried past it as far as a gate says (Srivastava et al., 2015). Raises ValueError for
    outputs of another shape."""

    def __init__(self, cell: Any, couple_carry_transform_gates: bool = True, carry_bias_init: float = 1.0) -> None:
        super().__init__()
        self._cell = cell
        self._coupled = couple_carry_transform_gates
        self._carry_bias_init = carry_bias_init

    @property
    def state_size(self) -> Any:
        return self._cell.state_size

    @property
    def output_size(self) -> Any:
        return self._cell.output_size

    def zero_state(self, batch_size: Any, dtype: Any) -> Any:
        return self._cell.zero_state(batch_size, dtype)

    def __call__(self, inputs: Any, state: Any, scope: Any = None) -> tuple[Any, Any]:
        outputs, following = self._cell(inputs, state, scope=scope)
        if not nest.is_same_structure(inputs, outputs):
            raise ValueError(f"The two structures don't have the same nested structure: {inputs} and {outputs}")
        pairs = zip(nest.flatten(inputs), nest.flatten(outputs), strict=True)
        return nest.pack_as(outputs, iter([self._carried(*pair) for pair in pairs])), following

    def _carried(self, given: Tensor, output: Tensor) -> Tensor:
        given.shape.assert_is_compatible_with(output.shape)
        carry = self._gate("carry", given, self._carry_bias_init)
        transform = 1 - carry if self._coupled else self._gate("transform", given, -self._carry_bias_init)
        return given * carry + output * transform

    def _gate(self, what: str, given: Tensor, bias: float) -> Tensor:
        size = given.shape.with_rank(2)[1].value
        weights = get_variable(f"{what}_w", [size, size])
        biases = get_variable(f"{what}_b", [size], initializer=ConstantInitializer(bias))
        return _sigmoid(bias_add(matmul(given, weights), biases))
