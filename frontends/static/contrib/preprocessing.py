"""tf.contrib.learn.preprocessing: documents as rows of numbers of words, or of bytes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

from ..exports import export
from ..platform.files import GFile

Array = np.ndarray[Any, Any]
_WORDS = re.compile(r"[A-Z]{2,}(?![a-z])|[A-Z][a-z]+(?=[A-Z])|[\'\w\-]+")  # what counts as a word


@export("contrib.learn.preprocessing.tokenizer")
def tokenizer(iterator: Iterable[str]) -> Iterator[list[str]]:
    """The words of each text."""
    for text in iterator:
        yield _WORDS.findall(text)


@export("contrib.learn.preprocessing.CategoricalVocabulary")
class CategoricalVocabulary:
    """Numbers of words, 0 for `unknown_token`; `support_reverse` lets numbers become words again."""

    def __init__(self, unknown_token: str = "<UNK>", support_reverse: bool = True) -> None:
        self._unknown_token = unknown_token
        self._support_reverse = support_reverse
        self._words: list[Any] = [unknown_token]
        self._numbers: dict[Any, int] = {unknown_token: 0}
        self._counts: dict[Any, int] = {}
        self._frozen = False

    def __len__(self) -> int:
        return len(self._words)

    def freeze(self, freeze: bool = True) -> None:
        """Whether other words count as unknown from now on."""
        self._frozen = freeze

    def get(self, category: Any) -> int:
        """The number of a word; a new one gets the next, or 0 where the vocabulary is frozen."""
        number = self._numbers.get(category)
        if number is None:
            if self._frozen:
                return 0
            number = self._numbers[category] = len(self._words)
            self._words.append(category)
        return number

    def add(self, category: Any, count: int = 1) -> None:
        """Counts a word."""
        if self.get(category) > 0:
            self._counts[category] = self._counts.get(category, 0) + count

    def trim(self, min_frequency: int, max_frequency: int = -1) -> None:
        """Keeps words that were counted more than `min_frequency` times, and less than `max_frequency` times where that
        is positive; the most frequent come first."""
        ordered = sorted(self._counts.items(), key=lambda item: (isinstance(item[0], str), item[0]))
        ordered.sort(key=lambda item: item[1], reverse=True)
        kept = [
            (word, count)
            for word, count in ordered
            if count > min_frequency and not 0 < max_frequency <= count
        ]  # fmt: skip
        self._counts = dict(kept)
        self._words = [self._unknown_token, *self._counts]
        self._numbers = {word: number for number, word in enumerate(self._words)}

    def reverse(self, class_id: int) -> Any:
        """The word of a number. Raises ValueError without `support_reverse`."""
        if not self._support_reverse:
            raise ValueError(
                "This vocabulary wasn't initialized with support_reverse to support reverse() function."
            )  # fmt: skip
        return self._words[class_id]


@export("contrib.learn.preprocessing.ByteProcessor")
class ByteProcessor:
    """Texts as the first `max_document_length` bytes of their UTF-8, zeros behind."""

    def __init__(self, max_document_length: int) -> None:
        self.max_document_length = max_document_length

    def fit(self, x: Any) -> None:
        """Nothing: there is nothing to learn."""

    def fit_transform(self, x: Iterable[Any]) -> Iterator[Array]:
        """As transform."""
        return self.transform(x)

    def transform(self, x: Iterable[Any]) -> Iterator[Array]:
        """Rows of bytes, uint8."""
        for text in x:
            data = text.encode() if isinstance(text, str) else bytes(text)
            row = np.frombuffer(data[: self.max_document_length], np.uint8)
            yield np.pad(row, (0, self.max_document_length - len(row)))

    def reverse(self, x: Iterable[Array]) -> Iterator[str]:
        """Rows as texts, those that are none as empty ones."""
        for row in x:
            try:
                yield np.trim_zeros(row.astype(np.uint8), "b").tobytes().decode()
            except UnicodeDecodeError:
                yield ""


@export("contrib.learn.preprocessing.VocabularyProcessor")
class VocabularyProcessor:
    """Documents as rows [max_document_length] of the numbers of their words, cut off or with zeros behind. With
    `min_frequency` words that come so often or less are unknown."""

    def __init__(
        self, max_document_length: int, min_frequency: int = 0, vocabulary: Any = None,
        tokenizer_fn: Callable[[Iterable[Any]], Iterable[Iterable[Any]]] | None = None,
    ) -> None:  # fmt: skip
        self.max_document_length = max_document_length
        self.min_frequency = min_frequency
        self.vocabulary_ = vocabulary or CategoricalVocabulary()
        self._tokenizer = tokenizer_fn or tokenizer

    def fit(self, raw_documents: Iterable[Any], unused_y: Any = None) -> VocabularyProcessor:
        """Learns the words of documents; other words are unknown from then on."""
        for words in self._tokenizer(raw_documents):
            for word in words:
                self.vocabulary_.add(word)
        if self.min_frequency > 0:
            self.vocabulary_.trim(self.min_frequency)
        self.vocabulary_.freeze()
        return self

    def fit_transform(self, raw_documents: Iterable[Any], unused_y: Any = None) -> Iterator[Array]:
        """Learns the words of documents, and gives their rows."""
        return self.fit(raw_documents).transform(raw_documents)

    def transform(self, raw_documents: Iterable[Any]) -> Iterator[Array]:
        """The rows of documents, int64."""
        for words in self._tokenizer(raw_documents):
            row = np.zeros(self.max_document_length, np.int64)
            for place, word in zip(range(self.max_document_length), words, strict=False):
                row[place] = self.vocabulary_.get(word)
            yield row

    def reverse(self, documents: Iterable[Iterable[int]]) -> Iterator[str]:
        """Rows as texts, with spaces between words."""
        for numbers in documents:
            yield " ".join(self.vocabulary_.reverse(number) for number in numbers)

    def save(self, filename: Any) -> None:
        """Writes the vocabulary to a file of JSON. Raises ValueError for words that are no strings or numbers, and for
        a tokenizer or vocabulary of one's own, which a file cannot hold."""
        words = self.vocabulary_
        if self._tokenizer is not tokenizer or type(words) is not CategoricalVocabulary:
            raise ValueError(
                "VocabularyProcessor.save: tokenizer_fn and vocabulary are a program's own but must be TensorFlow's"
            )
        if not all(isinstance(word, str | int) for word in words._words):
            raise ValueError("VocabularyProcessor.save: words are of other types but must be strings and integers")
        content = {
            "max_document_length": self.max_document_length, "min_frequency": self.min_frequency,
            "words": words._words, "counts": list(words._counts.items()), "frozen": words._frozen,
            "support_reverse": words._support_reverse,
        }  # fmt: skip
        with GFile(filename, "w") as file:
            file.write(json.dumps(content))

    @classmethod
    def restore(cls, filename: Any) -> VocabularyProcessor:
        """What `save` wrote. Raises ValueError for other files, such as the pickles that TensorFlow writes."""
        with GFile(filename, "rb") as file:
            data = file.read()
        try:
            content = json.loads(data)
            words = CategoricalVocabulary(str(content["words"][0]), bool(content["support_reverse"]))
            words._words = list(content["words"])
            words._numbers = {word: number for number, word in enumerate(words._words)}
            words._counts = {word: int(count) for word, count in content["counts"]}
            words._frozen = bool(content["frozen"])
            return cls(int(content["max_document_length"]), int(content["min_frequency"]), words)
        except (ValueError, TypeError, KeyError, IndexError):
            raise ValueError(
                f"VocabularyProcessor.restore: {filename} is no vocabulary but must be one that save() wrote; pickles "
                "are not read"
            ) from None
