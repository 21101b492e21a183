"""What one process makes of the same programs as another: a digest of each program's source and of its results' bits.

    python -m tests.repeated_runs [COUNT]

prints a line a program: random ones, of which all that can be is computed in parts, large elementwise ones, and steps
of networks.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from hashlib import sha256

from diptych import backends
from diptych.backends.numpy.layout import Layout
from diptych.backends.numpy.program import Program
from diptych.backends.settings import configure
from diptych.passes.costs import Rates
from diptych.passes.fuse import fuse
from diptych.passes.recompute import recompute
from diptych.passes.split import split
from diptych.passes.ways import Machine

from benchmarks.columns import COLUMNS
from benchmarks.workloads import WORKLOADS
from tests.elementwise_programs import elementwise_case
from tests.random_programs import random_program

EAGER_TO_SPLIT = Machine(Rates(1.0, 1.0, 1.0, 1.0, 1.0), handover=1.0, meeting=0.0, smallest=0)
STEPS = ("W1", "W2", "W4", "W6")


def digests(count: int) -> Iterator[str]:
    """The lines for so many random programs, and as many tenths of large ones."""
    for seed in range(count):
        random = random_program(seed, 24)
        function = recompute(fuse(split(random.function, 2, EAGER_TO_SPLIT)))
        program = Program(function, (), Layout(4, 2))
        yield _line(f"random {seed}", program.source, (r.tobytes() for r in program.run(*random.arguments)))
    for seed in range(count // 10):
        case = elementwise_case(seed)
        executable = backends.compile(case.function, backend="numpy")
        results = executable(*case.arguments)
        yield _line(f"elementwise {seed}", executable.source, (result.tobytes() for result in results))
    for label in STEPS:
        with backends.captured() as ran:
            step = COLUMNS["diptych static"].make(WORKLOADS[label])
            losses = [step.value(step.run()) for _ in range(3)]
        yield _line(label, "".join(executable.source for executable in ran), [repr(losses).encode()])


def _line(name: str, source: str, results: Iterable[bytes]) -> str:
    return f"{name}: {sha256(source.encode()).hexdigest()[:16]} {sha256(b''.join(results)).hexdigest()[:16]}"


if __name__ == "__main__":
    configure(threads=2)
    for text in digests(int(sys.argv[1]) if len(sys.argv) > 1 else 40):
        print(text)
