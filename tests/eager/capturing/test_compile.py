"""`torch.compile`: results as without it, Python left out where nothing it does would be missed, and run where it would."""

from __future__ import annotations

import gc
import random
import time
import weakref
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import diptych.eager as torch
import numpy as np
import numpy.random
import pytest
from diptych.backends import settings as settings_module
from diptych.eager.capturing.compiled import CACHE_SIZE_LIMIT, Compiled
from diptych.eager.capturing.log import GraphBreak
from diptych.eager.tapes.tape import tape

nn, F = torch.nn, torch.nn.functional

FACTOR = 2.0
LAYERS: list[float] = [1.0, 2.0]


def captured(function: Compiled) -> int:
    """How many captures a function has."""
    return sum(len(entry.captured) for entry in function.entries.values())


def refusals(function: Compiled) -> list[str]:
    return [entry.refusal for entry in function.entries.values() if entry.refusal is not None]


def compiled(function: Callable[..., Any], *, is_whole: bool = False) -> Compiled:
    return Compiled(function, is_whole=is_whole)


def same_as_python(function: Callable[..., Any], *calls: tuple[Any, ...]) -> Compiled:
    """Calls it compiled and plain; results must be equal."""
    made = compiled(function)
    for arguments in calls:
        expected, found = function(*arguments), made(*arguments)
        assert torch.equal(expected, found)
    return made


X, Y = torch.arange(6.0).reshape(2, 3).clone(), torch.ones(2, 3)


def test_python_is_left_out() -> None:
    made = same_as_python(lambda x, y: (x * 2 + y).sum(0), (X, Y), (X, Y), (Y, X), (X + 1, X))
    assert captured(made) == 1


def test_only_after_two_runs() -> None:
    made = compiled(lambda x: x * 2)
    counts = []
    for _ in range(3):
        made(X)
        counts.append(captured(made))
    assert counts == [0, 1, 1]


def test_shapes_and_types_are_told_apart() -> None:
    made = same_as_python(
        lambda x: x * x.shape[0], *[(each,) for each in (X, X, X, X[0], X[0], X[0], X.int(), X.int())]
    )
    assert captured(made) == 3


def test_python_arguments_are_told_apart() -> None:
    def power(x: torch.Tensor, n: float, *, sign: int = 1) -> torch.Tensor:
        return sign * x**n

    made = compiled(power)
    for n in (2, 2, 2, 3, 3.0, 0.0, -0.0, -0.0):
        for sign in (1, -1):
            assert torch.equal(made(X + 1, n, sign=sign), power(X + 1, n, sign=sign))


def test_arguments_that_are_one_are_told_from_others() -> None:
    made = compiled(lambda x, y: x * 10 + y)
    for y in (X, X, X, X, Y, Y, Y, X):
        assert torch.equal(made(X, y), X * 10 + y)
    made = compiled(lambda x, y: x.add_(1) * y)
    for _ in range(4):
        for same in (True, False):
            x = torch.ones(3)
            assert made(x, x if same else torch.ones(3)).tolist() == [4.0 if same else 2.0] * 3


def test_arguments_that_can_be_reached_as_well_are_told_from_others() -> None:
    w = torch.ones(2, 3)
    made = compiled(lambda x: x * 10 + w)
    for x in (w, w, w, w, X, X, X, w):
        assert torch.equal(made(x), x * 10 + w)
    part = w.detach()
    made = compiled(lambda x: x * 10 + part)
    for x in (w, w, w, w, X, X, X, w):
        assert torch.equal(made(x), x * 10 + part)


def test_arguments_in_containers() -> None:
    def first(pair: tuple[torch.Tensor, dict[str, torch.Tensor]]) -> dict[str, Any]:
        return {"sum": pair[0] + pair[1]["y"], "both": [pair[0], 3, None]}

    made = compiled(first)
    for _ in range(4):
        found = made((X, {"y": Y}))
        assert torch.equal(found["sum"], X + Y)
        assert found["both"][0] is X
        assert found["both"][1:] == [3, None]
    assert captured(made) == 1


def test_globals_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    made = compiled(lambda x: x * FACTOR)
    for factor in (2.0, 2.0, 2.0, 5.0, 5.0, 5.0, 2.5):
        monkeypatch.setitem(globals(), "FACTOR", factor)
        assert torch.equal(made(X), X * factor)


def test_lists_are_looked_into() -> None:
    made = compiled(lambda x: sum(x * each for each in LAYERS))
    try:
        for _ in range(3):
            assert torch.equal(made(X), X * 3)
        LAYERS.append(4.0)
        assert torch.equal(made(X), X * 7)
    finally:
        del LAYERS[2:]


