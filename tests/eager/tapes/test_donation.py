"""Results are written over arguments that nobody can see any more, and over no others: whatever shares memory with a
parameter, its gradient or a state of its optimizer shows what it shows in PyTorch, however many steps follow."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import diptych.eager as torch
import numpy as np
import pytest
from diptych import backends
from diptych.eager import nn, optim
from diptych.eager.tapes.tape import tape
from diptych.eager.tensors.layout import Layout
from diptych.eager.tensors.memory import Memory

SIZE = 24
Optimizer = Callable[[Any], Any]

OPTIMIZERS: dict[str, tuple[Optimizer, str]] = {
    "sgd": (lambda p: optim.SGD(p, lr=0.1), ""),
    "momentum": (lambda p: optim.SGD(p, lr=0.1, momentum=0.9), "momentum_buffer"),
    "adam": (lambda p: optim.Adam(p, lr=0.1), "exp_avg"),
    "rmsprop": (lambda p: optim.RMSprop(p, lr=0.01), "square_avg"),
}


class Training:
    """A parameter that is trained: `step()` takes one step of one of the usual forms."""

    def __init__(self, optimizer: str, form: str) -> None:
        make, self.slot = OPTIMIZERS[optimizer]
        self.w = nn.Parameter(torch.arange(SIZE) / 8)
        self.x = torch.linspace(-1, 1, SIZE)
        self.optimizer = make([self.w])
        self.step: Callable[[], Any] = getattr(self, form.removeprefix("compiled "))
        if form.startswith("compiled"):
            self.step = torch.compile(self.step)

    def loss(self) -> Any:
        return ((self.w * self.x).tanh() * self.w).sum()

    def cleared_first(self) -> Any:
        self.optimizer.zero_grad()
        loss = self.loss()
        loss.backward()
        self.optimizer.step()
        return loss

    def cleared_between(self) -> Any:
        loss = self.loss()
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        return loss

    def cleared_to_zero(self) -> Any:
        self.optimizer.zero_grad(set_to_none=False)
        loss = self.loss()
        loss.backward()
        self.optimizer.step()
        return loss

    def accumulated(self) -> Any:
        self.optimizer.zero_grad()
        (self.loss() / 2).backward()
        loss = self.loss() / 2
        loss.backward()
        self.optimizer.step()
        return loss

    def never_cleared(self) -> Any:
        loss = self.loss()
        loss.backward()
        self.optimizer.step()
        return loss

    def state(self) -> Any:
        return self.optimizer.state[self.w][self.slot] if self.slot else self.w

    def numbers(self) -> np.ndarray:
        return np.stack([np.array(each.detach().tolist(), np.float32) for each in (self.w, self.state())])


FORMS = [
    "cleared_first", "cleared_between", "cleared_to_zero", "accumulated", "never_cleared", "compiled cleared_first",
    "compiled cleared_between", "compiled never_cleared",
]  # fmt: skip


def array(shown: Any) -> np.ndarray:
    """What is shown, as numbers of its own."""
    if isinstance(shown, torch.Tensor):
        return np.array(shown.detach().tolist(), np.float32).reshape(-1)
    return np.array(shown, np.float32).reshape(-1)


def part_of_numpy(x: Any) -> Any:
    return x.detach().numpy()[2:5]


def swapped(x: Any) -> Any:
    other = torch.zeros(SIZE)
    other.data = x.data
    return other


# What shares memory with a tensor, and which elements of it: these show what the tensor shows.
SHARED: dict[str, tuple[Callable[[Any], Any], slice]] = {
    "detach": (lambda x: x.detach(), slice(None)),
    "data": (lambda x: x.data, slice(None)),
    "detached twice": (lambda x: x.detach().detach(), slice(None)),
    "view": (lambda x: x.detach().view(4, 6), slice(None)),
    "slice": (lambda x: x.detach()[2:5], slice(2, 5)),
    "slice under no_grad": (torch.no_grad()(lambda x: x[2:5]), slice(2, 5)),
    "view of a view": (lambda x: x.detach().view(4, 6)[1], slice(6, 12)),
    "numpy": (lambda x: x.detach().numpy(), slice(None)),
    "part of numpy": (part_of_numpy, slice(2, 5)),
    "memoryview": (lambda x: memoryview(x.detach().numpy()), slice(None)),
    "asarray": (lambda x: np.asarray(x.detach()), slice(None)),
    "from_numpy of numpy": (lambda x: torch.from_numpy(x.detach().numpy()), slice(None)),
    "other's data": (swapped, slice(None)),
}
# What has memory of its own: these show what the tensor showed.
FROZEN: dict[str, Callable[[Any], Any]] = {
    "clone": lambda x: x.detach().clone(),
    "sum that waits": lambda x: x.detach() + 0,
    "sum with a history": lambda x: x + 0,
    "deepcopy": lambda x: copy.deepcopy(x.detach()),
    "copied numpy": lambda x: x.detach().numpy().copy(),
    "array itself": lambda x: (x.tolist(), x._storage.lazy.array)[1],
    "value itself": lambda x: (x.tolist(), x._storage.lazy)[1].array,
}


def trained(training: Training, steps: int, *, is_read: bool) -> None:
    for _ in range(steps):
        loss = training.step()
        if is_read:
            loss.item()


def beginnings(optimizer: str, form: str, *, is_read: bool) -> tuple[Training, Training]:
    """Two that are alike, after some steps."""
    both = Training(optimizer, form), Training(optimizer, form)
    for each in both:
        trained(each, 8, is_read=is_read)
    return both


@pytest.mark.usefixtures("compiled_at_once")
@pytest.mark.parametrize("is_read", [False, True])
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_what_shares_memory_shows_what_is_there_now(optimizer: str, form: str, is_read: bool) -> None:
    training, twin = beginnings(optimizer, form, is_read=is_read)
    for name, (make, part) in SHARED.items():
        for of in (lambda: training.w, training.state):
            alias = make(of())
            trained(training, 3, is_read=is_read)
            np.testing.assert_array_equal(array(alias), array(of())[part], err_msg=name)
            del alias
            trained(training, 1, is_read=is_read)
    trained(twin, 8 * len(SHARED), is_read=is_read)
    np.testing.assert_array_equal(training.numbers(), twin.numbers())


@pytest.mark.usefixtures("compiled_at_once")
@pytest.mark.parametrize("is_read", [False, True])
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_what_has_memory_of_its_own_stays(optimizer: str, form: str, is_read: bool) -> None:
    training, twin = beginnings(optimizer, form, is_read=is_read)
    for name, make in FROZEN.items():
        for of in (lambda: training.w, training.state):
            frozen = make(of())
            expected = array(of())
            trained(training, 3, is_read=is_read)
            np.testing.assert_array_equal(array(frozen), expected, err_msg=name)
            del frozen
            trained(training, 1, is_read=is_read)
    trained(twin, 8 * len(FROZEN), is_read=is_read)
    np.testing.assert_array_equal(training.numbers(), twin.numbers())


@pytest.mark.usefixtures("compiled_at_once")
@pytest.mark.parametrize("look", [lambda g: g, lambda g: g.detach(), lambda g: g[2:5], lambda g: g.numpy()])
@pytest.mark.parametrize("form", ["cleared_first", "cleared_between", "compiled cleared_first"])
def test_gradients_that_are_kept_stay(form: str, look: Callable[[Any], Any]) -> None:
    training, twin = beginnings("momentum", form, is_read=False)
    kept: list[tuple[Any, Any]] = []
    for _ in range(4):
        training.step()
        kept.append((look(training.w.grad), look(torch.tensor(training.w.grad.tolist()))))
    trained(twin, 4, is_read=False)
    for gradient, expected in kept:
        np.testing.assert_array_equal(array(gradient), array(expected))
    np.testing.assert_array_equal(training.numbers(), twin.numbers())


@pytest.mark.usefixtures("compiled_at_once")
@pytest.mark.parametrize("form", FORMS)
def test_memory_of_numpy_that_became_a_parameter_shows_its_values(form: str) -> None:
    memory = np.arange(SIZE, dtype=np.float32) / 8
    training = Training("sgd", form)
    training.w.data = torch.from_numpy(memory)
    twin = Training("sgd", form)
    for each in (training, twin):
        trained(each, 6, is_read=False)
    np.testing.assert_array_equal(array(memory), array(training.w))
    np.testing.assert_array_equal(array(training.w), array(twin.w))


@pytest.mark.usefixtures("compiled_at_once")
@pytest.mark.parametrize("form", FORMS)
def test_states_of_optimizers_and_models_are_shared_until_they_are_copied(form: str) -> None:
    training, _ = beginnings("adam", form, is_read=False)
    shared = training.optimizer.state_dict()["state"][0]["exp_avg"]
    copied = copy.deepcopy(training.optimizer.state_dict())["state"][0]["exp_avg"]
    before = array(training.state())
    trained(training, 4, is_read=False)
    np.testing.assert_array_equal(array(shared), array(training.state()))
    np.testing.assert_array_equal(array(copied), before)
    assert not np.array_equal(array(shared), before)


@pytest.mark.usefixtures("compiled_at_once")
@pytest.mark.parametrize("form", FORMS)
def test_a_graph_that_waits_for_its_gradient_tells_that_a_parameter_was_written(form: str) -> None:
    training, _ = beginnings("sgd", form, is_read=False)
    waiting = training.loss()
    trained(training, 2, is_read=False)
    with pytest.raises(RuntimeError, match="has been modified by an inplace operation"):
        waiting.backward()


@pytest.mark.usefixtures("compiled_at_once")
@pytest.mark.parametrize("form", ["cleared_first", "cleared_between"])
def test_a_gradient_that_reads_no_values_can_be_taken_after_the_step_as_well(form: str) -> None:
    training = Training("sgd", form)
    training.loss = lambda: (training.w + 0).sum()
    for _ in range(5):
        loss = training.step()
        training.optimizer.zero_grad()
        loss.item()
        loss.backward()
        np.testing.assert_array_equal(array(training.w.grad), np.ones(SIZE))


@pytest.mark.usefixtures("compiled_at_once")
@pytest.mark.parametrize("form", FORMS)
def test_means_of_parameters_go_on_beside_the_steps(form: str) -> None:
    training, twin = beginnings("momentum", form, is_read=False)
    mean, expected = torch.zeros(SIZE), np.zeros(SIZE, np.float32)
    for _ in range(6):
        training.step()
        with torch.no_grad():
            mean.mul_(0.5).add_(training.w, alpha=0.5)
        twin.step()
        expected = expected * np.float32(0.5) + array(twin.w) * np.float32(0.5)
    np.testing.assert_array_equal(array(mean), expected)
    np.testing.assert_array_equal(training.numbers(), twin.numbers())


@pytest.mark.usefixtures("compiled_at_once")
@pytest.mark.parametrize("is_compiled", [False, True])
def test_running_statistics_and_states_of_recurrence_show_what_they_should(is_compiled: bool) -> None:
    def run(keeps: bool) -> list[np.ndarray]:
        torch.manual_seed(3)
        norm, cell, head = nn.BatchNorm1d(4), nn.GRUCell(4, 3), nn.Linear(3, 1)
        parameters = [p for module in (norm, cell, head) for p in module.parameters()]
        optimizer = optim.SGD(parameters, lr=0.1, momentum=0.5)
        x = torch.linspace(-1, 2, 20).reshape(5, 4)

        def one(hidden: Any) -> Any:
            optimizer.zero_grad()
            following = cell(norm(x), hidden)
            (head(following) ** 2).mean().backward()
            optimizer.step()
            return following.detach()

        step = torch.compile(one) if is_compiled else one
        hidden, found = torch.zeros(5, 3), []
        kept: list[Any] = []
        for count in range(8):
            hidden = step(hidden)
            if keeps:
                kept.append((norm.running_mean.clone(), norm.running_mean, hidden, hidden.clone()))
            if count % 3 == 2:
                hidden.tolist()
            found.append(np.concatenate([array(norm.running_mean), array(hidden), array(norm.running_var)]))
        for place, (frozen, shared, state, state_then) in enumerate(kept):
            np.testing.assert_array_equal(array(frozen), found[place][:4])
            np.testing.assert_array_equal(array(shared), array(norm.running_mean))
            np.testing.assert_array_equal(array(state), array(state_then))
        return found

    np.testing.assert_array_equal(run(keeps=True), run(keeps=False))


@pytest.mark.usefixtures("compiled_at_once")
def test_bytes_of_a_file_that_others_show_are_not_written_over() -> None:
    content = np.arange(SIZE, dtype=np.float32).view(np.uint8)
    memory = Memory(content)
    x, bits = (memory.tensor(element, Layout((SIZE,), (1,), 0)) for element in (torch.float32, torch.int32))
    before = bits.tolist()
    for _ in range(4):
        x.mul_(2)
        x.tolist()
    np.testing.assert_array_equal(content.view(np.float32), np.arange(SIZE))
    assert bits.tolist() == before


@pytest.mark.usefixtures("compiled_at_once")
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.numpy_alone("XLA raises nothing for an index that is out of range")
def test_a_step_that_fails_leaves_every_value_whole(optimizer: str) -> None:
    training, twin = beginnings(optimizer, "cleared_first", is_read=True)
    loss = training.step()
    table, places = torch.ones(4, 2), torch.tensor([SIZE])
    wrong = nn.functional.embedding(places * 1, table) * training.w.detach().sum()
    with pytest.raises(RuntimeError, match="indices.0. is 24 but must be from 0 to 3"):
        wrong.tolist()
    del wrong
    twin_loss = twin.step()
    assert loss.item() == twin_loss.item()
    np.testing.assert_array_equal(training.numbers(), twin.numbers())


@pytest.mark.usefixtures("compiled_at_once")
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.numpy_alone("it looks at the memory of numpy's arrays")
def test_parameters_and_states_stay_where_they_are(optimizer: str, form: str) -> None:
    training, _ = beginnings(optimizer, form, is_read=True)
    trained(training, 3, is_read=True)

    def places() -> set[int]:
        tape.flush()
        return {x._storage.lazy.array.__array_interface__["data"][0] for x in (training.w, training.state())}

    first = places()
    trained(training, 1, is_read=True)
    second = places()
    trained(training, 1, is_read=True)
    assert first == second == places()


def compilations(action: Callable[[], None]) -> int:
    before = backends.cache_statistics().misses
    action()
    return backends.cache_statistics().misses - before


@pytest.mark.usefixtures("compiled_at_once")
def test_arguments_that_somebody_holds_now_and_then_make_no_more_programs() -> None:
    parameters = [nn.Parameter(torch.arange(SIZE) / 8 + place) for place in range(6)]
    optimizer = optim.SGD(parameters, lr=0.1)

    def steps(count: int) -> None:
        for number in range(count):
            held = [each._storage.lazy for place, each in enumerate(parameters) if number >> place & 1]
            optimizer.zero_grad()
            sum((each * each).sum() for each in parameters).backward()
            optimizer.step()
            tape.flush()
            del held

    steps(2)
    assert compilations(lambda: steps(128)) <= 5
    assert compilations(lambda: steps(128)) == 0
