"""How many threads BLAS takes, and for what."""

from __future__ import annotations

import pytest
from diptych.backends.numpy import blas
from diptych.ir import parse

PRODUCT = """
func @f(%x: f32[{rows},64], %y: f32[64,64]) -> (f32[{rows},64]) {{
  %z: f32[{rows},64] = matmul %x, %y
  return %z
}}"""


@pytest.fixture
def controls(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The number of threads that a library has, and what it was set to."""
    told = [2]
    monkeypatch.setattr(blas, "_controls", lambda: (told.append, lambda: told[-1]))
    return told


def test_one_thread_until_the_last_gives_back(controls: list[int]) -> None:
    blas.take_one_thread()
    assert controls == [2, 1]
    blas.take_one_thread()
    blas.give_threads_back()
    assert controls == [2, 1]
    blas.give_threads_back()
    assert controls == [2, 1, 2]


def test_one_thread_is_left_as_it_is(controls: list[int]) -> None:
    controls[:] = [1]
    blas.take_one_thread()
    blas.give_threads_back()
    assert controls == [1]


def test_a_library_without_controls_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blas, "_controls", lambda: None)
    blas.take_one_thread()
    blas.give_threads_back()


def test_numpys_wheels_have_a_library_with_controls() -> None:
    """Of whatever platform the tests run on."""
    found = blas._controls()
    assert found is not None
    assert found[1]() >= 1


def test_which_programs_would_take_threads() -> None:
    assert not blas.may_take_threads(parse(PRODUCT.format(rows=64)))
    assert blas.may_take_threads(parse(PRODUCT.format(rows=65)))
    nested = parse("""
    func @f(%x: f32[2,9216]) -> (f32[2]) {
      %z: f32[2] = call %x {body=func @g(%x: f32[2,9216]) -> (f32[2]) {
        %s: f32[2] = reduce_sum %x {axes=[1]}
        return %s
      }}
      return %z
    }""")
    assert blas.may_take_threads(nested)
