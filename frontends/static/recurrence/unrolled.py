"""tf.nn.static_rnn and its kin: a cell over lists of tensors, one operation a step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..exports import export
from ..graphs import nest
from ..graphs.conversion import convert_to_tensor
from ..graphs.defaults import get_default_graph
from ..graphs.dtypes import int32
from ..operations.arrays import identity, shape
from ..operations.casting import cast
from ..operations.joining import concat, stack, unstack
from ..operations.ranges import zeros_like
from ..operations.rearranging import reverse_sequence
from ..operations.selection import where
from ..variables.scopes import variable_scope
from .cell import check_cell
from .dynamic import first_state


def _check_inputs(inputs: Any) -> None:
    if not nest.is_nested(inputs):
        raise TypeError("inputs must be a sequence")
    if not inputs:
        raise ValueError("inputs must not be empty")


@export("nn.static_rnn", "contrib.rnn.static_rnn")
def static_rnn(
    cell: Any, inputs: Any, initial_state: Any = None, dtype: Any = None, sequence_length: Any = None, scope: Any = None
) -> tuple[list[Any], Any]:
    """(list of outputs, last state) of a cell over a list of tensors [batch, size].

    With `sequence_length`, int [batch], outputs behind a sequence's end are zeros, and the last state is that at its
    end. Raises TypeError, ValueError.
    """
    check_cell("cell", cell)
    _check_inputs(inputs)
    with variable_scope(scope or "rnn") as entered:
        first = convert_to_tensor(nest.flatten(inputs[0])[0])
        if first.shape.ndims is not None and first.shape.ndims > 1 and not first.shape[1:].is_fully_defined():
            raise ValueError(
                "Input size (second dimension of inputs[0]) must be accessible via shape inference, but saw value None."
            )
        batch_size = first.shape.dims[0].value if first.shape.dims and first.shape.dims[0].value else shape(first)[0]
        state = first_state(cell, initial_state, batch_size, dtype)
        lengths = None
        if sequence_length is not None:
            lengths = convert_to_tensor(sequence_length)
            if lengths.shape.ndims not in (None, 1):
                raise ValueError("sequence_length must be a vector of length batch_size")
            lengths = identity(cast(lengths, int32), name="sequence_length")
        outputs: list[Any] = []
        for time, given in enumerate(inputs):
            if time > 0:
                entered.reuse_variables()
            output, following = cell(given, state)
            if lengths is not None:
                is_over = lengths <= time
                output = nest.rebuild(output, lambda leaf, is_over=is_over: where(is_over, zeros_like(leaf), leaf))
                kept = [
                    where(is_over, old, new)
                    for old, new in zip(nest.flatten(state), nest.flatten(following), strict=True)
                ]
                following = nest.pack_as(following, iter(kept))
            outputs.append(output)
            state = following
        return outputs, state


@export("nn.static_state_saving_rnn", "contrib.rnn.static_state_saving_rnn")
def static_state_saving_rnn(
    cell: Any, inputs: Any, state_saver: Any, state_name: Any, sequence_length: Any = None, scope: Any = None
) -> tuple[list[Any], Any]:
    """As static_rnn, from a state that `state_saver` keeps under `state_name` (of a nest of states a nest of names),
    and which it is given again after the last step."""
    names = nest.flatten(state_name)
    leaves = [state_saver.state(name) for name in names]
    outputs, state = static_rnn(
        cell, inputs, nest.pack_as(cell.state_size, iter(leaves)), sequence_length=sequence_length, scope=scope
    )
    saved = [state_saver.save_state(name, leaf) for name, leaf in zip(names, nest.flatten(state), strict=True)]
    with get_default_graph().control_dependencies(saved):
        outputs[-1] = nest.rebuild(outputs[-1], identity)
    return outputs, state


@export("nn.static_bidirectional_rnn", "contrib.rnn.static_bidirectional_rnn")
def static_bidirectional_rnn(
    cell_fw: Any,
    cell_bw: Any,
    inputs: Any,
    initial_state_fw: Any = None,
    initial_state_bw: Any = None,
    dtype: Any = None,
    sequence_length: Any = None,
    scope: Any = None,
) -> tuple[list[Any], Any, Any]:
    """(outputs forwards and backwards side by side, last state forwards, last state backwards) over a list of tensors
    [batch, size]."""
    check_cell("cell_fw", cell_fw)
    check_cell("cell_bw", cell_bw)
    _check_inputs(inputs)
    with variable_scope(scope or "bidirectional_rnn"):
        with variable_scope("fw") as fw:
            forwards, state_fw = static_rnn(cell_fw, inputs, initial_state_fw, dtype, sequence_length, scope=fw)
        with variable_scope("bw") as bw:
            turned = _reversed(inputs, sequence_length)
            backwards, state_bw = static_rnn(cell_bw, turned, initial_state_bw, dtype, sequence_length, scope=bw)
    pairs = zip(forwards, _reversed(backwards, sequence_length), strict=True)
    outputs = [
        nest.pack_as(
            fw_output,
            iter([concat([a, b], 1) for a, b in zip(nest.flatten(fw_output), nest.flatten(bw_output), strict=True)]),
        )
        for fw_output, bw_output in pairs
    ]
    return outputs, state_fw, state_bw


def _reversed(sequence: Sequence[Any], lengths: Any) -> list[Any]:
    """The list from its end; with lengths, each row of the batch from its own."""
    if lengths is None:
        return list(reversed(sequence))
    columns = zip(*(nest.flatten(each) for each in sequence), strict=True)
    turned = [unstack(reverse_sequence(stack(list(column)), lengths, seq_axis=0, batch_axis=1)) for column in columns]
    return [nest.pack_as(each, iter(leaves)) for each, leaves in zip(sequence, zip(*turned, strict=True), strict=True)]
