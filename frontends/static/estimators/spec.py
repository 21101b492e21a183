"""tf.estimator.EstimatorSpec: what a model_fn gives."""

from __future__ import annotations

from typing import Any, NamedTuple

from ..exports import export
from ..graphs import nest
from ..graphs.defaults import get_default_graph
from ..graphs.operation import Operation
from ..graphs.tensor import Tensor
from ..monitored.hook import SessionRunHook
from ..monitored.scaffold import Scaffold
from ..operations.arrays import reshape
from ..variables.variable import Variable
from .export_outputs import checked_outputs
from .modes import ModeKeys


class _Fields(NamedTuple):
    mode: Any
    predictions: Any
    loss: Any
    train_op: Any
    eval_metric_ops: Any
    export_outputs: Any
    training_chief_hooks: Any
    training_hooks: Any
    scaffold: Any
    evaluation_hooks: Any
    prediction_hooks: Any


@export("estimator.EstimatorSpec")
class EstimatorSpec(_Fields):
    """The operations and tensors of a model, those checked that a mode needs: `loss` and `train_op` to train, `loss` to
    evaluate, `predictions` to predict. Raises ValueError and TypeError."""

    def __new__(
        cls, mode: Any, predictions: Any = None, loss: Any = None, train_op: Any = None, eval_metric_ops: Any = None,
        export_outputs: Any = None, training_chief_hooks: Any = None, training_hooks: Any = None, scaffold: Any = None,
        evaluation_hooks: Any = None, prediction_hooks: Any = None,
    ) -> EstimatorSpec:  # fmt: skip
        train_op = _checked_train_op(train_op, mode)
        loss = _checked_loss(loss, mode)
        predictions = _checked_predictions(predictions, mode)
        if mode == ModeKeys.PREDICT:
            export_outputs = checked_outputs(export_outputs, predictions)
        hooks = [
            _checked_hooks(each) for each in (training_hooks, evaluation_hooks, prediction_hooks, training_chief_hooks)
        ]
        eval_metric_ops = _checked_metrics(eval_metric_ops)
        scaffold = scaffold or Scaffold()
        if not isinstance(scaffold, Scaffold):
            raise TypeError(f"scaffold must be tf.train.Scaffold. Given: {scaffold}")
        return super().__new__(
            cls, mode, predictions, loss, train_op, eval_metric_ops, export_outputs, hooks[3], hooks[0], scaffold,
            hooks[1], hooks[2],
        )  # fmt: skip

    def _replace(self, **changes: Any) -> EstimatorSpec:
        """The same with other fields. Raises ValueError for another mode."""
        if "mode" in changes and changes["mode"] != self.mode:
            raise ValueError("mode of EstimatorSpec cannot be changed.")
        return EstimatorSpec(**{**self._asdict(), **changes})


def _check_graph(what: str, thing: Any, text: str) -> None:
    if thing.graph is not get_default_graph():
        raise ValueError(
            f'{what} with "{text}" must be from the default graph. Possible causes of this error include: \n\n'
            f"1) {what} was created outside the context of the default graph.\n\n"
            '2) The object passed through to EstimatorSpec was not created in the most recent call to "model_fn".'
        )


def _check_tensor(value: Any, name: str) -> None:
    if not isinstance(value, Tensor | Variable):
        raise TypeError(f"{name} must be Tensor, given: {value}")


def _checked_train_op(train_op: Any, mode: Any) -> Any:
    if train_op is None:
        if mode == ModeKeys.TRAIN:
            raise ValueError("Missing train_op.")
        return None
    if not isinstance(train_op, Operation | Tensor | Variable):
        raise TypeError(f"train_op must be Operation or Tensor, given: {train_op}")
    if isinstance(train_op, Variable):
        train_op = train_op.op
    _check_graph("train_op", train_op, train_op.name)
    return train_op


def _checked_loss(loss: Any, mode: Any) -> Any:
    if loss is None:
        if mode in (ModeKeys.TRAIN, ModeKeys.EVAL):
            raise ValueError("Missing loss.")
        return None
    _check_tensor(loss, "loss")
    if loss.shape.num_elements() not in (None, 1):
        raise ValueError(f"Loss must be scalar, given: {loss}")
    if not loss.shape.is_compatible_with([]):
        loss = reshape(loss, [])
    _check_graph("loss", loss, loss.name)
    return loss


def _checked_predictions(predictions: Any, mode: Any) -> Any:
    if predictions is None:
        if mode == ModeKeys.PREDICT:
            raise ValueError("Missing predictions.")
        return {}
    named = dict(predictions) if isinstance(predictions, dict) else {None: predictions}
    for key, value in named.items():
        _check_tensor(value, "predictions" if key is None else f"predictions[{key}]")
        _check_graph("prediction values", value, value.name if key is None else f"{key}: {value.name}")
    return named if isinstance(predictions, dict) else predictions


def _checked_hooks(hooks: Any) -> tuple[SessionRunHook, ...]:
    found = tuple(hooks or ())
    for hook in found:
        if not isinstance(hook, SessionRunHook):
            raise TypeError(f"All hooks must be SessionRunHook instances, given: {hook}")
    return found


def _checked_metrics(metrics: Any) -> dict[str, Any]:
    if metrics is None:
        return {}
    if not isinstance(metrics, dict):
        raise TypeError(f"eval_metric_ops must be a dict, given: {metrics}")
    for key, value in metrics.items():
        if not isinstance(value, tuple) or len(value) != 2:
            raise TypeError(
                f"Values of eval_metric_ops must be (metric_value, update_op) tuples, given: {value} for key: {key}"
            )
        for each in nest.flatten(value):
            _check_graph("eval_metric_ops", each, f"{key}: {each.name}")
    return metrics
