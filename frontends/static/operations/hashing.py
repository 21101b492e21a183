"""Strings in buckets, by their fingerprints."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..exports import export
from ..graphs.apply import apply
from ..graphs.definitions import host_operation, shape_of_input
from ..graphs.tensor import Tensor
from ..running.host import HostRun
from .arrays import either
from .fingerprints import fingerprint64

Array = np.ndarray[Any, Any]


def buckets(texts: Array, count: int) -> Array:
    """In which of `count` buckets each string belongs, int64."""
    known = {text: fingerprint64(text) % count for text in set(texts.flat)}
    return np.array([known[text] for text in texts.flat], np.int64).reshape(texts.shape)


@host_operation("StringToHashBucketFast", "input: string -> int64", shape=shape_of_input)
def compute_buckets(at: HostRun, texts: Array, *, num_buckets: int) -> Array:
    """The bucket of every string."""
    return buckets(texts, num_buckets)


@export("string_to_hash_bucket_fast", "strings.to_hash_bucket_fast")
def string_to_hash_bucket_fast(
    input: Any = None, num_buckets: int | None = None, name: str | None = None, string_tensor: Any = None
) -> Tensor:
    """In which of `num_buckets` buckets each string belongs, int64, by a fingerprint that is the same everywhere.
    Raises ValueError for less than one bucket."""
    given = either("input", input, "string_tensor", string_tensor)
    if num_buckets is None or num_buckets < 1:
        raise ValueError(
            f"Value for attr 'num_buckets' of {num_buckets} must be at least minimum 1 of StringToHashBucketFast"
        )
    return apply("StringToHashBucketFast", [given], name=name, num_buckets=num_buckets)
