"""`torch.distributions.constraints`: sets that parameters and samples lie in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..tensors.tensor import Tensor


class Constraint:
    """A set of tensors, each element or the last `event_dim` axes together. `check` tells what lies in it."""

    is_discrete: Any = False
    event_dim: Any = 0

    def check(self, value: Tensor) -> Tensor:
        """For each event whether it lies in the set."""
        raise NotImplementedError

    def __repr__(self) -> str:
        return type(self).__name__[1:] + "()"


class _Dependent(Constraint):
    """A set that depends on other parameters."""

    def __init__(self, *, is_discrete: Any = NotImplemented, event_dim: Any = NotImplemented) -> None:
        self._is_discrete, self._event_dim = is_discrete, event_dim

    def __call__(self, *, is_discrete: Any = NotImplemented, event_dim: Any = NotImplemented) -> _Dependent:
        return _Dependent(is_discrete=is_discrete, event_dim=event_dim)

    def check(self, value: Tensor) -> Tensor:
        """Raises ValueError: it cannot be told."""
        raise ValueError("Cannot determine validity of dependent constraint")


class dependent_property(property, _Dependent):
    """A property of a distribution that gives a set; of the class it stands for one that depends."""

    def __init__(self, function: Any = None, *, is_discrete: Any = NotImplemented, event_dim: Any = NotImplemented):
        super().__init__(function)
        self._is_discrete, self._event_dim = is_discrete, event_dim

    def __call__(self, function: Any) -> dependent_property:
        return dependent_property(function, is_discrete=self._is_discrete, event_dim=self._event_dim)


def is_dependent(constraint: Any) -> bool:
    """Whether a set depends on other parameters."""
    return isinstance(constraint, _Dependent)


class _IndependentConstraint(Constraint):
    """A set whose members are made of several of another's."""

    def __init__(self, base_constraint: Constraint, reinterpreted_batch_ndims: int) -> None:
        self.base_constraint, self.reinterpreted_batch_ndims = base_constraint, reinterpreted_batch_ndims
        self.is_discrete = base_constraint.is_discrete
        self.event_dim = base_constraint.event_dim + reinterpreted_batch_ndims

    def check(self, value: Tensor) -> Tensor:
        found = self.base_constraint.check(value)
        if found.ndim < self.reinterpreted_batch_ndims:
            expected = self.base_constraint.event_dim + self.reinterpreted_batch_ndims
            raise ValueError(f"Expected value.dim() >= {expected} but got {value.ndim}")
        kept = found.ndim - self.reinterpreted_batch_ndims
        return found.reshape((*found.shape[:kept], -1)).all(-1)

    def __repr__(self) -> str:
        return f"IndependentConstraint({self.base_constraint!r}, {self.reinterpreted_batch_ndims})"


class MixtureSameFamilyConstraint(Constraint):
    """What every component of a mixture may give."""

    def __init__(self, base_constraint: Constraint) -> None:
        self.base_constraint = base_constraint
        self.is_discrete, self.event_dim = base_constraint.is_discrete, base_constraint.event_dim

    def check(self, value: Tensor) -> Tensor:
        found = self.base_constraint.check(value.unsqueeze(-1 - self.event_dim))
        kept = value.ndim - self.event_dim
        return found.reshape((*found.shape[:kept], -1)).all(-1)

    def __repr__(self) -> str:
        return f"MixtureSameFamilyConstraint({self.base_constraint!r})"


class _Elementwise(Constraint):
    """A set of numbers, with its bounds, which its text shows."""

    def __init__(self, **bounds: Any) -> None:
        self._bounds = bounds
        for name, each in bounds.items():
            setattr(self, name, each)

    def __repr__(self) -> str:
        bounds = ", ".join(f"{name}={each}" for name, each in self._bounds.items())
        return f"{type(self).__name__[1:]}({bounds})"


class _Predicate(Constraint):
    """A set that a function tells."""

    def __init__(self, name: str, check: Callable[[Tensor], Tensor], event_dim: int = 0, *, is_discrete: bool = False):
        self._name, self._check, self.event_dim, self.is_discrete = name, check, event_dim, is_discrete

    def check(self, value: Tensor) -> Tensor:
        return self._check(value)

    def __repr__(self) -> str:
        return f"{self._name}()"


def _is_whole(value: Tensor) -> Tensor:
    return value % 1 == 0


