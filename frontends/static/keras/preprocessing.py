"""tf.keras.preprocessing and tf.keras.utils: sequences of one length, words as numbers, classes as indicators."""

from __future__ import annotations

import collections
from collections.abc import Iterable
from typing import Any

import numpy as np

from ..exports import export


@export("keras.utils.Sequence")
class Sequence:
    """Batches by their number: a subclass defines `__getitem__` and `__len__`."""

    def on_epoch_end(self) -> None:
        """Called after each epoch."""


@export("keras.utils.to_categorical")
def to_categorical(y: Any, num_classes: int | None = None, dtype: str = "float32") -> np.ndarray:
    """[..., classes]: 1 at the class of each, 0 elsewhere."""
    labels = np.array(y, dtype="int")
    shape = labels.shape
    if shape and shape[-1] == 1 and len(shape) > 1:
        shape = shape[:-1]
    flat = labels.ravel()
    count = num_classes or int(np.max(flat)) + 1
    found = np.zeros((len(flat), count), dtype=dtype)
    found[np.arange(len(flat)), flat] = 1
    return found.reshape((*shape, count))


@export("keras.utils.normalize")
def normalize(x: Any, axis: int = -1, order: int = 2) -> np.ndarray:
    """Of length 1 along an axis."""
    lengths = np.atleast_1d(np.linalg.norm(x, order, axis))
    lengths[lengths == 0] = 1
    return x / np.expand_dims(lengths, axis)


@export("keras.preprocessing.sequence.pad_sequences")
def pad_sequences(
    sequences: Any, maxlen: int | None = None, dtype: Any = "int32", padding: str = "pre", truncating: str = "pre",
    value: Any = 0.0,
) -> np.ndarray:  # fmt: skip
    """[sequences, maxlen, ...]: shorter ones filled up, longer ones cut, before or behind ("post"). Raises
    ValueError."""
    if not hasattr(sequences, "__len__"):
        raise ValueError("`sequences` must be iterable.")
    for each in sequences:
        if not hasattr(each, "__len__"):
            raise ValueError(f"`sequences` must be a list of iterables. Found non-iterable: {each}")
    length = maxlen if maxlen is not None else max(map(len, sequences), default=0)
    inner = next((np.asarray(each).shape[1:] for each in sequences if len(each)), ())
    if isinstance(value, str) and dtype is not object and not np.issubdtype(dtype, np.str_):
        raise ValueError(
            f"`dtype` {dtype} is not compatible with `value`'s type: {type(value)}\nYou should set `dtype=object` for "
            "variable length strings."
        )
    found = np.full((len(sequences), length, *inner), value, dtype=dtype)
    for row, each in zip(found, sequences, strict=True):
        if not len(each):
            continue
        if truncating not in ("pre", "post"):
            raise ValueError(f'Truncating type "{truncating}" not understood')
        kept = np.asarray(each[-length:] if truncating == "pre" else each[:length], dtype=dtype)
        if kept.shape[1:] != inner:
            raise ValueError(
                f"Shape of sample {kept.shape[1:]} of sequence at position 0 is different from expected shape {inner}"
            )
        if padding == "post":
            row[: len(kept)] = kept
        elif padding == "pre":
            row[length - len(kept) :] = kept
        else:
            raise ValueError(f'Padding type "{padding}" not understood')
    return found


_FILTERS = '!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~\t\n'


@export("keras.preprocessing.text.text_to_word_sequence")
def text_to_word_sequence(text: str, filters: str = _FILTERS, lower: bool = True, split: str = " ") -> list[str]:
    """The words of a text, without the characters of `filters`."""
    cut = (text.lower() if lower else text).translate({ord(mark): split for mark in filters})
    return [word for word in cut.split(split) if word]


@export("keras.preprocessing.text.hashing_trick", "keras.preprocessing.text.one_hot")
def hashing_trick(
    text: str, n: int, hash_function: Any = None, filters: str = _FILTERS, lower: bool = True, split: str = " "
) -> list[int]:
    """The words of a text as numbers from 1 on, below `n`, by a hash of them."""
    compute = hash if hash_function is None else hash_function
    if compute == "md5":
        import hashlib

        compute = lambda word: int(hashlib.md5(word.encode()).hexdigest(), 16)  # noqa: E731
    return [int(compute(word) % (n - 1) + 1) for word in text_to_word_sequence(text, filters, lower, split)]


