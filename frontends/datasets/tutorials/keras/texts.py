"""Texts as lists of numbers of words: the options that imdb and reuters share."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ...errors import DamagedFile

_MAX_INDEX_BYTES = 1 << 26
Texts = list[list[int]]
Split = tuple[np.ndarray, np.ndarray]


def renamed(num_words: int | None, others: dict[str, Any]) -> int | None:
    """num_words, which once was called nb_words. Raises TypeError for other names."""
    if "nb_words" in others:
        logging.getLogger("tensorflow").warning("The `nb_words` argument in `load_data` has been renamed `num_words`.")
        num_words = others.pop("nb_words")
    if others:
        raise TypeError(f"Unrecognized keyword arguments: {others}")
    return num_words


def shuffled(*arrays: np.ndarray) -> list[np.ndarray]:
    """The arrays in one new order, drawn from numpy's global random numbers, as TensorFlow 1.15 does."""
    order = np.arange(len(arrays[0]))
    np.random.shuffle(order)
    return [array[order] for array in arrays]


def numbered(texts: Sequence[Sequence[int]], start_char: int | None, index_from: int) -> Texts:
    """The texts with every number moved up by `index_from`, behind `start_char` where there is one."""
    if start_char is not None:
        return [[start_char, *(word + index_from for word in text)] for text in texts]
    return [[word + (index_from or 0) for word in text] for text in texts]


def short_enough(maxlen: int, texts: Texts, labels: Sequence[Any]) -> tuple[Texts, list[Any]]:
    """The texts shorter than `maxlen`, and their labels."""
    kept = [(text, label) for text, label in zip(texts, labels, strict=True) if len(text) < maxlen]
    return [text for text, _ in kept], [label for _, label in kept]


def known(texts: Texts, num_words: int | None, skip_top: int, oov_char: int | None) -> Texts:
    """The texts with `oov_char` for words out of [skip_top, num_words), or without those."""
    most = num_words or max(max(text) for text in texts)
    if oov_char is not None:
        return [[word if skip_top <= word < most else oov_char for word in text] for text in texts]
    return [[word for word in text if skip_top <= word < most] for text in texts]


def split(texts: Texts, labels: Sequence[Any], count: int) -> tuple[Split, Split]:
    """The first `count` texts with their labels, and the rest."""
    return (_array(texts[:count]), np.array(labels[:count])), (_array(texts[count:]), np.array(labels[count:]))


def _array(texts: Texts) -> np.ndarray:
    """The lists as objects [count]; numbers [count, length] where all are as long, as numpy of that time made them."""
    if len({len(text) for text in texts}) < 2:
        return np.array(texts)
    found = np.empty(len(texts), object)
    found[:] = texts
    return found


def read_word_index(path: Path) -> dict[str, int]:
    """The numbers of words. Raises DamagedFile."""
    if path.stat().st_size > _MAX_INDEX_BYTES:
        raise DamagedFile(path, f"has more than {_MAX_INDEX_BYTES} bytes")
    try:
        found = json.loads(path.read_bytes())
    except (RecursionError, ValueError) as error:
        raise DamagedFile(path, f"is no JSON: {error}") from error
    if not isinstance(found, dict) or not all(type(number) is int for number in found.values()):
        raise DamagedFile(path, "must map words to numbers")
    return found
