"""How long a step takes, on a machine that others may use as well."""

import gc
import os
import statistics
import time
from collections.abc import Callable

from benchmarks.step import Step

CHUNK = 0.008  # seconds of steps that are timed as one
QUEUED = 8  # steps at least, where none waits for the one before: a step may be prepared while another one runs
QUIET = 0.03  # of a chunk, that our threads may have waited for a core
WANTED = 20  # quiet chunks


def waited() -> float:
    """Seconds that this process's threads have been ready to run but without a core, so far."""
    total = 0
    for thread in os.listdir("/proc/self/task"):
        try:
            with open(f"/proc/self/task/{thread}/schedstat") as file:
                total += int(file.read().split()[1])
        except OSError:
            continue
    return total / 1e9


def called(step: Step, wait: str) -> Callable[[], object]:
    """A step, and the wait for it that a workload wants."""
    if wait == "value":
        return lambda: step.value(step.run())
    return step.run if wait == "none" else lambda: (step.run(), step.wait())


def seconds_a_step(step: Step, wait: str, budget: float) -> dict[str, float]:
    """The median over quiet chunks, or over all where fewer than three were, the fastest, and how many were quiet."""
    one = called(step, wait)
    clock = time.perf_counter
    begin, count = clock(), 0
    while count < 3 or clock() - begin < 0.15:
        one()
        count += 1
    step.wait()
    each = (clock() - begin) / count
    gc.collect()
    every, quiet, begin = [], [], clock()
    while len(every) < 3 or (clock() - begin < budget and (len(quiet) < WANTED or clock() - begin < 0.3 * budget)):
        times = max(QUEUED if wait == "none" else 1, int(CHUNK / each))
        before, start = waited(), clock()
        for _ in range(times):
            one()
        step.wait()
        took = clock() - start
        every.append(took / times)
        if waited() - before < QUIET * took:
            quiet.append(took / times)
        each = min(every)
    taken = quiet if len(quiet) >= 3 else every
    return {"seconds": statistics.median(taken), "fastest": min(every), "quiet": len(quiet), "chunks": len(every)}
