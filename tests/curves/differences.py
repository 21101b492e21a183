"""How far a training curve is from a framework's."""

from __future__ import annotations

from pathlib import Path

import numpy as np


def largest_difference(found: np.ndarray, file: str, model: str, optimizer: str) -> float:
    """Of `found` from the reference curve in `file`, relative to the reference's loss, over all steps."""
    with np.load(Path(__file__).parent / file, allow_pickle=False) as reference:
        wanted = reference[f"{model}, {optimizer}"]
    return float(np.max(np.abs(found - wanted) / np.abs(wanted)))
