"""tf.nn: samplers of classes for losses that look at a few of many, and the random.* names they also have."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from diptych.ir import Builder, Constant, Value, dtypes
from diptych.names import limited

from ...functions import random as streams
from ...functions.arithmetic import scaled
from ...functions.constants import filled, filled_like
from ..exports import export
from ..graphs.apply import apply
from ..graphs.conversion import convert_to_tensor
from ..graphs.definitions import operation
from ..graphs.dtypes import int64
from ..graphs.site import Site, require_rank
from .random import seeds_of

Weights = tuple[float, ...]


def _log_uniform(range_max: int) -> np.ndarray:
    """P(class) = log((class + 2) / (class + 1)) / log(range_max + 1): classes in the order of their frequency, which
    Zipf's law makes likely."""
    classes = np.arange(range_max, dtype=np.float64)
    return np.log1p(1 / (classes + 1)) / np.log(range_max + 1)


def _drawn(
    at: Site, true_classes: Value, probabilities: np.ndarray, num_sampled: int, unique: bool, seeds: tuple[int, int]
) -> Sequence[Value]:
    """(classes, expected counts of the true ones, of the sampled ones).

    Unique classes are those whose clocks ring first, the clock of each one exponential with its probability as rate:
    so they come in the order, and with the probabilities, of draws that are repeated until enough are distinct. How
    many draws that takes is counted by what it is on average where the clocks ring when they do.
    """
    b, count = at.b, len(probabilities)
    require_rank(true_classes.shape, 2)
    table = b.constant(value=Constant(probabilities.astype(np.float32), dtypes.f32))
    if unique:

        def clocks(b: Builder, key: Value, counter: Value, shape: Any, dtype: Any) -> tuple[Value, Value]:
            return streams.exponential(b, key, counter, shape, dtype)

        rings = b.div(at.random((count,), dtypes.f32, clocks, seeds), table)
        early, places = b.top_k(b.neg(rings), k=num_sampled)
        sampled = b.cast(places, dtype=dtypes.i64)
        times = b.neg(early)
        last = b.reduce_max(times, axes=(0,))
        waited = b.sub(b.broadcast(last, shape=times.shape, axes=()), times)
        again = b.reduce_sum(b.mul(b.gather(table, sampled, axes=(0,)), waited), axes=(0,))
        tries = b.add(again, filled_like(b, num_sampled, again))
    else:
        fractions = at.random((num_sampled,), dtypes.f32, streams.uniform, seeds)
        edges = np.cumsum(probabilities)[:-1].astype(np.float32)
        sampled = _bucket(b, fractions, edges)
        tries = filled(b, num_sampled, (), dtypes.f32)

    def expected(classes: Value) -> Value:
        chance = b.gather(table, classes, axes=(0,))
        draws = b.broadcast(tries, shape=chance.shape, axes=())
        if not unique:
            return b.mul(chance, draws)
        return b.neg(b.expm1(b.mul(draws, b.log1p(b.neg(chance)))))

    return [sampled, expected(true_classes), expected(sampled)]


def _bucket(b: Builder, x: Value, edges: np.ndarray) -> Value:
    """How many edges, in ascending order, are not above each element: by halving, in about log2(edges) steps."""
    padded = np.full(2 ** max(int(np.ceil(np.log2(len(edges) + 1))), 1) - 1, np.inf, np.float32)
    padded[: len(edges)] = edges
    table = b.constant(value=Constant(padded, dtypes.f32))
    place = filled(b, 0, x.shape, dtypes.i64)
    step = (len(padded) + 1) // 2
    while step:
        reach = b.add(place, filled_like(b, step - 1, place))
        passed = b.le(b.gather(table, reach, axes=(0,)), x)
        place = b.add(place, scaled(b, b.cast(passed, dtype=dtypes.i64), step))
        step //= 2
    return place


