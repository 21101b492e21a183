"""The types of arguments as text: `float32[batch, 3, 32, 32]`, in which sizes with names stay open."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
from diptych.ir import Dim, DiptychError, DType, TensorType, dtype_named, dtype_of, evaluate
from diptych.ir.dimensions import dimension_names, parse_dimension

_LARGE = 1 << 20  # as which no size with names may be below 0
_UNCLEAR = {"float", "int", "uint", "long", "complex"}  # numpy has other sizes than the frameworks
_FORM = re.compile(r"\s*(\w+)\s*\[(.*)\]\s*", re.DOTALL)


def type_of(given: Any) -> TensorType:
    """The type that an argument has: of text, of an array, or of a tensor with a shape. Raises DiptychError."""
    if isinstance(given, TensorType):
        return given
    if isinstance(given, str):
        return _parsed(given)
    dtype, shape = getattr(given, "dtype", None), getattr(given, "shape", None)
    if dtype is None or shape is None:
        problem = f"export: an input is of type {type(given).__name__} but must be text, an array or a tensor"
        raise DiptychError(problem, hint='"float32[batch, 3, 32, 32]"')
    return TensorType(_dtype(str(dtype).removeprefix("torch."), str(given)), tuple(int(size) for size in shape))


def _parsed(text: str) -> TensorType:
    found = _FORM.fullmatch(text)
    if found is None:
        raise DiptychError(f"export: input is {text!r} but must be a dtype and sizes", hint="float32[batch, 3, 32, 32]")
    sizes = [size for size in found[2].split(",") if size.strip()]
    if len(sizes) != len(found[2].split(",")) and found[2].strip():
        raise DiptychError(f"export: input {text!r} has an empty size")
    return TensorType(_dtype(found[1], text), tuple(_size(size.strip(), text) for size in sizes))


def _size(size: str, text: str) -> Dim:
    try:
        found = parse_dimension(size)
    except (DiptychError, ValueError) as error:
        raise DiptychError(f"export: input {text!r}: {error}") from None
    if evaluate(found, dict.fromkeys(dimension_names(found), _LARGE)) < 0:
        raise DiptychError(f"export: input {text!r} has a size of {found} but sizes must be 0 or more")
    return found


def _dtype(name: str, text: str) -> DType:
    for known in (dtype_named, lambda name: dtype_of(np.dtype(name))):
        try:
            if name not in _UNCLEAR:
                return known(name)
        except (KeyError, TypeError):
            continue
    raise DiptychError(f"export: input {text!r}: {name} is no dtype", hint="float32, int64, bool, bfloat16")
