"""The state of a static front end's session, as a dict."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from diptych.backends.jax import copied
from diptych.ir import DiptychError

# What a session keeps of operations, and its dtype; that of a variable is its own.
_KINDS: dict[str, Any] = {"variable": None, "key": np.uint32, "counter": np.uint64}


def session_state(session: Any) -> dict[str, Any]:
    """The values of a session's variables and random streams, by name, as they lie on their devices: copies, which runs
    that come leave as they are. In several processes all call this."""
    with session._lock:
        held = session._state.arrays.items()
        return {f"{kind}:{operation.name}": copied(array) for (kind, operation), array in held}


def restore_session(session: Any, state: Mapping[str, Any]) -> None:
    """Gives a session of the same graph what `session_state` told. Raises DiptychError, with nothing changed, for what
    the graph has not, or has of another type."""
    operations = session.graph._operations
    if not isinstance(state, Mapping):
        raise DiptychError(
            f"restore_session: state is of type {type(state).__name__} but must be what session_state gave"
        )
    found: dict[Any, Any] = {}
    for name, array in state.items():
        kind, _, operation = str(name).partition(":")
        if kind not in _KINDS or operation not in operations:
            raise DiptychError(f"restore_session: the graph has no {name}")
        key = kind, operations[operation]
        _check(name, array, _dtype(*key), None if kind != "variable" else key[1].outputs[0])
        found[key] = array
    with session._lock:
        for key, array in found.items():
            session._state.put(key, copied(array))


def _dtype(kind: str, operation: Any) -> Any:
    return _KINDS[kind] or operation.outputs[0].dtype.base_dtype.ir.numpy


def _check(name: str, array: Any, dtype: Any, tensor: Any) -> None:
    shape = getattr(array, "shape", None)
    if shape is None or array.dtype != dtype:
        what = f"of type {type(array).__name__}" if shape is None else f"of {array.dtype}"
        raise DiptychError(f"restore_session: {name} is {what} but must be an array of {np.dtype(dtype).name}")
    if tensor is not None and not tensor.shape.is_compatible_with(shape):
        raise DiptychError(f"restore_session: {name} has shape {tuple(shape)} but must have {tensor.shape}")
