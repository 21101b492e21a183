"""Reads checkpoints: whole ones only, and only what their checksums say was written."""

from __future__ import annotations

import json
import re
from hashlib import sha256
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
from diptych.ir import DiptychError, Unsupported
from diptych.ir.errors import ParseError
from diptych.ir.schema import validated

from .index import NAME, Array, Index, Piece
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
    """The state that `save_checkpoint` wrote as number `step`; without one, the newest. Arrays are numpy's, whole in
    each process; tensors the eager front end's. On whichever mesh they are put next, they are split as it says.

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
    arrays = {name: _array(folder, name, array) for name, array in index.arrays.items()}
    return rebuilt(index.tree, arrays)


def _index(file: Path) -> Index:
    if file.stat().st_size > MAX_INDEX_BYTES:
        raise DiptychError(f"{file}: file has more than {MAX_INDEX_BYTES} bytes")
    try:
        return validated(Index, json.loads(file.read_text(encoding="utf-8")), "index")
    except (ValueError, RecursionError) as error:
        if isinstance(error, ParseError):
            raise DiptychError(f"{file}: {error}") from None
        raise DiptychError(f"{file}: file is no index of a checkpoint: {error}") from None


def _array(folder: Path, name: str, array: Array) -> np.ndarray:
    """An array, put together from its pieces. Raises DiptychError where they do not fit or are not what was written."""
    dtype = _dtype(folder, name, array.dtype)
    shape = tuple(array.shape)
    where = f"{folder / NAME}: {name}"
    if sum(prod(piece.shape) for piece in array.pieces) != prod(shape):
        raise DiptychError(f"{where}: its pieces do not make up {list(shape)}")
    found = np.empty(shape, dtype)
    for piece in array.pieces:
        ends = [start + size for start, size in zip(piece.offset, piece.shape, strict=False)]
        is_inside = len(piece.offset) == len(piece.shape) == len(shape) and all(map(int.__le__, ends, shape))
        if not is_inside:
            raise DiptychError(f"{where}: a piece at {piece.offset} of {piece.shape} lies outside of {list(shape)}")
        place = tuple(slice(start, end) for start, end in zip(piece.offset, ends, strict=True))
        found[place] = _piece(folder, name, piece, dtype)
    return found


def _dtype(folder: Path, name: str, text: str) -> np.dtype[Any]:
    import ml_dtypes

    try:
        return np.dtype(getattr(ml_dtypes, text, text))
    except TypeError:
        raise DiptychError(f"{folder / NAME}: {name} is of dtype {text[:40]}, which nobody knows") from None


def _piece(folder: Path, name: str, piece: Piece, dtype: np.dtype[Any]) -> np.ndarray:
    try:
        from safetensors import SafetensorError, safe_open
    except ImportError:
        message = "load_checkpoint: safetensors is not installed"
        raise Unsupported(message, hint="pip install 'diptych[safetensors]'") from None
    file = folder / piece.file
    try:
        with safe_open(str(file), framework="numpy") as opened:
            kept = opened.get_tensor(piece.key)
    except (OSError, SafetensorError) as error:
        raise DiptychError(f"{file}: {name} cannot be read: {error}") from None
    data = np.ascontiguousarray(kept).tobytes()
    if sha256(data).hexdigest() != piece.sha256:
        raise DiptychError(f"{file}: {name} is not what was written: its checksum is another one")
    if len(data) != prod(piece.shape) * dtype.itemsize:
        raise DiptychError(f"{file}: {name} has {len(data)} bytes but must have {prod(piece.shape) * dtype.itemsize}")
    return np.frombuffer(data, dtype).reshape(piece.shape)
