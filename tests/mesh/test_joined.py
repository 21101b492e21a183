"""Processes that have unlike numbers of rounds: the answers are those of PyTorch 2.13 with gloo."""

from __future__ import annotations

import pytest

from tests.mesh.test_processes import launched

MODEL = [  # weights and bias of a linear layer, then a norm's weight, bias, statistics and number of batches
    -0.1488997, -0.1284183, -0.1428939, -0.1299365, 0.8877968, 0.9192489, 1.8530008, 1.9403001, 2.5576243, 2.6156030,
    -0.0121833, 0.0072350, 0.8538023, 0.8583562, 4.0,
]  # fmt: skip
BY_ACTIVE = [
    -0.0231178, -0.0062207, 0.1237791, 0.1410491, 0.9194515, 1.0032139, 1.7625298, 1.8270454, 2.2131343, 2.2489476,
    -0.0121833, 0.0072350, 0.8538023, 0.8583562, 4.0,
]  # fmt: skip
PARTS = [
    0.3592174, 0.3862212, 0.9865071, 1.0218109, 0.9119273, 1.0426798, 1.2041022, 1.2014766, 0.5195557, 0.4792452,
    -0.0086729, 0.0106973, 0.8241292, 0.8285629, 5.0,
]  # fmt: skip


def test_processes_that_are_through_take_part() -> None:
    found = launched(2, "joined.py")
    early = "Detected at least one rank that exhausted inputs. Throwing across all ranks."
    for rank, each in enumerate(found):
        is_last = rank == 1
        seen = [] if is_last else [1.0, 1.0]  # of the others, by who is through
        total = 8.0 if is_last else 6.0
        active = 1.0 if is_last else 2.0  # processes in the last round
        assert each["counter"] == [total, 8.0, seen, is_last, [active]]
        assert each["some"] == [total, 0.0, seen, is_last, [active]]
        assert each["even"] == [4.0, 0.0, [], True, [2.0]]
        assert each["off"] == [4.0, 0.0, [], None, None]
        for name in ("model", "alone", "hook", "both", "counter first"):
            assert each[name][0] == pytest.approx(MODEL, abs=1e-5), name
        assert each["by active"][0] == pytest.approx(BY_ACTIVE, abs=1e-5)
        assert each["parts"][0] == pytest.approx(PARTS, abs=1e-5)
        for name in ("both", "counter first"):
            assert each[name][1:] == [total - 2, seen, is_last]
        through = early if is_last else "Rank 0 exhausted all inputs."
        assert each["early"] == [through, through, "no", 4.0]
        assert each["refused"] == [
            "The join context manager requires at least one joinable",
            "Using join context manager with multiple process groups",
            "Check that the <class '__main__.Unprepared'> constructor calls the ``Joinable`` constructor",
        ]
