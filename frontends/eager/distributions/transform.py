"""`Transform`: an invertible function with the logarithm of how it stretches volumes; what is made of others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..size import Size
from ..tensors.creation import zeros_like
from ..tensors.tensor import Tensor
from . import constraints
from .distribution import sum_rightmost


class Transform:
    """A function from `domain` to `codomain`: called forwards, `inv` is the inverse. `cache_size` 1 keeps the last
    result, of which the inverse is then known exactly."""

    bijective = False
    domain: Any = constraints.real
    codomain: Any = constraints.real
    _sign: int | None = None

    def __init__(self, cache_size: int = 0) -> None:
        if cache_size not in (0, 1):
            raise ValueError("cache_size must be 0 or 1")
        self._cache_size = cache_size
        self._last: tuple[Any, Any] = (None, None)
        self._inverse: Transform | None = None

    @property
    def sign(self) -> Any:
        """1 where it rises, -1 where it falls."""
        if self._sign is None:
            raise NotImplementedError
        return self._sign

    @property
    def inv(self) -> Transform:
        """The inverse."""
        if self._inverse is None:
            self._inverse = _Inverse(self)
        return self._inverse

    def with_cache(self, cache_size: int = 1) -> Transform:
        """The same function with another size of the cache."""
        if self._cache_size == cache_size:
            return self
        made = object.__new__(type(self))
        made.__dict__.update(self.__dict__)
        made._cache_size, made._last, made._inverse = cache_size, (None, None), None
        return made

    def __call__(self, x: Any) -> Any:
        if self._cache_size and self._last[0] is x:
            return self._last[1]
        found = self._call(x)
        self._last = (x, found) if self._cache_size else (None, None)
        return found

    def _inv_call(self, y: Any) -> Any:
        if self._cache_size and self._last[1] is y:
            return self._last[0]
        found = self._inverted(y)
        self._last = (found, y) if self._cache_size else (None, None)
        return found

    def _call(self, x: Any) -> Any:
        raise NotImplementedError

    def _inverted(self, y: Any) -> Any:
        raise NotImplementedError

    def log_abs_det_jacobian(self, x: Any, y: Any) -> Any:
        """log |dy / dx|, of events whole."""
        raise NotImplementedError

    def forward_shape(self, shape: Any) -> Any:
        """The shape of a result."""
        return shape

    def inverse_shape(self, shape: Any) -> Any:
        """The shape of what gives such a result."""
        return shape

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self._fields() == other._fields()  # pyright: ignore

    def _fields(self) -> tuple[Any, ...]:
        return ()

    def __hash__(self) -> int:
        return id(self)

    def __repr__(self) -> str:
        return type(self).__name__ + "()"


class _Inverse(Transform):
    """The inverse of another."""

    def __init__(self, transform: Transform) -> None:
        super().__init__(transform._cache_size)
        self._whole = transform
        self.bijective = transform.bijective

    @property
    def domain(self) -> Any:
        return self._whole.codomain

    @property
    def codomain(self) -> Any:
        return self._whole.domain

    @property
    def sign(self) -> Any:
        return self._whole.sign

    @property
    def inv(self) -> Transform:
        return self._whole

    def __call__(self, x: Any) -> Any:
        return self._whole._inv_call(x)

    def _inv_call(self, y: Any) -> Any:
        return self._whole(y)

    def log_abs_det_jacobian(self, x: Any, y: Any) -> Any:
        return -self._whole.log_abs_det_jacobian(y, x)

    def forward_shape(self, shape: Any) -> Any:
        return self._whole.inverse_shape(shape)

    def inverse_shape(self, shape: Any) -> Any:
        return self._whole.forward_shape(shape)

    def _fields(self) -> tuple[Any, ...]:
        return (self._whole,)

    def __repr__(self) -> str:
        return f"_InverseTransform({self._whole!r})"


class ComposeTransform(Transform):
    """Several, one after the other."""

    def __init__(self, parts: Sequence[Transform], cache_size: int = 0) -> None:
        super().__init__(cache_size)
        self.parts = [part.with_cache(cache_size) for part in parts] if cache_size else list(parts)

    @property
    def bijective(self) -> bool:
        return all(part.bijective for part in self.parts)

    @property
    def domain(self) -> Any:
        if not self.parts:
            return constraints.real
        found = self.parts[0].domain
        wanted = self.parts[-1].codomain.event_dim
        for part in reversed(self.parts):
            wanted = max(wanted + part.domain.event_dim - part.codomain.event_dim, part.domain.event_dim)
        return constraints.independent(found, wanted - found.event_dim) if wanted > found.event_dim else found

    @property
    def codomain(self) -> Any:
        if not self.parts:
            return constraints.real
        found = self.parts[-1].codomain
        wanted = self.parts[0].domain.event_dim
        for part in self.parts:
            wanted = max(wanted + part.codomain.event_dim - part.domain.event_dim, part.codomain.event_dim)
        return constraints.independent(found, wanted - found.event_dim) if wanted > found.event_dim else found

    @property
    def sign(self) -> Any:
        found: Any = 1
        for part in self.parts:
            found = found * part.sign
        return found

    def _call(self, x: Any) -> Any:
        for part in self.parts:
            x = part(x)
        return x

    def _inverted(self, y: Any) -> Any:
        for part in reversed(self.parts):
            y = part.inv(y)
        return y

    def log_abs_det_jacobian(self, x: Any, y: Any) -> Any:
        if not self.parts:
            return zeros_like(x)
        ends = [x]
        for part in self.parts[:-1]:
            ends.append(part(ends[-1]))
        ends.append(y)
        axes, total = self.domain.event_dim, None
        for part, before, after in zip(self.parts, ends[:-1], ends[1:], strict=True):
            term = sum_rightmost(part.log_abs_det_jacobian(before, after), axes - part.domain.event_dim)
            total = term if total is None else total + term
            axes += part.codomain.event_dim - part.domain.event_dim
        return total

    def forward_shape(self, shape: Any) -> Any:
        for part in self.parts:
            shape = part.forward_shape(shape)
        return shape

    def inverse_shape(self, shape: Any) -> Any:
        for part in reversed(self.parts):
            shape = part.inverse_shape(shape)
        return shape

    def _fields(self) -> tuple[Any, ...]:
        return tuple(self.parts)

    def __repr__(self) -> str:
        return "ComposeTransform(\n    " + ",\n    ".join(repr(part) for part in self.parts) + "\n)"


class IndependentTransform(Transform):
    """Another, of events with more axes."""

    def __init__(self, base_transform: Transform, reinterpreted_batch_ndims: int, cache_size: int = 0) -> None:
        super().__init__(cache_size)
        self.base_transform, self.reinterpreted_batch_ndims = base_transform, reinterpreted_batch_ndims
        self.bijective = base_transform.bijective

    @property
    def domain(self) -> Any:
        return constraints.independent(self.base_transform.domain, self.reinterpreted_batch_ndims)

    @property
    def codomain(self) -> Any:
        return constraints.independent(self.base_transform.codomain, self.reinterpreted_batch_ndims)

    @property
    def sign(self) -> Any:
        return self.base_transform.sign

    def _call(self, x: Any) -> Any:
        return self.base_transform(x)

    def _inverted(self, y: Any) -> Any:
        return self.base_transform.inv(y)

    def log_abs_det_jacobian(self, x: Any, y: Any) -> Any:
        return sum_rightmost(self.base_transform.log_abs_det_jacobian(x, y), self.reinterpreted_batch_ndims)

    def __repr__(self) -> str:
        return f"IndependentTransform({self.base_transform!r}, {self.reinterpreted_batch_ndims})"


class ReshapeTransform(Transform):
    """The last axes in another shape."""

    bijective = True

    def __init__(self, in_shape: Any, out_shape: Any, cache_size: int = 0) -> None:
        super().__init__(cache_size)
        self.in_shape, self.out_shape = Size(in_shape), Size(out_shape)
        if self.in_shape.numel() != self.out_shape.numel():
            raise ValueError("in_shape, out_shape have different numbers of elements")

    @property
    def domain(self) -> Any:
        return constraints.independent(constraints.real, len(self.in_shape))

    @property
    def codomain(self) -> Any:
        return constraints.independent(constraints.real, len(self.out_shape))

    def _call(self, x: Tensor) -> Tensor:
        return x.reshape((*x.shape[: x.ndim - len(self.in_shape)], *self.out_shape))

    def _inverted(self, y: Tensor) -> Tensor:
        return y.reshape((*y.shape[: y.ndim - len(self.out_shape)], *self.in_shape))

    def log_abs_det_jacobian(self, x: Tensor, y: Tensor) -> Tensor:
        return zeros_like(x.reshape((*x.shape[: x.ndim - len(self.in_shape)], -1)).sum(-1))

    def forward_shape(self, shape: Any) -> Any:
        return (*shape[: len(shape) - len(self.in_shape)], *self.out_shape)

    def inverse_shape(self, shape: Any) -> Any:
        return (*shape[: len(shape) - len(self.out_shape)], *self.in_shape)


identity_transform = ComposeTransform([])
