"""Reads checkpoints: whole ones only, and only what their checksums say was written."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
from diptych.backends.jax import made_on_mesh
from diptych.ir import DiptychError
from diptych.ir.errors import ParseError
from diptych.ir.schema import validated

from .index import NAME, Array, Index
from .pieces import Pieces
from .places import axes_on, target, variable_of
from .tree import rebuilt

MAX_INDEX_BYTES = 256 * 2**20
_FOLDER = re.compile(r"step-([0-9]{9})")


def folder_of(directory: Path, step: int) -> Path:
    """Where checkpoint number `step` of a directory is."""
    return directory / f"step-{step:09}"


def checkpoints(directory: str | Path) -> list[int]:
    """The numbers of the whole checkpoints of a directory, the newest last."""
    path = Path(directory)
    if not path.is_dir():
        return []
    found = ((each, _FOLDER.fullmatch(each.name)) for each in path.iterdir())
    return sorted(int(match[1]) for each, match in found if match and (each / NAME).is_file())


def load_checkpoint(directory: str | Path, step: int | None = None) -> Any:
    """The state that `save_checkpoint` wrote as number `step`; without one, the newest. Arrays are numpy's, tensors the
    eager front end's. On whichever mesh they are put next, they are split as it says.

    Within the block of a `mesh`, on jax, tensors and a session's arrays are put there at once, and a process reads
    what its own devices have alone: of those that a rule of the mesh splits by the name that they stand under, and
    of others that were split when they were saved, along the axes that the mesh has too. The rest is whole in each.

    Raises DiptychError where there is none, and, with the file's name, where a file is not what was written.
    """
    steps = checkpoints(directory)
    if not steps:
        raise DiptychError(f"load_checkpoint: there is no checkpoint in {directory}")
    if step is not None and step not in steps:
        known = f"{steps[0]} to {steps[-1]}" if len(steps) > 1 else str(steps[0])
        raise DiptychError(f"load_checkpoint: there is no checkpoint {step} in {directory}, but {known}")
    folder = folder_of(Path(directory), steps[-1] if step is None else step)
    index = _index(folder / NAME)
    pieces, found = Pieces(folder), dict[str, Any]()

    def array_of(name: str, key: object, is_tensor: bool) -> Any:
        if name not in found:
            found[name] = _array(pieces, name, index.arrays[name], key, is_tensor)
        return found[name]

    return rebuilt(index.tree, index.arrays.keys(), array_of)


def _index(file: Path) -> Index:
    if file.stat().st_size > MAX_INDEX_BYTES:
        raise DiptychError(f"{file}: file has more than {MAX_INDEX_BYTES} bytes")
    try:
        return validated(Index, json.loads(file.read_text(encoding="utf-8")), "index")
    except (ValueError, RecursionError) as error:
        if isinstance(error, ParseError):
            raise DiptychError(f"{file}: {error}") from None
        raise DiptychError(f"{file}: file is no index of a checkpoint: {error}") from None


def _array(pieces: Pieces, name: str, array: Array, key: object, is_tensor: bool) -> Any:
    """An array: on the mesh where it is split there, else of numpy's."""
    dtype, shape, mesh = _dtype(pieces.folder, name, array.dtype), tuple(array.shape), target()
    axes = None if mesh is None else axes_on(mesh, key if is_tensor else variable_of(key), shape, array.axes)
    if mesh is None or axes is None:
        (whole,) = pieces.parts(name, array, dtype, [tuple((0, size) for size in shape)])
        return whole
    return made_on_mesh(shape, axes, mesh, lambda boxes: pieces.parts(name, array, dtype, boxes))


def _dtype(folder: Path, name: str, text: str) -> np.dtype[Any]:
    import ml_dtypes

    try:
        return np.dtype(getattr(ml_dtypes, text, text))
    except TypeError:
        raise DiptychError(f"{folder / NAME}: {name} is of dtype {text[:40]}, which nobody knows") from None
