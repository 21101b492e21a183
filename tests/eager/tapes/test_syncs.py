"""What is told of runs: causes, lines, counts, and what is new in a trace."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import diptych.eager as torch
import numpy as np
import pytest
from diptych.backends.settings import configure
from diptych.eager.tapes import syncs
from diptych.eager.tapes.tape import tape


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    torch.ones(1).sum().item()
    torch.reset_sync_report()
    before = configure()
    yield
    configure(log=before.log, compile_after=before.compile_after)
    torch.reset_sync_report()


def causes() -> dict[str, int]:
    found: Counter[str] = Counter()
    for sync in torch.sync_report():
        found[sync.cause] += sync.count
    return dict(found)


def test_each_reading_has_its_name() -> None:
    x = torch.ones(2)
    for read in (
        lambda: (x + 1).sum().item(), lambda: (x + 1).tolist(), lambda: bool((x + 1).sum() > 0), lambda: str(x + 1),
        lambda: float((x + 1).sum()), lambda: (x + 1).numpy(), lambda: f"{(x + 1).sum():.1f}", lambda: int(x.sum() + 1),
    ):  # fmt: skip
        read()
    found = causes()
    assert {".item()", ".tolist()", "bool()", "it was printed", "float()", ".numpy()", "it was formatted", "int()"} == {
        *found
    }
    assert set(found.values()) == {1}


def test_lines_are_counted_apart() -> None:
    x = torch.ones(2)
    x.tolist()
    torch.reset_sync_report()
    for _ in range(3):
        (x + 1).sum().item()
    (x + 1).sum().item()
    first, second = sorted(torch.sync_report(), key=lambda sync: -sync.count)
    assert (first.count, first.calls, second.count) == (3, 6, 1) and first.seconds > 0
    assert first.code is second.code and first.instruction != second.instruction
    table = str(torch.sync_report())
    assert table.splitlines()[0].split() == ["runs", "calls", "new", "traces", "seconds", "cause,", "line"]
    assert f"{__file__}:" in table and "(x + 1).sum().item()" in table


@pytest.mark.numpy_alone("on jax, shared memory is copied")
def test_steps_budgets_and_gradients() -> None:
    x = torch.ones(2, requires_grad=True)
    optimizer = torch.optim.SGD([x], lr=0.1)
    for _ in range(3):
        optimizer.zero_grad()
        x.sum().backward()
        optimizer.step()
    optimizer.zero_grad()
    assert causes() == {syncs.BEGIN: 1, syncs.STEP: 3}
    torch.reset_sync_report()
    (x * 2).sum().backward()
    (x * 3).sum().backward()
    assert causes() == {syncs.GRADIENT: 1}
    torch.reset_sync_report()
    array = np.ones(200_000)  # so large that it is not copied
    torch.from_numpy(array) + 1
    assert causes() == {syncs.SHARED: 1}
    assert str(torch.sync_report()) != "no recorded calls have run"
    torch.reset_sync_report()
    assert str(torch.sync_report()) == "no recorded calls have run"


def test_what_is_logged(capsys: pytest.CaptureFixture[str]) -> None:
    configure(log="sync,retrace", compile_after=1)
    syncs._described.clear()

    def run(size: int, number: float, extra: bool = False) -> None:
        y = torch.ones(size) * number
        (y.exp() if extra else y).sum().item()

    run(91, 0.5)
    run(91, 0.25)
    run(91, 0.125)
    run(92, 0.5)
    run(91, 0.5, extra=True)
    told = capsys.readouterr().err.splitlines()
    retraces = [line for line in told if line.startswith("diptych: retrace: ")]
    assert retraces[0].endswith(" calls: the first one")
    assert retraces[1] == (
        "diptych: retrace: numbers of a known trace changed, and are arguments from now on: 0.5 became 0.25"
    )
    assert "mul(f32[92])" in retraces[2] and retraces[2].endswith("in a known trace it is mul(f32[91])")
    assert f"{__file__}:" in retraces[2]
    assert "exp(f32[91])" in retraces[3] and retraces[3].endswith("in a known trace it is sum(f32[91])")
    assert len(retraces) == 4
    runs = [line for line in told if line.startswith("diptych: sync: ")]
    assert len(runs) == 5 and all(" calls in " in line and ": .item(), " in line for line in runs)


def test_every_call_at_once() -> None:
    before = configure().pending_calls
    configure(pending_calls=0)
    tape.most_calls = -1
    try:
        torch.ones(2) + 1
        assert causes() == {syncs.BUDGET: 2}
    finally:
        configure(pending_calls=before)
        tape.most_calls = -1


def test_all_arguments_of_a_distribution_are_looked_at_together() -> None:
    x = torch.ones(3)
    tape.flush()
    flushes = tape.flushes
    torch.distributions.Normal(x * 2, x * 3)
    assert tape.flushes == flushes + 1
    with pytest.raises(ValueError, match="Expected parameter scale"):
        torch.distributions.Normal(x * 2, x * -3)
    with pytest.raises(ValueError, match="Expected parameter loc"):
        torch.distributions.Normal(x * float("nan"), x * -3)
