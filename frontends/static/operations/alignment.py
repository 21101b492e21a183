"""tf.nn.ctc_loss and its decoders: label sequences and how frames are aligned with them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np
from diptych.ir import Value, dtypes

from ...functions import alignment
from ...functions.activations import log_softmax
from ...functions.constants import filled, filled_like
from ..exports import export
from ..graphs.apply import apply
from ..graphs.definitions import host_operation, operation
from ..graphs.errors import InvalidArgumentError
from ..graphs.shapes import Dims
from ..graphs.site import Refusal, Site, known_shape, require_rank
from ..graphs.tensor import Tensor
from ..running.host import HostRun
from .arrays import either, transpose
from .sparse_tensors import SparseTensor

Array = np.ndarray[Any, Any]


def _loss_shape(inputs: Sequence[Tensor], **_: Any) -> list[Dims | None]:
    for tensor, rank in zip(inputs, (3, 2, 1, 1), strict=True):
        require_rank(tensor._dims, rank)
    sizes = inputs[0]._dims
    return [None if sizes is None else (sizes[1],)]


@operation(
    "CTCLoss", "inputs: float32, labels_indices: int64, labels_values: int32, sequence_length: int32 -> float32",
    shape=_loss_shape, blocks=(1, 2, 3),
)  # fmt: skip
def lower_ctc_loss(
    at: Site,
    inputs: Value,
    indices: Value,
    labels: Value,
    lengths: Value,
    *,
    preprocess_collapse_repeated: bool = False,
    ctc_merge_repeated: bool = True,
    ignore_longer_outputs_than_inputs: bool = False,
) -> Value:
    """The loss of each row: [batch]. The last class is the blank."""
    b, (_, batch, classes) = at.b, known_shape(inputs)
    if lengths.shape != (batch,):
        raise Refusal("len(sequence_length) != batch_size.  ", f"len(sequence_length) != batch_size.  len(sequence_length):  {lengths.shape[0]} batch_size: {batch}")  # noqa: E501  # fmt: skip
    count = known_shape(labels)[0]
    rows = _column(at, indices, 0)
    places = _column(at, indices, 1)
    ones = filled(b, 1, (count,), dtypes.i32)
    if preprocess_collapse_repeated and count:
        ones = b.cast(_is_new(at, rows, labels), dtype=dtypes.i32)
        places = _numbered(at, rows, ones, batch)
    longest = int(at.measured(b.reduce_max(b.add(places, ones), axes=(0,)))) if count else 0
    target = filled(b, 0, (batch, longest), dtypes.i32)
    kept = b.scatter(target, labels, rows, places, axes=(0, 1), combine="set")
    label_lengths = b.scatter(filled(b, 0, (batch,), dtypes.i32), ones, rows, axes=(0,), combine="add")
    fits = b.le(label_lengths, lengths)
    if not ignore_longer_outputs_than_inputs:
        at.check(
            b.reduce_and(fits, axes=(0,)),
            "Not enough time for target transition sequence. You can turn this error into a warning by using the flag "
            "ignore_longer_outputs_than_inputs",
        )
    logs = log_softmax(b, inputs, 2)
    loss = alignment.ctc_loss(
        b, logs, kept, label_lengths, lengths, blank=classes - 1, merge_repeated=ctc_merge_repeated
    )  # fmt: skip
    can_be = b.lt(loss, filled_like(b, -alignment.NEVER / 2, loss))
    loss = b.select(can_be, loss, _never(at, inputs, logs, lengths))
    return b.select(fits, loss, filled_like(b, 0, loss))


def _never(at: Site, inputs: Value, logs: Value, lengths: Value) -> Value:
    """Infinity, the loss of labels that no alignment gives. As in TensorFlow its gradient is the probabilities: that of
    the logits' logsumexp."""
    b, (time, batch, _) = at.b, known_shape(inputs)
    first = [b.slice(x, start=(0, 0, 0), limit=(time, batch, 1), stride=(1, 1, 1)) for x in (inputs, logs)]
    totals = b.reshape(b.sub(*first), shape=(time, batch))
    frames = b.iota(shape=(time, batch), axis=0, dtype=dtypes.i32)
    counts = b.lt(frames, b.broadcast(lengths, shape=(time, batch), axes=(1,)))
    total = b.reduce_sum(b.select(counts, totals, filled_like(b, 0, totals)), axes=(0,))
    return b.graft(filled_like(b, float("inf"), total), total)


def _column(at: Site, indices: Value, column: int) -> Value:
    count = known_shape(indices)[0]
    part = at.b.slice(indices, start=(0, column), limit=(count, column + 1), stride=(1, 1))
    return at.b.cast(at.b.reshape(part, shape=(count,)), dtype=dtypes.i32)


