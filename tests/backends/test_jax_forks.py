"""Processes that are forked where jax runs: they read what it computed, and are refused more of it; nobody waits for ever."""

from __future__ import annotations

import subprocess
import sys

FORK = """
import os
import diptych
import diptych.eager as torch

def compute():
    return (torch.ones(1000, 1000) * 3).sum().item()

def forked(program):
    sys.stdout.flush()
    child = os.fork()
    if not child:
        try:
            print(program())
        except diptych.DiptychError as error:
            print(f"{type(error).__name__}: {error}")
        sys.stdout.flush()
        os._exit(0)
    os.waitpid(child, 0)
"""
SENTENCE = """DiptychError: backend jax: this process was forked from one in which jax runs, whose threads it has not
  try: multiprocessing.get_context('spawn'), or diptych.configure(backend='numpy') in the new process"""


def run(program: str) -> str:
    """What a program on jax prints."""
    command = [sys.executable, "-W", "ignore::RuntimeWarning", "-c", f"import sys\n{FORK}{program}"]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=60, env={"DIPTYCH_BACKEND": "jax"})
    assert (ran.returncode, ran.stderr) == (0, "")
    return ran.stdout


def test_after_jax_has_run() -> None:
    program = """
small = torch.arange(6, dtype=torch.float32).to(torch.bfloat16) * 2
large = torch.ones(1000, 1000) @ torch.ones(1000, 1000)
compute()
forked(lambda: (small.tolist(), float(large.numpy()[0, 0])))
forked(compute)
forked(lambda: diptych.configure(backend="numpy") and (large[0, 0].item(), compute()))
print(compute())
"""
    assert run(program) == f"([0.0, 2.0, 4.0, 6.0, 8.0, 10.0], 1000.0)\n{SENTENCE}\n(1000.0, 3000000.0)\n3000000.0\n"


def test_before_jax_has_run() -> None:
    assert run("forked(compute)\nprint(compute())") == "3000000.0\n3000000.0\n"
