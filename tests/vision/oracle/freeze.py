"""Writes answers.npz and texts.json: run it where torchvision 0.28 is installed, from the repository's root.

python -m tests.vision.oracle.freeze
"""

from __future__ import annotations

import json
import warnings
from pathlib import Path

import numpy as np
import torch
import torchvision
import torchvision.transforms.v2

from tests.vision.oracle.cases import CASES, answer
from tests.vision.oracle.texts import CALLS, text_of

if __name__ == "__main__":
    warnings.simplefilter("ignore")
    folder = Path(__file__).parent
    found = {title: answer(torch, torchvision, title) for title in CASES}
    np.savez_compressed(folder / "answers.npz", **found)
    texts = {call: text_of(call, torch, torchvision) for call in CALLS}
    (folder / "texts.json").write_text(json.dumps(texts, indent=1) + "\n", encoding="utf-8")
    print(len(found), "answers and", len(texts), "texts")
