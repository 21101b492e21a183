"""Memory beside operands and results: that of the ops which are measured in test_peak, and none of others."""

from __future__ import annotations

from diptych.backends.numpy.temporaries import temporaries
from diptych.ir import Builder, Value

from tests.samples.control import function


def test_what_is_written_into_its_place_takes_none() -> None:
    f = function("f", "f32[64,64]", lambda b, x: b.exp(b.matmul(x, x)))
    assert [temporaries(equation) for equation in f.equations] == [0, 0]


def test_kernels_of_elements_take_blocks() -> None:
    """However large their operands are."""
    sizes = [
        temporaries(function("f", f"f32[{size}]", lambda b, x: b.erf(x)).equations[0])
        for size in (10, 1 << 20, 1 << 24)
    ]
    assert sizes[0] < sizes[1] == sizes[2]


def test_empty_operands() -> None:
    def body(b: Builder, x: Value) -> list[Value]:
        return [b.reduce_sum(x, axes=(0, 1)), *b.sort(x, axis=1, keys=1), b.cumulative_sum(x, axis=0)]

    f = function("f", "f16[0,5]", body)
    assert [temporaries(equation) for equation in f.equations] == [4, 0, 0]  # a sum of nothing is one, in float32
