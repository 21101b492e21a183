"""Blocks that choose a device or a stream: of none they do nothing."""

from __future__ import annotations

from typing import Any

from diptych.backends.accelerators import accelerator_count

from ..device import choose_number, current_number


class device:
    """Within the block `device` is the current one; a negative index is none. Raises, in a `with`, RuntimeError where
    there is no accelerator, as PyTorch does without CUDA, and TypeError of None."""

    def __init__(self, device: Any) -> None:
        if isinstance(device, str):
            from ..device import device as named

            device = named(device)
        index = device if device is None or isinstance(device, int) else getattr(device, "index", 0) or 0
        self.idx: Any = index
        self.prev_idx = -1

    def __enter__(self) -> None:
        if self.idx < 0:
            return
        if not accelerator_count():
            raise RuntimeError("PyTorch was compiled without CUDA support")
        self.prev_idx = current_number()
        choose_number(self.idx)

    def __exit__(self, *error: object) -> None:
        if self.prev_idx >= 0:
            choose_number(self.prev_idx)


class device_of(device):
    """Within the block the device of a tensor is the current one: of one on the CPU, nothing changes."""

    def __init__(self, obj: Any) -> None:
        super().__init__(obj.get_device() if obj.is_cuda else -1)


class StreamContext:
    """Within the block work goes to a stream: there is one queue for all, so nothing changes."""

    def __init__(self, stream: Any) -> None:
        self.stream = stream

    def __enter__(self) -> None:
        pass

    def __exit__(self, *error: object) -> None:
        pass


def stream(stream: Any) -> StreamContext:
    """A block in which work goes to `stream`."""
    return StreamContext(stream)
