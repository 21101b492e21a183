"""Batches: of each kind of sample, in order, by this process and by others. test_loader.py runs them."""

from __future__ import annotations

import collections
import os
import sys
import time
from typing import Any

import diptych.eager as torch
import numpy as np
import pytest
from diptych.eager.utils import data
from diptych.eager.utils.data import DataLoader

Pair = collections.namedtuple("Pair", "x y")
WORKERS = [0, 2]


class Squares(data.Dataset[dict[str, Any]]):
    def __len__(self) -> int:
        return 7

    def __getitem__(self, index: int) -> dict[str, Any]:
        return {"x": torch.full((2,), float(index)), "square": index * index, "name": str(index)}


class Range(data.IterableDataset[int]):
    """Each worker has its share."""

    def __iter__(self):
        info = data.get_worker_info()
        return iter(range(9) if info is None else range(info.id, 9, info.num_workers))


class Raising(data.Dataset[int]):
    def __init__(self, error: Exception) -> None:
        self.error = error

    def __len__(self) -> int:
        return 2

    def __getitem__(self, index: int) -> int:
        raise self.error


class Dying(Squares):
    def __getitem__(self, index: int) -> Any:
        os._exit(3)


class Slow(Squares):
    def __getitem__(self, index: int) -> Any:
        time.sleep(30)


class Drawing(Squares):
    def __getitem__(self, index: int) -> Any:
        return torch.rand(()).item(), float(np.random.rand())


def plain(batch: Any) -> Any:
    """Tensors as (dtype, list), all else as it is."""
    if isinstance(batch, torch.Tensor):
        return str(batch.dtype).removeprefix("torch."), batch.tolist()
    if isinstance(batch, dict):
        return {key: plain(each) for key, each in batch.items()}
    return [plain(each) for each in batch] if isinstance(batch, list) else batch


@pytest.mark.parametrize(
    ("samples", "wanted"),
    [
        ([1, 2], ("int64", [1, 2])),
        ([1.0, 2.5], ("float64", [1.0, 2.5])),
        ([True, False], ("bool", [True, False])),
        ([np.float32(2), np.float32(3)], ("float32", [2.0, 3.0])),
        ([np.ones(2, np.int16)] * 2, ("int16", [[1, 1], [1, 1]])),
        ([torch.ones(1), torch.zeros(1)], ("float32", [[1.0], [0.0]])),
        (["a", "b"], ["a", "b"]),
        ([(1, "a"), (2, "b")], [("int64", [1, 2]), ("a", "b")]),
        ([[1, 2.5], [3, 4]], [("int64", [1, 3]), ("float64", [2.5, 4.0])]),
        ([{"a": 1}, {"a": 2}], {"a": ("int64", [1, 2])}),
    ],
)
def test_collation(samples: list[Any], wanted: Any) -> None:
    assert plain(data.default_collate(samples)) == wanted


def test_collation_keeps_named_tuples_and_dicts_of_their_own() -> None:
    batch = data.default_collate([Pair(1, 2.0), Pair(3, 4.0)])
    assert isinstance(batch, Pair) and batch.x.tolist() == [1, 3]
    ordered = data.default_collate([collections.OrderedDict(a=1), collections.OrderedDict(a=2)])
    assert isinstance(ordered, collections.OrderedDict)


def test_conversion() -> None:
    found = data.default_convert([1, np.ones(2), "a", {"k": np.int64(3)}])
    assert plain(found) == [1, ("float64", [1.0, 1.0]), "a", {"k": ("int64", 3)}]


@pytest.mark.parametrize("workers", WORKERS)
def test_batches_in_order(workers: int) -> None:
    batches = list(DataLoader(Squares(), 3, num_workers=workers))
    assert [batch["square"].tolist() for batch in batches] == [[0, 1, 4], [9, 16, 25], [36]]
    assert batches[1]["x"].tolist() == [[3, 3], [4, 4], [5, 5]] and batches[2]["name"] == ["6"]
    assert len(DataLoader(Squares(), 3, num_workers=workers)) == 3
    last = [batch["square"].tolist() for batch in DataLoader(Squares(), 3, num_workers=workers, drop_last=True)]
    assert last == [[0, 1, 4], [9, 16, 25]]


@pytest.mark.parametrize("workers", WORKERS)
def test_samples_without_batches(workers: int) -> None:
    assert list(DataLoader(Range(), None, num_workers=workers, prefetch_factor=None)) != []
    found = list(DataLoader(Squares(), None, num_workers=workers))
    assert [sample["square"] for sample in found] == [0, 1, 4, 9, 16, 25, 36]


@pytest.mark.parametrize("workers", WORKERS)
def test_a_collation_of_ones_own(workers: int) -> None:
    loader = DataLoader(range(4), 2, num_workers=workers, collate_fn=lambda batch: ("own", batch))
    assert list(loader) == [("own", [0, 1]), ("own", [2, 3])]


def test_an_iterable_data_set() -> None:
    def batches(**options: Any) -> list[list[int]]:
        return [batch.tolist() for batch in DataLoader(Range(), 2, **options)]

    assert batches() == [[0, 1], [2, 3], [4, 5], [6, 7], [8]]
    assert batches(num_workers=2) == [[0, 2], [1, 3], [4, 6], [5, 7], [8]]
    assert batches(num_workers=2, drop_last=True) == [[0, 2], [1, 3], [4, 6], [5, 7]]


