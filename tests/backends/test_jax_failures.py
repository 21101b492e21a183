"""What host functions raise in programs on jax comes out as it does on the reference: with its cause and line."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from diptych import backends
from diptych.ir import Builder, DiptychError, Function, HostFunction, Value

from tests.samples.control import function
from tests.samples.notation import typed


def picky(x: np.ndarray) -> np.ndarray:
    if x < 0:
        raise ValueError("no luck")
    return x


PICKY = HostFunction("tests.picky", picky)
F64 = (typed("f64[]"),)


def asks(b: Builder, x: Value) -> Any:
    return b.host_call(x, function=PICKY, results=F64)[0]


def tells(b: Builder, x: Value) -> Any:
    b.host_call(x, function=HostFunction("tests.picky without a result", picky), results=())
    return x


def loops(b: Builder, x: Value) -> Any:
    return b.scan(x, body=function("body", "f64[]", asks), length=2, carries=1)[0]


def answers_wrong(b: Builder, x: Value) -> Any:
    return b.host_call(x, function=HostFunction("tests.two", lambda x: np.ones(2)), results=F64)[0]


def errors(f: Function, x: float) -> list[DiptychError]:
    found: list[DiptychError] = []
    for backend in ("reference", "numpy", "jax"):
        with pytest.raises(DiptychError) as caught:
            backends.compile(f, backend=backend)(np.float64(x))
        found.append(caught.value)
    return found


@pytest.mark.parametrize("body", [asks, tells, loops])
def test_exceptions_are_the_cause_and_have_the_line(body: Any) -> None:
    f = function("f", "f64[]", body)
    for error in errors(f, -1):
        assert error.message == "host_call: ValueError: no luck"
        assert isinstance(error.__cause__, ValueError)
        assert error.location is not None and "b.host_call(x" in error.location.source()
    for backend in ("reference", "numpy", "jax"):  # and the program is not spoilt
        assert np.asarray(backends.compile(f, backend=backend)(np.float64(3))[0]) == 3


def test_wrong_answers_are_refused_everywhere() -> None:
    texts = {str(error) for error in errors(function("f", "f64[]", answers_wrong), 1)}
    (text,) = texts
    assert text.startswith("host_call: result 0 of tests.two is f64[2] but must be f64[]\n  at ")


def test_other_errors_of_jax_pass() -> None:
    from diptych.backends.jax.failures import arriving
    from jax.errors import JaxRuntimeError

    with pytest.raises(JaxRuntimeError, match="^out of luck$"):
        with arriving():
            raise JaxRuntimeError("out of luck")
