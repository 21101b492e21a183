"""tf.train.MonitoredSession: a session with hooks around each run, and one end for all threads."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any

from diptych.backends.joining import told_end

from ..exports import export
from ..graphs.collections import GraphKeys, get_collection
from ..graphs.defaults import get_default_graph
from ..graphs.errors import AbortedError, OutOfRangeError, UnavailableError
from ..platform.logs import info
from ..queues.coordinator import Coordinator
from ..queues.runner import start_queue_runners
from ..running.configuration import RunMetadata, RunOptions
from ..running.together import EndedTogether, check_together, is_shared, writes_files
from .hook import SessionRunArgs, SessionRunContext, SessionRunHook, SessionRunValues
from .saving_hooks import CheckpointSaverHook, StepCounterHook, SummarySaverHook, is_ours
from .scaffold import ChiefSessionCreator, Scaffold, SessionCreator

USE_DEFAULT: Any = object()


class StepContext:
    """What a function gets that MonitoredSession.run_step_fn calls."""

    def __init__(self, session: Any, run_with_hooks: Callable[..., Any]) -> None:
        self.session = session
        self.run_with_hooks = run_with_hooks

    def request_stop(self) -> None:
        """Ends the `with` block of the session, by StopIteration."""
        raise StopIteration("step_fn has requested the iterations to stop.")


class _MonitoredSession:
    """What both kinds share."""

    StepContext = StepContext

    def __init__(
        self, session_creator: SessionCreator | None, hooks: Sequence[SessionRunHook] | None, *, recovers: bool,
        stop_grace_period_secs: float,
    ) -> None:  # fmt: skip
        self._graph = get_default_graph()
        self._graph_was_finalized = self._graph.finalized
        self._hooks = list(hooks or ())
        self._recovers = recovers and not is_shared(self._graph)
        self._grace = stop_grace_period_secs
        self._session: Any = None
        self._closed = False
        self._stops = False
        self._has_ended = False  # and the processes that share the graph's mesh have heard of it
        for hook in self._hooks:
            hook.begin()
        self._creator = session_creator or ChiefSessionCreator()
        self._start()

    def _start(self) -> None:
        self._session = self._creator.create_session()
        self._coordinator = Coordinator(clean_stop_exception_types=[])
        with self._session.graph.as_default():
            if get_collection(GraphKeys.QUEUE_RUNNERS):
                start_queue_runners(self._session, self._coordinator)
            for hook in self._hooks:
                hook.after_create_session(self._session, self._coordinator)

    @property
    def graph(self) -> Any:
        """The graph, or None once the session is closed."""
        return None if self._session is None else self._session.graph

    def run(self, fetches: Any, feed_dict: Any = None, options: Any = None, run_metadata: Any = None) -> Any:
        """As tf.Session.run, with the hooks around it. Raises RuntimeError after the end."""
        while True:
            try:
                return self._run(fetches, feed_dict, options, run_metadata)
            except EndedTogether:
                self._has_ended = True
                raise
            except (AbortedError, UnavailableError) as error:
                if not self._recovers:
                    raise
                info("An error was raised, the session starts anew from the last checkpoint: %s", error)
                self._session.close()
                self._start()

    def _run(self, fetches: Any, feed_dict: Any, options: Any, run_metadata: Any) -> Any:
        if self._closed:
            raise RuntimeError("Session is already closed.")
        self._coordinator.raise_requested_exception()
        if self.should_stop():
            raise RuntimeError("Run called even after should_stop requested.")
        options, run_metadata = options or RunOptions(), run_metadata or RunMetadata()
        context = SessionRunContext(SessionRunArgs(fetches, feed_dict), self._session)
        asked: dict[Any, Any] = {"caller": fetches}
        fed = self._asked(context, asked, feed_dict)
        order = list(asked)
        try:
            values = self._session.run([asked[key] for key in order], fed)
        except Exception:
            self._coordinator.raise_requested_exception()  # what a thread failed with is the cause
            raise
        found = dict(zip(order, values, strict=True))
        for hook in self._hooks:
            hook.after_run(context, SessionRunValues(found.get(hook), options, run_metadata))
        self._stops = self._stops or context.stop_requested
        return found["caller"]

    def _asked(self, context: SessionRunContext, asked: dict[Any, Any], feed_dict: Any) -> Any:
        """Adds to `asked` what hooks fetch; what is fed. Raises RuntimeError for a tensor that two feed."""
        fed: dict[Any, Any] = {}
        for hook in self._hooks:
            request = hook.before_run(context)
            if request is None:
                continue
            if request.fetches is not None:
                asked[hook] = request.fetches
            if request.feed_dict:
                _check_apart(fed, request.feed_dict, "Same tensor is fed by two hooks.")
                fed.update(request.feed_dict)
        if not fed or not feed_dict:
            return fed or feed_dict
        _check_apart(feed_dict, fed, "Same tensor is fed by a SessionRunHook and user.")
        return {**fed, **feed_dict}

    def run_step_fn(self, step_fn: Callable[..., Any]) -> Any:
        """step_fn(step_context), where the context has the session itself, and `run_with_hooks`. Raises ValueError, and
        StopIteration where the function requests it."""
        names = tuple(inspect.signature(step_fn).parameters)
        if names not in (("step_context",), ("self", "step_context")):
            raise ValueError(
                "`step_fn` may either have one `step_context` argument, or `self` and `step_context` arguments if it's "
                f"an instance method. Got {names} instead."
            )
        return step_fn(StepContext(self._session, self.run))

    def should_stop(self) -> bool:
        """Whether a hook or a thread asked for the end."""
        return self._closed or self._stops or self._coordinator.should_stop()

    def close(self) -> None:
        """Calls the hooks' `end`, stops all threads, and closes the session."""
        self._close(None)

    def _close(self, kind: type[BaseException] | None) -> None:
        if self._closed:
            raise RuntimeError("Session is already closed.")
        try:
            if kind is None:
                self._end()
        finally:
            self._closed = True
            self._coordinator.request_stop()
            try:
                self._coordinator.join(stop_grace_period_secs=self._grace, ignore_live_threads=True)
            finally:
                self._session.close()
                self._session = None
                if not self._graph_was_finalized:
                    self._graph._unsafe_unfinalize()

    def _end(self) -> None:
        """Calls the hooks' `end`. Processes that share the graph's mesh end together, and go on when all hooks have
        done so: what the first one writes at the end is there then."""
        shared = is_shared(self._graph)
        if shared and not self._has_ended:
            told_end("its session")
        for hook in self._hooks:
            hook.end(self._session)
        if shared:
            check_together("what comes after its session")

    def __enter__(self) -> Any:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        is_end = kind is not None and issubclass(kind, OutOfRangeError | StopIteration)
        self._close(None if is_end else kind)
        return kind is None or is_end


