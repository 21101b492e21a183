"""Loops that read a value in each step run ahead on jax, and compute what they compute otherwise, to the bit."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import diptych.eager as torch
import pytest
from diptych import backends
from diptych.backends.executable import Executable, Watcher, watched
from diptych.backends.settings import configure
from diptych.eager import nn, optim
from diptych.eager.nn import functional as F
from diptych.eager.tapes.ahead import Ahead
from diptych.eager.tapes.tape import forked, tape

STEPS = 14


@pytest.fixture(autouse=True)
def on_jax(use_backend: Callable[[str], None], compiled_at_once: None) -> None:
    use_backend("jax")
    tape.ahead.forget()


@pytest.fixture
def ran_ahead(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Of each run that may run ahead, whether it did."""
    found: list[bool] = []
    taken = Ahead.taken

    def noted(self: Ahead, *arguments: Any) -> Any:
        results = taken(self, *arguments)
        found.append(results is not None)
        return results

    monkeypatch.setattr(Ahead, "taken", noted)
    return found


def network(*others: nn.Module) -> nn.Module:
    torch.manual_seed(4)
    return nn.Sequential(nn.Linear(5, 7), nn.Tanh(), *others, nn.Linear(7, 2))


def batches(count: int = STEPS) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    random = torch.Generator().manual_seed(3)
    for _ in range(count):
        yield torch.randn(6, 5, generator=random), torch.randint(2, (6,), generator=random)


def stepped(optimizer: optim.Optimizer, loss: torch.Tensor) -> float:
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


def plain() -> Iterator[float]:
    model = network()
    optimizer = optim.SGD(model.parameters(), lr=0.1)
    for x, y in batches():
        yield stepped(optimizer, F.cross_entropy(model(x), y))


def one_batch() -> Iterator[float]:
    model = network()
    optimizer = optim.Adam(model.parameters(), lr=0.01)
    x, y = next(batches())
    for _ in range(STEPS):
        yield stepped(optimizer, F.cross_entropy(model(x), y))


def dropout() -> Iterator[float]:
    model = network(nn.Dropout(0.5))
    optimizer = optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    for x, y in batches():
        yield stepped(optimizer, F.cross_entropy(model(x), y))


def looked_at() -> Iterator[float]:
    """The loss is read before the gradient is taken, whose program nobody waits for."""
    model = network()
    optimizer = optim.SGD(model.parameters(), lr=0.1)
    for x, y in batches(3 * STEPS):
        loss = F.cross_entropy(model(x), y)
        if torch.isnan(loss):
            raise AssertionError
        yield stepped(optimizer, loss)


def in_turns() -> Iterator[float]:
    """Two networks, of which each reads what the other one has become."""
    first, second = network(), network()
    optimizers = [optim.SGD(each.parameters(), lr=0.05) for each in (first, second)]
    for x, y in batches():
        for optimizer, sign in zip(optimizers, (1, -1), strict=True):
            yield stepped(optimizer, sign * F.mse_loss(first(x), second(x)) + 0.1 * F.cross_entropy(first(x), y))


def scheduled() -> Iterator[float]:
    model = network()
    optimizer = optim.SGD(model.parameters(), lr=0.5)
    scheduler = optim.lr_scheduler.CosineAnnealingLR(optimizer, STEPS)
    for x, y in batches():
        yield stepped(optimizer, F.cross_entropy(model(x), y))
        scheduler.step()


def interrupted() -> Iterator[float]:
    """Every ninth step begins as others do, and goes on otherwise."""
    model = network()
    optimizer = optim.SGD(model.parameters(), lr=0.1)
    for number, (x, y) in enumerate(batches(4 * STEPS)):
        loss = F.cross_entropy(model(x), y)
        if number % 9 == 8:
            yield (loss * 2).item()
            continue
        yield stepped(optimizer, loss)


def looked_at_now_and_then() -> Iterator[float]:
    """After a step others look at what it made, in most of them."""
    model = network()
    weight = model[0].weight.detach()
    optimizer = optim.SGD(model.parameters(), lr=0.1)
    for number, (x, y) in enumerate(batches(2 * STEPS)):
        yield stepped(optimizer, F.cross_entropy(model(x), y))
        if number < STEPS or number % 3:
            yield weight.sum().item()
        yield (weight * weight).sum().item()


