"""Documents as numbers, by hand and as TensorFlow 1.15's own code gives them."""

import diptych.static as tf
import numpy as np
import pytest

preprocessing = tf.contrib.learn.preprocessing
TEXTS = ["The cat's hat", "the CAThat, the hat-rack", "the hat"]


def test_words_are_numbered_as_they_come():
    made = preprocessing.VocabularyProcessor(3)
    rows = np.array(list(made.fit_transform(TEXTS)))
    assert rows.dtype == np.int64
    assert rows.tolist() == [[1, 2, 3], [4, 5, 6], [4, 3, 0]]
    assert len(made.vocabulary_) == 8
    assert list(made.reverse([[1, 3], [5, 6]])) == ["The hat", "CA That"]
    assert [row.tolist() for row in made.transform(["hat dog the The cat's"])] == [[3, 0, 4]]
    assert made.vocabulary_.get("another") == 0


def test_rare_words_are_unknown():
    made = preprocessing.VocabularyProcessor(2, min_frequency=1)
    assert [row.tolist() for row in made.fit_transform(["b a", "a c", "a b"])] == [[2, 1], [1, 0], [1, 2]]
    made = preprocessing.CategoricalVocabulary()
    for word in "abbccc":
        made.add(word)
    made.trim(0, max_frequency=3)
    assert [made.get(word) for word in "ba"] == [1, 2]
    assert len(made) == 3


def test_bytes_are_numbers_too():
    made = preprocessing.ByteProcessor(4)
    rows = list(made.fit_transform(["abc", "größe", b"x"]))
    assert [row.tolist() for row in rows] == [[97, 98, 99, 0], [103, 114, 195, 182], [120, 0, 0, 0]]
    assert list(made.reverse([*rows, np.array([255])])) == ["abc", "grö", "x", ""]


def test_a_vocabulary_is_kept_in_a_file(tmp_path):
    path = str(tmp_path / "vocabulary")
    made = preprocessing.VocabularyProcessor(3, min_frequency=0)
    made.fit(TEXTS)
    made.save(path)
    again = preprocessing.VocabularyProcessor.restore(path)
    assert [row.tolist() for row in again.transform(TEXTS)] == [[1, 2, 3], [4, 5, 6], [4, 3, 0]]
    assert (again.max_document_length, len(again.vocabulary_)) == (3, 8)


@pytest.mark.parametrize("data", [b"\x80\x03cos\nsystem\n", b"[]", b"{}", b'{"words": []}', b"\xff"])
def test_other_files_are_no_vocabulary(tmp_path, data):
    path = tmp_path / "vocabulary"
    path.write_bytes(data)
    with pytest.raises(ValueError) as error:
        preprocessing.VocabularyProcessor.restore(str(path))
    assert str(error.value) == (
        f"VocabularyProcessor.restore: {path} is no vocabulary but must be one that save() wrote; pickles are not read"
    )


def test_what_a_file_cannot_hold(tmp_path):
    own = preprocessing.VocabularyProcessor(3, tokenizer_fn=lambda texts: (text.split() for text in texts))
    assert [row.tolist() for row in own.fit_transform(["a-b c"])] == [[1, 2, 0]]
    odd = preprocessing.VocabularyProcessor(3)
    odd.vocabulary_.add(("a", 1))
    for made, message in (
        (
            own,
            "VocabularyProcessor.save: tokenizer_fn and vocabulary are a program's own but must be TensorFlow's",
        ),
        (odd, "VocabularyProcessor.save: words are of other types but must be strings and integers"),
    ):
        with pytest.raises(ValueError) as error:
            made.save(str(tmp_path / "vocabulary"))
        assert str(error.value) == message
    flat = preprocessing.CategoricalVocabulary(support_reverse=False)
    with pytest.raises(ValueError) as error:
        flat.reverse(0)
    assert str(error.value) == (
        "This vocabulary wasn't initialized with support_reverse to support reverse() function."
    )