def _check_apart(one: Any, other: Any, message: str) -> None:
    both = set(one) & set(other)
    if both:
        raise RuntimeError(f"{message} Conflict(s): {list(both)}")


@export("train.MonitoredSession")
class MonitoredSession(_MonitoredSession):
    """A session that is initialized or restored when it is made, with hooks around each run. It starts anew from its
    checkpoint where a run raises AbortedError or UnavailableError; a `with` block that it ends by OutOfRangeError ends
    without an error."""

    def __init__(
        self,
        session_creator: SessionCreator | None = None,
        hooks: Sequence[SessionRunHook] | None = None,
        stop_grace_period_secs: float = 120,
    ) -> None:
        super().__init__(session_creator, hooks, recovers=True, stop_grace_period_secs=stop_grace_period_secs)


@export("train.SingularMonitoredSession")
class SingularMonitoredSession(_MonitoredSession):
    """The same, but that it never starts anew; `raw_session` is the session itself."""

    def __init__(
        self,
        hooks: Sequence[SessionRunHook] | None = None,
        scaffold: Scaffold | None = None,
        master: str = "",
        config: Any = None,
        checkpoint_dir: str | None = None,
        stop_grace_period_secs: float = 120,
        checkpoint_filename_with_path: str | None = None,
    ) -> None:
        creator = ChiefSessionCreator(scaffold, master, config, checkpoint_dir, checkpoint_filename_with_path)
        super().__init__(creator, hooks, recovers=False, stop_grace_period_secs=stop_grace_period_secs)

    def raw_session(self) -> Any:
        """The session that all runs go to."""
        return self._session


def _paced(first: Any, second: Any, default: tuple[Any, Any]) -> tuple[Any, Any]:
    """Two ways to say how often, of which at most one holds."""
    if first is USE_DEFAULT and second is USE_DEFAULT:
        return default
    return (None if first is USE_DEFAULT else first), (None if second is USE_DEFAULT else second)


@export("train.MonitoredTrainingSession")
def MonitoredTrainingSession(
    master: str = "",
    is_chief: bool = True,
    checkpoint_dir: str | None = None,
    scaffold: Scaffold | None = None,
    hooks: Sequence[SessionRunHook] | None = None,
    chief_only_hooks: Sequence[SessionRunHook] | None = None,
    save_checkpoint_secs: Any = USE_DEFAULT,
    save_summaries_steps: Any = USE_DEFAULT,
    save_summaries_secs: Any = USE_DEFAULT,
    config: Any = None,
    stop_grace_period_secs: float = 120,
    log_step_count_steps: int | None = 100,
    max_wait_secs: float = 7200,
    save_checkpoint_steps: Any = USE_DEFAULT,
    summary_dir: str | None = None,
) -> MonitoredSession:
    """A MonitoredSession that writes checkpoints to a folder every 10 minutes, and summaries every 100 steps, unless it
    is told otherwise, and goes on from the last checkpoint there.

    Where several processes share the graph's mesh, the first one is the chief, whatever `is_chief` says: it alone
    writes files, and says which checkpoint they all go on from. All of them fetch the same, so hooks of tf.train that
    are for the chief only are called in all."""
    steps, secs = _paced(save_summaries_steps, save_summaries_secs, (100, None))
    checkpoint_steps, checkpoint_secs = _paced(save_checkpoint_steps, save_checkpoint_secs, (None, 600))
    scaffold = scaffold or Scaffold()
    shared = is_shared(get_default_graph())
    is_chief = writes_files() if shared else is_chief
    found: list[SessionRunHook] = [hook for hook in chief_only_hooks or () if is_chief or (shared and is_ours(hook))]
    summary_dir = summary_dir or checkpoint_dir
    installs = is_chief or shared
    if installs and summary_dir:
        if log_step_count_steps:
            found.append(StepCounterHook(log_step_count_steps, output_dir=summary_dir))
        if steps or secs:
            found.append(SummarySaverHook(steps, secs, summary_dir, scaffold=scaffold))
    if installs and checkpoint_dir and (checkpoint_secs or checkpoint_steps):
        found.append(CheckpointSaverHook(checkpoint_dir, checkpoint_secs, checkpoint_steps, scaffold=scaffold))
    creator = ChiefSessionCreator(scaffold, master, config, checkpoint_dir)
    return MonitoredSession(creator, [*found, *(hooks or ())], stop_grace_period_secs)
