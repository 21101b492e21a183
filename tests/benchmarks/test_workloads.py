"""The workloads run on both front ends, come to the same losses, and give the same bits when programs are checked."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module

import pytest
from diptych import backends
from diptych.backends.settings import configure, settings

from benchmarks.columns import COLUMNS
from benchmarks.workloads import WORKLOADS, Workload

LEFT_OUT = ("elementwise", "chain", "transformer_forward")
EVERY = [each for each in WORKLOADS.values() if each.module not in LEFT_OUT]
EVERY.append(Workload("W5", "elementwise", {"size": 3 << 17}))
SHORTER = {
    "lstm": ("STEPS", 8),
    "uneven_recurrence": ("STEPS", 6),
    "transformer": ("LAYERS", 1),
    "encoder": ("LAYERS", 1),
}


@pytest.fixture(autouse=True)
def two_threads() -> Iterator[None]:
    before = settings()
    configure(threads=2)
    yield
    configure(threads=before.threads, checked=before.checked)


def losses(column: str, workload: Workload) -> list[float]:
    step = COLUMNS[column].make(workload)
    return [step.value(step.run()) for _ in range(3)]


@pytest.mark.parametrize("workload", EVERY, ids=lambda workload: workload.label)
def test_checked_programs_give_the_same_bits(workload: Workload, monkeypatch: pytest.MonkeyPatch) -> None:
    """On the static front end; its losses are those of the eager one."""
    if workload.module in SHORTER:
        monkeypatch.setattr(import_module(f"benchmarks.workloads.{workload.module}"), *SHORTER[workload.module])
    own = losses("diptych static", workload)
    configure(checked=True)
    with backends.captured() as ran:
        assert losses("diptych static", workload) == own
    assert any("fill(255)" in executable.source for executable in ran)
    configure(checked=False)
    assert losses("diptych eager", workload) == pytest.approx(own, rel=1e-3)


def test_what_is_there_by_hand() -> None:
    assert [label for label, each in WORKLOADS.items() if not each.is_by_hand] == [f"H{n}" for n in range(1, 8)]
