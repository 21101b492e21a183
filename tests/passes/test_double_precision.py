"""Programs in double precision."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from diptych.backends.reference.interpreter import evaluate
from diptych.ir import Function, Unsupported, Value, dtypes, ops, verify
from diptych.passes.double_precision import double_precision
from diptych.passes.provenance import Fired, equations_of, traced
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.passes.text import program
from tests.random_programs import Program, random_program
from tests.samples import Sample
from tests.samples.every import SAMPLES

EPSILON = {"f64": 2.0**-52, "f32": 2.0**-23, "f16": 2.0**-10, "bf16": 2.0**-7}


def doubled(function: Function, arguments: Any) -> tuple[np.ndarray, ...]:
    made = double_precision(function)
    verify(made)
    return evaluate(made, [np.asarray(each, p.dtype.numpy) for each, p in zip(arguments, made.parameters, strict=True)])


def near(found: np.ndarray, wanted: np.ndarray, relative: float) -> bool:
    """Where the narrow result is finite; what overflows there need not in double precision."""
    with np.errstate(all="ignore"):
        finite = np.isfinite(wanted)
        wide = wanted.astype(found.dtype)[finite]
        scale = np.abs(wide).max(initial=1.0)
        return bool((np.abs(found[finite] - wide) <= relative * scale).all())


@pytest.mark.parametrize("sample", [each for each in SAMPLES if each.op is not ops.host_call], ids=str)
def test_samples(sample: Sample) -> None:
    function = sample.function()
    wanted = evaluate(function, sample.operands)
    for ours, theirs, result in zip(doubled(function, sample.operands), wanted, function.results, strict=True):
        if not result.dtype.is_differentiable:
            assert ours.dtype == theirs.dtype and ours.shape == theirs.shape
            continue
        assert ours.dtype == (np.complex128 if result.dtype.is_complex else np.float64)
        assert near(ours, theirs, 64 * EPSILON[result.dtype.real.name])


def _floats(function: Function) -> set[Any]:
    values: list[Value] = [*function.parameters]
    for equation in equations_of(function):
        values += equation.results
    return {value.dtype for value in values if value.dtype.is_differentiable}


@settings(
    max_examples=100, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow], database=None
)
@given(st.builds(random_program, st.integers(0, 2**32 - 1), st.integers(1, 30)))
def test_random_programs(made: Program) -> None:
    """Values stay what they were but for roundings, at any depth; nothing narrow is left; twice changes nothing."""
    wanted = evaluate(made.function, made.arguments)
    for ours, theirs in zip(doubled(made.function, made.arguments), wanted, strict=True):
        if theirs.dtype.kind in "biu":
            assert (ours == theirs).all()
        else:
            assert near(ours, theirs, 1e4 * EPSILON[made.dtype.name])
    once = double_precision(made.function)
    assert _floats(once) <= {dtypes.f64, dtypes.c128}
    assert double_precision(once) == once


def test_constants_casts_and_functions_are_doubled() -> None:
    made = double_precision(
        program("""
func @f(%x: f16[2], %n: i32[2]) -> (f32[2], i32[2]) {
  %w: f32[2] = cast %x {dtype=f32}
  %c: f32[2] = constant {value=f32[2] [0.5, 2.0]}
  %m: f32[2] = cast %n {dtype=f32}
  %y: f32[2] = call %w, %c {body=func @g(%a: f32[2], %b: f32[2]) -> (f32[2]) {
    %p: f32[2] = mul %a, %b
    return %p
  }}
  %z: f32[2] = add %y, %m
  return %z, %n
}""")
    )
    assert made == program("""
func @f(%x: f64[2], %n: i32[2]) -> (f64[2], i32[2]) {
  %w: f64[2] = cast %x {dtype=f64}
  %c: f64[2] = constant {value=f64[2] [0.5, 2.0]}
  %m: f64[2] = cast %n {dtype=f64}
  %y: f64[2] = call %w, %c {body=func @g(%a: f64[2], %b: f64[2]) -> (f64[2]) {
    %p: f64[2] = mul %a, %b
    return %p
  }}
  %z: f64[2] = add %y, %m
  return %z, %n
}""")


def test_bits_are_those_of_the_floats_as_they_were() -> None:
    text = """
func @f(%x: f32[2]) -> (u32[2], f32[2]) {
  %b: u32[2] = bitcast %x {dtype=u32}
  %y: f32[2] = bitcast %b {dtype=f32}
  return %b, %y
}"""
    x = np.array([1.5, -2.25], np.float32)
    bits, back = doubled(program(text), [x])
    assert (bits == x.view(np.uint32)).all() and back.dtype == np.float64 and (back == x).all()


def test_host_calls_get_floats_as_they_were_and_make_none() -> None:
    told = double_precision(
        program('func @f(%x: f32[]) -> () { host_call %x {function=host "say", results=[]} return }')
    )
    assert [each.op for each in told.equations] == [ops.cast, ops.host_call]
    assert told.equations[1].operands[0].dtype is dtypes.f32
    text = 'func @f(%x: f32[]) -> (f32[]) { %y: f32[] = host_call %x {function=host "say", results=[f32[]]} return %y }'
    with pytest.raises(Unsupported) as refused:
        double_precision(program(text))
    assert str(refused.value) == "host_call: say makes floats, which cannot be computed in double precision"


def test_every_equation_stands_for_one() -> None:
    text = "func @f(%x: f32[2]) -> (f32[2]) { %y: f32[2] = exp %x %z: f32[2] = neg %y return %z }"
    function = program(text)
    made, provenance, _ = traced(lambda f, fired: double_precision(f), function, Fired())
    assert [provenance.origins[each] for each in made.equations] == list(function.equations)
