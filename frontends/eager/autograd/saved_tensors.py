"""Tensors kept for a backward: what is kept of each, by the hooks that are set, and whether it is still what it was."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import local
from typing import Any

from diptych.names import limited

from ..tapes.mode import count_attention, mode
from ..tapes.recording import NOT_KEPT
from ..tensors.tensor import Tensor
from .packing import Packing, packed, unpacked


class _Hooks(local):
    def __init__(self) -> None:
        self.pairs: list[tuple[Callable[..., Any], Callable[..., Any]]] = []
        self.refusal: str | None = None


_hooks = _Hooks()


class Saved:
    """One tensor, or None."""

    def __init__(self, tensor: Tensor | None) -> None:
        self.tensor: Any = tensor
        self.unpack: Callable[..., Any] | None = None
        if tensor is not None and tensor.is_inference():
            raise RuntimeError(NOT_KEPT)
        self.version = 0 if tensor is None or tensor.is_sparse else tensor._version
        if tensor is not None and _hooks.pairs:
            pack, self.unpack = _hooks.pairs[-1]
            self.tensor = packed(pack, tensor)

    def unpacked(self) -> Tensor | None:
        """The tensor. Raises RuntimeError where it was written over since."""
        tensor = self.tensor
        if tensor is None:
            return None
        if self.unpack is not None:
            return unpacked(self.unpack, tensor)
        if not tensor.is_sparse and tensor._version != self.version:
            raise RuntimeError(
                "one of the variables needed for gradient computation has been modified by an inplace operation: "
                f"[{tensor.dtype.legacy_name} {list(tensor.shape)}] is at version {tensor._version}; expected version "
                f"{self.version} instead. Hint: enable anomaly detection to find the operation that failed to compute "
                "its gradient, with torch.autograd.set_detect_anomaly(True, check_nan=False)."
            )
        return tensor


def save(tensor: Tensor | None) -> Saved:
    """Keeps a tensor."""
    return Saved(tensor)


@limited("the gradient of what keeps its result is computed from its operands")
class saved_tensors_hooks:
    """A block in which `pack_hook(tensor)` says what is kept of each tensor that an operation saves for its gradient,
    and `unpack_hook(kept)` gives it back when that is taken: from the operands that it gave back the operation is
    computed again, and so its gradient. Of results both are called, but the gradient is computed from the operands."""

    def __init__(self, pack_hook: Callable[[Tensor], Any], unpack_hook: Callable[[Any], Tensor]) -> None:
        self.pack_hook, self.unpack_hook = pack_hook, unpack_hook

    def __enter__(self) -> None:
        _check_allowed()
        _hooks.pairs.append((self.pack_hook, self.unpack_hook))
        mode.watchers.append(Packing(self.pack_hook, self.unpack_hook))
        count_attention(1)

    def __exit__(self, *error: object) -> None:
        _hooks.pairs.pop()
        mode.watchers.pop()
        count_attention(-1)


def _check_allowed() -> None:
    if _hooks.refusal is not None:
        raise RuntimeError(_hooks.refusal)


class save_on_cpu:
    """A block in which what is saved lies in the memory of the CPU, where all is."""

    def __init__(self, pin_memory: bool = False, device_type: str = "cuda") -> None:
        pass

    def __enter__(self) -> None:
        _check_allowed()

    def __exit__(self, *error: object) -> None:
        pass


@contextmanager
def disable_saved_tensors_hooks(error_message: str) -> Iterator[None]:
    """A block in which setting such hooks raises RuntimeError with this text."""
    before, _hooks.refusal = _hooks.refusal, error_message
    try:
        yield
    finally:
        _hooks.refusal = before
