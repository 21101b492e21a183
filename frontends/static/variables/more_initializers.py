"""tf.initializers: scaled to the sizes of a layer, orthogonal, the identity; and those of tf.contrib.layers."""

from __future__ import annotations

import math
from typing import Any

from diptych.ir import Value

from ...functions.constants import filled_like
from ..exports import export
from ..graphs.apply import apply
from ..graphs.conversion import constant
from ..graphs.definitions import operation
from ..graphs.dtypes import FLOATS, as_dtype, float32
from ..graphs.site import Site
from ..graphs.tensor import Tensor
from ..operations.arrays import reshape, transpose
from ..operations.random import random_normal, random_uniform, truncated_normal
from .initializers import Initializer, VarianceScaling


@export("initializers.lecun_normal")
def lecun_normal(seed: int | None = None) -> VarianceScaling:
    """Normal numbers of variance 1 / inputs, cut off at two standard deviations (LeCun et al., 1998)."""
    return VarianceScaling(1.0, "fan_in", "truncated_normal", seed)


@export("initializers.lecun_uniform")
def lecun_uniform(seed: int | None = None) -> VarianceScaling:
    """Uniform numbers of variance 1 / inputs."""
    return VarianceScaling(1.0, "fan_in", "uniform", seed)


@export("initializers.he_normal")
def he_normal(seed: int | None = None) -> VarianceScaling:
    """Normal numbers of variance 2 / inputs, cut off at two standard deviations (He et al., 2015)."""
    return VarianceScaling(2.0, "fan_in", "truncated_normal", seed)


@export("initializers.he_uniform")
def he_uniform(seed: int | None = None) -> VarianceScaling:
    """Uniform numbers of variance 2 / inputs."""
    return VarianceScaling(2.0, "fan_in", "uniform", seed)


@export("uniform_unit_scaling_initializer", "initializers.uniform_unit_scaling")
class UniformUnitScaling(Initializer):
    """Uniform numbers of variance factor**2 / inputs, which keeps the scale of what goes through."""

    def __init__(self, factor: float = 1.0, seed: int | None = None, dtype: Any = float32) -> None:
        self.factor = factor
        self.seed = seed
        self.dtype = as_dtype(dtype)

    def __call__(self, shape: Any, dtype: Any = None, partition_info: Any = None) -> Tensor:
        inputs = max(1.0, float(math.prod(int(size) for size in list(shape)[:-1])))
        limit = math.sqrt(3 / inputs) * self.factor
        return random_uniform(shape, -limit, limit, self._dtype(dtype), seed=self.seed)


@operation("OrthogonalColumns", "matrix: T -> T", T=FLOATS, blocks=True)
def lower_orthogonal(at: Site, matrix: Value) -> Value:
    """An orthonormal basis of the columns, where the triangular factor's diagonal is positive: uniform over all such
    bases where the matrix is normal (Mezzadri, 2007)."""
    b = at.b
    basis, factor = b.qr(matrix)
    rows, columns = (b.iota(shape=factor.shape, axis=axis, dtype=as_dtype("int32").ir) for axis in (0, 1))
    diagonal = b.reduce_sum(b.select(b.eq(rows, columns), factor, filled_like(b, 0, factor)), axes=(0,))
    return b.mul(basis, b.broadcast(b.sign(diagonal), shape=basis.shape, axes=(1,)))


@export("orthogonal_initializer", "initializers.orthogonal", "keras.initializers.Orthogonal")
class Orthogonal(Initializer):
    """Weights [..., outputs] whose columns, or rows if there are more columns, are orthogonal and of length gain."""

    def __init__(self, gain: float = 1.0, seed: int | None = None, dtype: Any = float32) -> None:
        self.gain = gain
        self.seed = seed
        self.dtype = as_dtype(dtype)

    def __call__(self, shape: Any, dtype: Any = None, partition_info: Any = None) -> Tensor:
        sizes = [int(size) for size in shape]
        if len(sizes) < 2:
            raise ValueError("The tensor to initialize must be at least two-dimensional")
        rows, columns = math.prod(sizes[:-1]), sizes[-1]
        flat = [max(rows, columns), min(rows, columns)]
        basis = apply("OrthogonalColumns", [random_normal(flat, dtype=self._dtype(dtype), seed=self.seed)])
        if rows < columns:
            basis = transpose(basis, [1, 0])
        return self.gain * reshape(basis, sizes)


@export("initializers.identity", "keras.initializers.Identity")
class Identity(Initializer):
    """A matrix of zeros with `gain` along its diagonal."""

    def __init__(self, gain: float = 1.0, dtype: Any = float32) -> None:
        self.gain = gain
        self.dtype = as_dtype(dtype)

    def __call__(self, shape: Any, dtype: Any = None, partition_info: Any = None) -> Tensor:
        sizes = [int(size) for size in (partition_info.full_shape if partition_info is not None else shape)]
        if len(sizes) != 2:
            raise ValueError("Identity matrix initializer can only be used for 2D matrices.")
        rows = [[self.gain if row == column else 0.0 for column in range(sizes[1])] for row in range(sizes[0])]
        return constant(rows, dtype=self._dtype(dtype), shape=sizes)


# -- tf.contrib.layers ----


@export("contrib.layers.variance_scaling_initializer", "contrib.slim.variance_scaling_initializer")
def variance_scaling_initializer(
    factor: float = 2.0, mode: str = "FAN_IN", uniform: bool = False, seed: int | None = None, dtype: Any = float32
) -> Any:
    """Numbers of variance factor / n, n the inputs, the outputs ("FAN_OUT") or their mean ("FAN_AVG") of a layer.
    Raises TypeError for other modes, and for integers."""
    element = as_dtype(dtype)
    if not element.is_floating:
        raise TypeError("Cannot create initializer for non-floating point type.")
    if mode not in ("FAN_IN", "FAN_OUT", "FAN_AVG"):
        raise TypeError("Unknown mode %s [FAN_IN, FAN_OUT, FAN_AVG]", mode)

    def initializer(shape: Any, dtype: Any = element, partition_info: Any = None) -> Tensor:
        sizes = [int(size) for size in shape]
        inputs = float(sizes[-2]) if len(sizes) > 1 else float(sizes[-1]) if sizes else 1.0
        outputs = float(sizes[-1]) if sizes else 1.0
        field = math.prod(sizes[:-2])
        count = {"FAN_IN": inputs, "FAN_OUT": outputs, "FAN_AVG": (inputs + outputs) / 2.0}[mode] * field
        kind = element if dtype is None else as_dtype(dtype)
        if uniform:
            limit = math.sqrt(3.0 * factor / count)
            return random_uniform(sizes, -limit, limit, kind, seed=seed)
        return truncated_normal(sizes, 0.0, math.sqrt(1.3 * factor / count), kind, seed=seed)

    return initializer


@export(
    "contrib.layers.xavier_initializer",
    "contrib.layers.xavier_initializer_conv2d",
    "contrib.slim.xavier_initializer",
    "contrib.slim.xavier_initializer_conv2d",
)
def xavier_initializer(uniform: bool = True, seed: int | None = None, dtype: Any = float32) -> Any:
    """Numbers of variance 2 / (inputs + outputs) (Glorot and Bengio, 2010)."""
    return variance_scaling_initializer(1.0, "FAN_AVG", uniform, seed, dtype)
