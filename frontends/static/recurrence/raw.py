"""tf.nn.raw_rnn: a cell in a loop whose inputs, states and outputs a function chooses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..exports import export
from ..graphs import nest
from ..graphs.apply import apply
from ..graphs.conversion import constant, convert_to_tensor
from ..graphs.dtypes import int32
from ..graphs.shapes import TensorShape, as_shape
from ..graphs.tensor import Tensor
from ..operations.arrays import shape
from ..operations.joining import concat
from ..operations.loops import while_loop
from ..operations.ranges import zeros
from ..operations.reductions import reduced
from ..operations.selection import where
from ..operations.tensor_arrays import TensorArray
from ..variables.scopes import variable_scope
from .cell import check_cell, zeros_of


@export("nn.raw_rnn")
def raw_rnn(
    cell: Any,
    loop_fn: Callable[[Any, Any, Any, Any], Any],
    parallel_iterations: int | None = None,
    swap_memory: bool = False,
    scope: Any = None,
) -> tuple[Any, Any, Any]:
    """(outputs in a tf.TensorArray, last state, last loop state) of a cell, until all sequences have ended.

    loop_fn(time, output, state, loop_state) gives (which sequences have ended, bool [batch], the next inputs, the next
    state, what is put out, the next loop state). At time 0 it gets None, and gives the first of each, and what a row
    of outputs is like. Of a sequence that has ended, outputs are zeros, and the state stays. Raises TypeError,
    ValueError.
    """
    check_cell("cell", cell)
    if not callable(loop_fn):
        raise TypeError("loop_fn must be a callable")
    with variable_scope(scope or "rnn"):
        finished, inputs, state, emitted, own = loop_fn(constant(0, int32), None, None, None)
        first = nest.flatten(inputs)
        known = _batch(first)
        batch_size = shape(first[0])[0] if known is None else known
        state = nest.rebuild(state, convert_to_tensor)
        arrays, nothing = _outputs(cell, state, emitted, known, batch_size)

        def body(time: Any, finished: Any, inputs: Any, arrays: Any, state: Any, own: Any) -> Any:
            output, after = cell(inputs, state)
            ended, next_inputs, following, row, next_own = loop_fn(time + 1, output, after, own)
            for before, now in ((state, following), (inputs, next_inputs), (arrays, row)):
                if not nest.is_same_structure(before, now):
                    raise ValueError(
                        f"The two structures don't have the same nested structure: {before} and {now}"
                    )  # fmt: skip
            row = _kept(finished, nothing, row)
            following = _kept(finished, state, following)
            pairs = zip(nest.flatten(arrays), nest.flatten(row), strict=True)
            written = nest.pack_as(arrays, iter([array.write(time, each) for array, each in pairs]))
            next_own = own if next_own is None else next_own
            return time + 1, apply("LogicalOr", [finished, ended]), next_inputs, written, following, next_own

        found = while_loop(
            lambda time, finished, *_: apply("LogicalNot", [reduced("All", finished, None, False, None)]),
            body,
            [constant(0, int32), finished, inputs, arrays, state, constant(0, int32) if own is None else own],
        )
        return found[3], found[4], None if own is None else found[5]


def _batch(inputs: list[Any]) -> int | None:
    """The batch size that the inputs tell. Raises ValueError where they do not agree."""
    sizes = TensorShape([None])
    for each in inputs:
        sizes = sizes.merge_with(TensorShape([each.shape.dims[0].value if each.shape.ndims else None]))
    return sizes.dims[0].value


def _outputs(cell: Any, state: Any, emitted: Any, known: int | None, batch_size: Any) -> tuple[Any, Any]:
    """Arrays for what is put out, and rows of zeros like it."""
    if emitted is None:
        structure, dtype = cell.output_size, nest.flatten(state)[0].dtype
        sizes = [
            (as_shape(size if isinstance(size, TensorShape) else [size]), dtype) for size in nest.flatten(structure)
        ]
        rows = [zeros_of(batch_size, size, dtype) for size, dtype in sizes]
    else:
        structure = emitted
        leaves = [convert_to_tensor(leaf) for leaf in nest.flatten(emitted)]
        sizes = [(leaf.shape, leaf.dtype) for leaf in leaves]
        rows = [
            zeros_of(batch_size, leaf.shape, leaf.dtype)
            if leaf.shape.is_fully_defined()
            else zeros(concat([[batch_size], shape(leaf)], 0), dtype=leaf.dtype)
            for leaf in leaves
        ]
    arrays = [
        TensorArray(
            dtype, size=0, dynamic_size=True, name=f"rnn_output_{number}",
            element_shape=TensorShape([known]).concatenate(size),
        )
        for number, (size, dtype) in enumerate(sizes)
    ]  # fmt: skip
    return nest.pack_as(structure, iter(arrays)), nest.pack_as(structure, iter(rows))


def _kept(finished: Tensor, old: Any, new: Any) -> Any:
    """A nest of new values, of the old ones where a sequence has ended."""
    pairs = zip(nest.flatten(old), nest.flatten(new), strict=True)
    kept = [
        after if isinstance(before, TensorArray) or before.shape.ndims == 0 else where(finished, before, after)
        for before, after in pairs
    ]
    return nest.pack_as(new, iter(kept))
