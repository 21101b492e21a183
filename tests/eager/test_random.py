"""Random numbers: the same on every backend, never drawn twice, in range, and distributed as they should be."""

from __future__ import annotations

from collections.abc import Callable

import diptych.eager as torch
import numpy as np
import pytest
from scipy import stats

MANY = 20_000


def drawn() -> list[np.ndarray]:
    torch.manual_seed(11)
    return [
        x.numpy()
        for x in (
            torch.rand(5), torch.rand(3, dtype=torch.float64), torch.randn(7), torch.randint(-3, 9, (6,)),
            torch.randperm(8), torch.empty(4).uniform_(2, 3), torch.empty(4).normal_(5, 0.5),
            torch.nn.functional.dropout(torch.ones(9), 0.4),
        )
    ]  # fmt: skip


def test_every_backend_draws_the_same_numbers(use_backend: Callable[[str], None]) -> None:
    """Bits exactly; what is computed from them up to rounding."""
    use_backend("numpy")
    wanted = drawn()
    for name in ("reference", "jax"):
        use_backend(name)
        for place, (one, other) in enumerate(zip(wanted, drawn(), strict=True)):
            if place in (2, 6):  # normal numbers pass through log and cos
                np.testing.assert_allclose(other, one, rtol=2e-5, atol=1e-6)
            else:
                np.testing.assert_array_equal(other, one)


def test_reading_between_draws_changes_nothing() -> None:
    torch.manual_seed(5)
    together = torch.cat([torch.rand(3), torch.randn(2), torch.rand(4)])
    torch.manual_seed(5)
    one = torch.rand(3)
    one.tolist()
    two = torch.randn(2)
    three = torch.rand(4)
    three.tolist()
    assert torch.cat([one, two, three]).tolist() == together.tolist()


def test_no_number_is_drawn_twice() -> None:
    torch.manual_seed(6)
    pieces = []
    for size in (1, 2, 3, 5, 8, 13):
        pieces.append(torch.rand(size, dtype=torch.float64))
        pieces.append(torch.randn(size, dtype=torch.float64))
        if size % 2:
            pieces[-1].tolist()
    found = torch.cat(pieces).tolist()
    assert len(set(found)) == len(found)


def test_seeds_are_one_stream_each() -> None:
    def first(seed: int) -> float:
        return torch.manual_seed(seed) and torch.rand(1).item()

    assert first(1) == first(1)
    assert len({first(seed) for seed in (0, 1, 2**32, 2**32 + 1, 2**63, -1)}) == 6
    assert first(-1) == first(2**64 - 1)


def test_seed_takes_one_from_the_system_and_returns_it() -> None:
    chosen = torch.seed()
    assert torch.initial_seed() == chosen
    one = torch.rand(3).tolist()
    torch.manual_seed(chosen)
    assert torch.rand(3).tolist() == one
    assert torch.seed() != chosen
    generator = torch.Generator()
    assert generator.seed() == generator.initial_seed()
    assert torch.Generator().initial_seed() != torch.Generator().initial_seed()


def test_a_generator_leaves_the_default_one_alone() -> None:
    torch.manual_seed(1)
    wanted = torch.rand(4).tolist()
    torch.manual_seed(1)
    generator = torch.Generator().manual_seed(1)
    mine = torch.cat([torch.rand(2, generator=generator), torch.rand(2, generator=generator)])
    assert torch.rand(4).tolist() == wanted
    assert mine[:2].tolist() == wanted[:2]
    for draw in (torch.randn, torch.rand):
        assert draw(3, generator=generator).tolist() != draw(3, generator=generator).tolist()
    assert (
        torch.randint(100, (9,), generator=generator).tolist() != torch.randint(100, (9,), generator=generator).tolist()
    )
    assert torch.randperm(9, generator=generator).tolist() != torch.randperm(9, generator=generator).tolist()


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64], ids=repr)
def test_uniform_numbers(dtype: torch.dtype) -> None:
    torch.manual_seed(2)
    x = torch.rand(MANY, dtype=dtype).double().numpy()
    assert x.min() >= 0
    assert x.max() < 1
    assert stats.kstest(x, "uniform").pvalue > 1e-3 or dtype in (torch.float16, torch.bfloat16)
    assert abs(x.mean() - 0.5) < 0.01
    assert abs(x.var() - 1 / 12) < 0.003


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64], ids=repr)
def test_normal_numbers(dtype: torch.dtype) -> None:
    torch.manual_seed(3)
    x = torch.randn(MANY + 1, dtype=dtype).double().numpy()  # an odd number: pairs are drawn
    assert np.isfinite(x).all()
    assert abs(x.mean()) < 0.03
    assert abs(x.std() - 1) < 0.02
    assert abs(stats.skew(x)) < 0.06
    assert abs(stats.kurtosis(x)) < 0.12
    assert abs(np.corrcoef(x[:-1], x[1:])[0, 1]) < 0.03


def test_integers_lie_in_their_range_evenly() -> None:
    torch.manual_seed(4)
    x = torch.randint(-3, 7, (MANY,)).numpy()
    assert set(x.tolist()) == set(range(-3, 7))
    assert stats.chisquare(np.bincount(x + 3)).pvalue > 1e-3
    wide = torch.randint(-(2**62), 2**62, (MANY,)).numpy().astype(float)
    assert abs(wide.mean()) < 2**62 * 0.02
    assert torch.randint(2**40, 2**40 + 1, (2,)).tolist() == [2**40, 2**40]
    assert torch.randint(0, 2, (50,), dtype=torch.bool).tolist() != [False] * 50


def test_permutations_hold_every_number_once() -> None:
    torch.manual_seed(5)
    assert sorted(torch.randperm(100).tolist()) == list(range(100))
    firsts = [torch.randperm(4)[0] for _ in range(400)]
    assert stats.chisquare(np.bincount([int(first) for first in firsts], minlength=4)).pvalue > 1e-3


def test_uniform_and_normal_numbers_in_place() -> None:
    torch.manual_seed(6)
    x = torch.empty(MANY).uniform_(-2, 6).numpy()
    assert x.min() >= -2
    assert x.max() < 6
    assert abs(x.mean() - 2) < 0.08
    y = torch.empty(MANY).normal_(3, 2).numpy()
    assert abs(y.mean() - 3) < 0.06
    assert abs(y.std() - 2) < 0.04


def test_every_step_of_a_loop_is_the_same_program() -> None:
    """How much was drawn before comes in as an argument."""
    from diptych.eager.tapes.tape import tape

    def step() -> float:
        return torch.randn(3).add(torch.rand(3)).sum().item()

    step()
    before = tape.retraces
    assert len({step() for _ in range(5)}) == 5
    assert tape.retraces == before
