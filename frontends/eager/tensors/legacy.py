"""The types that tensors had before dtypes: `torch.FloatTensor(...)`, and `torch.Tensor(...)` itself."""

from __future__ import annotations

from typing import Any

import numpy as np
from diptych.backends.accelerators import accelerator_count
from diptych.ir import Unsupported, user_location

from .. import dtypes as dtype_module
from ..device import CPU, Device, device, place_of, set_default_device
from ..dtypes import dtype, get_default_dtype
from ..size import Size
from ..storage import shown
from .creation import zeros
from .data import tensor
from .tensor import Tensor
from .untyped_storage import AnyStorage


def legacy_tensor(cls: type[Tensor], *arguments: Any, device: Device = None) -> Tensor:
    """`torch.Tensor(...)`: of data, or of sizes, uninitialised (zeros here), in the default dtype."""
    place = place_of(device)
    if len(arguments) == 1 and isinstance(arguments[0], Tensor):
        return arguments[0].detach()
    return made(arguments, get_default_dtype(), place)


def made(arguments: tuple[Any, ...], dtype: dtype, place: device = CPU) -> Tensor:
    """A tensor of one sequence of data or of sizes, in a dtype. Raises TypeError for others, and for tensors of another
    dtype."""
    if len(arguments) != 1 or isinstance(arguments[0], (int, np.integer)):
        return zeros(*(arguments or (0,)), dtype=dtype, device=place)
    (data,) = arguments
    if isinstance(data, Size):
        return zeros(data, dtype=dtype, device=place)
    if isinstance(data, Tensor):
        if data.dtype is not dtype:
            raise TypeError(f"expected {_options(dtype, place)} (got {_options(data.dtype, data.device)})")
        return data.detach()
    if isinstance(data, AnyStorage):
        return shown(data, dtype, dtype.scalar)
    if isinstance(data, (float, complex)) or data is None:
        raise TypeError(f"new(): data must be a sequence (got {type(data).__name__})")
    return tensor(data, dtype=dtype, device=place)


def _options(dtype: dtype, place: device) -> str:
    native = "Half" if dtype is dtype_module.float16 else dtype.native.removeprefix("c10::")
    return (
        f"TensorOptions(dtype={native}, device={place}, layout=Strided, requires_grad=false (default), "
        "pinned_memory=false (default), memory_format=(nullopt))"
    )


class tensortype(type):
    """The class of the legacy types: calling one makes a tensor, `isinstance` looks at dtypes."""

    dtype: dtype
    is_cuda: bool
    is_sparse = False

    def __instancecheck__(cls, instance: Any) -> bool:
        return (
            isinstance(instance, Tensor)
            and instance.dtype is cls.dtype
            and not ((instance.device is not CPU) is not cls.is_cuda or instance.is_sparse)
        )

    def __call__(cls, *arguments: Any, device: Device = None) -> Tensor:
        if cls.is_cuda and not accelerator_count():
            raise TypeError(
                f"type {cls.__module__}.{cls.__name__} not available. Torch not compiled with CUDA enabled."
            )
        return made(arguments, cls.dtype, place_of(("cuda" if cls.is_cuda else CPU) if device is None else device))

    @property
    def device(cls) -> device:
        """Where its tensors live."""
        return place_of("cuda" if cls.is_cuda else CPU)


tensortype.__module__ = "torch"

NAMES = (
    "BFloat16Tensor", "BoolTensor", "ByteTensor", "CharTensor", "DoubleTensor", "FloatTensor", "HalfTensor",
    "IntTensor", "LongTensor", "ShortTensor",
)  # fmt: skip


def _types(module: str, *, is_cuda: bool) -> dict[str, tensortype]:
    """The legacy types by name."""
    found: dict[str, tensortype] = {}
    for name in NAMES:
        kind = dtype_module.of_legacy_name(f"torch.{name}")
        doc = f"Makes tensors of {kind}, of data or of sizes."
        body = {"__module__": module, "__doc__": doc, "__slots__": (), "dtype": kind, "is_cuda": is_cuda}
        found[name] = tensortype(name, (), body)
    return found


TYPES = _types("torch", is_cuda=False)
CUDA_TYPES = _types("torch.cuda", is_cuda=True)


def set_default_tensor_type(t: Any) -> None:
    """The dtype and device of new floats, by a legacy type or its name. Raises TypeError for others."""
    named = {f"{each.__module__}.{each.__name__}": each for each in (*TYPES.values(), *CUDA_TYPES.values())}
    found = named.get(t) if isinstance(t, str) else t
    if found is None:
        raise AttributeError(f"module 'torch' has no attribute {t.rpartition('.')[2]!r}")
    if not isinstance(found, tensortype):
        raise TypeError("invalid type object: only floating-point types are supported as the default type")
    if found.is_cuda and not accelerator_count():
        raise TypeError(f"type torch.cuda.{found.__name__} not available. Torch not compiled with CUDA enabled.")
    if not found.dtype.is_floating_point:
        raise TypeError("only floating-point types are supported as the default type")
    dtype_module.set_default_dtype(found.dtype)
    if found.is_cuda or accelerator_count():
        set_default_device("cuda" if found.is_cuda else None)


def name_of_type(tensor: Tensor) -> str:
    """The name of the legacy type of a tensor."""
    name = tensor.dtype.legacy_name
    return name if tensor.device is CPU else name.replace("torch.", "torch.cuda.", 1)


def dtype_of_type(given: Any) -> dtype | None:
    """The dtype of a legacy type or of its name; None of others. Raises Unsupported for a type of CUDA's where there is
    no accelerator."""
    name = given if isinstance(given, str) else None
    if name is not None:
        if not name.startswith("torch.cuda."):
            return dtype_module.of_legacy_name(name)
        given = CUDA_TYPES.get(name.removeprefix("torch.cuda."))
    if not isinstance(given, tensortype):
        return None
    if given.is_cuda and not accelerator_count():
        raise Unsupported(
            f"torch.Tensor.type: torch.cuda.{given.__name__} is not there",
            location=user_location(),
            hint="torch." + given.__name__,
        )
    return given.dtype


def device_of_type(given: Any) -> device:
    """Where tensors of a legacy type, or of its name, live."""
    is_cuda = given.startswith("torch.cuda.") if isinstance(given, str) else given.is_cuda
    return place_of("cuda" if is_cuda else CPU)
