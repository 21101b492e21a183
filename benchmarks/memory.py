"""What a step of the workloads takes at most on numpy: as planned, and as the operating system measures it.

python -m benchmarks.memory [W1 W4 ...]

Each is a process of its own, on Linux. Both numbers leave out state that the step writes in place, which is there
before. `packing` is the size of the arena over the most bytes that are in use there at one time, parts being one use.
"""

from __future__ import annotations

import gc
import os
import subprocess
import sys
from pathlib import Path

from diptych.backends import captured
from diptych.backends.executable import Executable
from diptych.backends.numpy import grounds
from diptych.backends.numpy.peak import Peak
from diptych.backends.numpy.runner import NumpyRunner

from benchmarks.columns import COLUMNS
from benchmarks.workloads import WORKLOADS

STEADY = ["W1", "W2", "W3", "W4", "W5", "W6"]

# The process must give memory back as soon as it is free: what is larger than this is a mapping of its own.
ENVIRONMENT = {"MALLOC_MMAP_THRESHOLD_": "65536", "MALLOC_TRIM_THRESHOLD_": "65536", "NUMPY_MADVISE_HUGEPAGE": "0"}


def status(name: str) -> int:
    """Bytes that /proc tells of this process."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:")) * 1024


def packing(peak: Peak) -> float:
    """The arena's size over the most that is in use there."""
    used = [0] * (len(peak.function.equations) + 1)
    for alive in peak.placed:
        for place in range(alive.first, alive.last + 1):
            used[place] += alive.size
    for place, slot in peak.plan.scratch.items():
        used[place] += slot.size
    return peak.plan.arena / max(*used, 1)


def measure(label: str) -> None:
    step = COLUMNS["diptych static"].make(WORKLOADS[label])
    step.value(step.run())
    with captured() as found:
        step.value(step.run())
    (executable,) = found
    assert isinstance(executable, Executable) and isinstance(executable.runner, NumpyRunner)
    step.value(step.run())
    for ground in grounds.idle:
        ground.give_back(0)
    gc.collect()
    before = status("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")
    step.value(step.run())
    taken = status("VmHWM") - before
    peak = executable.runner.program.peak
    planned = peak.bytes - peak.donated
    print(
        f"{label:4} planned {planned / 1e6:8.2f} MB  taken {taken / 1e6:8.2f} MB  in place {peak.donated / 1e6:8.2f} MB"
        f"  arena {peak.plan.arena / 1e6:8.2f} MB  packing {packing(peak):.3f}"
    )


def main() -> None:
    labels = sys.argv[1:] or STEADY
    if len(labels) == 1:
        sys.setrecursionlimit(200_000)
        measure(labels[0])
        return
    for label in labels:
        subprocess.run(
            [sys.executable, "-m", "benchmarks.memory", label], env={**os.environ, **ENVIRONMENT}, check=True
        )


if __name__ == "__main__":
    main()
