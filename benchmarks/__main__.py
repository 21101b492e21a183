"""Compares diptych with other frameworks on the workloads, and prints the table.

python -m benchmarks [W1 W4 ...] [--rounds 3] [--columns NAME ...] [--python torch=PYTHON jax=PYTHON tensorflow=PYTHON]

Every measurement is a process of its own, in the environment of its framework: that of `--python`, or this one where it
has the module; others are left out. Rounds are interleaved. A number is the median over the rounds, in microseconds a
step, and its ratio to the fastest of the row. Losses after four steps must agree.
"""

import argparse
import importlib.util
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.columns import BY_HAND, COLUMNS, NATIVE, Column
from benchmarks.workloads import WORKLOADS

ROOT = Path(__file__).resolve().parent.parent
STEADY = list(WORKLOADS)
LIMIT = 600  # seconds that a process may take
AGREE = 1e-3  # relative difference between losses

CEILINGS = """
import json, time
import numpy as np
def best(f, times=7):
    f()
    took = []
    for _ in range(times):
        start = time.perf_counter(); f(); took.append(time.perf_counter() - start)
    return min(took)
a = np.ones((1024, 1024), np.float32); out = np.empty_like(a)
u = np.ones(1 << 26, np.float32); v = np.empty_like(u)
print(json.dumps({"sgemm GFLOP/s": 2 * 1024**3 / best(lambda: np.matmul(a, a, out=out)) / 1e9,
                  "copy GB/s": 2 * u.nbytes / best(lambda: np.copyto(v, u)) / 1e9}))
"""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("workloads", nargs="*", choices=[*WORKLOADS, []], default=[], metavar="WORKLOAD")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--columns", nargs="+", choices=COLUMNS, default=list(COLUMNS))
    parser.add_argument("--python", nargs="+", default=[], metavar="NAME=PYTHON")
    parser.add_argument("--budget", type=float, default=0.5, help="seconds of steps a measurement")
    given = parser.parse_args()
    pythons = dict(pair.split("=", 1) for pair in given.python)
    columns = {name: COLUMNS[name] for name in given.columns if _python(COLUMNS[name], pythons) is not None}
    labels = given.workloads or STEADY
    _say_machine()
    rows: list[dict[str, Any]] = []
    for number in range(given.rounds):
        for name, column in columns.items():
            rows += _measure(column, _python(column, pythons), labels, ["--budget", str(given.budget)])
            print(f"round {number + 1}: {name}", file=sys.stderr, flush=True)
    _print_steps(rows, labels, list(columns))
    if "W4" in labels:
        first = [
            row
            for column in columns.values()
            for row in _measure(column, _python(column, pythons), ["W4"], ["--first"])
        ]
        _print_first(first)
    if not given.workloads:
        _print_import()


def _python(column: Column, pythons: dict[str, str]) -> str | None:
    """The Python that runs a column; None where there is none."""
    if column.environment in pythons:
        return pythons[column.environment]
    needed = column.modules if column.environment == "here" else (column.environment,)
    return sys.executable if all(importlib.util.find_spec(module) is not None for module in needed) else None


def _environment(changes: dict[str, str | None]) -> dict[str, str]:
    found = dict(os.environ)
    for name, value in changes.items():
        found.pop(name, None)
        if value is not None:
            found[name] = value
    return found


def _measure(column: Column, python: str | None, labels: list[str], options: list[str]) -> list[dict[str, Any]]:
    """What the process of a column prints: a row for each workload, with an error where it gave none."""
    assert python is not None
    if column.name == BY_HAND:
        labels = [label for label in labels if WORKLOADS[label].is_by_hand]
    command = [python, "-m", "benchmarks.measure", column.name, *labels, *options]
    with tempfile.TemporaryFile("w+") as errors:
        try:
            ran = subprocess.run(
                command, cwd=ROOT, env=_environment(column.variables), stdout=subprocess.PIPE, stderr=errors,
                text=True, timeout=LIMIT,
            )  # fmt: skip
            text = ran.stdout
        except subprocess.TimeoutExpired as error:
            text = error.stdout.decode() if isinstance(error.stdout, bytes) else error.stdout or ""
    rows = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
    missing = set(labels) - {row["workload"] for row in rows}
    return [*rows, *({"column": column.name, "workload": label, "error": "no result"} for label in missing)]


def _say_machine() -> None:
    program = [sys.executable, "-c", CEILINGS]
    found = []
    for threads in (1, None):
        variables = {**NATIVE, "OPENBLAS_NUM_THREADS": None if threads is None else str(threads)}
        ran = subprocess.run(program, env=_environment(variables), stdout=subprocess.PIPE, text=True, check=True)
        numbers = ", ".join(f"{name} {value:.0f}" for name, value in json.loads(ran.stdout).items())
        found.append(f"{'all threads' if threads is None else 'one thread'}: {numbers}")
    print(
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}; numpy, {'; '.join(found)}"
    )


def _print_steps(rows: list[dict[str, Any]], labels: list[str], columns: list[str]) -> None:
    versions = {name: version for row in rows for name, version in row.get("versions", {}).items()}
    print(", ".join(f"{name} {version}" for name, version in sorted(versions.items())))
    for label in labels:
        print(f"\n{label}: {WORKLOADS[label].title}")
        times: dict[str, list[float]] = {}
        losses: dict[str, float] = {}
        quiet: dict[str, int] = {}
        for row in (row for row in rows if row["workload"] == label):
            if "error" in row:
                print(f"  {row['column']:18} {row['error']}")
                continue
            times.setdefault(row["column"], []).append(row["seconds"] * 1e6)
            losses[row["column"]] = row["losses"][-1]
            quiet[row["column"]] = quiet.get(row["column"], 0) + (row["quiet"] >= 3)
        if not times:
            continue
        middle = {name: statistics.median(found) for name, found in times.items()}
        fastest, loss = min(middle.values()), statistics.median(losses.values())
        for name in (name for name in columns if name in middle):
            spread = f"{min(times[name]):.1f} to {max(times[name]):.1f}"
            wrong = "" if abs(losses[name] - loss) <= AGREE * abs(loss) else f"  loss {losses[name]} is not {loss}"
            rounds = f"quiet {quiet[name]} of {len(times[name])}"
            print(f"  {name:18} {middle[name]:12.1f} us  x {middle[name] / fastest:6.2f}  [{spread}; {rounds}]{wrong}")


def _print_first(rows: list[dict[str, Any]]) -> None:
    print("\nW7, W10: first and second result of W4 in a process that has the framework imported, and memory over that")
    for row in rows:
        if "error" in row:
            print(f"  {row['column']:18} {row['error']}")
        else:
            print(
                f"  {row['column']:18} {row['first']:8.3f} s {row['second']:8.3f} s {row['peak']:8.1f} MB over"
                f" {row['base']:.0f}"
            )


def _print_import() -> None:
    """W9: seconds to import the eager front end, and what the environment takes on disk."""
    program = "import time; t = time.perf_counter(); import diptych.{}; print(time.perf_counter() - t)"
    print("\nW9: import")
    for name in ("static", "eager"):
        took = [
            float(subprocess.run([sys.executable, "-c", program.format(name)], capture_output=True, text=True).stdout)
            for _ in range(5)
        ]
        print(f"  diptych.{name:10} {statistics.median(took):6.3f} s")


if __name__ == "__main__":
    main()