def _is_new(at: Site, rows: Value, labels: Value) -> Value:
    """Which labels are not those before them."""
    b, (count,) = at.b, known_shape(labels)
    fresh = filled(b, True, (1,), dtypes.bool_)
    if count == 1:
        return fresh
    differs = [
        b.ne(
            b.slice(x, start=(1,), limit=(count,), stride=(1,)), b.slice(x, start=(0,), limit=(count - 1,), stride=(1,))
        )
        for x in (rows, labels)
    ]
    return b.concatenate(fresh, b.bitwise_or(*differs), axis=0)


def _numbered(at: Site, rows: Value, ones: Value, batch: int) -> Value:
    """The place of each label in its row, where those with 0 in `ones` share that of the one before."""
    b = at.b
    running = b.sub(b.cumulative_sum(ones, axis=0), filled_like(b, 1, ones))
    first = filled(b, np.iinfo(np.int32).max, (batch,), dtypes.i32)
    starts = b.scatter(first, running, rows, axes=(0,), combine="min")
    return b.sub(running, b.gather(starts, rows, axes=(0,)))


@export("nn.ctc_loss")
def ctc_loss(
    labels: Any,
    inputs: Any = None,
    sequence_length: Any = None,
    preprocess_collapse_repeated: bool = False,
    ctc_merge_repeated: bool = True,
    ignore_longer_outputs_than_inputs: bool = False,
    time_major: bool = True,
    logits: Any = None,
) -> Tensor:
    """The CTC loss of each row: [batch].

    labels, a tf.SparseTensor of int32 [batch, most]; inputs [time, batch, classes] are logits, without `time_major`
    [batch, time, classes], whose last class is the blank; sequence_length [batch]. Raises TypeError, in a run
    InvalidArgumentError for labels that are too long, whose loss is 0 with `ignore_longer_outputs_than_inputs`.
    """
    if not isinstance(labels, SparseTensor):
        raise TypeError("Expected labels (first argument) to be a SparseTensor")
    inputs = either("logits", logits, "inputs", inputs)
    if not time_major:
        inputs = transpose(inputs, [1, 0, 2])
    return apply(
        "CTCLoss", [inputs, labels.indices, labels.values, sequence_length],
        preprocess_collapse_repeated=preprocess_collapse_repeated, ctc_merge_repeated=ctc_merge_repeated,
        ignore_longer_outputs_than_inputs=ignore_longer_outputs_than_inputs,
    )  # fmt: skip


# -- decoders, which the host runs ----


def _log_softmax(x: Array) -> Array:
    top = x - x.max(axis=-1, keepdims=True)
    return top - np.log(np.exp(top).sum(axis=-1, keepdims=True))


def _sparse(rows: Sequence[Sequence[int]]) -> list[Array]:
    """Indices, values and shape of rows of labels."""
    indices = [(row, place) for row, labels in enumerate(rows) for place in range(len(labels))]
    values = [label for labels in rows for label in labels]
    return [
        np.array(indices, np.int64).reshape(-1, 2),
        np.array(values, np.int64),
        np.array([len(rows), max(map(len, rows), default=0)], np.int64),
    ]


def _check_lengths(at: HostRun, inputs: Array, lengths: Array) -> None:
    if inputs.ndim != 3:
        raise InvalidArgumentError(at.operation.node_def, at.operation, "inputs is not a 3-Tensor")
    if lengths.shape != (inputs.shape[1],):
        raise InvalidArgumentError(
            at.operation.node_def, at.operation,
            f"len(sequence_length) != batch_size.  len(sequence_length):  {lengths.size} batch_size: {inputs.shape[1]}",
        )  # fmt: skip
    for row, length in enumerate(lengths.tolist()):
        if length > inputs.shape[0]:
            raise InvalidArgumentError(
                at.operation.node_def, at.operation, f"sequence_length({row}) <= {inputs.shape[0]}"
            )


def _greedy_shapes(inputs: Sequence[Tensor], **_: Any) -> list[Dims | None]:
    require_rank(inputs[0]._dims, 3)
    batch = None if inputs[0]._dims is None else inputs[0]._dims[1]
    return [(None, 2), (None,), (2,), (batch, 1)]


@host_operation(
    "CTCGreedyDecoder", "inputs: float32, sequence_length: int32 -> int64, int64, int64, float32", shape=_greedy_shapes
)
def decode_greedily(at: HostRun, inputs: Array, lengths: Array, *, merge_repeated: bool = False) -> list[Array]:
    """The labels of the largest logits, without blanks; and minus the sum of those logits."""
    _check_lengths(at, inputs, lengths)
    blank = inputs.shape[2] - 1
    found: list[list[int]] = []
    totals = np.zeros((inputs.shape[1], 1), np.float32)
    for row, length in enumerate(lengths.tolist()):
        best = inputs[:length, row].argmax(axis=-1)
        totals[row] = -inputs[np.arange(length), row, best].sum()
        before = np.concatenate([[-1], best[:-1]]) if length else best
        kept = (best != blank) & (~np.bool_(merge_repeated) | (best != before))
        found.append(best[kept].tolist())
    return [*_sparse(found), totals]


