"""The variables that metrics count in, and how a metric gives its value and its update."""

from __future__ import annotations

from typing import Any

from ..graphs.collections import GraphKeys
from ..graphs.defaults import get_default_graph
from ..graphs.dtypes import DType, float32
from ..graphs.tensor import Tensor
from ..operations.ranges import zeros
from ..variables.variable import Variable


def metric_variable(shape: Any, dtype: DType = float32, name: str | None = None) -> Variable:
    """Zeros in a variable that training leaves alone, in the collections of local and of metrics' variables."""
    keys = [GraphKeys.LOCAL_VARIABLES, GraphKeys.METRIC_VARIABLES]
    return Variable(lambda: zeros(shape, dtype), trainable=False, collections=keys, name=name)


def collected(value: Tensor, update: Tensor, metrics_collections: Any, updates_collections: Any) -> Any:
    """(value, update), put into the collections asked for."""
    for keys, element in ((metrics_collections, value), (updates_collections, update)):
        if keys:
            get_default_graph().add_to_collections(keys, element)
    return value, update
