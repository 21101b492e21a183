"""tf.metrics: of the k classes with the largest predictions, against labels of which each example may have several."""

from __future__ import annotations

from typing import Any, NamedTuple

from ..exports import export
from ..graphs.apply import apply
from ..graphs.conversion import convert_to_tensor
from ..graphs.defaults import get_default_graph
from ..graphs.dtypes import bool_, float64, int64
from ..graphs.scopes import name_scope
from ..graphs.tensor import Tensor
from ..losses.broadcasting import broadcast_weights, check_broadcastable
from ..operations.arrays import expand_dims, shape, size
from ..operations.casting import cast
from ..operations.cumulative import cumsum
from ..operations.division import div_no_nan
from ..operations.ordering import top_k
from ..operations.ranges import ones_like
from ..operations.ranges import range as range_of
from ..operations.reductions import reduced
from ..operations.selection import where
from ..operations.sparse import sparse_to_dense
from ..operations.sparse_tensors import SparseTensor, convert_to_tensor_or_sparse_tensor
from ..variables.state import assign_add
from .means import Pair
from .variables import collected, metric_variable


class Ids(NamedTuple):
    """Classes [..., n] of each example, and which of them there are: another one has none, or stands twice."""

    classes: Tensor
    present: Tensor


def _both(left: Tensor, right: Tensor) -> Tensor:
    return apply("LogicalAnd", [left, right])


def _any(x: Tensor) -> Tensor:
    return reduced("Any", x, [-1], False, None)


def _distinct(ids: Ids) -> Ids:
    """Of equal classes of one example the first alone."""
    places = range_of(shape(ids.classes)[-1])
    is_before = apply("Greater", [expand_dims(places, 1), places])
    equal = _both(_equal(ids.classes, ids.classes), is_before)
    repeated = _any(_both(equal, expand_dims(ids.present, -2)))
    return Ids(ids.classes, _both(ids.present, apply("LogicalNot", [repeated])))


def _equal(left: Tensor, right: Tensor) -> Tensor:
    """Which of left [..., n] and right [..., m] are equal: [..., n, m]."""
    return apply("Equal", [expand_dims(left, -1), expand_dims(right, -2)])


def _among(ids: Ids, others: Ids) -> Tensor:
    """Which of `ids` are present in both."""
    there = _any(_both(_equal(ids.classes, others.classes), expand_dims(others.present, -2)))
    return _both(ids.present, there)


def _missing(ids: Ids, others: Ids) -> Tensor:
    return _both(ids.present, apply("LogicalNot", [_among(ids, others)]))


def _all(classes: Tensor) -> Ids:
    return Ids(classes, cast(ones_like(classes), bool_))


def _label_ids(labels: Any, predictions: Tensor) -> Ids:
    """The labels [..., n] of predictions [..., k]; [...] of one class each. Raises ValueError, TypeError."""
    given = convert_to_tensor_or_sparse_tensor(labels)
    if given.dtype.base_dtype is not int64:
        raise TypeError(f"Types don't match, {int64} vs {given.dtype.base_dtype}.")
    if isinstance(given, SparseTensor):
        there = cast(ones_like(given.values), bool_)
        ids = Ids(*(sparse_to_dense(given.indices, given.dense_shape, *each)
                    for each in ((given.values, 0), (there, False))))  # fmt: skip
    else:
        ids = _all(given)
    found, wanted = given.shape.ndims, predictions.shape.ndims
    if found is None or wanted is None or found == wanted:
        return ids
    if wanted == found + 1:
        return Ids(*(expand_dims(each, -1) for each in ids))
    if isinstance(given, SparseTensor):
        return ids
    raise ValueError(
        f"Unexpected labels shape {given.shape} for predictions shape {predictions.shape}. Predictions rank should be "
        "the same rank as labels rank or labels rank plus one ."
    )


def _of_class(ids: Ids, class_id: Any) -> Ids:
    """Of all classes one alone; all of them where that is None."""
    if class_id is None:
        return ids
    return Ids(ids.classes, _both(ids.present, apply("Equal", [ids.classes, cast(class_id, int64)])))


def _label_at_k(name: str, k: Any, class_id: Any) -> str:
    """As TensorFlow calls what it measures: recall_at_3_class5."""
    full = f"{name}_at_k" if k is None else f"{name}_at_{k:d}"
    return full if class_id is None else f"{full}_class{class_id:d}"


def _counted(hits: Tensor, weights: Any, label: str) -> tuple[Tensor, Tensor]:
    """(how many hits [..., n] so far, the update), weighted by example."""
    with name_scope(None, label) as scope:
        number = reduced("Sum", cast(hits, float64), [-1], False, None)
        if weights is not None:
            factors = cast(weights, float64)
            check_broadcastable(factors, number)
            number = apply("Mul", [number, factors])
        count = metric_variable([], float64, name=scope)
        return count.value(), assign_add(count, reduced("Sum", number, None, False, None), name="update")


