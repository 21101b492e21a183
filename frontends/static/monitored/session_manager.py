"""tf.train.SessionManager: makes sessions whose variables have their values, from a checkpoint or anew."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from ..checkpoints.management import get_checkpoint_state
from ..exports import export
from ..graphs.defaults import get_default_graph
from ..graphs.errors import DeadlineExceededError, FailedPreconditionError
from ..graphs.graph import Graph
from ..platform.logs import info
from ..running.session import Session
from ..running.together import as_the_first_says, is_shared, refuse_shared, writes_files


@export("train.SessionManager")
class SessionManager:
    """Makes sessions of a graph: `ready_op` gives the names of variables without a value, `local_init_op` runs when
    `ready_for_local_init_op` gives none."""

    def __init__(
        self,
        local_init_op: Any = None,
        ready_op: Any = None,
        ready_for_local_init_op: Any = None,
        graph: Graph | None = None,
        recovery_wait_secs: float = 30,
        local_init_run_options: Any = None,
    ) -> None:
        if ready_for_local_init_op is not None and local_init_op is None:
            raise ValueError(
                "If you pass a ready_for_local_init_op you must also pass a local_init_op , ready_for_local_init_op "
                f"[{ready_for_local_init_op}]"
            )
        self._graph = get_default_graph() if graph is None else graph
        self._local_init_op = local_init_op
        self._ready_op = ready_op
        self._ready_for_local_init_op = ready_for_local_init_op
        self._wait = recovery_wait_secs

    def prepare_session(
        self,
        master: str = "",
        init_op: Any = None,
        saver: Any = None,
        checkpoint_dir: str | None = None,
        checkpoint_filename_with_path: str | None = None,
        wait_for_checkpoint: bool = False,
        max_wait_secs: float = 7200,
        config: Any = None,
        init_feed_dict: Any = None,
        init_fn: Callable[[Any], Any] | None = None,
    ) -> Session:
        """A session with the values of the last checkpoint, or without one those that `init_op` and `init_fn` give.
        Raises RuntimeError where variables have none even so, ValueError."""
        found, is_restored = self._restored(
            master, saver, checkpoint_dir, checkpoint_filename_with_path, wait_for_checkpoint, max_wait_secs, config
        )
        if not is_restored:
            if init_op is None and not init_fn and self._local_init_op is None:
                raise RuntimeError("Model is not initialized and no init_op or init_fn or local_init_op was given")
            if init_op is not None:
                found.run(init_op, feed_dict=init_feed_dict)
            if init_fn is not None:
                init_fn(found)
        what = f"Init op: {_name(init_op)}, init fn: {init_fn}"
        missing = self._run_local_init(found)
        if missing is not None:
            raise RuntimeError(f"Init operations did not make model ready for local_init.  {what}, error: {missing}")
        missing = _missing(self._ready_op, found)
        if missing is not None:
            raise RuntimeError(
                f"Init operations did not make model ready.  {what}, local_init_op: {self._local_init_op}, "
                f"error: {missing}"
            )
        return found

    def recover_session(
        self,
        master: str = "",
        saver: Any = None,
        checkpoint_dir: str | None = None,
        checkpoint_filename_with_path: str | None = None,
        wait_for_checkpoint: bool = False,
        max_wait_secs: float = 7200,
        config: Any = None,
    ) -> tuple[Session, bool]:
        """A session, and whether it has the values of a checkpoint and is ready."""
        found, is_restored = self._restored(
            master, saver, checkpoint_dir, checkpoint_filename_with_path, wait_for_checkpoint, max_wait_secs, config
        )
        missing = self._run_local_init(found)
        if not is_restored:
            return found, False
        missing = missing or _missing(self._ready_op, found)
        if missing is not None:
            info("Restoring model from %s did not make model ready: %s", checkpoint_dir, missing)
            return found, False
        info("Restored model from %s", checkpoint_dir or checkpoint_filename_with_path)
        return found, True

    def wait_for_session(
        self, master: str = "", config: Any = None, max_wait_secs: float | None = float("inf")
    ) -> Session:
        """A session that is ready: another one is tried again and again. Raises DeadlineExceededError, and Unsupported
        on a mesh of several processes, where each has variables of its own to prepare."""
        refuse_shared("tf.train.SessionManager.wait_for_session", self._graph, "prepare_session, in all of them")
        end = time.monotonic() + (float("inf") if max_wait_secs is None else max_wait_secs)
        while True:
            found = Session(master, self._graph, config)
            missing = self._run_local_init(found) or _missing(self._ready_op, found)
            if missing is None:
                return found
            found.close()
            if end - time.monotonic() < self._wait:
                raise DeadlineExceededError(None, None, f"Session was not ready after waiting {max_wait_secs} secs.")
            info("Waiting for model to be ready: %s", missing)
            time.sleep(self._wait)

    def _restored(
        self, master: str, saver: Any, folder: str | None, path: str | None, waits: bool, longest: float, config: Any
    ) -> tuple[Session, bool]:
        found = Session(master, self._graph, config)
        if folder and path:
            raise ValueError("Can not provide both checkpoint_dir and checkpoint_filename_with_path.")
        if not saver or not (folder or path):
            return found, False
        if path:
            saver.restore(found, path)
            return found, True
        shared = is_shared(self._graph)  # then the first process says which checkpoint it is
        state = self._state_in(str(folder), longest if waits else 0) if writes_files() or not shared else None
        last = None if state is None else state.model_checkpoint_path
        if shared:
            last = as_the_first_says("a new session", last)
        if last is None:
            return found, False
        saver.restore(found, last)
        if state is not None:
            saver.recover_last_checkpoints(state.all_model_checkpoint_paths)
        return found, True

    def _state_in(self, folder: str, longest: float) -> Any:
        """What a folder says of its checkpoints; None where it says nothing after so many seconds."""
        end = time.monotonic() + longest
        while (state := get_checkpoint_state(folder)) is None and time.monotonic() < end:
            info("Waiting for checkpoint to be available.")
            time.sleep(self._wait)
        return state

    def _run_local_init(self, session: Session) -> str | None:
        if self._local_init_op is None:
            return None
        missing = _missing(self._ready_for_local_init_op, session)
        if missing is None:
            info("Running local_init_op.")
            session.run(self._local_init_op)
            info("Done running local_init_op.")
        return missing


def _missing(ready_op: Any, session: Session) -> str | None:
    """What is not ready yet, in words; None where all is."""
    if ready_op is None:
        return None
    try:
        found = session.run(ready_op)
    except FailedPreconditionError as error:
        if "uninitialized" not in str(error):
            raise
        return str(error)
    if found is None or found.dtype.kind == "i" or not found.size:
        return None
    return f"Variables not initialized: {', '.join(name.decode() for name in found.tolist())}"


def _name(operation: Any) -> str:
    return "None" if operation is None else getattr(operation, "name", str(operation))
