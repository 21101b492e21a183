"""tf.contrib.rnn: several layers of cells, each in both directions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..exports import export
from ..graphs.tensor import Tensor
from ..operations.joining import concat
from ..recurrence.dynamic import bidirectional_dynamic_rnn
from ..recurrence.unrolled import static_bidirectional_rnn
from ..variables.scopes import variable_scope


def _check(cells_fw: Any, cells_bw: Any, states_fw: Any, states_bw: Any) -> None:
    """Raises ValueError where forward and backward cells, or their states, are no lists of one length."""
    if not cells_fw:
        raise ValueError("Must specify at least one fw cell for BidirectionalRNN.")
    if not cells_bw:
        raise ValueError("Must specify at least one bw cell for BidirectionalRNN.")
    for what, given in (("cells_fw", cells_fw), ("cells_bw", cells_bw)):
        if not isinstance(given, list):
            raise ValueError(f"{what} must be a list of RNNCells (one per layer).")
    if len(cells_fw) != len(cells_bw):
        raise ValueError("Forward and Backward cells must have the same depth.")
    for what, states in (("fw", states_fw), ("bw", states_bw)):
        if states is not None and (not isinstance(states, list) or len(states) != len(cells_fw)):
            raise ValueError(f"initial_states_{what} must be a list of state tensors (one per layer).")


@export("contrib.rnn.stack_bidirectional_dynamic_rnn")
def stack_bidirectional_dynamic_rnn(
    cells_fw: Any, cells_bw: Any, inputs: Any, initial_states_fw: Any = None, initial_states_bw: Any = None,
    dtype: Any = None, sequence_length: Any = None, parallel_iterations: Any = None, time_major: bool = False,
    scope: Any = None, swap_memory: bool = False,
) -> tuple[Tensor, tuple[Any, ...], tuple[Any, ...]]:  # fmt: skip
    """(outputs, forward states, backward states): each layer goes over the outputs of the one before, both directions
    side by side. Raises ValueError for lists of cells that do not match."""
    _check(cells_fw, cells_bw, initial_states_fw, initial_states_bw)
    states: list[tuple[Any, Any]] = []
    with variable_scope(scope or "stack_bidirectional_rnn"):
        for number, (forward, backward) in enumerate(zip(cells_fw, cells_bw, strict=True)):
            with variable_scope(f"cell_{number}"):
                outputs, state = bidirectional_dynamic_rnn(
                    forward, backward, inputs, sequence_length=sequence_length,
                    initial_state_fw=initial_states_fw and initial_states_fw[number],
                    initial_state_bw=initial_states_bw and initial_states_bw[number], dtype=dtype,
                    time_major=time_major,
                )  # fmt: skip
                inputs = concat(outputs, 2)
            states.append(state)
    return inputs, tuple(state[0] for state in states), tuple(state[1] for state in states)


@export("contrib.rnn.stack_bidirectional_rnn")
def stack_bidirectional_rnn(
    cells_fw: Any, cells_bw: Any, inputs: Sequence[Any], initial_states_fw: Any = None, initial_states_bw: Any = None,
    dtype: Any = None, sequence_length: Any = None, scope: Any = None,
) -> tuple[Any, tuple[Any, ...], tuple[Any, ...]]:  # fmt: skip
    """As stack_bidirectional_dynamic_rnn, over a list of inputs."""
    _check(cells_fw, cells_bw, initial_states_fw, initial_states_bw)
    states: list[tuple[Any, Any]] = []
    with variable_scope(scope or "stack_bidirectional_rnn"):
        for number, (forward, backward) in enumerate(zip(cells_fw, cells_bw, strict=True)):
            with variable_scope(f"cell_{number}"):
                inputs, *state = static_bidirectional_rnn(
                    forward, backward, inputs,
                    initial_state_fw=initial_states_fw and initial_states_fw[number],
                    initial_state_bw=initial_states_bw and initial_states_bw[number],
                    dtype=dtype, sequence_length=sequence_length,
                )  # fmt: skip
            states.append((state[0], state[1]))
    return inputs, tuple(state[0] for state in states), tuple(state[1] for state in states)
