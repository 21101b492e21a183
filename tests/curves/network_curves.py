"""The training curves of eight networks: which there are, how one is made, and what the real framework's are.

Run as a program it trains the networks of full size and tells how far each curve is from PyTorch's:

python -m tests.curves.network_curves [backend]
"""

from __future__ import annotations

import sys
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from tests.curves.networks import NETWORKS

STEPS = 50

# Batch normalisation and kinks make of a rounding in one step a difference in the next: PyTorch's own curves in single
# and in double precision are 1e-2 apart for a narrow ResNet. Narrow ones are compared in double precision.
_DOUBLE = ("resnet", "densenet")

# title -> network, size, dtype
CURVES: dict[str, tuple[str, str, str]] = {
    **{name: (name, "small", "float64" if name in _DOUBLE else "float32") for name in NETWORKS},
    **{f"{name}, full": (name, "full", "float32") for name in NETWORKS},
    **{f"{name}, full, double": (name, "full", "float64") for name in (*_DOUBLE, "vgg", "dcgan")},
}


def curve(torch: Any, name: str, size: str, dtype: str) -> np.ndarray:
    """The losses of 50 steps of a network, float64 [50], or [100] of two losses a step."""
    network = NETWORKS[name]
    made = network.make(torch, **network.SIZES[size]).to(getattr(torch, dtype))
    options = getattr(network, "OPTIONS", {}).get(size, {})
    return np.array(network.train(torch, made, STEPS, **options))


def load() -> dict[str, np.ndarray]:
    """The real framework's curves, by title."""
    with np.load(Path(__file__).parent / "network_curves.npz", allow_pickle=False) as file:
        return dict(file)


def difference(found: np.ndarray, title: str) -> float:
    """The largest over all steps, relative to the real framework's loss."""
    wanted = load()[title]
    return float(np.max(np.abs(found - wanted) / np.abs(wanted)))


if __name__ == "__main__":
    import diptych.eager
    from diptych.backends.settings import configure

    configure(backend=(sys.argv[1:] or ["numpy"])[0])
    for title, (name, size, dtype) in CURVES.items():
        if size == "full":
            begin = perf_counter()
            apart = difference(curve(diptych.eager, name, size, dtype), title)
            print(f"{title:24} {apart:.1e} apart from PyTorch's, {perf_counter() - begin:.0f} s", flush=True)
