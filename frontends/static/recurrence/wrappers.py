"""Cells made of other cells: one after another, with dropout, with a way past."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import Any

from ..exports import export
from ..graphs import nest
from ..graphs.apply import apply
from ..graphs.conversion import convert_to_tensor
from ..graphs.defaults import get_default_graph
from ..graphs.dtypes import as_dtype
from ..graphs.probe import constant_value
from ..graphs.scopes import name_scope
from ..graphs.shapes import TensorShape
from ..operations.dropout import dropout
from ..operations.joining import concat
from ..operations.random import random_uniform
from ..operations.slicing import slice_
from ..operations.tensor_arrays import TensorArray
from ..variables.scopes import variable_scope
from .cell import RNNCell, check_cell
from .cells import LSTMStateTuple


@export("nn.rnn_cell.MultiRNNCell", "contrib.rnn.MultiRNNCell")
class MultiRNNCell(RNNCell):
    """Cells one after another: each takes the output of the one before. Raises ValueError, TypeError for no cells."""

    def __init__(self, cells: Sequence[Any], state_is_tuple: bool = True) -> None:
        super().__init__()
        if not cells:
            raise ValueError("Must specify at least one cell for MultiRNNCell.")
        if not nest.is_nested(cells):
            raise TypeError(f"cells must be a list or tuple, but saw: {cells}.")
        self._cells = cells
        self._state_is_tuple = state_is_tuple
        if not state_is_tuple and any(nest.is_nested(cell.state_size) for cell in cells):
            raise ValueError(
                "Some cells return tuples of states, but the flag state_is_tuple is not set.  State sizes are: "
                f"{[cell.state_size for cell in cells]}"
            )

    @property
    def state_size(self) -> Any:
        sizes = tuple(cell.state_size for cell in self._cells)
        return sizes if self._state_is_tuple else sum(sizes)

    @property
    def output_size(self) -> Any:
        return self._cells[-1].output_size

    def zero_state(self, batch_size: Any, dtype: Any) -> Any:
        with name_scope(f"{type(self).__name__}ZeroState", values=[batch_size]):
            if self._state_is_tuple:
                return tuple(cell.zero_state(batch_size, dtype) for cell in self._cells)
            return super().zero_state(batch_size, dtype)

    @property
    def trainable_weights(self) -> list[Any]:
        return [weight for cell in self._cells for weight in cell.trainable_weights] if self.trainable else []

    @property
    def non_trainable_weights(self) -> list[Any]:
        rest = [weight for cell in self._cells for weight in cell.non_trainable_weights]
        if self.trainable:
            return rest
        return [weight for cell in self._cells for weight in cell.trainable_weights] + rest

    trainable_variables, non_trainable_variables = trainable_weights, non_trainable_weights

    def call(self, inputs: Any, state: Any) -> tuple[Any, Any]:
        output, following, first = inputs, [], 0
        for number, cell in enumerate(self._cells):
            with variable_scope(f"cell_{number}"):
                if self._state_is_tuple:
                    if not nest.is_nested(state):
                        raise ValueError(
                            f"Expected state to be a tuple of length {len(self.state_size)}, but received: {state}"
                        )
                    own = state[number]
                else:
                    own = slice_(state, [0, first], [-1, cell.state_size])
                    first += cell.state_size
                output, next_own = cell(output, own)
                following.append(next_own)
        return output, tuple(following) if self._state_is_tuple else concat(following, 1)


class _Wrapper(RNNCell):
    """A cell around another one."""

    def __init__(self, cell: Any, **options: Any) -> None:
        super().__init__(**options)
        check_cell("cell", cell)
        self.cell = cell

    @property
    def wrapped_cell(self) -> Any:
        """The cell inside."""
        return self.cell

    @property
    def state_size(self) -> Any:
        return self.cell.state_size

    @property
    def output_size(self) -> Any:
        return self.cell.output_size

    @property
    def trainable_weights(self) -> list[Any]:
        return self.cell.trainable_weights

    @property
    def non_trainable_weights(self) -> list[Any]:
        return self.cell.non_trainable_weights

    trainable_variables, non_trainable_variables = trainable_weights, non_trainable_weights

    def zero_state(self, batch_size: Any, dtype: Any) -> Any:
        with name_scope(f"{type(self).__name__}ZeroState", values=[batch_size]):
            return self.cell.zero_state(batch_size, dtype)

    def __call__(self, inputs: Any, state: Any, scope: Any = None) -> Any:
        """(output, next state), as the cell inside gives it and the wrapper changes it."""
        return self._wrapped(inputs, state, scope)

    def _wrapped(self, inputs: Any, state: Any, scope: Any) -> Any:
        raise NotImplementedError


def _is_dropped(state: Any) -> Any:
    """Of a state, what dropout applies to: not the memory of cells that have one, no arrays."""
    if isinstance(state, LSTMStateTuple):
        return LSTMStateTuple(c=False, h=True)
    return not isinstance(state, TensorArray)


@export("nn.rnn_cell.DropoutWrapper", "contrib.rnn.DropoutWrapper")
class DropoutWrapper(_Wrapper):
    """Dropout of the inputs, outputs and next states of a cell.

    With `variational_recurrent` the same numbers are dropped in every step (Gal and Ghahramani, 2016), for which
    `dtype` and, where inputs are dropped, `input_size` must be given. Raises ValueError, TypeError.
    """

    def __init__(
        self,
        cell: Any,
        input_keep_prob: Any = 1.0,
        output_keep_prob: Any = 1.0,
        state_keep_prob: Any = 1.0,
        variational_recurrent: bool = False,
        input_size: Any = None,
        dtype: Any = None,
        seed: int | None = None,
        dropout_state_filter_visitor: Callable[[Any], Any] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(cell, dtype=dtype, **kwargs)
        if dropout_state_filter_visitor is not None and not callable(dropout_state_filter_visitor):
            raise TypeError("dropout_state_filter_visitor must be callable")
        self._filter = dropout_state_filter_visitor or _is_dropped
        with name_scope("DropoutWrapperInit"):
            self._input_keep_prob = _probability("input_keep_prob", input_keep_prob)
            self._state_keep_prob = _probability("state_keep_prob", state_keep_prob)
            self._output_keep_prob = _probability("output_keep_prob", output_keep_prob)
        self._seed = seed
        self._noise: dict[str, Any] = {}
        if variational_recurrent:
            self._make_noise(cell, input_size, dtype)

    def _make_noise(self, cell: Any, input_size: Any, dtype: Any) -> None:
        if dtype is None:
            raise ValueError("When variational_recurrent=True, dtype must be provided")
        sizes = {"state": cell.state_size, "output": cell.output_size}
        if _is_used(self._input_keep_prob):
            if input_size is None:
                raise ValueError(
                    "When variational_recurrent=True and input_keep_prob < 1.0 or is unknown, input_size must be "
                    "provided"
                )
            sizes["input"] = input_size
        for what, nested in sizes.items():
            self._noise[what] = [
                random_uniform([1, *_sizes(size)], seed=self._gen_seed(what, place), dtype=as_dtype(dtype))
                for place, size in enumerate(_leaves(nested))
            ]

    def _gen_seed(self, what: str, place: int) -> int | None:
        if self._seed is None:
            return None
        text = f"{self._seed}{what}_{place}".encode()
        return int(hashlib.md5(text).hexdigest()[:8], 16) & 0x7FFFFFFF

    def _dropped(self, what: str, values: Any, keep: Any, chosen: Any = True) -> Any:
        """The values after dropout of those that are chosen."""
        leaves = nest.flatten(values)
        flags = nest.flatten(chosen) if nest.is_nested(chosen) else [chosen] * len(leaves)
        made = [
            self._dropped_leaf(what, place, leaf, keep) if flag else leaf
            for place, (leaf, flag) in enumerate(zip(leaves, flags, strict=True))
        ]
        return nest.pack_as(values, iter(made))

    def _dropped_leaf(self, what: str, place: int, value: Any, keep: Any) -> Any:
        noise = self._noise.get(what)
        if noise is None:
            return dropout(value, rate=1.0 - keep, seed=self._gen_seed(what, place))
        result = value / keep * apply("Floor", [keep + noise[place]])
        result.set_shape(value.shape)
        return result

    def _wrapped(self, inputs: Any, state: Any, scope: Any) -> Any:
        if _is_used(self._input_keep_prob):
            inputs = self._dropped("input", inputs, self._input_keep_prob)
        output, following = self.cell(inputs, state, scope=scope)
        if _is_used(self._state_keep_prob):
            following = self._dropped("state", following, self._state_keep_prob, _chosen(self._filter, following))
        if _is_used(self._output_keep_prob):
            output = self._dropped("output", output, self._output_keep_prob)
        return output, following


def _chosen(visit: Callable[[Any], Any], state: Any) -> Any:
    """For each leaf of a state, whether dropout applies to it."""
    answer = visit(state)
    if isinstance(answer, bool):
        if not answer or not nest.is_nested(state):
            return [answer] * len(nest.flatten(state))
        answer = [True] * len(nest.children(state))
    flags: list[bool] = []
    for part, flag in zip(nest.children(state), nest.flatten(answer), strict=True):
        flags.extend(_chosen(visit, part) if flag else [False] * len(nest.flatten(part)))
    return flags


def _probability(name: str, given: Any) -> Any:
    """A number, or a tensor where it is not known. Raises ValueError for a number that is no probability."""
    tensor = convert_to_tensor(given)
    known = constant_value(tensor)
    if known is None:
        return tensor
    if known < 0 or known > 1:
        raise ValueError(f"Parameter {name} must be between 0 and 1: {int(known)}")
    return float(known)


def _is_used(keep: Any) -> bool:
    return not isinstance(keep, float) or keep < 1


def _leaves(sizes: Any) -> list[Any]:
    if isinstance(sizes, TensorShape):
        return [sizes]
    return nest.flatten(sizes)


def _sizes(size: Any) -> list[int]:
    return size.as_list() if isinstance(size, TensorShape) else [int(size)]


@export("nn.rnn_cell.ResidualWrapper", "contrib.rnn.ResidualWrapper")
class ResidualWrapper(_Wrapper):
    """The inputs added to the outputs of a cell, or what residual_fn(inputs, outputs) gives."""

    def __init__(self, cell: Any, residual_fn: Callable[[Any, Any], Any] | None = None, **kwargs: Any) -> None:
        super().__init__(cell, **kwargs)
        self._residual_fn = residual_fn

    def _wrapped(self, inputs: Any, state: Any, scope: Any) -> Any:
        outputs, following = self.cell(inputs, state, scope=scope)
        if self._residual_fn is not None:
            return self._residual_fn(inputs, outputs), following
        pairs = zip(nest.flatten(inputs), nest.flatten(outputs), strict=True)
        for given, output in pairs:
            given.shape.assert_is_compatible_with(output.shape)
        added = [given + output for given, output in zip(nest.flatten(inputs), nest.flatten(outputs), strict=True)]
        return nest.pack_as(outputs, iter(added)), following


@export("nn.rnn_cell.DeviceWrapper", "contrib.rnn.DeviceWrapper")
class DeviceWrapper(_Wrapper):
    """A cell on a device, which is only noted."""

    def __init__(self, cell: Any, device: Any, **kwargs: Any) -> None:
        super().__init__(cell, **kwargs)
        self._device = device

    def zero_state(self, batch_size: Any, dtype: Any) -> Any:
        with get_default_graph().device(self._device):
            return super().zero_state(batch_size, dtype)

    def _wrapped(self, inputs: Any, state: Any, scope: Any) -> Any:
        with get_default_graph().device(self._device):
            return self.cell(inputs, state, scope=scope)
