"""Programs that run again and again on jax: they are called without jax.jit around them, whatever arrays come then."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from diptych import backends
from diptych.backends.jax.runner import JaxRunner
from diptych.ir import parse

jax = pytest.importorskip("jax")

TEXT = """func @counted(%x: f32[4], %count: i64[2]) -> (f32[4], i64[2]) {
  %y: f32[4] = neg %x
  %more: i64[2] = add %count, %count
  return %y, %more
}"""
X, COUNT = np.arange(4, dtype=np.float32), np.array([1, 2**40])


def runner() -> JaxRunner:
    found: Any = backends.compile(parse(TEXT), backend="jax", donate=(1,)).runner
    return found


def repeated(run: JaxRunner) -> tuple[Any, Any]:
    """What jax gives after some runs, each with the count that the one before has left."""
    x, count = run(X, COUNT)
    for _ in range(3):
        x, count = run(x, count)
    return x, count


def test_what_repeats_leaves_jit_out() -> None:
    run = runner()
    x, count = repeated(run)
    assert run._executable is not None
    assert x.tolist() == X.tolist() and count.tolist() == [16, 2**44]


def test_wide_arrays_of_numpys_come_later() -> None:
    run = runner()
    repeated(run)
    for _ in range(3):
        x, count = run(X, COUNT)
        assert x.tolist() == [0, -1, -2, -3] and count.dtype == np.int64 and count.tolist() == [2, 2**41]


SPLIT = """
import jax
from tests.backends.test_jax_calls import X, repeated, runner
run = runner()
x, count = repeated(run)
assert run._executable is not None
split = jax.sharding.NamedSharding(jax.sharding.Mesh(jax.devices(), "d"), jax.sharding.PartitionSpec("d"))
with jax.enable_x64(True):
    count = jax.device_put(count, split)
for _ in range(3):
    found, count = run(jax.device_put(X, split), count)
    print(found.tolist(), count.tolist(), len(count.sharding.device_set))
"""


def test_arrays_of_several_devices_come_later() -> None:
    environment = {**os.environ, "XLA_FLAGS": "--xla_force_host_platform_device_count=2"}
    ran = subprocess.run([sys.executable, "-c", SPLIT], capture_output=True, text=True, env=environment)
    assert ran.returncode == 0, ran.stderr
    counts = [[16 * 2**n, 2 ** (44 + n)] for n in (1, 2, 3)]
    assert ran.stdout.splitlines() == [f"[-0.0, -1.0, -2.0, -3.0] {count} 2" for count in counts]
