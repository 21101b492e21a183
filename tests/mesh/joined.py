"""Processes that have unlike numbers of rounds, in blocks of `Join`."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
import torch.distributed as dist
from torch import nn
from torch.distributed.algorithms.ddp_comm_hooks.default_hooks import allreduce_hook
from torch.distributed.algorithms.join import Join, Joinable, JoinHook
from torch.nn.parallel import DistributedDataParallel

dist.init_process_group("gloo")
rank, world = dist.get_rank(), dist.get_world_size()
first = dist.new_group([0, 1])
X = torch.sin(torch.arange(60.0).reshape(5, 6, 2) * (1 + rank))
found: dict[str, Any] = {}


class CounterHook(JoinHook):
    """Adds 0 to what the others count, and has the last ones tell what they counted."""

    def __init__(self, counter: Counter, tells: bool) -> None:
        self.counter, self.tells = counter, tells

    def main_hook(self) -> None:
        number = torch.zeros(1)
        dist.all_reduce(number)
        self.counter.seen.append(number.item())

    def post_hook(self, is_last_joiner: bool) -> None:
        self.counter.is_last = is_last_joiner
        if self.tells:
            source = torch.tensor([rank if is_last_joiner else -1])
            dist.all_reduce(source, op=dist.ReduceOp.MAX)
            if source.item() == rank:
                self.counter.most = self.counter.count.clone()
            dist.broadcast(self.counter.most, src=int(source.item()))


class Counter(Joinable):
    """Counts the rounds of all."""

    def __init__(self, group: Any = None) -> None:
        super().__init__()
        self.count, self.most = torch.zeros(1), torch.zeros(1)
        self.seen: list[float] = []
        self.is_last: bool | None = None
        self.group = group

    def __call__(self) -> list[float] | None:
        work = Join.notify_join_context(self)
        number = torch.ones(1)
        dist.all_reduce(number)
        self.count += number
        return [each.item() for each in work.result()] if work is not None and work.wait() else None

    def join_hook(self, **kwargs: Any) -> JoinHook:
        return CounterHook(self, kwargs.get("tells", False))

    @property
    def join_device(self) -> Any:
        return torch.device("cpu")

    @property
    def join_process_group(self) -> Any:
        return self.group or dist.group.WORLD


class Unprepared(Counter):
    def __init__(self) -> None:
        pass


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.last, self.norm = nn.Linear(2, 2), nn.BatchNorm1d(2)
        with torch.no_grad():
            for number, each in enumerate(self.parameters()):
                each.copy_(torch.arange(float(each.numel())).reshape(each.shape) / 10 + number)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.last(self.norm(x))


def counted(rounds: int, group: Any = None, **options: Any) -> list[Any]:
    counter = Counter(group)
    with Join([counter], **options):
        told = [counter() for _ in range(rounds)]
    return [counter.count.item(), counter.most.item(), counter.seen, counter.is_last, told[-1]]


def trained(*names: str, hook: Any = None, parts: bool = False, **options: Any) -> list[Any]:
    """The state of a model that has two more batches in the second process, beside a counter or alone."""
    model, counter = DistributedDataParallel(Net()), Counter()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    if hook is not None:
        model.register_comm_hook(None, hook)
    every = {"model": model, "counter": counter}
    with Join([every[name] for name in names], **options) if names else model.join(**options):
        for number in range(2 + 2 * rank):
            if names[:1] == ("counter",):  # the first of a block tells of a round
                counter()
            optimizer.zero_grad()
            if parts and not number:
                with model.no_sync():
                    model(X[number]).square().mean().backward()
            model(X[number]).square().mean().backward()
            optimizer.step()
            if names[1:] == ("counter",):
                counter()
    state = [value for each in model.state_dict().values() for value in each.double().flatten().tolist()]
    return [state, counter.count.item(), counter.seen, counter.is_last]


def refused(do: Callable[[], Any]) -> str:
    try:
        do()
    except (AssertionError, RuntimeError, ValueError) as error:
        return str(error).splitlines()[0]
    return ""


def failing() -> None:
    counter = Counter()
    with Join([counter]):
        counter()
        raise ValueError("no")


found["counter"] = counted(3 + 2 * rank, tells=True)
found["even"] = counted(2)
found["off"] = counted(2, enable=False)
found["some"] = counted(3 + 2 * rank, first)
found["model"] = trained()
found["by active"] = trained(divide_by_initial_world_size=False)
found["alone"] = trained("model")
found["both"] = trained("model", "counter")
found["counter first"] = trained("counter", "model")
found["hook"] = trained(hook=allreduce_hook)
found["parts"] = trained(parts=True)
found["early"] = [
    refused(lambda: counted(3 + 2 * rank, throw_on_early_termination=True)),
    refused(lambda: trained(throw_on_early_termination=True)),
    refused(failing),
    counted(2)[0],  # after blocks that ended early
]
found["refused"] = [
    refused(lambda: Join([])),
    refused(lambda: Join([Counter(), Counter(first)])),
    refused(lambda: Join.notify_join_context(Unprepared())),
]
Path(os.environ["FOUND_IN"], f"{rank}.json").write_text(json.dumps(found))
dist.destroy_process_group()
