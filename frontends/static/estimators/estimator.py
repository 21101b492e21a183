"""tf.estimator.Estimator: a model that is trained, evaluated and asked, in a graph of its own each time."""

from __future__ import annotations

import copy
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from diptych.ir import Unsupported, user_location

from ..checkpoints.management import latest_checkpoint
from ..checkpoints.reading import list_variables, load_checkpoint, load_variable
from ..exports import export
from ..graphs.collections import GraphKeys, add_to_collection, get_collection
from ..graphs.errors import OpError
from ..graphs.graph import Graph
from ..monitored.hook import SessionRunHook
from ..monitored.hooks import LoggingTensorHook, NanTensorHook, StopAtStepHook
from ..monitored.saving_hooks import CheckpointSaverHook, CheckpointSaverListener
from ..monitored.scaffold import ChiefSessionCreator, Scaffold
from ..monitored.sessions import MonitoredSession, MonitoredTrainingSession
from ..operations.control import group
from ..operations.random import set_random_seed
from ..operations.summaries import scalar
from ..platform.logs import info, warning
from ..running.together import as_the_first_says, writes_files
from ..training.global_step import create_global_step, get_global_step, step_before
from ..training.saver import Saver
from . import evaluating
from .arguments import argument_names
from .checking import (
    Hooks,
    batch_length,
    check_members,
    check_model_fn,
    checked_hooks,
    checked_listeners,
    chosen,
    configured,
)
from .ingestion import features_and_labels
from .modes import ModeKeys
from .roles import shares
from .run_config import RunConfig
from .spec import EstimatorSpec
from .warm_starting import settings_of, warm_start


