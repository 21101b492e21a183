"""Makes network_curves.npz and network_states.pt with the real framework: run it where torch 2.13 is installed, from the
repository's root; the full sizes take an hour.

python -m tests.curves.make_network_curves [small | full]
"""

from __future__ import annotations

import sys
from pathlib import Path
from time import perf_counter

import numpy as np
import torch

from tests.curves.network_curves import CURVES, curve, load
from tests.curves.networks import NETWORKS

FOLDER = Path(__file__).parent

if __name__ == "__main__":
    found = load() if (FOLDER / "network_curves.npz").exists() else {}
    for title, (name, size, dtype) in CURVES.items():
        if size in (sys.argv[1:] or ("small", "full")):
            begin = perf_counter()
            found[title] = curve(torch, name, size, dtype)
            print(f"{title:24} {found[title][0]:.4f} ... {found[title][-1]:.4f}, {perf_counter() - begin:.0f} s")
    np.savez_compressed(FOLDER / "network_curves.npz", **{title: found[title] for title in CURVES if title in found})
    states = {}
    for name, network in NETWORKS.items():
        made = network.make(torch, **network.SIZES["tiny"])
        network.train(torch, made, 2)
        states[name] = made.state_dict()
    torch.save(states, FOLDER / "network_states.pt")
