"""Real digits, two ways, one program: trains the same two models as a TensorFlow-1 graph and as a PyTorch program,
and shows that both front ends reached the same optimised IR.

    make demo
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from time import perf_counter
from typing import Any

import digits_eager as eager
import digits_static as static
from diptych import backends
from diptych.ir import Function
from diptych.ir.canonical import canonical
from diptych.ir.printer import print_function
from tqdm import tqdm

RATE = 0.2
WANTED = {"softmax regression": 0.87, "network 784-256-10": 0.91}  # accuracy on the test digits


def bar(title: str) -> Callable[[Iterable[Any]], Iterable[Any]]:
    """A progress bar over the steps."""
    return lambda steps: tqdm(steps, desc=title, unit="step", file=sys.stderr)


def main() -> int:
    """Trains, compares, prints; returns 1 where an accuracy is too low or the programs differ."""
    runs: list[tuple[str, str, Callable[[], float]]] = [
        ("softmax regression", "static", lambda: static.train(static.softmax_logits, RATE, bar("softmax, static"))),
        ("softmax regression", "eager", lambda: eager.train(eager.Softmax, RATE, bar("softmax, eager "))),
        ("network 784-256-10", "static", lambda: static.train(static.network_logits, RATE, bar("network, static"))),
        ("network 784-256-10", "eager", lambda: eager.train(eager.network, RATE, bar("network, eager "))),
    ]
    ran: dict[tuple[str, str], Iterable[Any]] = {}
    lines: list[str] = []
    failed = False
    for model, front_end, train in runs:
        start = perf_counter()
        with backends.captured() as executables:
            accuracy = train()
        ran[model, front_end] = executables
        failed |= accuracy < WANTED[model]
        lines.append(f"{model:20} {front_end:8} test accuracy {accuracy:.3f}   {perf_counter() - start:5.1f} s")
    print("\n".join(lines))

    steps = {end: _steps(ran["softmax regression", end]) for end in ("static", "eager")}
    shared = steps["static"].keys() & steps["eager"].keys()
    if not shared:
        print("\nThe two front ends reached different programs for the softmax step.")
        return 1
    fingerprint = min(shared)
    print(f"\nBoth front ends reached the same optimised IR for the softmax step, {fingerprint}:\n")
    print(print_function(steps["static"][fingerprint]), end="")
    return int(failed)


def _steps(executables: Iterable[Any]) -> dict[str, Function]:
    """The programs that change the weights they are given, by a fingerprint that ignores names and argument order."""
    found: dict[str, Function] = {}
    for executable in executables:
        function: Function = executable.optimised
        given = {parameter.type for parameter in function.parameters}
        if len(function.results) > 1 and sum(result.type in given for result in function.results) > 1:
            found[canonical(function).fingerprint] = function
    return found


if __name__ == "__main__":
    sys.exit(main())
