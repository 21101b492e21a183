"""Makes scenarios.json with the real PyTorch: run it where torch 2.13 is installed, from the repository's root.

python -m tests.eager.tensors.make_scenarios
"""

from __future__ import annotations

import json
from pathlib import Path

import torch

from tests.eager.tensors import scenarios  # noqa: F401 - adds to SCENARIOS
from tests.eager.tensors.playing import SCENARIOS, played

if __name__ == "__main__":
    torch.set_num_threads(1)
    found = {name: played(torch, name) for name in SCENARIOS}
    (Path(__file__).parent / "scenarios.json").write_text(json.dumps(found, indent=1) + "\n")
