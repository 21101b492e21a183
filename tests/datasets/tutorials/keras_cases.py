"""Calls of keras's loaders, whose answers TensorFlow 1.15.5 gave on the files of `write_keras`; `keras_answers.json`
holds them.

Where its wheel is unpacked, and numpy < 1.24, keras_preprocessing and six are installed, but no TensorFlow is needed:
python -m tests.datasets.tutorials.keras_cases EMPTY_FOLDER UNPACKED_WHEEL
"""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from tests.datasets.files import digits, tar_of, write_cifar100, write_mnist, write_texts

CALLS = {
    "imdb": ("imdb", {}),
    "imdb of 30 words": ("imdb", {"num_words": 30, "skip_top": 5}),
    "imdb of short texts": ("imdb", {"maxlen": 9, "seed": 5}),
    "imdb without marks": ("imdb", {"start_char": None, "oov_char": None, "index_from": 1, "num_words": 20}),
    "imdb moved": ("imdb", {"start_char": None, "index_from": 2}),
    "imdb of one train set": ("imdb", {"maxlen": 8}),
    "imdb of equal lengths": ("imdb", {"maxlen": 3, "num_words": 40}),
    "reuters": ("reuters", {}),
    "reuters halved": ("reuters", {"test_split": 0.5, "num_words": 40, "maxlen": 11}),
    "reuters of another seed": ("reuters", {"seed": 1, "skip_top": 30, "oov_char": None}),
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


def answer(module: Any, options: dict[str, Any]) -> list[Any]:
    """What a loader returns, and what numpy's global random numbers give behind it."""
    np.random.seed(0)
    return [summary(module.load_data(**options)), int(np.random.randint(1000))]


def loaders(package: Path, folder: Path) -> dict[str, Any]:
    """The release's own modules, which get small files and nothing else of TensorFlow."""
    import keras_preprocessing.sequence

    def get_file(name: str, cache_subdir: str = "datasets", **_: Any) -> str:
        return str(folder / cache_subdir / name)

    def stand(name: str, **contents: Any) -> ModuleType:
        made = ModuleType(name)
        made.__dict__.update(contents)
        sys.modules[name] = made
        return made

    for name in ("tensorflow", "tensorflow.python", "tensorflow.python.keras", "tensorflow.python.keras.utils"):
        stand(name, __path__=[])
    stand("tensorflow.python.keras.datasets", __path__=[str(package / "python/keras/datasets")])
    sys.modules["tensorflow.python.keras"].backend = stand("backend", image_data_format=lambda: "channels_last")
    stand("tensorflow.python.keras.utils.data_utils", get_file=get_file)
    stand("tensorflow.python.keras.preprocessing", __path__=[], sequence=keras_preprocessing.sequence)
    sys.modules["tensorflow.python.keras.preprocessing.sequence"] = keras_preprocessing.sequence
    stand("tensorflow.python.util", __path__=[])
    stand("tensorflow.python.util.tf_export", keras_export=lambda *names: lambda function: function)
    stand("tensorflow.python.platform", tf_logging=None)
    names = {name for name, _ in CALLS.values()}
    return {name: importlib.import_module(f"tensorflow.python.keras.datasets.{name}") for name in names}


if __name__ == "__main__":
    target = Path(sys.argv[1])
    write_keras(target)
    found = loaders(Path(sys.argv[2], "tensorflow_core"), target)
    answers = {title: answer(found[name], options) for title, (name, options) in CALLS.items()}
    lines = (f" {json.dumps(title)}: {json.dumps(each)}" for title, each in answers.items())
    text = "{\n" + ",\n".join(lines) + "\n}\n"
    Path(__file__).with_name("keras_answers.json").write_text(text, encoding="utf-8")