@export("nn.ctc_greedy_decoder")
def ctc_greedy_decoder(
    inputs: Any, sequence_length: Any, merge_repeated: bool = True
) -> tuple[list[SparseTensor], Tensor]:  # fmt: skip
    """([labels of the largest logits as int64 [batch, most]], minus the sums of those logits [batch, 1]) of inputs
    [time, batch, classes]. Equal neighbours without a blank between them count once, with `merge_repeated`."""
    *parts, totals = apply("CTCGreedyDecoder", [inputs, sequence_length], merge_repeated=merge_repeated)
    return [SparseTensor(*parts)], totals


def _beam_shapes(inputs: Sequence[Tensor], *, top_paths: int, **_: Any) -> list[Dims | None]:
    require_rank(inputs[0]._dims, 3)
    batch = None if inputs[0]._dims is None else inputs[0]._dims[1]
    return [*[(None, 2)] * top_paths, *[(None,)] * top_paths, *[(2,)] * top_paths, (batch, top_paths)]


@host_operation(
    "CTCBeamSearchDecoder",
    "inputs: float32, sequence_length: int32 -> top_paths*int64, top_paths*int64, top_paths*int64, float32",
    shape=_beam_shapes,
)
def decode_by_beams(
    at: HostRun, inputs: Array, lengths: Array, *, beam_width: int, top_paths: int, merge_repeated: bool = True
) -> list[Array]:
    """The labels of the best beginnings that a search keeps, and the logarithms of their probabilities."""
    _check_lengths(at, inputs, lengths)
    if top_paths > beam_width:
        raise InvalidArgumentError(at.operation.node_def, at.operation, "top_paths must be at most beam_width")
    paths: list[list[list[int]]] = [[] for _ in range(top_paths)]
    scores = np.zeros((inputs.shape[1], top_paths), np.float32)
    for row, length in enumerate(lengths.tolist()):
        best = _searched(_log_softmax(inputs[:length, row].astype(np.float64)), beam_width)[:top_paths]
        if len(best) < top_paths:
            raise InvalidArgumentError(
                at.operation.node_def, at.operation, "Less leaves in the beam search than requested."
            )
        for number, (labels, score) in enumerate(best):
            if merge_repeated:
                labels = tuple(x for place, x in enumerate(labels) if not place or labels[place - 1] != x)
            paths[number].append(list(labels))
            scores[row, number] = score
    parts = [_sparse(rows) for rows in paths]
    return [*(part[which] for which in range(3) for part in parts), scores]


def _searched(frames: Array, width: int) -> list[tuple[tuple[int, ...], float]]:
    """Label sequences with the logarithms of their probabilities, best first, of log probabilities [time, classes]
    (Graves and Jaitly, 2014). Kept for each: that of ending in a blank, and of ending in its last label."""
    never, blank = -np.inf, frames.shape[1] - 1
    beams: dict[tuple[int, ...], tuple[float, float]] = {(): (0.0, never)}
    for frame in frames:
        after: dict[tuple[int, ...], list[float]] = defaultdict(lambda: [never, never])
        for labels, (in_blank, in_label) in beams.items():
            total = np.logaddexp(in_blank, in_label)
            own = after[labels]
            own[0] = np.logaddexp(own[0], total + frame[blank])
            if labels:
                own[1] = np.logaddexp(own[1], in_label + frame[labels[-1]])
            for label in range(blank):
                before = in_blank if labels and labels[-1] == label else total
                if before > never:
                    longer = after[(*labels, label)]
                    longer[1] = np.logaddexp(longer[1], before + frame[label])
        ranked = sorted(after.items(), key=lambda item: -np.logaddexp(*item[1]))
        beams = {labels: (ends[0], ends[1]) for labels, ends in ranked[:width]}
    return [(labels, float(np.logaddexp(*ends))) for labels, ends in beams.items()]


@export("nn.ctc_beam_search_decoder")
def ctc_beam_search_decoder(
    inputs: Any, sequence_length: Any, beam_width: int = 100, top_paths: int = 1, merge_repeated: bool = True
) -> tuple[list[SparseTensor], Tensor]:
    """([the labels of the best sequences, the second best, ... as int64 [batch, most]], the logarithms of their
    probabilities [batch, top_paths]) of logits [time, batch, classes]. With `merge_repeated` equal neighbours among the
    labels found count once."""
    found = apply(
        "CTCBeamSearchDecoder", [inputs, sequence_length], beam_width=beam_width, top_paths=top_paths,
        merge_repeated=merge_repeated,
    )  # fmt: skip
    parts = [found[number * top_paths : (number + 1) * top_paths] for number in range(3)]
    return [SparseTensor(*each) for each in zip(*parts, strict=True)], found[-1]


@export("nn.ctc_beam_search_decoder_v2")
def ctc_beam_search_decoder_v2(
    inputs: Any, sequence_length: Any, beam_width: int = 100, top_paths: int = 1
) -> tuple[list[SparseTensor], Tensor]:
    """As ctc_beam_search_decoder, with all labels."""
    return ctc_beam_search_decoder(inputs, sequence_length, beam_width, top_paths, merge_repeated=False)
