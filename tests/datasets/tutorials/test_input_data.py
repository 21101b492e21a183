"""MNIST as TensorFlow 1.15's tutorials read it."""

from __future__ import annotations

from pathlib import Path

import diptych.static as tf
import numpy as np
import pytest
from diptych.datasets import DamagedFile, DownloadFailed
from diptych.datasets.tutorials import input_data

from tests.datasets.files import digits, idx, write_mnist

# (count, seed, batches): of each batch its size, whether to shuffle, its labels, the epochs completed behind it. These
# are the answers of TensorFlow 1.15.5, of labels 0 to count - 1; a batch may be larger than all.
ORDERS: list[tuple[int, int, list[tuple[int, bool, list[int], int]]]] = [
    (7, 3, [
        (3, True, [4, 6, 5], 0), (3, True, [3, 1, 0], 0), (3, True, [2, 2, 1], 1), (7, True, [6, 5, 3, 0, 4, 4, 1], 2),
        (5, False, [5, 3, 2, 0, 6], 2), (4, True, [3, 0, 2, 1], 3),
    ]),
    (5, -1, [
        (2, False, [0, 1], 0), (4, True, [2, 3, 4, 4], 1), (12, True, [1, 2, 0, 3, 3, 0, 1, 4, 2], 2),
        (2, True, [2, 0, 1, 3, 4], 3), (1, False, [2], 4), (3, True, [0, 1, 3], 4),
    ]),
    (4, 2**31 - 1, [
        (0, True, [], 0), (9, True, [2, 1, 3, 0, 0, 2, 3, 1], 1), (9, False, [0, 2, 3, 1], 2), (4, True, [2, 0, 3, 1], 3),
        (3, True, [0, 3, 1, 2], 4),
    ]),
]  # fmt: skip


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


@pytest.mark.parametrize(("count", "seed", "batches"), ORDERS)
def test_batches_come_in_the_order_of_the_seed(
    count: int, seed: int, batches: list[tuple[int, bool, list[int], int]]
) -> None:
    images = np.arange(count, dtype=np.uint8).reshape(count, 1, 1, 1)
    data = input_data.DataSet(images, np.arange(count), dtype=tf.uint8, seed=seed)
    for size, shuffle, wanted, epochs in batches:
        found, labels = data.next_batch(size, shuffle=shuffle)
        assert found[:, 0].tolist() == labels.tolist() == wanted
        assert data.epochs_completed == epochs


@pytest.mark.parametrize(
    ("graph_seed", "seed", "wanted"),  # as TensorFlow 1.15.5 gives them
    [(2**31 + 10, None, [4, 2, 5, 3, 0, 1]), (0, 0, [3, 5, 0, 1, 4, 2])],
)
def test_the_graphs_seed_serves_where_none_is_given(graph_seed: int, seed: int | None, wanted: list[int]) -> None:
    with tf.Graph().as_default():
        tf.set_random_seed(graph_seed)
        data = input_data.DataSet(np.zeros((6, 1, 1, 1), np.uint8), np.arange(6), seed=seed)
        assert data.next_batch(6)[1].tolist() == wanted


def test_without_seeds_numpys_are_new() -> None:
    np.random.seed(1)
    input_data.DataSet(np.zeros((6, 1, 1, 1), np.uint8), np.arange(6))
    first = np.random.randint(2**30)
    np.random.seed(1)
    assert np.random.randint(2**30) != first


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
    for dtype in (tf.int32, np.int32, "int32"):
        with pytest.raises(TypeError) as refused:
            input_data.read_data_sets(str(tmp_path), dtype=dtype, validation_size=0)
        assert str(refused.value) == "Invalid image dtype tf.int32, expected uint8 or float32"
    with pytest.raises(AssertionError, match=r"images.shape: \(2, 1, 1, 1\) labels.shape: \(3,\)"):
        input_data.DataSet(np.zeros((2, 1, 1, 1)), np.zeros(3))
    with pytest.raises(AttributeError, match="'DataSet' object has no attribute 'one_hot'"):
        input_data.DataSet(np.zeros((2, 1, 1, 1)), np.zeros(2)).next_batch(1, fake_data=True)


def test_more_classes_than_ten(tmp_path: Path) -> None:
    write_mnist(tmp_path)
    path = tmp_path / "train-labels-idx1-ubyte.gz"
    path.write_bytes(idx(np.arange(20, dtype=np.uint8)))
    sets = input_data.read_data_sets(str(tmp_path), validation_size=4)
    assert sets.train.labels.tolist() == list(range(4, 20))
    with pytest.raises(DamagedFile) as caught:
        input_data.read_data_sets(str(tmp_path), one_hot=True, validation_size=4)
    assert str(caught.value) == f"{path}: must hold labels from 0 to 9"


@pytest.mark.parametrize(
    ("name", "kind", "content", "magic"),
    [
        ("train-images-idx3-ubyte.gz", "image", idx(np.zeros(20, np.uint8)), 2049),
        ("t10k-labels-idx1-ubyte.gz", "label", idx(np.zeros(20, np.int32)), 3073),
        ("t10k-images-idx3-ubyte.gz", "image", b"<html>", 0x3C68746D),
    ],
)
def test_files_of_other_things(tmp_path: Path, name: str, kind: str, content: bytes, magic: int) -> None:
    write_mnist(tmp_path)
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ValueError) as caught:
        input_data.read_data_sets(str(tmp_path), validation_size=0)
    assert str(caught.value) == f"Invalid magic number {magic} in MNIST {kind} file: {tmp_path / name}"


def test_the_folder_is_printed_as_it_is_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write_mnist(tmp_path / "mine")
    monkeypatch.chdir(tmp_path)
    input_data.read_data_sets("./mine/", validation_size=0)
    assert capsys.readouterr().out.startswith("Extracting ./mine/train-images-idx3-ubyte.gz\n")


def test_one_hot_labels_from_a_column() -> None:
    assert input_data.dense_to_one_hot(np.array([[1], [0]]), 2).tolist() == [[0.0, 1.0], [1.0, 0.0]]


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
