"""tf.estimator.train_and_evaluate: training, with an evaluation after each checkpoint."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from ..exports import export
from ..monitored.hook import SecondOrStepTimer, SessionRunHook
from ..monitored.saving_hooks import CheckpointSaverListener
from ..platform.logs import info
from ..strategies.tf_config import EVALUATOR
from .checkpoint_evaluation import CheckpointEvaluator, evaluate_until_trained
from .estimator import Estimator
from .exporters import Exporter
from .roles import shares


class _TrainFields(NamedTuple):
    input_fn: Any
    max_steps: Any
    hooks: Any


class _EvalFields(NamedTuple):
    input_fn: Any
    steps: Any
    name: Any
    hooks: Any
    exporters: Any
    start_delay_secs: Any
    throttle_secs: Any


@export("estimator.TrainSpec")
class TrainSpec(_TrainFields):
    """What to train on, and how far. Raises ValueError and TypeError."""

    def __new__(cls, input_fn: Callable[..., Any], max_steps: int | None = None, hooks: Any = None) -> TrainSpec:
        _check_input_fn(input_fn)
        if max_steps is not None and max_steps <= 0:
            raise ValueError(f"Must specify max_steps > 0, given: {max_steps}")
        return super().__new__(cls, input_fn, max_steps, _checked_hooks(hooks))


@export("estimator.EvalSpec")
class EvalSpec(_EvalFields):
    """What to evaluate on: `steps` batches, not more often than every `throttle_secs`. Raises ValueError, TypeError."""

    def __new__(
        cls, input_fn: Callable[..., Any], steps: int | None = 100, name: str | None = None, hooks: Any = None,
        exporters: Any = None, start_delay_secs: float = 120, throttle_secs: float = 600,
    ) -> EvalSpec:  # fmt: skip
        _check_input_fn(input_fn)
        if steps is not None and steps <= 0:
            raise ValueError(f"Must specify steps > 0, given: {steps}")
        if name is not None and not isinstance(name, str):
            raise TypeError(f"`name` must be string, given: {name}")
        found, exporters = _checked_hooks(hooks), _checked_exporters(exporters)
        if start_delay_secs < 0:
            raise ValueError(f"Must specify start_delay_secs >= 0, given: {start_delay_secs}")
        if throttle_secs < 0:
            raise ValueError(f"Must specify throttle_secs >= 0, given: {throttle_secs}")
        return super().__new__(cls, input_fn, steps, name, found, exporters, start_delay_secs, throttle_secs)


def _check_input_fn(input_fn: Any) -> None:
    if not callable(input_fn):
        raise TypeError(f"`input_fn` must be callable, given: {input_fn}")


def _checked_hooks(hooks: Any) -> tuple[SessionRunHook, ...]:
    found = tuple(hooks or ())
    for hook in found:
        if not isinstance(hook, SessionRunHook):
            raise TypeError(f"All hooks must be `SessionRunHook` instances, given: {hook}")
    return found


def _checked_exporters(exporters: Any) -> tuple[Exporter, ...]:
    if not exporters:
        return ()
    found = [exporters] if isinstance(exporters, Exporter) else exporters
    if not isinstance(found, Iterable) or not all(isinstance(each, Exporter) for each in found):
        raise TypeError(f"`exporters` must be an Exporter, an iterable of Exporter, or `None`, found {exporters}.")
    names = [each.name for each in found]
    for name in names:
        if not name:
            raise ValueError(f"An Exporter cannot have a name that is `None` or empty. All exporter names: {names}")
    if len(set(names)) < len(names):
        raise ValueError(
            f"`exporters` must have unique names. Such a name cannot be `None`. All exporter names: {names}"
        )
    return tuple(found)


class _EvaluateCheckpoints(CheckpointSaverListener):
    """Evaluates new checkpoints but for the first, which is of an untrained model, and the last one in any case."""

    def __init__(self, evaluator: CheckpointEvaluator, throttle_secs: float) -> None:
        self._evaluator = evaluator
        self._throttle = throttle_secs

    def begin(self) -> None:
        self._timer = SecondOrStepTimer(every_secs=self._throttle)
        self._is_first = True

    def after_save(self, session: Any, global_step_value: int) -> None:
        if self._is_first:
            self._is_first = False
        elif self._timer.should_trigger_for_step(global_step_value):
            self._evaluate(global_step_value)
        else:
            info("Skip the current checkpoint eval due to throttle secs (%s secs).", self._throttle)

    def end(self, session: Any, global_step_value: int) -> None:
        if global_step_value != self._timer.last_triggered_step():
            self._evaluate(global_step_value)

    def _evaluate(self, step: int) -> None:
        self._timer.update_last_triggered_step(step)
        missing = self._evaluator.evaluate()
        if missing is not None:
            raise RuntimeError(f"There was no new checkpoint after the training. Eval status: {missing}")


@export("estimator.train_and_evaluate")
def train_and_evaluate(estimator: Estimator, train_spec: TrainSpec, eval_spec: EvalSpec) -> tuple[Any, Any] | None:
    """(the last evaluation's metrics, what exporters gave): trains, and evaluates each new checkpoint, on this machine.

    Where TF_CONFIG names several processes, the chief and the workers train together, and an evaluator by itself
    evaluates what checkpoints it finds until one has made `max_steps` steps; there are no metrics then, but None.
    Raises TypeError.
    """
    if not isinstance(eval_spec, EvalSpec):
        raise TypeError(f"`eval_spec` must have type `tf.estimator.EvalSpec`. Got: {type(eval_spec)}")
    if not isinstance(estimator, Estimator):
        raise TypeError(f"`estimator` must have type `tf.estimator.Estimator`. Got: {type(estimator)}")
    if not isinstance(train_spec, TrainSpec):
        raise TypeError(f"`train_spec` must have type `tf.estimator.TrainSpec`. Got: {type(train_spec)}")
    config, evaluator = estimator.config, CheckpointEvaluator(estimator, train_spec, eval_spec)
    if config.task_type == EVALUATOR:
        evaluate_until_trained(evaluator, train_spec.max_steps, eval_spec.start_delay_secs, eval_spec.throttle_secs)
        return None
    if shares(config.train_distribute):
        estimator.train(train_spec.input_fn, train_spec.hooks, max_steps=train_spec.max_steps)
        return None
    info("Running training and evaluation locally (non-distributed).")
    info(
        "Start train and evaluate loop. The evaluate will happen after every checkpoint. Checkpoint frequency is "
        "determined based on RunConfig arguments: save_checkpoints_steps %s or save_checkpoints_secs %s.",
        config.save_checkpoints_steps, config.save_checkpoints_secs,
    )  # fmt: skip
    listener = _EvaluateCheckpoints(evaluator, eval_spec.throttle_secs)
    estimator.train(train_spec.input_fn, train_spec.hooks, max_steps=train_spec.max_steps, saving_listeners=[listener])
    return evaluator.metrics, evaluator.exported
