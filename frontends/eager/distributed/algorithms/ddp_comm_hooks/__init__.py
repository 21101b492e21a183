"""`torch.distributed.algorithms.ddp_comm_hooks`: hooks of `DistributedDataParallel`, by name."""

from __future__ import annotations

from enum import Enum, member
from functools import partial
from typing import Any

from . import debugging_hooks, default_hooks

__all__ = ["DDPCommHookType", "register_ddp_comm_hook"]


def _register(comm_hook: Any, model: Any, state: Any) -> None:
    model.register_comm_hook(state, comm_hook)


class DDPCommHookType(Enum):
    """The hooks; values are functions of `model` and `state`."""

    ALLREDUCE = member(partial(_register, default_hooks.allreduce_hook))
    FP16_COMPRESS = member(partial(_register, default_hooks.fp16_compress_hook))
    BF16_COMPRESS = member(partial(_register, default_hooks.bf16_compress_hook))
    NOOP = member(partial(_register, debugging_hooks.noop_hook))


def register_ddp_comm_hook(comm_hook_type: DDPCommHookType, model: Any, state: Any = None) -> None:
    """Has the hook of this name share the model's gradients, with `state`, a process group."""
    comm_hook_type.value(model=model, state=state)
