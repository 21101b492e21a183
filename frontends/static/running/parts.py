"""Parts of batches. Each of several processes feeds its rows of what programs on their mesh take as one batch. Where
its rows cannot be split over the devices, as those of a last one, it is brought together, whole in each process."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from functools import cached_property
from math import prod
from typing import Any, NamedTuple

import numpy as np
from diptych.backends.joining import all_told, gathered_rows
from diptych.backends.mesh import DATA, WORTH_SPLITTING
from diptych.backends.mesh import current as current_mesh
from diptych.backends.processes import process_count, process_rank
from diptych.ir import DiptychError

from ..graphs.operation import Operation
from ..graphs.tensor import Tensor
from .feeds import Feed
from .marks import is_marked, marked_rows
from .schedule import needed

Array = np.ndarray[Any, Any]


class Whole(NamedTuple):
    """What all processes have: an array for each that this one has, and for each number of rows that batches have which
    of them are this one's."""

    arrays: list[Any]
    own: Mapping[int, slice]


class Parts:
    """Which inputs of a run of `targets` are parts of batches; what is `done` is left out of it."""

    def __init__(self, targets: Sequence[Any], inputs: Sequence[Feed], done: Collection[Operation]) -> None:
        self._targets = targets
        self._inputs = inputs
        self._done = done
        self._met: set[int] = set()  # those that were before, by their places

    def note(self, place: int) -> None:
        """Notes that an input is one."""
        self._met.add(place)

    @cached_property
    def _used(self) -> list[tuple[int, Tensor]]:
        """The inputs that something is made of, with their places."""
        given = {feed.tensor for feed in self._inputs}
        waits = needed(self._targets, given, self._done)
        read = {tensor for operation in waits for tensor in operation.inputs}
        return [(place, feed.tensor) for place, feed in enumerate(self._inputs) if feed.tensor in read]

    def are_odd(self, arrays: Sequence[Any]) -> bool:
        """Whether there are parts of a batch that cannot be split over the devices as it comes."""
        mesh = current_mesh()
        devices = 1 if mesh is None else dict(mesh.axes).get(DATA, 1)
        if mesh is None or devices == 1:
            return False
        left, split = set[int](), set[int]()
        for place, tensor in self._used:
            array = arrays[place]
            if not isinstance(array, np.ndarray) or not array.ndim:
                continue
            is_known, rows = is_marked(array), marked_rows(array) or process_count() * len(array)
            if not may_be_part(tensor, rows):
                continue
            whole = (rows, *array.shape[1:])
            if mesh.of_batch(whole).startswith(DATA):
                split.add(len(array))
            elif is_known or place in self._met or _is_large(whole, devices):
                left.add(len(array))
        return not left <= split

    def whole(self, arrays: Sequence[Any]) -> Whole:
        """What all processes have: each calls it. Raises DiptychError, in all of them, where their parts are not alike
        but for their rows."""
        every = [json.loads(each) for each in all_told(json.dumps([self._told(*each) for each in enumerate(arrays)]))]
        told = list(zip(*every, strict=True))  # by inputs, then by processes
        counts = [None if None in each else [shape[0] if shape else -1 for shape, _ in each] for each in told]
        batches = {place for place in range(len(arrays)) if self._is_batch(place, told[place], counts[place])}
        sizes = [counts[place] for place in batches]
        own: dict[int, slice] = {}
        found = [np.asarray(each) if isinstance(each, np.ndarray) else each for each in arrays]
        for place, (array, rows) in enumerate(zip(arrays, counts, strict=True)):
            if place in batches or (rows in sizes and may_be_part(self._inputs[place].tensor, sum(rows))):
                _check_rest(told[place])
                found[place] = gathered_rows(np.asarray(array), rows)
                start = sum(rows[: process_rank()])
                own[sum(rows)] = slice(start, start + rows[process_rank()])
                self.note(place)
        return Whole(found, own)

    def _told(self, place: int, array: Any) -> Any:
        if not isinstance(array, np.ndarray):
            return None
        return [list(array.shape), is_marked(array) or place in self._met]

    def _is_batch(self, place: int, told: Sequence[Any], rows: list[int] | None) -> bool:
        """Whether an input of these shapes and marks, in each process, is a part by itself."""
        mesh = current_mesh()
        if rows is None or min(rows) < 0 or mesh is None or not may_be_part(self._inputs[place].tensor, sum(rows)):
            return False
        devices = dict(mesh.axes).get(DATA, 1)
        is_unlike = len(set(rows)) > 1
        return is_unlike or any(known for _, known in told) or _is_large((sum(rows), *told[0][0][1:]), devices)


def may_be_part(tensor: Tensor, rows: int) -> bool:
    """Whether a tensor may have so many rows, more than one process feeds. What is read from a checkpoint is whole in
    all."""
    return tensor.op.type != "RestoreV2" and (tensor._dims is None or tensor._dims[0] in (None, rows))


def _is_large(shape: Sequence[int], devices: int) -> bool:
    return prod(shape) >= WORTH_SPLITTING * devices


def _check_rest(told: Sequence[Any]) -> None:
    for rank, (shape, _) in enumerate(told):
        if shape[1:] != told[0][0][1:]:
            raise DiptychError(
                f"batch: process {rank} has a part of shape {shape} and process 0 one of {told[0][0]}, but the parts "
                "of a batch must be alike but for their rows"
            )
