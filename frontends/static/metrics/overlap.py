"""tf.metrics.mean_iou: how well areas of classes overlap."""

from __future__ import annotations

from typing import Any

from ..exports import export
from ..graphs.apply import apply
from ..graphs.conversion import convert_to_tensor
from ..graphs.dtypes import float32, float64, int64
from ..graphs.tensor import Tensor
from ..operations.arrays import expand_dims, reshape
from ..operations.casting import cast
from ..operations.division import div_no_nan
from ..operations.products import matmul
from ..operations.ranges import one_hot
from ..operations.reductions import reduced
from ..variables.scopes import variable_scope
from ..variables.state import assign_add
from .means import Pair
from .variables import collected, metric_variable


@export("metrics.mean_iou")
def mean_iou(
    labels: Any, predictions: Any, num_classes: int, weights: Any = None, metrics_collections: Any = None,
    updates_collections: Any = None, name: str | None = None,
) -> Pair:  # fmt: skip
    """(the mean over classes of hits over hits and misses of both kinds, the update, which gives the counts [label,
    prediction]). Classes that do not occur do not count."""
    with variable_scope(name, "mean_iou", [predictions, labels, weights]):
        labels, predictions = convert_to_tensor(labels), convert_to_tensor(predictions)
        predictions.shape.assert_is_compatible_with(labels.shape)
        counts = metric_variable([num_classes, num_classes], float64, name="total_confusion_matrix")
        rows, columns = (
            one_hot(reshape(cast(each, int64), [-1]), num_classes, dtype=float64) for each in (labels, predictions)
        )
        if weights is not None:
            columns = columns * expand_dims(reshape(cast(weights, float64), [-1]), 1)
        update = assign_add(counts, matmul(rows, columns, transpose_a=True))
        return collected(_mean(counts, num_classes), update, metrics_collections, updates_collections)


def _mean(counts: Any, num_classes: int) -> Tensor:
    found = cast(counts, float32)
    hits = reduced("Sum", found * one_hot(list(range(num_classes)), num_classes), 0, False, None)
    either = reduced("Sum", found, 0, False, None) + reduced("Sum", found, 1, False, None) - hits
    occurring = reduced("Sum", cast(apply("NotEqual", [either, 0.0]), float32), None, False, None)
    return div_no_nan(reduced("Sum", div_no_nan(hits, either), None, False, None), occurring, name="mean_iou")
