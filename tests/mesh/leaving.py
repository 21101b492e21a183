"""One of several processes, started by `diptych launch`, comes to the end of its script while the first goes on: what
that one hears, wherever it is about to do something together with the others."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import diptych
import torch
import torch.distributed as dist
from torch import nn

dist.init_process_group("gloo")
rank, last = dist.get_rank(), dist.get_world_size() - 1
found: dict[str, Any] = {}


def said(name: str, do: Callable[[], Any]) -> None:
    try:
        do()
    except RuntimeError as error:
        found[name] = str(error).splitlines()[0]


def write() -> None:
    Path(os.environ["FOUND_IN"], f"{rank}.json").write_text(json.dumps(found))


def read(do: Callable[[torch.Tensor], Any]) -> float:
    x = torch.ones(2)
    do(x)
    return float(x.sum())


model = nn.parallel.DistributedDataParallel(nn.Linear(2, 2))
model(torch.ones(1, 2)).sum().backward()
found["together"] = float(model.module.weight.grad.sum())
if rank == last:
    dist.send(torch.tensor([5.0, 6.0]), 0)
    write()
    sys.exit()

if rank == 0:
    found["sent before"] = read(lambda x: dist.recv(x, last))
    said("recv", lambda: read(lambda x: dist.recv(x, last)))
said("all_reduce", lambda: read(dist.all_reduce))
said("again", lambda: read(dist.all_reduce))
said("broadcast", lambda: read(lambda x: dist.broadcast(x, 0)))
said("barrier", dist.barrier)
said("objects", lambda: dist.all_gather_object([None] * (last + 1), {"rank": rank}))
said("module", lambda: nn.parallel.DistributedDataParallel(nn.Linear(3, 3)))


def step() -> None:
    model.zero_grad()
    model(torch.ones(1, 2)).sum().backward()
    found["gradient"] = model.module.weight.grad.tolist()


def joined() -> None:
    with model.join():
        step()


said("step", step)
said("join", joined)
said("save", lambda: diptych.save_checkpoint(os.environ["FOUND_IN"], {"model": model.module.state_dict()}, 1))
found["alone"] = float((torch.ones(2) * 3).sum())
if rank == 1:
    write()
    dist.destroy_process_group()
else:
    said("group", dist.barrier)
    said("recv any", lambda: read(dist.recv))
    write()
