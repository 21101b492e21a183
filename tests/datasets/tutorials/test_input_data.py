"""MNIST as TensorFlow 1.15's tutorials read it."""

from __future__ import annotations

from pathlib import Path

import diptych.static as tf
import numpy as np
import pytest
from diptych.datasets import DamagedFile, DownloadFailed
from diptych.datasets.tutorials import input_data

from tests.datasets.files import digits, idx, write_mnist


def reference_batches(count: int, size: int, batches: int, seed: int) -> list[list[int]]:
    """The numbers of the images that come, worked out from the words of the tutorial: one shuffle before the first batch
    and one wherever a batch passes the end, which takes the rest first."""
    random = np.random.RandomState(seed)
    order = random.permutation(count)
    at, found = 0, []
    for _ in range(batches):
        rest = order[at : at + size].tolist()
        at += size
        if at > count:
            order = order[random.permutation(count)]
            at = size - len(rest)
            rest += order[:at].tolist()
        found.append(rest)
    return found


def test_the_three_sets(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_mnist(tmp_path)
    sets = input_data.read_data_sets(str(tmp_path), one_hot=True, validation_size=5)
    names = ("train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1")
    assert capsys.readouterr().out == "".join(f"Extracting {tmp_path}/{name}-ubyte.gz\n" for name in names)
    images, labels = digits(20, 1)
    assert [each.num_examples for each in sets] == [15, 5, 10]
    np.testing.assert_array_equal(
        sets.validation.images, images[:5].reshape(5, 784).astype(np.float32) * np.float32(1 / 255)
    )
    assert sets.train.images.dtype == np.float32
    np.testing.assert_array_equal(sets.train.labels, np.eye(10)[labels[5:]])
    assert sets.train.labels.dtype == np.float64


@pytest.mark.parametrize("dtype", [tf.uint8, np.uint8, "uint8"])
def test_numbers_as_they_are(tmp_path: Path, dtype: object) -> None:
    write_mnist(tmp_path, packed=False)
    sets = input_data.read_data_sets(str(tmp_path), dtype=dtype, reshape=False, validation_size=0)
    np.testing.assert_array_equal(sets.train.images, digits(20, 1)[0][..., None])
    np.testing.assert_array_equal(sets.train.labels, digits(20, 1)[1])
    assert sets.train.images.dtype == np.uint8


@pytest.mark.parametrize(("size", "batches"), [(4, 12), (7, 9), (10, 4)])
def test_batches_come_in_the_order_of_the_seed(size: int, batches: int) -> None:
    images = np.arange(10, dtype=np.uint8).reshape(10, 1, 1, 1)
    data = input_data.DataSet(images, np.arange(10), dtype=tf.uint8, seed=3)
    epochs: list[int] = []
    for wanted in reference_batches(10, size, batches, 3):
        found, labels = data.next_batch(size)
        assert found[:, 0].tolist() == labels.tolist() == wanted
        epochs.append(data.epochs_completed)
    assert epochs[-1] == (size * batches - 1) // 10


def test_batches_in_order(tmp_path: Path) -> None:
    data = input_data.DataSet(np.zeros((5, 1, 1, 1), np.uint8), np.arange(5))
    assert [data.next_batch(2, shuffle=False)[1].tolist() for _ in range(4)] == [[0, 1], [2, 3], [4, 0], [1, 2]]
    assert data.epochs_completed == 1


def test_the_graphs_seed_serves_where_none_is_given() -> None:
    images, labels = np.zeros((9, 1, 1, 1), np.uint8), np.arange(9)
    with tf.Graph().as_default():
        tf.set_random_seed(11)
        data = input_data.DataSet(images, labels)
        assert data.next_batch(9)[1].tolist() == reference_batches(9, 9, 1, 11)[0]


def test_fake_data() -> None:
    sets = input_data.read_data_sets("nowhere", fake_data=True, one_hot=True)
    images, labels = sets.test.next_batch(2, fake_data=True)
    assert images == [[1] * 784] * 2 and labels == [[1] + [0] * 9] * 2 and sets.train.num_examples == 10000
    assert input_data.read_data_sets("nowhere", fake_data=True).train.next_batch(2, True)[1] == [0, 0]


def test_refusals(tmp_path: Path) -> None:
    write_mnist(tmp_path)
    with pytest.raises(ValueError) as caught:
        input_data.read_data_sets(str(tmp_path))
    assert str(caught.value) == "Validation size should be between 0 and 20. Received: 5000."
    with pytest.raises(TypeError, match=r"Invalid image dtype .*, expected uint8 or float32"):
        input_data.read_data_sets(str(tmp_path), dtype=tf.int32, validation_size=0)
    with pytest.raises(AssertionError, match=r"images.shape: \(2, 1, 1, 1\) labels.shape: \(3,\)"):
        input_data.DataSet(np.zeros((2, 1, 1, 1)), np.zeros(3))
    (tmp_path / "train-labels-idx1-ubyte.gz").write_bytes(idx(np.full(20, 77, np.uint8)))
    with pytest.raises(DamagedFile, match="must hold labels from 0 to 9"):
        input_data.read_data_sets(str(tmp_path), validation_size=0)


def test_without_files_or_network(tmp_path: Path) -> None:
    with pytest.raises(DownloadFailed) as caught:
        input_data.read_data_sets(str(tmp_path / "MNIST_data"), source_url="http://mirror/")
    assert str(caught.value) == (
        "train-images-idx3-ubyte.gz: could not be downloaded from http://mirror/train-images-idx3-ubyte.gz (no network)\n"
        f"  try: put the file there by hand: {tmp_path / 'MNIST_data' / 'train-images-idx3-ubyte.gz'}"
    )


def test_files_that_lie_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_mnist(tmp_path / "MNIST" / "raw", packed=False)
    monkeypatch.setenv("DIPTYCH_DATA", str(tmp_path))
    assert input_data.read_data_sets("MNIST_data", validation_size=2).train.num_examples == 18
