"""keras's loaders give what those of TensorFlow 1.15 give."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from diptych.datasets import DamagedFile, DownloadFailed
from diptych.datasets.tutorials import keras

from tests.datasets.files import batch, write_cifar10
from tests.datasets.tutorials.keras_cases import CALLS, answer, summary, write_keras

ANSWERS = json.loads(Path(__file__).with_name("keras_answers.json").read_text(encoding="utf-8"))


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """keras's home, with small files."""
    write_keras(tmp_path)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize("title", list(CALLS))
def test_answers_of_keras(home: Path, title: str) -> None:
    name, options = CALLS[title]
    found = answer(getattr(keras, name), options)
    assert json.loads(json.dumps(found)) == ANSWERS[title]


def test_cifar10(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIPTYCH_DATA", str(tmp_path))
    write_cifar10(tmp_path)
    (x_train, y_train), (x_test, y_test) = keras.cifar10.load_data()
    assert x_train.shape == (20, 32, 32, 3) and x_test.shape == (4, 32, 32, 3)
    np.testing.assert_array_equal(x_train[4], batch(4, 1)[0].reshape(3, 32, 32).transpose(1, 2, 0))
    assert y_train.dtype == np.uint8 and y_train.shape == (20, 1) and y_test[:, 0].tolist() == [5, 6, 7, 8]


def test_a_folder_comes_out_of_its_archive(home: Path) -> None:
    for path in (home / "datasets" / "cifar-100-python").iterdir():
        path.unlink()
    with pytest.raises(DownloadFailed, match=r"cifar-100-python.tar.gz: could not be downloaded from https://www.cs"):
        keras.cifar100.load_data()  # the small archive has not the checksum of the published one


def test_the_archive_is_called_as_its_folder(home: Path) -> None:
    with pytest.raises(DownloadFailed, match=r"put the file there by hand: .*/datasets/cifar-10-batches-py\.tar\.gz"):
        keras.cifar10.load_data()


def test_keras_own_file_comes_before_one_of_that_name_in_the_working_folder(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    np.savez("mnist.npz", weights=np.zeros(3))
    assert keras.mnist.load_data()[0][0].shape == (6, 28, 28)


def test_a_path_of_the_users_is_where_a_download_goes(tmp_path: Path, home: Path) -> None:
    for path, place in ((str(tmp_path / "a" / "mine.npz"), "a/mine.npz"), ("b/mine.npz", "datasets/b/mine.npz")):
        with pytest.raises(DownloadFailed) as caught:
            keras.mnist.load_data(path)
        assert str(caught.value).endswith(f"put the file there by hand: {tmp_path / place}")


def test_a_path_of_the_users(tmp_path: Path, home: Path) -> None:
    (tmp_path / "datasets" / "mnist.npz").rename(tmp_path / "mine.npz")
    (x_train, _), _ = keras.mnist.load_data(str(tmp_path / "mine.npz"))
    assert x_train.shape == (6, 28, 28)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: keras.cifar100.load_data("x"), '`label_mode` must be one of `"fine"`, `"coarse"`.'),
        (lambda: keras.imdb.load_data(words=3), "Unrecognized keyword arguments: {'words': 3}"),
        (lambda: keras.reuters.load_data(words=3), "Unrecognized keyword arguments: {'words': 3}"),
        (
            lambda: keras.imdb.load_data(maxlen=1),
            "After filtering for sequences shorter than maxlen=1, no sequence was kept. Increase maxlen.",
        ),
    ],
)
def test_refusals(home: Path, call: Any, message: str) -> None:
    with pytest.raises((TypeError, ValueError)) as caught:
        call()
    assert str(caught.value) == message


def test_the_old_name_of_num_words(home: Path, caplog: pytest.LogCaptureFixture) -> None:
    assert summary(keras.imdb.load_data(nb_words=30, skip_top=5)) == summary(
        keras.imdb.load_data(num_words=30, skip_top=5)
    )
    assert caplog.record_tuples == [
        ("tensorflow", logging.WARNING, "The `nb_words` argument in `load_data` has been renamed `num_words`.")
    ]


def test_word_indices(home: Path) -> None:
    path = home / "datasets" / "imdb_word_index.json"
    path.write_text('{"the": 1}')
    assert keras.imdb.get_word_index() == {"the": 1}
    for text in ("[1]", '{"the": "1"}', "{", "[" * 100000):
        path.write_text(text)
        with pytest.raises(DamagedFile):
            keras.imdb.get_word_index()
    assert len(keras.reuters.get_label_names()) == 46


def test_without_files_or_network(tmp_path: Path) -> None:
    with pytest.raises(DownloadFailed) as caught:
        keras.boston_housing.load_data()
    assert str(caught.value) == (
        "boston_housing.npz: could not be downloaded from "
        "https://storage.googleapis.com/tensorflow/tf-keras-datasets/boston_housing.npz (no network)\n"
        f"  try: put the file there by hand: {Path.home() / '.keras/datasets/boston_housing.npz'}"
    )
