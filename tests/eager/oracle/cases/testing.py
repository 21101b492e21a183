"""Assertions of numbers that are nearly equal."""

from __future__ import annotations

import importlib

import numpy as np


def _told(torch, actual, expected, **options):
    """What an assertion says, None where it holds."""
    try:
        importlib.import_module(f"{torch.__name__}.testing").assert_close(actual, expected, **options)
    except (AssertionError, TypeError, ValueError) as error:
        return type(error).__name__, str(error).replace(torch.__name__, "torch").replace("torch.tensor.", "torch.")
    return None


def tensors(torch):
    t, nan, inf = torch.tensor, float("nan"), float("inf")
    return [
        _told(torch, t([1.0, 2.0]), t([1.0, 2.5])),
        _told(torch, t([[1.0, 2.0], [3.0, 4.0]]), t([[1.0, 2.0], [3.0, 5.0]])),
        _told(torch, t([1.0, 3.0, 3.0]), t([1.0, 2.5, 2.0])),
        _told(torch, t(1.0), t(2.0)),
        _told(torch, t([1, 2]), t([1, 3])),
        _told(torch, t([1, 2]), t([1, 3]), rtol=0, atol=0.5),
        _told(torch, t([True]), t([False])),
        _told(torch, t([1.0]), t([1.0 + 1e-6])),
        _told(torch, t([1.0], dtype=torch.float64), t([1.0 + 1e-6], dtype=torch.float64)),
        _told(torch, t([nan]), t([nan])),
        _told(torch, t([nan]), t([nan]), equal_nan=True),
        _told(torch, t([1.0]), t([inf])),
        _told(torch, t([]), t([])),
        _told(torch, t([1 + 1j]), t([2 + 1j])),
        _told(torch, t([1.0]), t([1.1]), rtol=0.2, atol=0),
    ]


def what_else_is_the_same(torch):
    t = torch.tensor
    square = t([[1.0, 2.0], [3.0, 4.0]])
    return [
        _told(torch, t([1.0, 2.0]), t([1.0])),
        _told(torch, t([1.0]), t([1.0], dtype=torch.float64)),
        _told(torch, t([1.0]), t([1.0], dtype=torch.float64), check_dtype=False),
        _told(torch, t([1.0]), t([1.0]).to_sparse()),
        _told(torch, t([1.0]), t([1.0]).to_sparse(), check_layout=False),
        _told(torch, square.t(), square.t().contiguous()),
        _told(torch, square.t(), square.t().contiguous(), check_stride=True),
        _told(torch, t([1.0]), t([1.1]), rtol=0.1),
        _told(torch, t([1.0]), t([1.1]), atol=0.1),
    ]


def numbers(torch):
    return [
        _told(torch, 1.0, 1.5),
        _told(torch, 1, 2),
        _told(torch, 1, 1.0),
        _told(torch, 1, 1.0, check_dtype=False),
        _told(torch, True, False),
        _told(torch, True, np.bool_(True)),
        _told(torch, 1.0, 1.00001),
        _told(torch, 1.0, 0.0),
        _told(torch, float("nan"), float("nan")),
        _told(torch, 1.0, 2.0, rtol=0, atol=0.1),
        _told(torch, np.float64(1.0), 1.0),
        _told(torch, 1j, 2j),
        _told(torch, None, None),
        _told(torch, None, 1.0),
    ]


def things_made_of_several(torch):
    t = torch.tensor
    return [
        _told(torch, [1.0, t([1.0])], [1.0, t([2.0])]),
        _told(torch, (1.0,), [1.0]),
        _told(torch, [1.0], [1.0, 2.0]),
        _told(torch, {"a": [1.0]}, {"a": [2.0]}),
        _told(torch, {"a": 1.0}, {"b": 1.0}),
        _told(torch, {"a": [1.0]}, {"a": []}),
        _told(torch, [], []),
        _told(torch, np.ones(2), np.zeros(2)),
        _told(torch, np.ones(2), np.ones(2)),
    ]


def what_cannot_be_compared(torch):
    return [
        _told(torch, "a", "a"),
        _told(torch, 1.0, "a"),
    ]


def words_of_ones_own(torch):
    t = torch.tensor
    return [
        _told(torch, t([1.0]), t([2.0]), msg="not so"),
        _told(torch, t([1.0]), t([2.0]), msg=lambda text: f"look:\n{text}"),
    ]


def the_older_form(torch):
    import warnings

    module = importlib.import_module(f"{torch.__name__}.testing")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        module.assert_allclose([1.0, 2.0], torch.tensor([1.0, 2.0001]))
        module.assert_allclose(torch.tensor([1.0]), [1], rtol=0, atol=0)
        try:
            module.assert_allclose(torch.tensor([1.0]), torch.tensor([1.1]))
        except AssertionError as error:
            return str(error), [str(each.message) for each in caught]
