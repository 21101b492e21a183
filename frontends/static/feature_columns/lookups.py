"""Raw features as integers: sparse ones, by their places in a vocabulary, and crossed with each other."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..exports import export
from ..graphs.apply import apply, apply_operation
from ..graphs.collections import get_collection
from ..graphs.conversion import convert_to_tensor
from ..graphs.definitions import host_operation, shape_of_input
from ..graphs.dtypes import DType, int64, string
from ..graphs.operation import Operation
from ..graphs.tensor import Tensor
from ..operations.arrays import shape
from ..operations.casting import cast
from ..operations.control import group
from ..operations.fingerprints import combined_fingerprint, fingerprint64
from ..operations.hashing import buckets
from ..operations.sparse_tensors import SparseTensor
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


@host_operation("VocabularyFind", "keys: T -> int64", shape=shape_of_input, T=(string, int64))
def compute_places(
    at: HostRun, keys: Array, *, vocabulary: dict[Any, int], default_value: int, num_oov_buckets: int
) -> Array:
    """The place of each key in a vocabulary; of others the default, or a bucket behind it by their fingerprints."""
    found = np.array([vocabulary.get(key, -1) for key in keys.reshape(-1).tolist()], np.int64).reshape(keys.shape)
    missing = found < 0
    if not num_oov_buckets:
        return np.where(missing, default_value, found)
    others = keys[missing]
    if keys.dtype != object:
        others = np.array([str(key).encode() for key in others], object)
    found[missing] = len(vocabulary) + buckets(others, num_oov_buckets)
    return found


def places(keys: Any, vocabulary: Sequence[Any], dtype: DType, default_value: int, oov: int, name: str) -> Any:
    """Places in a vocabulary, of a tensor or a sparse tensor."""
    known = {key: place for place, key in enumerate(vocabulary)}
    values = keys.values if isinstance(keys, SparseTensor) else keys
    if dtype is not string:
        values = cast(values, int64)
    found = apply(
        "VocabularyFind", [values], name=name, vocabulary=known, default_value=default_value, num_oov_buckets=oov
    )
    return SparseTensor(keys.indices, found, keys.dense_shape) if isinstance(keys, SparseTensor) else found


@export("tables_initializer", "initializers.tables_initializer", "initialize_all_tables")
def tables_initializer(name: str = "init_all_tables") -> Operation:
    """An operation that initializes all tables of the default graph; vocabularies of columns need none."""
    found = get_collection("table_initializer")
    return group(*found, name=name)


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
    return fingerprint64(item) if isinstance(item, bytes) else int(item) % 2**64


def _crossed(marks: Sequence[int], hash_key: int) -> int:
    found = hash_key
    for mark in marks:
        found = combined_fingerprint(found, mark)
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
