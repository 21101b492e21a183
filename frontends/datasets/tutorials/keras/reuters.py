"""`tf.keras.datasets.reuters`: news of 46 topics, as numbers of words."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...npz import read_npz
from .files import file_of
from .texts import Split, known, numbered, read_word_index, renamed, short_enough, shuffled, split

_TOPICS = (
    "cocoa grain veg-oil earn acq wheat copper housing money-supply coffee sugar trade reserves ship cotton carcass "
    "crude nat-gas cpi money-fx interest gnp meal-feed alum oilseed gold tin strategic-metal livestock retail ipi "
    "iron-steel rubber heat jobs lei bop zinc orange pet-chem dlr gas silver wpi hog lead"
)


def load_data(
    path: str = "reuters.npz",
    num_words: int | None = None,
    skip_top: int = 0,
    maxlen: int | None = None,
    test_split: float = 0.2,
    seed: int = 113,
    start_char: int | None = 1,
    oov_char: int | None = 2,
    index_from: int = 3,
    **kwargs: Any,
) -> tuple[Split, Split]:
    """((x_train, y_train), (x_test, y_test)): arrays of lists of numbers, labels int64; the last `test_split` of them,
    a fraction, are the test set."""
    num_words = renamed(num_words, kwargs)
    checksum = "d6586e694ee56d7a4e65172e12b3e987c03096cb01eab99753921ef915959916"
    arrays = read_npz(file_of(path, "reuters.npz", checksum), ("x", "y"))
    np.random.seed(seed)
    xs, labels = shuffled(*arrays)
    texts = numbered(xs, start_char, index_from)
    if maxlen:
        texts, labels = short_enough(maxlen, texts, labels)
    return split(known(texts, num_words, skip_top, oov_char), labels, int(len(texts) * (1 - test_split)))


def get_word_index(path: str = "reuters_word_index.json") -> dict[str, int]:
    """The number of each word, before `index_from` is added."""
    return read_word_index(file_of(path, "reuters_word_index.json", "4d44cc38712099c9e383dc6e5f11a921"))


def get_label_names() -> tuple[str, ...]:
    """The topics, in the order of their labels."""
    return tuple(_TOPICS.split())
