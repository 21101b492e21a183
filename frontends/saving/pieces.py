"""The files that hold a checkpoint's arrays. Parts of arrays are read out of them block by block, so that no more than
those parts is ever in memory; a piece that is read is checked as a whole."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from math import prod
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from diptych.backends.jax import Box
from diptych.ir import DiptychError

from .index import NAME, Array, Piece

BLOCK_BYTES = 2**20
MAX_HEADER_BYTES = 100 * 10**6  # what the format allows


class Pieces:
    """The pieces of arrays in the files of one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._places: dict[Path, dict[str, tuple[int, int]]] = {}  # of each file: where things begin and end in it

    def parts(self, name: str, array: Array, dtype: np.dtype[Any], boxes: Sequence[Box]) -> list[np.ndarray]:
        """The parts of an array that lie in these boxes, of which none is given twice. Raises DiptychError where its
        pieces do not make it up, or one that has some of this is not what was written."""
        self._check(name, array)
        wanted = [
            (piece, [number for number, box in enumerate(boxes) if _common(at, box) is not None])
            for piece, at in ((piece, _box(piece.offset, piece.shape)) for piece in array.pieces)
        ]
        wanted = [(piece, numbers) for piece, numbers in wanted if numbers]
        for piece, _ in wanted:  # before memory is taken: files have what the index says
            with self._opened(name, piece, dtype):
                pass
        found = [np.empty([end - start for start, end in box], dtype) for box in boxes]
        for piece, numbers in wanted:
            self._read(name, piece, dtype, [(boxes[number], found[number]) for number in numbers])
        return found

    def _check(self, name: str, array: Array) -> None:
        where, shape = f"{self.folder / NAME}: {name}", array.shape
        for piece in array.pieces:
            ends = [start + size for start, size in zip(piece.offset, piece.shape, strict=False)]
            if not (len(piece.offset) == len(piece.shape) == len(shape) and all(map(int.__le__, ends, shape))):
                raise DiptychError(f"{where}: a piece at {piece.offset} of {piece.shape} lies outside of {shape}")
        if not _is_grid([_box(piece.offset, piece.shape) for piece in array.pieces], shape):
            raise DiptychError(f"{where}: its pieces do not make up {shape}")

    @contextmanager
    def _opened(self, name: str, piece: Piece, dtype: np.dtype[Any]) -> Iterator[BinaryIO]:
        """The file of a piece, where that begins in it. Raises DiptychError where it is not there as a whole, and for
        what goes wrong in the block."""
        file, size = self.folder / piece.file, prod(piece.shape) * dtype.itemsize
        try:
            with file.open("rb") as opened:
                begin, end = self._place(opened, file, piece.key)
                if end - begin != size:
                    raise DiptychError(f"{file}: {name} has {end - begin} bytes but must have {size}")
                if end > file.stat().st_size:
                    raise ValueError("it ends too early")
                opened.seek(begin)
                yield opened
        except (OSError, ValueError) as error:
            why = error.strerror if isinstance(error, OSError) else error
            raise DiptychError(f"{file}: {name} cannot be read: {why}") from None

    def _read(self, name: str, piece: Piece, dtype: np.dtype[Any], targets: Sequence[tuple[Box, np.ndarray]]) -> None:
        digest, buffer = sha256(), memoryview(bytearray(min(prod(piece.shape) * dtype.itemsize, BLOCK_BYTES)))
        with self._opened(name, piece, dtype) as opened:
            for offset, shape in blocks(piece.shape, dtype.itemsize):
                block = buffer[: prod(shape) * dtype.itemsize]
                opened.readinto(block)
                digest.update(block)
                at = _box([*map(int.__add__, piece.offset, offset)], shape)
                _copy(np.frombuffer(block, dtype).reshape(shape), at, targets)
        if digest.hexdigest() != piece.sha256:
            raise DiptychError(
                f"{self.folder / piece.file}: {name} is not what was written: its checksum is another one"
            )

    def _place(self, opened: BinaryIO, file: Path, key: str) -> tuple[int, int]:
        """Where the bytes that are kept as `key` begin and end in a file. Raises ValueError where there are none."""
        if file not in self._places:
            self._places[file] = _places(opened)
        if key not in self._places[file]:
            raise ValueError(f"there is no {key} in it")
        return self._places[file][key]


def _places(opened: BinaryIO) -> dict[str, tuple[int, int]]:
    """What the head of a safetensors file says: its length, in 8 bytes, and JSON. Raises ValueError."""
    length = int.from_bytes(opened.read(8), "little")
    if not 0 < length <= MAX_HEADER_BYTES:
        raise ValueError("it is no safetensors file")
    try:
        told = json.loads(opened.read(length))
        found = {key: each["data_offsets"] for key, each in told.items() if key != "__metadata__"}
        are_places = all(type(begin) is type(end) is int and 0 <= begin <= end for begin, end in found.values())
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        are_places = False
    if not are_places:
        raise ValueError("it is no safetensors file")
    return {key: (8 + length + begin, 8 + length + end) for key, (begin, end) in found.items()}


def blocks(shape: Sequence[int], itemsize: int) -> Iterator[tuple[tuple[int, ...], tuple[int, ...]]]:
    """Blocks of BLOCK_BYTES at most that an array of this shape consists of, in the order of its bytes: where each
    begins in the array, and its shape."""
    if not shape:
        yield (), ()
        return
    if 0 in shape:
        return
    inner = [prod(shape[axis + 1 :]) * itemsize for axis in range(len(shape))]  # bytes of one row along each axis
    axis = next(axis for axis, size in enumerate(inner) if size <= BLOCK_BYTES)
    rows, rest = BLOCK_BYTES // inner[axis], tuple(shape[axis + 1 :])
    for lead in np.ndindex(*shape[:axis]):
        for start in range(0, shape[axis], rows):
            yield (*lead, start, *[0] * len(rest)), (*[1] * axis, min(rows, shape[axis] - start), *rest)


def _is_grid(boxes: Sequence[Box], shape: Sequence[int]) -> bool:
    """Whether boxes within an array of this shape make it up, each element once, as the parts on the devices of a mesh
    do: along each axis there are some ranges, one behind another, and a box for all that these have in common."""
    counts: list[int] = []
    for axis, size in enumerate(shape):
        ranges = sorted({box[axis] for box in boxes})
        ends = [0, *(end for _, end in ranges)]
        if [start for start, _ in ranges] != ends[:-1] or ends[-1] != size:
            return False
        counts.append(len(ranges))
    return len(set(boxes)) == len(boxes) == prod(counts)


def _box(offset: Sequence[int], shape: Sequence[int]) -> Box:
    return tuple((start, start + size) for start, size in zip(offset, shape, strict=True))


def _common(one: Box, other: Box) -> Box | None:
    """What lies in both."""
    found = tuple((max(a, c), min(b, d)) for (a, b), (c, d) in zip(one, other, strict=True))
    return found if all(start < end for start, end in found) else None


def _within(box: Box, around: Box) -> tuple[slice, ...]:
    return tuple(slice(start - first, end - first) for (start, end), (first, _) in zip(box, around, strict=True))


def _copy(block: np.ndarray, at: Box, targets: Sequence[tuple[Box, np.ndarray]]) -> None:
    """Puts what lies at `at` in the array where the targets have it."""
    for box, target in targets:
        common = _common(at, box)
        if common is not None:
            target[_within(common, box)] = block[_within(common, at)]