def averaged() -> Iterator[float]:
    """Means of the weights are kept, in place."""
    model = network()
    means = [parameter.detach().clone() for parameter in model.parameters()]
    optimizer = optim.SGD(model.parameters(), lr=0.1)
    for x, y in batches():
        loss = F.cross_entropy(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        with torch.no_grad():
            for mean, parameter in zip(means, model.parameters(), strict=True):
                mean.lerp_(parameter, 0.1)
        yield loss.item()
    yield from [mean.sum().item() for mean in means]


def changed_by_hand() -> Iterator[float]:
    model = network()
    optimizer = optim.SGD(model.parameters(), lr=0.1)
    for number, (x, y) in enumerate(batches()):
        if number == 8:
            with torch.no_grad():
                next(model.parameters()).mul_(0.5)
        if number == 10:
            model[0].bias.data = torch.ones(7)
        yield stepped(optimizer, F.cross_entropy(model(x), y))


def kept() -> Iterator[float]:
    """Weights are kept as they were, which no program may write over."""
    model = network()
    optimizer = optim.SGD(model.parameters(), lr=0.1)
    before = []
    for x, y in batches():
        before.append({name: value.clone() for name, value in model.state_dict().items()})
        yield stepped(optimizer, F.cross_entropy(model(x), y))
    yield from [each["0.weight"].sum().item() for each in before]


AHEAD = {plain: 8, one_batch: 7, scheduled: 7, dropout: 8, looked_at: 20, in_turns: 16, averaged: 8, kept: 8}
OTHERS = (interrupted, changed_by_hand, looked_at_now_and_then)


@pytest.mark.parametrize("loop", [*AHEAD, *OTHERS], ids=lambda loop: loop.__name__)
def test_numbers_are_those_of_programs_that_were_asked_for(
    loop: Callable[[], Iterator[float]], monkeypatch: pytest.MonkeyPatch
) -> None:
    found = list(loop())
    monkeypatch.setattr(Ahead, "start", lambda self, leaves: self.drop())
    assert list(loop()) == found


@pytest.mark.parametrize("loop", AHEAD, ids=lambda loop: loop.__name__)
def test_what_comes_round_runs_ahead(loop: Callable[[], Iterator[float]], ran_ahead: list[bool]) -> None:
    list(loop())
    assert sum(ran_ahead) >= AHEAD[loop]


def test_what_was_in_vain_is_not_tried_again_soon(ran_ahead: list[bool], monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[int] = []
    start = Ahead.start

    def noted(self: Ahead, leaves: Any) -> None:
        started.append(len(ran_ahead))
        start(self, leaves)

    monkeypatch.setattr(Ahead, "start", noted)
    list(interrupted())
    assert 0 < len(started) - sum(ran_ahead) <= 3


def test_numbers_go_on_as_they_did(ran_ahead: list[bool]) -> None:
    x = torch.ones(3)
    found = [(x * float(number) + 1).sum().item() for number in range(12)]
    assert found == [3.0 * number + 3 for number in range(12)]
    assert sum(ran_ahead) >= 5
    found = [(x * number).sum().item() for number in (1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 9.0, 1.0)]
    assert found == [3.0, 6.0, 9.0, 12.0, 15.0, 18.0, 24.0, 27.0, 3.0]


def test_flags_stay_flags(ran_ahead: list[bool]) -> None:
    x = torch.ones(2)
    found = [(x * flag)[0].item() for flag in (True, False, *[True] * 10)]
    assert found == [1.0, 0.0, *[1.0] * 10]
    assert sum(ran_ahead) >= 4


def test_zeros_of_either_sign_are_told_apart() -> None:
    x = torch.ones(2)
    numbers = [3.0, 2.0, 1.0, 0.0, -1.0, 3.0, 2.0, 1.0, -0.0]
    assert [str((x * number)[0].item()) for number in numbers] == list(map(str, numbers))


def test_who_watches_sees_what_was_asked_for() -> None:
    seen: list[Executable] = []

    class Counter(Watcher):
        def before(self, executable: Executable, arrays: Any) -> None:
            seen.append(executable)

    list(plain())
    with watched(Counter()):
        list(plain())
    assert len(seen) == 1 + STEPS  # the first makes the network


def test_what_is_large_writes_over_its_arguments(ran_ahead: list[bool]) -> None:
    x = torch.zeros(1 << 20)
    for _ in range(6):
        with backends.captured() as ran:
            x += 1
            assert x[0].item() >= 1
    assert [each.donate for each in ran] == [(0,)]
    assert not ran_ahead


def test_compiled_functions_write_over_their_arguments_all_the_same() -> None:
    model = network()
    optimizer = optim.SGD(model.parameters(), lr=0.1)
    x, y = next(batches())

    def step() -> torch.Tensor:
        loss = F.cross_entropy(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss

    compiled = torch.compile(step)
    for _ in range(6):
        step().item()
    assert tape.ahead.rounds
    torch.reset_sync_report()
    for _ in range(10):
        compiled().item()
    assert not tape.ahead.rounds
    assert sum(sync.count for sync in torch.sync_report() if sync.cause == "a compiled function ran") >= 5


def test_settings_may_change_in_between(ran_ahead: list[bool]) -> None:
    x = torch.arange(4.0)
    for _ in range(9):
        assert (x * 2).sum().item() == 12
    assert ran_ahead[-1]
    y = x * 2
    configure(backend="numpy")
    assert y.sum().item() == 12
    configure(backend="jax")


def test_programs_that_read_nothing_wait_to_be_asked_for(ran_ahead: list[bool]) -> None:
    assert [torch.ones(3).sum().item() for _ in range(9)] == [3.0] * 9
    assert not ran_ahead


def test_a_forked_process_begins_with_nothing_under_way() -> None:
    list(plain())
    assert tape.ahead.rounds
    tape.lock.acquire()
    forked()
    assert not tape.ahead.rounds
    assert tape.ahead.results is tape.ahead.place is None
