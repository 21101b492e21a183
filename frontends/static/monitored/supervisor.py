"""tf.train.Supervisor: a session of training with checkpoints, summaries and threads beside it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, ClassVar

from ...events.event import SessionLog
from ...events.summary import Summary
from ..exports import export
from ..graphs.collections import GraphKeys, add_to_collection, get_collection
from ..graphs.defaults import get_default_graph
from ..graphs.graph import Graph
from ..operations.control import group
from ..operations.summaries import merge_all
from ..platform.logs import info, warning
from ..queues.coordinator import Coordinator, LooperThread
from ..running.session import Session
from ..running.together import refuse_shared
from ..serialization.message_files import write_graph
from ..serialization.meta_graphs import export_meta_graph
from ..training.file_writer import FileWriter
from ..training.global_step import global_step as step_of
from ..training.saver import Saver
from ..variables.listing import global_variables, global_variables_initializer, local_variables_initializer
from ..variables.reporting import report_uninitialized_variables
from .session_manager import SessionManager

USE_DEFAULT: Any = 0
START, STOP = 1, 2  # of a session, as event files have them


@export("train.Supervisor")
class Supervisor:
    """Prepares sessions of a graph, which it finalizes: variables come from the last checkpoint in `logdir` or from
    `init_op`; threads write checkpoints and summaries there, every so many seconds, until `stop`."""

    USE_DEFAULT: ClassVar[Any] = USE_DEFAULT

    def __init__(
        self,
        graph: Graph | None = None,
        ready_op: Any = USE_DEFAULT,
        ready_for_local_init_op: Any = USE_DEFAULT,
        is_chief: bool = True,
        init_op: Any = USE_DEFAULT,
        init_feed_dict: Any = None,
        local_init_op: Any = USE_DEFAULT,
        logdir: str | None = None,
        summary_op: Any = USE_DEFAULT,
        saver: Any = USE_DEFAULT,
        global_step: Any = USE_DEFAULT,
        save_summaries_secs: float | None = 120,
        save_model_secs: float | None = 600,
        recovery_wait_secs: float = 30,
        stop_grace_secs: float = 120,
        checkpoint_basename: str = "model.ckpt",
        session_manager: SessionManager | None = None,
        summary_writer: Any = USE_DEFAULT,
        init_fn: Callable[[Any], Any] | None = None,
        local_init_run_options: Any = None,
    ) -> None:
        self._graph = get_default_graph() if graph is None else graph
        with self._graph.as_default():
            self.ready_op = _chosen(ready_op, GraphKeys.READY_OP, report_uninitialized_variables)
            self.ready_for_local_init_op = _chosen(ready_for_local_init_op, GraphKeys.READY_FOR_LOCAL_INIT_OP, _nothing)
            self.init_op = _chosen(init_op, GraphKeys.INIT_OP, global_variables_initializer)
            self.local_init_op = _chosen(local_init_op, GraphKeys.LOCAL_INIT_OP, _local_init)
            self.saver = _chosen(saver, GraphKeys.SAVERS, lambda: Saver() if global_variables() else None)
            self.summary_op = _chosen(summary_op, GraphKeys.SUMMARY_OP, merge_all)
            self.global_step = _chosen(global_step, GraphKeys.GLOBAL_STEP, _named_step)
        self.init_feed_dict = init_feed_dict
        self.is_chief = is_chief
        self.coord = Coordinator()
        self._grace = stop_grace_secs
        self._init_fn = init_fn
        self._logdir = logdir if is_chief else None
        self.save_summaries_secs = save_summaries_secs if is_chief else None
        self.save_model_secs = save_model_secs if is_chief else None
        self.save_path = os.path.join(self._logdir, checkpoint_basename) if self._logdir else None
        self.summary_writer: Any = None
        if is_chief and summary_writer is not USE_DEFAULT:
            self.summary_writer = summary_writer
        elif self._logdir:
            self.summary_writer = FileWriter(self._logdir)
        self._is_graph_written = False
        self.session_manager = session_manager or SessionManager(
            self.local_init_op, self.ready_op, self.ready_for_local_init_op, self._graph, recovery_wait_secs
        )
        self._graph.finalize()

    # -- sessions ----

    def prepare_or_wait_for_session(
        self,
        master: str = "",
        config: Any = None,
        wait_for_checkpoint: bool = False,
        max_wait_secs: float = 7200,
        start_standard_services: bool = True,
    ) -> Session:
        """A session that is ready, with its threads started. Raises Unsupported on a mesh of several processes."""
        refuse_shared("tf.train.Supervisor", self._graph, "tf.train.MonitoredTrainingSession")
        self.coord.clear_stop()
        if self.summary_writer:
            self.summary_writer.reopen()
        if self.is_chief:
            found = self.session_manager.prepare_session(
                master,
                init_op=self.init_op,
                saver=self.saver,
                checkpoint_dir=self._logdir,
                wait_for_checkpoint=wait_for_checkpoint,
                max_wait_secs=max_wait_secs,
                config=config,
                init_feed_dict=self.init_feed_dict,
                init_fn=self._init_fn,
            )
            self._write_graph()
            if start_standard_services:
                info("Starting standard services.")
                self.start_standard_services(found)
        else:
            found = self.session_manager.wait_for_session(master, config, max_wait_secs)
        if start_standard_services:
            info("Starting queue runners.")
            self.start_queue_runners(found)
        return found

    PrepareSession = prepare_or_wait_for_session

    @contextmanager
    def managed_session(
        self, master: str = "", config: Any = None, start_standard_services: bool = True,
        close_summary_writer: bool = True,
    ) -> Iterator[Session]:  # fmt: skip
        """A session for a `with` block, at whose end the threads stop and the session is closed. An exception of a
        thread is raised there; tf.errors.OutOfRangeError ends the block in peace."""
        found: Session | None = None
        try:
            with self.coord.stop_on_exception():
                found = self.prepare_or_wait_for_session(
                    master, config, start_standard_services=start_standard_services
                )
                yield found
        finally:
            try:
                self.stop(close_summary_writer=close_summary_writer)
            finally:
                if found is not None:
                    found.close()

    def _write_graph(self) -> None:
        if self._logdir:
            write_graph(self._graph.as_graph_def(add_shapes=True), self._logdir, "graph.pbtxt")
        if self.summary_writer and not self._is_graph_written:
            self.summary_writer.add_graph(self._graph)
            saver_def = self.saver.saver_def if self.saver else None
            self.summary_writer.add_meta_graph(export_meta_graph(graph=self._graph, saver_def=saver_def))
            self._is_graph_written = True

    # -- threads ----

    def start_standard_services(self, sess: Any) -> list[LooperThread] | None:
        """Starts the threads that write summaries and checkpoints. Raises RuntimeError for others than the chief."""
        if not self.is_chief:
            raise RuntimeError(
                "Only chief supervisor can start standard services. Because only chief supervisors can write events."
            )
        if not self._logdir:
            warning("Standard services need a 'logdir' passed to the SessionManager")
            return None
        if self.global_step is not None and self.summary_writer:
            self.summary_writer.add_session_log(SessionLog(status=START), step_of(sess, self.global_step))
        started: list[LooperThread] = []
        if self.save_summaries_secs and self.summary_writer:
            if self.summary_op is not None:
                started.append(self.loop(self.save_summaries_secs, self._write_summary, (sess,)))
            if self.global_step is not None:
                started.append(self.loop(self.save_summaries_secs, _StepRate(self, sess)))
        if self.saver and self.save_model_secs:
            started.append(self.loop(self.save_model_secs, self._save, (sess,)))
        return started

    StartStandardServices = start_standard_services

    def _write_summary(self, sess: Any) -> None:
        if self.global_step is None:
            summary, step = sess.run(self.summary_op), None
        else:
            summary, step = sess.run([self.summary_op, self.global_step])
        self.summary_writer.add_summary(summary, step)

    def _save(self, sess: Any) -> None:
        info("Saving checkpoint to path %s", self.save_path)
        self.saver.save(sess, self.save_path, global_step=self.global_step)

    def start_queue_runners(self, sess: Any, queue_runners: Any = None) -> list[Any]:
        """Starts the threads of queue runners, by default those in the graph's collection."""
        if queue_runners is None:
            queue_runners = self._graph.get_collection(GraphKeys.QUEUE_RUNNERS)
        return [
            thread
            for runner in queue_runners
            for thread in runner.create_threads(sess, coord=self.coord, daemon=True, start=True)
        ]

    StartQueueRunners = start_queue_runners

    def loop(
        self, timer_interval_secs: float | None, target: Callable[..., Any], args: Any = None, kwargs: Any = None
    ) -> LooperThread:
        """A thread that calls a function again and again, until the supervisor stops."""
        return LooperThread.loop(self.coord, timer_interval_secs, target, args, kwargs)

    Loop = loop

    # -- the end ----

    def stop(self, threads: Any = None, close_summary_writer: bool = True, ignore_live_threads: bool = False) -> None:
        """Stops the threads and waits for them; raises what one of them raised."""
        self.coord.request_stop()
        try:
            self.coord.join(threads, stop_grace_period_secs=self._grace, ignore_live_threads=ignore_live_threads)
        finally:
            if close_summary_writer and self.summary_writer:
                self.summary_writer.add_session_log(SessionLog(status=STOP))
                self.summary_writer.close()
                self._is_graph_written = False

    Stop = stop

    def request_stop(self, ex: Any = None) -> None:
        """Asks the threads to stop."""
        self.coord.request_stop(ex)

    RequestStop = request_stop

    def should_stop(self) -> bool:
        """Whether the threads were asked to stop."""
        return self.coord.should_stop()

    ShouldStop = should_stop

    def stop_on_exception(self) -> AbstractContextManager[None]:
        """A `with` block whose exceptions ask the threads to stop."""
        return self.coord.stop_on_exception()

    StopOnException = stop_on_exception

    def wait_for_stop(self) -> None:
        """Waits until the threads were asked to stop."""
        self.coord.wait_for_stop()

    WaitForStop = wait_for_stop

    def summary_computed(self, sess: Any, summary: Any, global_step: Any = None) -> None:
        """Writes a summary. Raises RuntimeError without a writer."""
        if not self.summary_writer:
            raise RuntimeError("Writing a summary requires a summary writer.")
        if global_step is None and self.global_step is not None:
            global_step = step_of(sess, self.global_step)
        self.summary_writer.add_summary(summary, global_step)

    SummaryComputed = summary_computed


