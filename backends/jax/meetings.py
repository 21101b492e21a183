"""How processes come together outside of programs. All that they do so, and each program that they run together, begins
with 32 bytes that each tells the others: who does something else, or has come to its end, is heard of there, so that
nobody waits for what does not come.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from contextlib import suppress
from enum import Enum
from functools import lru_cache
from hashlib import blake2b
from typing import Any
from zlib import crc32

import jax
import numpy as np
from diptych.ir import DiptychError
from diptych.ir.fingerprint import DIGEST_BYTES

from ..processes import Ended, Left, Uneven, has_left, process_rank
from .messages import post_end
from .processes import exchanged, gathering, placed

END = "the end of "  # what those tell begins with that go on no more
LEFT = f"for good {END}"  # and those that never will
PARTS = "a program for a batch that is put together"
_DIGEST_WORDS = DIGEST_BYTES // 4
Doing = tuple[str, list[Any], str]  # what a process is about to do, with which arrays, and for which run


def agreed() -> int:
    """A random number that all processes have."""
    return int.from_bytes(_all_tell(secrets.token_bytes(2 * DIGEST_BYTES))[0, :2].tobytes(), "little")


class Agreement(Enum):
    """What processes are about to do alike: a whole program, what comes first in it, or nothing."""

    WHOLE = 0
    FIRST = 1
    NONE = 2


def agreement(told: bytes) -> Agreement:
    """What all processes tell alike: 16 bytes of what comes first, and 16 of the whole, which are 0 where that is not
    to be one program. Each calls it."""
    return _agreement(_all_tell(told))


def _agreement(found: np.ndarray) -> Agreement:
    same = (found == found[0]).all(0)
    if same.all() and found[0, _DIGEST_WORDS:].any():
        return Agreement.WHOLE
    return Agreement.FIRST if same[:_DIGEST_WORDS].all() else Agreement.NONE


def _all_tell(told: bytes) -> np.ndarray:
    """What each process tells, which are as many bytes as in `agreement`. All that processes do together begins with
    it, so that whoever does something else, or has come to its end, is heard of."""
    return np.asarray(gathering()(_told(told)))


def _telling(what: str, told: bytes) -> np.ndarray:
    """The bytes, up to 16, that each process tells to do `what`, in the order of ranks. Raises DiptychError, in all of
    them, where one is about to do something else, and Left or Ended where one is about to end instead."""
    padded = told + bytes(DIGEST_BYTES - len(told))
    found = _all_tell(_digest(_as_text(what)) + padded)
    if _agreement(found) is Agreement.NONE:
        _check_what(what, all_doing(what))
    return np.ascontiguousarray(found[:, _DIGEST_WORDS:]).view(np.uint8)[:, : len(told)]


def all_told(text: str) -> list[str]:
    """What each process tells, in the order of ranks. Each calls it; errors are those of `check_alike`."""
    data = np.frombuffer(text.encode(), np.uint8)
    return _texts(data, _telling("what all tell", len(data).to_bytes(8, "little")).view(np.int64)[:, 0])


def _texts(data: np.ndarray, lengths: np.ndarray) -> list[str]:
    if not lengths.any():
        return [""] * len(lengths)
    padded = np.zeros(lengths.max(), np.uint8)
    padded[: len(data)] = data
    rows = zip(exchanged(padded), lengths, strict=True)
    return [row[:length].tobytes().decode() for row, length in rows]


def all_numbers(own: np.ndarray) -> np.ndarray:
    """What each process tells, in an axis in front. Each calls it, with one shape and dtype; errors are those of
    `check_alike`."""
    if own.dtype == bool:
        bits = all_numbers(np.packbits(own))
        return np.unpackbits(bits, axis=1, count=own.size).view(bool).reshape(-1, *own.shape)
    data = np.ascontiguousarray(own).tobytes()
    what, is_short = f"numbers of {own.dtype} {list(own.shape)}", len(data) <= DIGEST_BYTES
    found = _telling(what, data if is_short else b"")
    return found.copy().view(own.dtype).reshape(-1, *own.shape) if is_short and data else exchanged(own)


def _as_text(what: str, rows: Sequence[Any] = (), run: str = "") -> str:
    return json.dumps([what, list(rows), run])


def all_doing(what: str, rows: Sequence[Any] = (), run: str = "") -> list[Doing]:
    """What each process is about to do: each calls it, where they do not agree. Raises Left where one has come to its
    end, unless this one has."""
    data = np.frombuffer(_as_text(what, rows, run).encode(), np.uint8)
    found = [tuple(json.loads(each)) for each in _texts(data, exchanged(np.array(len(data), np.int32)))]
    gone = next((rank for rank, (other, *_) in enumerate(found) if other.startswith(LEFT)), None)
    if gone is not None and not what.startswith((LEFT, END)):
        has_left.add(gone)
        raise Left(f"process {gone} has come to {found[gone][0].removeprefix(LEFT.removesuffix(END))}")
    return found


def leave_meetings(of: str) -> None:
    """Tells the others that this process has come to the end of something, and will do nothing together with them any
    more: those that are about to raise Left. Returns when all have come to such an end."""
    what = f"{LEFT}{of}"
    with suppress(jax.errors.JaxRuntimeError):  # where another process is gone, which needs not hear of it
        post_end(f"{END}{of}")
        while agreement(_digest(_as_text(what)) + bytes(DIGEST_BYTES)) is Agreement.NONE:
            if all(other.startswith(LEFT) for other, *_ in all_doing(what)):
                return


def check_alike(what: str, arrays: Sequence[np.ndarray], is_same: Sequence[bool], run: str = "") -> None:
    """Raises DiptychError, in all processes, where they are not all about to do `what`; where their parts of batches
    have not all these shapes, and where what is to be the same in all of them is not. Each calls it. Where one is about
    to end instead, Ended or, where it ends for good, Left is raised in those that are not. Where all do it for one
    `run`, which has a name, Uneven is raised in all of them for parts that are not alike."""
    rows = [
        [*map(int, array.shape), crc32(array.tobytes()) if same else None]
        for array, same in zip(arrays, is_same, strict=True)
    ]
    if agreement(_digest(_as_text(what, rows, run)) + bytes(DIGEST_BYTES)) is not Agreement.NONE:
        return
    every = all_doing(what, rows, run)
    if what.startswith(END):
        return
    if run and all(other == run for *_, other in every):
        shapes = [[row[:-1] for row in others] for _, others, _ in every]
        if any(other.startswith(PARTS) for other, *_ in every) or any(each != shapes[0] for each in shapes):
            raise Uneven("batch: parts are not alike")
    _check_what(what, every)
    for rank, (_, others, _) in enumerate(every):
        for mine, theirs, same in zip(rows, others, is_same, strict=True):
            _check_row(rank, mine, theirs, same=same)


def _check_what(what: str, every: Sequence[Doing]) -> None:
    for rank, (other, *_) in enumerate(every):
        if other.startswith(END):
            raise Ended(f"process {rank} has come to {other}")
    for rank, (other, *_) in enumerate(every):
        if other != what:
            raise DiptychError(
                f"process {rank} is about to run {other}, and process {process_rank()} {what}, but processes that "
                "share a mesh must run the same in the same order",
                hint="let all of them call the same; one alone may only read variables",
            )


def _digest(text: str) -> bytes:
    return blake2b(text.encode(), digest_size=DIGEST_BYTES).digest()


def _check_row(rank: int, mine: list[Any], theirs: list[Any], *, same: bool) -> None:
    if theirs[:-1] != mine[:-1]:
        raise DiptychError(
            f"batch: process {rank} has a part of shape {theirs[:-1]} and process {process_rank()} one of {mine[:-1]}, "
            "but the parts of a batch must be alike",
            hint="drop_remainder=True, or drop_last=True, where batches are made",
        )
    if same and theirs != mine:
        raise DiptychError(
            f"batch: processes {rank} and {process_rank()} have other numbers in an array of shape {mine[:-1]}, "
            "which is no part of a batch and must be the same in all",
            hint="8 numbers or more for each device, or as many rows as a larger array beside it has, and None as the "
            "first size of a placeholder; strategy.experimental_distribute_dataset has each take its rows",
        )


@lru_cache(1024)  # which are asked for again and again
def _told(told: bytes) -> Any:
    return placed(np.frombuffer(told, np.uint32))
