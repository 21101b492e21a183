"""CIFAR's batches: read as plain data, refused where they are something else."""

from __future__ import annotations

import pickle
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from diptych.datasets import DamagedFile
from diptych.datasets.cifar import read_batch, read_names

from tests.datasets.files import batch, old_batch


@pytest.mark.parametrize("protocol", [None, 2, 4, 5])
def test_a_batch_comes_back(tmp_path: Path, protocol: int | None) -> None:
    entries = {"labels": [3, 9], "data": batch(2, 1)}
    data = old_batch(entries) if protocol is None else pickle.dumps(entries, protocol)
    (tmp_path / "batch").write_bytes(data)
    images, labels = read_batch(tmp_path / "batch", "labels")
    np.testing.assert_array_equal(images, batch(2, 1).reshape(2, 3, 32, 32))
    assert labels == [3, 9]


def test_keys_may_be_bytes(tmp_path: Path) -> None:
    (tmp_path / "meta").write_bytes(pickle.dumps({b"label_names": ["a", "b"]}))
    assert read_names(tmp_path / "meta", "label_names") == ["a", "b"]


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        ({"labels": [1], "data": batch(1, 0)[:, :5]}, "is no batch of CIFAR: 'data' must be uint8 [n, 3072]"),
        ({"labels": [1], "data": batch(1, 0).astype(int)}, "is no batch of CIFAR: 'data' must be uint8 [n, 3072]"),
        ({"labels": [1], "data": None}, "is no batch of CIFAR: 'data' must be uint8 [n, 3072]"),
        ({"labels": [1, 2], "data": batch(1, 0)}, "is no batch of CIFAR: 'labels' must be a list of 1 integers"),
        ({"labels": ["1"], "data": batch(1, 0)}, "is no batch of CIFAR: 'labels' must be a list of 1 integers"),
        ({"data": batch(1, 0)}, "is no batch of CIFAR: 'labels' must be a list of 1 integers"),
        ([1], "is no batch of CIFAR: it holds no dict"),
        (print, "is no batch of CIFAR: it names builtins.print, which is not of plain data"),
    ],
)
def test_what_is_no_batch_is_refused(tmp_path: Path, entries: Any, message: str) -> None:
    (tmp_path / "batch").write_bytes(pickle.dumps(entries))
    with pytest.raises(DamagedFile) as caught:
        read_batch(tmp_path / "batch", "labels")
    assert str(caught.value) == f"{tmp_path / 'batch'}: {message}"


def test_names_are_texts(tmp_path: Path) -> None:
    (tmp_path / "meta").write_bytes(pickle.dumps({"label_names": [1]}))
    with pytest.raises(DamagedFile, match="'label_names' must be a list of names"):
        read_names(tmp_path / "meta", "label_names")


def test_changed_bytes_are_read_or_refused(tmp_path: Path) -> None:
    choose = random.Random(1)
    sound = old_batch({"labels": [3, 9], "data": batch(2, 1)})
    heads = [place for place in range(len(sound)) if place < 200 or place > len(sound) - 40]
    refused = 0
    for _ in range(300):
        data = bytearray(sound)
        data[choose.choice(heads)] = choose.randrange(256)
        (tmp_path / "batch").write_bytes(data)
        try:
            read_batch(tmp_path / "batch", "labels")
        except DamagedFile:
            refused += 1
    assert refused > 100
