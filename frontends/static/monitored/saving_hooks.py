"""Hooks that write checkpoints and summaries."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from ...events.event import SessionLog
from ...events.summary import Summary, Value
from ..exports import export
from ..graphs.collections import GraphKeys, get_collection
from ..graphs.defaults import get_default_graph
from ..platform.logs import info, warning
from ..running.together import is_shared, writes_files
from ..training.file_writer import FileWriterCache
from ..training.global_step import get_global_step, step_before
from .hook import SecondOrStepTimer, SessionRunArgs, SessionRunContext, SessionRunHook, SessionRunValues
from .hooks import LoggingTensorHook


@export("train.CheckpointSaverListener", "estimator.CheckpointSaverListener")
class CheckpointSaverListener:
    """Is told of checkpoints. A subclass overrides what it needs."""

    def begin(self) -> None:
        """Called before the session is made."""

    def before_save(self, session: Any, global_step_value: int) -> None:
        """Called before a checkpoint is written."""

    def after_save(self, session: Any, global_step_value: int) -> Any:
        """Called after a checkpoint is written; a true value asks for the end."""

    def end(self, session: Any, global_step_value: int) -> None:
        """Called at the end."""


@export("train.CheckpointSaverHook", "estimator.CheckpointSaverHook")
class CheckpointSaverHook(SessionRunHook):
    """Writes a checkpoint at the start, every so many seconds or steps, and at the end: of processes that run programs
    together the first one, whose listeners alone are told."""

    def __init__(
        self,
        checkpoint_dir: str,
        save_secs: float | None = None,
        save_steps: int | None = None,
        saver: Any = None,
        checkpoint_basename: str = "model.ckpt",
        scaffold: Any = None,
        listeners: Sequence[CheckpointSaverListener] | None = None,
    ) -> None:
        info("Create CheckpointSaverHook.")
        if saver is not None and scaffold is not None:
            raise ValueError("You cannot provide both saver and scaffold.")
        self._saver = saver
        self._checkpoint_dir = checkpoint_dir
        self._save_path = os.path.join(checkpoint_dir, checkpoint_basename)
        self._scaffold = scaffold
        self._timer = SecondOrStepTimer(save_secs, save_steps)
        self._listeners = list(listeners or ())

    def begin(self) -> None:
        self._step = step_before()
        self._writes = _writes()
        if self._writes:
            self._writer = FileWriterCache.get(self._checkpoint_dir)
            for listener in self._listeners:
                listener.begin()

    def after_create_session(self, session: Any, coord: Any) -> None:
        if not self._writes:
            return
        step = session.run(self._step)
        self._writer.add_graph(get_default_graph())
        self._save(session, step)
        self._timer.update_last_triggered_step(step)

    def before_run(self, run_context: SessionRunContext) -> SessionRunArgs:
        return SessionRunArgs(self._step)

    def after_run(self, run_context: SessionRunContext, run_values: SessionRunValues) -> None:
        if not self._writes or not self._timer.should_trigger_for_step(run_values.results + 1):
            return
        step = run_context.session.run(self._step)
        if self._timer.should_trigger_for_step(step):
            self._timer.update_last_triggered_step(step)
            if self._save(run_context.session, step):
                run_context.request_stop()

    def end(self, session: Any) -> None:
        if not self._writes:
            return
        step = session.run(self._step)
        if step != self._timer.last_triggered_step():
            self._save(session, step)
        for listener in self._listeners:
            listener.end(session, step)

    def _save(self, session: Any, step: int) -> bool:
        """Writes a checkpoint; whether a listener asks for the end."""
        info("Saving checkpoints for %d into %s.", step, self._save_path)
        for listener in self._listeners:
            listener.before_save(session, step)
        self._chosen().save(session, self._save_path, global_step=step)
        log = SessionLog(status=SessionLog.CHECKPOINT, checkpoint_path=self._save_path)
        self._writer.add_session_log(log, step)
        stop = False
        for listener in self._listeners:
            if listener.after_save(session, step):
                info("A CheckpointSaverListener requested that training be stopped. listener: %s", listener)
                stop = True
        return stop

    def _chosen(self) -> Any:
        if self._saver is not None:
            return self._saver
        if self._scaffold is not None:
            return self._scaffold.saver
        savers = get_collection(GraphKeys.SAVERS)
        if not savers:
            raise RuntimeError(
                f"No items in collection {GraphKeys.SAVERS}. Please add a saver to the collection "
                "or provide a saver or scaffold."
            )
        if len(savers) > 1:
            raise RuntimeError(
                f"More than one item in collection {GraphKeys.SAVERS}. "
                "Please indicate which one to use by passing it to the constructor."
            )
        self._saver = savers[0]
        return self._saver


@export("train.StepCounterHook", "estimator.StepCounterHook")
class StepCounterHook(SessionRunHook):
    """Logs, and writes down, how many steps are made in a second."""

    def __init__(
        self,
        every_n_steps: int | None = 100,
        every_n_secs: float | None = None,
        output_dir: str | None = None,
        summary_writer: Any = None,
    ) -> None:
        if (every_n_steps is None) == (every_n_secs is None):
            raise ValueError("exactly one of every_n_steps and every_n_secs should be provided.")
        self._timer = SecondOrStepTimer(every_n_secs, every_n_steps)
        self._writer = summary_writer
        self._output_dir = output_dir
        self._last: int | None = None
        self._warned = 0

    def begin(self) -> None:
        if self._writer is None and self._output_dir and _writes():
            self._writer = FileWriterCache.get(self._output_dir)
        self._step = step_before()
        self._tag = f"{get_global_step().op.name}/sec"

    def before_run(self, run_context: SessionRunContext) -> SessionRunArgs:
        return SessionRunArgs(self._step)

    def after_run(self, run_context: SessionRunContext, run_values: SessionRunValues) -> None:
        stale = run_values.results
        if self._timer.should_trigger_for_step(stale + 1):
            step = run_context.session.run(self._step)
            if self._timer.should_trigger_for_step(step):
                seconds, steps = self._timer.update_last_triggered_step(step)
                if seconds is not None and steps is not None:
                    self._record(steps / max(seconds, 1e-9), step)
        if stale == self._last and self._warned < 5:
            self._warned += 1
            warning(
                "It seems that global step (tf.train.get_global_step) has not been increased. Current value (could be "
                "stable): %s vs previous value: %s. You could increase the global step by passing "
                "tf.train.get_global_step() to Optimizer.apply_gradients or Optimizer.minimize.",
                stale, self._last,
            )  # fmt: skip
        self._last = stale

    def _record(self, rate: float, step: int) -> None:
        if self._writer is not None:
            self._writer.add_summary(Summary(value=[Value(tag=self._tag, simple_value=rate)]), step)
        info("%s: %g", self._tag, rate)


@export("train.SummarySaverHook", "estimator.SummarySaverHook")
class SummarySaverHook(SessionRunHook):
    """Writes summaries every so many steps or seconds."""

    def __init__(
        self,
        save_steps: int | None = None,
        save_secs: float | None = None,
        output_dir: str | None = None,
        summary_writer: Any = None,
        scaffold: Any = None,
        summary_op: Any = None,
    ) -> None:
        if (scaffold is None) == (summary_op is None):
            raise ValueError("Exactly one of scaffold or summary_op must be provided.")
        self._summary_op = summary_op
        self._writer = summary_writer
        self._output_dir = output_dir
        self._scaffold = scaffold
        self._timer = SecondOrStepTimer(save_secs, save_steps)

    def begin(self) -> None:
        self._writes = _writes()
        if self._writer is None and self._output_dir and self._writes:
            self._writer = FileWriterCache.get(self._output_dir)
        self._next: int | None = None
        self._step = step_before()

    def before_run(self, run_context: SessionRunContext) -> SessionRunArgs:
        self._requested = self._next is None or self._timer.should_trigger_for_step(self._next)
        asks = self._next is None or self._timer.may_trigger_for_step(self._next, run_context.session.graph)
        requests: dict[str, Any] = {"global_step": self._step}
        if asks and (operations := self._operations()):
            requests["summary"] = operations
        return SessionRunArgs(requests)

    def after_run(self, run_context: SessionRunContext, run_values: SessionRunValues) -> None:
        if self._writer is None and self._writes:
            return
        step = run_values.results["global_step"] + 1
        if self._next is None or self._requested:
            step = run_context.session.run(self._step)
        if self._next is None and self._writer is not None:
            self._writer.add_session_log(SessionLog(status=SessionLog.START), step)
        if self._requested:
            self._timer.update_last_triggered_step(step)
        if self._requested and self._writer is not None:
            for summary in run_values.results.get("summary", ()):
                self._writer.add_summary(summary, step)
        self._next = step + 1

    def end(self, session: Any = None) -> None:
        if self._writer is not None:
            self._writer.flush()

    def _operations(self) -> list[Any]:
        found = self._scaffold.summary_op if self._summary_op is None else self._summary_op
        return [] if found is None else found if isinstance(found, list) else [found]


def _writes() -> bool:
    """Whether hooks write files in this process."""
    return writes_files() or not is_shared(get_default_graph())


def is_ours(hook: SessionRunHook) -> bool:
    """Whether a hook only fetches, logs and writes files, as those here do: it may be called in all processes."""
    return isinstance(hook, CheckpointSaverHook | StepCounterHook | SummarySaverHook | LoggingTensorHook)
