"""tf.train.SessionRunHook: what is called around the runs of a monitored session."""

from __future__ import annotations

import time
from typing import Any, NamedTuple

from ..exports import export
from ..graphs.graph import Graph
from ..running.together import is_shared


@export("train.SessionRunArgs", "estimator.SessionRunArgs")
class SessionRunArgs(NamedTuple):
    """What a hook adds to a run."""

    fetches: Any
    feed_dict: Any = None
    options: Any = None


@export("train.SessionRunValues", "estimator.SessionRunValues")
class SessionRunValues(NamedTuple):
    """What a run gave for what a hook added."""

    results: Any
    options: Any
    run_metadata: Any


@export("train.SessionRunContext", "estimator.SessionRunContext")
class SessionRunContext:
    """A run, as hooks see it."""

    def __init__(self, original_args: SessionRunArgs, session: Any) -> None:
        self._original_args = original_args
        self._session = session
        self._stop_requested = False

    @property
    def original_args(self) -> SessionRunArgs:
        return self._original_args

    @property
    def session(self) -> Any:
        return self._session

    @property
    def stop_requested(self) -> bool:
        return self._stop_requested

    def request_stop(self) -> None:
        """Asks for the end of the loop."""
        self._stop_requested = True


@export("train.SessionRunHook", "estimator.SessionRunHook")
class SessionRunHook:
    """A subclass overrides what it needs."""

    def begin(self) -> None:
        """Called before the session is made: the last place to add to the graph."""

    def after_create_session(self, session: Any, coord: Any) -> None:
        """Called when a session was made and its variables initialized."""

    def before_run(self, run_context: SessionRunContext) -> SessionRunArgs | None:
        """Called before each run; what it gives is added to the run."""

    def after_run(self, run_context: SessionRunContext, run_values: SessionRunValues) -> None:
        """Called after each run."""

    def end(self, session: Any) -> None:
        """Called at the end, where the session ends without an error."""


@export("train.SecondOrStepTimer", "estimator.SecondOrStepTimer")
class SecondOrStepTimer:
    """Tells when so many seconds or steps have passed. Raises ValueError for both and for neither."""

    def __init__(self, every_secs: float | None = None, every_steps: int | None = None) -> None:
        if every_secs is None and every_steps is None:
            raise ValueError("Either every_secs or every_steps should be provided.")
        if every_secs is not None and every_steps is not None:
            raise ValueError("Can not provide both every_secs and every_steps.")
        self._every_secs = every_secs
        self._every_steps = every_steps
        self.reset()

    def reset(self) -> None:
        """Forgets when it last told."""
        self._last_step: int | None = None
        self._last_time: float | None = None

    def should_trigger_for_step(self, step: int) -> bool:
        """Whether enough has passed at this step; at first it has."""
        if self._last_step is None or self._last_time is None:
            return True
        if self._last_step == step:
            return False
        if self._every_secs is not None:
            return time.time() >= self._last_time + self._every_secs
        return step >= self._last_step + (self._every_steps or 0)

    def may_trigger_for_step(self, step: int, graph: Graph) -> bool:
        """Whether it may tell when this step is done. Processes that run the programs of a graph together must ask for
        the same, but their clocks differ: there it always may, if it goes by seconds."""
        return self.should_trigger_for_step(step) or (
            self._every_secs is not None and self._last_step != step and is_shared(graph)
        )

    def update_last_triggered_step(self, step: int) -> tuple[float | None, int | None]:
        """Notes that it told at this step; the seconds and steps since it last did."""
        now = time.time()
        before_step, before_time = self._last_step, self._last_time
        self._last_step, self._last_time = step, now
        if before_step is None or before_time is None:
            return None, None
        return now - before_time, step - before_step

    def last_triggered_step(self) -> int | None:
        """When it last told."""
        return self._last_step
