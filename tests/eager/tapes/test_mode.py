"""The switch belongs to a thread."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Thread

import diptych.eager as torch
import pytest


def test_other_threads_are_not_switched() -> None:
    found: list[bool] = []
    with torch.no_grad():
        thread = Thread(target=lambda: found.append(torch.is_grad_enabled()))
        thread.start()
        thread.join()
        assert not torch.is_grad_enabled()
    assert found == [True]


def test_generators_get_what_is_sent_and_thrown() -> None:
    @torch.no_grad()
    def echo() -> Iterator[object]:
        got: object = None
        while got != "stop":
            try:
                got = yield (got, torch.is_grad_enabled())
            except ValueError as error:
                got = str(error)
        return "done"

    running = echo()
    assert next(running) == (None, False)
    assert running.send(1) == (1, False)
    assert running.throw(ValueError("thrown")) == ("thrown", False)
    assert torch.is_grad_enabled()
    with pytest.raises(StopIteration, match="done"):
        running.send("stop")
    closed = echo()
    next(closed)
    closed.close()
    assert torch.is_grad_enabled()
