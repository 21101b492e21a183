"""A program for one graphics processor a process, as torchrun starts it; jax's CPU stands for each."""

from __future__ import annotations

import json
import os
from pathlib import Path

import torch
import torch.distributed as dist
from diptych.backends.jax import placement
from torch import nn
from torch.nn.parallel import DistributedDataParallel

placement.is_accelerator = lambda device: True
local = int(os.environ["LOCAL_RANK"])
assert torch.cuda.is_available()  # before the processes meet, as most programs ask
torch.cuda.set_device(local)
device = torch.device("cuda", local)
dist.init_process_group("nccl")
torch.manual_seed(0)
net = DistributedDataParallel(nn.Linear(3, 1).to(device), device_ids=[local], output_device=local)
loss = net(torch.ones(2, 3, device=device) * (dist.get_rank() + 1)).sum()
loss.backward()
total = torch.ones(2, device=device)
dist.all_reduce(total)
found = {
    "count": torch.cuda.device_count(), "device": str(net.module.weight.grad.device), "total": total.tolist(),
    "gradient": net.module.weight.grad.tolist(), "name": torch.cuda.get_device_name(local),
}  # fmt: skip
dist.destroy_process_group()
Path(os.environ["FOUND_IN"], f"{os.environ['RANK']}.json").write_text(json.dumps(found))
