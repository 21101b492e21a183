"""Programs that would take more than they may are refused before they run, on numpy and on jax."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from diptych import backends
from diptych.backends.executable import Executable
from diptych.backends.settings import configure
from diptych.ir import Builder, Function, Location, MemoryBudgetExceeded, TensorType, dtypes, named, ops
from diptych.passes.autodiff import value_and_gradient
from diptych.passes.keeping import Keeping, keeping

HINT = "  try: a larger memory_budget, smaller batches, or fewer values kept for gradients"


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    before = configure(threads=1)
    yield
    configure(threads=None, memory_budget=before.memory_budget)


def model(batch: int = 256) -> Function:
    """h = x @ w; return h @ w summed up."""
    b = Builder("model")
    x = b.parameter(TensorType(dtypes.f32, (batch, 128)), "x")
    w = b.parameter(TensorType(dtypes.f32, (128, 128)), "w")
    b.location = Location("model.py", 3, text="h = x @ w")
    h = b.emit(ops.matmul, [x, w], {"lhs_contract": (1,), "rhs_contract": (0,)}, names=["h"])[0]
    b.location = Location("model.py", 4, text="y = h @ w")
    y = b.matmul(h, w)
    return b.finish([b.reduce_sum(y, axes=(0, 1))])


def arguments(f: Function) -> list[np.ndarray]:
    return [np.ones(parameter.type.static_shape(), np.float32) for parameter in f.parameters]


TEXT = f"""\
compile: memory_budget is 200000 bytes but must be 262180 or more, which @model takes at matmul; the largest values \
then:
  131072 bytes: %h: f32[256,128], made at model.py:3: h = x @ w
  131072 bytes: f32[256,128], made at model.py:4: y = h @ w
  at model.py:4: y = h @ w
{HINT}"""


def test_what_is_told() -> None:
    with pytest.raises(MemoryBudgetExceeded) as caught:
        backends.compile(model(), backend="numpy", memory_budget=200_000)
    assert str(caught.value) == TEXT
    assert (caught.value.budget, caught.value.peak) == (200_000, 262_180)


def test_the_setting_holds_for_programs_compiled_before_too() -> None:
    f = model()
    assert backends.compile(f, backend="numpy")(*arguments(f))
    configure(memory_budget=200_000)
    with pytest.raises(MemoryBudgetExceeded) as caught:
        backends.compile(f, backend="numpy")
    assert str(caught.value) == TEXT


def test_an_argument_goes_before_the_setting() -> None:
    configure(memory_budget=1)
    f = model()
    for budget in (0, 262_180):
        assert backends.compile(f, backend="numpy", memory_budget=budget)(*arguments(f))


def test_sizes_decide() -> None:
    b = Builder("f")
    x = b.parameter(TensorType(dtypes.f32, (named("n"),)), "x")
    run = backends.compile(b.finish([b.exp(x)]), backend="numpy", memory_budget=400)
    assert run(np.zeros(100, np.float32))[0].tolist() == [1] * 100
    with pytest.raises(MemoryBudgetExceeded, match="memory_budget is 400 bytes but must be 404 or more"):
        run(np.zeros(101, np.float32))


def test_results_that_are_copies() -> None:
    b = Builder("f")
    x = b.parameter(TensorType(dtypes.f32, (100,)), "x")
    with pytest.raises(MemoryBudgetExceeded) as caught:
        backends.compile(b.finish([x]), backend="numpy", memory_budget=100)
    assert str(caught.value) == (
        "compile: memory_budget is 100 bytes but must be 400 or more, which @f takes when it returns; the largest values "
        f"then:\n  400 bytes: %x: f32[100], a parameter\n{HINT}"
    )


def test_parts_of_a_program() -> None:
    """What is in them is named, and counts once a thread."""
    configure(threads=2)
    with pytest.raises(MemoryBudgetExceeded) as caught:
        backends.compile(model(4096), backend="numpy", memory_budget=1_000)
    lines = str(caught.value).split("\n")
    assert lines[0].endswith("which @model takes at matmul; the largest values then:")
    assert lines[1] == "  2097152 bytes: %h: f32[2048,128] of each of 2 parts, made at model.py:3: h = x @ w"
    assert lines[-2] == "  at model.py:4: y = h @ w"


def test_jax_tells_as_well() -> None:
    b = Builder("model")
    x = b.parameter(TensorType(dtypes.f32, (128, 128)), "x")
    f = b.finish([b.matmul(b.matmul(b.sin(x), x), x)])
    executable = backends.compile(f, backend="jax", memory_budget=10**9)
    assert isinstance(executable, Executable)
    peak = executable.peak_bytes
    assert peak is not None and 2 * 65_536 <= peak <= 4 * 65_536  # the result and what it is made of
    np.testing.assert_allclose(executable(*arguments(f))[0], np.full((128, 128), np.sin(1) * 128**2), rtol=1e-5)
    with pytest.raises(MemoryBudgetExceeded) as caught:
        backends.compile(f, backend="jax", memory_budget=1)
    assert str(caught.value) == (
        f"compile: memory_budget is 1 bytes but must be {peak} or more, which @model takes\n{HINT}"
    )


def test_the_reference_does_not_tell() -> None:
    f = model(4)
    assert backends.compile(f, backend="reference", memory_budget=1)(*arguments(f))


def deep(layers: int = 24) -> Function:
    """The gradient, to all weights, of the sum of x after so many layers sin(x @ w)."""
    b = Builder("deep")
    x = b.parameter(TensorType(dtypes.f32, (256, 64)), "x")
    for layer in range(layers):
        x = b.sin(b.matmul(x, b.parameter(TensorType(dtypes.f32, (64, 64)), f"w{layer}")))
    return value_and_gradient(b.finish([b.reduce_sum(x, axes=(0, 1))]))


def test_what_is_kept_for_the_backward_fits_the_budget() -> None:
    """All is kept while that fits; then what takes the least time; the numbers are the same."""
    f = deep()
    whole = backends.compile(f, backend="numpy")
    assert isinstance(whole, Executable) and whole.peak_bytes is not None
    for share in (1.0, 0.8, 0.6, 0.5):
        budget = int(share * whole.peak_bytes)
        fitting = backends.compile(f, backend="numpy", memory_budget=budget)
        assert isinstance(fitting, Executable) and fitting.peak_bytes is not None
        assert fitting.peak_bytes <= budget
        assert (fitting.records[0].name == "keep") is (share < 1)
        assert backends.compile(f, backend="numpy", memory_budget=budget).runner is fitting.runner
        for ours, theirs in zip(fitting(*arguments(f)), whole(*arguments(f)), strict=True):
            np.testing.assert_array_equal(ours, theirs)


def test_where_nothing_fits_the_least_is_told() -> None:
    with pytest.raises(MemoryBudgetExceeded) as caught:
        backends.compile(deep(), backend="numpy", memory_budget=1000)
    whole = backends.compile(deep(), backend="numpy", memory_budget=0)
    assert isinstance(whole, Executable) and whole.peak_bytes is not None
    assert caught.value.peak < whole.peak_bytes / 2


def test_xla_is_given_what_to_compute_again() -> None:
    """On a CPU it takes no less for it: XLA removes barriers there, as it does those of jax.checkpoint."""
    executable = backends.compile(keeping(deep(), Keeping(4)), backend="jax")
    assert isinstance(executable, Executable)
    assert executable.runner.stablehlo().count("optimization_barrier") >= 4  # pyright: ignore[reportAttributeAccessIssue]
    wanted = backends.compile(deep(), backend="numpy")(*arguments(deep()))
    for ours, theirs in zip(executable(*arguments(deep())), wanted, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-4)
