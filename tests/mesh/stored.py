"""Processes that meet through a store, or a file, and share values by it: what the first argument says."""

from __future__ import annotations

import json
import os
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import torch
import torch.distributed as dist

way, port = sys.argv[1:]
rank, world = int(os.environ["RANK"]), 2
folder = Path(os.environ["FOUND_IN"])
found: dict[str, Any] = {}


def shared(store: dist.Store) -> list[Any]:
    """What processes see of one another's changes."""
    store.set(f"of {rank}", f"{rank}")
    other = store.get(f"of {1 - rank}")  # waits
    store.add("number", rank + 1)
    store.barrier("all added", world)
    won = store.compare_set("first", "", f"{rank}") == f"{rank}".encode()
    store.append("text", "x")
    store.barrier("all appended", world)
    seen = [other.decode(), store.add("number", 0), store.get("text").decode(), store.check(["first", "of 0", "of 1"])]
    try:
        store.wait(["nowhere"], timedelta(milliseconds=10))
    except RuntimeError as error:
        seen.append(str(error))
    return [*seen, won]


if way == "store":
    kept = dist.TCPStore("127.0.0.1", int(port), world, rank == 0, timedelta(seconds=60))
    kept.wait([]) if rank else kept.barrier("alone", 1)
    found["tcp"] = shared(kept)
    found["file"] = shared(dist.FileStore(str(folder / "kept"), world))
    if rank:
        kept.queue_push("queue", b"\x00\xff")
    else:
        found["queue"] = [*kept.queue_pop("queue")]
    found["kept"] = kept.num_keys() > 1
    dist.init_process_group("gloo", store=dist.PrefixStore("group", kept), rank=rank, world_size=world)
else:
    dist.init_process_group("gloo", f"file://{folder}/meeting", rank=rank, world_size=world)
total = torch.tensor([rank + 1.0])
dist.all_reduce(total)
found["total"] = total.item()
Path(folder, f"{rank}.json").write_text(json.dumps(found))
dist.barrier()
dist.destroy_process_group()
