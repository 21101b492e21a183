"""Steps that look like earlier ones are recorded again without looking through the graph: what differs must be seen."""

from __future__ import annotations

import diptych.eager as torch
import pytest
from diptych.eager.tapes.operation import TensorError
from diptych.eager.tapes.prefixes import MAX_PREFIXES, Prefix
from diptych.eager.tapes.tape import tape


def step(w: torch.Tensor, v: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    """A loss with dloss/dw = x * v and dloss/dv = x * w, all summed."""
    return (x * w * v).sum()


def leaves() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    x = torch.tensor([1.0, 2.0])
    w = torch.tensor([3.0, 4.0], requires_grad=True)
    v = torch.tensor([5.0, 6.0], requires_grad=True)
    return w, v, x


def taken(change: object = None, times: int = 3) -> list[list[float] | None]:
    """The gradients of the last of some equal steps, before which `change` may be called with the leaves."""
    w, v, x = leaves()
    for time in range(times):
        w.grad = v.grad = None
        loss = step(w, v, x)
        if change is not None and time == times - 1:
            change(w, v, loss)  # type: ignore[operator]
        loss.backward()
        tape.flush()
    return [None if leaf.grad is None else leaf.grad.tolist() for leaf in (w, v)]


def known_prefixes() -> list[Prefix]:
    found: dict[Prefix, None] = {}
    pending = [*tape.beginnings.values()]
    while pending:
        prefix = pending.pop()
        if prefix not in found:
            found[prefix] = None
            pending.extend(prefix.following.values())
    return list(found)


def test_equal_steps() -> None:
    assert taken() == [[5.0, 12.0], [3.0, 8.0]]


def test_known_backwards_are_found_again() -> None:
    taken()
    assert any(prefix.backwards for prefix in known_prefixes())


def test_gradients_add_up() -> None:
    w, v, x = leaves()
    for _ in range(4):
        step(w, v, x).backward()
    assert w.grad is not None
    assert w.grad.tolist() == [20.0, 48.0]


def test_a_leaf_that_no_longer_wants_its_gradient() -> None:
    assert taken(lambda w, v, loss: w.requires_grad_(False)) == [None, [3.0, 8.0]]


def test_a_leaf_that_wants_its_gradient_again() -> None:
    w, v, x = leaves()
    found = []
    for time in range(4):
        w.grad = v.grad = None
        loss = step(w, v, x)
        if time == 1:
            w.requires_grad_(False)
        loss.backward()
        found.append(w.grad is not None)
        w.requires_grad_(True)
        tape.flush()
    assert found == [True, False, True, True]


def test_hooks_that_come_later() -> None:
    assert taken(lambda w, v, loss: w.register_hook(lambda grad: grad * 2)) == [[10.0, 24.0], [3.0, 8.0]]
    assert taken(lambda w, v, loss: loss.register_hook(lambda grad: grad * 3)) == [[15.0, 36.0], [9.0, 24.0]]
    seen: list[torch.Tensor] = []
    taken(lambda w, v, loss: v.register_post_accumulate_grad_hook(seen.append))
    assert len(seen) == 1


def test_values_written_over() -> None:
    def write(w: torch.Tensor, v: torch.Tensor, loss: torch.Tensor) -> None:
        with torch.no_grad():
            v.mul_(2)

    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        taken(write)
    assert taken() == [[5.0, 12.0], [3.0, 8.0]]


def test_leaves_written_before_they_are_read() -> None:
    w, v, x = leaves()
    for _ in range(3):
        w.grad = v.grad = None
        step(w, v, x).backward()
        with torch.no_grad():
            w -= 1
        tape.flush()
    assert v.grad is not None
    assert v.grad.tolist() == [1.0, 4.0]


def test_graphs_that_are_kept() -> None:
    w, v, x = leaves()
    for _ in range(3):
        w.grad = v.grad = None
        loss = step(w, v, x)
        loss.backward(retain_graph=True)
        loss.backward()
        with pytest.raises(RuntimeError, match="backward through the graph a second time"):
            loss.backward()
    assert w.grad is not None
    assert w.grad.tolist() == [10.0, 24.0]


def test_anomalies_are_looked_for() -> None:
    x = torch.tensor([0.0], requires_grad=True)
    for _ in range(2):
        (x.sqrt() * 0).sum().backward()
        tape.flush()
    torch.autograd.set_detect_anomaly(True)
    try:
        with pytest.warns(UserWarning, match="SqrtBackward0"), pytest.raises(RuntimeError, match="returned nan values"):
            (x.sqrt() * 0).sum().backward()
    finally:
        torch.autograd.set_detect_anomaly(False)


@pytest.mark.numpy_alone("XLA raises nothing for an index that is out of range")
def test_errors_of_a_run_name_the_line_that_made_the_call() -> None:
    x, places = torch.ones(3), torch.tensor([4])
    lines = []
    for _ in range(2):
        with pytest.raises(TensorError, match=r"indices\[0\] is 5 but must be from 0 to 2") as first:
            x.gather(0, places + 1).tolist()
        with pytest.raises(RuntimeError) as second:
            x.gather(0, places + 1).tolist()
        lines.append([getattr(error.value, "location").line for error in (first, second)])  # noqa: B009
    assert lines[0] == lines[1]
    assert lines[0][1] == lines[0][0] + 2


@pytest.mark.numpy_alone("jax compiles what numpy runs call by call")
def test_prefixes_that_led_nowhere_twice_are_forgotten_when_there_are_too_many() -> None:
    x = torch.ones(2)
    tape.flush()

    def powers(count: int) -> None:
        y = x
        for _ in range(count):
            y = y * 5
        assert y.tolist() == [5.0**count] * 2

    for count in (2, 2, 4):
        powers(count)
    before = len(known_prefixes())
    tape.prefixes = MAX_PREFIXES + 1
    tape._clear()
    assert tape.prefixes == len(known_prefixes()) <= before - 2
    retraces = tape.retraces
    powers(2)
    assert tape.retraces == retraces
    powers(4)
    assert tape.retraces == retraces + 1


def test_all_prefixes_are_forgotten_when_too_many_are_known(monkeypatch: pytest.MonkeyPatch) -> None:
    x = torch.ones(2)
    for _ in range(3):
        (x * 7 + 1).tolist()
    beginning = tape.beginning
    monkeypatch.setattr("diptych.eager.tapes.recorder.MAX_PREFIXES", 2)
    tape.prefixes = 3
    tape._clear()
    assert tape.beginning is not beginning
    assert (tape.prefixes, len(tape.traces)) == (1, 0)
    assert (x * 7 + 1).tolist() == [8.0, 8.0]


def test_steps_that_begin_in_the_tape_before_are_known_too() -> None:
    w = torch.ones(3, requires_grad=True)
    optimizer = torch.optim.Adam([w], lr=0.1)
    retraces = []
    for _ in range(8):
        loss = (w * w).exp().sum()
        optimizer.zero_grad()  # runs what the step before waits for, and this loss
        loss.backward()
        optimizer.step()
        retraces.append(tape.retraces)
    assert retraces[-1] == retraces[-4]


def test_results_of_one_call_are_computed_again_by_one_call() -> None:
    x = torch.tensor([2.0, 1.0, 3.0])
    tape.flush()
    pair = torch.sort(x)
    lazies = [each._lazy() for each in pair]
    del pair  # so that no tensor shows them when the tape runs
    tape.flush()
    assert [lazy.array for lazy in lazies] == [None, None]
    for lazy in lazies:
        tape.enter(lazy)
    assert len(tape.recalled) == 1
    tape.flush(lazies[1])
    assert lazies[1].array.tolist() == [1, 0, 2]
