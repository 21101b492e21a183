"""The same call in both frameworks: arguments and functions of torch as a user of diptych would give them."""

from __future__ import annotations

import functools
import types
from collections.abc import Callable
from typing import Any

import diptych.eager as ours
import numpy as np
import torch

# Namespaces in which a builtin function of torch is looked up.
PLACES = ("", "nn.functional", "linalg", "fft", "special", "signal.windows", "Tensor", "masked", "sparse", "nn")


def converted(value: Any) -> Any:
    """A sample's argument as diptych's user would give it."""
    if isinstance(value, torch.Tensor):
        return tensor(value)
    if isinstance(value, torch.dtype):
        return getattr(ours, str(value).removeprefix("torch."))
    if isinstance(value, torch.device):
        return ours.device(str(value))
    if isinstance(value, torch.Size):
        return ours.Size(value)
    if isinstance(value, (list, tuple)):
        found = [converted(each) for each in value]
        if hasattr(value, "_fields"):
            return type(value)(*found)
        return type(value)(found)
    if isinstance(value, dict):
        return {key: converted(each) for key, each in value.items()}
    if value in (torch.strided, torch.contiguous_format, torch.preserve_format, torch.channels_last):
        return getattr(ours, str(value).removeprefix("torch."))
    if isinstance(value, torch.nn.PairwiseDistance):
        return ours.nn.PairwiseDistance(value.norm, value.eps, value.keepdim)
    if isinstance(value, types.FunctionType):
        return in_ours(value)
    return value


def tensor(value: torch.Tensor) -> Any:
    if value.layout is torch.sparse_coo:
        places, values = tensor(value._indices().detach()), tensor(value._values().detach())
        made = ours.sparse_coo_tensor(places, values, tuple(value.shape), is_coalesced=value.is_coalesced())
        return made.requires_grad_() if value.requires_grad else made
    with torch.no_grad():
        plain = value.detach().resolve_conj().resolve_neg()
        if plain.dtype in (torch.bfloat16, torch.complex32):
            wide = torch.float32 if plain.dtype is torch.bfloat16 else torch.complex64
            kind = "bfloat16" if plain.dtype is torch.bfloat16 else "complex32"
            made = ours.tensor(plain.to(wide).numpy()).to(getattr(ours, kind))
        else:
            made = _laid_out(plain)
    return made.requires_grad_() if value.requires_grad else made


def shared(values: tuple[Any, ...]) -> list[Any]:
    """Arguments, converted together: what shares memory in torch does so in diptych."""
    found = [each for value in values for each in _tensors(value)]
    bases: dict[int, Any] = {}
    for each in found:
        place = each.untyped_storage().data_ptr()
        if sum(other.untyped_storage().data_ptr() == place for other in found) > 1 and place not in bases:
            held = each.untyped_storage().nbytes() // each.element_size()
            bases[place] = ours.tensor(each.detach().as_strided((held,), (1,), 0).numpy().copy())
    known: dict[int, Any] = {}
    return [_on_bases(value, bases, known) for value in values]


def _tensors(value: Any) -> list[torch.Tensor]:
    if isinstance(value, torch.Tensor):
        return [value] if value.layout is torch.strided and value.device.type != "meta" else []
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, (list, tuple)) else ()
    return [each for part in inner for each in _tensors(part)]


def _on_bases(value: Any, bases: dict[int, Any], known: dict[int, Any]) -> Any:
    if isinstance(value, torch.Tensor):
        if id(value) not in known:
            base = bases.get(value.untyped_storage().data_ptr()) if _tensors(value) and value.numel() else None
            known[id(value)] = (
                converted(value)
                if base is None
                else ours.as_strided(base, value.shape, value.stride(), value.storage_offset())
            )
        return known[id(value)]
    if isinstance(value, dict):
        return {key: _on_bases(each, bases, known) for key, each in value.items()}
    if type(value) in (list, tuple):
        return type(value)(_on_bases(each, bases, known) for each in value)
    return converted(value)


def _laid_out(plain: torch.Tensor) -> Any:
    """With the same strides where they are a permutation's, otherwise row by row."""
    array = plain.numpy()
    held = plain.untyped_storage().nbytes() // plain.element_size()
    repeats = any(size > 1 and stride == 0 for size, stride in zip(plain.shape, plain.stride(), strict=True))
    if plain.storage_offset() or held > 2 * plain.numel() or repeats:
        whole = plain.as_strided((held,), (1,), 0).numpy()
        return ours.as_strided(ours.tensor(whole.copy()), plain.shape, plain.stride(), plain.storage_offset())
    order = sorted(range(array.ndim), key=lambda axis: (-plain.stride(axis), axis))
    if order == list(range(array.ndim)) or not array.size:
        return ours.tensor(array.copy())
    back = [order.index(axis) for axis in range(array.ndim)]
    return ours.tensor(np.ascontiguousarray(array.transpose(order))).permute(back)


def in_ours(function: Any) -> Callable[..., Any]:
    """The function of diptych that stands for one of torch. Raises AttributeError where there is none."""
    if isinstance(function, types.FunctionType) and function.__module__.startswith("torch.testing"):
        names = {**function.__globals__, "torch": ours, "F": ours.nn.functional, "np": np}
        cells = tuple(types.CellType(_of_cell(cell)) for cell in function.__closure__ or ())
        made = types.FunctionType(function.__code__, names, function.__name__, function.__defaults__, cells)
        made.__kwdefaults__ = function.__kwdefaults__
        return made
    for place in PLACES:
        theirs, mine = torch, ours
        for part in filter(None, place.split(".")):
            theirs, mine = getattr(theirs, part), getattr(mine, part, None)
        for name, value in _names_of(theirs) if place in ("", "Tensor") else vars(theirs).items():
            if value is function and (found := getattr(mine, name, None)) is not None:
                return found
    raise AttributeError(f"nothing stands for {function}")


def _names_of(holder: Any) -> list[tuple[str, Any]]:
    return [(name, getattr(holder, name)) for name in dir(holder)]


def _of_cell(cell: types.CellType) -> Any:
    value = cell.cell_contents
    if value is torch:
        return ours
    return in_ours(value) if callable(value) and not isinstance(value, type) else value


def resolved(entry: Any) -> Callable[..., Any]:
    """What an entry calls, in diptych."""
    if isinstance(entry.op, (torch._ops.OpOverload, torch._ops.OpOverloadPacket)):
        return functools.reduce(getattr, str(entry.op).split("."), ours.ops)
    if isinstance(entry.op, types.FunctionType) and entry.op.__module__.startswith("torch.testing"):
        return in_ours(entry.op)
    holder: Any = ours
    try:
        for part in entry.name.removeprefix("torch.").split("."):
            holder = getattr(holder, part)
        return in_ours(entry.op) if isinstance(holder, (ours.dtype, types.ModuleType)) else holder
    except AttributeError:
        return in_ours(entry.op)
