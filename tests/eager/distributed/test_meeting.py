"""Where processes meet, as the first one tells the others."""

from __future__ import annotations

import socket
from datetime import timedelta

import diptych.eager.distributed as dist
import pytest
from diptych.eager.distributed.meeting import Meeting

LONG = timedelta(seconds=30)


def _told(store: dist.Store, rank: int = 0) -> str:
    host, _, port = Meeting(None, rank, 2).address(store).rpartition(":")
    assert 0 < int(port) < 2**16
    return host


def test_the_first_process_is_where_its_store_is() -> None:
    store = dist.TCPStore("127.0.0.1", 0, 1, True, LONG)
    part = dist.PrefixStore("x", dist.PrefixStore("y", store))
    assert _told(part) == "127.0.0.1"
    assert Meeting(None, 1, 2).address(part) == part.get("diptych/address").decode()


def test_the_first_process_is_where_the_store_sees_it() -> None:
    store = dist.TCPStore("127.0.0.1", 0, 1, True, LONG)
    assert _told(dist.TCPStore("localhost", store.port, timeout=LONG)) == "127.0.0.1"


@pytest.mark.parametrize(("address", "host"), [("127.0.0.1", "127.0.0.1"), ("192.0.2.1", "127.0.0.1")])
def test_a_host_whose_name_says_nothing(address: str, host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "gethostbyname", lambda name: address)
    assert _told(dist.HashStore()) == host


def test_a_host_and_port_that_are_given(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Meeting("tcp://there:5", 0, 2).address(None) == "there:5"
    assert Meeting("tcp://[::1]:5", 0, 2).address(None) == "[::1]:5"
    with pytest.raises(ValueError, match="environment variable MASTER_ADDR expected, but not set$"):
        Meeting("env://", 0, 2).address(None)
    monkeypatch.setenv("MASTER_ADDR", "there")
    monkeypatch.setenv("MASTER_PORT", "6")
    assert Meeting("env://?rank=0&world_size=2", -1, -1).address(None) == "there:6"
