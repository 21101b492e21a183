"""Gradients that hooks share between processes, next to those that are shared without one."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
import torch.distributed as dist
from counting import Counter  # which lies beside this script
from diptych.backends.executable import watched
from torch import nn
from torch.distributed.algorithms.ddp_comm_hooks import DDPCommHookType, debugging_hooks, register_ddp_comm_hook
from torch.distributed.algorithms.ddp_comm_hooks import default_hooks as default
from torch.futures import Future
from torch.nn.parallel import DistributedDataParallel

dist.init_process_group("gloo")
rank, world = dist.get_rank(), dist.get_world_size()
X = torch.arange(24.0).reshape(4, 2, 3) / 10 + rank
X.sum().item()
found: dict[str, Any] = {}


class Net(nn.Module):
    """Whose second layer may be left out."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = nn.Linear(3, 4), nn.Linear(3, 4)
        with torch.no_grad():
            for number, each in enumerate(self.parameters()):
                each.copy_(torch.arange(float(each.numel())).reshape(each.shape) / 10 - number / 4)

    def forward(self, x: torch.Tensor, both: bool = True) -> torch.Tensor:
        return self.first(x).square() + self.second(x) if both else self.first(x)


def net(hook: Any = None, state: Any = None, **options: Any) -> DistributedDataParallel:
    made = DistributedDataParallel(Net(), **options)
    if hook is not None:
        made.register_comm_hook(state, hook)
    return made


def gradients(of: nn.Module) -> list[Any]:
    return [None if each.grad is None else each.grad.flatten().tolist() for each in of.parameters()]


def trained(hook: Any, compiled: bool = False) -> dict[str, Any]:
    """Parameters after four steps, and how many programs each was."""
    model = net(hook)
    run = torch.compile(model) if compiled else model
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
    counts = []
    for x in X:
        x = x.clone()
        x.sum().item()
        counter = Counter()
        with watched(counter):
            optimizer.zero_grad()
            loss = run(x).mean()
            loss.backward()
            optimizer.step()
            loss.item()
        counts.append(counter.count)
    return {"state": [value for each in model.parameters() for value in each.flatten().tolist()], "programs": counts}


for name, hook in (
    ("none", None),
    ("mean", default.allreduce_hook),
    ("float16", default.fp16_compress_hook),
    ("bfloat16", default.bf16_compress_hook),
    ("wrapped", default.fp16_compress_wrapper(default.allreduce_hook)),
    ("wrapped twice", default.bf16_compress_wrapper(default.fp16_compress_hook)),
):
    found[name] = trained(hook)
found["compiled"] = trained(default.allreduce_hook, compiled=True)


def told(state: list[Any], bucket: dist.GradBucket) -> Future[torch.Tensor]:
    shapes = [list(each.shape) for each in bucket.gradients()]
    assert shapes == [list(each.shape) for each in bucket.parameters()]
    state.append([bucket.index(), bucket.is_last(), list(bucket.buffer().shape), shapes])
    return default.allreduce_hook(None, bucket)


def buckets(**options: Any) -> list[Any]:
    state: list[Any] = []
    model = net(told, state, **options)
    model(X[0]).sum().backward()
    return state


found["buckets"] = [
    buckets(),
    buckets(bucket_cap_mb=0.00005),
    buckets(bucket_cap_mb=0.00001),
    buckets(find_unused_parameters=True, bucket_cap_mb=0.00005),
]


def changed(state: Any, bucket: dist.GradBucket) -> Future[torch.Tensor]:
    """The first gradient is 0, the others are doubled."""
    bucket.gradients()[0].zero_()
    bucket.set_buffer(2 * bucket.buffer())
    return debugging_hooks.noop_hook(None, bucket)


def summed(state: list[Any], bucket: dist.GradBucket) -> Future[torch.Tensor]:
    """Sums, of which each process sees what they are."""
    work = dist.all_reduce(bucket.buffer(), async_op=True)
    future = work.get_future().then(lambda done: done.value()[0] + 1)
    future.add_done_callback(lambda done: state.append(done.value().sum().item()))
    return future


for name, given in (("changed", changed), ("noop", debugging_hooks.noop_hook)):
    model = net(given)
    model(X[0]).sum().backward()
    found[name] = gradients(model)
sums: list[Any] = []
model = net(summed, sums)
with model.no_sync():
    model(X[0]).sum().backward()
model(X[0]).sum().backward()
found["summed"] = [gradients(model), sums]
model = net()
register_ddp_comm_hook(DDPCommHookType.NOOP, model)
model(X[0]).sum().backward()
found["by name"] = gradients(model)
for name, both in (("unused by one", rank == 1), ("unused by all", False)):
    model = net(default.allreduce_hook, find_unused_parameters=True)
    model(X[0], both).sum().backward()
    found[name] = gradients(model)


def refused(do: Callable[[], Any]) -> str:
    try:
        do()
    except (RuntimeError, TypeError, ValueError) as error:
        return f"{type(error).__name__}: {str(error).splitlines()[0]}"
    return ""


def once(hook: Any) -> None:
    model = net(hook)
    model(X[0]).sum().backward()


def gives(result: Callable[[torch.Tensor], Any]) -> Callable[[], Any]:
    def hook(state: Any, bucket: Any) -> Any:
        future: Future[Any] = Future()
        future.set_result(result(bucket.buffer()))
        return future

    return lambda: once(hook)


def number(state: Any, bucket: Any) -> Any:
    return 3


def fails(state: Any, bucket: Any) -> Any:
    return dist.all_reduce(bucket.buffer(), async_op=True).get_future().then(lambda done: 1 / 0)


def annotated(state: Any, bucket: Any) -> Any:
    return None


def once_more() -> None:
    net(default.allreduce_hook).register_comm_hook(None, default.allreduce_hook)


found["refused"] = [
    refused(lambda: net(3)),
    refused(once_more),
    refused(lambda: once(number)),
    refused(lambda: once(fails)),
    refused(gives(lambda buffer: 5)),
    refused(gives(lambda buffer: buffer[:5])),
]
annotated.__annotations__ = {"bucket": int}
found["refused"].append(refused(lambda: net(annotated)))
annotated.__annotations__ = {"return": int}
found["refused"].append(refused(lambda: net(annotated)))

Path(os.environ["FOUND_IN"], f"{rank}.json").write_text(json.dumps(found))
dist.destroy_process_group()
