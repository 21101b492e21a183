"""Modules that several processes train together, of which there is one."""

from __future__ import annotations

from typing import Any

from ..module import Module


class DistributedDataParallel(Module):
    """A name for programs that choose at run time: without a group of processes PyTorch refuses it too."""

    def __init__(self, module: Module, *arguments: Any, **options: Any) -> None:
        super().__init__()
        raise ValueError("Default process group has not been initialized, please make sure to call init_process_group.")
