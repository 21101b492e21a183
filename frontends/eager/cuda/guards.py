"""Blocks that choose a device or a stream: of none they do nothing."""

from __future__ import annotations

from typing import Any


class device:
    """Within the block `device` is the current one. A negative index is none; raises RuntimeError, in a `with`, for
    others, and TypeError of None, as PyTorch does without CUDA."""

    def __init__(self, device: Any) -> None:
        index = device if device is None or isinstance(device, int) else getattr(device, "index", 0) or 0
        self.idx: Any = index
        self.prev_idx = -1

    def __enter__(self) -> None:
        if self.idx >= 0:
            raise RuntimeError("PyTorch was compiled without CUDA support")

    def __exit__(self, *error: object) -> None:
        pass


class device_of(device):
    """Within the block the device of a tensor is the current one: of one on the CPU, nothing changes."""

    def __init__(self, obj: Any) -> None:
        super().__init__(obj.get_device() if obj.is_cuda else -1)


class StreamContext:
    """Within the block work goes to a stream: of None, nothing changes."""

    def __init__(self, stream: Any) -> None:
        self.stream = stream

    def __enter__(self) -> None:
        pass

    def __exit__(self, *error: object) -> None:
        pass


def stream(stream: Any) -> StreamContext:
    """A block in which work goes to `stream`."""
    return StreamContext(stream)
