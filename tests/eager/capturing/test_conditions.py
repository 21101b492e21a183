"""What is asked before each run of a captured function: everything that the function depends on, in this thread."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import diptych.eager as torch
import pytest
from diptych.eager.capturing.conditions import Conditions

X = torch.arange(4.0)


def test_written_as_python() -> None:
    asked = Conditions()
    kept: list[int] = [1]
    asked.do("found = given + {kept}", kept=kept)
    asked.require("{kept} is not {other} and len({kept}) == 1", kept=kept, other=None)
    function = asked.function("given", "found")
    assert function([0]) == [0, 1]
    kept.append(2)
    assert function([0]) is None


def test_a_variable_that_is_no_more() -> None:
    scale = 2.0

    def scaled(x: Any) -> Any:
        return x * scale

    made = torch.compile(scaled)
    assert [made(X).tolist() for _ in range(6)] == [[0, 2, 4, 6]] * 6
    del scale
    with pytest.raises(NameError, match="scale"):
        made(X)
    scale = 3.0
    assert [made(X).tolist() for _ in range(6)] == [[0, 3, 6, 9]] * 6


def test_switches_of_another_thread() -> None:
    weight = torch.ones(4, 4)
    made = torch.compile(lambda x: x @ weight)
    for _ in range(6):
        assert made(X).dtype is torch.float32
    found: list[Any] = []

    def cast() -> None:
        with torch.autocast("cpu", dtype=torch.bfloat16):
            found.extend(made(X).dtype for _ in range(6))

    thread = threading.Thread(target=cast)
    thread.start()
    thread.join()
    assert found == [torch.bfloat16] * 6
    assert made(X).dtype is torch.float32


@pytest.mark.parametrize(
    "switch",
    [
        lambda: torch.no_grad(),
        lambda: torch.inference_mode(),
        lambda: torch.autocast("cpu", dtype=torch.bfloat16),
    ],
)
def test_switches_that_come_later(switch: Callable[[], Any]) -> None:
    weight = torch.ones(4, 4, requires_grad=True)

    def plain(x: Any) -> Any:
        return x @ weight

    made = torch.compile(plain)
    for _ in range(6):
        assert made(X).requires_grad
    with switch():
        for _ in range(6):
            found, wanted = made(X), plain(X)
            assert (found.dtype, found.requires_grad, found.tolist()) == (
                wanted.dtype, wanted.requires_grad, wanted.tolist(),
            )  # fmt: skip
    assert made(X).requires_grad


def test_arguments_that_share_memory() -> None:
    made = torch.compile(lambda x, y: 1.0 * (x is y) + x + y)
    other = X.clone()
    for _ in range(6):
        assert made(X, other).tolist() == [0, 2, 4, 6]
    assert made(X, X).tolist() == [1, 3, 5, 7]
    assert made(X, X.detach()).tolist() == [0, 2, 4, 6]
    assert made(X, other).tolist() == [0, 2, 4, 6]


def test_an_argument_that_can_be_reached() -> None:
    table = torch.ones(4)
    made = torch.compile(lambda x: table + x if x is not table else table)
    for _ in range(6):
        assert made(X).tolist() == [1, 2, 3, 4]
    assert made(table).tolist() == [1, 1, 1, 1]
    assert made(X).tolist() == [1, 2, 3, 4]
