"""Values by key, in one process."""

from __future__ import annotations

import socket
import struct
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import diptych.eager.distributed as dist
import pytest
from diptych.eager.distributed.stores.frames import GREETING

SHORT, LONG = timedelta(milliseconds=20), timedelta(seconds=30)
KINDS: dict[str, Callable[[Path], dist.Store]] = {
    "tcp": lambda folder: dist.TCPStore("127.0.0.1", 0, 1, True, LONG),
    "hash": lambda folder: dist.HashStore(),
    "file": lambda folder: dist.FileStore(str(folder / "kept"), 1),
}
KINDS |= {
    f"part of {name}": lambda folder, make=make: dist.PrefixStore("part", make(folder)) for name, make in KINDS.items()
}


@pytest.fixture(params=KINDS)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[dist.Store]:
    yield KINDS[request.param](tmp_path)


def _own(store: dist.Store) -> dist.Store:
    return store.underlying_store if isinstance(store, dist.PrefixStore) else store


def test_values(store: dist.Store) -> None:
    store.set("text", "é")
    store.set("bytes", b"\x00\xff")
    store.set("", "")
    assert (store.get("text"), store.get("bytes"), store.get("")) == ("é".encode(), b"\x00\xff", b"")
    assert (store.add("number", 2), store.add("number", -5), store.get("number")) == (2, -3, b"-3")
    store.set("number", "41")
    assert store.add("number", 1) == 42
    store.append("word", "po")
    store.append("word", b"tato")
    assert store.get("word") == b"potato"
    assert store.check([]) and store.check(["text", "word"]) and not store.check(["text", "none"])
    assert store.delete_key("word") and not store.delete_key("word") and not store.check(["word"])
    store.multi_set(["one", "two"], ["1", b"2"])
    assert store.multi_get(["one", "two"]) == [b"1", b"2"]
    assert sorted(store.list_keys()) == ["", "bytes", "number", "one", "text", "two"]
    assert store.num_keys() == 6 + (not isinstance(_own(store), dist.HashStore))
    assert store.clone().get("one") == b"1"


def test_values_that_take_the_place_of_expected_ones(store: dist.Store) -> None:
    assert store.compare_set("key", "x", "y") == b"x" and not store.check(["key"])
    assert store.compare_set("key", "", "1") == b"1"
    assert store.compare_set("key", "2", "3") == store.compare_set("key", "", "3") == b"1"
    assert store.compare_set("key", "1", b"4") == store.get("key") == b"4"


def test_what_does_not_come_in_time(store: dist.Store) -> None:
    store.set("here", "x")
    store.wait(["here"])
    store.set_timeout(SHORT)
    assert store.timeout == SHORT
    own, key = _own(store), "none" if _own(store) is store else "part/none"
    told = {
        dist.TCPStore: f"wait timeout after 20ms, keys: /{key}",
        dist.HashStore: "Wait timeout",
        dist.FileStore: f"Timeout waiting for key: {key} after 20 ms",
    }[type(own)]
    kind = RuntimeError if isinstance(own, dist.FileStore) else dist.DistStoreError
    with pytest.raises(kind, match=f"^{told}$"):
        store.get("none")
    for wait in (lambda: store.wait(["here", "none"]), lambda: store.wait(["none"], timedelta(0))):
        with pytest.raises(kind, match="(?i)^wait timeout"):
            wait()
    with pytest.raises(kind):
        store.multi_get(["here", "none"])
    with pytest.raises(kind):
        store.barrier("never", 2)


def test_what_another_thread_sets(store: dist.Store) -> None:
    other = store.clone()
    setting = Thread(target=other.set, args=("late", "x"))
    setting.start()
    assert store.get("late") == b"x"
    setting.join()
    meeting = Thread(target=other.barrier, args=("all", 2))
    meeting.start()
    store.barrier("all", 2)
    meeting.join()


def test_queues(store: dist.Store) -> None:
    if isinstance(_own(store), dist.FileStore):
        with pytest.raises(NotImplementedError, match="^queue support is not implemented.$"):
            store.queue_push("queue", "1")
        return
    other = store.clone()
    pushing = Thread(target=lambda: [other.queue_push("queue", text) for text in ("1", b"2")])
    pushing.start()
    assert store.queue_pop("queue") == b"1"
    pushing.join()
    assert store.queue_len("queue") == 1 and store.check(["queue"])
    assert store.queue_pop("queue", block=False) == b"2"
    assert store.queue_len("queue") == 0 and not store.check(["queue"])
    with pytest.raises(dist.QueueEmptyError, match="^queue is empty$"):
        store.queue_pop("queue", block=False)
    store.set_timeout(SHORT)
    with pytest.raises(dist.DistStoreError, match="(?i)^wait timeout"):
        store.queue_pop("queue")


