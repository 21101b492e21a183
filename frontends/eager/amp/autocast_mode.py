"""`autocast`: a block in which functions compute in the types that their lists say (autocasting.py)."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable
from typing import Any

from diptych.backends.accelerators import accelerator_count

from .. import dtypes as dtype_module
from ..calling import autocasting
from ..device import device
from ..dtypes import dtype
from ..tapes.mode import mode
from ..tensors.tensor import Tensor

_DEFAULTS = {"cpu": "bfloat16", "cuda": "float16", "xpu": "float16", "mps": "float16", "hpu": "bfloat16",
             "mtia": "bfloat16", "maia": "bfloat16", "ipu": "float16", "xla": "bfloat16"}  # fmt: skip


def is_autocast_available(device_type: str) -> bool:
    """Whether PyTorch has lists of functions for a kind of device. Raises RuntimeError for what is none."""
    return device(device_type).type in _DEFAULTS


def _check_device(device_type: str) -> None:
    if device_type not in _DEFAULTS:
        raise RuntimeError(f"unsupported scalarType for autocast on device {device_type}")


def get_autocast_dtype(device_type: str) -> dtype:
    """The type of the lower precision list."""
    _check_device(device_type)
    return mode.cast_dtypes.get(device_type, getattr(dtype_module, _DEFAULTS[device_type]))


def set_autocast_dtype(device_type: str, dtype: dtype) -> None:
    """Sets the type of the lower precision list."""
    mode.cast_dtypes[device_type] = dtype


def is_autocast_enabled(device_type: str = "cuda") -> bool:
    """Whether functions cast their arguments on a kind of device."""
    return mode.casting.get(device_type, False)


def set_autocast_enabled(device_type: str | bool, enabled: bool | None = None) -> None:
    """Switches a kind of device; one argument switches CUDA."""
    if isinstance(device_type, bool):
        device_type, enabled = "cuda", device_type
    mode.casting[device_type] = bool(enabled)
    mode.is_casting = any(mode.casting.values())
    autocasting.on_cuda |= bool(enabled) and device_type == "cuda"


def is_autocast_cpu_enabled() -> bool:
    """Whether functions cast their arguments."""
    return is_autocast_enabled("cpu")


def get_autocast_cpu_dtype() -> dtype:
    """The type of the lower precision list."""
    return get_autocast_dtype("cpu")


def get_autocast_gpu_dtype() -> dtype:
    """The type of CUDA's lower precision list."""
    return get_autocast_dtype("cuda")


def is_autocast_cache_enabled() -> bool:
    """What `set_autocast_cache_enabled` has set."""
    return mode.is_cache_of_casts_enabled


def set_autocast_cache_enabled(enabled: bool) -> None:
    """Kept: nothing is cached, as a cast that is repeated costs little here."""
    mode.is_cache_of_casts_enabled = enabled


def clear_autocast_cache() -> None:
    """Does nothing: nothing is cached."""


