"""tf.contrib.seq2seq.BeamSearchDecoder: the best sequences that a search by beams finds."""

from __future__ import annotations

import collections
from typing import Any

from ..exports import export
from ..graphs import nest
from ..graphs.apply import apply
from ..graphs.conversion import convert_to_tensor
from ..graphs.dtypes import bool_, float32, int32, int64
from ..graphs.probe import constant_value, known_integer
from ..graphs.scopes import name_scope
from ..graphs.shapes import TensorShape
from ..graphs.tensor import Tensor
from ..operations.arrays import expand_dims, reshape, shape, size
from ..operations.casting import cast
from ..operations.conditions import cond
from ..operations.gathering import gather
from ..operations.joining import concat, tile
from ..operations.neural import log_softmax
from ..operations.ordering import top_k
from ..operations.ranges import fill, one_hot, ones_like, zeros
from ..operations.ranges import range as range_of
from ..operations.reductions import reduced
from ..operations.selection import where
from ..operations.tensor_arrays import TensorArray
from ..platform.logs import warning
from ..recurrence.cell import check_cell
from .attention_wrapper import AttentionWrapperState
from .basic import check_output_layer, sizes_after
from .beams import gather_tree, gather_tree_from_array
from .decoding import Decoder
from .helpers import embedding_of, first_dtype
from .structures import mapped, shape_of_size

_STATE = ("cell_state", "log_probs", "finished", "lengths", "accumulated_attention_probs")
BeamSearchDecoderState = collections.namedtuple("BeamSearchDecoderState", _STATE)
BeamSearchDecoderOutput = collections.namedtuple("BeamSearchDecoderOutput", ("scores", "predicted_ids", "parent_ids"))
FinalBeamSearchDecoderOutput = collections.namedtuple(
    "FinalBeamSearchDecoderOutput", ("predicted_ids", "beam_search_decoder_output")
)
for _made in (BeamSearchDecoderState, BeamSearchDecoderOutput, FinalBeamSearchDecoderOutput):
    export(f"contrib.seq2seq.{_made.__name__}")(_made)


