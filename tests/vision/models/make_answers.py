"""Writes answers.json with the real torchvision: run it where torchvision 0.28 is installed, from the repository's root.

python -m tests.vision.models.make_answers
"""

from __future__ import annotations

import json
from pathlib import Path

import torch
from torchvision import models

from tests.vision.models.networks import NAMES, RUN, computed, described

if __name__ == "__main__":
    found = {
        "described": {name: described(getattr(models, name)) for name in NAMES},
        "computed": {name: computed(torch, getattr(models, name), **settings) for name, settings in RUN.items()},
    }
    Path(__file__).with_name("answers.json").write_text(json.dumps(found, indent=1) + "\n")
