"""Calls that stand in saved files for tensors, parameters and the like, done here."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from diptych.pickles import Refused

from ..dtypes import dtype, int64, uint8
from ..nn.parameter import Parameter
from ..sparse.making import sparse_coo_tensor
from ..storage import TypedStorage
from ..tensors.layout import Layout
from ..tensors.memory import checked_sizes
from ..tensors.memory_formats import layout, sparse_coo, strided
from ..tensors.tensor import Tensor
from ..tensors.untyped_storage import AnyStorage, untyped_of


def rebuild_tensor(storage: AnyStorage, offset: Any, sizes: Any, strides: Any) -> Tensor:
    """A tensor that shows part of a storage."""
    element = storage.dtype if isinstance(storage, TypedStorage) else uint8
    return _part(storage, element, offset, sizes, strides)


def _part(storage: Any, element: dtype, offset: Any, sizes: Any, strides: Any) -> Tensor:
    if not isinstance(storage, AnyStorage):
        raise Refused("a tensor has no storage")
    memory = untyped_of(storage).memory
    return memory.tensor(element, Layout(checked_sizes(sizes), checked_sizes(strides), offset))


def rebuild_tensor_v2(
    storage: AnyStorage, offset: Any, sizes: Any, strides: Any, requires_grad: Any, hooks: Any, metadata: Any = None
) -> Tensor:
    """A tensor that shows part of a storage, and may require gradients."""
    return _requiring(rebuild_tensor(storage, offset, sizes, strides), requires_grad, metadata)


def rebuild_tensor_v3(
    storage: AnyStorage, offset: Any, sizes: Any, strides: Any, requires_grad: Any, hooks: Any, element: Any,
    metadata: Any = None,
) -> Tensor:  # fmt: skip
    """As `rebuild_tensor_v2`, of a storage of bytes."""
    if not isinstance(element, dtype):
        raise Refused("a tensor has no dtype")
    return _requiring(_part(storage, element, offset, sizes, strides), requires_grad, metadata)


def _requiring(made: Tensor, requires_grad: Any, metadata: Any) -> Tensor:
    if metadata:
        raise Refused("a tensor is conjugated or negated lazily, which none is here")
    if requires_grad and not made.dtype.ir.is_differentiable:
        raise Refused(f"a tensor of {made.dtype} requires gradients")
    return made.requires_grad_() if requires_grad else made


def get_layout(name: Any) -> layout:
    """A layout by its name."""
    found = {repr(each): each for each in (sparse_coo, strided)}.get(name)
    if found is None:
        raise Refused(f"a tensor has the layout {name}")
    return found


def rebuild_sparse_tensor(kind: Any, parts: Any) -> Tensor:
    """A sparse tensor of places, values and sizes, and whether places are known to be in order."""
    if kind is not sparse_coo:
        raise Refused(f"a tensor has the layout {kind}")
    if type(parts) is not tuple or len(parts) not in (3, 4):
        raise Refused("a sparse tensor has no places, values and sizes")
    places, values, sizes, *flags = parts
    if not (isinstance(places, Tensor) and isinstance(values, Tensor) and places.dtype is int64 and places.ndim == 2):
        raise Refused("a sparse tensor has no places or no values")
    try:
        return sparse_coo_tensor(
            places, values, checked_sizes(tuple(sizes)), check_invariants=True, is_coalesced=bool(flags and flags[0])
        )
    except RuntimeError as error:
        raise Refused(f"a sparse tensor does not fit its sizes: {error}") from None


def rebuild_parameter(data: Any, requires_grad: Any, hooks: Any) -> Parameter:
    """A parameter."""
    if not isinstance(data, Tensor):
        raise Refused("a parameter has no value")
    return Parameter(data, bool(requires_grad))


def rebuild_parameter_with_state(data: Any, requires_grad: Any, hooks: Any, state: Any) -> Parameter:
    """A parameter with attributes."""
    return _with_attributes(rebuild_parameter(data, requires_grad, hooks), state)


def rebuild_from_type(function: Any, kind: Any, arguments: Any, state: Any) -> Tensor:
    """A tensor with attributes."""
    rebuild = CALLS.get(function) if isinstance(function, str) else None
    if rebuild is None or kind not in (Tensor, Parameter) or type(arguments) is not tuple:
        raise Refused(f"a tensor is of the class {getattr(kind, '__name__', kind)}")
    return _with_attributes(rebuild(*arguments), state)


def _with_attributes(made: Any, state: Any) -> Any:
    if isinstance(state, tuple) and len(state) == 2:
        state = state[0]
    if state is not None:
        if type(state) not in (dict, OrderedDict):
            raise Refused("a tensor has attributes of no dict")
        made.__dict__.update(state)
    return made


# By the names in files. Quantized and nested tensors are not among them.
CALLS: dict[str, Callable[..., Any]] = {
    "torch._utils._rebuild_tensor": rebuild_tensor,
    "torch._utils._rebuild_tensor_v2": rebuild_tensor_v2,
    "torch._utils._rebuild_tensor_v3": rebuild_tensor_v3,
    "torch._utils._rebuild_sparse_tensor": rebuild_sparse_tensor,
    "torch.serialization._get_layout": get_layout,
    "torch._utils._rebuild_parameter": rebuild_parameter,
    "torch._utils._rebuild_parameter_with_state": rebuild_parameter_with_state,
    "torch._tensor._rebuild_from_type_v2": rebuild_from_type,
}
