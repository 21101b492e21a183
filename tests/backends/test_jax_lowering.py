"""Programs on jax: 64-bit types, control flow, host calls in order, and what cannot be lowered."""

from __future__ import annotations

import subprocess
import sys
import threading
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from diptych.backends.jax import require_jax, traceable, wide_types
from diptych.backends.reference import evaluate
from diptych.ir import Builder, Constant, DiptychError, Function, HostFunction, TensorType, Unsupported, dtypes, named

from tests.samples.control import function
from tests.samples.notation import f32, f64, i32, typed


def run(program: Function, *arguments: Any) -> list[np.ndarray]:
    with wide_types():
        results = jax.jit(traceable(program))(*arguments)
        jax.effects_barrier()
        return [np.asarray(result) for result in results]


def test_64_bits_stay_without_a_global_setting() -> None:
    b = Builder()
    x, n = b.parameter(typed("f64[]")), b.parameter(typed("i64[]"))
    program = b.finish([b.add(x, x), b.mul(n, n)])
    total, square = run(program, f64(1 + 2**-50), np.int64(2**31))
    assert total == 2 + 2**-49
    assert square == 2**62
    assert jnp.asarray(1.0).dtype == jnp.float32


def test_wide_types_belong_to_their_thread() -> None:
    seen: list[Any] = []
    with wide_types():
        thread = threading.Thread(target=lambda: seen.append(jnp.asarray(1.0).dtype))
        thread.start()
        thread.join()
        assert jnp.asarray(1.0).dtype == jnp.float64
    assert seen == [jnp.float32]


def test_named_dimensions_must_be_specialised_first() -> None:
    b = Builder()
    x = b.parameter(TensorType(dtypes.f32, (named("batch"),)))
    with pytest.raises(Unsupported) as caught:
        traceable(b.finish([x]))
    assert caught.value.message == "@main: dimension batch is a name but must be a number on backend jax"
    assert caught.value.hint == "specialise the function to its sizes first"


def test_a_name_in_an_attribute_alone_is_refused_with_its_line() -> None:
    b = Builder()
    program = b.finish([b.iota(shape=(named("batch"),), axis=0, dtype=dtypes.i32)])
    with wide_types(), pytest.raises(DiptychError) as caught:
        jax.eval_shape(traceable(program))
    assert caught.value.message == "iota: shape is [batch] but must be numbers"
    assert caught.value.location is not None
    assert caught.value.location.file == __file__


def test_a_missing_jax_is_said_with_the_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jax", None)
    for use in (require_jax, wide_types, lambda: traceable(Builder().finish([]))):
        with pytest.raises(Unsupported) as caught:
            use()
        assert str(caught.value) == "backend jax: jax is not installed\n  try: pip install 'diptych[jax]'"


def test_the_package_and_the_reference_do_not_import_jax() -> None:
    code = "import diptych.backends.jax, diptych.backends.reference, sys; sys.exit('jax' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_calls_and_fused_groups_are_inlined() -> None:
    body = function("body", "f32[]", lambda b, x: b.mul(x, x))
    b = Builder()
    x = b.parameter(typed("f32[]"))
    program = b.finish([*b.call(x, body=body), *b.fused(x, body=body)])
    with wide_types():
        names = [equation.primitive.name for equation in jax.make_jaxpr(traceable(program))(f32(1)).eqns]
    assert "call" not in " ".join(names)
    assert [result.item() for result in run(program, f32(3))] == [9, 9]


def test_matrix_products_keep_full_precision() -> None:
    b = Builder()
    x = b.parameter(typed("f32[2,2]"))
    program = b.finish([b.matmul(x, x)])
    with wide_types():
        text = str(jax.make_jaxpr(traceable(program))(f32([[1, 2], [3, 4]])))
    assert "HIGHEST" in text