def _declare(metric: str, other: str) -> None:
    """`metric`_at_k and `metric`_at_top_k: true positives over themselves and the other kind."""
    means = "recalled" if metric == "recall" else "right"

    @export(f"metrics.{metric}_at_top_k")
    def of_places(
        labels: Any, predictions_idx: Any, k: int | None = None, class_id: int | None = None, weights: Any = None,
        metrics_collections: Any = None, updates_collections: Any = None, name: str | None = None,
    ) -> Pair:  # fmt: skip
        with name_scope(name, _label_at_k(metric, k, class_id)) as scope:
            predictions = cast(convert_to_tensor(predictions_idx), int64)
            truth = _distinct(_of_class(_label_ids(labels, predictions), class_id))
            found = _distinct(_of_class(_all(predictions), class_id))
            hit, new_hit = _counted(_among(truth, found), weights, _label_at_k("true_positive", k, class_id))
            misses = _missing(truth, found) if metric == "recall" else _missing(found, truth)
            missed, new_missed = _counted(misses, weights, _label_at_k(other, k, class_id))
            value = apply("RealDiv", [hit, apply("AddV2", [hit, missed])], name=scope)
            update = apply("RealDiv", [new_hit, apply("AddV2", [new_hit, new_missed])], name="update")
            return collected(value, update, metrics_collections, updates_collections)

    names = [f"metrics.{metric}_at_k"] + ([f"metrics.sparse_{metric}_at_k"] if metric == "precision" else [])

    @export(*names)
    def function(
        labels: Any, predictions: Any, k: int, class_id: int | None = None, weights: Any = None,
        metrics_collections: Any = None, updates_collections: Any = None, name: str | None = None,
    ) -> Pair:  # fmt: skip
        with name_scope(name, _label_at_k(metric, k, class_id)) as scope:
            places = top_k(predictions, k)[1]
            return of_places(
                labels, places, k, class_id, weights, metrics_collections, updates_collections, name=scope
            )  # fmt: skip

    of_places.__name__ = of_places.__qualname__ = f"{metric}_at_top_k"
    function.__name__ = function.__qualname__ = f"{metric}_at_k"
    of_places.__doc__ = f"The share of {'labels' if metric == 'recall' else 'predicted classes'} that are {means}, of "\
        "all classes or of `class_id`. `labels` [..., n], dense or sparse, int64; `predictions_idx` [..., k]. Raises "\
        "ValueError, TypeError."  # fmt: skip
    function.__doc__ = f"As {metric}_at_top_k, of the k classes with the largest predictions [..., classes]."


_declare("recall", "false_negative")
_declare("precision", "false_positive")


@export("metrics.average_precision_at_k", "metrics.sparse_average_precision_at_k")
def average_precision_at_k(
    labels: Any, predictions: Any, k: int, weights: Any = None, metrics_collections: Any = None,
    updates_collections: Any = None, name: str | None = None,
) -> Pair:  # fmt: skip
    """The mean over examples of the precision at each rank up to k that holds a label, over the number of labels.

    `labels` [..., n], dense or sparse, int64; `predictions` [..., classes]. Raises ValueError, TypeError.
    """
    if k < 1:
        raise ValueError(f"Invalid k={k}. `k` should be >= 1.")
    with name_scope(name, _label_at_k("average_precision", k, None)) as scope:
        predictions = convert_to_tensor(predictions)
        places = cast(top_k(predictions, k)[1], int64)
        is_sparse = isinstance(convert_to_tensor_or_sparse_tensor(labels), SparseTensor)
        found = _label_ids(labels, places)
        get_default_graph().unique_name("Max")  # TensorFlow's own operation here, so that the variable is max_1
        is_class = apply("Less", [found.classes, cast(shape(predictions)[-1], int64)])
        truth = Ids(where(is_class, found.classes, -ones_like(found.classes)), found.present)
        counting = _distinct(truth).present if is_sparse else apply("GreaterEqual", [truth.classes, 0])
        average = _averaged(cast(_among(_all(places), truth), float64), counting, k)
        return _mean(average, weights, metrics_collections, updates_collections, scope)


def _averaged(hits: Tensor, counting: Tensor, k: int) -> Tensor:
    """The average precision of hits [..., k] in the order of ranks, of as many labels as `counting` [..., n] holds."""
    precision = cumsum(hits, axis=-1) / cast(range_of(1, k + 1), float64)
    total = reduced("Sum", hits * precision, [-1], False, None)
    number = reduced("Sum", cast(counting, float64), [-1], False, None)
    return total / apply("Minimum", [number, float(k)])


def _mean(values: Tensor, weights: Any, metrics_collections: Any, updates_collections: Any, scope: str) -> Pair:
    """The weighted mean over all batches."""
    if weights is None:
        number = cast(size(values), float64)
    else:
        factors = broadcast_weights(cast(weights, float64), values)
        values, number = apply("Mul", [values, factors]), reduced("Sum", factors, None, False, None)
    totals: list[Any] = []
    updates: list[Tensor] = []
    for label, added in (("max", number), ("total", reduced("Sum", values, None, False, None))):
        with name_scope(None, label) as inner:
            totals.append(metric_variable([], float64, name=inner))
            updates.append(assign_add(totals[-1], added, name="update"))
    value = div_no_nan(totals[1], totals[0], name="mean")
    update = div_no_nan(updates[1], updates[0], name=scope)
    return collected(value, update, metrics_collections, updates_collections)
