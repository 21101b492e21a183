"""The tensors that cases compute with: fixed numbers, the same for either framework, different from call to call."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

_NAMES = ("floats", "doubles", "leaf", "leaf_of", "complexes", "ints", "bools", "tensor")


class Inputs:
    """Makes the tensors of one case. `leaves` are those whose gradients the case's answer holds."""

    def __init__(self, torch: Any) -> None:
        self.torch = torch
        self.count = 0
        self.leaves: list[Any] = []

    def names(self) -> dict[str, Callable[..., Any]]:
        """What cases call them."""
        return {name: getattr(self, name) for name in _NAMES}

    def floats(self, *shape: int, low: float = -2.0, high: float = 2.0, dtype: str = "float32") -> Any:
        """Floats between low and high, with three decimals."""
        return self._made([round(low + each * (high - low), 3) for each in self._fractions(shape)], shape, dtype)

    def doubles(self, *shape: int, low: float = -2.0, high: float = 2.0) -> Any:
        """Floats of 64 bits."""
        return self.floats(*shape, low=low, high=high, dtype="float64")

    def leaf(self, *shape: int, low: float = -2.0, high: float = 2.0, dtype: str = "float64") -> Any:
        """Floats of 64 bits whose gradient is part of the answer."""
        made = self.floats(*shape, low=low, high=high, dtype=dtype).requires_grad_()
        self.leaves.append(made)
        return made

    def leaf_of(self, data: Any) -> Any:
        """`data` as floats of 64 bits whose gradient is part of the answer."""
        made = self.tensor(data, "float64").requires_grad_()
        self.leaves.append(made)
        return made

    def complexes(self, *shape: int, dtype: str = "complex64") -> Any:
        """Complex numbers with both parts between -2 and 2."""
        parts = [round(4 * each - 2, 3) for each in self._fractions((*shape, 2))]
        return self._made([complex(*pair) for pair in zip(parts[::2], parts[1::2], strict=True)], shape, dtype)

    def ints(self, *shape: int, low: int = -5, high: int = 6, dtype: str = "int64") -> Any:
        """Integers from low to high - 1."""
        return self._made([low + int(each * (high - low)) for each in self._fractions(shape)], shape, dtype)

    def bools(self, *shape: int) -> Any:
        """Half of them true, about."""
        return self._made([each > 0.5 for each in self._fractions(shape)], shape, "bool")

    def tensor(self, data: Any, dtype: str) -> Any:
        """`data` in a dtype given by its name."""
        return self.torch.tensor(data, dtype=getattr(self.torch, dtype))

    def _fractions(self, shape: tuple[int, ...]) -> list[float]:
        """Numbers in (0, 1), irregular, without ties: multiples of the golden ratio, modulo 1."""
        golden = (math.sqrt(5) - 1) / 2
        count = math.prod(shape)
        self.count += count
        return [place * golden % 1 for place in range(self.count - count + 1, self.count + 1)]

    def _made(self, numbers: list[Any], shape: tuple[int, ...], dtype: str) -> Any:
        kind = {"f": "float64", "b": "bool", "c": "complex128"}.get(dtype[0], "int64")
        array = np.array(numbers, kind if dtype != "bfloat16" else "float64").reshape(shape)
        return self.tensor(array, dtype)
