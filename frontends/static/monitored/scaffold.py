"""tf.train.Scaffold: the operations that a session of training needs beside the training itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..checkpoints.management import get_checkpoint_state
from ..exports import export
from ..graphs.collections import GraphKeys, add_to_collection, get_collection
from ..graphs.defaults import get_default_graph
from ..lookups.tables import tables_initializer
from ..operations.control import group
from ..operations.summaries import merge_all
from ..platform.logs import info
from ..running.session import Session
from ..running.together import as_the_first_says, is_shared
from ..training.saver import Saver
from ..variables.listing import global_variables, global_variables_initializer, local_variables_initializer
from ..variables.reporting import report_uninitialized_variables


@export("train.Scaffold")
class Scaffold:
    """What is not given here comes from the graph's collections, or is made when the scaffold is finalized."""

    def __init__(
        self,
        init_op: Any = None,
        init_feed_dict: Any = None,
        init_fn: Callable[[Scaffold, Any], Any] | None = None,
        ready_op: Any = None,
        ready_for_local_init_op: Any = None,
        local_init_op: Any = None,
        summary_op: Any = None,
        saver: Any = None,
        copy_from_scaffold: Scaffold | None = None,
    ) -> None:
        if copy_from_scaffold is not None and not isinstance(copy_from_scaffold, Scaffold):
            raise TypeError("copy_from_scaffold is not a Scaffold instance.")
        given = {
            "init_op": init_op,
            "init_feed_dict": init_feed_dict,
            "ready_op": ready_op,
            "ready_for_local_init_op": ready_for_local_init_op,
            "local_init_op": local_init_op,
            "summary_op": summary_op,
            "saver": saver,
        }
        for name, value in given.items():
            setattr(self, name, value if value is not None else getattr(copy_from_scaffold, name, None))
        self._user_init_fn = init_fn or getattr(copy_from_scaffold, "_user_init_fn", None)

    @property
    def init_fn(self) -> Callable[[Any], Any] | None:
        """What is called with the session once its variables are initialized."""
        call = self._user_init_fn
        return None if call is None else lambda session: call(self, session)

    def finalize(self) -> Scaffold:
        """Makes what is missing, and allows no more changes of the graph."""
        made: dict[str, tuple[Any, Callable[[], Any]]] = {
            "init_op": (GraphKeys.INIT_OP, lambda: group(global_variables_initializer())),
            "ready_op": (GraphKeys.READY_OP, report_uninitialized_variables),
            "ready_for_local_init_op": (
                GraphKeys.READY_FOR_LOCAL_INIT_OP, lambda: report_uninitialized_variables(global_variables())
            ),
            "local_init_op": (GraphKeys.LOCAL_INIT_OP, Scaffold.default_local_init_op),
            "summary_op": (GraphKeys.SUMMARY_OP, merge_all),
            "saver": (GraphKeys.SAVERS, lambda: Saver(sharded=True, allow_empty=True)),
        }  # fmt: skip
        for name, (key, default) in made.items():
            if getattr(self, name) is None:
                setattr(self, name, Scaffold.get_or_default(name, key, default))
        self.saver.build()
        get_default_graph().finalize()
        info("Graph was finalized.")
        return self

    @staticmethod
    def get_or_default(arg_name: str, collection_key: Any, default_constructor: Callable[[], Any]) -> Any:
        """The one thing in a collection, or a new one that goes there. Raises RuntimeError for several."""
        found = get_collection(collection_key)
        if len(found) > 1:
            raise RuntimeError(
                f'More than one item in the collection "{collection_key}". Please indicate which one to use by passing '
                f"it to the tf.Scaffold constructor as:  tf.Scaffold({arg_name}=item to use)"
            )
        if found:
            return found[0]
        made = default_constructor()
        if made is not None:
            add_to_collection(collection_key, made)
        return made

    @staticmethod
    def default_local_init_op() -> Any:
        """Initializes local variables and tables."""
        return group(local_variables_initializer(), tables_initializer())


@export("train.SessionCreator")
class SessionCreator:
    """Makes sessions for MonitoredSession."""

    def create_session(self) -> Session:
        """A new session, ready to be used."""
        raise NotImplementedError


@export("train.ChiefSessionCreator")
class ChiefSessionCreator(SessionCreator):
    """Makes a session whose variables come from the last checkpoint of a folder, or else are initialized."""

    def __init__(
        self,
        scaffold: Scaffold | None = None,
        master: str = "",
        config: Any = None,
        checkpoint_dir: str | None = None,
        checkpoint_filename_with_path: str | None = None,
    ) -> None:
        self._scaffold = scaffold or Scaffold()
        self._master = master
        self._config = config
        self._checkpoint_dir = checkpoint_dir
        self._checkpoint = checkpoint_filename_with_path

    def create_session(self) -> Session:
        """A new session; of processes that share the graph's mesh the first says from which checkpoint. Raises
        RuntimeError where variables have no value even so."""
        scaffold = self._scaffold.finalize()
        session = Session(self._master, get_default_graph(), self._config)
        path = self._checkpoint or self._last()
        if is_shared(session.graph):
            path = as_the_first_says("a new session", path)
        if path is not None:
            scaffold.saver.restore(session, path)
        else:
            session.run(scaffold.init_op, feed_dict=scaffold.init_feed_dict)
            if scaffold.init_fn is not None:
                scaffold.init_fn(session)
        missing = session.run(scaffold.ready_for_local_init_op)
        if not len(missing):
            info("Running local_init_op.")
            session.run(scaffold.local_init_op)
            info("Done running local_init_op.")
            missing = session.run(scaffold.ready_op)
        if len(missing):
            names = ", ".join(name.decode() for name in missing)
            raise RuntimeError(
                "Init operations did not make model ready.  Init op: "
                f"{scaffold.init_op.name}, init fn: {scaffold.init_fn}, local_init_op: {scaffold.local_init_op.name}, "
                f"error: Variables not initialized: {names}"
            )
        return session

    def _last(self) -> str | None:
        state = get_checkpoint_state(self._checkpoint_dir) if self._checkpoint_dir else None
        if state is None:
            return None
        self._scaffold.saver.recover_last_checkpoints(state.all_model_checkpoint_paths)
        return state.model_checkpoint_path


@export("train.WorkerSessionCreator")
class WorkerSessionCreator(ChiefSessionCreator):
    """Makes a session for a worker, as for the chief: each process has variables of its own."""

    def __init__(
        self, scaffold: Scaffold | None = None, master: str = "", config: Any = None, max_wait_secs: float = 1800
    ) -> None:
        super().__init__(scaffold, master, config)