def _declare(type: str, chances: Any) -> None:
    @operation(type, "true_classes: int64 -> int64, float32, float32", blocks=True)
    def lower(
        at: Site, true_classes: Value, *, num_true: int, num_sampled: int, unique: bool, range_max: int, seed: int = 0,
        seed2: int = 0, weights: Weights = (),
    ) -> Sequence[Value]:  # fmt: skip
        probabilities = chances(range_max) if not weights else np.asarray(weights) / np.sum(weights)
        return _drawn(at, true_classes, probabilities, num_sampled, unique, (seed, seed2))


_declare("LogUniformCandidateSampler", _log_uniform)
_declare("UniformCandidateSampler", lambda range_max: np.full(range_max, 1 / range_max))
_declare("FixedUnigramCandidateSampler", lambda range_max: np.full(range_max, 1 / range_max))


def _sampled(
    type: str, true_classes: Any, num_true: int, num_sampled: int, unique: bool, range_max: int, seed: Any, name: Any,
    weights: Weights = (),
) -> Any:  # fmt: skip
    if unique and num_sampled > range_max:
        raise ValueError(f"Sampler's range is too small: num_sampled is {num_sampled} and range_max {range_max}")
    return tuple(apply(
        type, [convert_to_tensor(true_classes, dtype=int64)], name=name, num_true=int(num_true),
        num_sampled=int(num_sampled), unique=bool(unique), range_max=int(range_max), weights=weights, **seeds_of(seed),
    ))  # fmt: skip


@export("nn.log_uniform_candidate_sampler", "random.log_uniform_candidate_sampler")
@limited("of unique classes the expected counts are averages over the number of draws")
def log_uniform_candidate_sampler(
    true_classes: Any, num_true: int, num_sampled: int, unique: bool, range_max: int, seed: Any = None,
    name: str | None = None,
) -> Any:  # fmt: skip
    """(classes [num_sampled], expected counts of true_classes [batch, num_true], of the sampled ones), where class i
    is drawn with probability log((i + 2) / (i + 1)) / log(range_max + 1)."""
    return _sampled("LogUniformCandidateSampler", true_classes, num_true, num_sampled, unique, range_max, seed, name)


@export("nn.uniform_candidate_sampler", "random.uniform_candidate_sampler")
@limited("of unique classes the expected counts are averages over the number of draws")
def uniform_candidate_sampler(
    true_classes: Any, num_true: int, num_sampled: int, unique: bool, range_max: int, seed: Any = None,
    name: str | None = None,
) -> Any:  # fmt: skip
    """(classes, expected counts of true_classes, of the classes), all classes equally likely."""
    return _sampled("UniformCandidateSampler", true_classes, num_true, num_sampled, unique, range_max, seed, name)


@export("nn.fixed_unigram_candidate_sampler", "random.fixed_unigram_candidate_sampler")
@limited("takes `unigrams`, and neither a file of them nor shards")
def fixed_unigram_candidate_sampler(
    true_classes: Any, num_true: int, num_sampled: int, unique: bool, range_max: int, vocab_file: str = "",
    distortion: float = 1.0, num_reserved_ids: int = 0, num_shards: int = 1, shard: int = 0, unigrams: Any = (),
    seed: Any = None, name: str | None = None,
) -> Any:  # fmt: skip
    """(classes, expected counts of true_classes, of the classes), class i drawn in proportion to
    unigrams[i - num_reserved_ids] ** distortion."""
    if vocab_file or num_shards != 1 or not unigrams:
        raise ValueError("fixed_unigram_candidate_sampler: unigrams must be given, without vocab_file and shards")
    weights = (0.0,) * num_reserved_ids + tuple(float(count) ** distortion for count in unigrams)
    if len(weights) != range_max:
        raise ValueError(f"fixed_unigram_candidate_sampler: there are {len(weights)} unigrams but must be {range_max}")
    return _sampled(
        "FixedUnigramCandidateSampler", true_classes, num_true, num_sampled, unique, range_max, seed, name, weights
    )
