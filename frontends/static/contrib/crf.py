"""tf.contrib.crf: conditional random fields over sequences of tags (Lafferty et al., 2001).

Everywhere inputs are the scores of tags [batch, time, tags], transition_params [tags, tags] those of one tag after
another, and sequence_lengths [batch] say how much of each sequence counts.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..exports import export
from ..graphs.apply import apply
from ..graphs.conversion import convert_to_tensor
from ..graphs.dtypes import int32
from ..graphs.tensor import Tensor
from ..layers.core import chosen
from ..operations.arrays import expand_dims, reshape, shape, squeeze
from ..operations.casting import cast
from ..operations.gathering import gather, gather_nd
from ..operations.joining import concat, stack
from ..operations.picking import sequence_mask
from ..operations.ranges import range as numbers_below
from ..operations.rearranging import reverse_sequence
from ..operations.reductions import argmax, reduce_logsumexp, reduced
from ..operations.selection import where
from ..recurrence.cell import RNNCell
from ..recurrence.dynamic import dynamic_rnn
from ..variables.scopes import get_variable

Array = np.ndarray[Any, Any]


def _size(x: Tensor, axis: int) -> Any:
    """A size, as an integer where it is known."""
    return x.shape.dims[axis].value or shape(x)[axis]


def _by_length(inputs: Tensor, of_one: Callable[[], Any], of_more: Callable[[], Any]) -> Any:
    """What the one function gives for sequences of one tag, the other for longer ones."""
    known = inputs.shape.dims[1].value
    return chosen(apply("Equal", [shape(inputs)[1], 1]) if known is None else known == 1, of_one, of_more)


def _shorter(lengths: Any) -> Tensor:
    """How many transitions sequences have."""
    lengths = convert_to_tensor(lengths)
    return apply("Maximum", [apply("Sub", [lengths, 1]), 0])


def _counted(lengths: Any, scores: Tensor) -> Tensor:
    """The scores, 0 for empty sequences."""
    return where(apply("LessEqual", [lengths, 0]), apply("ZerosLike", [scores]), scores)


@export("contrib.crf.crf_unary_score")
def crf_unary_score(tag_indices: Any, sequence_lengths: Any, inputs: Any) -> Tensor:
    """The sums of the scores of tags [batch, time]: [batch]."""
    inputs, tag_indices = convert_to_tensor(inputs), cast(tag_indices, int32)
    batch, time, tags = (_size(inputs, axis) for axis in range(3))
    rows = expand_dims(numbers_below(batch) * time * tags, 1)
    places = rows + expand_dims(numbers_below(time) * tags, 0) + tag_indices
    scores = reshape(gather(reshape(inputs, [-1]), reshape(places, [-1])), [batch, time])
    mask = sequence_mask(sequence_lengths, maxlen=shape(tag_indices)[1], dtype=inputs.dtype)
    return reduced("Sum", scores * mask, 1, False, None)


@export("contrib.crf.crf_binary_score")
def crf_binary_score(tag_indices: Any, sequence_lengths: Any, transition_params: Any) -> Tensor:
    """The sums of the scores of transitions between tags [batch, time]: [batch]."""
    transitions, tags = convert_to_tensor(transition_params), cast(tag_indices, int32)
    places = tags[:, :-1] * _size(transitions, 0) + tags[:, 1:]
    scores = gather(reshape(transitions, [-1]), places)
    mask = sequence_mask(sequence_lengths, maxlen=shape(tags)[1], dtype=transitions.dtype)
    return reduced("Sum", scores * mask[:, 1:], 1, False, None)


@export("contrib.crf.crf_sequence_score")
def crf_sequence_score(inputs: Any, tag_indices: Any, sequence_lengths: Any, transition_params: Any) -> Tensor:
    """The score of each sequence of tags [batch, time], not normalized: [batch]."""
    unary = crf_unary_score(tag_indices, sequence_lengths, inputs)
    return unary + crf_binary_score(tag_indices, sequence_lengths, transition_params)


@export("contrib.crf.crf_multitag_sequence_score")
def crf_multitag_sequence_score(inputs: Any, tag_bitmap: Any, sequence_lengths: Any, transition_params: Any) -> Tensor:
    """The score of all sequences together whose tags are true in tag_bitmap [batch, time, tags]: [batch]. As in
    TensorFlow lengths do not count where there is one step."""
    inputs = convert_to_tensor(inputs)
    kept = where(tag_bitmap, inputs, apply("ZerosLike", [inputs]) + float("-inf"))
    return _by_length(
        kept, lambda: reduce_logsumexp(kept, [1, 2]), lambda: crf_log_norm(kept, sequence_lengths, transition_params)
    )


@export("contrib.crf.crf_log_norm")
def crf_log_norm(inputs: Any, sequence_lengths: Any, transition_params: Any) -> Tensor:
    """The logarithm of the sum of exp(score) over all sequences of tags: [batch]."""
    inputs = convert_to_tensor(inputs)
    first = inputs[:, 0]

    def of_more() -> Tensor:
        cell = CrfForwardRnnCell(transition_params)
        _, last = dynamic_rnn(cell, inputs[:, 1:], _shorter(sequence_lengths), first, inputs.dtype)
        return reduce_logsumexp(last, [1])

    return _counted(sequence_lengths, _by_length(inputs, lambda: reduce_logsumexp(first, [1]), of_more))


@export("contrib.crf.crf_log_likelihood")
def crf_log_likelihood(
    inputs: Any, tag_indices: Any, sequence_lengths: Any, transition_params: Any = None
) -> tuple[Tensor, Any]:
    """(the logarithms of the probabilities of sequences of tags [batch], the transition_params, by default a variable
    called transitions)."""
    inputs = convert_to_tensor(inputs)
    if transition_params is None:
        tags = inputs.shape[2].value
        transition_params = get_variable("transitions", [tags, tags])
    scores = crf_sequence_score(inputs, tag_indices, sequence_lengths, transition_params)
    return scores - crf_log_norm(inputs, sequence_lengths, transition_params), transition_params


class _OverTags(RNNCell):
    """A cell whose state has a number for each tag."""

    def __init__(self, transition_params: Any) -> None:
        super().__init__()
        self._transitions = expand_dims(transition_params, 0)
        self._tags = self._transitions.shape[1].value

    @property
    def state_size(self) -> Any:
        return self._tags

    @property
    def output_size(self) -> Any:
        return self._tags


@export("contrib.crf.CrfForwardRnnCell")
class CrfForwardRnnCell(_OverTags):
    """A step of the forward algorithm: states are the logarithms of sums over all beginnings that end in a tag."""

    def __call__(self, inputs: Any, state: Any, scope: Any = None) -> tuple[Any, Any]:
        following = inputs + reduce_logsumexp(expand_dims(state, 2) + self._transitions, [1])
        return following, following


@export("contrib.crf.CrfDecodeForwardRnnCell")
class CrfDecodeForwardRnnCell(_OverTags):
    """A step of Viterbi's algorithm: states are the best scores of beginnings that end in a tag, outputs the tags
    before."""

    def __call__(self, inputs: Any, state: Any, scope: Any = None) -> tuple[Any, Any]:
        scores = expand_dims(state, 2) + self._transitions
        return cast(argmax(scores, 1), int32), inputs + reduced("Max", scores, [1], False, None)


@export("contrib.crf.CrfDecodeBackwardRnnCell")
class CrfDecodeBackwardRnnCell(RNNCell):
    """A step back along the tags before: inputs are those of each tag, the state [batch, 1] is the tag."""

    def __init__(self, num_tags: int) -> None:
        super().__init__()
        self._num_tags = num_tags

    @property
    def state_size(self) -> Any:
        return 1

    @property
    def output_size(self) -> Any:
        return 1

    def __call__(self, inputs: Any, state: Any, scope: Any = None) -> tuple[Any, Any]:
        places = stack([numbers_below(shape(inputs)[0]), squeeze(state, [1])], 1)
        before = expand_dims(gather_nd(inputs, places), -1)
        return before, before


@export("contrib.crf.crf_decode")
def crf_decode(potentials: Any, transition_params: Any, sequence_length: Any) -> tuple[Tensor, Tensor]:
    """(the best tags int32 [batch, time], zeros behind their lengths, and their scores [batch])."""
    potentials = convert_to_tensor(potentials)
    first = potentials[:, 0]

    def of_one() -> tuple[Tensor, Tensor]:
        return cast(expand_dims(argmax(first, 1), 1), int32), reduced("Max", first, 1, False, None)

    def of_more() -> tuple[Tensor, Tensor]:
        count = _shorter(sequence_length)
        cell = CrfDecodeForwardRnnCell(transition_params)
        before, last = dynamic_rnn(cell, potentials[:, 1:], count, first, int32)
        ends = expand_dims(cast(argmax(last, 1), int32), -1)
        back = CrfDecodeBackwardRnnCell(potentials.shape[2].value)
        tags, _ = dynamic_rnn(back, reverse_sequence(before, count, 1), count, ends, int32)
        whole = concat([ends, squeeze(tags, [2])], 1)
        return reverse_sequence(whole, sequence_length, 1), reduced("Max", last, 1, False, None)

    return _by_length(potentials, of_one, of_more)


@export("contrib.crf.viterbi_decode")
def viterbi_decode(score: Array, transition_params: Array) -> tuple[list[int], Any]:
    """(the best tags, their score) of one sequence of scores [time, tags], all of them arrays of numpy."""
    best, before = np.zeros_like(score), np.zeros_like(score, dtype=np.int32)
    best[0] = score[0]
    for time in range(1, len(score)):
        ways = best[time - 1][:, None] + transition_params
        best[time] = score[time] + ways.max(0)
        before[time] = ways.argmax(0)
    tags = [int(best[-1].argmax())]
    for row in before[:0:-1]:
        tags.append(int(row[tags[-1]]))
    return tags[::-1], best[-1].max()
