"""Measures workloads for one column, in a process of its own, and prints a line of JSON for each.

python -m benchmarks.measure COLUMN [--budget SECONDS] [--first] WORKLOAD ...
"""

import argparse
import importlib
import json
import resource
import sys
import time
import traceback
from typing import Any

from benchmarks.columns import COLUMNS
from benchmarks.timing import seconds_a_step
from benchmarks.workloads import WORKLOADS

LOSSES = 4  # that columns are compared by


def megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measured(column: str, label: str, budget: float) -> dict[str, Any]:
    workload = WORKLOADS[label]
    begin = time.perf_counter()
    step = COLUMNS[column].make(workload)
    losses = [step.value(step.run())]
    first = time.perf_counter() - begin
    losses += [step.value(step.run()) for _ in range(LOSSES - 1)]
    return {"losses": losses, "first": first, **seconds_a_step(step, workload.wait, budget)}


def first_results(column: str, label: str) -> dict[str, Any]:
    """The time to the first and second result, and the memory that they take, once the framework is imported."""
    COLUMNS[column].make(WORKLOADS["W11"])
    base, clock = megabytes(), time.perf_counter
    begin = clock()
    step = COLUMNS[column].make(WORKLOADS[label])
    step.value(step.run())
    step.wait()
    first = clock() - begin
    begin = clock()
    step.value(step.run())
    step.wait()
    second = clock() - begin
    for _ in range(3):
        step.value(step.run())
    return {"first": first, "second": second, "base": base, "peak": megabytes() - base}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("column", choices=COLUMNS)
    parser.add_argument("workloads", nargs="+", choices=WORKLOADS)
    parser.add_argument("--budget", type=float, default=0.5)
    parser.add_argument("--first", action="store_true", help="the first results, in place of steps")
    given = parser.parse_args()
    sys.setrecursionlimit(200_000)
    modules = {name: importlib.import_module(name).__version__ for name in COLUMNS[given.column].modules}
    for label in given.workloads:
        found: dict[str, Any] = {"column": given.column, "workload": label, "versions": modules}
        try:
            found.update(
                first_results(given.column, label) if given.first else measured(given.column, label, given.budget)
            )
        except Exception as error:
            traceback.print_exc()
            found["error"] = f"{type(error).__name__}: {error}"[:300]
        print(json.dumps(found), flush=True)


if __name__ == "__main__":
    main()
