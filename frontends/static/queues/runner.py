"""tf.train.QueueRunner: threads that fill a queue."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Sequence
from typing import Any

from diptych.backends.mesh import apart

from ..exports import export
from ..graphs.collections import GraphKeys, add_to_collection, get_collection
from ..graphs.defaults import get_default_graph, get_default_session
from ..graphs.errors import OpError, OutOfRangeError
from ..platform.logs import error as log_error
from ..platform.logs import warning
from ..running.session import BaseSession
from ..serialization.messages import QueueRunnerDef
from ..serialization.names_in_scopes import prepended, stripped
from .coordinator import Coordinator
from .queue import QueueBase


@export("train.QueueRunner", "train.queue_runner.QueueRunner")
class QueueRunner:
    """Runs each of `enqueue_ops` in a thread of its own, again and again, until the queue is closed, or one raises an
    error of `queue_closed_exception_types`: then the queue is closed, once all have ended."""

    def __init__(
        self,
        queue: QueueBase | None = None,
        enqueue_ops: Sequence[Any] | None = None,
        close_op: Any = None,
        cancel_op: Any = None,
        queue_closed_exception_types: tuple[type[OpError], ...] | None = None,
        queue_runner_def: Any = None,
        import_scope: str | None = None,
    ) -> None:
        self._lock = threading.Lock()
        self._runs: weakref.WeakKeyDictionary[Any, int] = weakref.WeakKeyDictionary()
        self._exceptions_raised: list[Exception] = []
        if queue_runner_def is not None:
            if queue or enqueue_ops:
                raise ValueError("queue_runner_def and queue are mutually exclusive.")
            self._take(queue_runner_def, import_scope or "")
            return
        if not queue or not enqueue_ops:
            raise ValueError("Must provide queue and enqueue_ops.")
        types = queue_closed_exception_types
        if types is not None and (
            not isinstance(types, tuple) or not types or not all(issubclass(each, OpError) for each in types)
        ):
            raise TypeError(
                f"queue_closed_exception_types, when provided, must be a tuple of tf.error types, but saw: {types}"
            )
        self._queue = queue
        self._enqueue_ops = list(enqueue_ops)
        self._close_op = queue.close() if close_op is None else close_op
        self._cancel_op = queue.close(cancel_pending_enqueues=True) if cancel_op is None else cancel_op
        self._queue_closed_exception_types = types or (OutOfRangeError,)

    def _take(self, queue_runner_def: QueueRunnerDef, scope: str) -> None:
        """Becomes the runner of operations that are in the graph. Raises ValueError, KeyError."""
        graph = get_default_graph()
        found = [
            graph.as_graph_element(prepended(name, scope))
            for name in (
                queue_runner_def.queue_name, queue_runner_def.close_op_name, queue_runner_def.cancel_op_name,
                *queue_runner_def.enqueue_op_name,
            )
        ]  # fmt: skip
        self._queue, self._close_op, self._cancel_op, *self._enqueue_ops = found
        codes = queue_runner_def.queue_closed_exception_types
        types = [kind for kind in OpError.__subclasses__() if getattr(kind, "code", None) in codes]
        self._queue_closed_exception_types = tuple(types) or (OutOfRangeError,)

    @staticmethod
    def from_proto(queue_runner_def: QueueRunnerDef, import_scope: str | None = None) -> QueueRunner:
        """The runner of operations that are in the graph. Raises ValueError, KeyError."""
        return QueueRunner(queue_runner_def=queue_runner_def, import_scope=import_scope)

    def to_proto(self, export_scope: str | None = None) -> QueueRunnerDef | None:
        """The operations of the runner by their names, without the scope before them; None where they lie outside."""
        scope = export_scope.rstrip("/") if export_scope else ""
        if not self.name.startswith(scope):
            return None
        return QueueRunnerDef(
            queue_name=stripped(self.name, scope),
            enqueue_op_name=[stripped(operation.name, scope) for operation in self._enqueue_ops],
            close_op_name=stripped(self._close_op.name, scope),
            cancel_op_name=stripped(self._cancel_op.name, scope),
            queue_closed_exception_types=[kind.code for kind in self._queue_closed_exception_types],
        )

    @property
    def queue(self) -> QueueBase:
        return self._queue

    @property
    def enqueue_ops(self) -> list[Any]:
        return self._enqueue_ops

    @property
    def close_op(self) -> Any:
        return self._close_op

    @property
    def cancel_op(self) -> Any:
        return self._cancel_op

    @property
    def queue_closed_exception_types(self) -> tuple[type[OpError], ...]:
        return self._queue_closed_exception_types

    @property
    def exceptions_raised(self) -> list[Exception]:
        return self._exceptions_raised

    @property
    def name(self) -> str:
        return self._queue.name

    def create_threads(
        self, sess: Any, coord: Coordinator | None = None, daemon: bool = False, start: bool = False
    ) -> list[threading.Thread]:
        """The threads that fill the queue in a session, and with a coordinator one that cancels them when it stops;
        none where they run already."""
        with self._lock:
            if self._runs.get(sess, 0) > 0:
                return []
            self._runs[sess] = len(self._enqueue_ops)
            self._exceptions_raised = []
        front = f"QueueRunnerThread-{self.name}"
        threads = [
            threading.Thread(target=self._run, args=(sess, op, coord), name=f"{front}-{op.name}")
            for op in self._enqueue_ops
        ]
        if coord is not None:
            arguments = (sess, self._cancel_op, coord)
            threads.append(threading.Thread(target=_cancelled, args=arguments, name=f"{front}-close_on_stop"))
        for thread in threads:
            if coord is not None:
                coord.register_thread(thread)
            thread.daemon = daemon
            if start:
                thread.start()
        return threads

    def _feed_dict(self, enqueue_op: Any) -> Any:
        """What a run of an operation is fed: nothing, but in subclasses."""
        return None

    def _run(self, sess: Any, enqueue_op: Any, coord: Coordinator | None) -> None:
        counted = False
        try:
            while coord is None or not coord.should_stop():
                try:
                    with apart():  # each process fills its own queues, at its own pace
                        sess.run(enqueue_op, feed_dict=self._feed_dict(enqueue_op))
                except self._queue_closed_exception_types:
                    with self._lock:
                        self._runs[sess] -= 1
                        counted = True
                        is_last = self._runs[sess] == 0
                    if is_last:
                        _quietly(sess, self._close_op)
                    return
        except (OpError, RuntimeError, ValueError, TypeError) as error:
            if coord is not None:
                coord.request_stop(error)
                return
            log_error("Exception in QueueRunner: %s", error)
            with self._lock:
                self._exceptions_raised.append(error)
        finally:
            if not counted:
                with self._lock:
                    self._runs[sess] -= 1


def _cancelled(sess: Any, cancel_op: Any, coord: Coordinator) -> None:
    coord.wait_for_stop()
    _quietly(sess, cancel_op)


def _quietly(sess: Any, operation: Any) -> None:
    """Runs an operation of a session that may be closed already."""
    try:
        sess.run(operation)
    except (OpError, RuntimeError):
        return


@export("train.add_queue_runner", "train.queue_runner.add_queue_runner")
def add_queue_runner(qr: QueueRunner, collection: Any = GraphKeys.QUEUE_RUNNERS) -> None:
    """Adds a runner to a collection, for start_queue_runners."""
    add_to_collection(collection, qr)


@export("train.start_queue_runners", "train.queue_runner.start_queue_runners")
def start_queue_runners(
    sess: Any = None,
    coord: Coordinator | None = None,
    daemon: bool = True,
    start: bool = True,
    collection: Any = GraphKeys.QUEUE_RUNNERS,
) -> list[threading.Thread]:
    """Starts the threads of all runners of a collection, in a session or the default one. Raises ValueError and
    TypeError."""
    if sess is None:
        sess = get_default_session()
        if sess is None:
            raise ValueError(
                "Cannot start queue runners: No default session is registered. Use `with sess.as_default()` or pass an "
                "explicit session to tf.start_queue_runners(sess=sess)"
            )
    if not isinstance(sess, BaseSession):
        if type(sess).__name__ in ("MonitoredSession", "SingularMonitoredSession"):
            return []  # which start them by themselves
        raise TypeError(f"sess must be a `tf.Session` object. Given class: {type(sess)}")
    with sess.graph.as_default():
        runners = get_collection(collection)
        if not runners:
            warning(
                "`tf.train.start_queue_runners()` was called when no queue runners were defined. You can safely remove "
                "the call to this deprecated function."
            )
        return [
            thread
            for runner in runners
            for thread in runner.create_threads(sess, coord=coord, daemon=daemon, start=start)
        ]
