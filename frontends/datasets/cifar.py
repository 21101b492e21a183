"""Reads the batches of CIFAR-10 and CIFAR-100, which are pickles, as plain data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from ..pickles import Refused, read_plain
from .errors import DamagedFile

MAX_BYTES = 1 << 28  # CIFAR-100's 50,000 images have 155 MB
_PIXELS = 3 * 32 * 32


def _dict_of(path: Path | str) -> dict[str, Any]:
    with Path(path).open("rb") as file:
        data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise DamagedFile(path, f"has more than {MAX_BYTES} bytes")
    try:
        found = read_plain(data)
    except Refused as error:
        raise DamagedFile(path, f"is no batch of CIFAR: {error}") from error
    if not isinstance(found, dict):
        raise DamagedFile(path, "is no batch of CIFAR: it holds no dict")
    return {key.decode("latin1") if isinstance(key, bytes) else key: value for key, value in found.items()}


def read_batch(path: Path | str, labels: str) -> tuple[np.ndarray, list[int]]:
    """(images uint8 [n, 3, 32, 32], the labels called `labels`) of one batch. Raises DamagedFile."""
    found = _dict_of(path)
    data, given = found.get("data"), found.get(labels)
    if not isinstance(data, np.ndarray) or data.dtype != np.uint8 or data.ndim != 2 or data.shape[1] != _PIXELS:
        raise DamagedFile(path, f"is no batch of CIFAR: 'data' must be uint8 [n, {_PIXELS}]")
    if not isinstance(given, list) or len(given) != len(data) or any(type(label) is not int for label in given):
        raise DamagedFile(path, f"is no batch of CIFAR: {labels!r} must be a list of {len(data)} integers")
    return data.reshape(-1, 3, 32, 32), given


def read_names(path: Path | str, key: str) -> list[str]:
    """The names of the classes. Raises DamagedFile."""
    names = _dict_of(path).get(key)
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise DamagedFile(path, f"{key!r} must be a list of names")
    return names
