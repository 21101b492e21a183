"""Large elementwise groups give the reference's bits, in blocks and in threads; only sums may be rounded otherwise."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from diptych import backends
from diptych.backends.reference.interpreter import evaluate
from diptych.backends.settings import configure, settings
from diptych.ir import Function, ops

from tests.elementwise_programs import Case, elementwise_case

SEEDS = range(18)


@pytest.fixture(autouse=True)
def threads() -> Iterator[None]:
    before = settings().threads
    yield
    configure(threads=before)


def compiled(case: Case, threads: int) -> backends.Executable:
    configure(threads=threads)
    executable = backends.compile(case.function, backend="numpy")
    assert isinstance(executable, backends.Executable)
    return executable


@pytest.mark.parametrize("seed", SEEDS)
def test_random_groups(seed: int) -> None:
    """However many threads there are, what is no sum has the reference's bits."""
    case = elementwise_case(seed)
    wanted = evaluate(case.function, case.arguments)
    for count in (1, 2, 3):
        assert case.problem(compiled(case, count)(*case.arguments), wanted) is None


def test_programs_of_these_seeds_go_in_blocks_and_in_parts() -> None:
    """Else the test above would show little."""
    blocks = parts = 0
    for seed in SEEDS:
        executable = compiled(elementwise_case(seed), 2)
        blocks += "\n        " in executable.source or "    for v" in executable.source
        parts += any(equation.op is ops.parallel for equation in executable.optimised.equations)
    assert blocks >= 8 and parts >= 12


def _ops(function: Function) -> Iterator[str]:
    for equation in function.equations:
        yield equation.op.name
        for _, nested in equation.functions():
            yield from _ops(nested)


def test_programs_reach_every_dtype_and_op() -> None:
    """Of real numbers: complex products are rounded otherwise where they are written over an operand."""
    seen: set[str] = set()
    dtypes: set[str] = set()
    for seed in range(400):
        function = elementwise_case(seed).function
        seen.update(_ops(function))
        dtypes.update(value.dtype.name for equation in function.equations for value in equation.results)
    elementwise = {op.name for op in ops.__dict__.values() if getattr(op, "group", "") == "elementwise"}
    missing = {"identity", "complex", "real", "imag", "conj", "polygamma", "bitcast", "divisor"}
    assert elementwise - seen == missing
    assert dtypes == {"bool", "f16", "bf16", "f32", "f64", "i8", "i16", "i32", "i64", "u8", "u32", "u64"}