class autocast:
    """A block, or a decorator, in which functions of tensors on a kind of device compute in the types that their lists
    say. `dtype` is bfloat16 or float16.

    Raises ValueError and RuntimeError for kinds of device that are none; warns, and is off, for CUDA where there is
    none, and for other types.
    """

    def __init__(
        self, device_type: str, dtype: dtype | None = None, enabled: bool = True, cache_enabled: bool | None = None
    ) -> None:
        if not isinstance(device_type, str):
            raise ValueError(f"Expected `device_type` of type `str`, got: `{type(device_type)}`")
        if not is_autocast_available(device_type):
            raise RuntimeError(f"User specified an unsupported autocast device_type '{device_type}'")
        self.device = device_type
        self.fast_dtype = get_autocast_dtype(device_type) if dtype is None else dtype
        self._cache_enabled = mode.is_cache_of_casts_enabled if cache_enabled is None else cache_enabled
        supported = (dtype_module.bfloat16, dtype_module.float16)
        if enabled and device_type == "cuda" and not accelerator_count():
            warnings.warn("CUDA is not available or torch_xla is imported. Disabling autocast.", stacklevel=2)
            enabled = False
        elif enabled and self.fast_dtype not in supported:
            name = device_type.upper()
            warnings.warn(
                f"In {name} autocast, but the target dtype is not supported. Disabling autocast.\n{name} Autocast only "
                f"supports dtypes of {', '.join(map(str, supported))} currently.",
                stacklevel=2,
            )
            enabled = False
        self._enabled = enabled
        self._before: list[tuple[bool, dtype, bool, bool]] = []

    def __enter__(self) -> autocast:
        kind = self.device
        self._before.append(
            (is_autocast_enabled(kind), get_autocast_dtype(kind), mode.is_cache_of_casts_enabled, mode.is_casting)
        )
        set_autocast_enabled(kind, self._enabled)
        set_autocast_dtype(kind, self.fast_dtype)
        mode.is_cache_of_casts_enabled = self._cache_enabled
        return self

    def __exit__(self, *error: object) -> bool:
        enabled, kind, mode.is_cache_of_casts_enabled, is_on = self._before.pop()
        set_autocast_enabled(self.device, enabled)
        set_autocast_dtype(self.device, kind)
        mode.is_casting = is_on
        return False

    def __call__(self, func: Callable[..., Any]) -> Callable[..., Any]:
        if not callable(func):
            raise TypeError(
                f"autocast()(func) requires a callable, but got {type(func).__name__}. Did you mean to use autocast as "
                "a context manager? For example:\n    with torch.autocast(device_type=...):\n        output = "
                "model(input)"
            )

        @functools.wraps(func)
        def casting(*arguments: Any, **options: Any) -> Any:
            with self:
                return func(*arguments, **options)

        return casting


def _cast(value: Any, device_type: str, target: dtype) -> Any:
    if isinstance(value, Tensor):
        eligible = (
            value.dtype.is_floating_point
            and device_type == value.device.type
            and value.dtype is not dtype_module.float64
        )
        return value.to(target) if eligible else value
    if isinstance(value, dict):
        return {_cast(key, device_type, target): _cast(each, device_type, target) for key, each in value.items()}
    if isinstance(value, (tuple, list)):
        return type(value)(_cast(each, device_type, target) for each in value)
    return value


def custom_fwd(fwd: Any = None, *, device_type: str, cast_inputs: dtype | None = None) -> Any:
    """Decorates the `forward` of a Function: with `cast_inputs` its arguments are cast within autocast, which is off
    inside."""
    if not isinstance(device_type, str):
        raise ValueError(f"Expected `device_type` of type `str`, got: `{type(device_type)}`")
    if fwd is None:
        return functools.partial(custom_fwd, device_type=device_type, cast_inputs=cast_inputs)

    @functools.wraps(fwd)
    def decorated(*arguments: Any, **options: Any) -> Any:
        arguments[0]._dtype = get_autocast_dtype(device_type)
        is_on = is_autocast_enabled(device_type)
        arguments[0]._fwd_used_autocast = is_on and cast_inputs is None
        if cast_inputs is None or not is_on:
            return fwd(*arguments, **options)
        with autocast(device_type, enabled=False):
            return fwd(*_cast(arguments, device_type, cast_inputs), **_cast(options, device_type, cast_inputs))

    return decorated


def custom_bwd(bwd: Any = None, *, device_type: str) -> Any:
    """Decorates the `backward` of a Function: it runs with the autocast that `forward` ran with."""
    if not isinstance(device_type, str):
        raise ValueError(f"Expected `device_type` of type `str`, got: `{type(device_type)}`")
    if bwd is None:
        return functools.partial(custom_bwd, device_type=device_type)

    @functools.wraps(bwd)
    def decorated(*arguments: Any, **options: Any) -> Any:
        with autocast(device_type, enabled=arguments[0]._fwd_used_autocast, dtype=arguments[0]._dtype):
            return bwd(*arguments, **options)

    return decorated
