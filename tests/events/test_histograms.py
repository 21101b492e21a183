"""Histograms: TensorFlow's buckets and messages."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest
from diptych.events import HistogramProto
from diptych.events.histograms import default_buckets, histogram, tensorflow_histogram

from tests.events.tensor_cases import HISTOGRAMS

ANSWERS = json.loads(Path(__file__).with_name("tensorflow_answers.json").read_text())


def test_the_default_limits() -> None:
    limits = default_buckets()
    middle = len(limits) // 2
    assert (len(limits), limits[middle], limits[middle + 1]) == (1549, 0.0, 1e-12)
    assert limits == tuple(-limit for limit in reversed(limits))
    assert 1e20 / 1.1 < limits[-1] < 1e20


@pytest.mark.parametrize("name", HISTOGRAMS)
def test_counts_are_tensorflows(name: str) -> None:
    found = tensorflow_histogram(HISTOGRAMS[name])
    wanted = HistogramProto.FromString(bytes.fromhex(ANSWERS["histograms"][name]))
    assert (found.min, found.max, found.num) == (wanted.min, wanted.max, wanted.num)
    assert (found.bucket_limit, found.bucket) == (wanted.bucket_limit, wanted.bucket)
    np.testing.assert_allclose([found.sum, found.sum_squares], [wanted.sum, wanted.sum_squares], rtol=1e-13)


def test_what_is_too_large_is_in_the_last_bucket() -> None:
    found = tensorflow_histogram(np.array([np.inf]))
    assert (found.bucket_limit[-1], found.bucket[-1]) == (sys.float_info.max, 1)


def test_bins_of_zero_count_are_left_out_at_both_ends() -> None:
    found = histogram(np.array([2.5, 3.5, 3.6]), [0.0, 1.0, 2.0, 3.0, 4.0, 5.0])
    assert (found.bucket_limit, found.bucket) == ([2.0, 3.0, 4.0], [0, 1, 2])
    assert (found.min, found.max, found.num, found.sum) == (2.5, 3.6, 3, pytest.approx(9.6))


def test_neighbours_are_joined_where_there_are_too_many_bins() -> None:
    found = histogram(np.arange(7) + 0.5, np.arange(8.0), max_bins=3)
    assert (found.bucket_limit, found.bucket) == ([0, 2, 4, 6, 7], [0, 2, 2, 2, 1])


@pytest.mark.parametrize(
    "values, text",
    [
        (np.zeros(0), "The input has no element."),
        (np.full(2, 9.0), "The histogram is empty, please file a bug report."),
    ],
)
def test_nothing_to_count(values: np.ndarray, text: str) -> None:
    with pytest.raises(ValueError) as error:
        histogram(values, [0.0, 1.0, 2.0])
    assert str(error.value) == text
