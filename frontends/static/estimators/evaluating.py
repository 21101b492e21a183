"""How an estimator evaluates: metrics over all batches, and what is written of them."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ...events.errors import DamagedData
from ...events.summary import Summary, Value
from ...events.tensors import tensor_proto
from ..graphs.collections import GraphKeys, get_collection
from ..graphs.defaults import get_default_graph
from ..graphs.dtypes import int64
from ..metrics.means import mean
from ..monitored.hook import SessionRunArgs, SessionRunContext, SessionRunHook, SessionRunValues
from ..monitored.hooks import FinalOpsHook
from ..monitored.scaffold import ChiefSessionCreator
from ..monitored.sessions import MonitoredSession
from ..operations.arrays import identity
from ..operations.control import group
from ..platform.logs import info, warning
from ..training.file_writer import FileWriterCache
from ..variables.initializers import Zeros
from ..variables.scopes import get_variable
from ..variables.state import assign_add

STEP = GraphKeys.GLOBAL_STEP


def eval_step() -> Any:
    """The local variable that counts the batches evaluated, made where there is none. Raises ValueError for several."""
    found = get_collection(GraphKeys.EVAL_STEP)
    if len(found) > 1:
        raise ValueError("Multiple tensors added to tf.GraphKeys.EVAL_STEP")
    if found:
        return found[0]
    return get_variable(
        "eval_step", shape=[], dtype=int64, initializer=Zeros(), trainable=False,
        collections=[GraphKeys.LOCAL_VARIABLES, GraphKeys.EVAL_STEP],
    )  # fmt: skip


class StopAfterEvaluations(SessionRunHook):
    """Stops when so many batches were evaluated, and logs on the way."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._completed: Any = None
        self._pace = 1 if count < 20 else count // 10

    def counted_by(self, completed: Any) -> None:
        """`completed` is the tensor that says how many there were."""
        self._completed = completed

    def before_run(self, run_context: SessionRunContext) -> SessionRunArgs:
        return SessionRunArgs({"evals_completed": self._completed})

    def after_run(self, run_context: SessionRunContext, run_values: SessionRunValues) -> None:
        done = run_values.results["evals_completed"]
        if done % self._pace == 0 or done == self._count:
            info("Evaluation [%d/%d]", done, self._count)
        if done >= self._count:
            run_context.request_stop()


def with_loss(metrics: dict[str, Any], loss: Any) -> dict[str, Any]:
    """The metrics with the mean loss among them. Raises ValueError where one is called so."""
    if "loss" in metrics:
        raise ValueError(
            'Metric with name "loss" is not allowed, because Estimator already defines a default metric with the same '
            "name."
        )
    metrics["loss"] = mean(loss)
    return metrics


def split(metrics: Mapping[str, Any]) -> tuple[Any, dict[str, Any]]:
    """(the operation that counts a batch, the values by name)."""
    updates = [metrics[name][1] for name in sorted(metrics)]
    return group(*updates), {name: metrics[name][0] for name in sorted(metrics)}


def evaluated(
    checkpoint_path: str | None, scaffold: Any, update: Any, values: dict[str, Any], hooks: Sequence[SessionRunHook],
    master: str, config: Any,
) -> dict[str, Any]:  # fmt: skip
    """The values after all batches."""
    step = eval_step()
    operations = [update, assign_add(step, 1, use_locking=True)]
    with get_default_graph().control_dependencies([each for each in operations if each is not None]):
        completed = identity(step.read_value())
    for hook in hooks:
        if isinstance(hook, StopAfterEvaluations):
            hook.counted_by(completed)
    info("Starting evaluation at %s", time.strftime("%Y-%m-%dT%H:%M:%SZ", time.localtime()))
    creator = ChiefSessionCreator(scaffold, master, config, checkpoint_filename_with_path=checkpoint_path)
    last = FinalOpsHook(values)
    with MonitoredSession(creator, [*hooks, last]) as session:
        while not session.should_stop():
            session.run(operations)
    info("Finished evaluation at %s", time.strftime("%Y-%m-%d-%H:%M:%S", time.localtime()))
    return last.final_ops_values


# -- what is written ----


def write_results(folder: str, results: Mapping[str, Any]) -> None:
    """Writes the values of metrics as summaries."""
    step = results[STEP]
    texts = [f"{name} = {results[name]}" for name in sorted(results) if not isinstance(results[name], bytes)]
    info("Saving dict for global step %d: %s", step, ", ".join(texts))
    message = Summary(value=[each for name, value in results.items() if name != STEP for each in _values(name, value)])
    writer = FileWriterCache.get(folder)
    writer.add_summary(message, step)
    writer.flush()


def _values(name: str, value: Any) -> list[Value]:
    if value is None:
        return []
    if isinstance(value, float | int | np.floating | np.integer):
        return [Value(tag=name, simple_value=float(value))]
    if isinstance(value, bytes):
        try:
            found = Summary.FromString(value)
        except DamagedData:
            warning("Skipping summary for %s, cannot parse string to Summary.", name)
            return []
        for number, each in enumerate(found.value):
            each.tag = f"{name}/{number}"
        return list(found.value)
    if isinstance(value, np.ndarray):
        return [Value(tag=name, node_name=name, tensor=tensor_proto(value))]
    warning(
        "Skipping summary for %s, must be a float, np.float32, np.int64, np.int32 or int or np.ndarray or a serialized "
        "string of Summary.", name,
    )  # fmt: skip
    return []


def write_checkpoint_path(folder: str, path: str, step: int) -> None:
    """Writes which checkpoint was evaluated."""
    info("Saving 'checkpoint_path' summary for global step %d: %s", step, path)
    writer = FileWriterCache.get(folder)
    writer.add_summary(Summary(value=[Value(tag="checkpoint_path", tensor=tensor_proto(path.encode()))]), step)
    writer.flush()
