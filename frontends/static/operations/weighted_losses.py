"""tf.nn: losses of single elements, weighted or of counts."""

from __future__ import annotations

import math
from typing import Any

from ..exports import export
from ..graphs.apply import apply
from ..graphs.conversion import constant, convert_to_tensor
from ..graphs.scopes import name_scope
from ..graphs.tensor import Tensor
from .arrays import either
from .casting import abs as absolute
from .ranges import zeros_like
from .selection import where


@export("nn.weighted_cross_entropy_with_logits")
def weighted_cross_entropy_with_logits(
    labels: Any = None, logits: Any = None, pos_weight: Any = None, name: str | None = None, targets: Any = None
) -> Tensor:
    """-labels * log(sigmoid(logits)) * pos_weight - (1 - labels) * log(1 - sigmoid(logits)) of every element."""
    labels = either("labels", labels, "targets", targets)
    with name_scope(name, "logistic_loss", [logits, labels]) as scope:
        logits = convert_to_tensor(logits, name="logits")
        labels = convert_to_tensor(labels, name="labels")
        if not logits.shape.is_compatible_with(labels.shape):
            raise ValueError(f"logits and labels must have the same shape ({logits.shape} vs {labels.shape})")
        weight = 1 + (pos_weight - 1) * labels
        rest = apply("Log1p", [apply("Exp", [-absolute(logits)])]) + apply("Relu", [-logits])
        return apply("AddV2", [(1 - labels) * logits, weight * rest], name=scope)


@export("nn.log_poisson_loss")
def log_poisson_loss(targets: Any, log_input: Any, compute_full_loss: bool = False, name: str | None = None) -> Tensor:
    """exp(log_input) - log_input * targets, to which Stirling's approximation of log(targets!) is added where wanted
    and targets are more than 1."""
    with name_scope(name, "log_poisson_loss", [log_input, targets]):
        log_input = convert_to_tensor(log_input, name="log_input")
        targets = convert_to_tensor(targets, name="targets")
        if not log_input.shape.is_compatible_with(targets.shape):
            raise ValueError(f"log_input and targets must have the same shape ({log_input.shape} vs {targets.shape})")
        loss = apply("Exp", [log_input]) - log_input * targets
        if compute_full_loss:
            dtype = targets.dtype.base_dtype
            stirling = (
                targets * apply("Log", [targets])
                - targets
                + constant(0.5, dtype=dtype) * apply("Log", [constant(2 * math.pi, dtype=dtype) * targets])
            )
            large = apply("LogicalOr", [targets > 1, targets < 0])
            loss = loss + where(large, stirling, zeros_like(targets))
        return loss
