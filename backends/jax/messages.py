"""Messages from one process to another, by the service at which jax's processes meet. They wait there until they are
taken, so who sends one goes on at once."""

from __future__ import annotations

import jax
from jax._src.distributed import global_state  # the client has no public name

from ..processes import Left, has_left, process_rank

_LARGEST = 2**20  # bytes of one entry
_HEAD = 8
_SLICE = 500  # milliseconds of waiting, between looks for the end of who is waited for
_LATE = "DEADLINE_EXCEEDED"


def post(key: str, data: bytes) -> None:
    """Leaves a message under a key, which nothing may stand under."""
    client = global_state.client
    for place, start in enumerate(range(0, max(len(data), 1), _LARGEST)):
        head = len(data).to_bytes(_HEAD, "little") if not place else b""
        client.key_value_set_bytes(f"{key}/{place}", head + data[start : start + _LARGEST])


def is_there(key: str) -> bool:
    """Whether a message is under a key."""
    try:
        global_state.client.key_value_try_get_bytes(f"{key}/0")
    except jax.errors.JaxRuntimeError:
        return False
    return True


def post_end(of: str) -> None:
    """Says that this process sends no more, since it has come to the end `of` something."""
    post(_end_of(process_rank()), of.encode())


def has_ended(rank: int) -> bool:
    """Whether a process has said that it sends no more. It may have sent something before."""
    return is_there(_end_of(rank))


def _end_of(rank: int) -> str:
    return f"diptych/end/{rank}"


def taken(key: str, source: int) -> bytes:
    """The message of a process under a key, which is gone then. Waits until it is there; raises Left where that process
    has come to its end before."""
    client, found, length, place = global_state.client, b"", 0, 0
    while not place or len(found) < length:
        part = _awaited(f"{key}/{place}", source)
        client.key_value_delete(f"{key}/{place}")
        if not place:
            length, part = int.from_bytes(part[:_HEAD], "little"), part[_HEAD:]
        found += part
        place += 1
    return found


def _awaited(entry: str, source: int) -> bytes:
    client, ends = global_state.client, False
    while True:
        try:
            return client.blocking_key_value_get_bytes(entry, _SLICE)
        except jax.errors.JaxRuntimeError as error:
            if _LATE not in str(error):  # jax ends whoever waits for a process that is gone
                raise
            if ends:
                told = client.blocking_key_value_get_bytes(f"{_end_of(source)}/0", _SLICE)[_HEAD:].decode()
                has_left.add(source)
                raise Left(f"process {source} has come to {told}") from None
        ends = is_there(_end_of(source))  # behind which nothing comes, but it may have come just before
