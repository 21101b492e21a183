"""What is particular about vmap here: one call of the function, one program, nothing that grows with the batch."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import diptych.eager as torch
import pytest
from diptych.backends.settings import configure
from diptych.eager.func import grad, jacrev, vmap
from diptych.eager.tapes.tape import tape


def test_the_function_is_called_once() -> None:
    shapes = []

    def function(a):
        shapes.append(tuple(a.shape))
        return a.sum()

    vmap(function)(torch.ones(100, 3, 2))
    assert shapes == [(3, 2)]


def test_as_many_calls_wait_for_any_batch() -> None:
    counts = []
    for size in (2, 200):
        x = torch.ones(size, 3)
        tape.flush()
        vmap(grad(lambda a: (a.sin() * a).sum()))(x)
        counts.append(len(tape.calls))
        tape.flush()
    assert counts == [1, 1]


def test_the_second_time_is_no_new_trace(compiled_at_once: None) -> None:
    w = torch.ones(3)
    x = torch.ones(5, 3)

    def step(factor):
        return vmap(grad(lambda a: (a * w * factor).sin().sum()))(x).sum().item()

    tape.flush()
    first = step(2.0)
    known = tape.retraces
    assert step(2.0) == first
    assert tape.retraces == known
    assert step(3.0) != first
    numbers = tape.retraces  # the factor is an argument from here on
    assert step(4.0) != first
    assert tape.retraces == numbers


@pytest.mark.numpy_alone("XLA rounds whole programs otherwise than single calls")
def test_calls_one_by_one_give_what_programs_give() -> None:
    found = []
    for after in (0, 1000):
        tape.flush()
        configure(compile_after=after)
        w = torch.linspace(0, 1, 3).requires_grad_()
        made = vmap(lambda a, w=w: (a * w).exp().sum())(torch.linspace(-1, 1, 6).reshape(2, 3))
        made.sum().backward()
        found.append((made.tolist(), w.grad.tolist()))
    configure(compile_after=None)
    assert found[0] == found[1]


def test_what_the_function_keeps_and_all_share_is_a_tensor_as_any() -> None:
    class Module(torch.nn.Module):
        kept = None

        def forward(self, a):
            if self.kept is None:
                self.kept = torch.arange(3.0) * 2
            return a + self.kept

    module, x = Module(), torch.zeros(2, 3)
    assert vmap(module)(x).tolist() == [[0, 2, 4]] * 2
    assert module.kept.tolist() == [0, 2, 4]
    assert vmap(module)(x).tolist() == [[0, 2, 4]] * 2


def test_an_element_that_is_kept_has_no_value() -> None:
    kept = []
    vmap(lambda a: (kept.append(a * 2), a)[1])(torch.ones(2))
    with pytest.raises(RuntimeError):
        kept[0].item()


def test_a_compiled_function_may_vmap() -> None:
    w = torch.ones(3)
    function = torch.compile(lambda x: vmap(lambda a: (a * w).sum())(x).sum())
    assert [function(torch.full((2, 3), float(n))).item() for n in range(5)] == [0, 6, 12, 18, 24]


def test_memory_shared_with_numpy_is_read_as_it_is() -> None:
    x = torch.zeros(2, 3)
    array = x.numpy()
    function = vmap(lambda a: a + 1)
    array[:] = 5
    made = function(x)
    array[:] = 7
    assert made.tolist() == [[6.0] * 3] * 2
    vmap(lambda a: a.mul_(2))(x)
    assert array.tolist() == [[14.0] * 3] * 2


def test_threads_do_not_see_each_others_elements() -> None:
    def work(number: int) -> list[float]:
        return vmap(lambda a: a * number)(torch.arange(50.0)).tolist()

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(work, range(20)))
    assert found == [[float(number * place) for place in range(50)] for number in range(20)]


def test_other_threads_wait_while_elements_are_at_work() -> None:
    begun, w = threading.Event(), torch.ones(3).requires_grad_()
    found = []

    def read() -> None:
        begun.wait()
        loss = (w * 2).sum()
        loss.backward()
        found.append((loss.item(), bool(w.sum() > 0), w.grad.tolist(), torch.zeros(1).requires_grad_().tolist()))

    def slow(a):
        begun.set()
        time.sleep(0.02)
        return a * 2

    thread = threading.Thread(target=read)
    thread.start()
    made = vmap(slow)(torch.arange(3.0))
    thread.join()
    assert made.tolist() == [0.0, 2.0, 4.0]
    assert found == [(6.0, True, [2.0, 2.0, 2.0], [0.0])]


def test_jacobians_are_one_gradient() -> None:
    x = torch.linspace(0, 1, 50)
    tape.flush()
    jacrev(lambda a: a.sin() * a.sum())(x)
    assert len(tape.calls) < 20


def test_writes_that_failed_leave_no_trace() -> None:
    count, x = torch.zeros(()), torch.ones(2, 3)

    def function(a):
        count.add_(1)
        a.add_(1)
        raise KeyError("stop")

    with pytest.raises(KeyError):
        vmap(function)(x)
    assert (count.item(), x.sum().item(), tape.elements) == (0, 6, None)