@export("keras.preprocessing.text.Tokenizer")
class Tokenizer:
    """Words as numbers: 1 is the most frequent one. Of texts `num_words` - 1 are kept; with `oov_token` the others have
    the number 1."""

    def __init__(
        self, num_words: int | None = None, filters: str = _FILTERS, lower: bool = True, split: str = " ",
        char_level: bool = False, oov_token: str | None = None, document_count: int = 0,
    ) -> None:  # fmt: skip
        self.num_words = num_words
        self.filters = filters
        self.lower = lower
        self.split = split
        self.char_level = char_level
        self.oov_token = oov_token
        self.document_count = document_count
        self.word_counts: collections.OrderedDict[str, int] = collections.OrderedDict()
        self.word_docs: collections.defaultdict[str, int] = collections.defaultdict(int)
        self.word_index: dict[str, int] = {}
        self.index_word: dict[int, str] = {}

    def _words(self, text: Any) -> list[str]:
        if self.char_level or isinstance(text, list):
            return [each.lower() for each in text] if self.lower else list(text)
        return text_to_word_sequence(text, self.filters, self.lower, self.split)

    def fit_on_texts(self, texts: Iterable[Any]) -> None:
        """Counts the words of texts."""
        for text in texts:
            self.document_count += 1
            words = self._words(text)
            for word in words:
                self.word_counts[word] = self.word_counts.get(word, 0) + 1
            for word in set(words):
                self.word_docs[word] += 1
        ordered = [word for word, _ in sorted(self.word_counts.items(), key=lambda pair: pair[1], reverse=True)]
        names = ordered if self.oov_token is None else [self.oov_token, *ordered]
        self.word_index = {word: number for number, word in enumerate(names, 1)}
        self.index_word = {number: word for word, number in self.word_index.items()}

    def texts_to_sequences(self, texts: Iterable[Any]) -> list[list[int]]:
        """The numbers of the words of texts."""
        return list(self.texts_to_sequences_generator(texts))

    def texts_to_sequences_generator(self, texts: Iterable[Any]) -> Any:
        """The numbers of the words of one text after another."""
        other = self.word_index.get(self.oov_token) if self.oov_token is not None else None
        for text in texts:
            found: list[int] = []
            for word in self._words(text):
                number = self.word_index.get(word)
                if number is None or (self.num_words and number >= self.num_words):
                    number = other
                if number is not None:
                    found.append(number)
            yield found

    def sequences_to_texts(self, sequences: Iterable[Iterable[int]]) -> list[str]:
        """The words of numbers, one text after another."""
        texts: list[str] = []
        for sequence in sequences:
            words = [self.index_word.get(number, self.oov_token) for number in sequence]
            texts.append(" ".join(word for word in words if word is not None))
        return texts

    def texts_to_matrix(self, texts: Iterable[Any], mode: str = "binary") -> np.ndarray:
        """[texts, words]: whether each word is there ("binary"), how often ("count"), or in what share ("freq")."""
        return self.sequences_to_matrix(self.texts_to_sequences(texts), mode)

    def sequences_to_matrix(self, sequences: list[list[int]], mode: str = "binary") -> np.ndarray:
        """As texts_to_matrix, of numbers. Raises ValueError."""
        if not self.num_words and not self.word_index:
            raise ValueError("Specify a dimension (`num_words` argument), or fit on some text data first.")
        width = self.num_words or len(self.word_index) + 1
        if mode not in ("binary", "count", "freq", "tfidf"):
            raise ValueError("Unknown vectorization mode:", mode)
        found = np.zeros((len(sequences), width))
        for row, sequence in zip(found, sequences, strict=True):
            for number, count in collections.Counter(each for each in sequence if each < width).items():
                row[number] = self._share(number, count, len(sequence), mode)
        return found

    def _share(self, number: int, count: int, length: int, mode: str) -> float:
        if mode == "binary":
            return 1
        if mode == "tfidf":
            documents = self.word_docs.get(self.index_word.get(number, ""), 0)
            return (1 + np.log(count)) * np.log(1 + self.document_count / (1 + documents))
        return count if mode == "count" else count / length
