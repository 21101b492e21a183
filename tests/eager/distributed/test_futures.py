"""Values that come later."""

from __future__ import annotations

import logging
from threading import Thread

import pytest
from diptych.eager.futures import Future, collect_all, wait_all


def test_a_future_has_its_value_once() -> None:
    future: Future[int] = Future()
    following = future.then(lambda done: done.value() + 1)
    assert not future.done() and not following.done()
    message = r"^Future.value: the future is not done but must be\ntry: wait\(\)$"
    with pytest.raises(RuntimeError, match=message):
        future.value()
    setting = Thread(target=future.set_result, args=(3,))
    setting.start()
    assert (future.wait(), following.wait(), future.value(), future.done()) == (3, 4, 3, True)
    setting.join()
    assert future.then(lambda done: done.wait() * 2).value() == 6
    with pytest.raises(RuntimeError, match=r"^Attempting to mark a completed Future as complete again\."):
        future.set_result(4)


def test_errors_come_out_where_values_would() -> None:
    future: Future[int] = Future()
    future.set_exception(ValueError("no"))
    assert future.done()
    for ask in (future.wait, future.value):
        with pytest.raises(ValueError, match="^no$"):
            ask()
    assert future.then(lambda done: 5).wait() == 5
    told = "^Got the following error when running the callback: ValueError: no$"
    with pytest.raises(RuntimeError, match=told):
        future.then(lambda done: done.value()).wait()
    with pytest.raises(AssertionError, match=r"^x is of type <class 'str'>, not an Exception\.$"):
        Future().set_exception("x")
    with pytest.raises(TypeError, match="^Future.then: callback is int but must be callable$"):
        future.then(3)


def test_callbacks_are_called_in_order_and_their_errors_logged(caplog: pytest.LogCaptureFixture) -> None:
    future: Future[int] = Future()
    seen: list[int] = []
    future.add_done_callback(lambda done: seen.append(done.value()))
    future.add_done_callback(lambda done: seen.append(done.value() // 0))
    future.add_done_callback(lambda done: seen.append(2 * done.value()))
    with caplog.at_level(logging.ERROR):
        future.set_result(3)
    assert seen == [3, 6]
    assert "Got the following error when running the callback:" in caplog.text


def test_several_futures_as_one() -> None:
    one, other, failing = Future(), Future(), Future()
    both, all_three = collect_all([one, other]), collect_all([one, other, failing])
    one.set_result(1)
    assert not both.done()
    failing.set_exception(ValueError("no"))
    assert all_three.done()  # what is still to come changes nothing
    other.set_result(2)
    assert both.wait() == [one, other] and wait_all([one, other]) == [1, 2] and wait_all([]) == []
    with pytest.raises(ValueError, match="^no$"):
        all_three.wait()
    with pytest.raises(TypeError, match="^collect_all: futures must be a list of torch.futures.Future$"):
        collect_all([1])
