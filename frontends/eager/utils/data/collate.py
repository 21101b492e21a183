"""From samples to batches."""

from __future__ import annotations

import copy
from collections.abc import Mapping, MutableMapping, MutableSequence, Sequence
from typing import Any

import numpy as np

from ...dtypes import float64
from ...functions.joining import stack
from ...tensors.data import as_tensor, tensor
from ...tensors.tensor import Tensor

_REFUSAL = "default_collate: batch must contain tensors, numpy arrays, numbers, dicts or lists; found {}"


def default_collate(batch: Sequence[Any]) -> Any:
    """The samples as one batch: tensors and arrays stacked along a new first axis, numbers as a tensor, strings as a
    list; dicts, lists and tuples of these field by field. Raises TypeError for others."""
    first = batch[0]
    if isinstance(first, Tensor):
        return stack(batch)
    if isinstance(first, np.ndarray):
        if first.dtype.kind in "SUO":
            raise TypeError(_REFUSAL.format(first.dtype))
        return stack([as_tensor(each) for each in batch])
    if isinstance(first, (np.bool_, np.number)):
        return as_tensor(np.array(batch))
    if isinstance(first, float):
        return tensor(batch, dtype=float64)
    if isinstance(first, int):
        return tensor(batch)
    if isinstance(first, (str, bytes)):
        return batch
    if isinstance(first, Mapping):
        return _collated_mapping(batch)
    if isinstance(first, tuple) and hasattr(first, "_fields"):
        return type(first)(*(default_collate(column) for column in zip(*batch, strict=True)))
    if isinstance(first, Sequence):
        return _collated_sequence(batch)
    raise TypeError(_REFUSAL.format(type(first)))


def _collated_mapping(batch: Sequence[Any]) -> Any:
    first = batch[0]
    fields = {key: default_collate([each[key] for each in batch]) for key in first}
    try:
        if isinstance(first, MutableMapping):
            made = copy.copy(first)
            made.update(fields)
            return made
        return type(first)(fields)
    except TypeError:  # of a class that is made otherwise
        return fields


def _collated_sequence(batch: Sequence[Any]) -> Any:
    first = batch[0]
    if any(len(each) != len(first) for each in batch):
        raise RuntimeError("each element in list of batch should be of equal size")
    columns = [default_collate(column) for column in zip(*batch, strict=True)]
    if isinstance(first, tuple):
        return columns
    try:
        if isinstance(first, MutableSequence):
            made = copy.copy(first)
            made[:] = columns
            return made
        return type(first)(columns)
    except TypeError:
        return columns


def default_convert(data: Any) -> Any:
    """Numpy arrays and scalars as tensors, within dicts, lists and tuples too; all else as it is."""
    if isinstance(data, (Tensor, str, bytes)):
        return data
    if isinstance(data, (np.ndarray, np.bool_, np.number)):
        return data if data.dtype.kind in "SUO" else as_tensor(data)
    if isinstance(data, Mapping):
        return _converted_mapping(data)
    if isinstance(data, tuple) and hasattr(data, "_fields"):
        return type(data)(*(default_convert(each) for each in data))
    if isinstance(data, tuple):
        return [default_convert(each) for each in data]
    if isinstance(data, Sequence):
        try:
            return type(data)([default_convert(each) for each in data])
        except TypeError:
            return [default_convert(each) for each in data]
    return data


def _converted_mapping(data: Mapping[Any, Any]) -> Any:
    fields = {key: default_convert(each) for key, each in data.items()}
    try:
        return type(data)(fields)
    except TypeError:
        return fields
