"""tf.contrib.seq2seq.dynamic_decode: a decoder run until all its sequences have ended."""

from __future__ import annotations

from typing import Any

from ..exports import export
from ..graphs import nest
from ..graphs.apply import apply
from ..graphs.conversion import constant, convert_to_tensor
from ..graphs.dtypes import int32
from ..graphs.probe import known_integer
from ..graphs.shapes import TensorShape
from ..graphs.tensor import Tensor
from ..operations.arrays import shape
from ..operations.loops import while_loop
from ..operations.ranges import fill, zeros_like
from ..operations.reductions import reduced
from ..operations.selection import where
from ..operations.tensor_arrays import TensorArray
from ..recurrence.cell import zeros_of
from ..variables.scopes import variable_scope
from .structures import is_passed, mapped, transposed


@export("contrib.seq2seq.Decoder")
class Decoder:
    """What dynamic_decode runs: `initialize` once, `step` again and again, and in the end `finalize` where there is
    one."""

    @property
    def batch_size(self) -> Any:
        """How many sequences there are."""
        raise NotImplementedError

    @property
    def output_size(self) -> Any:
        """A nest of the sizes of what a step gives."""
        raise NotImplementedError

    @property
    def output_dtype(self) -> Any:
        """A nest of the dtypes of what a step gives."""
        raise NotImplementedError

    def initialize(self, name: str | None = None) -> Any:
        """(which have ended, bool [batch], the first inputs, the first state)."""
        raise NotImplementedError

    def step(self, time: Any, inputs: Any, state: Any, name: str | None = None) -> Any:
        """(outputs, next state, next inputs, which have ended)."""
        raise NotImplementedError

    def finalize(self, outputs: Any, final_state: Any, sequence_lengths: Any) -> Any:
        """(outputs, state) as they are given out, of the outputs of all steps [time, batch, ...]."""
        raise NotImplementedError

    @property
    def tracks_own_finished(self) -> bool:
        """Whether a step says of all sequences which have ended, and not of those that end now."""
        return False


@export("contrib.seq2seq.dynamic_decode")
def dynamic_decode(
    decoder: Any,
    output_time_major: bool = False,
    impute_finished: bool = False,
    maximum_iterations: Any = None,
    parallel_iterations: int = 32,
    swap_memory: bool = False,
    scope: Any = None,
) -> tuple[Any, Any, Tensor]:
    """(outputs [batch, time, ...], last state, lengths int32 [batch]) of a decoder.

    With `impute_finished` outputs behind a sequence's end are zeros and its state stays. Raises TypeError for what is
    no decoder, ValueError for a maximum that is no scalar.
    """
    if not isinstance(decoder, Decoder):
        raise TypeError(f"Expected decoder to be type Decoder, but saw: {type(decoder)}")
    with variable_scope(scope, "decoder"):
        if maximum_iterations is not None:
            maximum_iterations = convert_to_tensor(maximum_iterations, dtype=int32, name="maximum_iterations")
            if maximum_iterations.shape.ndims != 0:
                raise ValueError("maximum_iterations must be a scalar")
        finished, inputs, state = decoder.initialize()
        sizes, dtypes, batch_size = decoder.output_size, decoder.output_dtype, decoder.batch_size
        nothing = mapped(lambda size, dtype: zeros_of(batch_size, size, dtype), sizes, dtypes)
        if maximum_iterations is not None:
            finished = apply("LogicalOr", [finished, maximum_iterations <= 0])
        arrays = mapped(lambda size, dtype: _array(size, dtype, batch_size), sizes, dtypes)

        def body(time: Any, arrays: Any, state: Any, inputs: Any, finished: Any, lengths: Any) -> Any:
            outputs, following, next_inputs, ended = decoder.step(time, inputs, state)
            next_finished = ended if decoder.tracks_own_finished else apply("LogicalOr", [ended, finished])
            goes_on = apply("LogicalNot", [finished])
            lengths = where(goes_on, fill(shape(lengths), time + 1), lengths)
            _check_same(state, following)
            _check_same(inputs, next_inputs)
            if impute_finished:
                outputs = mapped(lambda out, zero: where(finished, zero, out), outputs, nothing)
                following = mapped(lambda new, old: _kept(new, old, finished), following, state)
            arrays = mapped(lambda array, out: array.write(time, out), arrays, outputs)
            return time + 1, arrays, following, next_inputs, next_finished, lengths

        found = while_loop(
            lambda time, arrays, state, inputs, finished, lengths: apply(
                "LogicalNot", [reduced("All", finished, None, False, None)]
            ),
            body,
            loop_vars=(constant(0, int32), arrays, state, inputs, finished, zeros_like(finished, dtype=int32)),
            parallel_iterations=parallel_iterations,
            maximum_iterations=maximum_iterations,
            swap_memory=swap_memory,
        )
        state, lengths = found[2], found[5]
        outputs = nest.rebuild(found[1], lambda array: array.stack())
        if type(decoder).finalize is not Decoder.finalize:
            outputs, state = decoder.finalize(outputs, state, lengths)
        if not output_time_major:
            outputs = nest.rebuild(outputs, transposed)
    return outputs, state, lengths


def _array(size: Any, dtype: Any, batch_size: Any) -> TensorArray:
    """An array of what steps give."""
    known = None
    if isinstance(size, TensorShape) and size.ndims != 0:
        known = TensorShape([known_integer(batch_size)]).concatenate(size)
    return TensorArray(dtype, size=0, dynamic_size=True, element_shape=known)


def _check_same(before: Any, after: Any) -> None:
    if not nest.is_same_structure(before, after):
        raise ValueError(f"The two structures don't have the same nested structure: {before} and {after}")


def _kept(new: Any, old: Any, finished: Tensor) -> Any:
    """A leaf of the next state, the old one where a sequence has ended."""
    if not isinstance(old, TensorArray):
        new.set_shape(old.shape)
    return new if is_passed(new) else where(finished, old, new)
