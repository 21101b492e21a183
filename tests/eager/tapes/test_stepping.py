"""Tapes that run call by call: as compiled programs do, to the bit, and when they do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import diptych.eager as torch
import numpy as np
import pytest
from diptych import backends
from diptych.backends.settings import configure
from diptych.eager import nn, optim
from diptych.eager.functions import ordering
from diptych.eager.tapes import stepping
from diptych.eager.tapes.operation import TensorError
from diptych.eager.tapes.tape import tape

from tests.curves.networks import NETWORKS

ALWAYS = 10**6


@pytest.fixture(autouse=True)
def settings_put_back() -> Iterator[None]:
    tape.flush()
    before = configure()
    yield
    configure(compile_after=before.compile_after, backend=before.backend)


def in_both_ways(action: Callable[[], Any]) -> tuple[Any, Any]:
    """What `action` returns where tapes go call by call, and where they are compiled."""
    found: list[Any] = []
    for compile_after in (ALWAYS, 0):
        tape.flush()
        configure(compile_after=compile_after)
        torch.manual_seed(5)
        ran: list[None] = []
        with pytest.MonkeyPatch.context() as patch:
            spy(patch, ran)
            found.append(action())
            tape.flush()
        assert bool(ran) == (compile_after == ALWAYS)
    return found[0], found[1]


def spy(patch: pytest.MonkeyPatch, ran: list[None]) -> None:
    """Adds to `ran` where a tape goes call by call."""
    run = stepping.Stepping.run

    def noted(self: Any, *arguments: Any) -> Any:
        ran.append(None)
        return run(self, *arguments)

    patch.setattr(stepping.Stepping, "run", noted)


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.numpy_alone("XLA rounds whole programs otherwise than single calls")
def test_networks(name: str) -> None:
    network = NETWORKS[name]

    def train() -> tuple[list[float], list[bytes]]:
        made = network.make(torch, **network.SIZES["tiny"])
        losses = network.train(torch, made, 3)
        return list(losses), [value.numpy().tobytes() for value in made.state_dict().values()]

    stepped, compiled = in_both_ways(train)
    assert stepped == compiled


def hooks(x: Any) -> Any:
    y = x * 3
    y.register_hook(lambda gradient: gradient * 2)
    y.retain_grad()
    (y * y).sum().backward()
    return x.grad, y.grad


def kept_graphs(x: Any) -> Any:
    loss = (x.exp() * x).sum()
    loss.backward(retain_graph=True)
    first = x.grad.clone()
    first.tolist()
    loss.backward()
    return first, x.grad


def several_roots(x: Any) -> Any:
    y, z = x.sin(), x * 2
    torch.autograd.backward([y, z], [torch.ones(3), torch.full((3,), 0.5)])
    return (x.grad,)


def wanted_on_the_way(x: Any) -> Any:
    y = x * 2
    z = y.exp()
    return torch.autograd.grad(z.sum(), [y, x, z])


def a_leaf_written_between(x: Any) -> Any:
    first = (x * x).sum()
    with torch.no_grad():
        x.data.mul_(2)
    second = (x * 3).sum()
    (first + second).backward()
    return (x.grad,)


def writes_and_views(x: Any) -> Any:
    y = x * 1
    y[1:].mul_(3)
    y[0] = 5
    (y * y).sum().backward()
    return x.grad, y


def nothing_flows(x: Any) -> Any:
    (x.detach() * 2 + 0 * x.sum()).sum().backward()
    return (x.grad,)


def two_of_one(x: Any) -> Any:
    left, right = torch.stack([x, x]).unbind(0)
    (left * right.detach() + torch.cat([x, x])[:3]).sum().backward()
    return (x.grad,)


class Doubled(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Any) -> Any:
        return x * 2

    @staticmethod
    def backward(ctx: Any, gradient: Any) -> Any:
        return gradient * 7


def functions(x: Any) -> Any:
    Doubled.apply(x.exp()).sum().backward()
    return (x.grad,)


def half_precision(x: Any) -> Any:
    y = x.bfloat16() * 3
    (y.exp() + y).sum().backward()
    return x.grad, y


def read_before_its_gradient(x: Any) -> Any:
    y = (x * 2).tanh()
    y.tolist()
    loss = (y * y).sum()
    loss.item()
    loss.backward()
    return (x.grad,)


@pytest.mark.parametrize(
    "program",
    [hooks, kept_graphs, several_roots, wanted_on_the_way, a_leaf_written_between, writes_and_views, nothing_flows,
     two_of_one, functions, half_precision, read_before_its_gradient],
)  # fmt: skip
@pytest.mark.numpy_alone("XLA rounds whole programs otherwise than single calls")
def test_gradients(program: Callable[[Any], Any]) -> None:
    def action() -> list[Any]:
        x = torch.tensor([0.5, -1.25, 2.0], requires_grad=True)
        return [(each.dtype, each.tolist()) for each in program(x)]

    stepped, compiled = in_both_ways(action)
    assert stepped == compiled


def test_gradients_of_gradients_run_as_a_whole() -> None:
    configure(compile_after=ALWAYS)
    x = torch.tensor([0.5, 2.0], requires_grad=True)
    (first,) = torch.autograd.grad((x**3).sum(), x, create_graph=True)
    (second,) = torch.autograd.grad(first.sum(), x)
    assert (first.tolist(), second.tolist()) == ([0.75, 12.0], [3.0, 12.0])


def test_a_failing_call_is_told_with_its_line() -> None:
    configure(compile_after=ALWAYS)
    x, places = torch.ones(3), torch.tensor([4])
    with pytest.raises(TensorError, match=r"indices\[0\] is 5 but must be from 0 to 2") as caught:
        x.gather(0, places + 1).tolist()
    assert __file__ in str(caught.value)


def test_no_result_shows_the_memory_of_another() -> None:
    configure(compile_after=ALWAYS)
    x = torch.arange(4.0)
    x.tolist()
    turned, same, part = x.view(2, 2).t() * 1, x + 0, x[1:] * 1
    y = turned.t().reshape(4)
    arrays = [each.numpy() for each in (x, turned, same, part, y)]
    for place, array in enumerate(arrays):
        assert all(place == other or not np.shares_memory(array, arrays[other]) for other in range(len(arrays)))
        assert array.flags.writeable


def runs_call_by_call(monkeypatch: pytest.MonkeyPatch, action: Callable[[int], Any], times: int) -> list[bool]:
    ran: list[None] = []
    spy(monkeypatch, ran)
    found: list[bool] = []
    for number in range(times):
        before = len(ran)
        action(number)
        found.append(len(ran) > before)
    return found


@pytest.mark.numpy_alone("jax compiles what numpy runs call by call")
def test_small_traces_are_compiled_late_and_large_ones_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    small, large = torch.ones(3), torch.ones(500_000)
    tape.flush()
    found = runs_call_by_call(monkeypatch, lambda number: (small * 1.5).tolist(), 27)
    assert found == [True] * 25 + [False] * 2
    found = runs_call_by_call(monkeypatch, lambda number: (large * 1.5 + 2).sum().item(), 3)
    assert found == [True, False, False]


@pytest.mark.numpy_alone("jax compiles what numpy runs call by call")
def test_single_calls_compute_forwards_nothing_that_is_for_gradients_alone() -> None:
    configure(compile_after=ALWAYS)
    x = torch.tensor([3.0, -5.0, 5.0, 7.0], requires_grad=True)
    torch.abs(x).tolist()
    made = [template.single._forward for template in ordering._abs.templates.values()]
    assert {tuple(each.op.name for each in steps.function.equations) for steps in made if steps} == {("abs",)}


def test_who_watches_sees_programs() -> None:
    x = torch.ones(3)
    with backends.captured() as ran:
        (x * 2.5 + 1).tolist()
    assert len(ran) == 1


def test_numbers_tried_before_become_arguments() -> None:
    configure(compile_after=1)
    x = torch.ones(3)
    found = [(x * number - 1.5).tolist()[0] for number in (2.0, 3.0, 4.0, 5.0)]
    assert found == [0.5, 1.5, 2.5, 3.5]
    retraces = tape.retraces
    assert (x * 7.0 - 1.5).tolist()[0] == 5.5  # another line
    assert tape.retraces == retraces + 1


def test_where_jax_computes_the_host_makes_parameters(monkeypatch: pytest.MonkeyPatch) -> None:
    def make(size: int) -> None:
        optim.SGD([*nn.Linear(2, 2 + size).parameters(), *nn.BatchNorm1d(2 + size).parameters()], lr=0.1)

    def make_large(size: int) -> None:
        optim.SGD([nn.Parameter(torch.zeros(2000 + size, 2000))], lr=0.1)  # one call that gives much

    def make_of_gradients(size: int) -> None:
        weight = torch.ones(2 + size, requires_grad=True)
        optim.SGD([weight, (weight * 2).detach().requires_grad_()], lr=0.1)

    configure(backend="jax")
    assert runs_call_by_call(monkeypatch, make, 3) == [True] * 3
    assert runs_call_by_call(monkeypatch, make_large, 2) == [False] * 2
    assert runs_call_by_call(monkeypatch, make_of_gradients, 2) == [False] * 2


def test_jax_compiles_wholes_unless_all_that_end_at_a_line_are_new(monkeypatch: pytest.MonkeyPatch) -> None:
    configure(backend="jax")
    network = nn.Linear(2, 2)

    def action(length: int) -> None:
        x = torch.ones(1, 2)
        for _ in range(length + 1):
            x = network(x)
        loss = x.sum()
        loss.backward()
        loss.item()

    assert runs_call_by_call(monkeypatch, action, 5) == [False, False, False, True, True]
    # What comes by again and again is no stranger, though others ended at its line.
    assert runs_call_by_call(monkeypatch, lambda _: action(7), 6) == [True] * 3 + [False] * 3
    assert runs_call_by_call(monkeypatch, lambda number: action(8 + number % 6), 18) == [True] * 18
