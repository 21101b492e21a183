"""Batches that change in size and are filled up: the numbers of each size alone, from few programs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import diptych.eager as torch
import numpy as np
import pytest
from diptych import backends
from diptych.backends.settings import configure, settings
from diptych.eager.tapes import filling
from diptych.eager.tapes.tape import tape

SIZES = [8, 8, 5, 3, 8, 7, 12, 1, 5, 12]


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    before = settings()
    tape.flush()
    filling._families.clear()
    yield
    tape.flush()
    configure(backend=before.backend, bucket=None, compile_after=before.compile_after)


def stepped(optimizer: Any, out: torch.Tensor, y: torch.Tensor, loss: torch.Tensor) -> list[np.ndarray]:
    """Takes a step of training: the loss, how many are right, and what the network says."""
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    right = (out.argmax(1) == y).float().mean()
    return [each.detach().numpy().copy() for each in (loss, right, out)]


def network(rows: Callable[[int], Any]) -> tuple[list[np.ndarray], int]:
    """What steps of training give for batches of all sizes, and how many programs that takes."""
    torch.manual_seed(0)
    nn = torch.nn
    net = nn.Sequential(nn.Conv2d(1, 3, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Dropout(0.3), nn.Linear(27, 5))
    optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
    random, found = np.random.default_rng(0), []
    for _ in range(2):
        before = backends.cache_statistics().misses
        for size in SIZES:
            x = torch.tensor(random.standard_normal((size, 1, 8, 8)).astype("f4"))
            y = torch.tensor(random.integers(0, 5, size))
            out = net(x)
            found += stepped(optimizer, out, y, nn.functional.cross_entropy(rows(out.size(0)) * out, y))
    return found, backends.cache_statistics().misses - before


def compare(run: Callable[[], tuple[list[np.ndarray], int]], backend: str) -> tuple[int, int]:
    configure(backend=backend, bucket=8, compile_after=0)
    filled, few = run()
    configure(backend="numpy", bucket=None, compile_after=0)
    tape.flush()
    alone, many = run()
    for ours, theirs in zip(filled, alone, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=3e-4, atol=1e-5)
    return few, many


@pytest.mark.parametrize("backend", ["numpy", "jax"])
def test_steps_of_training(backend: str) -> None:
    few, _ = compare(lambda: network(lambda size: 1.0), backend)
    assert few == 0  # in the second round there is nothing new


def test_numbers_that_python_makes_of_sizes_are_those_of_the_batch() -> None:
    compare(lambda: network(lambda size: 1.0 / size), "numpy")
    compare(lambda: network(lambda size: 2.0 if size > 6 else 3.0), "numpy")


def test_batch_norm_and_an_index_that_is_out_of_range() -> None:
    def run() -> tuple[list[np.ndarray], int]:
        torch.manual_seed(0)
        nn = torch.nn
        net = nn.Sequential(nn.Linear(4, 6), nn.BatchNorm1d(6), nn.ReLU(), nn.Linear(6, 2))
        optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
        random, found = np.random.default_rng(0), []
        before = backends.cache_statistics().misses
        for size in (8, 8, 5, 7, 3, 6, 2):
            loss = net(torch.tensor(random.standard_normal((size, 4)).astype("f4"))).square().mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            found += [loss.detach().numpy().copy(), net[1].running_var.numpy().copy()]
        return found, backends.cache_statistics().misses - before

    few, many = compare(run, "numpy")
    assert few <= 3 < many
    configure(backend="numpy", bucket=8, compile_after=0)

    def picked(size: int) -> float:
        index = (torch.tensor([0.0, 4.0]) * 1).long()  # which the program computes
        return (torch.tensor(np.ones((size, 4), "f4")) * 2)[index].sum().item()

    assert [picked(size) for size in (5, 7, 6)] == [16, 16, 16]
    with pytest.raises(RuntimeError, match="indices.* is 4 but must be from 0 to 2"):
        picked(3)


def of_rows(function: Callable[[Any], Any]) -> Callable[[], tuple[list[np.ndarray], int]]:
    def run() -> tuple[list[np.ndarray], int]:
        random = np.random.default_rng(0)
        found = [
            function(torch.tensor(random.standard_normal((size, 4)).astype("f4"))).numpy().copy() for size in SIZES
        ]
        return found, 0

    return run


def test_what_python_decides_by_a_size_is_done_for_it() -> None:
    compare(of_rows(lambda x: x.sin() if x.size(0) > 6 else x.cos()), "numpy")


def test_what_python_decides_by_a_size_is_told_once(recwarn: pytest.WarningsRecorder) -> None:
    configure(bucket=8, compile_after=0)
    for size in (8, 7, 12, 5, 4):
        x = torch.tensor(np.ones((size, 4), "f4"))
        wanted = [float(size)] * 4 if size > 6 else [4.0] * size
        assert x.sum(0 if size > 6 else 1).tolist() == wanted
    (warning,) = recwarn
    text = "bucket: a batch is not filled up: with size0=4 another thing is computed than with other sizes, from "
    assert str(warning.message).startswith(text + "reduce_sum on\n  at ")


def test_what_cannot_be_filled_up_is_told_with_its_line() -> None:
    with pytest.warns(
        UserWarning, match="bucket: batches are not filled up: cholesky: padding might change its result"
    ):
        compare(of_rows(lambda x: torch.linalg.cholesky(torch.eye(len(x)) * x[0, 0].exp())), "numpy")
    with pytest.warns(
        UserWarning, match="bucket: batches are not filled up: dynamic_slice needs numbers for size0: sizes has 13, 8"
    ):
        compare(of_rows(lambda x: torch.cat([x, x])[: x.size(0) * 5 // 3].exp()), "numpy")


# -- rows and lengths ----

LENGTHS = [(4, 8), (3, 11), (4, 9), (2, 16), (4, 13), (4, 10), (3, 12), (4, 5), (3, 7)]
F = torch.nn.functional


class Transformer(torch.nn.Module):
    """Attention by hand, with a mask of a number of words, and by `scaled_dot_product_attention`."""

    def __init__(self) -> None:
        super().__init__()
        nn = torch.nn
        self.words, self.places = nn.Embedding(11, 8), nn.Parameter(torch.randn(1, 40, 8))
        self.project, self.last, self.drop = nn.Linear(8, 24), nn.Linear(8, 11), nn.Dropout(0.2)
        self.register_buffer("mask", torch.tril(torch.ones(40, 40)))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        rows, length = x.shape
        x = self.words(x) + self.places[:, :length]
        heads = (part.view(rows, length, 2, 4).transpose(1, 2) for part in self.project(x).chunk(3, dim=-1))
        query, key, value = heads
        scores = (query @ key.transpose(-2, -1)).masked_fill(self.mask[:length, :length] == 0, float("-inf"))
        found = scores.softmax(-1) @ value + F.scaled_dot_product_attention(query, key, value, is_causal=True)
        return self.last(x + self.drop(found.transpose(1, 2).reshape(rows, length, 8)))


class Recurrent(torch.nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.words, self.last = torch.nn.Embedding(11, 6), torch.nn.Linear(10, 11)
        self.turns = torch.nn.LSTM(6, 5, batch_first=True, bidirectional=True)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.last(self.turns(self.words(x))[0])


class Last(torch.nn.Module):
    """What a recurrence says at the end of a text, and where a convolution says most."""

    def __init__(self) -> None:
        super().__init__()
        nn = torch.nn
        self.words, self.last = nn.Embedding(11, 6), nn.Linear(10, 11)
        self.turns, self.slides = nn.GRU(6, 5, batch_first=True), nn.Conv1d(6, 5, 3, padding=1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.words(x)
        most = self.slides(x.transpose(1, 2)).relu()
        most = most.max(2).values - 0.5 * F.max_pool1d(most, most.size(2)).squeeze(2)
        return self.last(torch.cat([self.turns(x)[0][:, -1], most], 1))


class Encoder(torch.nn.Module):
    """Whose dropout of what words see of one another grows with the square of the length."""

    def __init__(self) -> None:
        super().__init__()
        nn = torch.nn
        self.words, self.last = nn.Embedding(11, 8), nn.Linear(8, 11)
        layer = nn.TransformerEncoderLayer(8, 2, 16, dropout=0.1, batch_first=True)
        self.layers = nn.TransformerEncoder(layer, 1, enable_nested_tensor=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.last(self.layers(self.words(x), src_key_padding_mask=x == 0))


class Shifted(torch.nn.Module):
    """With a word before all, what a convolution makes of two words, and how much one differs from the next."""

    def __init__(self) -> None:
        super().__init__()
        nn = torch.nn
        self.words, self.first, self.last = nn.Embedding(11, 8), nn.Parameter(torch.randn(1, 1, 8)), nn.Linear(8, 11)
        self.slides, self.drop = nn.Conv1d(8, 8, 2), nn.Dropout(0.1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = torch.cat([self.first.expand(len(x), 1, 8), self.words(x)], 1)
        pairs = self.slides(x.transpose(1, 2)).transpose(1, 2)
        most = F.max_pool1d(x.transpose(1, 2), 2).mean(2)
        return self.last(self.drop(pairs + x[:, 1:] - x[:, :-1] * 2 + most[:, None] + x.flip(1).cumsum(1)[:, 1:]))


def of_texts(make: Callable[[], Any]) -> Callable[[], tuple[list[np.ndarray], int]]:
    """Steps of training on texts, of which words behind one another are looked at, and how often the second round
    compiles."""

    def run() -> tuple[list[np.ndarray], int]:
        torch.manual_seed(0)
        net, random, found = make(), np.random.default_rng(0), []
        optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
        before = 0
        for _ in range(2):
            before = backends.cache_statistics().misses
            for shape in LENGTHS:
                x, y = (torch.tensor(random.integers(0, 11, shape)) for _ in range(2))
                out = net(x).view(-1, 11)
                y = y[:, 0] if len(out) == len(y) else y.view(-1)
                found += stepped(optimizer, out, y, F.cross_entropy(out, y))
        return found, backends.cache_statistics().misses - before

    return run


@pytest.mark.parametrize("backend", ["numpy", "jax"])
@pytest.mark.parametrize("make", [Transformer, Recurrent, Last, Encoder, Shifted])
def test_rows_and_lengths_of_texts(make: Callable[[], Any], backend: str, recwarn: pytest.WarningsRecorder) -> None:
    assert compare(of_texts(make), backend)[0] == 0
    assert not recwarn.list


def test_sizes_that_were_taken_for_others_are_looked_for_again() -> None:
    """At 2 by 2 and 4 by 4 rows and lengths are one size, at 6 by 4 they are two."""

    def run() -> tuple[list[np.ndarray], int]:
        random, found = np.random.default_rng(0), []
        before = 0
        for _ in range(2):
            before = backends.cache_statistics().misses
            for shape in [(2, 2), (4, 4), (6, 4), (5, 7), (3, 3), (7, 2)]:
                x = torch.tensor(random.standard_normal((*shape, 3)).astype("f4"))
                found.append((x.view(-1, 3) * x.shape[0]).exp().sum().numpy().copy())
        return found, backends.cache_statistics().misses - before

    few, _ = compare(run, "numpy")
    assert few == 0
