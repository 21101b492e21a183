"""Names of tf that tf.keras.backend has as well."""

from __future__ import annotations

from typing import Any

from ..exports import NAMES, export
from ..operations import (  # noqa: F401 - they declare what is given other names
    arrays,
    casting,
    elementwise,
    joining,
    neural,
    products,
    ranges,
    reductions,
    selection,
    statistics,
)

_ALIASES = {
    "abs": "abs", "cast": "cast", "exp": "exp", "expand_dims": "expand_dims",
    "log": "log", "ones_like": "ones_like", "pow": "pow", "relu": "nn.relu", "reshape": "reshape",
    "round": "round", "shape": "shape", "sigmoid": "nn.sigmoid", "sign": "sign", "softmax": "nn.softmax",
    "softplus": "nn.softplus", "sqrt": "sqrt", "square": "square", "squeeze": "squeeze", "stack": "stack",
    "stop_gradient": "stop_gradient", "tanh": "tanh", "tile": "tile", "transpose": "transpose",
    "zeros_like": "zeros_like", "equal": "equal", "greater": "greater", "less": "less", "maximum": "maximum",
    "minimum": "minimum", "not_equal": "not_equal", "clip": "clip_by_value",
    "one_hot": "one_hot", "dot": "matmul",
    "permute_dimensions": "transpose",
}  # fmt: skip


def _declare_reduction(name: str) -> None:
    source = {"std": "math.reduce_std", "var": "math.reduce_variance"}.get(name, f"reduce_{name}")
    compute: Any = NAMES[source]

    @export(f"keras.backend.{name}")
    def reduction(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
        return compute(x, axis=axis, keepdims=keepdims)

    reduction.__name__ = reduction.__qualname__ = name
    reduction.__doc__ = f"tf.{source}."


for _name, _source in _ALIASES.items():
    export(f"keras.backend.{_name}")(NAMES[_source])
for _name in ("sum", "mean", "max", "min", "prod", "any", "all", "std", "var", "logsumexp"):
    _declare_reduction(_name)
