"""`tf.keras.datasets.imdb`: reviews of films, as numbers of words, and whether they praise."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...npz import read_npz
from .files import file_of
from .texts import Split, known, numbered, read_word_index, renamed, short_enough, shuffled, split


def load_data(
    path: str = "imdb.npz",
    num_words: int | None = None,
    skip_top: int = 0,
    maxlen: int | None = None,
    seed: int = 113,
    start_char: int | None = 1,
    oov_char: int | None = 2,
    index_from: int = 3,
    **kwargs: Any,
) -> tuple[Split, Split]:
    """((x_train, y_train), (x_test, y_test)): arrays of lists of numbers, labels int64.

    As in TensorFlow 1.15 numpy's global random numbers are seeded and drawn from, and where `maxlen` drops texts the
    train set is filled up from the test set. Raises ValueError where `maxlen` leaves none.
    """
    num_words = renamed(num_words, kwargs)
    checksum = "69664113be75683a8fe16e3ed0ab59fda8886cb3cd7ada244f7d9544e4676b9f"
    arrays = read_npz(file_of(path, "imdb.npz", checksum), ("x_train", "y_train", "x_test", "y_test"))
    np.random.seed(seed)
    x_train, labels_train = shuffled(*arrays[:2])
    x_test, labels_test = shuffled(*arrays[2:])
    texts = numbered([*x_train, *x_test], start_char, index_from)
    labels = np.concatenate([labels_train, labels_test])
    if maxlen:
        texts, labels = short_enough(maxlen, texts, labels)
        if not texts:
            raise ValueError(
                f"After filtering for sequences shorter than maxlen={maxlen}, no sequence was kept. Increase maxlen."
            )
    return split(known(texts, num_words, skip_top, oov_char), labels, len(x_train))


def get_word_index(path: str = "imdb_word_index.json") -> dict[str, int]:
    """The number of each word, before `index_from` is added."""
    return read_word_index(file_of(path, "imdb_word_index.json", "bfafd718b763782e994055a2d397834f"))
