"""How many threads BLAS takes, and for what."""

from __future__ import annotations

import numpy as np
import pytest
from diptych import backends
from diptych.backends.numpy import blas
from diptych.ir import OPS, Builder, TensorType, dtypes, parse

from tests.samples.control import function

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


@pytest.mark.parametrize("left, right", [("f32[1,100]", "f32[100,100]"), ("f32[100,100]", "f32[100,1]")])
def test_a_vector_times_a_large_matrix_takes_threads(left: str, right: str) -> None:
    """On either side: few products, of a matrix that is large for one with a vector."""
    f = function("f", f"{left} {right}", lambda b, x, y: b.matmul(x, y))
    assert blas.may_take_threads(f)


@pytest.mark.parametrize("name", ["cholesky", "svd", "eigh", "lu", "triangular_solve"])
def test_decompositions_do_not_depend_on_how_many_threads_blas_has(name: str) -> None:
    controls = blas._controls()
    assert controls is not None
    random = np.random.default_rng(0)
    x = random.standard_normal((300, 300))
    arrays = [x @ x.T / 300 + np.eye(300)] if name != "triangular_solve" else [np.tril(x) + 30 * np.eye(300), x]
    b = Builder("f")
    parameters = [b.parameter(TensorType(dtypes.f64, (300, 300))) for _ in arrays]
    attributes = {"lower": True} if name == "triangular_solve" else {}
    executable = backends.compile(b.finish(b.emit(OPS[name], parameters, attributes)), backend="numpy")
    before, found = controls[1](), []
    try:
        for count in (1, 2):
            controls[0](count)
            found.append([result.tobytes() for result in executable(*arrays)])
    finally:
        controls[0](before)
    assert found[0] == found[1]
