"""Messages from one process to another, by the service at which jax's processes meet. They wait there until they are
taken, so who sends one goes on at once."""

from __future__ import annotations

import jax
from jax._src.distributed import global_state  # the client has no public name

_LARGEST = 2**20  # bytes of one entry
_HEAD = 8
_DAY = 24 * 3600 * 1000  # milliseconds; jax ends whoever waits for a process that is gone


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


def taken(key: str) -> bytes:
    """The message under a key, which is gone then. Waits until it is there."""
    client, found, length, place = global_state.client, b"", 0, 0
    while not place or len(found) < length:
        part = client.blocking_key_value_get_bytes(f"{key}/{place}", _DAY)
        client.key_value_delete(f"{key}/{place}")
        if not place:
            length, part = int.from_bytes(part[:_HEAD], "little"), part[_HEAD:]
        found += part
        place += 1
    return found
