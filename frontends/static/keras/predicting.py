"""Predictions of several processes: each computes some rows of a batch that all have, and gets those of the others."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from diptych.backends.joining import gathered
from diptych.backends.mesh import DATA, Mesh
from diptych.backends.processes import process_count, process_rank

from .feeding import Arrays


def rows_to_predict(inputs: Arrays, mesh: Mesh) -> tuple[Arrays, int]:
    """This process's rows of the arrays of a batch, and how many rows the batch then has: it is filled up with zeros,
    which are cut off behind, until the devices of the mesh can share it."""
    step, shapes = dict(mesh.axes).get(DATA, 1), [each.shape[1:] for each in inputs]
    rows = max(-(-len(inputs[0]) // step), 1) * step
    while not _is_shared(mesh, rows, shapes):
        rows += step
    each = rows // process_count()
    start = process_rank() * each
    return [_filled(array, rows)[start : start + each] for array in inputs], rows


def _is_shared(mesh: Mesh, rows: int, shapes: Sequence[tuple[int, ...]]) -> bool:
    """Whether a batch of so many rows is large enough to be split; one without numbers never is."""
    return any(0 in shape or mesh.of_batch((rows, *shape)).startswith(DATA) for shape in shapes)


def _filled(array: np.ndarray, rows: int) -> np.ndarray:
    return np.concatenate([array, np.zeros((rows - len(array), *array.shape[1:]), array.dtype)])


def all_rows(own: np.ndarray, rows: int) -> np.ndarray:
    """All rows of a result of which this process may have its part."""
    return own if len(own) == rows else gathered(own)