def _recorder(record: list[tuple[str, float]]) -> Any:
    """Makes host functions that write down that they ran."""

    def host(name: str) -> HostFunction:
        def note(x: np.ndarray) -> np.ndarray:
            record.append((name, float(x)))
            return x + 1

        return HostFunction(f"test.{name}", note)

    return host


def _chatty(host: Any) -> Function:
    """Host calls at the top, in a branch, in a scan and in a loop."""
    one = (typed("f64[]"),)
    branch = function("branch", "f64[]", lambda b, x: b.host_call(x, function=host("branch"), results=one))
    silent = function("silent", "f64[]", lambda b, x: x)
    step = function("step", "f64[]", lambda b, x: b.host_call(x, function=host("scan"), results=one))
    below = function("below", "f64[]", lambda b, x: b.lt(x, b.constant(value=Constant(7.0, dtypes.f64))))
    turn = function("turn", "f64[]", lambda b, x: b.host_call(x, function=host("loop"), results=one))
    b = Builder()
    x, flag = b.parameter(typed("f64[]")), b.parameter(typed("bool[]"))
    first = b.host_call(x, function=host("first"), results=one)[0]
    b.host_call(first, function=HostFunction("test.print", host("print").function), results=())
    value = b.cond(flag, first, on_true=branch, on_false=silent)[0]
    value = b.scan(value, body=step, length=2, carries=1)[0]
    value = b.while_loop(value, condition=below, body=turn)[0]
    return b.finish(b.host_call(value, function=host("last"), results=one))


@pytest.mark.parametrize("flag", [True, False])
def test_host_calls_run_once_and_in_order_as_on_the_reference(flag: bool) -> None:
    results: list[float] = []
    records: list[list[tuple[str, float]]] = [[], []]
    for record, execute in zip(records, (evaluate, lambda program, arguments: run(program, *arguments)), strict=True):
        program = _chatty(_recorder(record))
        results.append(float(execute(program, [f64(1 + 2**-50), np.bool_(flag)])[0]))
    assert results[0] == results[1]
    assert records[0] == records[1]
    names = [name for name, _ in records[0]]
    assert names[:2] == ["first", "print"]
    assert ("branch" in names) is flag
    assert names[-1] == "last"


def test_loops_carry_every_type() -> None:
    """State of several dtypes stays strongly typed, so that jax finds the same types in every round."""
    kinds = ("bool[]", "i8[2]", "u64[]", "bf16[]", "f16[]", "f64[]", "c64[]")
    text = " ".join(("i32[]", *kinds))
    below = function("below", text, lambda b, count, *state: b.lt(count, b.constant(value=Constant(3, dtypes.i32))))
    body = function(
        "body", text,
        lambda b, count, flag, *rest: [b.add(count, b.constant(value=Constant(1, dtypes.i32))),
                                       b.bitwise_not(flag), *(b.add(x, x) for x in rest)],
    )  # fmt: skip
    b = Builder()
    state = [b.parameter(typed(kind)) for kind in ("i32[]", *kinds)]
    program = b.finish(b.while_loop(*state, condition=below, body=body))
    arguments = [np.ones(type.static_shape(), type.dtype.numpy) for type in program.parameter_types]
    arguments[0] = i32(0)
    wanted = evaluate(program, arguments)
    for found, expected in zip(run(program, *arguments), wanted, strict=True):
        assert found.dtype == expected.dtype
        assert np.array_equal(found, expected)


def test_one_trace_serves_all_calls() -> None:
    """The traceable function is pure, and its results depend on nothing but types while it is traced."""
    b = Builder()
    x = b.parameter(typed("f32[3]"))
    traced = traceable(b.finish([b.sin(x)]))
    count = []

    def counted(*arrays: Any) -> Any:
        count.append(1)
        return traced(*arrays)

    with wide_types():
        jitted = jax.jit(counted)
        for scale in (1, 2, 3):
            jitted(f32([1, 2, 3]) * np.float32(scale))
    assert len(count) == 1
