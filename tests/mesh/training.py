"""Trains the models on one device and on meshes of eight, and prints what came of it as JSON: a process of its own,
since the number of devices is known when jax starts. `python -m tests.mesh.training static gpt`."""

from __future__ import annotations

import json
import sys
from contextlib import nullcontext

import diptych

from tests.mesh import models

MESHES = {
    "data": {"data": 8},
    "model": {"model": 8},
    "mixed": {"data": 4, "model": 2},
    "zero": {"data": 8, "zero": True},
}


def main(side: str, model: str) -> None:
    diptych.configure(backend="jax")
    train = getattr(models, side)
    rules = getattr(models, f"{side}_{model}".upper())
    found = {"one": train(model, nullcontext())}
    for name, axes in MESHES.items():
        found[name] = train(model, diptych.mesh(rules if "model" in axes else {}, **axes))
    print(json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
