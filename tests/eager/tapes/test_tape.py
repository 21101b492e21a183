"""When the tape runs, what it computes, keeps and lets go, and what happens when that fails."""

from __future__ import annotations

import threading
from functools import partial
from typing import Any

import diptych.eager as torch
import numpy as np
import pytest
from diptych import backends
from diptych.backends.settings import configure
from diptych.eager import nn, optim
from diptych.eager.tapes.stepping import Stepping
from diptych.eager.tapes.tape import Tape, tape
from diptych.ir import ops


@pytest.fixture(autouse=True)
def nothing_waits() -> None:
    tape.flush()


def functions_run(action: Any) -> list[Any]:
    """The optimised functions of the programs that ran, in order of their first runs."""
    with backends.captured() as found:
        action()
        tape.flush()
    return [executable.optimised for executable in found]


def runs_of(action: Any) -> int:
    """How often the tape ran."""
    before = tape.flushes
    action()
    return tape.flushes - before


def test_calls_wait_until_a_value_is_read() -> None:
    x = torch.ones(3)
    y = x + 1
    assert runs_of(lambda: y * 2) == 0
    assert runs_of(y.tolist) == 1
    assert runs_of(y.tolist) == 0


@pytest.mark.parametrize(
    "read", [float, bool, int, str, "{:.2f}".format, np.asarray, lambda x: x.item(), lambda x: [x][0] > 0 and 1]
)
def test_reading_runs_what_waits(read: Any) -> None:
    y = torch.ones(()) * 3
    assert runs_of(lambda: read(y)) == 1


@pytest.mark.parametrize(
    "look",
    [lambda x: x.shape, lambda x: x.dtype, lambda x: x.ndim, lambda x: x.requires_grad, lambda x: x.stride(), len],
)
def test_looking_at_the_type_runs_nothing(look: Any) -> None:
    y = torch.ones(3, 2) * 3
    assert runs_of(lambda: look(y)) == 0


def test_what_nobody_can_see_is_not_computed() -> None:
    def action() -> None:
        x = torch.ones(3, 3)
        torch.exp(x)
        kept = x + 1
        tape.flush()
        assert kept.tolist() == [[2.0] * 3] * 3

    (function,) = functions_run(action)
    assert all(equation.op is not ops.exp for equation in function.equations)


def test_equal_steps_are_lowered_once_and_run_once_each() -> None:
    model = nn.Linear(4, 2)
    optimizer = optim.SGD(model.parameters(), lr=0.1)

    def step() -> None:
        optimizer.zero_grad()
        model(torch.ones(3, 4)).sum().backward()
        optimizer.step()

    for _ in range(3):
        step()
    retraces, flushes = tape.retraces, tape.flushes
    for _ in range(5):
        step()
    assert (tape.retraces - retraces, tape.flushes - flushes) == (0, 5)


def test_steps_end_at_one_place_whether_or_not_a_value_is_read() -> None:
    model, x = nn.Linear(4, 2), torch.ones(2, 3, 4)
    optimizer = optim.SGD(model.parameters(), lr=0.1)
    kept, mean = torch.zeros(()), torch.zeros(2, 4)
    losses: list[Any] = [None]

    def step(*, reads: bool) -> None:
        # first come calls that need no gradient
        losses[0] = (torch.zeros(3, 2) + x[0].sum() + model(x[0])).square().mean()
        optimizer.zero_grad()
        losses[0].backward()
        optimizer.step()
        kept.add_(losses[0].detach())  # belongs to the step before, as do means of its parameters
        with torch.no_grad():
            mean.mul_(0.5).add_(model.weight, alpha=0.5)
        if reads:
            losses[0].item()

    for _ in range(3):
        step(reads=True)
    retraces, flushes = tape.retraces, tape.flushes
    for number in range(12):
        step(reads=number % 3 == 2)
    tape.flush()
    assert (tape.retraces - retraces, tape.flushes - flushes) == (0, 12)


@pytest.mark.parametrize(
    "make",
    [optim.Adam, partial(optim.SGD, momentum=0.9), partial(optim.SGD, momentum=0.9, nesterov=True), optim.Adagrad],
)
def test_what_makes_parameters_is_no_part_of_the_first_step(make: Any) -> None:
    layer = nn.Linear(3, 2)
    x = torch.ones(4, 3)
    optimizer = make(layer.parameters())
    retraces = tape.retraces
    for _ in range(4):
        layer(x).square().mean().backward()
        optimizer.step()
        optimizer.zero_grad()
    assert tape.retraces == retraces + 1


def drawing(layer: nn.Module, x: Any) -> torch.Tensor:
    return layer(torch.randn(4, 3)) if x is None else layer(nn.functional.dropout(x))


