"""Writes checkpoints. Each process writes what it alone has; the index comes last, and makes a checkpoint whole."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from diptych.backends.jax import axes_of
from diptych.backends.joining import all_or_none
from diptych.backends.processes import process_count, process_rank
from diptych.ir import DiptychError, Unsupported

from .index import NAME, VERSION, Part
from .reading import checkpoints, folder_of
from .tree import Leaf, flattened

# What the files have numbers of as they are; others are kept as unsigned numbers as wide.
_PLAIN = frozenset((
    "bool", "int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64", "float16", "float32", "float64",
))  # fmt: skip


def save_checkpoint(directory: str | Path, state: Any, step: int, *, keep: int | None = None) -> Path:
    """Writes `state`, a tensor, an array, a number, a text or dicts, lists and tuples of them, as checkpoint number
    `step` of a directory; the folder. In several processes all call this, and each writes the parts of arrays that lie
    on its own devices; the directory is one that all see.

    Whatever goes wrong meanwhile, what was saved before stays whole, and what is not whole is never read. With `keep`,
    only so many of the newest are left. Raises DiptychError for what cannot be saved or written, and where there is a
    checkpoint of that number: in all processes, where it is so in one, which it names.
    """
    if not isinstance(step, int) or isinstance(step, bool) or step < 0:
        raise DiptychError(f"save_checkpoint: step is {step!r} but must be a whole number, 0 or more")
    if keep is not None and keep < 1:
        raise DiptychError(f"save_checkpoint: keep is {keep} but must be 1 or more")
    target = folder_of(Path(directory), step)
    partial = target.with_name(f"{target.name}.partial")
    with _phase(target):
        save_file = _save_file()
        tree, leaves = flattened(state)
        if target.exists():
            raise DiptychError(f"save_checkpoint: {target} is there already")
        if process_rank() == 0:
            for left in target.parent.glob("step-*.partial"):  # of a save that was interrupted
                shutil.rmtree(left)
            partial.mkdir(parents=True)
    with _phase(target):
        _write_part(partial, leaves, save_file)
    with _phase(target):
        if process_rank() == 0:
            _write_whole(partial / NAME, json.dumps(_index(partial, leaves, tree)).encode())
            _synced(partial)
            partial.rename(target)
            _synced(target.parent)
            for old in checkpoints(directory)[: -keep or None] if keep else ():
                _remove(folder_of(Path(directory), old))
    return target


@contextmanager
def _phase(target: Path) -> Iterator[None]:
    """A part of saving, behind which all processes meet: where one has failed, all raise what went wrong there."""
    with all_or_none("save_checkpoint"):
        try:
            yield
        except OSError as error:
            raise DiptychError(f"save_checkpoint: {error.filename or target}: {error.strerror}") from error


def _remove(folder: Path) -> None:
    """Removes a checkpoint, which is none any more before the first of its files is gone."""
    gone = folder.with_name(f"{folder.name}.partial")
    folder.rename(gone)
    shutil.rmtree(gone)


def _save_file() -> Callable[[dict[str, np.ndarray], Path], None]:
    try:
        from safetensors import SafetensorError
        from safetensors.numpy import save_file
    except ImportError:
        message = "save_checkpoint: safetensors is not installed"
        raise Unsupported(message, hint="pip install 'diptych[safetensors]'") from None

    def write(tensors: dict[str, np.ndarray], file: Path) -> None:
        try:
            save_file(tensors, str(file))
        except SafetensorError as error:  # such as of a disk that is full
            raise DiptychError(f"save_checkpoint: {file}: {error}") from error

    return write


def _write_part(
    folder: Path, leaves: dict[str, Leaf], save_file: Callable[[dict[str, np.ndarray], Path], None]
) -> None:
    """The file of this process, and what is in it."""
    file = folder / f"part-{process_rank():05}.safetensors"
    tensors: dict[str, np.ndarray] = {}
    arrays: dict[str, Any] = {}
    for name, leaf in leaves.items():
        pieces: list[dict[str, Any]] = []
        for offset, piece in _own_pieces(leaf.array):
            key = f"{name}@{','.join(map(str, offset))}"
            tensors[key] = _kept(piece)
            digest = sha256(tensors[key]).hexdigest()
            place = {"file": file.name, "key": key, "offset": list(offset), "shape": list(piece.shape)}
            pieces.append({**place, "sha256": digest})
        shape, axes = list(leaf.array.shape), axes_of(leaf.array)
        arrays[name] = {"dtype": leaf.array.dtype.name, "shape": shape, "axes": axes, "pieces": pieces}
    save_file(tensors, file)
    _synced(file)
    _write_whole(folder / f"part-{process_rank():05}.json", json.dumps({"arrays": arrays}).encode())


def _own_pieces(array: Any) -> Iterator[tuple[tuple[int, ...], np.ndarray]]:
    """The parts of an array that this process writes, with where they begin: of those that several devices have, one
    writes; of an array that each process has for itself, the first one's is written."""
    shards = getattr(array, "addressable_shards", None)
    if shards is None or (process_count() > 1 and array.is_fully_addressable):
        if process_rank() == 0:
            yield (0,) * array.ndim, np.asarray(array)
        return
    for shard in shards:
        if shard.replica_id == 0:
            yield tuple(place.start or 0 for place in shard.index), np.asarray(shard.data)


def _kept(piece: np.ndarray) -> np.ndarray:
    if piece.dtype.name in _PLAIN:
        return np.ascontiguousarray(piece).reshape(piece.shape)
    flat = np.ascontiguousarray(piece).reshape(-1)
    return flat.view(f"u{min(piece.dtype.itemsize, 8)}")


def _index(folder: Path, leaves: dict[str, Leaf], tree: Any) -> dict[str, Any]:
    """What all processes wrote, put together."""
    from diptych.ir.schema import validated

    arrays: dict[str, Any] = {}
    for rank in range(process_count()):
        text = (folder / f"part-{rank:05}.json").read_text(encoding="utf-8")
        part = validated(Part, json.loads(text), "part")
        if part.arrays.keys() != leaves.keys():
            raise DiptychError(f"save_checkpoint: process {rank} saves other arrays than process 0")
        for name in leaves:
            own = part.arrays[name].model_dump()
            arrays.setdefault(name, {**own, "pieces": []})["pieces"].extend(own["pieces"])
    return {"format": "diptych-checkpoint", "version": VERSION, "arrays": arrays, "tree": tree}


def _write_whole(file: Path, data: bytes) -> None:
    try:
        with file.open("wb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
    except OSError as error:
        error.filename = str(file)  # which a write does not tell
        raise


def _synced(path: Path) -> None:
    """Until the disk has it."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
