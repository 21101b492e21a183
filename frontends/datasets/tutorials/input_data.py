"""MNIST as TensorFlow 1.15's tutorials read it: `read_data_sets` and the batches of its data sets."""

from __future__ import annotations

import os
from collections import namedtuple
from pathlib import Path
from typing import Any

import numpy as np

from ..downloading import fetch
from ..errors import DamagedFile
from ..idx import read_idx, read_magic
from ..places import at_home, find
from ..published import MNIST, MNIST_FOLDERS, TUTORIAL_MNIST_URL, Published

DEFAULT_SOURCE_URL = TUTORIAL_MNIST_URL

Datasets = namedtuple("Datasets", ["train", "validation", "test"])


class DataSet:
    """Images and labels, given out in batches, in a new order each epoch.

    As in TensorFlow the order comes from numpy's global random numbers, seeded when a data set is made.
    """

    def __init__(
        self,
        images: Any,
        labels: Any,
        fake_data: bool = False,
        one_hot: bool = False,
        dtype: Any = np.float32,
        reshape: bool = True,
        seed: int | None = None,
    ) -> None:
        """images: uint8 [count, rows, columns, 1], made [count, rows * columns] by `reshape`, and from 0 to 1 where
        `dtype` is float32. Raises TypeError for other dtypes, AssertionError for shapes that do not fit."""
        from diptych.static import as_dtype, float32, get_seed, uint8  # here, since it takes long to import

        graph_seed, own_seed = get_seed(seed)
        np.random.seed(graph_seed if seed is None else own_seed)
        target = as_dtype(dtype).base_dtype
        if target not in (uint8, float32):
            raise TypeError(f"Invalid image dtype {target!r}, expected uint8 or float32")
        if fake_data:
            self._num_examples = 10000
            self.one_hot = one_hot  # of fake batches alone: other data sets refuse them
        else:
            if images.shape[0] != labels.shape[0]:
                raise AssertionError(f"images.shape: {images.shape} labels.shape: {labels.shape}")
            self._num_examples = images.shape[0]
            if reshape:
                if images.shape[3] != 1:
                    raise AssertionError
                images = images.reshape(images.shape[0], images.shape[1] * images.shape[2])
            if target == float32:
                images = np.multiply(images.astype(np.float32), 1.0 / 255.0)
        self._images = images
        self._labels = labels
        self._epochs_completed = 0
        self._index_in_epoch = 0

    @property
    def images(self) -> Any:
        """All images, in the present order."""
        return self._images

    @property
    def labels(self) -> Any:
        """All labels, in the present order."""
        return self._labels

    @property
    def num_examples(self) -> int:
        """How many images there are."""
        return self._num_examples

    @property
    def epochs_completed(self) -> int:
        """How often all images have been given out."""
        return self._epochs_completed

    def next_batch(self, batch_size: int, fake_data: bool = False, shuffle: bool = True) -> Any:
        """The next `batch_size` images and labels; at the end of an epoch, its rest and the next one's first."""
        if fake_data:
            label: Any = [1] + [0] * 9 if self.one_hot else 0
            return [[1] * 784 for _ in range(batch_size)], [label for _ in range(batch_size)]
        start = self._index_in_epoch
        if self._epochs_completed == 0 and start == 0 and shuffle:
            self._shuffle()
        if start + batch_size <= self._num_examples:
            self._index_in_epoch = end = start + batch_size
            return self._images[start:end], self._labels[start:end]
        self._epochs_completed += 1
        rest_images, rest_labels = self._images[start:], self._labels[start:]
        if shuffle:
            self._shuffle()
        # Behind a batch of more than all images, `start` lies beyond them, and more come than were asked for.
        self._index_in_epoch = end = start + batch_size - self._num_examples
        images, labels = self._images[:end], self._labels[:end]
        return np.concatenate((rest_images, images)), np.concatenate((rest_labels, labels))

    def _shuffle(self) -> None:
        order = np.arange(self._num_examples)
        np.random.shuffle(order)
        self._images = self._images[order]
        self._labels = self._labels[order]


def dense_to_one_hot(labels_dense: np.ndarray, num_classes: int) -> np.ndarray:
    """One row a label, 1.0 at its place: float64 [count, num_classes]."""
    return np.eye(num_classes)[labels_dense.ravel()]


def _local_file(name: str, train_dir: str, source_url: str) -> Path:
    given = os.path.join(train_dir, name)
    if os.path.isfile(given):
        print("Extracting", given)
        return Path(given)
    folder = at_home(train_dir)
    found = find(name, [folder], MNIST_FOLDERS)
    if found is None:
        checksums = {file.name: file.checksum for file in MNIST} if source_url == DEFAULT_SOURCE_URL else {}
        found = fetch(Published(name, (f"{source_url}{name}",), checksums.get(name)), folder)
        print("Successfully downloaded", name, found.stat().st_size, "bytes.")
    print("Extracting", found)
    return found


def _array(path: Path, kind: str, magic: int) -> np.ndarray:
    """The numbers of a file; by its first four bytes they are uint8, of as many axes as it must have."""
    found = read_magic(path)
    if found != magic:
        raise ValueError(f"Invalid magic number {found} in MNIST {kind} file: {path}")
    return read_idx(path)


def _images(path: Path) -> np.ndarray:
    """uint8 [count, rows, columns, 1]."""
    return _array(path, "image", 2051)[..., None]


def _labels(path: Path, one_hot: bool, num_classes: int = 10) -> np.ndarray:
    found = _array(path, "label", 2049)
    if not one_hot:
        return found
    if (found >= num_classes).any():
        raise DamagedFile(path, f"must hold labels from 0 to {num_classes - 1}")
    return dense_to_one_hot(found, num_classes)


def read_data_sets(
    train_dir: str,
    fake_data: bool = False,
    one_hot: bool = False,
    dtype: Any = np.float32,
    reshape: bool = True,
    validation_size: int = 5000,
    seed: int | None = None,
    source_url: str = DEFAULT_SOURCE_URL,
) -> Datasets:
    """MNIST as (train, validation, test), the validation set taken from the front of the training set.

    The files are looked for in `train_dir`, then where such files lie, and downloaded to `train_dir` otherwise. Raises
    ValueError for a validation size beyond the training set, DownloadFailed and DamagedFile.
    """
    options = {"dtype": dtype, "reshape": reshape, "seed": seed}
    if fake_data:
        return Datasets(*(DataSet([], [], fake_data=True, one_hot=one_hot, dtype=dtype, seed=seed) for _ in range(3)))
    url = source_url or DEFAULT_SOURCE_URL
    train_images = _images(_local_file("train-images-idx3-ubyte.gz", train_dir, url))
    train_labels = _labels(_local_file("train-labels-idx1-ubyte.gz", train_dir, url), one_hot)
    test_images = _images(_local_file("t10k-images-idx3-ubyte.gz", train_dir, url))
    test_labels = _labels(_local_file("t10k-labels-idx1-ubyte.gz", train_dir, url), one_hot)
    if not 0 <= validation_size <= len(train_images):
        raise ValueError(f"Validation size should be between 0 and {len(train_images)}. Received: {validation_size}.")
    return Datasets(
        train=DataSet(train_images[validation_size:], train_labels[validation_size:], **options),
        validation=DataSet(train_images[:validation_size], train_labels[:validation_size], **options),
        test=DataSet(test_images, test_labels, **options),
    )