@pytest.mark.parametrize("x", [None, np.ones((4, 3), np.float32)])
def test_a_draw_that_begins_a_step_counts_from_where_the_one_before_ended(x: Any) -> None:
    layer = nn.Linear(3, 2)  # which draws, too
    optimizer = optim.Adam(layer.parameters())
    given = None if x is None else torch.from_numpy(x)

    def step() -> None:
        loss = drawing(layer, given).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

    step()
    step()
    step()  # whose first call has run the second one
    retraces = tape.retraces
    step()
    step()
    assert tape.retraces == retraces


@pytest.mark.usefixtures("compiled_at_once")
def test_numbers_that_change_become_arguments() -> None:
    x = torch.ones(3)
    x.tolist()
    before = tape.retraces
    for number in range(1, 8):
        assert (x * float(number)).tolist() == [float(number)] * 3
    assert tape.retraces - before == 2


@pytest.mark.parametrize(("first", "second"), [(0.0, -0.0), (1, True), (2.0, 2)])
def test_numbers_that_are_only_equal_are_told_apart(first: Any, second: Any) -> None:
    x = torch.tensor([1.0])
    found = [(x * number).numpy()[0] for number in (first, second)]
    assert [np.signbit(value) for value in found] == [np.signbit(np.float32(number)) for number in (first, second)]
    assert [float(value) for value in found] == [float(first), float(second)]


def test_the_budget_of_bytes_runs_what_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tape, "most_bytes", 1000)
    monkeypatch.setattr(tape, "most_calls", 10**6)
    x = torch.ones(10, 10)
    kept: list[Any] = []
    assert runs_of(lambda: kept.extend(x + number for number in range(10))) == 3


def sum_of_chain(start: torch.Tensor, count: int) -> Any:
    """Of so many results nobody sees but the last."""
    for number in range(count):
        start = start + number
    return start.sum().item()


def test_results_that_nobody_can_see_do_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tape, "most_bytes", 2000)
    monkeypatch.setattr(tape, "most_calls", 10**6)
    x = torch.ones(10, 10)
    x.tolist()

    assert runs_of(lambda: sum_of_chain(x, 12)) == 1
    assert runs_of(lambda: sum_of_chain(x.clone().requires_grad_(), 12)) == 3  # a gradient may need them


def test_so_many_results_wait_that_nobody_can_see(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tape, "most_bytes", 2000)
    monkeypatch.setattr(tape, "most_calls", 10**6)
    x = torch.ones(10, 10)
    x.tolist()

    assert runs_of(lambda: sum_of_chain(x, 60)) == 2


def test_the_budget_of_calls_runs_what_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tape, "most_calls", 4)
    monkeypatch.setattr(tape, "most_bytes", 10**9)
    x = torch.ones(2)
    x.tolist()
    kept: list[Any] = []
    assert runs_of(lambda: kept.extend(x + number for number in range(10))) == 2


def test_budgets_come_from_the_settings() -> None:
    before = configure()
    configure(pending_calls=3, pending_bytes=10**9)
    try:
        fresh = Tape()
        fresh.calls = [None] * 4
        assert fresh.is_full()
    finally:
        configure(pending_calls=before.pending_calls, pending_bytes=before.pending_bytes)


def test_a_program_met_before_runs_on_the_backend_of_now() -> None:
    before = configure().backend
    x = torch.ones(3)
    x.tolist()
    try:
        for backend in ("numpy", "reference", "numpy"):
            configure(backend=backend)
            with backends.captured() as found:
                assert (x * 5 - 1).tolist() == [4.0] * 3
            assert [executable.backend for executable in found] == [backend]
    finally:
        configure(backend=before)


def test_a_value_read_before_backward_keeps_what_its_gradient_needs() -> None:
    x = torch.ones(4, 4, requires_grad=True)
    h = torch.exp(x @ x)
    loss = (h * h).sum()
    assert loss.item() == pytest.approx(16 * np.exp(8), rel=1e-6)
    programs = functions_run(lambda: (loss.backward(), x.grad.tolist()))
    found = [equation.op for function in programs for equation in function.equations]
    assert ops.exp not in found
    assert sum(op is ops.matmul for op in found) == 2  # of the gradient; not that of the way there


def test_nothing_is_kept_where_no_gradient_can_come() -> None:
    x = torch.ones(4, 4, requires_grad=True)
    x.tolist()
    with torch.no_grad():
        y = torch.exp(x).sum()
    (function,) = functions_run(lambda: y.item())
    assert len(function.results) == 1


def test_nothing_is_kept_once_the_gradient_was_taken() -> None:
    x = torch.ones(4, 4, requires_grad=True)
    x.tolist()

    def action() -> None:
        loss = torch.exp(x).sum()
        loss.backward()
        loss.item()

    (function,) = functions_run(action)
    assert len(function.results) == 2


@pytest.mark.usefixtures("compiled_at_once")
@pytest.mark.numpy_alone("it looks at the memory of numpy's arrays")
def test_parameters_are_written_over_in_place() -> None:
    w = nn.Parameter(torch.ones(8))
    optimizer = optim.SGD([w], lr=0.5)
    w.tolist()
    addresses: list[int] = []
    for _ in range(4):
        optimizer.zero_grad()
        (w * w).sum().backward()
        optimizer.step()
        tape.flush()
        addresses.append(w._storage.lazy.array.ctypes.data)
    assert addresses[-1] == addresses[-2]


