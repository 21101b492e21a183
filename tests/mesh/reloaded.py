"""A state that is saved and loaded again on meshes of the devices of several processes, each of which reads its parts
alone: `python -m diptych.cli launch --processes 2 tests/mesh/reloaded.py FOLDER`."""

from __future__ import annotations

import json
import os
import resource
import sys
from pathlib import Path
from typing import Any

import diptych
import numpy as np
import torch
from diptych.backends.joining import all_told
from diptych.ir import DiptychError
from diptych.saving.pieces import Pieces
from torch import nn

diptych.join_processes()
rank, folder = int(os.environ["RANK"]), Path(sys.argv[1])
ROWS = {r"\d\.weight": ("model", None), r"\d\.bias": ("model",)}
COLUMNS = {r"\d\.weight": (None, "model")}
x = torch.from_numpy(np.random.default_rng(0).standard_normal((16, 16)).astype("f4"))
found: dict[str, Any] = {"rank": rank}
read: list[str] = []
reading = Pieces._read


def noted(self: Pieces, name: str, piece: Any, dtype: Any, targets: Any) -> None:
    read.append(f"{piece.file} {piece.key}")
    reading(self, name, piece, dtype, targets)


Pieces._read = noted


def made() -> tuple[nn.Module, Any]:
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(16, 32), nn.Tanh(), nn.Linear(32, 8))
    return net, torch.optim.Adam(net.parameters(), lr=0.01)


def step(net: nn.Module, optimizer: Any) -> float:
    loss = net(x).square().mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


def parts(tensor: Any, whole: Any) -> list[list[int]] | None:
    """The shapes that this process has, which hold what they should; None of an array of the host's."""
    array, wanted = tensor._array(), np.asarray(whole._array())
    if isinstance(array, np.ndarray):
        assert np.array_equal(array, wanted)
        return None
    for shard in array.addressable_shards:
        assert np.array_equal(np.asarray(shard.data), wanted[shard.index])
    return sorted(list(shard.data.shape) for shard in array.addressable_shards)


def refused(do: Any) -> str:
    try:
        do()
    except DiptychError as error:
        return error.message
    return ""


with diptych.mesh(ROWS, data=2, model=2, zero=True):
    net, optimizer = made()
    step(net, optimizer)
    state = {"model": net.state_dict(), "optimizer": optimizer.state_dict(), "host": np.arange(4.0), "0.bias": 3}
    diptych.save_checkpoint(folder, state, 1)
    wanted = [step(net, optimizer) for _ in range(2)]


whole = diptych.load_checkpoint(folder, 1)  # where there is no mesh


def again(rules: Any, axes: dict[str, Any], steps: int = 0) -> dict[str, Any]:
    read.clear()
    with diptych.mesh(rules, **axes):
        loaded = diptych.load_checkpoint(folder, 1)
        told = {
            "weight": parts(loaded["model"]["0.weight"], whole["model"]["0.weight"]),
            "moment": parts(*(each["optimizer"]["state"][0]["exp_avg"] for each in (loaded, whole))),
            "host": type(loaded["host"]).__name__,
            "pieces": len(read),
            "once": len(read) == len(set(read)),
        }
        net, optimizer = made()
        net.load_state_dict(loaded["model"])
        optimizer.load_state_dict(loaded["optimizer"])
        return {**told, "losses": [step(net, optimizer) for _ in range(steps)]}


found["losses"] = wanted
found["same"] = again(ROWS, {"data": 2, "model": 2, "zero": True}, 2)
found["other"] = again(COLUMNS, {"data": 2, "model": 2}, 2)
found["across"] = again(ROWS, {"model": 2, "data": 2})  # the axis of the rules lies between processes
found["unnamed"] = again({}, {"data": 4})
index = json.loads((folder / "step-000000001/index.json").read_text())
found["axes"] = {
    name: index["arrays"][name]["axes"] for name in ("model/0.weight", "optimizer/state/0/exp_avg", "host")
}
found["pieces"] = sum(len(array["pieces"]) for array in index["arrays"].values())

# A shard is damaged that one process alone needs.
shard = folder / "step-000000001/part-00001.safetensors"
data = shard.read_bytes()
if rank == 1:
    shard.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
with diptych.mesh(ROWS, data=2, model=2, zero=True):
    all_told("")  # which waits for the others
    found["damaged"] = refused(lambda: diptych.load_checkpoint(folder, 1))

# One process cannot write its file, whichever that is.
soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
for failing in (0, 1):
    resource.setrlimit(resource.RLIMIT_FSIZE, (64 if rank == failing else soft, hard))
    with diptych.mesh(ROWS, data=2, model=2):
        found[f"{failing} fails"] = refused(lambda: diptych.save_checkpoint(folder, {"model": net.state_dict()}, 2))
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
found["unlike"] = refused(lambda: diptych.save_checkpoint(folder, {"x": object() if rank else 1}, 2))
found["left"] = diptych.checkpoints(folder)
diptych.save_checkpoint(folder, {"x": 1}, 2)
found["then"] = diptych.checkpoints(folder)
Path(os.environ["FOUND_IN"], f"{rank}.json").write_text(json.dumps(found))