@export("contrib.seq2seq.BeamSearchDecoder")
class BeamSearchDecoder(Decoder):
    """Keeps the `beam_width` best beginnings of each sequence, by their log probability divided by
    ((5 + length) / 6) ** length_penalty_weight, plus a penalty for what attention left out (Wu et al., 2016).

    `initial_state` [batch * beam, ...] is tiled by tile_batch. Raises TypeError, ValueError.
    """

    def __init__(
        self,
        cell: Any,
        embedding: Any,
        start_tokens: Any,
        end_token: Any,
        initial_state: Any,
        beam_width: int,
        output_layer: Any = None,
        length_penalty_weight: Any = 0.0,
        coverage_penalty_weight: Any = 0.0,
        reorder_tensor_arrays: bool = True,
    ) -> None:
        check_cell("cell", cell)
        check_output_layer(output_layer)
        self._cell = cell
        self._output_layer = output_layer
        self._beam_width = beam_width
        self._length_penalty_weight = length_penalty_weight
        self._coverage_penalty_weight = coverage_penalty_weight
        self._reorder_tensor_arrays = reorder_tensor_arrays
        self._embedding_fn = embedding_of(embedding)
        start_tokens = convert_to_tensor(start_tokens, dtype=int32, name="start_tokens")
        if start_tokens.shape.ndims != 1:
            raise ValueError("start_tokens must be a vector")
        self._end_token = convert_to_tensor(end_token, dtype=int32, name="end_token")
        if self._end_token.shape.ndims != 0:
            raise ValueError("end_token must be a scalar")
        self._batch_size = size(start_tokens)
        self._initial_cell_state = mapped(self._split, initial_state, self._cell.state_size)
        self._start_tokens = tile(expand_dims(start_tokens, 1), [1, beam_width])
        self._start_inputs = self._embedding_fn(self._start_tokens)
        first = zeros([self._batch_size], dtype=int32)
        self._finished = one_hot(first, beam_width, on_value=False, off_value=True, dtype=bool_)

    @property
    def batch_size(self) -> Any:
        return self._batch_size

    @property
    def tracks_own_finished(self) -> bool:
        return True

    @property
    def output_size(self) -> Any:
        return BeamSearchDecoderOutput(*(TensorShape([self._beam_width]) for _ in range(3)))

    @property
    def output_dtype(self) -> Any:
        dtype = first_dtype(self._initial_cell_state)
        scores = nest.rebuild(sizes_after(self._cell, self._output_layer), lambda _: dtype)
        return BeamSearchDecoderOutput(scores, int32, int32)

    def initialize(self, name: str | None = None) -> Any:
        dtype = first_dtype(self._initial_cell_state)
        best = one_hot(
            zeros([self._batch_size], dtype=int32), self._beam_width, on_value=convert_to_tensor(0.0, dtype=dtype),
            off_value=convert_to_tensor(float("-inf"), dtype=dtype), dtype=dtype,
        )  # fmt: skip
        attended = _attention(self._initial_cell_state, self._coverage_penalty_weight)
        state = BeamSearchDecoderState(
            cell_state=self._initial_cell_state,
            log_probs=best,
            finished=self._finished,
            lengths=zeros([self._batch_size, self._beam_width], dtype=int64),
            accumulated_attention_probs=() if attended is None else attended,
        )
        return self._finished, self._start_inputs, state

    def finalize(self, outputs: Any, final_state: Any, sequence_lengths: Any) -> Any:
        longest = cast(reduced("Max", final_state.lengths, 1, False, None), int32)
        ids = gather_tree(outputs.predicted_ids, outputs.parent_ids, longest, self._end_token)
        if self._reorder_tensor_arrays:
            ordered = nest.rebuild(
                final_state.cell_state, lambda leaf: self._sorted(leaf, outputs.parent_ids, final_state.lengths)
            )
            final_state = final_state._replace(cell_state=ordered)
        return FinalBeamSearchDecoderOutput(ids, outputs), final_state

    # -- [batch, beam, ...] and [batch * beam, ...] ----

    def _split(self, leaf: Any, of_size: Any) -> Any:
        """A leaf of a state [batch * beam, ...] as [batch, beam, ...]; arrays and scalars as they are."""
        if isinstance(leaf, TensorArray) or not _rank(leaf):
            return leaf
        return self._split_rows(leaf, shape_of_size(of_size))

    def _split_rows(self, x: Tensor, rest: TensorShape) -> Tensor:
        made = reshape(x, concat([[self._batch_size, self._beam_width], shape(x)[1:]], 0))
        wanted = TensorShape([known_integer(self._batch_size), self._beam_width]).concatenate(rest)
        if not made.shape.is_compatible_with(wanted):
            raise ValueError(
                "Unexpected behavior when reshaping between beam width and batch size.  The reshaped tensor has shape: "
                f"{made.shape}.  We expected it to have shape (batch_size, beam_width, depth) == {wanted}.  Perhaps "
                "you forgot to create a zero_state with batch_size=encoder_batch_size * beam_width?"
            )
        made.set_shape(wanted)
        return made

    def _merge(self, leaf: Any, of_size: Any) -> Any:
        """A leaf of a state [batch, beam, ...] as [batch * beam, ...]; what has no beams as it is."""
        if isinstance(leaf, TensorArray) or _rank(leaf) < 2:
            return leaf
        return self._merge_rows(leaf, shape_of_size(of_size))

    def _merge_rows(self, x: Tensor, rest: TensorShape) -> Tensor:
        made = reshape(x, concat([[self._batch_size * self._beam_width], shape(x)[2:]], 0))
        known = known_integer(self._batch_size)
        made.set_shape(TensorShape([None if known is None else known * self._beam_width]).concatenate(rest))
        return made

    def _sorted(self, leaf: Any, parents: Tensor, lengths: Tensor) -> Any:
        """The array of a state as one tensor in the order of whole beams; other leaves as they are, and so is an array
        whose elements are known to be no [batch, beam]."""
        if not isinstance(leaf, TensorArray) or not leaf.element_shape.ndims:
            return leaf
        batch, (first, *rest) = known_integer(self._batch_size), leaf.element_shape.as_list()
        if batch is not None and first is not None:
            merged = first == batch * self._beam_width
            if not merged or (rest and rest[0] is not None and (first, rest[0]) != (batch, self._beam_width)):
                warning(
                    f"TensorArray reordering expects elements to be reshapable to ({batch}, {self._beam_width}, ?) "
                    f"which is incompatible with the current shape {leaf.element_shape}. Consider setting "
                    "reorder_tensor_arrays to False to disable TensorArray reordering during the beam search."
                )
                return leaf
        return gather_tree_from_array(leaf.stack(), parents, lengths)

    # -- a step ----

    def step(self, time: Any, inputs: Any, state: Any, name: str | None = None) -> Any:
        with name_scope(name, "BeamSearchDecoderStep", [time]):
            inputs = nest.rebuild(inputs, lambda x: self._merge_rows(x, x.shape[2:]))
            cell_state = mapped(self._merge, state.cell_state, self._cell.state_size)
            outputs, following = self._cell(inputs, cell_state)
            outputs = nest.rebuild(outputs, lambda x: self._split_rows(x, x.shape[1:]))
            following = mapped(self._split, following, self._cell.state_size)
            if self._output_layer is not None:
                outputs = self._output_layer(outputs)
            found, after = self._searched(outputs, following, state)
            given = cond(
                reduced("All", after.finished, None, False, None),
                lambda: self._start_inputs,
                lambda: self._embedding_fn(found.predicted_ids),
            )
        return found, after, given, after.finished

    def _searched(self, logits: Tensor, cell_state: Any, state: Any) -> Any:
        """(output, next state) of one step, of logits [batch, beam, classes]."""
        batch, beam, end = self._batch_size, self._beam_width, self._end_token
        classes = logits.shape[-1].value or shape(logits)[-1]
        goes_on = apply("LogicalNot", [state.finished])
        total = expand_dims(state.log_probs, 2) + _ended(log_softmax(logits), end, state.finished)
        longer = one_hot(
            fill([batch, beam], end), classes, on_value=convert_to_tensor(0, dtype=int64),
            off_value=convert_to_tensor(1, dtype=int64), dtype=int64,
        ) * expand_dims(cast(goes_on, int64), 2)  # fmt: skip
        lengths = longer + expand_dims(state.lengths, 2)
        attended = _attention(cell_state, self._coverage_penalty_weight)
        if attended is not None:
            attended = attended * expand_dims(cast(goes_on, float32), 2) + state.accumulated_attention_probs
        scores = self._scores(total, lengths, state.finished, attended)
        best, places = top_k(reshape(scores, [batch, -1]), k=beam)
        known = known_integer(batch)
        best.set_shape([known, beam])
        places.set_shape([known, beam])
        ids = apply("FloorMod", [places, classes], name="next_beam_word_ids")
        parents = apply("FloorDiv", [places, classes], name="next_beam_parent_ids")
        finished = _chosen(state.finished, parents, batch, [-1])
        chosen = None if attended is None else _chosen(attended, parents, batch, [batch * beam, -1])
        after = BeamSearchDecoderState(
            cell_state=nest.rebuild(
                cell_state,
                lambda leaf: (
                    leaf
                    if isinstance(leaf, TensorArray) or _rank(leaf) < 2
                    else _chosen(leaf, parents, batch, [batch * beam, -1])
                ),
            ),
            log_probs=_chosen(total, places, batch, [-1], per_beam=classes),
            finished=apply("LogicalOr", [finished, apply("Equal", [ids, end])], name="next_beam_finished"),
            lengths=_chosen(state.lengths, parents, batch, [-1]) + cast(apply("LogicalNot", [finished]), int64),
            accumulated_attention_probs=() if chosen is None else chosen,
        )
        return BeamSearchDecoderOutput(best, ids, parents), after

    def _scores(self, total: Tensor, lengths: Tensor, finished: Tensor, attended: Tensor | None) -> Tensor:
        weight = convert_to_tensor(self._length_penalty_weight, name="penalty_factor")
        known = constant_value(weight)
        if known is None or known != 0:
            penalty = ((5.0 + cast(lengths, float32)) ** weight) / (6.0**weight)
            total = total / cast(penalty, total.dtype)
        cover = convert_to_tensor(self._coverage_penalty_weight, name="coverage_penalty_weight")
        if cover.shape.ndims != 0:
            raise ValueError(f"coverage_penalty_weight should be a scalar, but saw shape: {cover.shape}")
        if attended is None:
            return total
        attended = where(apply("Equal", [attended, 0.0]), ones_like(attended), attended)
        logs = reduced("Sum", apply("Log", [apply("Minimum", [attended, 1.0])]), 2, False, None)
        return total + expand_dims(logs * cast(finished, float32) * cover, 2)


