"""tf.nn: cross entropies of logits, one number an example."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from diptych.ir import Value

from ...functions import activations, losses
from ...functions.broadcasting import BroadcastError, broadcast_together
from ..exports import export
from ..graphs.apply import apply
from ..graphs.conversion import convert_to_tensor
from ..graphs.definitions import operation
from ..graphs.dtypes import FLOATS, INDICES, bfloat16, float16, float32
from ..graphs.scopes import name_scope
from ..graphs.shapes import compatible, runtime_text
from ..graphs.site import Refusal, Site, graph_message, require_rank
from ..graphs.tensor import Tensor
from .arrays import either, reshape, shape, stop_gradient, transpose
from .casting import cast


@operation("SoftmaxCrossEntropyWithLogits", "features: T, labels: T -> T, T", T=FLOATS)
def lower_dense(at: Site, features: Value, labels: Value) -> Sequence[Value]:
    """The loss of each row, and its gradient, which TensorFlow's operation has as a second output."""
    try:
        features, labels = broadcast_together(at.b, features, labels)
    except BroadcastError as error:
        sizes = f"logits_size={runtime_text(features.shape)} labels_size={runtime_text(labels.shape)}"
        raise Refusal(graph_message(error), f"logits and labels must be broadcastable: {sizes}") from None
    require_rank(features.shape, 2)
    loss = losses.softmax_cross_entropy(at.b, features, labels)
    if not at.wants(1):
        return [loss, features]
    return [loss, at.b.stop_gradient(at.b.sub(activations.softmax(at.b, features), labels))]


@operation("SparseSoftmaxCrossEntropyWithLogits", "features: T, labels: Tlabels -> T, T", T=FLOATS, Tlabels=INDICES)
def lower_sparse(at: Site, features: Value, labels: Value) -> Sequence[Value]:
    """The loss of each row for the class of that number, and its gradient."""
    if features.rank != 2 or labels.rank != 1:
        raise Refusal(f"Shape must be rank 2 and rank 1 but is rank {features.rank} and rank {labels.rank}")
    if features.shape[0] != labels.shape[0]:
        raise Refusal(
            f"Dimensions must be equal, but are {features.shape[0]} and {labels.shape[0]}",
            "logits and labels must have the same first dimension, "
            f"got logits shape {runtime_text(features.shape)} and labels shape {runtime_text(labels.shape)}",
        )
    loss = losses.sparse_softmax_cross_entropy(at.b, features, labels)
    if not at.wants(1):
        return [loss, features]
    hot = at.b.cast(losses.class_mask(at.b, features, labels), dtype=features.dtype)
    return [loss, at.b.stop_gradient(at.b.sub(activations.softmax(at.b, features), hot))]


def _require_keywords(function: str, sentinel: Any, labels: Any, logits: Any) -> None:
    if sentinel is not None:
        raise ValueError(f"Only call `{function}` with named arguments (labels=..., logits=..., ...)")
    if labels is None or logits is None:
        raise ValueError("Both labels and logits must be provided.")


@export("nn.softmax_cross_entropy_with_logits_v2")
def softmax_cross_entropy_with_logits_v2(
    labels: Any, logits: Any, axis: Any = None, name: str | None = None, dim: Any = None
) -> Tensor:
    """-sum(labels * log(softmax(logits))) along `axis`, by default the last. Gradients flow to both."""
    axis = either("axis", axis, "dim", dim)
    return _dense(labels, logits, -1 if axis is None else axis, name, "softmax_cross_entropy_with_logits")


@export("nn.softmax_cross_entropy_with_logits")
def softmax_cross_entropy_with_logits(
    _sentinel: Any = None,
    labels: Any = None,
    logits: Any = None,
    dim: int = -1,
    name: str | None = None,
    axis: Any = None,
) -> Tensor:
    """-sum(labels * log(softmax(logits))) along `dim`, by default the last. No gradient flows to the labels."""
    _require_keywords("softmax_cross_entropy_with_logits", _sentinel, labels, logits)
    with name_scope(name, "softmax_cross_entropy_with_logits_sg", [logits, labels]) as scope:
        fixed = stop_gradient(labels, name="labels_stop_gradient")
        return _dense(fixed, logits, dim if axis is None else axis, scope, "")