class _IntegerInterval(_Elementwise):
    is_discrete = True

    def check(self, value: Tensor) -> Tensor:
        bounds = self._bounds
        return _is_whole(value) & (bounds["lower_bound"] <= value) & (value <= bounds["upper_bound"])


class _IntegerLessThan(_Elementwise):
    is_discrete = True

    def check(self, value: Tensor) -> Tensor:
        return _is_whole(value) & (value <= self._bounds["upper_bound"])


class _IntegerGreaterThan(_Elementwise):
    is_discrete = True

    def check(self, value: Tensor) -> Tensor:
        return _is_whole(value) & (value >= self._bounds["lower_bound"])


class _GreaterThan(_Elementwise):
    def check(self, value: Tensor) -> Tensor:
        return self._bounds["lower_bound"] < value


class _GreaterThanEq(_Elementwise):
    def check(self, value: Tensor) -> Tensor:
        return self._bounds["lower_bound"] <= value


class _LessThan(_Elementwise):
    def check(self, value: Tensor) -> Tensor:
        return value < self._bounds["upper_bound"]


class _Interval(_Elementwise):
    def check(self, value: Tensor) -> Tensor:
        return (self._bounds["lower_bound"] <= value) & (value <= self._bounds["upper_bound"])


class _HalfOpenInterval(_Elementwise):
    def check(self, value: Tensor) -> Tensor:
        return (self._bounds["lower_bound"] <= value) & (value < self._bounds["upper_bound"])


class _Multinomial(Constraint):
    """Counts that are not negative, in all `upper_bound`."""

    is_discrete, event_dim = True, 1

    def __init__(self, upper_bound: Any) -> None:
        self.upper_bound = upper_bound

    def check(self, value: Tensor) -> Tensor:
        return (value >= 0).all(-1) & (value.sum(-1) <= self.upper_bound)


class _Joined(Constraint):
    """What several sets, each for a part along `dim`, have in common. Raises AssertionError for what are no sets."""

    def __init__(self, cseq: Sequence[Constraint], dim: int = 0) -> None:
        assert all(isinstance(each, Constraint) for each in cseq), "All elements of cseq must be Constraint instances"
        self.cseq, self.dim = list(cseq), dim

    @property
    def is_discrete(self) -> bool:
        return any(each.is_discrete for each in self.cseq)

    @property
    def event_dim(self) -> int:
        return max(each.event_dim for each in self.cseq)

    def _parts(self, value: Tensor) -> list[Tensor]:
        assert -value.ndim <= self.dim < value.ndim, (
            f"dim {self.dim} out of range for value with {value.ndim} dimensions"
        )
        return self._cut(value)

    def _cut(self, value: Tensor) -> list[Tensor]:
        raise NotImplementedError

    def _checks(self, value: Tensor) -> list[Tensor]:
        return [each.check(part) for each, part in zip(self.cseq, self._parts(value), strict=True)]


class _Cat(_Joined):
    """Parts of `lengths` along `dim`, each of a set."""

    def __init__(self, cseq: Sequence[Constraint], dim: int = 0, lengths: Sequence[int] | None = None) -> None:
        super().__init__(cseq, dim)
        self.lengths = [1] * len(self.cseq) if lengths is None else list(lengths)
        assert len(self.lengths) == len(self.cseq), f"lengths ({len(self.lengths)}) must match cseq ({len(self.cseq)})"

    def _cut(self, value: Tensor) -> list[Tensor]:
        from ..functions.indexing import narrow

        starts = [sum(self.lengths[:place]) for place in range(len(self.lengths))]
        return [narrow(value, self.dim, *each) for each in zip(starts, self.lengths, strict=True)]

    def check(self, value: Tensor) -> Tensor:
        from ..functions.joining import cat

        return cat(self._checks(value), self.dim)


class _Stack(_Joined):
    """Slices along `dim`, each of a set."""

    @property
    def event_dim(self) -> int:
        most = max(each.event_dim for each in self.cseq)
        return most + 1 if self.dim + most < 0 else most

    def _cut(self, value: Tensor) -> list[Tensor]:
        from ..functions.indexing import select

        return [select(value, self.dim, place) for place in range(value.shape[self.dim])]

    def check(self, value: Tensor) -> Tensor:
        from ..functions.joining import stack

        return stack(self._checks(value), self.dim)