def test_variables_of_the_function_around_are_looked_at() -> None:
    scale = 2.0

    def scaled(x: torch.Tensor) -> torch.Tensor:
        return x * scale

    made = compiled(scaled)
    for scale in (2.0, 2.0, 2.0, 3.0, 3.0, 3.0):  # noqa: B007
        assert torch.equal(made(X), scaled(X))
    assert captured(made) == 2


class Scaled(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.scale = 2.0
        self.weight = nn.Parameter(torch.ones(3))
        self.calls = 0

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x * self.weight * self.scale


class Counting(Scaled):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.calls += 1
        return super().forward(x)


def test_attributes_are_looked_at() -> None:
    module = Scaled()
    made = compiled(module.__call__)
    for scale in (2.0, 2.0, 2.0, 3.0, 3.0):
        module.scale = scale
        assert torch.equal(made(X), X * scale)
    module.weight = nn.Parameter(torch.full((3,), 5.0))
    assert torch.equal(made(X), X * 15)
    with torch.no_grad():
        module.weight.mul_(2)
    assert torch.equal(made(X), X * 30)
    module.weight.data = torch.ones(3)
    assert torch.equal(made(X), X * 3)


def test_python_that_counts_goes_on_counting() -> None:
    module = Counting()
    made = compiled(module.__call__)
    for _ in range(6):
        assert torch.equal(made(X), X * 2)
    assert module.calls == 6
    assert captured(made) == 0


def test_training_and_evaluation() -> None:
    module = nn.Sequential(nn.Linear(3, 3), nn.BatchNorm1d(3), nn.ReLU())
    model = torch.compile(module)
    plain = nn.Sequential(nn.Linear(3, 3), nn.BatchNorm1d(3), nn.ReLU())
    plain.load_state_dict(module.state_dict())
    for time_of_call in range(12):
        for each in (model, plain):
            each.train(time_of_call % 4 < 2)
        assert torch.equal(model(X + time_of_call), plain(X + time_of_call))
    for mine, theirs in zip(module.state_dict().values(), plain.state_dict().values(), strict=True):
        assert torch.equal(mine, theirs)
    assert next(iter(model.state_dict())) == "_orig_mod.0.weight"


def test_random_numbers_go_on() -> None:
    draw = compiled(lambda x: F.dropout(x, 0.5) + torch.rand(3))
    found = []
    for function in (draw, draw.function):
        torch.manual_seed(3)
        found.append([function(X).tolist() for _ in range(5)])
    assert found[0] == found[1]
    assert captured(draw) == 1


@pytest.mark.parametrize("backend", ["numpy", "jax"])
def test_whole_steps(backend: str, use_backend: Callable[[str], None]) -> None:
    use_backend(backend)
    x, y = X.double(), torch.ones(2, 1, dtype=torch.float64)  # in which what rounding does to Adam's steps stays small

    def trained(is_compiled: bool) -> list[torch.Tensor]:
        torch.manual_seed(0)
        model = nn.Sequential(nn.Linear(3, 8), nn.Dropout(0.2), nn.Tanh(), nn.Linear(8, 1)).double()
        optimizer = torch.optim.Adam(model.parameters(), lr=0.05)

        def step(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
            optimizer.zero_grad()
            loss = F.mse_loss(model(x), y)
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 0.5)
            optimizer.step()
            return loss

        run = compiled(step) if is_compiled else step
        losses = []
        for number in range(8):
            if number == 5:
                optimizer.param_groups[0]["lr"] = 0.01
            losses.append(run(x + number, y).detach())
        if isinstance(run, Compiled):
            assert captured(run) == 1
        return [*losses, *model.state_dict().values()]

    for mine, theirs in zip(trained(True), trained(False), strict=True):
        if backend == "jax":  # which rounds by what it fuses
            torch.testing.assert_close(mine, theirs)
        else:
            assert torch.equal(mine, theirs)


def test_gradients_add_up_over_calls() -> None:
    w = torch.ones(3, requires_grad=True)
    made = compiled(lambda x: (x * w).sum())
    for _ in range(4):
        made(X).backward()
    assert w.grad is not None
    assert w.grad.tolist() == (X.sum(0) * 4).tolist()


def test_gradients_of_arguments() -> None:
    made = compiled(lambda x, w: (x * w).tanh().sum())
    for _ in range(4):
        w, v = (torch.ones(3, requires_grad=True) for _ in range(2))
        made(X, w).backward()
        (X * v).tanh().sum().backward()
        assert w.grad is not None
        assert v.grad is not None
        assert torch.equal(w.grad, v.grad)
    assert made(X, torch.ones(3)).requires_grad is False


def test_modes_within_and_around() -> None:
    w = torch.ones(3, requires_grad=True)

    def function(x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        with torch.no_grad():
            y = x * w
        return y, x + w

    made = compiled(function)
    for _ in range(4):
        assert [each.requires_grad for each in made(X)] == [False, True]
        with torch.no_grad():
            assert [each.requires_grad for each in made(X)] == [False, False]
    assert captured(made) == 2


def test_writes_into_what_is_outside() -> None:
    state = torch.zeros(3)

    def function(x: torch.Tensor) -> torch.Tensor:
        state.add_(x.sum(0))
        x.mul_(2)
        return state + x

    made = compiled(function)
    for number in range(1, 5):
        x = Y.clone()
        state_before = state.clone()
        assert torch.equal(made(x), state_before + torch.full((2, 3), 4.0))
        assert torch.equal(state, torch.full((3,), 2.0 * number))
        assert torch.equal(x, Y * 2)
    assert captured(made) == 1


def test_views_and_detached_tensors_are_returned() -> None:
    w = torch.ones(3, requires_grad=True)

    def function(x: torch.Tensor) -> tuple[torch.Tensor, ...]:
        y = x * w
        return y.view(-1), y.detach(), x.view(-1), y[0]

    made = compiled(function)
    for _ in range(4):
        x = Y.clone()
        flat, detached, view, row = made(x)
        assert [flat.requires_grad, detached.requires_grad, row.requires_grad] == [True, False, True]
        assert flat.tolist() == [1.0] * 6
        assert row.tolist() == [1.0] * 3
        view[0] = 7
        assert x[0, 0] == 7
        detached[0, 0] = 9
        assert flat[0] == 9
    assert captured(made) == 1


def test_values_that_are_read_leave_it_to_python() -> None:
    made = compiled(lambda x: x * 2 if x.sum() > 0 else x * 3)
    for sign in (1, 1, -1, -1, 1):
        assert torch.equal(made(Y * sign), Y * (2 if sign > 0 else -3))
    assert refusals(made) == ["the value of a tensor is read"]


def test_whole_graphs_are_asked_for() -> None:
    def function(x: torch.Tensor) -> torch.Tensor:
        if x.sum() > 0:
            return x
        return x * 2

    made = torch.compile(function, fullgraph=True)
    with pytest.raises(GraphBreak) as error:
        made(Y)
    assert str(error.value).startswith("torch.compile(fullgraph=True): the value of a tensor is read")
    assert error.value.location is not None
    assert error.value.location.line == function.__code__.co_firstlineno + 1
    assert isinstance(error.value, torch._dynamo.exc.Unsupported)
    assert torch.equal(torch.compile(lambda x: x * 2, fullgraph=True)(Y), Y * 2)


def printing(x: torch.Tensor) -> torch.Tensor:
    print("called")
    return x * 2


@pytest.mark.parametrize(
    ("function", "reason"),
    [
        (printing, "print() is called, whose effect is not seen"),
        (lambda x: x * random.random(), "Random.random() is called, whose effect is not seen"),
        (lambda x: x * (time.time() > 0), "time() is called, whose effect is not seen"),
        (lambda x: x * np.random.rand(), "it can reach numpy.random"),
        (lambda x: x + torch.from_numpy(np.ones(3, np.float32)), "memory is shared with numpy"),
        (lambda x: (x * 1).requires_grad_(), "`requires_grad` is set"),
        (lambda x: torch.manual_seed(0) and x * 2, "a stream of random numbers is seeded"),
        (lambda x: object(), "it returns a object"),
    ],
)
def test_python_whose_effects_are_not_seen_runs(function: Callable[..., Any], reason: str) -> None:
    made = compiled(function)
    for _ in range(3):
        made(Y)
    assert captured(made) == 0
    assert len(refusals(made)) == 1
    assert refusals(made) == [reason]


def test_what_is_printed_is_printed_each_time(capsys: pytest.CaptureFixture[str]) -> None:
    made = compiled(printing)
    for _ in range(4):
        made(Y)
    assert capsys.readouterr().out == "called\n" * 4


def test_errors_pass_through() -> None:
    made = compiled(lambda x, y: x @ y)
    for _ in range(3):
        with pytest.raises(RuntimeError, match="mat1 and mat2 shapes cannot be multiplied"):
            made(X, Y)
    assert tape.log is None


def test_state_that_always_changes_is_left_alone() -> None:
    class Box:
        value = 0.0

    box = Box()
    made = compiled(lambda x: x * box.value)
    for number in range(CACHE_SIZE_LIMIT + 3):
        box.value = float(number)
        assert torch.equal(made(Y), Y * number)
    assert refusals(made) == ["the Python state that it can reach changes from call to call"]


def test_functions_of_pythons_own_backward() -> None:
    class Double(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: torch.Tensor) -> torch.Tensor:
            return x * 2

        @staticmethod
        def backward(ctx: Any, gradient: torch.Tensor) -> torch.Tensor:
            return gradient * 10

    w = torch.ones(3, requires_grad=True)
    made = compiled(lambda x: Double.apply(x).sum())
    for _ in range(3):
        made(w).backward()
    assert w.grad is not None
    assert w.grad.tolist() == [30.0] * 3
    assert refusals(made) == ["a Function has a backward of Python's"]


def test_hooks_that_are_registered_later_are_called() -> None:
    module = nn.Linear(3, 3)
    made = compiled(module.__call__)
    for _ in range(3):
        made(X)
    seen: list[Any] = []
    module.register_forward_hook(lambda *given: seen.append(given))
    made(X)
    assert len(seen) == 1


def test_decorated_methods() -> None:
    class Model(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer = nn.Linear(3, 3)

        @torch.compile
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.layer(x).relu()

    model = Model()
    for number in range(4):
        assert torch.equal(model(X + number), model.layer(X + number).relu())


def test_what_waits_is_run_when_it_is_too_much(monkeypatch: pytest.MonkeyPatch) -> None:
    made = compiled(lambda x: x + 1)
    for _ in range(2):
        made(Y)
    monkeypatch.setattr(tape, "most_calls", 5)
    flushes = tape.flushes
    x = Y
    for _ in range(12):
        x = made(x)
    assert tape.flushes > flushes
    assert x.tolist() == (Y + 12).tolist()


def test_functions_of_sparse_tensors_run_as_they_are() -> None:
    made = compiled(lambda x: x.to_dense() * 2)
    for _ in range(4):
        assert made(torch.eye(2).to_sparse()).tolist() == [[2.0, 0.0], [0.0, 2.0]]
    assert captured(made) == 0


def test_updates_of_memory_that_numpy_sees_are_computed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    given = [torch.from_numpy(np.ones(3, np.float32)).requires_grad_() for _ in range(4)]
    optimizer = torch.optim.Adam(given)

    def step(x: torch.Tensor) -> torch.Tensor:
        loss = sum((x * each).sum() for each in given)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss

    repeated: list[Any] = []
    monkeypatch.setattr(type(tape), "recall", lambda self, call, outputs: repeated.append(call))
    made = compiled(step)
    inputs = torch.from_numpy(np.ones(3, np.float32))
    for _ in range(3):
        made(inputs).item()
    assert repeated == []


@pytest.mark.parametrize("compile_after", [0, None])
def test_a_step_on_memory_of_numpys_loses_no_update(monkeypatch: pytest.MonkeyPatch, compile_after: int | None) -> None:
    """The arguments' memory is shown again before the optimizer writes, and that runs what waits."""
    monkeypatch.setattr(settings_module, "_current", replace(settings_module.settings(), compile_after=compile_after))
    x, y = np.random.default_rng(3).normal(size=(2, 4, 3)).astype(np.float32)

    def losses(make: Callable[[Callable[..., Any]], Callable[..., Any]]) -> list[float]:
        weights = [torch.full((3, 3), 0.5).requires_grad_() for _ in range(3)]
        optimizer = torch.optim.Adam(weights, lr=0.1)

        def step(given: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
            made = given
            for weight in weights:
                made = F.relu(made @ weight)
            loss = ((made - wanted) ** 2).mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            return loss

        run, inputs = make(step), (torch.from_numpy(x), torch.from_numpy(y))
        return [run(*inputs).item() for _ in range(6)]

    assert losses(compiled) == losses(lambda step: step)


def test_a_step_on_memory_of_numpys_records_each_update_once(monkeypatch: pytest.MonkeyPatch) -> None:
    recalled: list[Any] = []
    again = type(tape)._again
    monkeypatch.setattr(type(tape), "_again", lambda self, lazy: (recalled.append(lazy), again(self, lazy)))
    weight = torch.ones(3).requires_grad_()
    optimizer = torch.optim.Adam([weight], lr=0.1)

    def step(x: torch.Tensor) -> None:
        (x * weight).sum().backward()
        optimizer.step()

    run, x = compiled(step), torch.from_numpy(np.ones(3, np.float32))
    for _ in range(3):
        run(x)
    weight.tolist()
    assert not recalled


def test_what_a_noted_function_has_made_is_let_go() -> None:
    made: list[weakref.ref[Any]] = []

    def doubled(x: torch.Tensor) -> torch.Tensor:
        twice = x * 2
        made.append(weakref.ref(twice._storage))
        return twice + 1

    run, x = torch.compile(doubled), torch.ones(3)
    gc.collect()
    gc.disable()
    try:
        run(x).tolist()
        assert made[0]() is None
    finally:
        gc.enable()
