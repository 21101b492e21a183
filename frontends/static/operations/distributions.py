"""Random classes, orders, crops and counts, and numbers that a seed alone determines."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import ml_dtypes
from diptych.ir import Value, dtypes

from ...functions import constants, distributions
from ...functions import random as streams
from ..exports import export
from ..graphs.apply import apply
from ..graphs.conversion import convert_to_tensor
from ..graphs.definitions import operation, shape_of_input
from ..graphs.dtypes import FLOATS, INDICES, REALS, DType, as_dtype, float32, int32, int64
from ..graphs.scopes import control_dependencies, name_scope
from ..graphs.shapes import Dims
from ..graphs.site import Refusal, Site, known_shape, require_rank
from ..graphs.tensor import Tensor
from .arrays import shape as shape_tensor
from .messages import Assert
from .random import random_uniform, seeds_of, shape_argument
from .ranges import shape_in
from .reductions import reduced
from .slicing import slice_


@operation("Multinomial", "logits: T, num_samples: int32 -> output_dtype", T=REALS, output_dtype=INDICES, blocks=True)
def lower_multinomial(
    at: Site, logits: Value, samples: Value, *, output_dtype: DType = int64, seed: int = 0, seed2: int = 0
) -> Value:
    """Classes drawn with probabilities softmax(logits)."""
    require_rank(logits.shape, 2, f"logits should be a matrix, got shape {list(logits.shape)}")
    batch, classes = known_shape(logits)
    count = at.integer(samples)
    if classes == 0:
        raise Refusal(f"num_classes should be positive, got {classes}")

    def draw(b: Any, key: Value, counter: Value, shape: Any, dtype: Any) -> tuple[Value, Value]:
        return distributions.categorical(b, key, counter, logits, count, dtype)

    return at.random((batch, count), output_dtype.ir, draw, (seed, seed2))


def _multinomial(logits: Any, samples: Any, dtype: Any, seed: Any, name: str | None, default: str) -> Tensor:
    with name_scope(name, default, [logits]):
        logits = convert_to_tensor(logits, name="logits")
        wanted = int64 if dtype is None else as_dtype(dtype)
        return apply("Multinomial", [logits, samples], output_dtype=wanted, **seeds_of(seed))


@export("multinomial", "random.multinomial")
def multinomial(
    logits: Any, num_samples: Any, seed: Any = None, name: str | None = None, output_dtype: Any = None
) -> Tensor:
    """Classes drawn with probabilities softmax(logits): [batch, num_samples] of logits [batch, classes]."""
    return _multinomial(logits, num_samples, output_dtype, seed, name, "multinomial")


@export("random.categorical")
def categorical(logits: Any, num_samples: Any, dtype: Any = None, seed: Any = None, name: str | None = None) -> Tensor:
    """Classes drawn with probabilities softmax(logits): [batch, num_samples] of logits [batch, classes]."""
    return _multinomial(logits, num_samples, dtype, seed, name, "categorical")


@operation("RandomShuffle", "value: T -> T", shape=shape_of_input)
def lower_shuffle(at: Site, x: Value, *, seed: int = 0, seed2: int = 0) -> Value:
    """The rows of x in random order."""
    if not x.rank:
        return x

    def draw(b: Any, key: Value, counter: Value, shape: Any, dtype: Any) -> tuple[Value, Value]:
        return streams.permutation(b, key, counter, shape[0], dtype)

    order = at.random(x.shape[:1], dtypes.i32, draw, (seed, seed2))
    return at.b.gather(x, order, axes=(0,))


@export("random_shuffle", "random.shuffle")
def random_shuffle(value: Any, seed: Any = None, name: str | None = None) -> Tensor:
    """The slices of `value` along the first axis in random order."""
    return apply("RandomShuffle", [value], name=name, **seeds_of(seed))


@export("random_crop", "image.random_crop")
def random_crop(value: Any, size: Any, seed: Any = None, name: str | None = None) -> Tensor:
    """A block of `size` cut out of `value` at a random place. A run raises InvalidArgumentError where it is too big."""
    with name_scope(name, "random_crop", [value, size]) as scope:
        value = convert_to_tensor(value, name="value")
        size = convert_to_tensor(size, dtype=int32, name="size")
        whole = shape_tensor(value)
        fits = reduced("All", whole >= size, None, False, None)
        check = Assert(fits, ["Need value.shape >= size, got ", whole, size])
        with control_dependencies([check]):
            room = whole - size + 1
        offset = random_uniform(shape_tensor(whole), dtype=int32, maxval=int32.max, seed=seed) % room
        return slice_(value, offset, size, name=scope)


# -- gamma and Poisson ----


def _with_parameters(inputs: Sequence[Tensor], **_: Any) -> list[Dims | None]:
    first, last = shape_in(inputs[0]), inputs[1]._dims
    return [None if first is None or last is None else (*first, *last)]


@operation(
    "RandomGamma", "shape: S, alpha: T -> T", defaults={"S": int32}, S=INDICES, T=FLOATS, shape=_with_parameters,
    blocks=(0,),
)  # fmt: skip
def lower_gamma(at: Site, shape: Value, alpha: Value, *, seed: int = 0, seed2: int = 0) -> Value:
    """Numbers of the gamma distribution: as many as `shape` says for every alpha."""

    def draw(b: Any, key: Value, counter: Value, sizes: Any, dtype: Any) -> tuple[Value, Value]:
        return distributions.gamma(b, key, counter, sizes, alpha)

    drawn = at.random((*at.shape(shape), *known_shape(alpha)), alpha.dtype, draw, (seed, seed2))
    return distributions.with_gamma_gradient(at.b, drawn, alpha)


@operation(
    "RandomPoissonV2", "shape: S, rate: R -> dtype", defaults={"S": int32}, S=INDICES, R=REALS, dtype=REALS,
    shape=_with_parameters, blocks=True,
)  # fmt: skip
def lower_poisson(at: Site, shape: Value, rate: Value, *, dtype: DType = int64, seed: int = 0, seed2: int = 0) -> Value:
    """Counts of the Poisson distribution: as many as `shape` says for every rate."""

    def draw(b: Any, key: Value, counter: Value, sizes: Any, _: Any) -> tuple[Value, Value]:
        return distributions.poisson(b, key, counter, sizes, rate)

    drawn = at.random((*at.shape(shape), *known_shape(rate)), dtypes.f64, draw, (seed, seed2))
    return drawn if dtype.ir is dtypes.f64 else at.b.cast(drawn, dtype=dtype.ir)


@export("random_gamma", "random.gamma")
def random_gamma(
    shape: Any, alpha: Any, beta: Any = None, dtype: Any = float32, seed: Any = None, name: str | None = None
) -> Tensor:
    """Numbers of the gamma distribution, of density x**(alpha - 1) exp(-beta x): [shape, ...] for alpha [...].
    Gradients flow to both."""
    with name_scope(name, "random_gamma", [shape, alpha, beta]):
        sizes = shape_argument(shape)
        alpha = convert_to_tensor(alpha, name="alpha", dtype=as_dtype(dtype))
        beta = convert_to_tensor(1 if beta is None else beta, name="beta", dtype=as_dtype(dtype))
        alpha = alpha + apply("ZerosLike", [beta])
        drawn = apply("RandomGamma", [sizes, alpha], **seeds_of(seed))
        smallest = convert_to_tensor(_tiny(drawn.dtype), dtype=drawn.dtype)
        return apply("Maximum", [smallest, drawn / beta])


def _tiny(dtype: DType) -> float:
    """The smallest normal number."""
    return float(ml_dtypes.finfo(dtype.numpy).tiny)


@export("random_poisson", "random.poisson")
def random_poisson(lam: Any, shape: Any, dtype: Any = float32, seed: Any = None, name: str | None = None) -> Tensor:
    """Counts of the Poisson distribution with mean `lam`: [shape, ...] for lam [...]."""
    with name_scope(name, "random_poisson", [lam, shape]):
        return apply(
            "RandomPoissonV2", [shape_argument(shape), convert_to_tensor(lam, dtype_hint=float32)],
            dtype=as_dtype(dtype), **seeds_of(seed),
        )  # fmt: skip


# -- numbers that a seed alone determines ----


def _stateless_shape(inputs: Sequence[Tensor], **_: Any) -> list[Dims | None]:
    return [shape_in(inputs[0])]


def _key(at: Site, seed: Value) -> tuple[Value, Value]:
    """A key and a counter made of a seed of two integers."""
    require_rank(seed.shape, 1)
    return at.b.cast(seed, dtype=dtypes.u32), constants.scalar(at.b, 0, dtypes.u64)


def _declare_stateless(type: str, draw: Callable[..., tuple[Value, Value]]) -> None:
    @operation(
        type, "shape: T, seed: Tseed -> dtype", defaults={"T": int32, "Tseed": int64}, T=INDICES, Tseed=INDICES,
        dtype=FLOATS, shape=_stateless_shape, blocks=True,
    )  # fmt: skip
    def lower(at: Site, shape: Value, seed: Value, *, dtype: DType) -> Value:
        return draw(at.b, *_key(at, seed), tuple(at.shape(shape)), dtype.ir)[0]


_declare_stateless("StatelessRandomUniform", streams.uniform)
_declare_stateless("StatelessRandomNormal", streams.normal)
_declare_stateless("StatelessTruncatedNormal", streams.truncated_normal)


@operation(
    "StatelessRandomUniformInt", "shape: T, seed: Tseed, minval: dtype, maxval: dtype -> dtype",
    defaults={"T": int32, "Tseed": int64}, T=INDICES, Tseed=INDICES, dtype=INDICES, shape=_stateless_shape, blocks=True,
)  # fmt: skip
def lower_stateless_integers(at: Site, shape: Value, seed: Value, low: Value, high: Value) -> Value:
    """Integers from low on, below high."""
    return streams.integers(at.b, *_key(at, seed), tuple(at.shape(shape)), low, high)[0]


@operation(
    "StatelessMultinomial", "logits: T, num_samples: int32, seed: Tseed -> output_dtype", defaults={"Tseed": int64},
    T=REALS, Tseed=INDICES, output_dtype=INDICES, blocks=True,
)  # fmt: skip
def lower_stateless_multinomial(
    at: Site, logits: Value, samples: Value, seed: Value, *, output_dtype: DType = int64
) -> Value:
    """Classes drawn with probabilities softmax(logits)."""
    require_rank(logits.shape, 2)
    known_shape(logits)
    return distributions.categorical(at.b, *_key(at, seed), logits, at.integer(samples), output_dtype.ir)[0]


@export("random.stateless_uniform")
def stateless_uniform(
    shape: Any, seed: Any, minval: Any = 0, maxval: Any = None, dtype: Any = float32, name: str | None = None
) -> Tensor:
    """Numbers from `minval` on, below `maxval`, which `seed`, two integers, alone determines. Raises ValueError."""
    element = as_dtype(dtype)
    if maxval is None:
        if element.is_integer:
            raise ValueError(f"Must specify maxval for integer dtype {element!r}")
        maxval = 1
    with name_scope(name, "stateless_random_uniform", [shape, seed, minval, maxval]) as scope:
        sizes = shape_argument(shape)
        low = convert_to_tensor(minval, dtype=element, name="min")
        high = convert_to_tensor(maxval, dtype=element, name="max")
        if element.is_integer:
            return apply("StatelessRandomUniformInt", [sizes, seed, low, high], name=scope)
        drawn = apply("StatelessRandomUniform", [sizes, seed], dtype=element)
        return apply("AddV2", [drawn * (high - low), low], name=scope)


def _stateless_normal(
    type: str, default: str, shape: Any, seed: Any, mean: Any, stddev: Any, dtype: Any, name: Any
) -> Tensor:
    element = as_dtype(dtype)
    with name_scope(name, default, [shape, seed, mean, stddev]) as scope:
        drawn = apply(type, [shape_argument(shape), seed], dtype=element)
        mean = convert_to_tensor(mean, dtype=element, name="mean")
        stddev = convert_to_tensor(stddev, dtype=element, name="stddev")
        return apply("AddV2", [drawn * stddev, mean], name=scope)


@export("random.stateless_normal")
def stateless_normal(
    shape: Any, seed: Any, mean: Any = 0.0, stddev: Any = 1.0, dtype: Any = float32, name: str | None = None
) -> Tensor:
    """Numbers of the normal distribution, which `seed` alone determines."""
    default = "stateless_random_normal"
    return _stateless_normal("StatelessRandomNormal", default, shape, seed, mean, stddev, dtype, name)


@export("random.stateless_truncated_normal")
def stateless_truncated_normal(
    shape: Any, seed: Any, mean: Any = 0.0, stddev: Any = 1.0, dtype: Any = float32, name: str | None = None
) -> Tensor:
    """Numbers of the normal distribution within two standard deviations, which `seed` alone determines."""
    default = "stateless_truncated_normal"
    return _stateless_normal("StatelessTruncatedNormal", default, shape, seed, mean, stddev, dtype, name)


@export("random.stateless_categorical", "random.stateless_multinomial")
def stateless_categorical(
    logits: Any, num_samples: Any, seed: Any, dtype: Any = int64, name: str | None = None
) -> Tensor:
    """Classes drawn with probabilities softmax(logits), which `seed` alone determines."""
    with name_scope(name, "stateless_categorical", [logits, seed]):
        wanted = as_dtype(dtype)
        return apply("StatelessMultinomial", [logits, num_samples, seed], output_dtype=wanted)