def _dense(labels: Any, logits: Any, axis: int, name: str | None, default: str) -> Tensor:
    with name_scope(name, default, [logits, labels]) as scope:
        logits = convert_to_tensor(logits, name="logits")
        labels = convert_to_tensor(labels, name="labels")
        narrow = logits.dtype.base_dtype in (float16, bfloat16)
        precise = cast(logits, float32) if narrow else logits
        labels = cast(labels, precise.dtype)
        rank = precise.shape.ndims
        if rank is not None and axis not in (-1, rank - 1):
            order = [other for other in range(rank) if other != axis % rank] + [axis % rank]
            precise, labels = transpose(precise, order), transpose(labels, order)
        rows = _rows(precise)
        result = apply("SoftmaxCrossEntropyWithLogits", [rows, _rows(labels)], name=scope)[0]
        result = _unrows(result, precise)
        return cast(result, logits.dtype.base_dtype) if narrow else result


def _rows(x: Tensor) -> Tensor:
    """`x` as a matrix, all axes but the last made one."""
    if x._dims is not None and x._dims and x._dims[-1] is not None:
        return reshape(x, [-1, x._dims[-1]])
    last = shape(x)[-1:]
    return reshape(x, apply("ConcatV2", [[convert_to_tensor([-1]), last], 0], name="concat"))


def _unrows(result: Tensor, x: Tensor) -> Tensor:
    """One number a row, in x's shape without the last axis."""
    lead = None if x._dims is None else x._dims[:-1]
    if lead is not None and lead.count(None) <= 1:
        return reshape(result, [-1 if size is None else size for size in lead], name="Reshape_2")
    back = reshape(result, shape(x)[:-1], name="Reshape_2")
    if lead is not None:
        back.set_shape(lead)
    return back


@export("nn.sparse_softmax_cross_entropy_with_logits")
def sparse_softmax_cross_entropy_with_logits(
    _sentinel: Any = None, labels: Any = None, logits: Any = None, name: str | None = None
) -> Tensor:
    """-log(softmax(logits))[label] for labels that are numbers of classes: [...] and [..., classes] to [...]."""
    _require_keywords("sparse_softmax_cross_entropy_with_logits", _sentinel, labels, logits)
    with name_scope(name, "SparseSoftmaxCrossEntropyWithLogits", [labels, logits]):
        labels = convert_to_tensor(labels)
        logits = convert_to_tensor(logits)
        precise = cast(logits, float32) if logits.dtype.base_dtype in (float16, bfloat16) else logits
        _check_ranks(labels, logits)
        type = "SparseSoftmaxCrossEntropyWithLogits"
        if logits.shape.ndims == 2:
            return cast(apply(type, [precise, labels])[0], logits.dtype.base_dtype)
        result = apply(type, [_rows(precise), reshape(labels, [-1])])[0]
        back = reshape(result, shape(labels))
        back.set_shape(labels.shape)
        return cast(back, logits.dtype.base_dtype)


def _check_ranks(labels: Tensor, logits: Tensor) -> None:
    classes, found = logits._dims, labels._dims
    if classes is not None and not classes:
        raise ValueError(f"Logits cannot be scalars - received shape {logits.shape}.")
    if classes is None or found is None:
        return
    if len(found) != len(classes) - 1:
        raise ValueError(
            f"Rank mismatch: Rank of labels (received {len(found)}) should equal rank of logits minus 1 "
            f"(received {len(classes)})."
        )
    if not compatible(found, classes[:-1]):
        raise ValueError(
            f"Shape mismatch: The shape of labels (received {labels.shape}) should equal the shape of logits "
            f"except for the last dimension (received {logits.shape})."
        )


@operation("SigmoidCrossEntropyWithLogits", "logits: T, labels: T -> T", T=FLOATS)
def lower_sigmoid(at: Site, logits: Value, labels: Value) -> Value:
    """The loss of every element, stable at both ends."""
    return losses.sigmoid_cross_entropy(at.b, *broadcast_together(at.b, logits, labels))


@export("nn.sigmoid_cross_entropy_with_logits")
def sigmoid_cross_entropy_with_logits(
    _sentinel: Any = None, labels: Any = None, logits: Any = None, name: str | None = None
) -> Tensor:
    """-labels * log(sigmoid(logits)) - (1 - labels) * log(1 - sigmoid(logits)) of every element."""
    _require_keywords("sigmoid_cross_entropy_with_logits", _sentinel, labels, logits)
    with name_scope(name, "logistic_loss", [logits, labels]) as scope:
        logits = convert_to_tensor(logits, name="logits")
        labels = convert_to_tensor(labels, name="labels")
        if not logits.shape.is_compatible_with(labels.shape):
            raise ValueError(f"logits and labels must have the same shape ({logits.shape} vs {labels.shape})")
        return apply("SigmoidCrossEntropyWithLogits", [logits, labels], name=scope)
