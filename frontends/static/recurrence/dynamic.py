"""tf.nn.dynamic_rnn and bidirectional_dynamic_rnn: a cell over sequences as long as a run feeds them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..exports import export
from ..graphs import nest
from ..graphs.apply import apply
from ..graphs.conversion import convert_to_tensor
from ..graphs.dtypes import int32
from ..graphs.scopes import name_scope
from ..graphs.shapes import TensorShape
from ..graphs.tensor import Tensor
from ..operations.arrays import identity, shape, transpose
from ..operations.casting import cast
from ..operations.control import with_dependencies
from ..operations.messages import Assert
from ..operations.ranges import range as range_of
from ..operations.ranges import zeros_like
from ..operations.rearranging import reverse, reverse_sequence
from ..operations.scans import scanned
from ..operations.selection import where
from ..variables.scopes import variable_scope
from .cell import check_cell


def batch_and_time_swapped(x: Tensor) -> Tensor:
    """x with its first two axes swapped; x itself below rank 2."""
    rank = x.shape.ndims
    if rank is not None and rank < 2:
        return x
    if rank is None:
        raise ValueError(f"Expected input tensor {x} to have a known rank")
    return transpose(x, [1, 0, *range(2, rank)])


def batch_size_of(inputs: Sequence[Tensor]) -> Any:
    """The size of the second axis: a number where some input tells, else a tensor. Raises ValueError below rank 2."""
    for each in inputs:
        if each.shape.ndims is None:
            continue
        if each.shape.ndims < 2:
            raise ValueError(f"Expected input tensor {each} to have rank at least 2")
        if each.shape.dims[1].value is not None:
            return each.shape.dims[1].value
    return shape(inputs[0])[1]


def checked_lengths(lengths: Any, batch_size: Any) -> Tensor:
    """The lengths of sequences as int32 [batch]. Raises ValueError for another rank, in a run InvalidArgumentError for
    another size."""
    lengths = cast(lengths, int32)
    if lengths.shape.ndims not in (None, 1):
        raise ValueError(f"sequence_length must be a vector of length batch_size, but saw shape: {lengths.shape}")
    lengths = identity(lengths, name="sequence_length")
    wanted = convert_to_tensor([batch_size])
    found = shape(lengths)
    words = [f"Expected shape for Tensor {lengths.name} is ", wanted, " but saw shape: ", found]
    return with_dependencies([Assert(apply("Equal", [found, wanted])[0], words)], lengths, name="CheckSeqLen")


def first_state(cell: Any, initial_state: Any, batch_size: Any, dtype: Any) -> Any:
    """The state given, or one of zeros. Raises ValueError where nothing tells its dtype."""
    if initial_state is not None:
        return initial_state
    if not dtype:
        raise ValueError("If there is no initial_state, you must give a dtype.")
    if hasattr(cell, "get_initial_state"):
        return cell.get_initial_state(inputs=None, batch_size=batch_size, dtype=dtype)
    return cell.zero_state(batch_size, dtype)


def _check_inputs(inputs: Sequence[Tensor]) -> None:
    """Raises ValueError for sequences that do not go together."""
    shapes = [each.shape.with_rank_at_least(3) for each in inputs]
    for each in shapes:
        if not each[2:].is_fully_defined():
            raise ValueError("Input size (depth of inputs) must be accessible via shape inference, but saw value None.")
        if each.dims[0].value != shapes[0].dims[0].value:
            raise ValueError("Time steps is not the same for all the elements in the input in a batch.")
        if each.dims[1].value != shapes[0].dims[1].value:
            raise ValueError("Batch_size is not the same for all the elements in the input.")


@export("nn.dynamic_rnn")
def dynamic_rnn(
    cell: Any,
    inputs: Any,
    sequence_length: Any = None,
    initial_state: Any = None,
    dtype: Any = None,
    parallel_iterations: int | None = None,
    swap_memory: bool = False,
    time_major: bool = False,
    scope: Any = None,
) -> tuple[Any, Any]:
    """(outputs, last state) of a cell over sequences [batch, time, ...], with `time_major` [time, batch, ...].

    With `sequence_length`, int [batch], outputs behind a sequence's end are zeros, and the last state is that at its
    end. Raises TypeError for what is no cell, ValueError for inputs that do not go together.
    """
    check_cell("cell", cell)
    with variable_scope(scope or "rnn"):
        flat = [convert_to_tensor(each) for each in nest.flatten(inputs)]
        if not time_major:
            flat = [batch_and_time_swapped(each) for each in flat]
        batch_size = batch_size_of(flat)
        state = first_state(cell, initial_state, batch_size, dtype)
        lengths = None if sequence_length is None else checked_lengths(sequence_length, batch_size)
        _check_inputs(flat)
        outputs, last = _over_time(cell, nest.pack_as(inputs, iter(flat)), state, lengths)
        if not time_major:
            outputs = nest.rebuild(outputs, batch_and_time_swapped)
        return outputs, last


def _over_time(cell: Any, inputs: Any, state: Any, lengths: Tensor | None) -> tuple[Any, Any]:
    flat = nest.flatten(inputs)
    first = [identity(convert_to_tensor(leaf)) for leaf in nest.flatten(state)]
    sequences = list(flat) if lengths is None else [*flat, range_of(0, shape(flat[0])[0])]

    def step(carries: list[Tensor], slices: list[Tensor]) -> tuple[list[Any], list[Any]]:
        given = nest.pack_as(inputs, iter(slices[: len(flat)]))
        output, following = cell(given, nest.pack_as(state, iter(carries)))
        if not nest.is_same_structure(state, following) and len(nest.flatten(following)) != len(carries):
            raise ValueError(f"the cell returns a state of another structure: {following} is not as {state}")
        outputs, states = nest.flatten(output), nest.flatten(following)
        if lengths is not None:
            is_over = slices[-1] >= lengths
            outputs = [where(is_over, zeros_like(each), each) for each in outputs]
            states = [where(is_over, old, new) for old, new in zip(carries, states, strict=True)]
        return states, outputs

    with name_scope("while") as scope:
        last, rows = scanned(step, first, sequences, name=f"{scope}Exit/")
    return nest.pack_as(cell.output_size, iter(_with_sizes(cell.output_size, rows))), nest.pack_as(state, iter(last))


def _with_sizes(output_size: Any, rows: Sequence[Tensor]) -> Sequence[Tensor]:
    for row, size in zip(rows, nest.flatten(output_size), strict=True):
        if not isinstance(size, Tensor) and row.shape.ndims is not None:
            row.set_shape(row.shape[:2].concatenate(size if isinstance(size, TensorShape) else [size]))
    return rows


@export("nn.bidirectional_dynamic_rnn")
def bidirectional_dynamic_rnn(
    cell_fw: Any,
    cell_bw: Any,
    inputs: Any,
    sequence_length: Any = None,
    initial_state_fw: Any = None,
    initial_state_bw: Any = None,
    dtype: Any = None,
    parallel_iterations: int | None = None,
    swap_memory: bool = False,
    time_major: bool = False,
    scope: Any = None,
) -> tuple[tuple[Any, Any], tuple[Any, Any]]:
    """((outputs forwards, backwards), (last states)) of two cells, the second of which goes through each sequence from
    its end. Arguments as of dynamic_rnn."""
    check_cell("cell_fw", cell_fw)
    check_cell("cell_bw", cell_bw)
    axes = (0, 1) if time_major else (1, 0)

    def reversed_along_time(x: Any) -> Tensor:
        if sequence_length is None:
            return reverse(x, axis=[axes[0]])
        return reverse_sequence(x, sequence_length, seq_axis=axes[0], batch_axis=axes[1])

    with variable_scope(scope or "bidirectional_rnn"):
        with variable_scope("fw") as fw:
            forwards = dynamic_rnn(
                cell_fw, inputs, sequence_length, initial_state_fw, dtype, time_major=time_major, scope=fw
            )
        with variable_scope("bw") as bw:
            turned = nest.rebuild(inputs, reversed_along_time)
            found, last = dynamic_rnn(
                cell_bw, turned, sequence_length, initial_state_bw, dtype, time_major=time_major, scope=bw
            )
    return (forwards[0], nest.rebuild(found, reversed_along_time)), (forwards[1], last)
