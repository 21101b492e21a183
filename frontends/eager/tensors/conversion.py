"""What the arguments of `to` ask for, of tensors and of modules."""

from __future__ import annotations

from typing import Any

from .. import dtypes as dtype_module
from ..device import device as device_type
from ..device import place_of
from ..dtypes import dtype
from .tensor import Tensor

_OPTIONS = {"dtype", "device", "non_blocking", "copy", "other", "memory_format"}


def conversion(arguments: tuple[Any, ...], options: dict[str, Any]) -> tuple[dtype | None, device_type | None, bool]:
    """(the dtype, None for the same one; the device, None for the same one; whether a copy is wanted). Arguments are
    dtypes, devices, tensors to be like, then the flags non_blocking and copy. Raises TypeError for others, and what
    `place_of` raises."""
    if unknown := set(options) - _OPTIONS:
        raise TypeError(f"to() received an invalid combination of arguments - got {min(unknown)}")
    target = dtype_module.chosen("to", options.get("dtype"))
    given = options.get("device")
    place = None if given is None else place_of(given)
    flags: list[bool] = []
    for argument in (*arguments, options.get("other")):
        if isinstance(argument, bool):
            flags.append(argument)
        elif isinstance(argument, Tensor):
            target, place = argument.dtype, argument.device
        elif isinstance(argument, (str, device_type, int)):
            place = place_of(argument)
        elif isinstance(argument, (dtype, type)):
            target = dtype_module.chosen("to", argument)
        elif argument is not None:
            raise TypeError(f"to() received an invalid combination of arguments - got ({type(argument).__name__})")
    return target, place, bool(options.get("copy", flags[1] if len(flags) > 1 else False))