def _corr_cholesky(value: Tensor) -> Tensor:
    from .distribution import epsilon

    lengths = (value.detach() ** 2).sum(-1).sqrt()
    return _lower_cholesky(value) & ((lengths - 1).abs() <= epsilon(value) * value.shape[-1] * 10).all(-1)


def _positive_semidefinite(value: Tensor) -> Tensor:
    from ..functions.decompositions import eigvalsh

    return _symmetric(value) & (eigvalsh(value) >= 0).all(-1)


def _simplex(value: Tensor) -> Tensor:
    return (value >= 0).all(-1) & ((value.sum(-1) - 1).abs() < 1e-6)


def _one_hot(value: Tensor) -> Tensor:
    return ((value == 0) | (value == 1)).all(-1) & (value.sum(-1) == 1)


def _square(value: Tensor) -> Tensor:
    from ..dtypes import bool_
    from ..tensors.creation import ones

    return ones(*value.shape[:-2], dtype=bool_, device=value.device) & (value.shape[-1] == value.shape[-2])


def _symmetric(value: Tensor) -> Tensor:
    return ((value - value.transpose(-1, -2)).abs() <= 1e-6 + 1e-5 * value.abs()).all(-1).all(-1)


def _lower(value: Tensor) -> Tensor:
    from ..functions.triangles import tril

    return (tril(value) == value).reshape((*value.shape[:-2], -1)).all(-1)


def _lower_cholesky(value: Tensor) -> Tensor:
    from ..functions.strided import diagonal

    return _lower(value) & (diagonal(value, dim1=-2, dim2=-1) > 0).all(-1)


def _positive_definite(value: Tensor) -> Tensor:
    from ..functions.decompositions import cholesky_ex

    return _symmetric(value) & (cholesky_ex(value)[1] == 0)


def integer_interval(lower_bound: Any, upper_bound: Any) -> Constraint:
    """Whole numbers from one bound to the other, both included."""
    return _IntegerInterval(lower_bound=lower_bound, upper_bound=upper_bound)


def integer_less_than(upper_bound: Any) -> Constraint:
    """Whole numbers up to the bound."""
    return _IntegerLessThan(upper_bound=upper_bound)


def integer_greater_than(lower_bound: Any) -> Constraint:
    """Whole numbers from the bound on."""
    return _IntegerGreaterThan(lower_bound=lower_bound)


def greater_than(lower_bound: Any) -> Constraint:
    """Numbers above the bound."""
    return _GreaterThan(lower_bound=lower_bound)


def greater_than_eq(lower_bound: Any) -> Constraint:
    """Numbers from the bound on."""
    return _GreaterThanEq(lower_bound=lower_bound)


def less_than(upper_bound: Any) -> Constraint:
    """Numbers below the bound."""
    return _LessThan(upper_bound=upper_bound)


def interval(lower_bound: Any, upper_bound: Any) -> Constraint:
    """Numbers from one bound to the other, both included."""
    return _Interval(lower_bound=lower_bound, upper_bound=upper_bound)


def half_open_interval(lower_bound: Any, upper_bound: Any) -> Constraint:
    """Numbers from one bound to the other, which is not included."""
    return _HalfOpenInterval(lower_bound=lower_bound, upper_bound=upper_bound)


multinomial = _Multinomial
cat = _Cat
stack = _Stack
independent = _IndependentConstraint
dependent = _Dependent()
boolean = _Predicate("Boolean", lambda value: (value == 0) | (value == 1), is_discrete=True)
one_hot = _Predicate("OneHot", _one_hot, 1, is_discrete=True)
nonnegative_integer = integer_greater_than(0)
positive_integer = integer_greater_than(1)
real = _Predicate("Real", lambda value: value == value)
real_vector = independent(real, 1)
positive = greater_than(0.0)
nonnegative = greater_than_eq(0.0)
unit_interval = interval(0.0, 1.0)
simplex = _Predicate("Simplex", _simplex, 1)
lower_triangular = _Predicate("LowerTriangular", _lower, 2)
lower_cholesky = _Predicate("LowerCholesky", _lower_cholesky, 2)
square = _Predicate("Square", _square, 2)
symmetric = _Predicate("Symmetric", _symmetric, 2)
corr_cholesky = _Predicate("CorrCholesky", _corr_cholesky, 2)
positive_semidefinite = _Predicate("PositiveSemidefinite", _positive_semidefinite, 2)
positive_definite = _Predicate("PositiveDefinite", _positive_definite, 2)
