"""Makes tensorflow_curves.npz with the real framework: run it where tensorflow-cpu 2.15 is installed, from the
repository's root.

python -m tests.curves.make_tensorflow_curves
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import tensorflow.compat.v1 as tf

from tests.curves.problem import OPTIMIZERS, SIZES
from tests.curves.static_models import curve

if __name__ == "__main__":
    tf.disable_v2_behavior()
    found = {f"{model}, {name}": curve(tf, model, name) for model in SIZES for name in OPTIMIZERS}
    np.savez_compressed(Path(__file__).parent / "tensorflow_curves.npz", **found)
    for title, losses in found.items():
        print(f"{title:24} {losses[0]:.4f} ... {losses[-1]:.4f}")
