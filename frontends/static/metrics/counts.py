"""tf.metrics: of true and false positives and negatives, and what is made of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..exports import export
from ..graphs.apply import apply
from ..graphs.conversion import constant, convert_to_tensor
from ..graphs.dtypes import bool_, float32, int64
from ..graphs.tensor import Tensor
from ..losses.broadcasting import broadcast_weights
from ..operations.arrays import expand_dims, reshape
from ..operations.casting import abs as absolute
from ..operations.casting import cast
from ..operations.cumulative import cumsum
from ..operations.division import div_no_nan
from ..operations.gathering import gather
from ..operations.ranges import one_hot
from ..operations.reductions import argmax, argmin, reduced
from ..operations.selection import where
from ..variables.scopes import variable_scope
from ..variables.state import assign_add
from .means import Pair, matched
from .variables import collected, metric_variable

_KINDS = {  # of what predictions and labels are to be
    "true_positives": (True, True),
    "false_negatives": (False, True),
    "true_negatives": (False, False),
    "false_positives": (True, False),
}


def _as(x: Tensor, wanted: bool) -> Tensor:
    return x if wanted else apply("LogicalNot", [x])


def _counted(hits: Tensor, weights: Any, name: str) -> tuple[Tensor, Tensor]:
    """(how many hits so far, the update), each weighted."""
    count = metric_variable([], name="count")
    values = cast(hits, float32)
    if weights is not None:
        values = apply("Mul", [values, broadcast_weights(cast(weights, float32), values)])
    return count.value(), assign_add(count, reduced("Sum", values, None, False, None))


def _kind(kind: str, labels: Tensor, predictions: Tensor, weights: Any) -> tuple[Tensor, Tensor]:
    """As `_counted`, of one kind, in a variable scope of that name."""
    of_predictions, of_labels = _KINDS[kind]
    with variable_scope(None, kind, [predictions, labels, weights]):
        hits = apply("LogicalAnd", [_as(labels, of_labels), _as(predictions, of_predictions)])
        return _counted(hits, weights, kind)


def _declare(kind: str) -> None:
    @export(f"metrics.{kind}")
    def function(
        labels: Any, predictions: Any, weights: Any = None, metrics_collections: Any = None,
        updates_collections: Any = None, name: str | None = None,
    ) -> Pair:  # fmt: skip
        of_predictions, of_labels = _KINDS[kind]
        with variable_scope(name, kind, [predictions, labels, weights]):
            labels, predictions, weights = matched(cast(labels, bool_), cast(predictions, bool_), weights)
            hits = apply("LogicalAnd", [_as(labels, of_labels), _as(predictions, of_predictions)])
            value, update = _counted(hits, weights, kind)
            return collected(value, update, metrics_collections, updates_collections)

    function.__name__ = function.__qualname__ = kind
    function.__doc__ = f"How many {kind.replace('_', ' ')} there were so far, weighted."


for _name in _KINDS:
    _declare(_name)


def _share(other: str, labels: Any, predictions: Any, weights: Any, name: Any, default: str, keys: Any) -> Pair:
    """True positives over themselves and another kind."""
    with variable_scope(name, default, [predictions, labels, weights]):
        labels, predictions, weights = matched(cast(labels, bool_), cast(predictions, bool_), weights)
        hit, new_hit = _kind("true_positives", labels, predictions, weights)
        missed, new_missed = _kind(other, labels, predictions, weights)

        def ratio(first: Tensor, second: Tensor, label: str) -> Tensor:
            total = apply("AddV2", [first, second])
            return where(total > 0, apply("RealDiv", [first, total]), constant(0.0), name=label)

        return collected(ratio(hit, missed, "value"), ratio(new_hit, new_missed, "update_op"), *keys)


@export("metrics.precision")
def precision(
    labels: Any, predictions: Any, weights: Any = None, metrics_collections: Any = None,
    updates_collections: Any = None, name: str | None = None,
) -> Pair:  # fmt: skip
    """True positives over all that were predicted positive."""
    keys = (metrics_collections, updates_collections)
    return _share("false_positives", labels, predictions, weights, name, "precision", keys)


@export("metrics.recall")
def recall(
    labels: Any, predictions: Any, weights: Any = None, metrics_collections: Any = None,
    updates_collections: Any = None, name: str | None = None,
) -> Pair:  # fmt: skip
    """True positives over all that are positive."""
    keys = (metrics_collections, updates_collections)
    return _share("false_negatives", labels, predictions, weights, name, "recall", keys)


# -- at several thresholds ----


def _at_thresholds(
    labels: Any, predictions: Any, thresholds: Sequence[float], weights: Any, kinds: Sequence[str]
) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
    """(counts so far, updates) by kind, one number a threshold, of predictions above it."""
    predictions, labels = cast(predictions, float32), cast(labels, bool_)
    labels, predictions, weights = matched(labels, predictions, weights)
    number = len(thresholds)
    above = apply("Greater", [reshape(predictions, [1, -1]), expand_dims(constant(list(thresholds)), 1)])
    is_true = reshape(labels, [1, -1])
    factors = None
    if weights is not None:
        factors = reshape(broadcast_weights(cast(weights, float32), predictions), [1, -1])
    values: dict[str, Tensor] = {}
    updates: dict[str, Tensor] = {}
    for kind in kinds:
        of_predictions, of_labels = _KINDS[kind]
        count = metric_variable([number], name=kind)
        hits = cast(apply("LogicalAnd", [_as(is_true, of_labels), _as(above, of_predictions)]), float32)
        if factors is not None:
            hits = hits * factors
        updates[kind] = assign_add(count, reduced("Sum", hits, 1, False, None))
        values[kind] = convert_to_tensor(count)
    return values, updates


@export("metrics.auc")
def auc(
    labels: Any, predictions: Any, weights: Any = None, num_thresholds: int = 200, metrics_collections: Any = None,
    updates_collections: Any = None, curve: str = "ROC", name: str | None = None,
    summation_method: str = "trapezoidal", thresholds: Any = None,
) -> Pair:  # fmt: skip
    """The area under the curve of true over false positives ("ROC"), or of precision over recall ("PR"), as a sum over
    thresholds. Raises ValueError for another curve or way to sum."""
    with variable_scope(name, "auc", [labels, predictions, weights]):
        if curve not in ("ROC", "PR"):
            raise ValueError(f"curve must be either ROC or PR, {curve} unknown")
        if summation_method not in ("trapezoidal", "minoring", "majoring"):
            raise ValueError(f"Invalid summation_method: {summation_method}")
        edge = 1e-7
        inner = thresholds
        if inner is None:
            inner = [(step + 1) * 1.0 / (num_thresholds - 1) for step in range(num_thresholds - 2)]
        else:
            inner = sorted(inner)
        values, updates = _at_thresholds(labels, predictions, [-edge, *inner, 1.0 + edge], weights, list(_KINDS))
        number = len(inner) + 2

        def area(counts: dict[str, Tensor], label: str) -> Tensor:
            positives, misses = counts["true_positives"], counts["false_negatives"]
            alarms, negatives = counts["false_positives"], counts["true_negatives"]
            small = 1e-6
            found = (positives + small) / (positives + misses + small)
            if curve == "ROC":
                x, y = alarms / (alarms + negatives + small), found
            else:
                x, y = found, (positives + small) / (positives + alarms + small)
            widths = x[: number - 1] - x[1:]
            before, after = y[: number - 1], y[1:]
            heights = {
                "trapezoidal": lambda: (before + after) / 2.0,
                "minoring": lambda: apply("Minimum", [before, after]),
                "majoring": lambda: apply("Maximum", [before, after]),
            }[summation_method]()
            return reduced("Sum", apply("Mul", [widths, heights]), None, False, label)

        return collected(area(values, "value"), area(updates, "update_op"), metrics_collections, updates_collections)


def _declare_at_thresholds(metric: str, other: str) -> None:
    @export(f"metrics.{metric}_at_thresholds")
    def function(
        labels: Any, predictions: Any, thresholds: Any, weights: Any = None, metrics_collections: Any = None,
        updates_collections: Any = None, name: str | None = None,
    ) -> Pair:  # fmt: skip
        with variable_scope(name, f"{metric}_at_thresholds", [predictions, labels, weights]):
            kinds = ("true_positives", other)
            values, updates = _at_thresholds(labels, predictions, thresholds, weights, kinds)

            def ratio(counts: dict[str, Tensor], label: str) -> Tensor:
                hits = counts["true_positives"]
                return apply("RealDiv", [hits, hits + counts[other] + 1e-7], name=f"{metric}_{label}")

            value, update = ratio(values, "value"), ratio(updates, "update_op")
            return collected(value, update, metrics_collections, updates_collections)

    function.__name__ = function.__qualname__ = f"{metric}_at_thresholds"
    function.__doc__ = f"The {metric} for each of several thresholds of predictions in [0, 1]."


def _declare_kind_at_thresholds(kind: str) -> None:
    @export(f"metrics.{kind}_at_thresholds")
    def function(
        labels: Any, predictions: Any, thresholds: Any, weights: Any = None, metrics_collections: Any = None,
        updates_collections: Any = None, name: str | None = None,
    ) -> Pair:  # fmt: skip
        with variable_scope(name, kind, [predictions, labels, weights]):
            values, updates = _at_thresholds(labels, predictions, thresholds, weights, (kind,))
            return collected(values[kind], updates[kind], metrics_collections, updates_collections)

    function.__name__ = function.__qualname__ = f"{kind}_at_thresholds"
    function.__doc__ = f"How many {kind.replace('_', ' ')} there were for each of several thresholds of predictions."


for _name in _KINDS:
    _declare_kind_at_thresholds(_name)
_declare_at_thresholds("precision", "false_positives")
_declare_at_thresholds("recall", "false_negatives")


_SHARES = {"sensitivity": ("true_positives", "false_negatives"), "specificity": ("true_negatives", "false_positives")}


def _balanced(
    metric: str, given: str, labels: Any, predictions: Any, wanted: float, weights: Any, num_thresholds: int,
    name: str | None, keys: Any,
) -> Pair:  # fmt: skip
    """One of sensitivity and specificity, at the threshold where the other comes nearest to what is wanted: the first
    such for a specificity, the last for a sensitivity."""
    if not 0 <= wanted <= 1:
        said = "got" if given == "specificity" else "is"
        raise ValueError(f"`{given}` must be in the range [0, 1]. Currently, `{given}` {said} {wanted}.")
    with variable_scope(name, f"{metric}_at_{given}", [predictions, labels, weights]):
        small = 1e-7
        inner = [(step + 1) * 1.0 / (num_thresholds - 1) for step in range(num_thresholds - 2)]
        last = 1.0 + small if given == "specificity" else 1.0 - small
        values, updates = _at_thresholds(labels, predictions, [-small, *inner, last], weights, list(_KINDS))

        def found(counts: dict[str, Tensor], label: str) -> Tensor:
            hits, misses = (counts[kind] for kind in _SHARES[given])
            distance = absolute(hits / (hits + misses + small) - wanted)
            if given == "specificity":
                place = argmin(distance, 0)
            else:
                nearest = apply("Equal", [distance, reduced("Min", distance, None, False, None)])
                place = argmax(cumsum(cast(nearest, int64)), 0)
            hits, misses = (gather(counts[kind], place) for kind in _SHARES[metric])
            return apply("RealDiv", [hits, hits + misses + small], name=label)

        return collected(found(values, "value"), found(updates, "update_op"), *keys)


@export("metrics.sensitivity_at_specificity")
def sensitivity_at_specificity(
    labels: Any, predictions: Any, specificity: float, weights: Any = None, num_thresholds: int = 200,
    metrics_collections: Any = None, updates_collections: Any = None, name: str | None = None,
) -> Pair:  # fmt: skip
    """The share of positives that are found, at the threshold at which the share of negatives that are none is nearest
    to `specificity`. Raises ValueError."""
    keys = (metrics_collections, updates_collections)
    return _balanced(
        "sensitivity", "specificity", labels, predictions, specificity, weights, num_thresholds, name, keys
    )


@export("metrics.specificity_at_sensitivity")
def specificity_at_sensitivity(
    labels: Any, predictions: Any, sensitivity: float, weights: Any = None, num_thresholds: int = 200,
    metrics_collections: Any = None, updates_collections: Any = None, name: str | None = None,
) -> Pair:  # fmt: skip
    """The share of negatives that are none found, at the threshold at which the share of positives that are found is
    nearest to `sensitivity`. Raises ValueError."""
    keys = (metrics_collections, updates_collections)
    return _balanced(
        "specificity", "sensitivity", labels, predictions, sensitivity, weights, num_thresholds, name, keys
    )


@export("metrics.mean_per_class_accuracy")
def mean_per_class_accuracy(
    labels: Any, predictions: Any, num_classes: int, weights: Any = None, metrics_collections: Any = None,
    updates_collections: Any = None, name: str | None = None,
) -> Pair:  # fmt: skip
    """The mean over classes of the share of right predictions."""
    with variable_scope(name, "mean_accuracy", [predictions, labels, weights]):
        hits, of_class = _by_class(labels, predictions, num_classes, weights)
        total = metric_variable([num_classes], name="total")
        count = metric_variable([num_classes], name="count")
        new_count = assign_add(count, reduced("Sum", of_class, 0, False, None))
        new_total = assign_add(total, reduced("Sum", of_class * expand_dims(hits, 1), 0, False, None))
        value = reduced("Mean", div_no_nan(total, count), None, False, "mean_accuracy")
        update = div_no_nan(new_total, new_count, name="update_op")
        return collected(value, update, metrics_collections, updates_collections)


def _by_class(labels: Any, predictions: Any, num_classes: int, weights: Any) -> tuple[Tensor, Tensor]:
    """(whether predictions hit [n], weights of each label's class [n, classes])."""
    flat = [reshape(convert_to_tensor(each), [-1]) for each in (labels, predictions)]
    hits = cast(apply("Equal", [cast(flat[1], flat[0].dtype.base_dtype), flat[0]]), float32)
    of_class = one_hot(flat[0], num_classes)
    if weights is not None:
        of_class = of_class * expand_dims(reshape(cast(weights, float32), [-1]), 1)
    return hits, of_class
