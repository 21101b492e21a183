"""Where the processes of a group meet, and how many they are."""

from __future__ import annotations

import os
import socket
from contextlib import closing
from urllib.parse import parse_qs, urlparse

from .stores import FileStore, PrefixStore, Store, TCPStore

_KEY = "diptych/address"  # of a store, under which the first process tells where they meet
_EVERYWHERE = ("0.0.0.0", "::", "")
_METHODS = ("env", "tcp", "file")


class Meeting:
    """What `init_process_group` is told, by numbers that are not negative, by its `init_method` or by the environment.
    Raises ValueError where something is missing, RuntimeError for methods that there are not."""

    def __init__(self, init_method: str | None, rank: int, size: int) -> None:
        method = urlparse("env://" if init_method is None else str(init_method))
        if method.scheme not in _METHODS:
            raise RuntimeError(f"No rendezvous handler for {method.scheme}://")
        self._scheme = method.scheme
        if method.scheme == "tcp" and method.port is None:
            raise self._problem("port number missing")
        if method.scheme == "tcp" and not method.hostname:
            raise self._problem("host name missing")
        if method.scheme == "file" and not method.path:
            raise self._problem("path missing")
        self._path = method.path
        self._host, self._port = method.hostname or "", method.port
        given = parse_qs(method.query)
        self.rank = self._number("rank", "rank", rank, given)
        self.size = self._number("world_size", "world size", size, given)

    def _problem(self, what: str) -> ValueError:
        return ValueError(f"Error initializing torch.distributed using {self._scheme}:// rendezvous: {what}")

    def _number(self, name: str, called: str, number: int, given: dict[str, list[str]]) -> int:
        if number >= 0:
            return number
        if name in given:
            return int(given[name][0])
        if name.upper() in os.environ:
            return int(os.environ[name.upper()])
        if self._scheme == "env":
            raise self._problem(f"environment variable {name.upper()} expected, but not set")
        raise self._problem(f"{called} parameter missing")

    def address(self, store: Store | None) -> str:
        """The host and port at which the first process waits for the others, told through a store if there is one."""
        if store is None and self._scheme == "file":
            store = FileStore(self._path, self.size)
        if store is not None:
            return self._told(store)
        if self._scheme == "tcp":
            return _joined(self._host, self._port)
        for name in ("MASTER_ADDR", "MASTER_PORT"):
            if name not in os.environ:
                raise self._problem(f"environment variable {name} expected, but not set")
        return f"{os.environ['MASTER_ADDR']}:{os.environ['MASTER_PORT']}"

    def _told(self, store: Store) -> str:
        if self.rank == 0:
            store.set(_KEY, _joined(_own_host(store), _free_port()))
        return store.get(_KEY).decode()


def _joined(host: str, port: int | None) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _own_host(store: Store) -> str:
    """How others reach this process: as they reach the store, if it is kept here, else by the address that the one who
    keeps it sees; without such a store by the host's name, if that is of an address of its own."""
    inner = store._underlying_non_prefix_store if isinstance(store, PrefixStore) else store
    if isinstance(inner, TCPStore):
        host = inner.host if inner.is_kept_here else inner.own_address
        if host not in _EVERYWHERE:
            return host
    try:
        host = socket.gethostbyname(socket.gethostname())
        with closing(socket.create_server((host, 0))):
            return host
    except OSError:
        return "127.0.0.1"


def _free_port() -> int:
    with closing(socket.create_server(("", 0))) as found:
        return found.getsockname()[1]