def test_what_is_no_key_value_or_number(store: dist.Store) -> None:
    for call, text in (
        (lambda: store.set(3, "x"), "a key is int but must be str"),
        (lambda: store.set("x", 3), "a value is int but must be str or bytes"),
        (lambda: store.check("x"), "keys are str but must be a list of str"),
    ):
        with pytest.raises(TypeError, match=f"^Store: {text}$"):
            call()
    with pytest.raises(TypeError, match=r"^Store.add: amount is str but must be int$"):
        store.add("x", "1")
    with pytest.raises(dist.DistStoreError, match="^multiSet keys and values vectors must be of same size$"):
        store.multi_set(["x"], [])
    store.set("text", "v")
    with pytest.raises(ValueError, match=r"^Store.add: the value of '.*text' is b'v' but must be a number$"):
        store.add("text", 1)
    store.set("text", "1" * 30)
    with pytest.raises(ValueError, match="but must be a number$"):
        store.add("text", 1)
    assert store.add("after", 1) == 1


def test_parts_of_parts() -> None:
    whole = dist.HashStore()
    part = dist.PrefixStore("x", dist.PrefixStore("y", whole))
    part.set("key", "1")
    assert whole.list_keys() == ["y/x/key"] and part.list_keys() == ["key"]
    with pytest.raises(TypeError, match=r"^PrefixStore: store is str but must be torch.distributed.Store$"):
        dist.PrefixStore("x", "y")


def test_a_store_of_a_programs_own() -> None:
    class Own(dist.Store):
        def __init__(self) -> None:
            super().__init__()
            self.values: dict[str, Any] = {}

        def set(self, key: str, value: Any) -> None:
            self.values[key] = value

        def get(self, key: str) -> Any:
            return self.values[key]

    own = Own()
    part = dist.PrefixStore("x", own)
    part.multi_set(["key"], ["1"])
    assert own.values == {"x/key": b"1"}
    assert part.multi_get(["key"]) == list(own.values.values()) and not own.has_extended_api()
    with pytest.raises(RuntimeError, match='^Tried to call pure virtual function "::c10d::Store::check"$'):
        part.check(["key"])


def test_servers() -> None:
    kept = dist.TCPStore("127.0.0.1", 0, 1, True, LONG)
    assert kept.host == "127.0.0.1" and kept.libuvBackend and kept.has_extended_api()
    client = dist.TCPStore("localhost", kept.port, timeout=LONG)
    kept.set("x", "1")
    assert client.get("x") == b"1"
    with pytest.raises(dist.DistNetworkError, match=r"has failed to listen on \(127.0.0.1, \d+\): EADDRINUSE, "):
        dist.TCPStore("127.0.0.1", kept.port, 1, True)
    with pytest.raises(dist.DistNetworkError, match=r"has failed to listen on \(nowhere.invalid, 0\): "):
        dist.TCPStore("nowhere.invalid", 0, 1, True)
    with pytest.raises(ValueError, match="^TCPStore: port is 70000 but must be from 0 to 65535$"):
        dist.TCPStore("127.0.0.1", 70000)
    with pytest.raises(
        dist.DistStoreError, match="^Timed out after 1 seconds waiting for clients. 1/2 clients joined.$"
    ):
        dist.TCPStore("127.0.0.1", 0, 2, True, SHORT)
    port = kept.port
    del kept
    with pytest.raises(dist.DistNetworkError, match=rf"^TCPStore: \(localhost, {port}\) cannot be asked: "):
        client.get("x")
    told = rf"^The client socket has timed out after 20ms while trying to connect to \(127.0.0.1, {port}\).$"
    with pytest.raises(dist.DistNetworkError, match=told):
        dist.TCPStore("127.0.0.1", port, timeout=SHORT)


def test_servers_that_are_shared() -> None:
    one = dist.TCPStore("127.0.0.1", 0, 1, True, LONG, multi_tenant=True)
    other = dist.TCPStore("127.0.0.1", one.port, 2, True, LONG, multi_tenant=True)
    one.set("x", "1")
    del one
    assert other.get("x") == b"1"
    listening = socket.create_server(("127.0.0.1", 0))
    given = dist.TCPStore("127.0.0.1", 0, 1, True, LONG, master_listen_fd=listening.detach())
    assert given.add("x", 1) == 1


