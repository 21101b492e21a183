"""Makes random_programs.json.gz with the real PyTorch: run it where torch 2.13 is installed, from this folder.

python make_random_programs.py

Each program runs in a process of its own: a few of them crash PyTorch itself, and are left out.
"""

from __future__ import annotations

import gzip
import json
import warnings
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import torch
from random_programs import run

SEEDS = 400


def log_of(seed: int) -> list[Any] | None:
    """The log of a program, None where PyTorch cannot read its tensors at the end."""
    warnings.simplefilter("ignore")  # of reading .grad of tensors that are no leaves
    try:
        return run(torch, seed)
    except RuntimeError:
        return None


if __name__ == "__main__":
    logs: dict[int, list[Any]] = {}
    for seed in range(SEEDS):
        with ProcessPoolExecutor(1, get_context("fork")) as pool:
            try:
                log = pool.submit(log_of, seed).result()
            except BrokenProcessPool:
                print(f"program {seed} crashes PyTorch")
                continue
        if log is not None:
            logs[seed] = log
    with gzip.GzipFile(Path(__file__).parent / "random_programs.json.gz", "wb", mtime=0) as file:
        file.write(json.dumps(logs, separators=(",", ":")).encode())
