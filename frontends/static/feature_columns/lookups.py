"""Raw features as integers: strings made sparse, places in a vocabulary, and features crossed with each other."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..exports import export
from ..graphs.apply import apply, apply_operation
from ..graphs.conversion import convert_to_tensor
from ..graphs.definitions import host_operation
from ..graphs.dtypes import int64, string
from ..graphs.tensor import Tensor
from ..operations.arrays import shape
from ..operations.casting import cast
from ..operations.sparse_tensors import SparseTensor
from ..operations.string_hashing import fingerprint
from ..running.host import HostRun

Array = np.ndarray[Any, Any]

HASH_KEY = 0xDECAFCAFFE  # TensorFlow's, where a crossed column has none of its own


@host_operation(
    "StringsToSparse", "dense: string -> int64, string",
    shape=lambda inputs, **_: [(None, None if inputs[0]._dims is None else len(inputs[0]._dims)), (None,)],
)  # fmt: skip
def compute_sparse_strings(at: HostRun, dense: Array, *, ignored: bytes = b"") -> list[Array]:
    """The places and elements of an array of strings but for those to be ignored."""
    kept = np.argwhere(dense != ignored).astype(np.int64)
    return [kept, dense[tuple(kept.T)]]


def sparse_strings(dense: Tensor, ignored: Any) -> SparseTensor:
    """A tensor of strings as a sparse one, without those that are equal to `ignored`."""
    text = ignored.encode() if isinstance(ignored, str) else ignored
    indices, values = apply("StringsToSparse", [dense], ignored=text)
    return SparseTensor(indices, values, shape(dense, out_type=int64, name="dense_shape"))


# -- vocabularies ----


def places(keys: SparseTensor, table: Any) -> SparseTensor:
    """The places of keys in a table, whose integers are of 64 bits."""
    if keys.dtype.is_integer:
        keys = SparseTensor(keys.indices, cast(keys.values, int64), keys.dense_shape)
    return table.lookup(keys)


# -- crossed features ----


@host_operation("SparseCross", "parts: *T -> int64, int64, int64", shape=lambda inputs, **_: [(None, 2), (None,), (2,)])
def compute_crossed(
    at: HostRun, *parts: Array, sparse_count: int, num_buckets: int, hash_key: int, T: Any = ()
) -> list[Array]:
    """Of each example every combination of one element of each feature, by a fingerprint of it."""
    columns = [_rows(*parts[3 * number : 3 * number + 3]) for number in range(sparse_count)]
    columns += [list(dense) for dense in parts[3 * sparse_count :]]
    batch = len(columns[0])
    found: list[list[int]] = []
    for row in range(batch):
        marks = [[_mark(item) for item in column[row]] for column in columns]
        found.append([_crossed(chosen, hash_key) % (num_buckets or 2**63 - 1) for chosen in itertools.product(*marks)])
    indices = [[row, place] for row, items in enumerate(found) for place in range(len(items))]
    widest = max(map(len, found), default=0)
    return [
        np.array(indices, np.int64).reshape(-1, 2), np.array([each for row in found for each in row], np.int64),
        np.array([batch, widest], np.int64),
    ]  # fmt: skip


def _rows(indices: Array, values: Array, shape: Array) -> list[list[Any]]:
    found: list[list[Any]] = [[] for _ in range(int(shape[0]))]
    for place, value in zip(indices, values, strict=True):
        found[int(place[0])].append(value)
    return found


def _mark(item: Any) -> int:
    return fingerprint(item) if isinstance(item, bytes) else int(item) % 2**64


def _combined(first: int, other: int) -> int:
    """The fingerprint of two fingerprints, in this order."""
    factor, mask = 0xC6A4A7935BD1E995, (1 << 64) - 1
    mixed = other * factor & mask
    found = first ^ factor ^ ((mixed ^ mixed >> 47) * factor & mask)
    found = found * factor & mask
    found = (found ^ found >> 47) * factor & mask
    return found ^ found >> 47


def _crossed(marks: Sequence[int], hash_key: int) -> int:
    found = hash_key
    for mark in marks:
        found = _combined(found, mark)
    return found


@export("sparse.cross_hashed")
def sparse_cross_hashed(
    inputs: Sequence[Any], num_buckets: int = 0, hash_key: int | None = None, name: str | None = None
) -> SparseTensor:
    """[batch, combinations] int64: each combination of one element of each input [batch, n], sparse or not, in one of
    `num_buckets` buckets."""
    given = [each if isinstance(each, SparseTensor) else convert_to_tensor(each) for each in inputs]
    sparse = [each for each in given if isinstance(each, SparseTensor)]
    parts = [part for each in sparse for part in (each.indices, _plain(each.values), each.dense_shape)]
    parts += [_plain(each) for each in given if not isinstance(each, SparseTensor)]
    made = apply_operation(
        "SparseCross", [parts], name=name, sparse_count=len(sparse), num_buckets=num_buckets,
        hash_key=HASH_KEY if hash_key is None else hash_key,
    ).outputs  # fmt: skip
    return SparseTensor(*made)


def _plain(values: Tensor) -> Tensor:
    return values if values.dtype.base_dtype is string else cast(values, int64)
