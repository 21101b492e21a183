"""A graph's collections as CollectionDef messages, and back."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from ...events.errors import DamagedData
from ...events.message import Message
from ..graphs.collections import GraphKeys
from ..graphs.graph import Graph
from ..platform.logs import error as log_error
from ..platform.logs import warning
from ..queues.runner import QueueRunner
from ..training.saver import Saver
from ..variables.variable import Variable
from .messages import CollectionDef, QueueRunnerDef, SaverDef, VariableDef
from .names_in_scopes import prepended, stripped

VARIABLE_KEYS = (
    GraphKeys.TRAINABLE_VARIABLES,  # first: these say which variables are trained
    GraphKeys.GLOBAL_VARIABLES,
    GraphKeys.LOCAL_VARIABLES,
    GraphKeys.METRIC_VARIABLES,
    GraphKeys.MODEL_VARIABLES,
    GraphKeys.MOVING_AVERAGE_VARIABLES,
    GraphKeys.TRAINABLE_RESOURCE_VARIABLES,
    GraphKeys.GLOBAL_STEP,
)
_READERS: dict[str, tuple[type[Message], Callable[[Any, str], Any]]] = {
    **dict.fromkeys(VARIABLE_KEYS, (VariableDef, Variable.from_proto)),
    GraphKeys.QUEUE_RUNNERS: (QueueRunnerDef, QueueRunner.from_proto),
    GraphKeys.SAVERS: (SaverDef, Saver.from_proto),
}
_FOREIGN = (GraphKeys.COND_CONTEXT, GraphKeys.WHILE_CONTEXT)  # TensorFlow's own notes on conditions and loops

# -- writing ----


def collection_def(members: Iterable[Any], key: str, scope: str) -> CollectionDef | None:
    """The message of a collection, of those alone whose names begin with `scope`, which is taken off. None, with a
    warning, where its members are of no kind that a message holds; None for an empty one."""
    kept = [each for each in members if not scope or _name(each).startswith(scope)]
    if not kept:
        return None
    made = CollectionDef()
    try:
        if key in _READERS:
            for each in kept:
                message = each.to_proto(scope)
                if message is not None:
                    made.bytes_list.value.append(message.SerializeToString())
        elif isinstance(kept[0], str | bytes):
            made.bytes_list.value.extend([each.encode() if isinstance(each, str) else bytes(each) for each in kept])
        elif isinstance(kept[0], int):
            made.int64_list.value.extend([int(each) for each in kept])
        elif isinstance(kept[0], float):
            made.float_list.value.extend([float(each) for each in kept])
        else:
            made.node_list.value.extend([stripped(each.name, scope) for each in kept])
        made.SerializeToString()
    except (AttributeError, TypeError, ValueError) as error:
        warning(
            "Issue encountered when serializing %s.\nType is unsupported, or the types of the items don't match field "
            "type in CollectionDef. Note this is a warning and probably safe to ignore.\n%s", key, error,
        )  # fmt: skip
        return None
    return made


def _name(member: Any) -> str:
    name = getattr(member, "name", member)
    return name if isinstance(name, str) else ""


# -- reading ----


class CollectionReader:
    """Puts the collections of a file into a graph. A variable that several collections hold is one object."""

    def __init__(self, graph: Graph, scope: str) -> None:
        self._graph = graph
        self._scope = scope
        self._variables: dict[bytes, Any] = {}

    def add(self, key: str, found: CollectionDef) -> None:
        """One collection. Raises ValueError for what is damaged or names what is not there."""
        try:
            self._add(key, found)
        except KeyError as error:
            raise ValueError(f"the collection {key} cannot be read: {error.args[0]}") from error

    def _add(self, key: str, found: CollectionDef) -> None:
        kind = found.WhichOneof("kind")
        if kind is None:
            log_error("Cannot identify data type for collection %s. Skipping.", key)
            return
        values = getattr(found, kind).value
        if key in _FOREIGN:
            return
        if key in _READERS and kind == "bytes_list":
            for value in values:
                self._graph.add_to_collection(key, self._object(key, value))
        elif key in _READERS and kind != "node_list":
            raise ValueError(f"the collection {key} is a {kind} but must be a bytes_list")
        elif kind == "node_list":
            for value in values:
                element = self._graph.as_graph_element(prepended(value, self._scope))
                self._graph.add_to_collection(key, element)
        elif kind == "any_list":
            warning("The collection %s holds messages of types that are not supported. Skipping.", key)
        else:
            for value in values:
                self._graph.add_to_collection(key, self._plain(value))

    def _object(self, key: str, value: bytes) -> Any:
        cls, make = _READERS[key]
        if value in self._variables:
            return self._variables[value]
        try:
            message = cls.FromString(value)
        except DamagedData as error:
            raise ValueError(f"the collection {key} is damaged: {error}") from error
        made = make(message, self._scope)
        if isinstance(made, Variable):
            self._variables[value] = made
        return made

    def _plain(self, value: Any) -> Any:
        if not isinstance(value, bytes) or not self._scope:
            return value
        try:
            return prepended(value.decode(), self._scope)
        except UnicodeDecodeError:
            return value
