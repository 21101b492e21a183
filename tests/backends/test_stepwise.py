"""Functions that run without being compiled."""

import numpy as np
import pytest
from diptych.backends import run_once
from diptych.ir import Builder, DiptychError, TensorType, dtypes, named


def _open():
    b = Builder("open")
    x = b.parameter(TensorType(dtypes.f32, (named("n"),)), "x")
    doubled = b.add(x, x)
    return b.finish([doubled, x, b.reverse(x, axes=(0,)), doubled])


def test_one_function_for_all_sizes():
    function = _open()
    for size in (0, 1, 3):
        x = np.arange(size, dtype=np.float32)
        found = run_once(function, [x])
        for result, wanted in zip(found, [x + x, x, x[::-1], x + x], strict=True):
            assert np.array_equal(result, wanted)


def test_no_result_shows_the_memory_of_another():
    x = np.ones(3, np.float32)
    found = run_once(_open(), [x])
    for number, result in enumerate(found):
        result[...] = number + 5
    assert [result.tolist() for result in found] == [[5] * 3, [6] * 3, [7] * 3, [8] * 3] and x.tolist() == [1] * 3


def test_a_size_that_does_not_fit_is_an_error():
    b = Builder("open")
    x = b.parameter(TensorType(dtypes.f32, (named("n"),)), "x")
    function = b.finish([b.slice(x, start=(0,), limit=(4,), stride=(1,))])
    assert run_once(function, [np.ones(5, np.float32)])[0].shape == (4,)
    with pytest.raises(DiptychError, match=r"^slice: result is \(f32\[3\]\) but must be \(f32\[4\]\)"):
        run_once(function, [np.ones(3, np.float32)])
