"""Random numbers: each operation has a stream of its own, that goes on from run to run of a session."""

from __future__ import annotations

from typing import Any

import numpy as np
from diptych.ir import Value
from diptych.names import limited

from ...functions import random as streams
from ..exports import export
from ..graphs.apply import apply
from ..graphs.conversion import convert_to_tensor
from ..graphs.defaults import get_default_graph
from ..graphs.definitions import operation
from ..graphs.dtypes import FLOATS, INDICES, DType, as_dtype, float32, int32
from ..graphs.literals import array_of
from ..graphs.scopes import name_scope
from ..graphs.site import Site, require_rank
from ..graphs.tensor import Tensor
from .ranges import shape_in

DEFAULT_GRAPH_SEED = 87654321  # TensorFlow's, for an operation that has a seed in a graph that has none


@export("set_random_seed", "random.set_random_seed")
@limited("the numbers of a seed are diptych's own, not TensorFlow's")
def set_random_seed(seed: int) -> None:
    """Sets the seed of the default graph: operations made from here on repeat their numbers in every session."""
    get_default_graph().seed = seed


@export("get_seed", "random.get_seed")
def get_seed(op_seed: int | None) -> tuple[int | None, int | None]:
    """The two seeds of an operation, from the graph's and its own: both None where neither is set."""
    graph = get_default_graph()
    if graph.seed is not None:
        seeds = (graph.seed, len(graph._operations) - graph.uncounted if op_seed is None else op_seed)
    elif op_seed is not None:
        seeds = (DEFAULT_GRAPH_SEED, op_seed)
    else:
        return None, None
    if any(not isinstance(seed, int | np.integer) for seed in seeds):
        raise TypeError(f"seed is {op_seed!r} but must be an integer or None")
    most = 2**31 - 1
    cut = (int(seeds[0]) % most, int(seeds[1]) % most)
    return (0, most) if cut == (0, 0) else cut


def _shape(inputs: Any, **_: Any) -> list[Any]:
    return [shape_in(inputs[0])]


def _declare(type: str, draw: Any) -> None:
    @operation(type, "shape: T -> dtype", defaults={"T": int32}, T=INDICES, dtype=FLOATS, shape=_shape, blocks=True)
    def lower(at: Site, shape: Value, *, dtype: DType, seed: int = 0, seed2: int = 0) -> Value:
        return at.random(at.shape(shape), dtype.ir, draw, (seed, seed2))


_declare("RandomUniform", streams.uniform)
_declare("RandomStandardNormal", streams.normal)
_declare("TruncatedNormal", streams.truncated_normal)


@operation(
    "RandomUniformInt", "shape: T, minval: Tout, maxval: Tout -> Tout",
    defaults={"T": int32}, T=INDICES, Tout=INDICES, shape=_shape, blocks=True,
)  # fmt: skip
def lower_integers(at: Site, shape: Value, minval: Value, maxval: Value, *, seed: int = 0, seed2: int = 0) -> Value:
    """Integers from minval on, below maxval."""
    for bound in (minval, maxval):
        require_rank(bound.shape, 0)

    def draw(b: Any, key: Value, counter: Value, sizes: Any, dtype: Any) -> tuple[Value, Value]:
        return streams.integers(b, key, counter, sizes, minval, maxval)

    return at.random(at.shape(shape), minval.dtype, draw, (seed, seed2))


def seeds_of(seed: int | None) -> dict[str, int]:
    """The attributes of an operation that draws."""
    first, second = get_seed(seed)
    return {"seed": first or 0, "seed2": second or 0}


def shape_argument(shape: Any) -> Tensor:
    """A shape that a user gives, as a vector of integers. Small integers of numpy's, such as a class number plus 1, are
    sizes too: before version 2 numpy made them int64."""
    if isinstance(shape, list | tuple):
        shape = [int(size) if isinstance(size, np.integer) and size.dtype.itemsize < 4 else size for size in shape]
    return convert_to_tensor(shape, dtype=None if _knows_dtype(shape) else int32, name="shape")


def _knows_dtype(shape: Any) -> bool:
    if isinstance(shape, list | tuple):
        return any(_knows_dtype(size) for size in shape)
    return hasattr(shape, "dtype")


def _normal(type: str, default: str, shape: Any, mean: Any, stddev: Any, dtype: Any, seed: Any, name: Any) -> Tensor:
    with name_scope(name, default, [shape, mean, stddev]) as scope:
        element = as_dtype(dtype)
        sizes = shape_argument(shape)
        mean = convert_to_tensor(mean, dtype=element, name="mean")
        stddev = convert_to_tensor(stddev, dtype=element, name="stddev")
        drawn = apply(type, [sizes], dtype=element, **seeds_of(seed))
        scaled = apply("Mul", [drawn, stddev], name="mul")
        return apply("AddV2", [scaled, mean], name=scope)


@export("random_normal", "random.normal")
def random_normal(
    shape: Any, mean: Any = 0.0, stddev: Any = 1.0, dtype: Any = float32, seed: Any = None, name: str | None = None
) -> Tensor:
    """Numbers of the normal distribution."""
    return _normal("RandomStandardNormal", "random_normal", shape, mean, stddev, dtype, seed, name)


@export("truncated_normal", "random.truncated_normal")
def truncated_normal(
    shape: Any, mean: Any = 0.0, stddev: Any = 1.0, dtype: Any = float32, seed: Any = None, name: str | None = None
) -> Tensor:
    """Numbers of the normal distribution, none farther from the mean than two standard deviations."""
    return _normal("TruncatedNormal", "truncated_normal", shape, mean, stddev, dtype, seed, name)


@export("random_uniform", "random.uniform")
def random_uniform(
    shape: Any, minval: Any = 0, maxval: Any = None, dtype: Any = float32, seed: Any = None, name: str | None = None
) -> Tensor:
    """Numbers from `minval` on, below `maxval`: evenly spread floats, or integers, for which `maxval` must be given."""
    element = as_dtype(dtype)
    if maxval is None:
        if element.is_integer:
            raise ValueError(f"Must specify maxval for integer dtype {element!r}")
        maxval = 1
    with name_scope(name, "random_uniform", [shape, minval, maxval]) as scope:
        sizes = shape_argument(shape)
        if element.is_integer:
            low = convert_to_tensor(minval, dtype=element, name="min")
            high = convert_to_tensor(maxval, dtype=element, name="max")
            return apply("RandomUniformInt", [sizes, low, high], name=scope, **seeds_of(seed))
        if _is_number(minval, 0) and _is_number(maxval, 1):
            return apply("RandomUniform", [sizes], dtype=element, **seeds_of(seed))
        low = convert_to_tensor(minval, dtype=element, name="min")
        high = convert_to_tensor(maxval, dtype=element, name="max")
        drawn = apply("RandomUniform", [sizes], dtype=element, **seeds_of(seed))
        scaled = apply("Mul", [drawn, apply("Sub", [high, low], name="sub")], name="mul")
        return apply("AddV2", [scaled, low], name=scope)


def _is_number(value: Any, number: int) -> bool:
    if isinstance(value, Tensor) or hasattr(value, "_as_graph_tensor"):
        return False
    array = array_of(value)
    return array.ndim == 0 and array == number
