"""Makes torch_curves.npz with the real framework: run it where torch 2.13 is installed, from the repository's root.

python -m tests.curves.make_torch_curves
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from tests.curves.eager_models import curve
from tests.curves.problem import OPTIMIZERS, SIZES

if __name__ == "__main__":
    torch.set_num_threads(1)
    found = {f"{model}, {name}": curve(torch, model, name) for model in SIZES for name in OPTIMIZERS}
    np.savez_compressed(Path(__file__).parent / "torch_curves.npz", **found)
    for title, losses in found.items():
        print(f"{title:24} {losses[0]:.4f} ... {losses[-1]:.4f}")
