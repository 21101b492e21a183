"""What processes send one another, all or some of them."""

from __future__ import annotations

import json
import os
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
import torch.distributed as dist

dist.init_process_group("gloo")
rank, world = dist.get_rank(), dist.get_world_size()
after, before = (rank + 1) % world, (rank - 1) % world
found: dict[str, Any] = {}

pending = torch.ones(2)
dist.all_reduce(pending)  # waits while messages come
own = torch.full((2,), float(rank))
came = torch.zeros(2)
receiving = [dist.isend(own, after), dist.irecv(came, before)][1]
assert receiving.wait() and receiving.is_completed()
found["ring"] = came.tolist()
numbers = torch.zeros(3, dtype=torch.int64)
if rank == 0:
    dist.send(torch.tensor([1, 2, 3]), 1)
    dist.send(torch.tensor([4, 5, 6]), 1, tag=7)
elif rank == 1:
    found["received"] = [dist.recv(numbers, 0, tag=7), numbers.tolist(), dist.recv(numbers, 0), numbers.tolist()]
both = [dist.P2POp(dist.isend, own * 2, before), dist.P2POp(dist.irecv, came, after)]
for work in dist.batch_isend_irecv(both):
    work.wait()
found["batch"] = came.tolist()
found["pending"] = pending.tolist()

first = dist.new_group([1, 0])
each = torch.tensor([rank + 1.0, 2.0])
if rank < 2:
    dist.all_reduce(each, group=first)
    rows = [torch.zeros(1) for _ in range(2)]
    dist.all_gather(rows, torch.tensor([float(rank)]), group=first)
    part = torch.zeros(1)
    dist.reduce_scatter_tensor(part, torch.tensor([1.0, 10.0]) * (rank + 1), group=first)
    dist.broadcast(each, src=1, group=first)
    mean, last = torch.tensor([float(rank)]), torch.tensor([True, rank == 0])
    dist.all_reduce(mean, dist.ReduceOp.AVG, group=first)
    dist.all_reduce(last, dist.ReduceOp.MIN, group=first)
    dist.barrier(first)
    names: list[Any] = [None, None]
    dist.all_gather_object(names, rank, group=first)
    found["group"] = [each.tolist(), [row.item() for row in rows], part.item(), mean.item(), last.tolist(), names]
    found["ranks"] = [dist.get_rank(first), dist.get_world_size(first), dist.get_process_group_ranks(first)]
    found["ranks"] += [dist.get_global_rank(first, 1), dist.get_group_rank(first, 0)]
    try:
        if world > 2:
            dist.all_reduce(torch.zeros(2 + rank), group=first)
    except RuntimeError as error:
        found["unlike"] = str(error).splitlines()[0]
else:
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        dist.all_reduce(each, group=first)
    found["outside"] = [str(told[0].message), each.tolist(), dist.get_rank(first), dist.get_world_size(first)]

every = [None] * world
given = {(1, 2): ("a", None, {3}), 4: torch.full((2,), rank), "b": [1.5, b"x", 2j, torch.float16]}
dist.all_gather_object(every, given)
found["objects"] = [
    list(other) == list(given) and other[1, 2] == ("a", None, {3}) and other["b"] == given["b"] and other[4].tolist()
    for other in every
]
one: list[Any] = [None]
dist.scatter_object_list(one, [(place, "x") for place in range(world)] if rank == 0 else None, src=0)
found["scattered"] = one == [(rank, "x")]
several: list[Any] = [(rank,), {rank: rank}]
dist.broadcast_object_list(several, src=1)
found["broadcast"] = several == [(1,), {1: 1}]
whole = torch.zeros(2 * world)
dist.all_to_all_single(whole, torch.arange(2.0 * world) + 100 * rank)
found["to all"] = whole.tolist()
unlike = torch.zeros(world * (rank + 1))
dist.all_to_all_single(
    unlike, torch.arange(sum(range(1, world + 1))) + 100.0 * rank, [rank + 1] * world, list(range(1, world + 1))
)
found["to all, unlike"] = unlike.tolist()
flags = torch.tensor([rank == 0, False])
dist.all_reduce(flags)
found["flags"] = flags.tolist()


def refused(do: Callable[[], Any]) -> str:
    try:
        do()
    except (RuntimeError, TypeError, ValueError, NotImplementedError) as error:
        return str(error).splitlines()[0]
    return ""


found["refused"] = [
    refused(lambda: dist.all_reduce(torch.ones(1), dist.ReduceOp.BAND)),
    refused(lambda: dist.all_reduce([1.0])),
    refused(lambda: dist.all_gather([torch.ones(1)], torch.ones(1))),
    refused(lambda: dist.all_gather(torch.ones(1), torch.ones(1))),
    refused(lambda: dist.send(torch.ones(1))),
    refused(lambda: dist.send(torch.ones(1), rank)),
    refused(lambda: dist.broadcast(torch.ones(1), world)),
    refused(lambda: dist.new_group([0, world])),
    refused(lambda: dist.new_group([0] * (world + 1))),
    refused(lambda: dist.P2POp(dist.send, torch.ones(1), after)),
    refused(lambda: dist.all_to_all_single(torch.ones(world), torch.ones(world + 1))),
    refused(lambda: dist.all_to_all_single(torch.ones(2), torch.ones(2), [5] * world, [1] * world)),
    refused(lambda: dist.all_gather_object([None] * world, object())),
]
dist.monitored_barrier()
Path(os.environ["FOUND_IN"], f"{rank}.json").write_text(json.dumps(found))
dist.destroy_process_group()
