"""Summaries of precision-recall curves."""

from __future__ import annotations

from typing import Any

import numpy as np

from .plugins import PrCurvePluginData
from .scalars import plugin
from .summary import Summary, Value
from .tensor_messages import DT_FLOAT, TensorProto, shape_proto

MAX_THRESHOLDS = 127
SMALLEST = 1e-7  # what an empty count is divided by


def pr_curve(tag: str, labels: np.ndarray, predictions: np.ndarray, num_thresholds: int, weights: Any) -> Summary:
    """The curve of labels, 0 or 1, and predictions from 0 to 1, both [n], for evenly spaced thresholds."""
    thresholds = min(num_thresholds, MAX_THRESHOLDS)
    return _summary(tag, _counted(labels, predictions, thresholds, 1.0 if weights is None else weights), thresholds)


def pr_curve_raw(tag: str, rows: tuple[Any, ...], num_thresholds: int) -> Summary:
    """A curve by its rows, each [thresholds]: true and false positives, true and false negatives, precision, recall."""
    return _summary(tag, np.stack(rows), min(num_thresholds, MAX_THRESHOLDS))


def _summary(tag: str, rows: np.ndarray, thresholds: int) -> Summary:
    content = PrCurvePluginData(num_thresholds=thresholds).SerializeToString()
    tensor = TensorProto(dtype=DT_FLOAT, tensor_shape=shape_proto(rows.shape[:2]), float_val=rows.reshape(-1))
    return Summary(value=[Value(tag=tag, metadata=plugin("pr_curves", content), tensor=tensor)])


def _counted(labels: np.ndarray, predictions: np.ndarray, thresholds: int, weights: Any) -> np.ndarray:
    """The rows [6, thresholds]: weights are counted where they fall, then summed from the highest threshold down."""
    buckets = np.int32(np.floor(predictions * (thresholds - 1)))
    positive = labels.astype(np.float64)

    def reached(weight: Any) -> np.ndarray:
        counts, _ = np.histogram(buckets, bins=thresholds, range=(0, thresholds - 1), weights=weight)
        return np.cumsum(counts[::-1])[::-1]

    true_positives, false_positives = reached(positive * weights), reached((1.0 - positive) * weights)
    true_negatives = false_positives[0] - false_positives
    false_negatives = true_positives[0] - true_positives
    precision = true_positives / np.maximum(SMALLEST, true_positives + false_positives)
    recall = true_positives / np.maximum(SMALLEST, true_positives + false_negatives)
    return np.stack((true_positives, false_positives, true_negatives, false_negatives, precision, recall))
