"""`torch.autograd.profiler`: the blocks of `torch.profiler`, under their older names."""

from __future__ import annotations

from typing import Any

from .. import profiler
from ..profiler import record_function

__all__ = ["emit_itt", "emit_nvtx", "profile", "record_function"]


class profile(profiler.profile):
    """As `torch.profiler.profile`, with the older arguments; the block's totals are there when it has ended."""

    def __init__(
        self,
        enabled: bool = True,
        *,
        use_cuda: bool = False,
        use_device: str | None = None,
        record_shapes: bool = False,
        with_flops: bool = False,
        profile_memory: bool = False,
        with_stack: bool = False,
        with_modules: bool = False,
        use_kineto: bool = False,
        use_cpu: bool = True,
        **options: Any,
    ) -> None:
        super().__init__(record_shapes=record_shapes)
        self.enabled = enabled

    def start(self) -> None:
        """Begins, if enabled."""
        if self.enabled:
            super().start()

    def stop(self) -> None:
        """Ends."""
        if self.enabled:
            super().stop()

    def table(self, sort_by: str | None = None, row_limit: int = 100, **options: Any) -> str:
        """A text with a row for each block."""
        return self.events().table(sort_by, row_limit)

    def total_average(self) -> profiler.Event:
        """All blocks as one."""
        return self.events().total_average()


class _Nothing:
    def __init__(self, enabled: bool = True, record_shapes: bool = False) -> None:
        self.enabled = enabled

    def __enter__(self) -> _Nothing:
        return self

    def __exit__(self, *error: object) -> None:
        pass


class emit_nvtx(_Nothing):
    """A block that marks nothing: its marks are for a profiler that is not there."""


class emit_itt(_Nothing):
    """A block that marks nothing: its marks are for a profiler that is not there."""
