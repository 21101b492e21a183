"""Calls of keras's loaders, whose answers keras 2.15 gave on the files of `write_keras`; `keras_answers.json` holds them.

Where tensorflow is installed: python -m tests.datasets.tutorials.keras_cases
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

from tests.datasets.files import digits, tar_of, write_cifar100, write_mnist, write_texts

CALLS = {
    "imdb": ("imdb", {}),
    "imdb of 30 words": ("imdb", {"num_words": 30, "skip_top": 5}),
    "imdb of short texts": ("imdb", {"maxlen": 9, "seed": 5}),
    "imdb without marks": ("imdb", {"start_char": None, "oov_char": None, "index_from": 1, "num_words": 20}),
    "imdb moved": ("imdb", {"start_char": None, "index_from": 2}),
    "reuters": ("reuters", {}),
    "reuters halved": ("reuters", {"test_split": 0.5, "num_words": 40, "maxlen": 11}),
    "boston_housing": ("boston_housing", {}),
    "boston_housing halved": ("boston_housing", {"test_split": 0.5, "seed": 1}),
    "mnist": ("mnist", {}),
    "fashion_mnist": ("fashion_mnist", {}),
    "cifar100": ("cifar100", {}),
    "cifar100 coarse": ("cifar100", {"label_mode": "coarse"}),
}


def write_keras(home: Path) -> None:
    """Small files of all data sets but cifar10, whose size keras fixes, as they lie in keras's home."""
    folder = home / "datasets"
    write_texts(folder)
    write_mnist(folder / "fashion-mnist")
    write_cifar100(folder)
    train, test = digits(6, 1), digits(4, 2)
    np.savez(folder / "mnist.npz", x_train=train[0], y_train=train[1], x_test=test[0], y_test=test[1])
    random = np.random.RandomState(0)
    np.savez(folder / "boston_housing.npz", x=random.rand(11, 13), y=random.rand(11))
    tar_of(folder / "cifar-100-python", folder / "cifar-100-python.tar.gz")


def summary(found: Any) -> list[Any]:
    """Of each array its dtype, shape and contents, large ones as a sum."""
    if isinstance(found, tuple):
        return [summary(each) for each in found]
    contents = (
        found.tolist() if found.size < 50 else int((found.astype(np.int64).ravel() * np.arange(found.size)).sum())
    )
    return [str(found.dtype), list(found.shape), contents]


if __name__ == "__main__":
    from unittest import mock

    from keras import datasets

    write_keras(Path(sys.argv[1]))
    answers: dict[str, Any] = {}
    for title, (name, options) in CALLS.items():
        module = sys.modules[f"keras.src.datasets.{name}"]
        is_folder = name.startswith("cifar")
        place = "cifar-100-python" if is_folder else None
        with mock.patch.object(
            module,
            "get_file",
            lambda given, place=place, **how: str(
                Path(sys.argv[1], how.get("cache_subdir", "datasets"), place or given)
            ),
        ):
            answers[title] = summary(getattr(datasets, name).load_data(**options))
    lines = (f" {json.dumps(title)}: {json.dumps(answer)}" for title, answer in answers.items())
    text = "{\n" + ",\n".join(lines) + "\n}\n"
    Path(__file__).with_name("keras_answers.json").write_text(text, encoding="utf-8")
