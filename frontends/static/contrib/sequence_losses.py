"""tf.contrib.seq2seq.sequence_loss, and those of tf.contrib.legacy_seq2seq: cross entropies of sequences, weighted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..exports import export
from ..graphs.apply import apply
from ..graphs.scopes import name_scope
from ..graphs.tensor import Tensor
from ..operations.arrays import reshape, shape
from ..operations.casting import cast
from ..operations.cross_entropy import sparse_softmax_cross_entropy_with_logits
from ..operations.division import div_no_nan
from ..operations.reductions import reduced
from ..operations.selection import add_n
from ..variables.scopes import get_variable_scope, variable_scope


def _entropies(labels: Tensor, logits: Tensor, function: Any) -> Tensor:
    if function is None:
        return sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits)
    return function(labels=labels, logits=logits)


def _sum(x: Tensor, axis: Any = None) -> Tensor:
    return reduced("Sum", x, axis, False, None)


@export("contrib.seq2seq.sequence_loss")
def sequence_loss(
    logits: Any, targets: Any, weights: Any, average_across_timesteps: bool = True, average_across_batch: bool = True,
    sum_over_timesteps: bool = False, sum_over_batch: bool = False, softmax_loss_function: Any = None,
    name: str | None = None,
) -> Tensor:  # fmt: skip
    """Cross entropies of logits [batch, time, classes] and targets [batch, time], times weights, averaged or summed
    over time and batch as wanted. Raises ValueError for other ranks and for both ways at once."""
    if len(logits.get_shape()) != 3:
        raise ValueError("Logits must be a [batch_size x sequence_length x logits] tensor")
    if len(targets.get_shape()) != 2:
        raise ValueError("Targets must be a [batch_size x sequence_length] tensor")
    if len(weights.get_shape()) != 2:
        raise ValueError("Weights must be a [batch_size x sequence_length] tensor")
    for average, total, what in ((average_across_timesteps, sum_over_timesteps, "timesteps"),
                                 (average_across_batch, sum_over_batch, "batch")):  # fmt: skip
        if average and total:
            raise ValueError(f"average_across_{what} and sum_over_{what} cannot be set to True at same time.")
    with name_scope(name, "sequence_loss", [logits, targets, weights]):
        flat = reshape(logits, [-1, shape(logits)[2]])
        found = _entropies(reshape(targets, [-1]), flat, softmax_loss_function) * reshape(weights, [-1])
        counted = cast(apply("NotEqual", [weights, 0.0]), found.dtype.base_dtype)
        if average_across_timesteps and average_across_batch:
            return div_no_nan(_sum(found), _sum(weights))
        if sum_over_timesteps and sum_over_batch:
            return div_no_nan(_sum(found), _sum(counted))
        found = reshape(found, shape(logits)[0:2])
        if average_across_timesteps or average_across_batch:
            axis = [0] if average_across_batch else [1]
            return div_no_nan(_sum(found, axis), _sum(weights, axis))
        if sum_over_timesteps or sum_over_batch:
            axis = [0] if sum_over_batch else [1]
            return div_no_nan(_sum(found, axis), _sum(counted, axis))
        return found


@export("contrib.legacy_seq2seq.sequence_loss_by_example")
def sequence_loss_by_example(
    logits: Sequence[Any], targets: Sequence[Any], weights: Sequence[Any], average_across_timesteps: bool = True,
    softmax_loss_function: Any = None, name: str | None = None,
) -> Tensor:  # fmt: skip
    """Cross entropies [batch] of lists of logits [batch, classes], targets [batch] and weights [batch], one a step,
    summed over steps, and over the sum of weights where wanted. Raises ValueError for lists of several lengths."""
    if len(targets) != len(logits) or len(weights) != len(logits):
        raise ValueError(
            f"Lengths of logits, weights, and targets must be the same {len(logits)}, {len(weights)}, {len(targets)}."
        )
    with name_scope(name, "sequence_loss_by_example", [*logits, *targets, *weights]):
        steps: list[Tensor] = []
        for logit, target, weight in zip(logits, targets, weights, strict=True):
            labels = reshape(target, [-1]) if softmax_loss_function is None else target
            steps.append(_entropies(labels, logit, softmax_loss_function) * weight)
        total = add_n(steps)
        if average_across_timesteps:
            total = total / (add_n(list(weights)) + 1e-12)
        return total


@export("contrib.legacy_seq2seq.sequence_loss")
def legacy_sequence_loss(
    logits: Sequence[Any], targets: Sequence[Any], weights: Sequence[Any], average_across_timesteps: bool = True,
    average_across_batch: bool = True, softmax_loss_function: Any = None, name: str | None = None,
) -> Tensor:  # fmt: skip
    """The sum of sequence_loss_by_example, over the size of the batch where wanted."""
    with name_scope(name, "sequence_loss", [*logits, *targets, *weights]):
        cost = _sum(sequence_loss_by_example(logits, targets, weights, average_across_timesteps, softmax_loss_function))
        return cost / cast(shape(targets[0])[0], cost.dtype) if average_across_batch else cost


@export("contrib.legacy_seq2seq.model_with_buckets")
def model_with_buckets(
    encoder_inputs: list[Any], decoder_inputs: list[Any], targets: list[Any], weights: list[Any],
    buckets: Sequence[tuple[int, int]], seq2seq: Any, softmax_loss_function: Any = None,
    per_example_loss: bool = False, name: str | None = None,
) -> tuple[list[Any], list[Tensor]]:  # fmt: skip
    """(outputs, losses) of a model for several lengths of input and output, which share their variables. Raises
    ValueError for lists shorter than the last bucket."""
    longest = buckets[-1]
    for what, given, needed in (("encoder_inputs", encoder_inputs, longest[0]), ("targets", targets, longest[1]),
                                ("weights", weights, longest[1])):  # fmt: skip
        if len(given) < needed:
            raise ValueError(f"Length of {what} ({len(given)}) must be at least that of last bucket ({needed}).")
    losses: list[Tensor] = []
    outputs: list[Any] = []
    with name_scope(name, "model_with_buckets", [*encoder_inputs, *decoder_inputs, *targets, *weights]):
        for number, (before, after) in enumerate(buckets):
            with variable_scope(get_variable_scope(), reuse=True if number else None):
                found, _ = seq2seq(encoder_inputs[:before], decoder_inputs[:after])
                outputs.append(found)
                loss = sequence_loss_by_example if per_example_loss else legacy_sequence_loss
                losses.append(
                    loss(found, targets[:after], weights[:after], softmax_loss_function=softmax_loss_function)
                )
    return outputs, losses
