"""Transforms of parts of a tensor, each by one of several."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..functions.indexing import narrow, select
from ..functions.joining import cat, stack
from ..tensors.tensor import Tensor
from . import constraints
from .distribution import sum_rightmost
from .transform import Transform


class _Joined(Transform):
    """`transforms`, each for one of the parts along `dim`."""

    def __init__(self, tseq: Sequence[Transform], dim: int = 0, cache_size: int = 0) -> None:
        assert all(isinstance(each, Transform) for each in tseq), "All elements of tseq must be Transform instances"
        super().__init__(cache_size)
        self.transforms = [each.with_cache(cache_size) for each in tseq] if cache_size else list(tseq)
        self.dim = dim

    @property
    def bijective(self) -> bool:
        return all(each.bijective for each in self.transforms)

    def _parts(self, value: Tensor) -> list[Tensor]:
        raise NotImplementedError

    def _each(self, function: Callable[..., Tensor], *values: Tensor) -> list[Tensor]:
        """What the function gives for each transform and its parts of the values."""
        parts = zip(*(self._parts(each) for each in values), strict=True)
        return [function(each, *given) for each, given in zip(self.transforms, parts, strict=True)]

    def _checked(self, value: Tensor, count: int, told: str) -> Tensor:
        assert -value.ndim <= self.dim < value.ndim, (
            f"dim {self.dim} out of range for tensor with {value.ndim} dimensions"
        )
        found = value.shape[self.dim]
        assert found == count, f"x.size({self.dim}) = {found} must equal {told} {count}"
        return value


class CatTransform(_Joined):
    """Parts of `lengths` along `dim`, 1 each by default."""

    def __init__(
        self, tseq: Sequence[Transform], dim: int = 0, lengths: Sequence[int] | None = None, cache_size: int = 0
    ) -> None:
        super().__init__(tseq, dim, cache_size)
        self.lengths = [1] * len(self.transforms) if lengths is None else list(lengths)
        assert len(self.lengths) == len(self.transforms), (
            f"lengths ({len(self.lengths)}) must match transforms ({len(self.transforms)})"
        )

    @property
    def event_dim(self) -> int:
        """The most axes that an event of a part has."""
        return max(each.domain.event_dim for each in self.transforms)

    @property
    def length(self) -> int:
        """The length of all parts."""
        return sum(self.lengths)

    def _parts(self, value: Tensor) -> list[Tensor]:
        self._checked(value, self.length, "length")
        starts = [sum(self.lengths[:place]) for place in range(len(self.lengths))]
        return [narrow(value, self.dim, *each) for each in zip(starts, self.lengths, strict=True)]

    def _call(self, x: Tensor) -> Tensor:
        return cat(self._each(lambda each, part: each(part), x), self.dim)

    def _inverted(self, y: Tensor) -> Tensor:
        return cat(self._each(lambda each, part: each.inv(part), y), self.dim)

    def log_abs_det_jacobian(self, x: Tensor, y: Tensor) -> Tensor:
        def summed(each: Transform, *parts: Tensor) -> Tensor:
            return sum_rightmost(each.log_abs_det_jacobian(*parts), self.event_dim - each.domain.event_dim)

        found = self._each(summed, x, y)
        dim = (self.dim - x.ndim if self.dim >= 0 else self.dim) + self.event_dim
        return cat(found, dim) if dim < 0 else sum(found[1:], found[0])

    @property
    def domain(self) -> Any:
        return constraints.cat([each.domain for each in self.transforms], self.dim, self.lengths)

    @property
    def codomain(self) -> Any:
        return constraints.cat([each.codomain for each in self.transforms], self.dim, self.lengths)


class StackTransform(_Joined):
    """Slices along `dim`."""

    def _parts(self, value: Tensor) -> list[Tensor]:
        self._checked(value, len(self.transforms), "len(transforms)")
        return [select(value, self.dim, place) for place in range(len(self.transforms))]

    def _call(self, x: Tensor) -> Tensor:
        return stack(self._each(lambda each, part: each(part), x), self.dim)

    def _inverted(self, y: Tensor) -> Tensor:
        return stack(self._each(lambda each, part: each.inv(part), y), self.dim)

    def log_abs_det_jacobian(self, x: Tensor, y: Tensor) -> Tensor:
        return stack(self._each(lambda each, *parts: each.log_abs_det_jacobian(*parts), x, y), self.dim)

    @property
    def domain(self) -> Any:
        return constraints.stack([each.domain for each in self.transforms], self.dim)

    @property
    def codomain(self) -> Any:
        return constraints.stack([each.codomain for each in self.transforms], self.dim)