@pytest.mark.parametrize(
    "sent",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        GREETING + struct.pack("<Q", 2**40),
        GREETING + struct.pack("<Q", 1) + b"x",
        GREETING + struct.pack("<QBI", 5, 0, 2**31),
        GREETING + struct.pack("<QBII", 9, 0, 1, 100),
        GREETING + struct.pack("<QBI", 5, 99, 0),  # nothing that can be asked
        GREETING + struct.pack("<QBI", 5, 6, 0),  # too few fields
        GREETING + struct.pack("<QBIIcI1s", 15, 2, 2, 1, b"x", 1, b"y"),  # no number
    ],
)
def test_whoever_sends_something_else_is_left(sent: bytes) -> None:
    kept = dist.TCPStore("127.0.0.1", 0, 1, True, LONG)
    kept.set("x", "1")
    with socket.create_connection(("127.0.0.1", kept.port), 20) as connection:
        connection.sendall(sent)
        with suppress(ConnectionResetError):
            while connection.recv(2**16):  # until the server ends the connection
                pass
    assert kept.get("x") == b"1" and kept.list_keys() == ["x"]


def test_values_that_are_too_large(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    kept = dist.TCPStore("127.0.0.1", 0, 1, True, LONG)
    monkeypatch.setattr("diptych.eager.distributed.stores.frames.LARGEST", 100)
    told = "^TCPStore: 2 values of 215 bytes are sent, but there must be 65536 of 100 at most$"
    with pytest.raises(ValueError, match=told):
        kept.set("x", "1" * 200)
    kept.set("x", "1")
    assert kept.get("x") == b"1"
    monkeypatch.setattr("diptych.eager.distributed.stores.file_store._LONGEST_VALUE", 100)
    told = "^FileStore: key and value are of 2 and 200 bytes but must be of 65536 and 100 at most$"
    with pytest.raises(dist.DistStoreError, match=told):
        dist.FileStore(str(tmp_path / "kept")).set("x", "1" * 200)


def test_files(tmp_path: Path) -> None:
    path = tmp_path / "kept"
    path.touch()
    one, other = dist.FileStore(str(path), 2), dist.FileStore(str(path), 2)
    one.set("x", "1")
    assert one.path == str(path) and other.get("x") == b"1"
    with path.open("ab") as file:
        file.write(b"\x01\x05")  # what a process that was killed has begun to write
    assert other.add("n", 1) == one.add("n", 0) == 1 and one.get("x") == b"1"
    del one
    assert path.exists()
    del other
    assert not path.exists()
    staying = dist.FileStore(str(path))
    staying.set("x", "1")
    del staying
    assert dist.FileStore(str(path)).get("x") == b"1"


@pytest.mark.parametrize("text", [b"a letter", b"a letter of more than a line, which nobody wants to lose", b"\x00"])
def test_files_of_something_else_stay(text: bytes, tmp_path: Path) -> None:
    path = tmp_path / "letter"
    path.write_bytes(text)
    with pytest.raises(dist.DistStoreError, match=f"^FileStore: {path} is a file of something else$"):
        dist.FileStore(str(path), 1)
    assert path.read_bytes() == text
    with pytest.raises(dist.DistStoreError, match="cannot be opened: No such file or directory$"):
        dist.FileStore(str(tmp_path / "nowhere" / "kept"), 1)


@pytest.mark.parametrize("record", [struct.pack("<BIQ", 2, 0, 0), struct.pack("<BIQ", 1, 2**20, 0)])
def test_damaged_files(record: bytes, tmp_path: Path) -> None:
    path = tmp_path / "kept"
    store = dist.FileStore(str(path))
    store.set("x", "1")
    with path.open("ab") as file:
        file.write(record)
    with pytest.raises(dist.DistStoreError, match=f"^FileStore: {path} is damaged$"):
        store.get("x")


def test_who_is_interrupted_gets_no_answer_to_something_else(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = dist.TCPStore("127.0.0.1", 0, 1, True, LONG)
    kept.set("x", "1")
    client = kept.clone()

    def interrupted(connection: socket.socket) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("diptych.eager.distributed.stores.tcp_store.read_frame", interrupted)
        with pytest.raises(KeyboardInterrupt):
            client.get("x")
    with pytest.raises(dist.DistNetworkError, match=r"^TCPStore: \(127.0.0.1, \d+\) cannot be asked: "):
        client.num_keys()
    assert kept.get("x") == b"1"
