"""tf.contrib.rnn: what runs a cell over all steps at once, forwards or backwards in time."""

from __future__ import annotations

from typing import Any

from ..exports import export
from ..operations.joining import stack, unstack
from ..operations.rearranging import reverse, reverse_sequence
from ..recurrence.dynamic import dynamic_rnn
from ..recurrence.unrolled import static_rnn


@export("contrib.rnn.FusedRNNCell")
class FusedRNNCell:
    """(outputs, last state) = cell(inputs) of inputs [time, batch, size], or of a list with one tensor a step."""

    def __call__(
        self, inputs: Any, initial_state: Any = None, dtype: Any = None, sequence_length: Any = None, scope: Any = None
    ) -> tuple[Any, Any]:
        """Runs over all steps."""
        raise NotImplementedError


@export("contrib.rnn.FusedRNNCellAdaptor")
class FusedRNNCellAdaptor(FusedRNNCell):
    """A cell over all steps, by tf.nn.static_rnn or tf.nn.dynamic_rnn."""

    def __init__(self, cell: Any, use_dynamic_rnn: bool = False) -> None:
        self._cell = cell
        self._use_dynamic_rnn = use_dynamic_rnn

    def __call__(
        self, inputs: Any, initial_state: Any = None, dtype: Any = None, sequence_length: Any = None, scope: Any = None
    ) -> tuple[Any, Any]:
        is_list = isinstance(inputs, list)
        options = {
            "initial_state": initial_state, "dtype": dtype, "sequence_length": sequence_length, "scope": scope,
        }  # fmt: skip
        if self._use_dynamic_rnn:
            given = stack(inputs) if is_list else inputs
            outputs, state = dynamic_rnn(self._cell, given, time_major=True, **options)
            return unstack(outputs) if is_list else outputs, state
        outputs, state = static_rnn(self._cell, inputs if is_list else unstack(inputs), **options)
        return outputs if is_list else stack(outputs), state


@export("contrib.rnn.TimeReversedFusedRNN")
class TimeReversedFusedRNN(FusedRNNCell):
    """Another such cell, backwards in time: inputs and outputs are reversed, within their lengths where these are
    given."""

    def __init__(self, cell: Any) -> None:
        self._cell = cell

    def __call__(
        self, inputs: Any, initial_state: Any = None, dtype: Any = None, sequence_length: Any = None, scope: Any = None
    ) -> tuple[Any, Any]:
        outputs, state = self._cell(
            _reversed(inputs, sequence_length), initial_state=initial_state, dtype=dtype,
            sequence_length=sequence_length, scope=scope,
        )  # fmt: skip
        return _reversed(outputs, sequence_length), state


def _reversed(x: Any, lengths: Any) -> Any:
    if isinstance(x, list):
        return x[::-1]
    return reverse(x, [0]) if lengths is None else reverse_sequence(x, lengths, 0, 1)
