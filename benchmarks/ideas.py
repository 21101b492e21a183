"""What each pass and each habit of the numpy backend gains: the workloads without it, against the same with it.

python -m benchmarks.ideas [W1 W4 ...] [--rounds 3] [--ideas NAME ...]

Every measurement is a process of its own; those with and without an idea are interleaved, and a number is the ratio of
their medians: 1.3 is a step that takes 1.3 times as long without it.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
from collections.abc import Callable

from benchmarks.columns import NATIVE
from benchmarks.workloads import WORKLOADS

COLUMN = "diptych static"
STEADY = ("W1", "W2", "W3", "W4", "W4b", "W5", "W5s", "W6", "H2", "H3", "H4")


def _without_pass(name: str) -> Callable[[], None]:
    def change() -> None:
        from diptych.backends import pipelines

        kept = tuple(each for each in pipelines.PIPELINES["numpy"] if each != name)
        pipelines.PIPELINES["numpy"] = kept  # pyright: ignore[reportIndexIssue]

    return change


def _one_thread() -> None:
    from diptych.backends.settings import configure

    configure(threads=1)


def _whole_groups() -> None:
    from diptych.backends.numpy import layout

    layout.BLOCK = layout.SHARED_BLOCK = 1 << 40
    layout.Layout.__init__.__defaults__ = (1 << 40, 1 << 40)


def _no_paired_products() -> None:
    from diptych.backends.numpy import contraction

    contraction.LEAST = 1 << 60


def _sums_by_numpy() -> None:
    from diptych.backends.numpy import reduction

    reduction.summing = lambda equation: None


def _results_of_their_own() -> None:
    from diptych.backends import compiler

    compiled = compiler._compiled
    compiler._compiled = lambda function, backend, donate: compiled(function, backend, ())


IDEAS: dict[str, Callable[[], None]] = {
    "threads": _one_thread,
    "blocks": _whole_groups,
    "products by several threads": _no_paired_products,
    "sums by products": _sums_by_numpy,
    "state in place": _results_of_their_own,
    **{
        name: _without_pass(name)
        for name in (
            "gather_rounds", "gather_products", "widen", "turn_matrices", "channels_last", "split", "fuse", "recompute",
        )
    },
}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.ideas", description=__doc__)
    parser.add_argument("workloads", nargs="*", choices=[*WORKLOADS, []], default=[], metavar="WORKLOAD")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--ideas", nargs="+", choices=IDEAS, default=list(IDEAS))
    parser.add_argument("--without", help="for a process of this program's own: measures without an idea")
    given = parser.parse_args()
    labels = given.workloads or list(STEADY)
    if given.without is not None:
        _measure(labels, given.without)
        return
    print(f"{'without':30}" + "".join(f"{label:>8}" for label in labels))
    for idea in given.ideas:
        took: dict[str, dict[str, list[float]]] = {"": {}, idea: {}}
        for _ in range(given.rounds):
            for without, found in took.items():
                for label, seconds in _process(labels, without).items():
                    found.setdefault(label, []).append(seconds)
        ratios = {
            label: statistics.median(took[idea][label]) / statistics.median(took[""][label])
            for label in labels
            if label in took[""] and label in took[idea]
        }
        cells = (f"{ratios[label]:8.2f}" if label in ratios else f"{'-':>8}" for label in labels)
        print(f"{idea:30}" + "".join(cells), flush=True)


def _process(labels: list[str], without: str) -> dict[str, float]:
    """Seconds a step, by workload, of a process without an idea; with all where that has no name."""
    environment = {name: value for name, value in os.environ.items() if name not in NATIVE}
    command = [sys.executable, "-m", "benchmarks.ideas", *labels, "--without", without]
    ran = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True)
    return dict(json.loads(line) for line in ran.stdout.splitlines() if line.startswith("["))


def _measure(labels: list[str], without: str) -> None:
    from benchmarks.columns import COLUMNS
    from benchmarks.timing import seconds_a_step

    if without:
        IDEAS[without]()
    for label in labels:
        step = COLUMNS[COLUMN].make(WORKLOADS[label])
        for _ in range(4):
            step.value(step.run())
        print(json.dumps([label, seconds_a_step(step, WORKLOADS[label].wait, 0.3)["seconds"]]), flush=True)


if __name__ == "__main__":
    main()
