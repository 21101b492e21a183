"""tf.parse_example: features of serialized Example messages as tensors."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from ...events.errors import DamagedData
from ..exports import export
from ..graphs.apply import apply_operation
from ..graphs.conversion import constant, convert_to_tensor
from ..graphs.definitions import host_operation
from ..graphs.dtypes import DType, float32, int64, string
from ..graphs.errors import InvalidArgumentError
from ..graphs.scopes import name_scope
from ..graphs.shapes import Dims, as_shape
from ..graphs.tensor import Tensor
from ..operations.arrays import expand_dims, reshape, squeeze
from ..operations.slicing import slice_
from ..operations.sparse_tensors import SparseTensor
from ..platform.examples import Example
from ..running.host import HostRun
from .merging import sparse_merge

Array = np.ndarray[Any, Any]


@export("VarLenFeature", "io.VarLenFeature")
class VarLenFeature(NamedTuple):
    """Any number of elements in each example: a sparse tensor."""

    dtype: Any


@export("SparseFeature", "io.SparseFeature")
class SparseFeature(NamedTuple):
    """A sparse tensor whose places and values are two features."""

    index_key: Any
    value_key: str
    dtype: Any
    size: Any
    already_sorted: bool = False


@export("FixedLenFeature", "io.FixedLenFeature")
class FixedLenFeature(NamedTuple):
    """As many elements as a shape says in each example: a tensor. Without a default they must be there."""

    shape: Any
    dtype: Any
    default_value: Any = None


@export("FixedLenSequenceFeature", "io.FixedLenSequenceFeature")
class FixedLenSequenceFeature(NamedTuple):
    """Any number of blocks of a shape in each example: a tensor, whose shorter rows are filled up."""

    shape: Any
    dtype: Any
    allow_missing: bool = False
    default_value: Any = None


Shapes = Sequence[Dims]  # of the rows of dense features

_LISTS: dict[str, str] = {"string": "bytes_list", "float32": "float_list", "int64": "int64_list"}


def _output_shapes(
    inputs: Sequence[Tensor], *, Nsparse: int, Ndense: int, sparse_types: Any, dense_shapes: Any, Tdense: Any
) -> list[Dims | None]:
    """Raises ValueError where keys, types and shapes are not as many, as a file may say."""
    for what, counts in (("sparse", (Nsparse, len(sparse_types))), ("dense", (Ndense, len(Tdense), len(dense_shapes)))):
        if len({*counts}) > 1:
            numbers = ", ".join(map(str, counts))
            raise ValueError(
                f"ParseExample: keys, types and shapes of {what} features must be as many, but are {numbers}"
            )
    batch = inputs[0]._dims
    lead = batch if batch is not None else (None,)
    found: list[Dims | None] = []
    found += [(None, 2)] * Nsparse + [(None,)] * Nsparse + [(2,)] * Nsparse
    for shape in dense_shapes:
        found.append((*lead, *as_shape(shape).as_list()))
    return found


@host_operation(
    "ParseExample", "serialized: string, names: string, sparse_keys: Nsparse*string, dense_keys: Ndense*string, "
    "dense_defaults: *Tdense -> Nsparse*int64, *sparse_types, Nsparse*int64, *Tdense", shape=_output_shapes,
)  # fmt: skip
def compute_examples(
    at: HostRun, serialized: Array, names: Array, *given: Array, Nsparse: int, Ndense: int,
    sparse_types: tuple[DType, ...], dense_shapes: Shapes, Tdense: tuple[DType, ...],
) -> list[Any]:  # fmt: skip
    """Sparse indices, sparse values, sparse shapes, then dense tensors, as the keys say."""
    if any(each.ndim for each in given[: Nsparse + Ndense]):
        raise _refused(at, "keys must be texts alone, without axes")
    keys = [each.item().decode("utf-8", "replace") for each in given[: Nsparse + Ndense]]
    defaults = given[Nsparse + Ndense :]
    sparse = list(zip(keys[:Nsparse], sparse_types, strict=True))
    dense = list(zip(keys[Nsparse:], Tdense, dense_shapes, strict=True))
    features = [_features(at, text) for text in serialized.reshape(-1)]
    read = [[_list(at, row, each, key, dtype) for row, each in enumerate(features)] for key, dtype in sparse]
    indices = [_indices(rows) for rows in read]
    values = [_array([item for row in rows for item in row or ()], dtype)
              for rows, (_, dtype) in zip(read, sparse, strict=True)]  # fmt: skip
    shapes = [np.array([len(rows), max((len(row or ()) for row in rows), default=0)], np.int64) for rows in read]
    found = [
        _dense(at, features, key, dtype, shape, default)
        for (key, dtype, shape), default in zip(dense, defaults, strict=True)
    ]
    return [*indices, *values, *shapes, *found]


def _refused(at: HostRun, message: str) -> InvalidArgumentError:
    return InvalidArgumentError(at.operation.node_def, at.operation, message)


def _features(at: HostRun, text: bytes) -> Mapping[str, Any]:
    try:
        return dict(Example.FromString(text).features.feature.items())
    except DamagedData as error:
        raise _refused(at, f"Could not parse example input, value: '{text.decode('utf-8', 'replace')}'") from error


def _list(at: HostRun, row: int, features: Mapping[str, Any], key: str, dtype: DType) -> Any:
    """The elements of a feature; None where it is not there."""
    feature = features.get(key)
    kind = None if feature is None else feature.WhichOneof("kind")
    if kind is None:
        return None
    if kind != _LISTS.get(dtype.name):
        raise _refused(at, f"Key: {key}.  Data types don't match. Expected type: {_type_name(dtype)}")
    return list(getattr(feature, kind).value)


def _indices(rows: Sequence[Any]) -> Array:
    places = [[number, place] for number, row in enumerate(rows) for place in range(len(row or ()))]
    return np.array(places, np.int64).reshape(-1, 2)


def _array(items: Sequence[Any], dtype: DType) -> Array:
    if dtype is not string:
        return np.array(items, dtype.numpy)
    found = np.empty(len(items), object)
    found[:] = items
    return found


def _dense(
    at: HostRun, features: Sequence[Mapping[str, Any]], key: str, dtype: DType, shape: Any, default: Array
) -> Array:
    sizes = as_shape(shape).as_list()
    rows = [_list(at, row, each, key, dtype) for row, each in enumerate(features)]
    if sizes and sizes[0] is None:
        return _padded(at, rows, key, dtype, sizes[1:], default)
    count = int(np.prod(sizes, dtype=int))
    given: list[Any] = []
    for number, row in enumerate(rows):
        if row is None:
            if default.size == 0 and count:
                raise _refused(
                    at, f"Name: <unknown>, Feature: {key} (data type: {_type_name(dtype)}) is required but could not "
                    "be found.",
                )  # fmt: skip
            row = list(default.reshape(-1))
        if len(row) != count:
            raise _refused(
                at, f"Name: <unknown>, Key: {key}, Index: {number}.  Number of {dtype.name} values != expected.  "
                f"Values size: {len(row)} but output shape: {list(sizes)}".replace(", ", ","),
            )  # fmt: skip
        given.extend(row)
    return _array(given, dtype).reshape(len(rows), *sizes)


def _type_name(dtype: DType) -> str:
    return "float" if dtype is float32 else dtype.name


def _padded(at: HostRun, rows: Sequence[Any], key: str, dtype: DType, sizes: list[int], default: Array) -> Array:
    """[rows, longest, *sizes]: shorter rows filled up. Raises InvalidArgumentError for a part of a block."""
    block = max(int(np.prod(sizes, dtype=int)), 1)
    for number, row in enumerate(rows):
        if len(row or ()) % block:
            raise _refused(
                at, f"Name: <unknown>, Key: {key}, Index: {number}.  Number of {dtype.name} values is not a multiple "
                f"of stride length. Saw {len(row)} values but output shape is: [?,{','.join(map(str, sizes))}]",
            )  # fmt: skip
    longest = max((len(row or ()) for row in rows), default=0)
    fill = default.reshape(-1)[0]
    flat = [item for row in rows for item in [*(row or ()), *([fill] * (longest - len(row or ())))]]
    return _array(flat, dtype).reshape(len(rows), longest // block, *sizes)


# -- functions ----


class _Request(NamedTuple):
    sparse: list[tuple[str, DType]]
    dense: list[tuple[str, DType, Any]]
    defaults: dict[str, Any]


def _requested(features: Mapping[str, Any]) -> _Request:
    """What is to be read of each example, by sorted keys. Raises ValueError."""
    found = _Request([], [], {})
    for key in sorted(features):
        feature = features[key]
        if isinstance(feature, VarLenFeature):
            if not feature.dtype:
                raise ValueError(f"Missing type for feature {key}.")
            found.sparse.append((key, feature.dtype))
        elif isinstance(feature, SparseFeature):
            _request_sparse(key, feature, found)
        elif isinstance(feature, FixedLenFeature | FixedLenSequenceFeature):
            _request_dense(key, feature, found)
        else:
            raise ValueError(f"Invalid feature {key}:{feature}.")
    return found


def _request_sparse(key: str, feature: SparseFeature, found: _Request) -> None:
    for name in ("index_key", "value_key"):
        if not getattr(feature, name):
            raise ValueError(f"Missing {name} for SparseFeature {feature}.")
    if not feature.dtype:
        raise ValueError(f"Missing type for feature {key}.")
    index_keys = [feature.index_key] if isinstance(feature.index_key, str) else sorted(feature.index_key)
    known = dict(found.sparse)
    for name, dtype in [*((each, int64) for each in index_keys), (feature.value_key, feature.dtype)]:
        if name not in known:
            found.sparse.append((name, dtype))
        elif known[name] is not dtype:
            wanted = "int64" if name in index_keys else dtype
            raise ValueError(f"Conflicting type {known[name]} vs {wanted} for feature {name}.")


def _request_dense(key: str, feature: Any, found: _Request) -> None:
    if not feature.dtype:
        raise ValueError(f"Missing type for feature {key}.")
    if feature.shape is None:
        raise ValueError(f"Missing shape for feature {key}.")
    shape = as_shape(feature.shape)
    if isinstance(feature, FixedLenSequenceFeature):
        if not feature.allow_missing:
            raise ValueError("Unsupported: FixedLenSequenceFeature requires allow_missing to be True.")
        found.dense.append((key, feature.dtype, [None, *shape.as_list()]))
    else:
        if shape.ndims and shape[0].value is None:
            raise ValueError(
                f"First dimension of shape for feature {key} unknown. Consider using FixedLenSequenceFeature."
            )
        if not shape.is_fully_defined():
            raise ValueError(
                f"All dimensions of shape for feature {key} need to be known but received {feature.shape}."
            )
        found.dense.append((key, feature.dtype, shape.as_list()))
    if feature.default_value is not None:
        found.defaults[key] = feature.default_value


def _default(key: str, dtype: DType, shape: list[Any], given: Any) -> Tensor:
    """What stands for a feature that is not there: nothing where it must be."""
    label = re.sub(r"[^A-Za-z0-9_.\-/]", "_", key)
    if shape and shape[0] is None:
        if given is None:
            return convert_to_tensor("" if dtype is string else 0, dtype=dtype)
        return reshape(convert_to_tensor(given, dtype=dtype, name=f"padding_{label}"), [])
    if given is None:
        return constant(np.array([], dtype.numpy if dtype is not string else object), dtype=dtype)
    return reshape(convert_to_tensor(given, dtype=dtype, name=f"key_{label}"), shape)


def _parsed(serialized: Any, request: _Request, name: str | None) -> dict[str, Any]:
    with name_scope(name, "ParseExample", [serialized]):
        defaults = [_default(key, dtype, shape, request.defaults.get(key)) for key, dtype, shape in request.dense]
        types, count = tuple(dtype for _, dtype in request.sparse), len(request.sparse)
        serialized = convert_to_tensor(serialized, dtype=string, name="serialized")
        keys = [[each[0] for each in asked] for asked in (request.sparse, request.dense)]
        names = np.array([], object)  # of examples, which only messages would tell
        made = apply_operation(
            "ParseExample", [serialized, names, *keys, defaults], name=name, Nsparse=count, Ndense=len(request.dense),
            sparse_types=types, dense_shapes=tuple(tuple(shape) for _, _, shape in request.dense),
            Tdense=tuple(dtype for _, dtype, _ in request.dense),
        ).outputs  # fmt: skip
        found: dict[str, Any] = {}
        for place, (key, _) in enumerate(request.sparse):
            found[key] = SparseTensor(made[place], made[count + place], made[2 * count + place])
        for place, (key, _, _) in enumerate(request.dense):
            found[key] = made[3 * count + place]
        return found


@export("parse_example", "io.parse_example")
def parse_example(
    serialized: Any, features: Mapping[str, Any], name: str | None = None, example_names: Any = None
) -> dict[str, Any]:
    """A dictionary of tensors and sparse tensors, read of a vector of serialized Example messages as `features` says.
    Raises ValueError, and in a run InvalidArgumentError for what is not there."""
    if not features:
        raise ValueError(f"Missing: features was {features}.")
    return _with_sparse(features, _parsed(serialized, _requested(features), name))


def _with_sparse(features: Mapping[str, Any], found: dict[str, Any]) -> dict[str, Any]:
    """The features asked for, those that are sparse by two keys put together."""
    made = dict(found)
    for key, feature in features.items():
        if isinstance(feature, SparseFeature):
            keys = feature.index_key
            ids = found[keys] if isinstance(keys, str) else [found[each] for each in keys]
            made[key] = sparse_merge(ids, found[feature.value_key], feature.size, already_sorted=feature.already_sorted)
    return {key: value for key, value in made.items() if key in features}


@export("parse_single_example", "io.parse_single_example")
def parse_single_example(
    serialized: Any, features: Mapping[str, Any], name: str | None = None, example_names: Any = None
) -> dict[str, Any]:
    """As parse_example, of one message: tensors without the axis of the batch. Raises ValueError."""
    if not features:
        raise ValueError("Missing features.")
    with name_scope(name, "ParseSingleExample", [serialized]):
        serialized = convert_to_tensor(serialized, dtype=string, name="serialized")
        if serialized.shape.ndims not in (0, None):
            raise ValueError("Input serialized must be a scalar")
        request = _requested(features)
        found = _parsed(expand_dims(serialized, 0), request, None)
        for key, _, _ in request.dense:
            found[key] = squeeze(found[key], [0], name=f"Squeeze_{re.sub('[^A-Za-z0-9_./-]', '_', key)}")
        for key, _ in request.sparse:
            whole = found[key]
            indices = slice_(whole.indices, [0, 1], [-1, -1])
            found[key] = SparseTensor(indices, whole.values, slice_(whole.dense_shape, [1], [-1]))
        return _with_sparse(features, found)
