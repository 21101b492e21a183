"""Files of tensors alone in the format "safetensors", by its package: what `safetensors.torch` offers."""

from __future__ import annotations

import os
from collections.abc import Mapping
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
from diptych.ir import Unsupported

from .. import dtypes
from ..device import place_of
from ..nn.module import Module
from ..tensors.data import MAX_AXES, from_array
from ..tensors.moving import moved
from ..tensors.tensor import Tensor

_DTYPES = {
    "F64": dtypes.float64, "F32": dtypes.float32, "F16": dtypes.float16, "BF16": dtypes.bfloat16, "I64": dtypes.int64,
    "I32": dtypes.int32, "I16": dtypes.int16, "I8": dtypes.int8, "U64": dtypes.uint64, "U32": dtypes.uint32,
    "U16": dtypes.uint16, "U8": dtypes.uint8, "BOOL": dtypes.bool_, "C64": dtypes.complex64,
}  # fmt: skip


def _package() -> Any:
    try:
        import safetensors.numpy
    except ImportError:
        raise RuntimeError(
            "Attempting to load a safetensors file but safetensors is not installed. Please install safetensors with: "
            "pip install safetensors"
        ) from None
    return safetensors


def load_file(filename: str | os.PathLike[str], device: Any = "cpu") -> dict[str, Tensor]:
    """The tensors in a file, by name, on a device. Raises as `load` does, and as `torch.device` does."""
    place = place_of(device)
    return {name: moved(tensor, place) for name, tensor in load(Path(filename).read_bytes()).items()}


def load(data: bytes) -> dict[str, Tensor]:
    """The tensors in the contents of a file, by name. Raises safetensors.SafetensorError for what is no such file,
    Unsupported for tensors that there are none like here."""
    return {name: _read(name, part) for name, part in _package().deserialize(data)}


def _read(name: str, part: dict[str, Any]) -> Tensor:
    kind, shape = _DTYPES.get(part["dtype"]), part["shape"]
    if kind is None:
        raise Unsupported(f"safetensors: {name} is of {part['dtype']} but must be of {', '.join(_DTYPES)}")
    if len(shape) > MAX_AXES or prod(size or 1 for size in shape) * kind.itemsize >= 1 << 63:
        raise Unsupported(f"safetensors: {name} is of {len(shape)} axes or of sizes that no tensor here has")
    return from_array(np.frombuffer(part["data"], kind.ir.numpy).reshape(shape))


def save_file(
    tensors: Mapping[str, Tensor], filename: str | os.PathLike[str], metadata: dict[str, str] | None = None
) -> None:
    """Writes tensors, by name. Raises RuntimeError where two share memory."""
    _package().numpy.save_file(_arrays(tensors), filename, metadata)


def save(tensors: Mapping[str, Tensor], metadata: dict[str, str] | None = None) -> bytes:
    """The contents of a file of tensors. Raises RuntimeError where two share memory."""
    return _package().numpy.save(_arrays(tensors), metadata)


def _arrays(tensors: Mapping[str, Tensor]) -> dict[str, np.ndarray]:
    owners: dict[int, list[str]] = {}
    for name, tensor in tensors.items():
        if not isinstance(tensor, Tensor):
            raise ValueError(f"Key `{name}` is invalid, expected torch.Tensor but received {type(tensor)}")
        owners.setdefault(id(tensor._storage), []).append(name)
    shared = [names for names in owners.values() if len(names) > 1]
    if shared:
        raise RuntimeError(
            f"Some tensors share memory, this will lead to duplicate memory on disk and potential differences when "
            f"loading them again: {[set(names) for names in shared]}. A potential way to correctly save your model is "
            "to use `save_model`."
        )
    return {name: np.ascontiguousarray(tensor.detach()._array()) for name, tensor in tensors.items()}


def save_model(model: Module, filename: str, metadata: dict[str, str] | None = None) -> None:
    """Writes the state of a module; of tensors that share memory the first, under its name."""
    kept: dict[str, Tensor] = {}
    names: dict[int, str] = {}
    notes = dict(metadata or {})
    for name, tensor in model.state_dict().items():
        first = names.setdefault(id(tensor._storage), name)
        if first == name:
            kept[name] = tensor
        else:
            notes[name] = first
    save_file(kept, filename, notes or None)


def load_model(
    model: Module, filename: str | os.PathLike[str], strict: bool = True, device: Any = "cpu"
) -> tuple[list[str], list[str]]:
    """Gives a module the state in a file; (names missing, names unexpected). Raises RuntimeError where it is `strict`
    and there are some."""
    found = load_file(filename, device)
    own = model.state_dict()
    names = {id(own[name]._storage): name for name in found if name in own}
    for name, tensor in own.items():
        if name not in found and id(tensor._storage) in names:
            found[name] = found[names[id(tensor._storage)]]
    result = model.load_state_dict(found, strict=strict)
    return list(result.missing_keys), list(result.unexpected_keys)
