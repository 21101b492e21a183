"""What programs are said to take is what they take: measured in a process of their own, for all that takes much."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from diptych.backends.numpy.program import Program
from diptych.ir import Builder, Function, Value

from tests.numpy_backend.high_water import ENVIRONMENT
from tests.numpy_backend.memory_cases import CASES
from tests.random_programs import random_program
from tests.samples.control import function

SLACK = 1 << 21  # bytes: a page of those that arenas lie in


def _measured(threads: int) -> dict[str, tuple[int, int]]:
    command = [sys.executable, "-m", "tests.numpy_backend.high_water"]
    environment = {**os.environ, **ENVIRONMENT, "DIPTYCH_THREADS": str(threads)}
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return json.loads(ran.stdout)


@pytest.fixture(scope="module")
def measured() -> dict[str, tuple[int, int]]:
    return _measured(1)


@pytest.fixture(scope="module")
def measured_in_parts() -> dict[str, tuple[int, int]]:
    return _measured(2)


@pytest.mark.parametrize("name", CASES)
def test_planned_and_taken(measured: dict[str, tuple[int, int]], name: str) -> None:
    planned, taken = measured[name]
    assert abs(planned - taken) <= 0.05 * planned + SLACK


@pytest.mark.parametrize("name", CASES)
def test_parts_take_no_more_than_planned(measured_in_parts: dict[str, tuple[int, int]], name: str) -> None:
    """Less, where not all of them have what their kernels make at once."""
    planned, taken = measured_in_parts[name]
    assert taken <= 1.05 * planned + SLACK


def products(b: Builder, x: Value) -> Value:
    for _ in range(3):
        x = b.matmul(x, x)
    return x


def test_arena_results_and_donated_parameters_count() -> None:
    f = function("f", "f32[16,16]", products)
    peak = Program(f).peak
    assert peak.plan.arena == 2048
    assert peak.bytes == 2048 + 1024
    assert Program(f, (0,)).peak.bytes == 2048 + 1024  # what is written over counts as the result does
    assert Program(function("f", "f32[16,16]", lambda b, x: x)).peak.bytes == 1024  # a copy


def test_the_place_and_what_is_there() -> None:
    """The wide product, while what it reads and makes is there."""

    def body(b: Builder, x: Value, w: Value) -> Value:
        small = b.sin(b.matmul(x, x))
        return b.reduce_sum(b.matmul(small, w), axes=(1,))

    peak = Program(function("f", "f32[16,16] f32[16,64]", body)).peak
    equation = peak.moment().equation
    assert equation is not None and equation.op.name == "matmul"
    assert [(each.value.type.static_shape(), each.size) for each in peak.moment().there[:3]] == [
        ((16, 64), 4096),
        ((16, 16), 1024),
    ]


def test_arenas_of_nested_programs_count() -> None:
    inner = function("inner", "f32[16,16]", products)
    other = function("other", "f32[16,16]", lambda b, x: b.matmul(x, x))
    outer: Function = function("f", "bool[] f32[16,16]", lambda b, p, x: b.cond(p, x, on_true=inner, on_false=other))
    peak = Program(outer).peak
    assert (peak.plan.arena, peak.grounds, max(peak.outside), peak.bytes) == (0, 2048, 1024, 3072)


def test_programs_without_equations() -> None:
    peak = Program(function("f", "", lambda b: [])).peak
    assert (peak.bytes, peak.moment().equation, peak.moment().there) == (0, None, [])


@pytest.mark.parametrize("seed", range(60))
def test_random_programs_take_at_least_what_they_return(seed: int) -> None:
    f = random_program(seed, 20).function
    peak = Program(f).peak
    assert peak.bytes >= peak.plan.arena + sum(result.type.bytes() for result in f.results)
    assert all(each.size >= 0 for each in peak.moment().there)