def test_a_value_that_somebody_else_has_is_not_written_over() -> None:
    w = torch.ones(8)
    before = w.clone()
    shown = w.numpy().copy()
    alias = before.detach()
    before.add_(1)
    w2 = w + 0
    w.mul_(5)
    assert (shown.tolist(), w2.tolist(), alias.tolist()) == ([1.0] * 8, [1.0] * 8, [2.0] * 8)


def broken(*arguments: Any, **options: Any) -> Any:
    raise MemoryError("no room")


def failing_run(monkeypatch: pytest.MonkeyPatch, owner: Any, name: str) -> None:
    x = torch.ones(3)
    x.tolist()
    y = x + 1
    z = y * 2
    with monkeypatch.context() as patch:
        patch.setattr(owner, name, broken)
        with pytest.raises(MemoryError):
            z.tolist()
    assert (z.tolist(), y.tolist()) == ([4.0] * 3, [2.0] * 3)


@pytest.mark.numpy_alone("it has numpy's parts fail")
def test_a_failing_run_call_by_call_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    failing_run(monkeypatch, Stepping, "run")


@pytest.mark.usefixtures("compiled_at_once")
@pytest.mark.numpy_alone("it has numpy's parts fail")
def test_a_failing_compilation_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    failing_run(monkeypatch, backends, "compile")


def test_threads_share_the_tape() -> None:
    total = torch.zeros(4)
    failures: list[BaseException] = []

    def work(number: int) -> None:
        try:
            for _ in range(20):
                x = torch.full((4,), float(number), requires_grad=True)
                loss = (x * x).sum()
                loss.backward()
                assert x.grad.tolist() == [2.0 * number] * 4
                assert loss.item() == 4.0 * number * number
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(1, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert total.tolist() == [0.0] * 4


def test_a_long_chain_needs_no_recursion() -> None:
    x = torch.ones(2, requires_grad=True)
    y = x
    for _ in range(5000):
        y = y + 1
    y.sum().backward()
    assert (y.tolist(), x.grad.tolist()) == ([5001.0] * 2, [1.0] * 2)


def test_an_error_names_the_users_line() -> None:
    with pytest.raises(RuntimeError) as caught:
        torch.ones(2, 3) + torch.ones(2)
    assert str(caught.value).splitlines() == [
        "The size of tensor a (3) must match the size of tensor b (2) at non-singleton dimension 1",
        f"  at {__file__}:{caught.tb.tb_lineno}: torch.ones(2, 3) + torch.ones(2)",
    ]


class _Doubled(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: torch.Tensor) -> torch.Tensor:
        return x * 2

    @staticmethod
    def backward(ctx: Any, gradient: torch.Tensor) -> torch.Tensor:
        return gradient * 2


def test_a_gradient_in_parts_looks_at_what_is_near_each() -> None:
    x = torch.ones(2, requires_grad=True)
    y = x
    for _ in range(20):
        y = torch.sin(_Doubled.apply(y))
    y.sum().backward()
    parts = [call for call in tape.calls if call.template.is_gradient]
    assert len(parts) == 21
    assert all(len(call.inputs) <= 5 for call in parts[:-1])


@pytest.mark.parametrize(
    "read",
    [
        lambda x, i: x[i],
        lambda x, i: x[i : i + 2],
        lambda x, i: x[i - 6 : i - 4, 1],
        lambda x, i: x[None, i, :, None],
        lambda x, i: x[::2, 1:][:, i % 2],
        lambda x, i: x[1 + i // 2 :: 2, i - 4],
    ],
)
def test_places_that_change_need_no_other_programs(read: Any) -> None:
    array = np.arange(24.0, dtype=np.float32).reshape(6, 4)
    x = torch.tensor(array, requires_grad=True)
    before = tape.retraces
    for i in range(4):
        found = read(x, i) * 2
        found.sum().backward()
        wanted = np.zeros_like(array)
        read(wanted, i)[...] = 2
        assert found.tolist() == (read(array, i) * 2).tolist()
        assert x.grad.tolist() == wanted.tolist()
        x.grad = None
    assert tape.retraces - before <= 6


def test_writes_to_places_that_change_need_no_other_programs() -> None:
    x = torch.zeros(50, 2)
    before = tape.retraces
    for i in range(20):
        x[i] = torch.full((2,), float(i))
        x[2 * i : 2 * i + 3, 1] += 1
        assert x[i, 0].item() == i
    assert tape.retraces - before <= 4
    wanted = np.zeros((50, 2), np.float32)
    for i in range(20):
        wanted[i] = i
        wanted[2 * i : 2 * i + 3, 1] += 1
    assert x.tolist() == wanted.tolist()
