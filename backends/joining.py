"""Joins processes, which jax connects, and leaves them."""

from __future__ import annotations

import atexit
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from types import TracebackType

import numpy as np
from diptych.ir import DiptychError

from .jax import require_jax
from .processes import Uneven, before_meeting, has_left, note_joined, process_count, process_rank

_LAUNCHED = ("MASTER_ADDR", "MASTER_PORT", "WORLD_SIZE", "RANK")
_early: tuple[int, int] | None = None  # how this process joined before it was told to
_joined_as = 0  # the number that the system has for it


def join(address: str, count: int, rank: int) -> None:
    """Makes this process number `rank` of `count`, which meet at `address`, a host and port of process 0's. Nothing may
    have run on jax before. Raises DiptychError where that is so, for numbers that make no sense, and where others do
    not come; Unsupported where jax is missing."""
    global _early, _joined_as
    if count < 1 or not 0 <= rank < count:
        raise DiptychError(f"join: rank is {rank} and count {count}, but rank must be from 0 to count - 1")
    if process_count() > 1 and _early == (count, rank):
        _early = None
        return
    if process_count() > 1:
        raise DiptychError(f"join: this process is number {process_rank()} of {process_count()} already")
    if count > 1:
        require_jax()
        from .jax.meetings import agreed
        from .jax.processes import connect

        connect(address, count, rank)
        note_joined(count, rank, agreed())
        _joined_as = os.getpid()
        atexit.unregister(_end)
        atexit.register(_end)  # behind what jax does at the end, hence before it
        if sys.excepthook is sys.__excepthook__:
            sys.excepthook = _failed


def _end() -> None:
    """The end of the script: others may be about to go on. A process that was forked ends by itself."""
    if process_count() > 1 and _joined_as == os.getpid():
        _part("its script")


def _part(of: str) -> None:
    from .jax.meetings import leave_meetings

    leave_meetings(of)


def abandon(status: int) -> None:
    """Ends this process at once, where it is one of several: it has failed, and an ordinary end would wait for the
    others, which wait for it. Where one has come to the end of its script already, all end in the ordinary way."""
    if process_count() > 1 and not has_left:
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError, ValueError):
                stream.flush()
        os._exit(status)


def _failed(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    sys.__excepthook__(kind, error, trace)
    abandon(1)


def join_as_launched() -> None:
    """Joins the others of a process that `diptych launch` or torchrun started as one of several, where it has not yet:
    whoever asks jax anything must. A `join` of the same numbers that comes later has nothing to do."""
    global _early
    if process_count() > 1 or any(name not in os.environ for name in _LAUNCHED) or os.environ["WORLD_SIZE"] == "1":
        return
    address, port, count, rank = (os.environ[name] for name in _LAUNCHED)
    join(f"{address}:{port}", int(count), int(rank))
    _early = int(count), int(rank)


def all_told(text: str) -> list[str]:
    """What each process tells, in the order of ranks. All call it, and none goes on before all have."""
    if process_count() == 1:
        return [text]
    from .jax.meetings import all_told as exchanged

    before_meeting()
    return exchanged(text)


def gathered(own: np.ndarray) -> np.ndarray:
    """What all processes have, one behind another along the first dimension. Each calls it behind a program that they
    ran together, with an array of the same shape and dtype."""
    if process_count() == 1:
        return own
    from .jax import wide_types
    from .jax.processes import exchanged

    with wide_types():
        return exchanged(own).reshape(-1, *own.shape[1:])


def gathered_rows(own: np.ndarray, counts: Sequence[int]) -> np.ndarray:
    """What all processes have, one behind another, where they have so many rows, which all know."""
    padded = np.zeros((max(counts), *own.shape[1:]), own.dtype)
    padded[: len(own)] = own
    every = gathered(padded).reshape(len(counts), *padded.shape)
    return np.concatenate([rows[:count] for rows, count in zip(every, counts, strict=True)])


def meet_for_parts(run: str) -> None:
    """Waits until all processes are about to make a run. Each calls it whose parts of batches cannot be split for it;
    the others raise Uneven then."""
    from .jax.meetings import PARTS, check_alike

    before_meeting()
    with suppress(Uneven):
        check_alike(f"{PARTS} ({run})", (), (), run)


def all_numbers(own: np.ndarray) -> np.ndarray:
    """What each process tells, in the order of ranks, in an axis in front. All call it, with one shape and dtype."""
    if process_count() == 1:
        return own[None]
    from .jax import wide_types
    from .jax.meetings import all_numbers as exchanged

    before_meeting()
    with wide_types():
        return exchanged(own)


def check_together(what: str) -> None:
    """Waits until all processes are about to do `what`: each calls it. Raises DiptychError, in all of them, where one
    is about to do something else, Ended where one has told its end, and Left where one has come to the end of its
    script."""
    if process_count() > 1:
        from .jax.meetings import check_alike

        before_meeting()
        check_alike(what, (), ())


def told_end(of: str) -> None:
    """Tells the others that this process has come to the end of something, such as its input: those that are about to
    go on raise Ended. Returns when all have come to a program that they run together, or to an end."""
    if process_count() > 1:
        from .jax.meetings import END

        check_together(f"{END}{of}")


@contextmanager
def all_or_none(what: str) -> Iterator[None]:
    """A block that all processes come through, or none: each waits at its end for the others, and where one has failed
    all raise DiptychError, which names that one and says why. Alone, what is raised in the block is what it was."""
    if process_count() == 1:
        yield
        return
    failure: Exception | None = None
    try:
        yield
    except Exception as error:
        failure = error
    told = all_told("" if failure is None else _described(failure))
    for rank, problem in enumerate(told):
        if problem:
            raise DiptychError(f"{what}: process {rank} failed: {problem.removeprefix(f'{what}: ')}") from failure


def _described(error: Exception) -> str:
    return str(error) if isinstance(error, DiptychError) else f"{type(error).__name__}: {error}"


def leave(of: str = "its process group") -> None:
    """Ends what `join` began, when all have come to such an end; those that are about to do something together instead
    raise Left, which says that this one has come to the end `of` that."""
    if process_count() > 1:
        from .jax.processes import disconnect

        _part(of)
        disconnect()
    has_left.clear()
    global _early
    _early = None
    note_joined(1, 0, 0)
