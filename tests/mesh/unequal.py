"""Collectives that are not the same in all processes are refused in all, and what comes behind them goes on."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
import torch.distributed as dist
from torch import nn

dist.init_process_group("gloo")
rank = dist.get_rank()
found: dict[str, Any] = {}


def refused(name: str, do: Callable[[], Any]) -> None:
    try:
        do()
        dist.barrier()  # what was asked for before is done then
    except RuntimeError as error:
        found[name] = str(error).splitlines()[0]
    after = torch.ones(2)
    dist.all_reduce(after)
    assert after.tolist() == [2.0, 2.0]


def unlike() -> torch.Tensor:
    return torch.ones(3 + rank)


dist.all_reduce(torch.ones(3))  # which is known in one of them then
refused("all_reduce", lambda: dist.all_reduce(unlike()))
refused("dtype", lambda: dist.all_reduce(torch.ones(3, dtype=[torch.float32, torch.int64][rank])))
refused("op", lambda: dist.all_reduce(torch.ones(3), [dist.ReduceOp.SUM, dist.ReduceOp.MAX][rank]))
refused("reduce", lambda: dist.reduce(unlike(), 0))
refused("broadcast", lambda: dist.broadcast(unlike(), 0))
refused("all_gather", lambda: dist.all_gather([torch.ones(3), torch.ones(4)], unlike()))
refused("all_gather_into_tensor", lambda: dist.all_gather_into_tensor(torch.ones(2 * (3 + rank)), unlike()))
refused("gather", lambda: dist.gather(unlike(), [torch.ones(3), torch.ones(4)] if rank == 0 else None))
refused("scatter", lambda: dist.scatter(unlike(), [torch.ones(3)] * 2 if rank == 0 else None))
refused("reduce_scatter", lambda: dist.reduce_scatter(unlike(), [unlike()] * 2))
refused("reduce_scatter_tensor", lambda: dist.reduce_scatter_tensor(unlike(), torch.ones(2 * (3 + rank))))
refused("all_to_all", lambda: dist.all_to_all([unlike()] * 2, [unlike()] * 2))
refused("other", lambda: dist.barrier() if rank else dist.all_reduce(torch.ones(3)))
refused("modules", lambda: nn.parallel.DistributedDataParallel(nn.Linear(2, 3 + rank)))
refused("fewer", lambda: nn.parallel.DistributedDataParallel(nn.Linear(2, 3, bias=rank == 0)))
Path(os.environ["FOUND_IN"], f"{rank}.json").write_text(json.dumps(found))
dist.destroy_process_group()
