"""Trainings of every kind in any number of processes, with how many programs each step was; and what ends early."""

from __future__ import annotations

import contextlib
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
from torch.nn.parallel import DistributedDataParallel
from torch.utils.data import DataLoader, DistributedSampler, TensorDataset

dist.init_process_group("gloo")
rank, world = dist.get_rank(), dist.get_world_size()
STEPS, BATCH = 7, 12
generator = torch.Generator().manual_seed(0)
IMAGES = torch.randn(STEPS, BATCH, 2, 4, 4, generator=generator)
LABELS = torch.randint(0, 3, (STEPS, BATCH), generator=generator)
IMAGES.sum().item(), LABELS.sum().item()
found: dict[str, Any] = {}


class Net(nn.Module):
    """Of two branches one may be left out."""

    def __init__(self, norm: bool) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.conv, self.other = nn.Conv2d(2, 4, 3), nn.Conv2d(2, 4, 3)
        self.norm = nn.BatchNorm2d(4) if norm else nn.Identity()
        self.last = nn.Linear(16, 3)

    def forward(self, x: torch.Tensor, both: bool = True) -> torch.Tensor:
        x = self.conv(x) + self.other(x) if both else self.conv(x)
        return self.last(torch.relu(self.norm(x)).flatten(1))


def train(name: str, net: nn.Module, *, reads: str = "", parts: bool = False, clip: bool = False, both: bool = True,
          compiled: str = "", scaled: bool = False, uneven: bool = False) -> None:  # fmt: skip
    """Losses are sums over a process's part, so that all are known by adding them up."""
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
    scaler = torch.amp.GradScaler("cpu", enabled=scaled)
    model = torch.compile(net) if compiled == "model" else net
    share = isinstance(net, DistributedDataParallel)
    cut = BATCH // 2 - 1 if uneven else BATCH // 2
    mine = (slice(0, cut), slice(cut, BATCH))[rank] if share and world == 2 else slice(0, BATCH)
    scale = (world if share else 1) / BATCH

    def step(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        optimizer.zero_grad()
        if parts:  # gradients of two calls, shared once
            with net.no_sync() if share else contextlib.nullcontext():
                (nn.functional.cross_entropy(net(x), y, reduction="sum") * scale / 2).backward()
        with torch.autocast("cpu", torch.bfloat16, enabled=scaled):
            loss = nn.functional.cross_entropy(model(x, both), y, reduction="sum") * scale
        if reads == "every":
            loss.item()
        scaler.scale(loss / 2 if parts else loss).backward()
        if clip:
            nn.utils.clip_grad_norm_(net.parameters(), 0.5)
        scaler.step(optimizer)
        scaler.update()
        return loss

    run = torch.compile(step, fullgraph=True) if compiled == "step" else step
    losses, counts = [], []
    for number in range(STEPS):
        x, y = IMAGES[number][mine].clone(), LABELS[number][mine].clone()
        x.sum().item(), y.sum().item()
        counter = Counter()
        with watched(counter) if compiled != "step" else contextlib.nullcontext():
            loss = run(x, y)
            if reads == "one" and rank == 0:
                loss.item()
            losses.append(loss.item())
        counts.append(counter.count)
    total = torch.tensor(losses)
    dist.all_reduce(total, dist.ReduceOp.AVG)
    state = torch.cat([each.double().flatten() for each in net.state_dict().values()]).tolist()
    found[name] = {"losses": total.tolist() if share else losses, "programs": counts, "state": state}


def shared(norm: bool = False, convert: bool = False, **options: Any) -> DistributedDataParallel:
    net: nn.Module = Net(norm)
    if convert:
        net = nn.SyncBatchNorm.convert_sync_batchnorm(net)
    return DistributedDataParallel(net, **options)


train("plain", shared())
train("clip", shared(), clip=True)
train("parts", shared(), parts=True)
train("buckets", shared(bucket_cap_mb=0.0001))
train("uneven", shared(), uneven=True)
train("read by one", shared(), reads="one")
train("read by all", shared(), reads="every")
train("scaled", shared(), scaled=True)
train("norm", shared(norm=True, convert=True), uneven=True)
train("norm, read", shared(norm=True, convert=True), reads="every")
train("model", shared(), compiled="model")
train("step", shared(), compiled="step")
train("unused by one", shared(find_unused_parameters=True), both=rank == 1)
train("unused by all", shared(static_graph=True), both=False)


def refused(do: Callable[[], Any]) -> str:
    try:
        do()
    except RuntimeError as error:
        return str(error)
    return ""


def missing() -> None:
    net = shared()
    for _ in range(2):
        net(IMAGES[0], both=False).sum().backward()


def through(throws: bool) -> list[float]:
    net = shared(norm=True)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    with net.join(throw_on_early_termination=throws):
        for number in range(2 + rank):
            optimizer.zero_grad()
            net(IMAGES[number]).square().mean().backward()
            optimizer.step()
    return [float(each.double().sum()) for each in net.state_dict().values()]


if world > 1:
    found["missing"] = refused(missing)
    found["joined"] = through(False)
    found["early"] = refused(lambda: through(True))
    sampler = DistributedSampler(TensorDataset(torch.arange(7)), shuffle=False)
    found["sampled"] = [x.tolist() for (x,) in DataLoader(sampler.dataset, batch_size=3, sampler=sampler)]
Path(os.environ["FOUND_IN"], f"{rank}.json").write_text(json.dumps(found))
dist.destroy_process_group()
