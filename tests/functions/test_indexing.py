"""Basic indexing against numpy."""

import numpy as np
import pytest
from diptych.functions import indexing
from diptych.ir import Builder, TensorType, TypeRuleError, dtypes, named
from hypothesis import given
from hypothesis import strategies as st

from tests.functions.evaluation import run

X = np.arange(60, dtype=np.float32).reshape(3, 4, 5)


def _index(b, x, index):
    return indexing.basic(b, x, index)


@pytest.mark.parametrize(
    "index",
    [
        (0,),
        (-1,),
        (slice(None),),
        (..., 2),
        (slice(1, None), None, 0),
        (None, ..., None),
        (slice(None, None, -1),),
        (slice(None, None, 2), slice(3, 0, -2), slice(-2, None)),
        (slice(2, 1),),
        (slice(5, 100),),
        (0, 1, 2),
        (slice(-1, -4, -1), ..., slice(4, None, -3)),
    ],
    ids=str,
)
def test_index(index):
    assert np.array_equal(run(_index, X, index=index), X[index])


_BOUND = st.none() | st.integers(-7, 7)
_ENTRY = st.builds(slice, _BOUND, _BOUND, st.integers(-3, 3).filter(bool)) | st.integers(-3, 2) | st.none()


@given(st.lists(_ENTRY, max_size=4).filter(lambda entries: sum(entry is not None for entry in entries) <= 3))
def test_any_index(entries):
    index = tuple(entries)
    assert np.array_equal(run(_index, X, index=index), X[index])


def test_named_sizes():
    b, batch = Builder(), named("batch")
    x = b.parameter(TensorType(dtypes.f32, (batch, 4)))
    for index, wanted in [
        ((slice(1, None),), (batch - 1, 4)),
        ((slice(None, -1), 0), (batch - 1,)),
        ((slice(None, None, -1),), (batch, 4)),
        ((-1,), (4,)),
    ]:
        assert indexing.basic(b, x, index).shape == wanted


@pytest.mark.parametrize(
    ("index", "message"),
    [
        ((3,), "index: 3 along axis 0 but must be from -3 to 3 - 1"),
        ((0, 0, 0, 0), "index: has 4 entries but must have at most 3, one an axis"),
        ((1.5,), "index: entry 1.5 must be an integer, a slice, None or ..."),
    ],
)
def test_refusals(index, message):
    with pytest.raises(TypeRuleError) as caught:
        run(_index, X, index=index)
    assert caught.value.message == message
