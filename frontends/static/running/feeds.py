"""What a run is fed: which tensor each key means, and values as arrays of its type."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from ..graphs import nest
from ..graphs.dtypes import string
from ..graphs.graph import Graph
from ..graphs.literals import array_of
from ..graphs.shapes import compatible
from ..graphs.tensor import Tensor
from .marks import Part, as_marked


class Feed:
    """One key of a feed_dict, resolved: how to make an array for its tensor."""

    __slots__ = ("dtype", "is_users", "tensor")

    def __init__(self, graph: Graph, key: Any, *, is_users: bool = True) -> None:
        self.tensor = _tensor(graph, key)
        self.is_users = is_users  # and not what the run itself computed before
        self.dtype = self.tensor.dtype.numpy

    def array(self, value: Any) -> np.ndarray[Any, Any]:
        """`value` as an array of the tensor's type, cast freely as numpy does. Raises TypeError, ValueError."""
        if value.__class__ is np.ndarray and value.dtype == self.dtype and self.tensor.dtype is not string:
            return value
        if isinstance(value, Part):
            return as_marked(self.array(np.asarray(value)), value)
        if isinstance(value, Tensor):
            raise TypeError(
                "The value of a feed cannot be a tf.Tensor object. Acceptable feed values include Python scalars, "
                "strings, lists, numpy ndarrays, or TensorHandles. For reference, the tensor object was "
                f"{value} which was passed to the feed with key {self.tensor}."
            )
        if self.dtype == np.dtype(object):
            return array_of(value)
        if isinstance(value, int) and not isinstance(value, bool) and self.tensor.dtype.is_integer:
            self._check_range(value)
        return np.asarray(value, dtype=self.dtype)

    def _check_range(self, value: int) -> None:
        dtype = self.tensor.dtype.base_dtype
        if not dtype.min <= value <= dtype.max:
            raise TypeError(
                f"Type of feed value {value} with type {type(value)} is not compatible with Tensor type "
                f"{dtype.as_numpy_dtype}. Try explicitly setting the type of the feed tensor to a larger type "
                "(e.g. int64)."
            )

    def check(self, array: np.ndarray[Any, Any]) -> None:
        """Raises ValueError where a user feeds a shape that the tensor cannot have, or a tensor that may not be fed."""
        if not self.is_users:
            return
        if not compatible(self.tensor._dims, array.shape):
            raise ValueError(
                f"Cannot feed value of shape {array.shape!r} for Tensor {self.tensor.name!r}, "
                f"which has shape {str(self.tensor.shape)!r}"
            )
        if not self.tensor.graph.is_feedable(self.tensor):
            raise ValueError(f"Tensor {self.tensor} may not be fed.")


class Feeds:
    """The keys of a feed_dict, resolved. A key that is a nest, such as the state of a recurrent cell, stands for all in
    it, and its value is a nest with as many leaves. A key that is a composite, such as a tf.SparseTensor, stands for
    its tensors, and its value is a sequence of theirs."""

    def __init__(self, graph: Graph, keys: Iterable[Any]) -> None:
        self._keys = list(keys)
        self._is_nested = any(nest.is_nested(key) or nest.is_composite(key) for key in self._keys)
        leaves = nest.flatten(self._keys, expand_composites=True) if self._is_nested else self._keys
        for place, leaf in enumerate(leaves):
            if self._is_nested and leaf in leaves[:place]:
                raise ValueError(f"Cannot flatten dict because this key is not unique: {leaf}")
        self._each = [Feed(graph, leaf) for leaf in leaves]
        last = {feed.tensor: place for place, feed in enumerate(self._each)}  # of two names of a tensor the last counts
        self._kept = list(last.values()) if len(last) < len(self._each) else None
        self.feeds = [self._each[place] for place in last.values()]

    def arrays(self, values: Iterable[Any]) -> list[np.ndarray[Any, Any]]:
        """An array for each of `feeds`, from the values of the feed_dict in order. Raises TypeError, ValueError."""
        if self._is_nested:
            values = self._flattened(values)
        arrays = [feed.array(value) for feed, value in zip(self._each, values, strict=True)]
        return arrays if self._kept is None else [arrays[place] for place in self._kept]

    def _flattened(self, values: Iterable[Any]) -> list[Any]:
        found: list[Any] = []
        for key, value in zip(self._keys, values, strict=True):
            if nest.is_composite(key):
                parts, wanted = [part for part in value if part is not None], len(key._components())
                if len(parts) != wanted:
                    raise ValueError(f"feed_dict: the value of {key} has {len(parts)} parts but must have {wanted}")
                found.extend(parts)
                continue
            if not nest.is_nested(key):
                found.append(value)
                continue
            keys, leaves = nest.flatten(key, expand_composites=True), nest.flatten(value)
            if len(keys) != len(leaves):
                raise ValueError(
                    f"Could not flatten dictionary. Key had {len(keys)} elements, but value had {len(leaves)} "
                    f"elements. Key: {keys}, value: {leaves}."
                )
            found.extend(leaves)
        return found


def _tensor(graph: Graph, key: Any) -> Tensor:
    try:
        return graph.as_graph_element(key, allow_operation=False)
    except (TypeError, ValueError, KeyError) as error:
        reason = error.args[0] if error.args else error
        raise TypeError(f"Cannot interpret feed_dict key as Tensor: {reason}") from None