@export("estimator.Estimator")
class Estimator:
    """A model made by `model_fn(features, labels, mode, params, config)`, which takes of these what it has names for,
    and gives an EstimatorSpec. Its checkpoints and event files are in `model_dir`; each call goes on from the latest.

    `params` is passed on to `model_fn` and `input_fn`, `warm_start_from` is a checkpoint or WarmStartSettings for the
    first training. Raises ValueError.
    """

    def __init__(
        self, model_fn: Callable[..., Any], model_dir: Any = None, config: RunConfig | None = None, params: Any = None,
        warm_start_from: Any = None,
    ) -> None:  # fmt: skip
        check_members(type(self), Estimator)
        self._config = configured(config, model_dir)
        self._model_dir = self._config.model_dir
        self._session_config = self._config.session_config
        info("Using config: %s", str(vars(self._config)))
        if model_fn is None:
            raise ValueError("model_fn must be provided to Estimator.")
        check_model_fn(model_fn, params)
        self._model_fn = model_fn
        self._params = copy.deepcopy(params or {})
        self._warm_start_settings = settings_of(warm_start_from)

    # -- what it is ----

    @property
    def model_dir(self) -> str:
        """The folder of its files."""
        return self._model_dir

    @property
    def config(self) -> RunConfig:
        """A copy of its options."""
        return copy.deepcopy(self._config)

    @property
    def params(self) -> Any:
        """A copy of the parameters."""
        return copy.deepcopy(self._params)

    @property
    def model_fn(self) -> Callable[..., EstimatorSpec]:
        """model_fn(features, labels, mode, config)."""

        def public_model_fn(features: Any, labels: Any, mode: str, config: RunConfig) -> EstimatorSpec:
            return self._call_model_fn(features, labels, mode, config)

        return public_model_fn

    def latest_checkpoint(self) -> str | None:
        """The path of the last checkpoint; None where there is none."""
        return latest_checkpoint(self._model_dir)

    def get_variable_value(self, name: str) -> Any:
        """A variable's value in the last checkpoint. Raises ValueError where there is none."""
        self._check_trained()
        return load_variable(self._model_dir, name)

    def get_variable_names(self) -> list[str]:
        """The names of the variables in the last checkpoint. Raises ValueError where there is none."""
        self._check_trained()
        return [name for name, _ in list_variables(self._model_dir)]

    def _check_trained(self) -> None:
        if not self.latest_checkpoint():
            raise ValueError(f"Could not find trained model in model_dir: {self._model_dir}.")

    def eval_dir(self, name: str | None = None) -> str:
        """The folder of the event files of evaluations."""
        return os.path.join(self._model_dir, f"eval_{name}" if name else "eval")

    # -- training ----

    def train(
        self, input_fn: Callable[..., Any], hooks: Hooks = None, steps: int | None = None,
        max_steps: int | None = None, saving_listeners: Sequence[CheckpointSaverListener] | None = None,
    ) -> Any:  # fmt: skip
        """Trains for `steps` steps, up to the step `max_steps`, or until there is no more input. Raises ValueError."""
        if steps is not None and max_steps is not None:
            raise ValueError("Can not provide both steps and max_steps.")
        if steps is not None and steps <= 0:
            raise ValueError(f"Must specify steps > 0, given: {steps}")
        if max_steps is not None and max_steps <= 0:
            raise ValueError(f"Must specify max_steps > 0, given: {max_steps}")
        if max_steps is not None and max_steps <= self._steps_made(self._config.train_distribute):
            info("Skipping training since max_steps has already saved.")
            return self
        found = checked_hooks(hooks)
        if steps is not None or max_steps is not None:
            found.append(StopAtStepHook(steps, max_steps))
        loss = self._train_model(input_fn, found, checked_listeners(saving_listeners))
        info("Loss for final step: %s.", loss)
        return self

    def _last_checkpoint(self, strategy: Any) -> str | None:
        """The path of the last checkpoint; of processes that share a strategy the first one says which that is."""
        found = self.latest_checkpoint()
        return as_the_first_says("what begins with a checkpoint", found) if shares(strategy) else found

    def _steps_made(self, strategy: Any) -> int:
        path = self._last_checkpoint(strategy)
        if path is None:
            return 0
        try:
            return int(load_checkpoint(path).get_tensor(GraphKeys.GLOBAL_STEP))
        except OpError:
            return 0

    def _train_model(
        self, input_fn: Callable[..., Any], hooks: list[SessionRunHook], listeners: list[CheckpointSaverListener]
    ) -> Any:
        strategy = self._config.train_distribute
        with Graph().as_default() as graph, _scope(strategy):
            set_random_seed(self._config.tf_random_seed)
            self._create_and_assert_global_step(graph)
            step_before(graph)
            features, labels, worker_hooks = features_and_labels(self._given(strategy, input_fn, ModeKeys.TRAIN))
            spec = self._specified(strategy, features, labels, ModeKeys.TRAIN)
            return self._train_with_spec(spec, worker_hooks, hooks, get_global_step(graph), listeners)

    def _train_with_spec(
        self, spec: EstimatorSpec, worker_hooks: list[SessionRunHook], hooks: list[SessionRunHook], step: Any,
        listeners: list[CheckpointSaverListener],
    ) -> Any:  # fmt: skip
        if self._warm_start_settings:
            self._warm_start()
        if not any(summary.op.name == "loss" for summary in get_collection(GraphKeys.SUMMARIES)):
            scalar("loss", spec.loss)
        add_to_collection(GraphKeys.LOSSES, spec.loss)
        worker_hooks = [*worker_hooks, *hooks, NanTensorHook(spec.loss)]
        pace = self._config.log_step_count_steps
        if pace is not None:
            worker_hooks.append(LoggingTensorHook({"loss": spec.loss, "step": step}, every_n_iter=pace))
        worker_hooks.extend(spec.training_hooks)
        if not (spec.scaffold.saver or get_collection(GraphKeys.SAVERS)):
            add_to_collection(GraphKeys.SAVERS, self._saver())
        chief_hooks = self._saver_hooks(spec, [*worker_hooks, *spec.training_chief_hooks], listeners)
        loss, any_step = None, False
        with MonitoredTrainingSession(
            master=self._config.master, is_chief=self._config.is_chief, checkpoint_dir=self._model_dir,
            scaffold=spec.scaffold, hooks=worker_hooks, chief_only_hooks=[*chief_hooks, *spec.training_chief_hooks],
            save_checkpoint_secs=0, save_summaries_steps=self._config.save_summary_steps, config=self._session_config,
            log_step_count_steps=pace,
        ) as session:  # fmt: skip
            while not session.should_stop():
                _, loss = session.run([spec.train_op, spec.loss])
                any_step = True
        if not any_step:
            warning("Training with estimator made no steps. Perhaps input is empty or misspecified.")
        return loss

    def _saver(self) -> Saver:
        return Saver(
            sharded=True, max_to_keep=self._config.keep_checkpoint_max,
            keep_checkpoint_every_n_hours=self._config.keep_checkpoint_every_n_hours, defer_build=True,
            save_relative_paths=True,
        )  # fmt: skip

    def _saver_hooks(
        self, spec: EstimatorSpec, others: list[SessionRunHook], listeners: list[CheckpointSaverListener]
    ) -> list[SessionRunHook]:
        """The hook that writes checkpoints, where no other does; listeners are told by the first."""
        savers = [hook for hook in others if isinstance(hook, CheckpointSaverHook)]
        made: list[SessionRunHook] = []
        seconds, steps = self._config.save_checkpoints_secs, self._config.save_checkpoints_steps
        if (seconds or steps) and not savers:
            savers = [CheckpointSaverHook(self._model_dir, seconds, steps, scaffold=spec.scaffold)]
            made = [*savers]
        if listeners and not savers:
            raise ValueError(
                "There should be a CheckpointSaverHook to use saving_listeners. Please set one of the "
                "RunConfig.save_checkpoints_steps or RunConfig.save_checkpoints_secs."
            )
        for listener in listeners:
            if listener not in savers[0]._listeners:
                savers[0]._listeners.append(listener)
        return made

    # -- evaluating ----

    def evaluate(
        self, input_fn: Callable[..., Any], steps: int | None = None, hooks: Hooks = None,
        checkpoint_path: str | None = None, name: str | None = None,
    ) -> dict[str, Any]:  # fmt: skip
        """The metrics over `steps` batches, or all: by name, with the mean `loss` and the `global_step`. They are
        written to `eval_dir(name)` as well. Raises ValueError."""
        found = checked_hooks(hooks)
        if steps is not None:
            if steps <= 0:
                raise ValueError(f"Must specify steps > 0, given: {steps}")
            found.append(evaluating.StopAfterEvaluations(steps))
        strategy = self._config.eval_distribute
        path = checkpoint_path or self._last_checkpoint(strategy)
        if not path:
            info("Could not find trained model in model_dir: %s, running initialization to evaluate.", self._model_dir)
        with Graph().as_default() as graph, _scope(strategy):
            set_random_seed(self._config.tf_random_seed)
            self._create_and_assert_global_step(graph)
            features, labels, input_hooks = features_and_labels(self._given(strategy, input_fn, ModeKeys.EVAL))
            spec = self._specified(strategy, features, labels, ModeKeys.EVAL)
            update, values = evaluating.split(evaluating.with_loss(spec.eval_metric_ops, spec.loss))
            if not path and self._warm_start_settings:
                self._warm_start()
            if evaluating.STEP in values:
                raise ValueError(
                    "Metric with name `global_step` is not allowed, because Estimator already defines a default metric "
                    "with the same name."
                )
            values[evaluating.STEP] = get_global_step(graph)
            scaffold = spec.scaffold
            if scaffold.local_init_op:
                evaluating.eval_step()
                both = group(scaffold.local_init_op, Scaffold.default_local_init_op())
                scaffold = Scaffold(local_init_op=both, copy_from_scaffold=scaffold)
            all_hooks = [*input_hooks, *found, *spec.evaluation_hooks]
            results = evaluating.evaluated(
                path, scaffold, update, values, all_hooks, self._config.evaluation_master, self._session_config
            )
        if writes_files():
            evaluating.write_results(self.eval_dir(name), results)
        if path and writes_files():
            evaluating.write_checkpoint_path(self.eval_dir(name), path, results[evaluating.STEP])
        return results

    # -- predicting ----

    def predict(
        self, input_fn: Callable[..., Any], predict_keys: Any = None, hooks: Hooks = None,
        checkpoint_path: str | None = None, yield_single_examples: bool = True,
    ) -> Iterator[Any]:  # fmt: skip
        """The predictions for one example after another, of a dictionary those of `predict_keys`; for whole batches
        without `yield_single_examples`. Raises ValueError."""
        found = checked_hooks(hooks)
        path = checkpoint_path or self.latest_checkpoint()
        if not path:
            info("Could not find trained model in model_dir: %s, running initialization to predict.", self._model_dir)
        with Graph().as_default() as graph:
            set_random_seed(self._config.tf_random_seed)
            self._create_and_assert_global_step(graph)
            features, _, input_hooks = features_and_labels(self._call_input_fn(input_fn, ModeKeys.PREDICT))
            spec = self._call_model_fn(features, None, ModeKeys.PREDICT, self.config)
            if not path and self._warm_start_settings:
                self._warm_start()
            predictions = chosen(spec.predictions, predict_keys)
            creator = ChiefSessionCreator(
                spec.scaffold, self._config.master, self._session_config, checkpoint_filename_with_path=path
            )
            with MonitoredSession(creator, [*input_hooks, *found, *spec.prediction_hooks]) as session:
                while not session.should_stop():
                    batch = session.run(predictions)
                    if not yield_single_examples:
                        yield batch
                    elif not isinstance(predictions, dict):
                        yield from batch
                    else:
                        for number in range(batch_length(batch)):
                            yield {key: value[number] for key, value in batch.items()}

    # -- exporting ----

    def _refuse_export(self, name: str) -> None:
        raise Unsupported(
            f"Estimator.{name} is not supported: diptych writes no SavedModel",
            location=user_location(),
            hint="the checkpoints in Estimator.model_dir",
        )

    def export_saved_model(self, *_: Any, **__: Any) -> None:
        """Raises Unsupported."""
        self._refuse_export("export_saved_model")

    def export_savedmodel(self, *_: Any, **__: Any) -> None:
        """Raises Unsupported."""
        self._refuse_export("export_savedmodel")

    def experimental_export_all_saved_models(self, *_: Any, **__: Any) -> None:
        """Raises Unsupported."""
        self._refuse_export("experimental_export_all_saved_models")

    # -- calling the user's functions ----

    def _create_and_assert_global_step(self, graph: Graph) -> Any:
        return create_global_step(graph)

    def _given(self, strategy: Any, input_fn: Callable[..., Any], mode: str) -> Any:
        """What input_fn gives; under a strategy, its iterator over that. Raises ValueError."""
        if strategy is None:
            return self._call_input_fn(input_fn, mode)
        return strategy.make_input_fn_iterator(lambda context: self._call_input_fn(input_fn, mode, context))

    def _specified(self, strategy: Any, features: Any, labels: Any, mode: str) -> EstimatorSpec:
        """What model_fn gives, under a strategy as the function of its replica."""
        given = features, labels, mode, self.config
        if strategy is None:
            return self._call_model_fn(*given)
        return strategy.extended.call_for_each_replica(self._call_model_fn, given)

    def _call_input_fn(self, input_fn: Callable[..., Any], mode: str, input_context: Any = None) -> Any:
        """input_fn's result, given what it has names for."""
        names = argument_names(input_fn)
        offered = {"mode": mode, "params": self.params, "config": self.config}
        if input_context is not None:
            offered["input_context"] = input_context
        return input_fn(**{name: value for name, value in offered.items() if name in names})

    def _call_model_fn(self, features: Any, labels: Any, mode: str, config: RunConfig) -> EstimatorSpec:
        names = argument_names(self._model_fn)
        if "labels" not in names and labels is not None:
            raise ValueError("model_fn does not take labels, but input_fn returns labels.")
        offered = {"labels": labels, "mode": mode, "params": self.params, "config": config}
        info("Calling model_fn.")
        found = self._model_fn(features=features, **{name: offered[name] for name in offered if name in names})
        info("Done calling model_fn.")
        if not isinstance(found, EstimatorSpec):
            raise ValueError("model_fn should return an EstimatorSpec.")
        return found

    def _warm_start(self) -> None:
        info("Warm-starting with WarmStartSettings: %s", self._warm_start_settings)
        warm_start(*self._warm_start_settings)


def _scope(strategy: Any) -> AbstractContextManager[Any]:
    return nullcontext() if strategy is None else strategy.scope()
