"""A training by PyTorch's API in any number of processes, each with its part of every batch; and every collective."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import torch
import torch.distributed as dist
from torch import nn
from torch.nn.parallel import DistributedDataParallel

STEPS, BATCH = 20, 32

dist.init_process_group("gloo")
rank, world = dist.get_rank(), dist.get_world_size()
torch.manual_seed(rank)  # another one everywhere: the first process's parameters are those of all
net = nn.Sequential(nn.Linear(16, 32), nn.BatchNorm1d(32), nn.ReLU(), nn.Linear(32, 4))
net[1].eval()  # it has buffers, but the statistics of a part of a batch are others
net = DistributedDataParallel(net)
optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
random = np.random.default_rng(0)
losses = []
for step in range(STEPS):
    images, labels = random.standard_normal((BATCH, 16)).astype("f4"), random.integers(0, 4, BATCH)
    part = slice(rank * BATCH // world, (rank + 1) * BATCH // world)
    given, wanted = torch.from_numpy(images[part]), torch.from_numpy(labels[part])
    loss = nn.functional.cross_entropy(net(given), wanted)
    optimizer.zero_grad()
    if step == 7:  # gradients of two calls, shared once
        with net.no_sync():
            (0.5 * nn.functional.cross_entropy(net(given), wanted)).backward()
        (0.5 * nn.functional.cross_entropy(net(given), wanted)).backward()
    else:
        loss.backward()
    optimizer.step()
    if rank == 0 and step % 5 == 0:
        print("a value that this process alone reads:", loss.item(), flush=True)
    mean = loss.detach().clone()
    dist.all_reduce(mean, op=dist.ReduceOp.AVG)
    losses.append(mean.item())

own = torch.tensor([rank + 1.0, -rank])
found = {}
for op in ("SUM", "AVG", "PRODUCT", "MIN", "MAX"):
    each = own.clone()
    dist.all_reduce(each, getattr(dist.ReduceOp, op))
    found[op] = each.tolist()
bits = torch.tensor([1 << rank, 3])
for op in ("BAND", "BOR", "BXOR"):
    each = bits.clone()
    dist.all_reduce(each, getattr(dist.ReduceOp, op))
    found[op] = each.tolist()
each = own.clone()
dist.broadcast(each, world - 1)
found["broadcast"] = each.tolist()
each = own.clone()
dist.reduce(each, 0)
found["reduce"] = each.tolist()
rows = [torch.zeros(2) for _ in range(world)]
dist.all_gather(rows, own)
found["all_gather"] = [row.tolist() for row in rows]
rows = [torch.zeros(2) for _ in range(world)] if rank == 0 else None
dist.gather(own, rows, 0)
found["gather"] = [row.tolist() for row in rows or ()]
each = torch.zeros(2)
dist.scatter(each, [torch.tensor([10.0 * place, 1.0]) for place in range(world)] if rank == 0 else None, 0)
found["scatter"] = each.tolist()
each = torch.zeros(2)
dist.reduce_scatter(each, [own + place for place in range(world)])
found["reduce_scatter"] = each.tolist()
each = torch.zeros(2)
dist.reduce_scatter_tensor(each, torch.cat([own + place for place in range(world)]), dist.ReduceOp.MAX)
found["reduce_scatter MAX"] = each.tolist()
rows = [torch.zeros(1) for _ in range(world)]
dist.all_to_all(rows, [torch.tensor([10.0 * rank + place]) for place in range(world)])
found["all_to_all"] = [row.item() for row in rows]
objects = [None] * world
dist.all_gather_object(objects, {"rank": rank, "text": "x" * rank})
found["all_gather_object"] = objects
objects = [rank, "one"]
dist.broadcast_object_list(objects, world - 1)
found["broadcast_object_list"] = objects
dist.barrier()
total = sum(float(parameter.double().sum()) for parameter in net.parameters())
text = json.dumps({"rank": rank, "losses": losses, "total": total, **found})
Path(os.environ["FOUND_IN"], f"{rank}.json").write_text(text)
dist.destroy_process_group()
