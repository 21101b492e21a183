"""tf.GraphKeys, and a graph's collections: lists of things under a key."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from ..exports import export


@export("GraphKeys")
class GraphKeys:
    """The keys of the collections that the library itself uses."""

    GLOBAL_VARIABLES = "variables"
    LOCAL_VARIABLES = "local_variables"
    METRIC_VARIABLES = "metric_variables"
    MODEL_VARIABLES = "model_variables"
    TRAINABLE_VARIABLES = "trainable_variables"
    TRAINABLE_RESOURCE_VARIABLES = "trainable_resource_variables"
    SUMMARIES = "summaries"
    QUEUE_RUNNERS = "queue_runners"
    TABLE_INITIALIZERS = "table_initializer"
    ASSET_FILEPATHS = "asset_filepaths"
    MOVING_AVERAGE_VARIABLES = "moving_average_variables"
    REGULARIZATION_LOSSES = "regularization_losses"
    CONCATENATED_VARIABLES = "concatenated_variables"
    SAVERS = "savers"
    WEIGHTS = "weights"
    BIASES = "biases"
    ACTIVATIONS = "activations"
    UPDATE_OPS = "update_ops"
    LOSSES = "losses"
    SAVEABLE_OBJECTS = "saveable_objects"
    RESOURCES = "resources"
    LOCAL_RESOURCES = "local_resources"
    INIT_OP = "init_op"
    LOCAL_INIT_OP = "local_init_op"
    READY_OP = "ready_op"
    READY_FOR_LOCAL_INIT_OP = "ready_for_local_init_op"
    SUMMARY_OP = "summary_op"
    GLOBAL_STEP = "global_step"
    EVAL_STEP = "eval_step"
    TRAIN_OP = "train_op"
    COND_CONTEXT = "cond_context"
    WHILE_CONTEXT = "while_context"
    VARIABLES = GLOBAL_VARIABLES


class Collections:
    """The collections of one graph."""

    __slots__ = ("_lists",)

    def __init__(self) -> None:
        self._lists: dict[Any, list[Any]] = {}

    def add(self, key: Any, value: Any) -> None:
        """Appends `value` to the collection `key`, also where it is in it."""
        self._lists.setdefault(key, []).append(value)

    def reference(self, key: Any) -> list[Any]:
        """The collection itself: changes to the list change it."""
        return self._lists.setdefault(key, [])

    def found(self, key: Any, scope: str | None = None) -> list[Any]:
        """A copy of the collection, of those things alone whose name begins with what the pattern `scope` matches."""
        members = self._lists.get(key, [])
        if scope is None:
            return list(members)
        pattern = re.compile(scope)
        return [member for member in members if hasattr(member, "name") and pattern.match(member.name)]

    def keys(self) -> list[Any]:
        """The keys of the collections that hold something."""
        return [key for key, members in self._lists.items() if members]

    def clear(self, key: Any) -> None:
        """Empties the collection."""
        self._lists.pop(key, None)


@export("add_to_collection")
def add_to_collection(name: Any, value: Any) -> None:
    """Appends `value` to a collection of the default graph."""
    from .defaults import get_default_graph

    get_default_graph().add_to_collection(name, value)


@export("add_to_collections")
def add_to_collections(names: Iterable[Any] | str, value: Any) -> None:
    """Appends `value` to several collections of the default graph."""
    from .defaults import get_default_graph

    get_default_graph().add_to_collections(names, value)


@export("get_collection")
def get_collection(key: Any, scope: str | None = None) -> list[Any]:
    """What is in a collection of the default graph, with names that begin with the pattern `scope`."""
    from .defaults import get_default_graph

    return get_default_graph().get_collection(key, scope)


@export("get_collection_ref")
def get_collection_ref(key: Any) -> list[Any]:
    """A collection of the default graph itself."""
    from .defaults import get_default_graph

    return get_default_graph().get_collection_ref(key)