def _rank(leaf: Tensor) -> int:
    if leaf.shape.ndims is None:
        raise ValueError(f"Expected tensor ({leaf}) to have known rank, but ndims == None.")
    return leaf.shape.ndims


def _ended(log_probs: Tensor, end: Tensor, finished: Tensor) -> Tensor:
    """The log probabilities, of beams that have ended 0 for the end token and the least number for others."""
    classes = shape(log_probs)[2]
    row = one_hot(
        end, classes, dtype=log_probs.dtype, on_value=convert_to_tensor(0.0, dtype=log_probs.dtype),
        off_value=convert_to_tensor(log_probs.dtype.min, dtype=log_probs.dtype),
    )  # fmt: skip
    rows = tile(reshape(row, [1, 1, -1]), concat([shape(finished), [1]], 0))
    return where(tile(expand_dims(finished, 2), [1, 1, classes]), rows, log_probs)


def _chosen(x: Tensor, places: Tensor, batch: Tensor, flat: Any, per_beam: Any = 1) -> Tensor:
    """The rows [batch, beam, ...] of x at `places` among those of their batch entry; x is reshaped to `flat` first."""
    width = x.shape.dims[1].value or shape(x)[1]
    starts = expand_dims(range_of(batch) * (width * per_beam), 1)
    found = gather(reshape(x, flat), reshape(places + starts, [-1]))
    kept = 1 + len(flat)
    made = reshape(found, shape(x)[:kept])
    made.set_shape(TensorShape([known_integer(batch)]).concatenate(x.shape[1:kept]))
    return made


def _attention(cell_state: Any, weight: Any) -> Tensor | None:
    """The alignments of a state, over several mechanisms and cells their mean; None where no penalty needs them."""
    if not isinstance(weight, Tensor) and weight == 0.0:
        return None
    whole = isinstance(cell_state, AttentionWrapperState) or not isinstance(cell_state, tuple)
    states = [cell_state] if whole else cell_state
    found = [_mean(state.alignments) for state in states if isinstance(state, AttentionWrapperState)]
    if not found:
        raise ValueError("coverage_penalty_weight must be 0.0 if no cell is attentional.")
    return _mean(tuple(found)) if len(found) > 1 else found[0]


def _mean(parts: Any) -> Tensor:
    if not isinstance(parts, tuple):
        return parts
    return reduced("Mean", concat([expand_dims(part, -1) for part in parts], -1), -1, False, None)
