"""Values that one process keeps, and the others ask it for."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from datetime import timedelta
from math import ceil
from threading import Lock
from time import monotonic, sleep
from weakref import WeakValueDictionary, finalize

from ..errors import DistNetworkError, DistStoreError, QueueEmptyError
from .frames import GREETING, framed, read_exactly, read_frame
from .store import TIMEOUT, Store, amount_of, key_of, keys_of, pairs_of, value_of
from .tcp_server import Answer, Ask, Server, number

_MEMBERS = "init/"  # a key under which clients count themselves; those of programs begin with a slash
_PAUSE, _LONGEST_PAUSE = 0.01, 0.5  # seconds between attempts to connect


class _Served:
    """A server that ends with the last store that has it."""

    def __init__(self, host: str, port: int, listening: int | None) -> None:
        server = Server(host, port, listening)
        self.port = server.port
        finalize(self, server.end)


_shared: WeakValueDictionary[int, _Served] = WeakValueDictionary()  # by port, what stores of this process share


class TCPStore(Store):
    """A store at a host and port, kept by the process that says `is_master`, which listens at that host's address alone
    and, with `wait_for_workers`, waits until there are `world_size`. Port 0 is any that is free there.

    Raises DistNetworkError where it cannot listen, or where nobody does in time, DistStoreError where others do not
    come, ValueError for a port that there is not."""

    def __init__(
        self,
        host_name: str,
        port: int,
        world_size: int | None = None,
        is_master: bool = False,
        timeout: timedelta = TIMEOUT,
        wait_for_workers: bool = True,
        multi_tenant: bool = False,
        master_listen_fd: int | None = None,
        use_libuv: bool = True,
    ) -> None:
        super().__init__()
        if not 0 <= port < 2**16:
            raise ValueError(f"TCPStore: port is {port} but must be from 0 to 65535")
        self._timeout = timeout
        self._host, self._port = host_name, port
        self._is_libuv = use_libuv
        self._server = _served(host_name, port, master_listen_fd, shared=multi_tenant) if is_master else None
        if self._server is not None:
            self._port = self._server.port
        self._client = _Client(self._host, self._port, timeout)
        joined = self._client.numbers(Ask.ADD, [_MEMBERS.encode(), b"1"])
        if self._server is not None and wait_for_workers and world_size is not None:
            self._await(world_size, joined, monotonic() + timeout.total_seconds())

    def _await(self, world_size: int, joined: int, end: float) -> None:
        pause = _PAUSE
        while joined < world_size:
            if monotonic() > end:
                seconds = ceil(self._timeout.total_seconds())
                raise DistStoreError(
                    f"Timed out after {seconds} seconds waiting for clients. {joined}/{world_size} clients joined."
                )
            sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)
            joined = self._client.numbers(Ask.ADD, [_MEMBERS.encode(), b"0"])

    @property
    def host(self) -> str:
        """The host."""
        return self._host

    @property
    def port(self) -> int:
        """The port."""
        return self._port

    @property
    def libuvBackend(self) -> bool:
        """What `use_libuv` was; it changes nothing."""
        return self._is_libuv

    @property
    def is_kept_here(self) -> bool:
        """Whether this process keeps the values."""
        return self._server is not None

    @property
    def own_address(self) -> str:
        """Of this process, as the one that keeps the store sees it."""
        return self._client.own_address

    def _asked(self, code: Ask, keys: Sequence[str], *others: bytes, timeout: timedelta | None = None) -> list[bytes]:
        """The answer to what is asked of some keys, in time."""
        names = [f"/{key}".encode(errors="surrogateescape") for key in keys]
        given = self._timeout if timeout is None else timeout
        try:
            return self._client.asked(code, [_milliseconds(given), *names, *others])
        except TimeoutError:
            told = ", ".join(f"/{key}" for key in keys)
            milliseconds = _milliseconds(given).decode()
            raise DistStoreError(f"wait timeout after {milliseconds}ms, keys: {told}") from None

    def _told(self, code: Ask, key: str, *others: bytes) -> list[bytes]:
        return self._client.asked(code, [f"/{key_of(key)}".encode(errors="surrogateescape"), *others])

    def set(self, key: str, value: str | bytes) -> None:
        self._told(Ask.SET, key, value_of(value))

    def get(self, key: str) -> bytes:
        return self._asked(Ask.GET, [key_of(key)])[0]

    def add(self, key: str, amount: int) -> int:
        return number(self._told(Ask.ADD, key, str(amount_of(amount)).encode())[0])

    def check(self, keys: Sequence[str]) -> bool:
        names = [f"/{key}".encode(errors="surrogateescape") for key in keys_of(keys)]
        return bool(self._client.numbers(Ask.CHECK, names))

    def wait(self, keys: Sequence[str], timeout: timedelta | None = None) -> None:
        self._asked(Ask.WAIT, keys_of(keys), timeout=timeout)

    def compare_set(self, key: str, expected_value: str | bytes, desired_value: str | bytes) -> bytes:
        return self._told(Ask.COMPARE_SET, key, value_of(expected_value), value_of(desired_value))[0]

    def delete_key(self, key: str) -> bool:
        return bool(number(self._told(Ask.DELETE, key)[0]))

    def num_keys(self) -> int:
        return len(self._client.asked(Ask.KEYS, []))

    def list_keys(self) -> list[str]:
        found = [key.decode(errors="surrogateescape") for key in self._client.asked(Ask.KEYS, [])]
        return [key[1:] for key in found if key.startswith("/")]

    def append(self, key: str, value: str | bytes) -> None:
        self._told(Ask.APPEND, key, value_of(value))

    def queue_push(self, key: str, value: str | bytes) -> None:
        self._told(Ask.PUSH, key, value_of(value))

    def queue_pop(self, key: str, block: bool = True) -> bytes:
        if block:
            return self._asked(Ask.POP, [key_of(key)])[0]
        try:
            return self._client.asked(Ask.POP, [b"0", f"/{key_of(key)}".encode(errors="surrogateescape")])[0]
        except TimeoutError:
            raise QueueEmptyError("queue is empty") from None

    def queue_len(self, key: str) -> int:
        return number(self._told(Ask.LENGTH, key)[0])

    def clone(self) -> TCPStore:
        found = TCPStore.__new__(TCPStore)
        found.__dict__.update(self.__dict__)
        found._client = _Client(self._host, self._port, self._timeout)
        return found

    def has_extended_api(self) -> bool:
        return True

    def multi_get(self, keys: Sequence[str]) -> list[bytes]:
        return self._asked(Ask.GET, keys_of(keys))

    def multi_set(self, keys: Sequence[str], values: Sequence[str | bytes]) -> None:
        pairs = pairs_of(keys, values)
        self._client.asked(
            Ask.SET, [part for key, value in pairs for part in (f"/{key}".encode(errors="surrogateescape"), value)]
        )


def _milliseconds(timeout: timedelta) -> bytes:
    return str(round(timeout.total_seconds() * 1000)).encode()


def _served(host: str, port: int, listening: int | None, *, shared: bool) -> _Served:
    found = _shared.get(port) if shared and port else None
    if found is None:
        found = _Served(host, port, listening)
        if shared:
            _shared[found.port] = found
    return found


def _greeted(host: str, port: int, seconds: float) -> socket.socket:
    """A connection to a server of stores. Raises OSError where there is none in time."""
    connection = socket.create_connection((host, port), seconds)
    try:
        connection.sendall(GREETING)
        if read_exactly(connection, len(GREETING)) != GREETING:
            raise ConnectionError("another server")
    except OSError:
        connection.close()
        raise
    return connection


class _Client:
    """A connection. One thread after another asks."""

    def __init__(self, host: str, port: int, timeout: timedelta) -> None:
        self._where = f"({host}, {port})"
        self._connection = self._connected(host, port, timeout)
        self._lock = Lock()
        finalize(self, self._connection.close)

    def _connected(self, host: str, port: int, timeout: timedelta) -> socket.socket:
        end, pause = monotonic() + timeout.total_seconds(), _PAUSE
        while True:
            left = end - monotonic()
            try:
                connection = _greeted(host, port, max(left, _PAUSE))
            except OSError as error:
                if left < pause:
                    milliseconds = _milliseconds(timeout).decode()
                    raise DistNetworkError(
                        f"The client socket has timed out after {milliseconds}ms while trying to connect to "
                        f"{self._where}."
                    ) from error
                sleep(pause)
                pause = min(2 * pause, _LONGEST_PAUSE)
            else:
                connection.settimeout(None)
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                return connection

    @property
    def own_address(self) -> str:
        """Where this end is."""
        return self._connection.getsockname()[0]

    def asked(self, code: Ask, fields: Sequence[bytes]) -> list[bytes]:
        """What the server answers. Raises TimeoutError where that comes too late for it, ValueError for what it says is
        wrong, and DistNetworkError where it is gone."""
        data = framed(code, fields)
        frame: tuple[int, list[bytes]] | None = None
        with self._lock:
            try:
                self._connection.sendall(data)
                frame = read_frame(self._connection)
            except OSError as error:
                raise DistNetworkError(f"TCPStore: {self._where} cannot be asked: {error}") from error
            finally:
                if frame is None:  # lest who asks next is given the answer to this
                    self._connection.close()
        if frame is None:
            raise DistNetworkError(f"TCPStore: {self._where} cannot be asked: the connection was closed")
        answer, found = frame
        if answer == Answer.TOO_LATE:
            raise TimeoutError
        if answer == Answer.WRONG:
            raise ValueError(found[0].decode(errors="replace") if found else "")
        return found

    def numbers(self, code: Ask, fields: Sequence[bytes]) -> int:
        """The number that the server answers."""
        return number(self.asked(code, fields)[0])
