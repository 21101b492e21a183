"""Writes answers.npz: run it where torchvision 0.28 is installed, from the repository's root.

python -m tests.vision.oracle.freeze
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
import torchvision

from tests.vision.oracle.cases import CASES, answer

if __name__ == "__main__":
    found = {title: answer(torch, torchvision, title) for title in CASES}
    np.savez_compressed(Path(__file__).parent / "answers.npz", **found)
    print(len(found), "answers")