class _StepRate:
    """Writes how many steps a second there are."""

    def __init__(self, supervisor: Supervisor, sess: Any) -> None:
        self._supervisor = supervisor
        self._session = sess
        self._time = time.time()
        self._step = step_of(sess, supervisor.global_step)

    def __call__(self) -> None:
        now, step = time.time(), step_of(self._session, self._supervisor.global_step)
        rate = (step - self._step) / (now - self._time) if now > self._time else float("inf")
        self._time, self._step = now, step
        tag = f"{self._supervisor.global_step.op.name}/sec"
        summary = Summary(value=[Summary.Value(tag=tag, simple_value=rate)])
        self._supervisor.summary_writer.add_summary(summary, step)


def _chosen(given: Any, key: str, default: Callable[[], Any]) -> Any:
    """What is given, the first of a collection, or a new one that goes there."""
    if given is not USE_DEFAULT:
        return given
    found = get_collection(key)
    if found:
        return found[0]
    made = default()
    if made is not None:
        add_to_collection(key, made)
    return made


def _nothing() -> None:
    return None


def _local_init() -> Any:
    return group(local_variables_initializer())


def _named_step() -> Any:
    """The tensor that the name of the global step means, where it counts."""
    try:
        found = get_default_graph().get_tensor_by_name("global_step:0")
    except KeyError:
        return None
    if found.dtype.base_dtype.name in ("int32", "int64"):
        return found
    warning("Found 'global_step' is not an int type: %s", found.dtype)
    return None
