"""What comes from any process, and lists of objects that one sends another."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
import torch.distributed as dist

dist.init_process_group("gloo")
rank, world = dist.get_rank(), dist.get_world_size()
some = dist.new_group([0, 2])
found: dict[str, Any] = {}


def refused(do: Callable[[], Any]) -> str:
    try:
        do()
    except (RuntimeError, ValueError, NotImplementedError) as error:
        return str(error).splitlines()[0]
    return ""


came = torch.zeros(2)
if rank == 0:
    received = []
    for _ in range(2 * (world - 1)):  # two of each
        source = dist.recv(came)
        received.append([source, *came.tolist()])
    found["any"] = received
    work = dist.irecv(came, tag=3)
    before = [work.is_completed(), work.source_rank()]
    dist.send(torch.tensor([1]), 1)  # who waits for it
    assert work.wait()
    found["later"] = [before, work.source_rank(), came.tolist(), work.is_completed()]
    found["work"] = [refused(work.result), refused(work.get_future)]
    found["named"] = [dist.recv(came, 2, tag=4), came.tolist(), dist.recv(came, tag=4), came.tolist()]
    found["some"] = [dist.recv(came, group=some), came.tolist()]
    objects: list[Any] = [None, None]
    found["objects"] = [dist.recv_object_list(objects, 1), list(objects)]
    dist.barrier()
    found["objects of any"] = [dist.recv_object_list(objects), list(objects)]
    found["in a group"] = [dist.recv_object_list(objects, group=some, group_src=1), objects[1].tolist()]
    found["fewer"] = refused(lambda: dist.recv_object_list([None], 2))
else:
    for number in range(2):
        dist.send(torch.tensor([float(rank), number]), 0)
    if rank == 1:
        dist.recv(torch.zeros(1, dtype=torch.int64), 0)
        dist.send(torch.tensor([5.0, 6.0]), 0, tag=3)
        dist.send(torch.tensor([7.0, 8.0]), 0, tag=4)
        dist.send_object_list([{"a": (1, None)}, "text"], 0)
        dist.barrier()
    if rank == 2:
        dist.send(torch.tensor([9.0, 10.0]), 0, tag=4)
        dist.send(torch.tensor([11.0, 12.0]), 0, group=some)
        dist.send_object_list(["x", torch.ones(2)], group=some, group_dst=0)
        dist.barrier()
        dist.send_object_list([[2], None], 0)
        dist.send_object_list(["y", "z"], 0)
if rank == 0:
    found["refused"] = [
        refused(lambda: dist.send(came)),
        refused(lambda: dist.send_object_list([1])),
        refused(lambda: dist.send_object_list([1], 0)),
        refused(lambda: dist.recv_object_list([1], 0)),
        refused(lambda: dist.send_object_list([object()], 1)),
    ]
Path(os.environ["FOUND_IN"], f"{rank}.json").write_text(json.dumps(found))
dist.destroy_process_group()
