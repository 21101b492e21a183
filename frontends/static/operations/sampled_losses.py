"""tf.nn.nce_loss and sampled_softmax_loss: losses that look at a sample of many classes."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..exports import export
from ..graphs.apply import apply
from ..graphs.conversion import constant, convert_to_tensor
from ..graphs.dtypes import int64
from ..graphs.scopes import name_scope
from ..graphs.tensor import Tensor
from .arrays import expand_dims, reshape, stop_gradient
from .candidates import log_uniform_candidate_sampler
from .casting import cast
from .cross_entropy import sigmoid_cross_entropy_with_logits, softmax_cross_entropy_with_logits_v2
from .embedding import embedding_lookup
from .joining import concat
from .products import matmul
from .ranges import ones_like, zeros_like
from .reductions import reduced
from .selection import where

FLOAT_MAX = float(np.finfo(np.float32).max)


def _logits(
    weights: Any, biases: Any, labels: Any, inputs: Any, num_sampled: int, num_classes: int, num_true: int,
    sampled_values: Any, remove_accidental_hits: bool, partition_strategy: str, name: str | None, seed: Any = None,
) -> tuple[Tensor, Tensor]:  # fmt: skip
    """(logits, labels), [batch, num_true + num_sampled]: first of the true classes, then of the sampled ones, each less
    the logarithm of how often it is expected among the sampled."""
    tables = list(weights) if isinstance(weights, list | tuple) else [weights]
    with name_scope(name, "compute_sampled_logits", [*tables, biases, inputs, labels]):
        inputs = convert_to_tensor(inputs)
        labels = cast(convert_to_tensor(labels), int64)
        flat = reshape(labels, [-1])
        if sampled_values is None:
            sampled_values = log_uniform_candidate_sampler(labels, num_true, num_sampled, True, num_classes, seed)
        sampled, true_count, sampled_count = (stop_gradient(convert_to_tensor(each)) for each in sampled_values)
        sampled = cast(sampled, int64)
        dtype = inputs.dtype.base_dtype

        def looked_up(table: Any, ids: Tensor) -> Tensor:
            return cast(embedding_lookup(table, ids, partition_strategy=partition_strategy), dtype)

        true_weights = looked_up(tables, flat)
        depth = true_weights.shape[-1].value
        products = expand_dims(inputs, 1) * reshape(true_weights, [-1, num_true, depth])
        true_logits = reduced("Sum", products, 2, False, None) + reshape(looked_up(biases, flat), [-1, num_true])
        sampled_logits = matmul(inputs, looked_up(tables, sampled), transpose_b=True) + looked_up(biases, sampled)
        if remove_accidental_hits:
            hits = apply("Equal", [expand_dims(labels, 2), sampled])
            hit = reduced("Any", hits, 1, False, None)
            sampled_logits = sampled_logits + cast(where(hit, -FLOAT_MAX * ones_like(sampled_logits),
                                                         zeros_like(sampled_logits)), dtype)  # fmt: skip
        true_logits = true_logits - apply("Log", [cast(true_count, dtype)])
        sampled_logits = sampled_logits - apply("Log", [cast(sampled_count, dtype)])
        targets = concat([ones_like(true_logits) / constant(num_true, dtype=dtype), zeros_like(sampled_logits)], 1)
        return concat([true_logits, sampled_logits], 1), targets


@export("nn.nce_loss")
def nce_loss(
    weights: Any, biases: Any, labels: Any, inputs: Any, num_sampled: int, num_classes: int, num_true: int = 1,
    sampled_values: Any = None, remove_accidental_hits: bool = False, partition_strategy: str = "mod",
    name: str = "nce_loss",
) -> Tensor:  # fmt: skip
    """Noise-contrastive estimation [batch] (Gutmann and Hyvarinen, 2010): the sigmoid cross entropies of the true
    classes and of sampled ones, with weights [classes, size], biases [classes] and inputs [batch, size]."""
    logits, targets = _logits(
        weights, biases, labels, inputs, num_sampled, num_classes, num_true, sampled_values, remove_accidental_hits,
        partition_strategy, name,
    )  # fmt: skip
    losses = sigmoid_cross_entropy_with_logits(labels=targets, logits=logits, name="sampled_losses")
    return reduced("Sum", losses, 1, False, None)


@export("nn.sampled_softmax_loss")
def sampled_softmax_loss(
    weights: Any, biases: Any, labels: Any, inputs: Any, num_sampled: int, num_classes: int, num_true: int = 1,
    sampled_values: Any = None, remove_accidental_hits: bool = True, partition_strategy: str = "mod",
    name: str = "sampled_softmax_loss", seed: Any = None,
) -> Tensor:  # fmt: skip
    """Softmax cross entropy [batch] among the true classes and sampled ones (Jean et al., 2014)."""
    logits, targets = _logits(
        weights, biases, labels, inputs, num_sampled, num_classes, num_true, sampled_values, remove_accidental_hits,
        partition_strategy, name, seed,
    )  # fmt: skip
    targets = stop_gradient(targets, name="labels_stop_gradient")
    return softmax_cross_entropy_with_logits_v2(labels=targets, logits=logits)
