"""Arrays, dtypes and numbers of numpy in pickles, which come as calls: the few that occur, done here."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from .machine import Machine, Refused

_DTYPES = {
    f"{kind}{size}" for kind, sizes in {"u": "1248", "i": "1248", "f": "248", "c": "48"}.items() for size in sizes
}
_DTYPES |= {"b1", "c16"}
_OBJECTS = ("O8", "O")
_OBJECT_FLAGS = 63  # of a dtype of objects, as numpy pickles it
_MAX_AXES = 32


class Function:
    """Something that a pickle may call: `run(machine, *arguments)` is what happens then."""

    def __init__(self, name: str, run: Callable[..., Any]) -> None:
        self.name = name
        self.run = run


def _reconstruct(_machine: Machine, kind: Any, shape: Any, code: Any) -> np.ndarray:
    if kind is not _ARRAY:
        raise Refused("it calls what is not of plain data")
    return np.empty(0, np.uint8)  # which gets its state in place


def _from_buffer(machine: Machine, content: Any, dtype: Any, shape: Any, order: Any) -> np.ndarray:
    _, shape, dtype, by_columns, content = _checked(machine, (1, shape, dtype, order == "F", content))
    if dtype.hasobject:
        raise Refused("an array does not fit its shape")
    return np.frombuffer(bytearray(content), dtype).reshape(shape, order="F" if by_columns else "C")


def _dtype(_machine: Machine, code: Any, *_: Any) -> np.dtype:
    if code not in _DTYPES and code not in _OBJECTS:
        raise Refused(f"dtype {code!r} is not of plain numbers")
    return np.dtype(code, False, True)  # of its own: it gets its order of bytes in place


def _scalar(_machine: Machine, dtype: Any, data: Any) -> Any:
    if not isinstance(dtype, np.dtype) or dtype.hasobject:
        raise Refused("a number has no dtype")
    (found,) = np.frombuffer(data.encode("latin1") if isinstance(data, str) else data, dtype)
    return found


def _encode(machine: Machine, text: Any, encoding: Any = "utf-8") -> bytes:
    if type(text) is not str or encoding not in ("latin1", "utf-8", "ascii"):
        raise Refused("it calls what is not of plain data")
    machine.spend(len(text))
    return text.encode(encoding)


def _no_array(_machine: Machine, *_: Any) -> None:
    raise Refused("it calls what is not of plain data")


_ARRAY = Function("ndarray", _no_array)
_CORES = ("numpy.core", "numpy._core")
NUMPY_NAMES: dict[tuple[str, str], Function] = {
    **{(f"{core}.multiarray", "_reconstruct"): Function("_reconstruct", _reconstruct) for core in _CORES},
    **{(f"{core}.multiarray", "scalar"): Function("scalar", _scalar) for core in _CORES},
    **{(f"{core}.numeric", "_frombuffer"): Function("_frombuffer", _from_buffer) for core in _CORES},
    ("numpy", "ndarray"): _ARRAY,
    ("numpy", "dtype"): Function("dtype", _dtype),
    ("_codecs", "encode"): Function("encode", _encode),
    ("__builtin__", "bytes"): Function("bytes", lambda _machine: b""),
}


def build_numpy(machine: Machine, target: Any, state: Any) -> bool:
    """Gives an array its shape and data, or a dtype its order of bytes, in place; whether `target` is one of these."""
    if isinstance(target, np.dtype):
        if state[1] not in ("<", ">", "|", "=") or state[2] is not None or state[3] is not None:
            raise Refused("a dtype is not of plain numbers")
        target.__setstate__((3, state[1], None, None, None, -1, -1, _OBJECT_FLAGS if target.hasobject else 0))
    elif type(target) is np.ndarray:
        target.__setstate__(_checked(machine, state))
    else:
        return False
    return True


def _checked(machine: Machine, state: Any) -> tuple[Any, ...]:
    """The state of an array: (version, shape, dtype, whether columns come first, data)."""
    _, shape, dtype, by_columns, content = state
    if type(shape) is not tuple or any(type(size) is not int or size < 0 for size in shape) or len(shape) > _MAX_AXES:
        raise Refused("an array has no shape")
    if not isinstance(dtype, np.dtype):
        raise Refused("an array has no dtype")
    count = math.prod(shape)
    if dtype.hasobject:
        fits = type(content) is list and len(content) == count
    else:
        if isinstance(content, str):
            content = content.encode("latin1")
        fits = type(content) in (bytes, bytearray) and len(content) == count * dtype.itemsize
    if not fits:
        raise Refused("an array does not fit its shape")
    machine.spend(len(content))
    return 1, shape, dtype, bool(by_columns), bytes(content) if not dtype.hasobject else content
