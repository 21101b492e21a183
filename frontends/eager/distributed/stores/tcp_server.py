"""The process that keeps a store for the others: a thread for each of them, which answers frames from a table."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Sequence
from contextlib import suppress
from enum import IntEnum
from errno import errorcode
from threading import Lock, Thread

from ..errors import DistNetworkError
from .frames import GREETING, BrokenFrame, framed, read_exactly, read_frame
from .table import Table

_SECONDS = 10  # for a greeting
_LOOK = 0.5  # seconds after which it looks whether it has ended
_BACKLOG = 1024  # clients that may come at once
_DIGITS = 20  # of a number in a frame
_LONGEST = 7 * 24 * 3600  # seconds that anybody waits


class Ask(IntEnum):
    """What a client asks."""

    SET = 0
    GET = 1
    ADD = 2
    CHECK = 3
    WAIT = 4
    COMPARE_SET = 5
    DELETE = 6
    KEYS = 7
    APPEND = 8
    PUSH = 9
    POP = 10
    LENGTH = 11


class Answer(IntEnum):
    """What it is told."""

    DONE = 0
    TOO_LATE = 1
    WRONG = 2  # with what is


def number(field: bytes) -> int:
    """A number in a frame. Raises BrokenFrame for other text."""
    try:
        if len(field) > _DIGITS:
            raise ValueError
        return int(field)
    except ValueError:
        raise BrokenFrame("a number that is none") from None


def _text(field: bytes) -> str:
    return field.decode(errors="surrogateescape")


def _seconds(field: bytes) -> float:
    return min(max(number(field), 0) / 1000, _LONGEST)


def _set(table: Table, fields: Sequence[bytes]) -> list[bytes]:
    keys = [_text(key) for key in fields[::2]]
    table.set(list(zip(keys, fields[1::2], strict=True)))
    return []


def _get(table: Table, fields: Sequence[bytes]) -> list[bytes]:
    return table.get([_text(key) for key in fields[1:]], _seconds(fields[0]))


def _wait(table: Table, fields: Sequence[bytes]) -> list[bytes]:
    table.wait([_text(key) for key in fields[1:]], _seconds(fields[0]))
    return []


def _add(table: Table, fields: Sequence[bytes]) -> list[bytes]:
    key, amount = fields
    return [str(table.add(_text(key), number(amount))).encode()]


def _compare_set(table: Table, fields: Sequence[bytes]) -> list[bytes]:
    key, expected, desired = fields
    return [table.compare_set(_text(key), expected, desired)]


def _append(table: Table, fields: Sequence[bytes]) -> list[bytes]:
    key, value = fields
    table.append(_text(key), value)
    return []


def _push(table: Table, fields: Sequence[bytes]) -> list[bytes]:
    key, value = fields
    table.push(_text(key), value)
    return []


def _pop(table: Table, fields: Sequence[bytes]) -> list[bytes]:
    time, key = fields
    return [table.pop(_text(key), _seconds(time))]


def _told(found: int) -> list[bytes]:
    return [str(int(found)).encode()]


_ANSWERS: dict[int, Callable[[Table, Sequence[bytes]], list[bytes]]] = {
    Ask.SET: _set,
    Ask.GET: _get,
    Ask.ADD: _add,
    Ask.CHECK: lambda table, fields: _told(table.has([_text(key) for key in fields])),
    Ask.WAIT: _wait,
    Ask.COMPARE_SET: _compare_set,
    Ask.DELETE: lambda table, fields: _told(table.delete(_text(fields[0]))),
    Ask.KEYS: lambda table, fields: [key.encode(errors="surrogateescape") for key in table.names()],
    Ask.APPEND: _append,
    Ask.PUSH: _push,
    Ask.POP: _pop,
    Ask.LENGTH: lambda table, fields: _told(table.length(_text(fields[0]))),
}


class Server:
    """Listens at the address of a host, and at no other; port 0 is any that is free. `listening` is a socket that does
    already. Raises DistNetworkError where it cannot."""

    def __init__(self, host: str, port: int, listening: int | None = None) -> None:
        self.table = Table()
        self._lock = Lock()
        self._connections: set[socket.socket] = set()
        self._is_ended = False
        try:
            self._listening = _listening(host, port) if listening is None else socket.socket(fileno=listening)
        except OSError as error:
            code = error.errno or 0
            problem = f"{errorcode.get(code, code)}, {os.strerror(code) if code > 0 else error}"
            raise DistNetworkError(f"The server socket has failed to listen on ({host}, {port}): {problem}") from error
        self.port: int = self._listening.getsockname()[1]
        self._listening.settimeout(_LOOK)
        Thread(target=self._accept, name="diptych store", daemon=True).start()

    def _accept(self) -> None:
        while not self._is_ended:
            try:
                connection, _ = self._listening.accept()
            except TimeoutError:
                continue
            except OSError:  # closed
                return
            with self._lock:
                self._connections.add(connection)
            Thread(target=self._serve, args=(connection,), name="diptych store", daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        """Answers one client. Whoever sends what is no frame is left."""
        with connection, suppress(OSError, IndexError, ValueError):
            connection.settimeout(_SECONDS)
            if read_exactly(connection, len(GREETING)) == GREETING:
                connection.sendall(GREETING)
                connection.settimeout(None)
                while (frame := read_frame(connection)) is not None and frame[0] in _ANSWERS:
                    self._answer(connection, *frame)
        with self._lock:
            self._connections.discard(connection)

    def _answer(self, connection: socket.socket, code: int, fields: Sequence[bytes]) -> None:
        try:
            found = _ANSWERS[code](self.table, fields)
        except TimeoutError:
            connection.sendall(framed(Answer.TOO_LATE, []))
        except ValueError as error:
            connection.sendall(framed(Answer.WRONG, [str(error).encode()]))
        else:
            connection.sendall(framed(Answer.DONE, found))

    def end(self) -> None:
        """Ends it, and its connections."""
        self._is_ended = True
        self._listening.close()
        with self._lock:
            connections = list(self._connections)
        for connection in connections:
            with suppress(OSError):  # closed already
                connection.shutdown(socket.SHUT_RDWR)


def _listening(host: str, port: int) -> socket.socket:
    """A socket that listens at the first of a host's addresses at which it can. Raises OSError where it cannot."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    for place, (family, _, _, _, address) in enumerate(found):
        try:
            return socket.create_server(address[:2], family=family, backlog=_BACKLOG)
        except OSError:
            if place == len(found) - 1:
                raise
    raise OSError(f"{host} has no address")
