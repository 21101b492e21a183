"""`torch.ops`: operators by the names that PyTorch's own code calls them, `torch.ops.aten.add.Tensor`.

Here an operator is a function that stands elsewhere, whose overloads are all this one function.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

from .calling.writing_out import with_out
from .functions import aten as _aten
from .functions import native_norms as _norms
from .functions import resizing as _resizing
from .tensors.tensor import Tensor

UNNAMED: dict[str, Callable[..., Any]] = {  # which stand in `torch` as well, but are no part of what it offers
    "_batch_norm_with_update": _norms.batch_norm_with_update,
    "_chunk_cat": _aten.chunk_cat,
    "_log_softmax_backward_data": _aten.log_softmax_backward_data,
    "_native_batch_norm_legit": _norms.batch_norm_without_running,
    "_safe_softmax": _aten.safe_softmax,
    "_softmax_backward_data": _aten.softmax_backward_data,
    "_unsafe_masked_index": _aten.unsafe_masked_index,
    "_unsafe_masked_index_put_accumulate": _aten.unsafe_masked_index_put_accumulate,
}
UNNAMED = {name: with_out(name, function) for name, function in UNNAMED.items()}
_ONLY_HERE: dict[str, Callable[..., Any]] = {
    "_upsample_bilinear2d_aa": _resizing.upsample_bilinear2d_aa,
    "max_pool2d_with_indices_backward": _aten.max_pool2d_with_indices_backward,
    "native_dropout_backward": _aten.native_dropout_backward,
    "slice": _aten.slice,
}
_OVERLOADS = ("default", "Tensor", "Scalar", "int", "dim", "dim_IntList", "out")


class _Operator:
    """An operator, or one of its overloads."""

    def __init__(self, name: str, function: Callable[..., Any]) -> None:
        self._name, self._function = name, function

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        return self._function(*arguments, **options)

    def __getattr__(self, name: str) -> _Operator:
        if name not in _OVERLOADS or self._name.count(".") > 1:
            raise AttributeError(f"The underlying op of '{self._name}' has no overload name '{name}'")
        return _Operator(f"{self._name}.{name}", self._function)

    def __repr__(self) -> str:
        *operator, last = self._name.split(".")
        if len(operator) == 1:
            return f"<OpOverloadPacket(op='{self._name}')>"
        return f"<OpOverload(op='{'.'.join(operator)}', overload='{last}')>"

    def __str__(self) -> str:
        return self._name


class _Namespace:
    """The operators of one library."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> _Operator:
        function = _found(name) if self._name == "aten" and not name.startswith("__") else None
        if function is None:
            raise AttributeError(f"'_OpNamespace' '{self._name}' object has no attribute '{name}'")
        return _Operator(f"{self._name}.{name}", function)

    def __repr__(self) -> str:
        return f"<module 'torch.ops.{self._name}' from 'torch.ops'>"


def _found(name: str) -> Callable[..., Any] | None:
    torch = importlib.import_module(__package__ or "")
    holders = (UNNAMED, _ONLY_HERE, vars(torch), vars(torch.nn.functional), vars(Tensor))
    value = next((holder[name] for holder in holders if name in holder), None)
    return value if callable(value) and not isinstance(value, type) else None


aten = _Namespace("aten")


def __getattr__(name: str) -> Any:
    if name.startswith("__"):
        raise AttributeError(f"module 'torch.ops' has no attribute '{name}'")
    return _Namespace(name)