def test_a_data_set_of_tensors_is_cut_at_once() -> None:
    whole = data.TensorDataset(torch.arange(10).reshape(5, 2), torch.arange(5))
    part = data.Subset(data.Subset(whole, [4, 3, 2, 1]), [0, 2])
    ((x, y),) = DataLoader(part, 2)
    assert (x.tolist(), y.tolist()) == ([[8, 9], [4, 5]], [4, 2])


@pytest.mark.parametrize("workers", WORKERS)
def test_shuffling_follows_the_seed(workers: int) -> None:
    def order(seed: int) -> list[int]:
        loader = DataLoader(
            range(50), 7, shuffle=True, num_workers=workers, generator=torch.Generator().manual_seed(seed)
        )
        return [each for batch in loader for each in batch.tolist()]

    assert order(1) == order(1) != order(2)
    assert sorted(order(1)) == list(range(50))


def test_workers_draw_numbers_of_their_own_that_follow_the_seed() -> None:
    def drawn() -> list[Any]:
        torch.manual_seed(3)
        return [(x.item(), y.item()) for x, y in DataLoader(Drawing(), 1, num_workers=2)]

    first = drawn()
    assert first == drawn()
    assert len({x for x, _ in first}) == len({y for _, y in first}) == 7


def test_persistent_workers_go_on_after_a_pass_that_was_left() -> None:
    loader = DataLoader(Squares(), 3, num_workers=2, persistent_workers=True)
    pass_ = iter(loader)
    next(pass_)
    del pass_
    processes = [each.pid for each in loader._pool.processes]
    assert [batch["square"].tolist() for batch in loader] == [[0, 1, 4], [9, 16, 25], [36]]
    assert [each.pid for each in loader._pool.processes] == processes


@pytest.mark.parametrize("error", [ValueError("oops"), KeyError("oops")])
def test_an_error_of_a_worker(error: Exception) -> None:
    kind = type(error)
    loader = DataLoader(Raising(error), 2, num_workers=1)
    with pytest.raises(kind) as caught:
        list(loader)
    assert f"Caught {kind.__name__} in DataLoader worker process 0.\nOriginal Traceback" in str(caught.value)


def test_an_error_when_a_worker_starts() -> None:
    def initialise(number: int) -> None:
        raise OSError(f"no disk for {number}")

    with pytest.raises(OSError, match="no disk for 0"):
        next(iter(DataLoader(Squares(), 2, num_workers=1, worker_init_fn=initialise)))


def test_a_worker_that_dies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("diptych.eager.utils.data.workers._PATIENCE", 0.5)
    with pytest.raises(RuntimeError, match=r"DataLoader worker \(pid\(s\) \d+\) exited unexpectedly"):
        next(iter(DataLoader(Dying(), 2, num_workers=1)))


def test_a_timeout(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("diptych.eager.utils.data.workers._PATIENCE", 0.5)
    with pytest.raises(RuntimeError, match="DataLoader timed out after 0.2 seconds"):
        next(iter(DataLoader(Slow(), 2, num_workers=1, timeout=0.2)))


def test_out_of_order_nothing_is_lost() -> None:
    found = sorted(batch["square"].tolist() for batch in DataLoader(Squares(), 1, num_workers=2, in_order=False))
    assert found == [[0], [1], [4], [9], [16], [25], [36]]


def test_samplers() -> None:
    weighted = list(data.WeightedRandomSampler([0.0, 1.0, 0.0], 4))
    assert weighted == [1] * 4
    assert sorted(data.WeightedRandomSampler([1.0, 1.0, 2.0], 3, replacement=False)) == [0, 1, 2]
    assert sorted(data.SubsetRandomSampler([5, 6])) == [5, 6]
    assert len(list(data.RandomSampler(range(3), num_samples=7))) == 7
    assert set(data.RandomSampler(range(3), replacement=True, num_samples=50)) == {0, 1, 2}
    assert next(iter(data.RandomSampler(range(3), replacement=True, num_samples=10**12))) in {0, 1, 2}
    assert list(data.BatchSampler(data.SequentialSampler(range(5)), 2, False)) == [[0, 1], [2, 3], [4]]
    shares = [list(data.DistributedSampler(range(5), 2, rank, shuffle=False)) for rank in (0, 1)]
    assert shares == [[0, 2, 4], [1, 3, 0]]


def test_data_sets_together() -> None:
    tens = data.TensorDataset(torch.tensor([10, 20]))
    joined = tens + tens
    assert [joined[place][0].item() for place in (0, 1, 2, -1)] == [10, 20, 10, 20] and len(joined) == 4
    assert list(Range() + Range()) == [*range(9), *range(9)]
    assert data.StackDataset(a=[1, 2], b=[3, 4])[1] == {"a": 2, "b": 4}
    assert data.StackDataset([1, 2], [3, 4]).__getitems__([1, 0]) == [(2, 4), (1, 3)]
    parts = data.random_split(range(7), [0.5, 0.5])
    assert sorted(each for part in parts for each in part) == list(range(7))


def test_no_threads_of_jax_are_forked() -> None:
    assert "jax" not in sys.modules
