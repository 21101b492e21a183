"""tf.Session: runs parts of a graph and keeps the values of its variables."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

from diptych.backends.mesh import Mesh, active, changing
from diptych.ir import Unsupported, user_location

from ..exports import export
from ..graphs.defaults import as_default_session, enter, get_default_graph, leave
from ..graphs.errors import InvalidArgumentError
from ..graphs.graph import Graph
from ..platform.devices import list_local_devices
from .configuration import ConfigProto
from .feeds import Feeds
from .fetches import Fetches, key_of
from .partial import PartialRun
from .plans import Plan
from .state import State

if TYPE_CHECKING:
    from ...events.graph import GraphDef


_sessions: WeakSet[BaseSession] = WeakSet()


def _forget_plans(mesh: Mesh | None) -> None:
    """What sessions have compiled is for the mesh that was active before, unless their graph has one of its own."""
    for session in tuple(_sessions):
        if session._graph.mesh is None:
            session._plans.clear()


changing.append(_forget_plans)


_TASK = "/job:localhost/replica:0/task:0"


@dataclass(frozen=True, slots=True)
class SessionDevice:
    """A device that a session may run on."""

    name: str
    device_type: str
    memory_limit_bytes: int
    incarnation: int

    def __repr__(self) -> str:
        return f"_DeviceAttributes({self.name}, {self.device_type}, {self.memory_limit_bytes}, {self.incarnation})"


class BaseSession:
    """What both kinds of session share. Several threads may run one session: one runs at a time."""

    def __init__(self, target: str = "", graph: Graph | None = None, config: Any = None) -> None:
        if graph is not None and not isinstance(graph, Graph):
            raise TypeError(f"graph must be a tf.Graph, but got {type(graph)}")
        if target is not None and not isinstance(target, str | bytes):
            raise TypeError(f"target must be a string, but got {type(target)}")
        if target:
            raise Unsupported(
                f"tf.Session: target is {target!r} but must be empty: there are no servers", location=user_location(),
                hint="tf.distribute.experimental.MultiWorkerMirroredStrategy, and a session without a target",
            )  # fmt: skip
        if config is not None and not isinstance(config, ConfigProto):
            raise TypeError(f"config must be a tf.ConfigProto, but got {type(config)}")
        self._graph = get_default_graph() if graph is None else graph
        self._target = target
        self._config = config
        self._closed = False
        self._lock = threading.RLock()
        self._state = State()
        self._plans: dict[Any, Plan] = {}  # by fetches and keys of the feed_dict in their order
        self._partial: dict[str, PartialRun] = {}  # by their handles
        self._mutations = 0  # of the graph, when the plans were made
        _sessions.add(self)

    @property
    def graph(self) -> Graph:
        return self._graph

    def list_devices(self) -> list[SessionDevice]:
        """The devices of this machine, by their full names."""
        return [
            SessionDevice(f"{_TASK}{each.name}", each.device_type, each.memory_limit, each.incarnation)
            for each in list_local_devices()
        ]

    @property
    def graph_def(self) -> GraphDef:
        """The graph as TensorFlow's message."""
        return self._graph.as_graph_def()

    @property
    def sess_str(self) -> str:
        return self._target

    def run(self, fetches: Any, feed_dict: Any = None, options: Any = None, run_metadata: Any = None) -> Any:
        """The values of `fetches`, a tensor, operation, variable or name, or a nest of these; None for operations.

        `feed_dict` gives tensors their values. Operations that change variables do so before this returns. Raises the
        errors of tf.errors, and TypeError, ValueError and RuntimeError for calls that make no sense.
        """
        fed = feed_dict or {}
        if fed.__class__ is not dict and not isinstance(fed, Mapping):
            raise TypeError(f"feed_dict must be a dictionary, but is {type(feed_dict).__name__}")
        try:
            key = (key_of(fetches), *fed)
            plan = self._plans.get(key)
        except TypeError:
            key, plan = None, None
        if plan is None or self._closed or self._mutations != self._graph.mutations:
            plan = self._plan(key, fetches, fed)
        return self._run(plan, fed.values())

    def _run(self, plan: Plan, values: Iterable[Any]) -> Any:
        """The values that a plan fetches, fed with these in its order."""
        arrays = plan.feeds.arrays(values)
        mesh = self._graph.mesh
        if mesh is None:
            return plan.run(arrays)
        with active(mesh):
            return plan.run(arrays)

    def _plan(self, key: Any, fetches: Any, fed: Iterable[Any]) -> Plan:
        """A new plan, kept where `key` tells it from others."""
        if self._closed:
            raise RuntimeError("Attempted to use a closed Session.")
        if not self._graph._operations:
            raise RuntimeError("The Session graph is empty.  Add operations to the graph before calling run().")
        with self._lock:
            if self._mutations != self._graph.mutations:
                self._mutations = self._graph.mutations
                self._plans.clear()
            found = self._plans.get(key) if key is not None else None
            if found is not None:
                return found
            made = Plan(Fetches(self._graph, fetches), Feeds(self._graph, fed), self._state, self._lock)
            if key is not None:
                self._plans[key] = made
            return made

    def partial_run_setup(self, fetches: Any, feeds: Sequence[Any] | None = None) -> str:
        """Begins a run in parts, which together may fetch `fetches` and feed `feeds`; its handle, for `partial_run`."""
        with self._lock:
            handle = f"partial run {len(self._partial)}"
            self._partial[handle] = PartialRun(self._graph, fetches, feeds)
        return handle

    def partial_run(self, handle: str, fetches: Any, feed_dict: Any = None) -> Any:
        """Goes on with a run in parts: the values of `fetches`, given what was fed so far. No operation runs twice.
        Raises InvalidArgumentError for what was not set up, or was fetched or fed before."""
        found = self._partial.get(handle)
        if found is None:
            raise InvalidArgumentError(None, None, "Must run 'setup' before performing partial runs!")
        return found.run(self.run, fetches, feed_dict)

    def make_callable(
        self, fetches: Any, feed_list: Sequence[Any] | None = None, accept_options: bool = False
    ) -> Callable[..., Any]:
        """A function of the values of `feed_list`, in order, that runs `fetches`."""
        fed = list(feed_list or ())
        Fetches(self._graph, fetches)
        Feeds(self._graph, fed)
        key = (key_of(fetches), *fed)

        def run(*values: Any, **_: Any) -> Any:
            if len(values) != len(fed):
                raise TypeError(f"the callable takes {len(fed)} values but got {len(values)}")
            plan = self._plans.get(key)
            if plan is None or self._closed or self._mutations != self._graph.mutations:
                plan = self._plan(key, fetches, fed)
            return self._run(plan, values)

        return run

    def as_default(self) -> AbstractContextManager[Any]:
        """Makes this the default session inside a `with` block, which does not close it."""
        return as_default_session(self)

    def close(self) -> None:
        """Lets go of the variables; nothing can be run any more."""
        with self._lock:
            self._closed = True
            self._state.clear()
            self._plans.clear()
            self._partial.clear()


@export("Session")
class Session(BaseSession):
    """Runs operations of `graph`, by default the default graph, and keeps the values of variables.

    `with tf.Session() as sess:` makes it and its graph the default, and closes it at the end.
    """

    def __enter__(self) -> Session:
        enter(self._graph, self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        leave(self._graph, self)
        self.close()

    @staticmethod
    def reset(target: str, containers: Any = None, config: Any = None) -> None:
        """Accepted: nothing outlives the sessions of this process."""


@export("InteractiveSession")
class InteractiveSession(BaseSession):
    """A session that makes itself and its graph the default when it is made, for use in a shell."""

    def __init__(self, target: str = "", graph: Graph | None = None, config: Any = None) -> None:
        super().__init__(target, graph, config)
        enter(self._graph, self)
        self._entered = True

    def close(self) -> None:
        """Ends the session, and its being the default."""
        super().close()
        if self._entered:
            self._entered = False
            leave(self._graph, self)
