"""Columns of diptych on jax beside jax.jit in one process, where chunks of steps take turns: what a machine that is now
slow and now fast does to one column, it does to all.

python -m benchmarks.beside [W1 W4 ...] [--rounds 40]

Each line has a column's median of the ratios to jax.jit, chunk by chunk, and its fastest chunk, in microseconds a step.
"""

import argparse
import gc
import os
import statistics
import sys
import time
from collections.abc import Callable

from benchmarks.columns import COLUMNS, ON_JAX
from benchmarks.step import Step
from benchmarks.timing import QUEUED, called
from benchmarks.workloads import WORKLOADS, Workload

YARDSTICK = "jax.jit"
CHUNK = 0.02  # seconds of the fastest column's steps
LEAST = 4  # steps of a chunk
WARM = 12  # steps before, in which programs are compiled and loops are got used to


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.beside", description=__doc__)
    parser.add_argument("workloads", nargs="*", choices=[*WORKLOADS, []], default=[], metavar="WORKLOAD")
    parser.add_argument("--rounds", type=int, default=40)
    given = parser.parse_args()
    if any(os.environ.get(name) != value for name, value in ON_JAX.items()):
        environment = {name: value for name, value in os.environ.items() if name not in ON_JAX}
        environment.update({name: value for name, value in ON_JAX.items() if value is not None})
        os.execve(sys.executable, [sys.executable, "-m", "benchmarks.beside", *sys.argv[1:]], environment)
    for label in given.workloads or [f"W{number}" for number in range(1, 7)]:
        workload = WORKLOADS[label]
        print(f"{label}: {workload.title}", flush=True)
        for name, ratio, seconds in compared(workload, given.rounds):
            print(f"  {name:24} x {ratio:6.3f}   {seconds * 1e6:10.1f} us", flush=True)


def compared(workload: Workload, rounds: int) -> list[tuple[str, float, float]]:
    """For each column its name, the median ratio, and the seconds that a step takes at best."""
    names = [YARDSTICK, *(name for name, column in COLUMNS.items() if column.variables is ON_JAX)]
    steps = {name: COLUMNS[name].make(workload) for name in names}
    calls = {name: called(step, workload.wait) for name, step in steps.items()}
    for name in names:
        seconds(steps[name], calls[name], WARM)
    least = QUEUED if workload.wait == "none" else LEAST
    times = max(least, int(CHUNK / min(seconds(steps[name], calls[name], least) for name in names)))
    gc.collect()
    taken: dict[str, list[float]] = {name: [] for name in names}
    for number in range(rounds):
        for name in names if number % 2 else reversed(names):
            taken[name].append(seconds(steps[name], calls[name], times))
    return [
        (name, statistics.median(a / b for a, b in zip(taken[name], taken[YARDSTICK], strict=True)), min(taken[name]))
        for name in names
    ]


def seconds(step: Step, call: Callable[[], object], times: int) -> float:
    """How long each of so many steps takes."""
    start = time.perf_counter()
    for _ in range(times):
        call()
    step.wait()
    return (time.perf_counter() - start) / times


if __name__ == "__main__":
    main()
