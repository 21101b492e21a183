"""Threads that share a numpy program, and what it allocates."""

from __future__ import annotations

import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import numpy as np
import pytest
from diptych import backends
from diptych.backends.numpy.program import Program
from diptych.backends.reference.interpreter import evaluate
from diptych.ir import (
    Builder,
    Function,
    Value,
)
from diptych.passes.autodiff import value_and_gradient
from diptych.passes.expressions import full
from diptych.passes.plan import ALIGNMENT

from tests.numpy_backend.arrays import vector
from tests.numpy_backend.poison import arena_of, instances, program_of
from tests.samples.control import function


def test_eight_threads_run_one_executable() -> None:
    """Each call has a ground of its own: the results are those of each thread's operand, all the time."""

    def body(b: Builder, x: Value) -> list[Value]:
        y = x
        for _ in range(5):
            y = b.tanh(b.matmul(b.sin(y), x))
        return [y, b.reduce_sum(y, axes=(0, 1))]

    executable = backends.compile(function("f", "f64[40,40]", body), backend="numpy")
    start = Barrier(8)
    random = np.random.default_rng(0)
    operands = [random.standard_normal((40, 40)) for _ in range(8)]

    def work(number: int) -> bool:
        start.wait()
        wanted = [result.tobytes() for result in executable(operands[number])]
        return all([r.tobytes() for r in executable(operands[number])] == wanted for _ in range(40))

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(work, range(8)))
    wanted = evaluate(executable.function, [operands[3]])
    np.testing.assert_allclose(executable(operands[3])[0], wanted[0], rtol=1e-12)
    assert 1 <= len(instances(program_of(executable))) <= 8


def test_arenas_are_aligned() -> None:
    program = Program(function("f", "f32[3]", lambda b, x: b.exp(b.sin(x))))
    program.run(vector(1, 2, 3))
    assert arena_of(instances(program)[0]).ctypes.data % 64 == 0


def _perceptron(batch: int, width: int) -> Function:
    def body(b: Builder, x: Value, w: Value, v: Value) -> Value:
        hidden = b.tanh(b.matmul(x, w))
        out = b.matmul(b.sin(b.mul(hidden, hidden)), v)
        return b.reduce_sum(b.mul(out, out), axes=(0, 1))

    return value_and_gradient(
        function("loss", f"f32[{batch},{width}] f32[{width},{width}] f32[{width},{width}]", body), [1, 2]
    )


@pytest.mark.parametrize("dtype", ["f32", "f16", "bf16"])
@pytest.mark.parametrize("shape", ["70000", "3,20000", "200,350", "1,65000,1"])
def test_kernels_of_elements_go_block_by_block(dtype: str, shape: str) -> None:
    """Whatever the order of an operand's elements, bit for bit what the kernel makes of the whole."""

    def body(b: Builder, x: Value, y: Value) -> list[Value]:
        last = tuple(reversed(range(x.rank)))
        turned = b.transpose(b.transpose(b.exp(x), permutation=last), permutation=last)
        low, high = full(b, x.type.with_shape(()), -0.5), full(b, x.type.with_shape(()), 0.75)  # bounds may be numbers
        return [
            b.erf(x), b.lgamma(b.exp(x)), b.pow(b.exp(x), y), b.erfc(b.reverse(turned, axes=(0,))), b.add(x, y),
            b.clamp(low, x, high),
        ]  # fmt: skip

    f = function("f", f"{dtype}[{shape}] {dtype}[{shape}]", body)
    random = np.random.default_rng(0)
    operands = [random.standard_normal(p.type.static_shape()).astype(p.dtype.numpy) for p in f.parameters]
    with np.errstate(all="ignore"):
        found, wanted = Program(f).run(*operands), evaluate(f, operands)
    assert [each.tobytes() for each in found] == [each.tobytes() for each in wanted]


def test_what_kernels_make_is_let_go_of() -> None:
    """Behind the last line that reads it, or a view of it; results stay, and what is small is not worth a line."""

    def body(b: Builder, x: Value, y: Value) -> list[Value]:
        first = b.cumulative_sum(x, axis=0)
        turned = b.transpose(first, permutation=(1, 0))
        second = b.cumulative_sum(b.exp(turned), axis=1)
        return [b.neg(second), second, b.sin(b.cumulative_sum(y, axis=0))]

    f = function("f", "f32[256,128] f32[4]", body)
    lines = [line.split("#")[0].strip() for line in Program(f).source.splitlines()]
    first, second = (number for number, line in enumerate(lines) if line.startswith("del "))
    assert lines[first - 1 : first + 1] == ["v2 = v1.transpose((1, 0))", "del v1"]
    assert lines[second - 1 : second + 1] == ["exp(v2, out=s3)", "del v2"]


@pytest.mark.usefixtures("one_thread")
def test_a_run_allocates_results_alone() -> None:
    """Temporaries lie on the ground; they take less than half of what all values would."""
    executable = backends.compile(_perceptron(256, 128), backend="numpy")
    random = np.random.default_rng(0)
    arguments = [random.standard_normal(p.type.static_shape()).astype("f4") for p in executable.function.parameters]
    executable(*arguments)
    tracemalloc.start()
    try:
        executable(*arguments)
        _, allocated = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    plan = program_of(executable).plan
    assert allocated <= 1.1 * plan.outputs + 20_000
    assert executable.peak_bytes is not None and plan.arena + plan.outputs <= executable.peak_bytes + 3 * ALIGNMENT
    every = sum(result.type.bytes() for e in executable.optimised.every_equation() for result in e.results)
    assert plan.arena < every / 2


def test_values_that_a_kernel_makes_are_not_copied(monkeypatch: pytest.MonkeyPatch) -> None:
    """A convolution of integers returns a view of its own array: 4 MB that need not be moved again. Parts would be."""
    monkeypatch.setattr("diptych.backends.settings.thread_count", lambda: 1)
    f = function(
        "f", "i32[8,64,64,8] i32[3,3,8,8]",
        lambda b, x, k: b.convolution(x, k, layout="n01c,01io->n01c", stride=(1, 1), padding=((1, 1), (1, 1)),
                                      x_dilation=(1, 1), kernel_dilation=(1, 1)),
    )  # fmt: skip
    (result,) = Program(f).run(np.ones((8, 64, 64, 8), "i4"), np.ones((3, 3, 8, 8), "i4"))
    assert result.base is not None and result.flags.writeable
