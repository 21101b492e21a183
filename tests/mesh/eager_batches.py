"""A training by PyTorch's API on a mesh of the devices of any number of processes, each with its part of every batch."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import diptych
import numpy as np
import torch
from diptych.backends.processes import process_count, process_rank
from torch import nn

STEPS, BATCH = 20, 16
if int(os.environ.get("WORLD_SIZE", "1")) > 1:
    diptych.join_processes()
count, rank = process_count(), process_rank()
axes = json.loads(sys.argv[1])
rules = {r"0\.weight": ("model", None), r"2\.weight": (None, "model")} if "model" in axes else {}
random = np.random.default_rng(0)
losses, shapes = [], []
with diptych.mesh(rules, **axes):
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(6, 32), nn.ReLU(), nn.Linear(32, 3))
    optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
    part = slice(rank * BATCH // count, (rank + 1) * BATCH // count)
    for _ in range(STEPS):
        x, y = random.standard_normal((BATCH, 6)).astype("f4"), random.integers(0, 3, BATCH)
        given, wanted = diptych.batch(torch.from_numpy(x[part])), diptych.batch(torch.from_numpy(y[part]))
        loss = nn.functional.cross_entropy(net(given), wanted)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        shapes.append(list(given.shape))
    refused = uneven = ""
    if count > 1:
        try:
            diptych.batch(torch.ones(3, requires_grad=True))
        except diptych.ir.DiptychError as error:
            refused = error.message
        try:
            diptych.batch(torch.ones(8 - 2 * rank, 6))
        except diptych.ir.DiptychError as error:
            uneven = error.message
turned = ""
if process_count() > 1 and "model" in axes:
    with diptych.mesh(model=axes["model"], data=axes["data"]):
        try:
            diptych.batch(torch.ones(8, 16))
        except diptych.ir.DiptychError as error:
            turned = error.message
Path(os.environ["FOUND_IN"], f"{rank}.json").write_text(
    json.dumps({"losses": losses, "shapes": shapes, "refused": refused, "uneven": uneven, "turned": turned})
)
