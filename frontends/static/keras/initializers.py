"""tf.keras.initializers: those whose defaults are keras's own, and all by name."""

from __future__ import annotations

import inspect
from typing import Any

from ..exports import NAMES, export
from ..graphs.dtypes import float32
from ..variables import initializers as plain
from ..variables import more_initializers as more


@export("keras.initializers.RandomNormal", "keras.initializers.normal", "keras.initializers.random_normal")
class RandomNormal(plain.RandomNormal):
    """Numbers of the normal distribution, of standard deviation 0.05."""

    def __init__(self, mean: float = 0.0, stddev: float = 0.05, seed: int | None = None, dtype: Any = float32) -> None:
        super().__init__(mean, stddev, seed, dtype)


@export("keras.initializers.TruncatedNormal", "keras.initializers.truncated_normal")
class TruncatedNormal(plain.TruncatedNormal):
    """Numbers of the normal distribution, of standard deviation 0.05, cut off at two of them."""

    def __init__(self, mean: float = 0.0, stddev: float = 0.05, seed: int | None = None, dtype: Any = float32) -> None:
        super().__init__(mean, stddev, seed, dtype)


@export("keras.initializers.RandomUniform", "keras.initializers.uniform", "keras.initializers.random_uniform")
class RandomUniform(plain.RandomUniform):
    """Numbers from -0.05 to 0.05."""

    def __init__(
        self, minval: float = -0.05, maxval: float = 0.05, seed: int | None = None, dtype: Any = float32
    ) -> None:
        super().__init__(minval, maxval, seed, dtype)


def _declare(name: str, scale: float, distribution: str, who: str) -> None:
    @export(f"keras.initializers.{name}")
    def made(seed: int | None = None) -> plain.VarianceScaling:
        return plain.VarianceScaling(scale, "fan_in", distribution, seed)

    made.__name__ = made.__qualname__ = name
    made.__doc__ = f"Numbers of variance {scale:g} / inputs ({who})."


for _name, _scale, _who in (("he", 2.0, "He and others, 2015"), ("lecun", 1.0, "LeCun and others, 1998")):
    _declare(f"{_name}_normal", _scale, "truncated_normal", _who)
    _declare(f"{_name}_uniform", _scale, "uniform", _who)

_MORE = {
    "constant": plain.ConstantInitializer, "zero": plain.Zeros, "one": plain.Ones, "orthogonal": more.Orthogonal,
    "identity": more.Identity, "variance_scaling": plain.VarianceScaling,
}  # fmt: skip


@export("keras.initializers.get")
def get(identifier: Any) -> Any:
    """The initializer of a name, one that a class makes without arguments, or what it is itself. Raises ValueError."""
    if identifier is None or (callable(identifier) and not isinstance(identifier, type)):
        return identifier
    if isinstance(identifier, type):
        return identifier()
    if isinstance(identifier, dict):
        kind: Any = NAMES[f"keras.initializers.{identifier['class_name']}"]
        return kind(**identifier.get("config", {}))
    found: Any = NAMES.get(f"keras.initializers.{identifier}") or _MORE.get(identifier)
    if found is None:
        raise ValueError(f"Unknown initializer: {identifier}")
    return found()


def initial(initializer: Any, sizes: Any, dtype: Any) -> Any:
    """The first value of a variable, of an initializer, which need not take a dtype."""
    takes = inspect.signature(initializer).parameters
    if "dtype" in takes or any(each.kind is inspect.Parameter.VAR_KEYWORD for each in takes.values()):
        return initializer(sizes, dtype=dtype)
    return initializer(sizes)
