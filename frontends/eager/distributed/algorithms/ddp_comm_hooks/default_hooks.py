"""Hooks that make means of gradients: as they are, or in numbers of fewer bits."""

from collections.abc import Callable
from typing import Any

from ....dtypes import bfloat16, dtype, float16
from ....futures import Future
from ....nn.parallel.hooked import GradBucket
from ....tensors.tensor import Tensor
from ...collectives import all_reduce
from ...groups import ProcessGroup, group

__all__ = [
    "allreduce_hook",
    "bf16_compress_hook",
    "bf16_compress_wrapper",
    "fp16_compress_hook",
    "fp16_compress_wrapper",
]

Hook = Callable[[Any, GradBucket], Future[Tensor]]


def _mean(process_group: ProcessGroup | None, flat: Tensor) -> Future[Tensor]:
    """The mean over a group, by default all, written into the tensor; it is divided first, lest sums overflow."""
    of = process_group or group.WORLD
    flat.div_(of.size())
    work = all_reduce(flat, group=of, async_op=True)
    return work.get_future().then(lambda done: done.value()[0])


def _compressed(kind: dtype, process_group: ProcessGroup | None, bucket: GradBucket) -> Future[Tensor]:
    buffer = bucket.buffer()
    return _mean(process_group, buffer.to(kind)).then(lambda done: buffer.copy_(done.value()))


def allreduce_hook(process_group: ProcessGroup | None, bucket: GradBucket) -> Future[Tensor]:
    """The mean over a group, by default of all processes."""
    return _mean(process_group, bucket.buffer())


def fp16_compress_hook(process_group: ProcessGroup | None, bucket: GradBucket) -> Future[Tensor]:
    """The mean of what the gradients are in float16."""
    return _compressed(float16, process_group, bucket)


def bf16_compress_hook(process_group: ProcessGroup | None, bucket: GradBucket) -> Future[Tensor]:
    """The mean of what the gradients are in bfloat16."""
    return _compressed(bfloat16, process_group, bucket)


def fp16_compress_wrapper(hook: Hook) -> Hook:
    """A hook that gives this one gradients in float16."""

    def fp16_compress_wrapper_hook(hook_state: Any, bucket: GradBucket) -> Future[Tensor]:
        return _wrapped(float16, hook, hook_state, bucket)

    return fp16_compress_wrapper_hook


def bf16_compress_wrapper(hook: Hook) -> Hook:
    """A hook that gives this one gradients in bfloat16."""

    def bf16_compress_wrapper_hook(hook_state: Any, bucket: GradBucket) -> Future[Tensor]:
        return _wrapped(bfloat16, hook, hook_state, bucket)

    return bf16_compress_wrapper_hook


def _wrapped(kind: dtype, hook: Hook, state: Any, bucket: GradBucket) -> Future[Tensor]:
    bucket.set_buffer(bucket.buffer().to(kind))
    return hook(state, bucket).then(lambda done: bucket.buffer().copy_(done.value()))
