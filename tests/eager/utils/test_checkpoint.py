"""Parts of a model that are computed again in the backward: what that saves, and that the numbers are the same."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import diptych.eager as torch
import numpy as np
import pytest
from diptych.backends.executable import Executable, captured
from diptych.backends.settings import configure, settings
from diptych.eager.utils.checkpoint import checkpoint, checkpoint_sequential
from diptych.ir import ops

LAYERS, ROWS, WIDTH = 8, 512, 64


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    before = settings()
    configure(backend="numpy", threads=1, compile_after=0)  # whose plans are known
    yield
    configure(backend=before.backend, threads=before.threads, compile_after=before.compile_after)


def model() -> torch.nn.ModuleList:
    torch.manual_seed(3)
    return torch.nn.ModuleList(
        torch.nn.Sequential(torch.nn.Linear(WIDTH, 2 * WIDTH), torch.nn.GELU(), torch.nn.Dropout(0.2),
                            torch.nn.Linear(2 * WIDTH, WIDTH))
        for _ in range(LAYERS)
    )  # fmt: skip


def plain(block, x):
    return block(x)


def again(block, x):
    return checkpoint(block, x, use_reentrant=False)


def reentrant(block, x):
    return checkpoint(block, x, use_reentrant=True)


def trained(call: Callable, *, reads: bool = False, steps: int = 3) -> tuple[list[np.ndarray], list[Executable]]:
    """The losses and gradients of some steps, in which the loss may be read before the backward; the programs."""
    blocks = model()
    x = torch.randn(ROWS, WIDTH, requires_grad=True)
    found: list[np.ndarray] = []
    with captured() as programs:
        for _ in range(steps):
            h = x
            for block in blocks:
                h = h + call(block, h)
            loss = h.square().mean()
            if reads:
                found.append(np.float32(loss.item()))
            loss.backward()
            found.extend(each.grad.numpy().copy() for each in blocks.parameters())
            blocks.zero_grad()
            found.append(np.float32(loss.item()))
    return found, list(programs)


def most(programs: list[Executable]) -> int:
    return max(each.peak_bytes or 0 for each in programs)


@pytest.mark.parametrize("reads", [False, True])
@pytest.mark.parametrize("call", [again, reentrant])
def test_numbers_are_the_same_and_less_is_kept(call: Callable, reads: bool) -> None:
    wanted, whole = trained(plain, reads=reads)
    found, parted = trained(call, reads=reads)
    for ours, theirs in zip(found, wanted, strict=True):
        np.testing.assert_array_equal(ours, theirs)
    assert most(parted) < most(whole) * (0.6 if call is again else 0.85)


def test_between_programs_only_what_goes_into_parts_is_kept() -> None:
    """Where the loss is read first, the forward is a program by itself, whose results are what is kept."""
    kept = [max(sum(r.type.bytes() for r in e.function.results) for e in trained(call, reads=True)[1])
            for call in (plain, again)]  # fmt: skip
    assert kept[0] > 4 * LAYERS * ROWS * WIDTH * 4
    assert kept[1] < 2 * LAYERS * ROWS * WIDTH * 4


def test_parts_within_parts_belong_to_these() -> None:
    def nested(block, x):
        return checkpoint(lambda y: block[3](checkpoint(block[:3], y, use_reentrant=False)), x, use_reentrant=False)

    wanted, whole = trained(plain)
    found, parted = trained(nested)
    for ours, theirs in zip(found, wanted, strict=True):
        np.testing.assert_array_equal(ours, theirs)
    assert most(parted) < most(whole) * 0.6


def test_a_part_that_ends_with_an_error() -> None:
    def failing(x):
        raise ValueError("no")

    x = torch.ones(2, requires_grad=True)
    with pytest.raises(ValueError, match="no"):
        checkpoint(failing, x, use_reentrant=False)
    y = (x * 3).exp()
    y.sum().backward()
    np.testing.assert_allclose(x.grad.numpy(), 3 * np.exp(3), rtol=1e-6)


def test_a_value_is_read_within_a_part() -> None:
    def read(x):
        y = x.exp()
        assert y.sum().item() > 0
        return y.sin() * y

    def gradient(call):
        x = torch.linspace(0, 1, 5, requires_grad=True)
        call(x).sum().backward()
        return x.grad.numpy()

    np.testing.assert_array_equal(gradient(lambda x: checkpoint(read, x, use_reentrant=False)), gradient(read))


def test_gradients_of_gradients() -> None:
    def cube(x):
        return x * x.sin() * x

    def second(call):
        x = torch.linspace(0.5, 1, 5, requires_grad=True)
        (first,) = torch.autograd.grad(call(x).sum(), x, create_graph=True)
        return torch.autograd.grad(first.sum(), x)[0].numpy()

    np.testing.assert_allclose(second(lambda x: checkpoint(cube, x, use_reentrant=False)), second(cube), rtol=1e-6)


def test_what_is_compiled_computes_again_too() -> None:
    blocks = model()

    def step(x):
        h = x
        for block in blocks:
            h = h + checkpoint(block, h, use_reentrant=False)
        loss = h.square().mean()
        blocks.zero_grad()
        loss.backward()
        return loss

    compiled = torch.compile(step)
    x = torch.randn(ROWS, WIDTH)
    with captured() as programs:
        losses = [compiled(x).item() for _ in range(4)]
    assert len(set(losses)) == 4  # dropout draws on
    assert all(math_ok for math_ok in map(np.isfinite, losses))
    assert sum(e.op is ops.after for e in list(programs)[-1].function.equations) >= LAYERS


def test_a_sequence_in_segments() -> None:
    blocks = model()
    net = torch.nn.Sequential(*blocks)
    x = torch.randn(ROWS, WIDTH, requires_grad=True)

    def gradient(call):
        torch.manual_seed(1)
        with captured() as programs:
            call().square().mean().backward()
            found = [each.grad.numpy().copy() for each in net.parameters()]
        net.zero_grad()
        return found, most(list(programs))

    wanted, whole = gradient(lambda: net(x))
    found, parted = gradient(lambda: checkpoint_sequential(net, 4, x, use_reentrant=False))
    for ours, theirs in zip(found, wanted, strict=True):
        np.testing.assert_array_equal(ours, theirs)
    assert parted < whole


def test_a_gradient_is_taken_within_a_part() -> None:
    def inner(x):
        h = x.sin()
        return torch.sin(torch.func.grad(lambda t: t.tanh().sum())(h) * h)

    def gradient(call):
        x = torch.linspace(0.5, 2, 5, requires_grad=True)
        call(x).sum().backward()
        return x.grad.numpy()

    np.testing.assert_array_equal(gradient(lambda x: checkpoint(inner, x, use_reentrant=False)), gradient(inner))


def test_threads_train_with_parts() -> None:
    errors: list[BaseException] = []

    def train() -> None:
        try:
            block = torch.nn.Sequential(torch.nn.Linear(8, 8), torch.nn.Tanh(), torch.nn.Linear(8, 8))
            for _ in range(8):
                h = torch.ones(4, 8)
                for _ in range(3):
                    h = h + checkpoint(block, h, use_reentrant=False)
                h.square().mean().backward()
                assert np.isfinite(block[0].weight.grad.numpy()).all()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=train) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors


@pytest.mark.parametrize("early_stop", [True, False])
def test_running_statistics_move_in_the_second_call_too(early_stop: bool) -> None:
    """As in PyTorch 2.13, where the batch norm is the last that keeps something, or not."""
    torch.manual_seed(0)
    norm = torch.nn.BatchNorm1d(5)
    x = torch.randn(6, 5)
    y = checkpoint(torch.nn.Sequential(torch.nn.Identity(), norm), x, use_reentrant=False, early_stop=early_stop)
    first = norm.running_mean.numpy().copy()
    y.square().sum().backward()
    assert norm.num_batches_tracked.item() == 2
    np.testing.assert_allclose(norm.running_mean.numpy(), 1.9 * first, rtol=1e-5)
