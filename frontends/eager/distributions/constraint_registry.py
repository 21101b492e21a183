"""`biject_to` and `transform_to`: transforms from all real numbers onto sets, one to one or not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from . import constraints
from .constraints import Constraint
from .transforms import (
    AffineTransform,
    CatTransform,
    ComposeTransform,
    CorrCholeskyTransform,
    ExpTransform,
    IndependentTransform,
    LowerCholeskyTransform,
    PositiveDefiniteTransform,
    SigmoidTransform,
    SoftmaxTransform,
    StackTransform,
    StickBreakingTransform,
    Transform,
    identity_transform,
)

Factory = Callable[[Any], Transform]


class ConstraintRegistry:
    """A table from sets to functions that make a transform onto one. Called with a set, it gives the transform; raises
    NotImplementedError where it has none."""

    def __init__(self) -> None:
        self._registry: dict[Any, Factory] = {}

    def register(self, constraint: Any, factory: Factory | None = None) -> Any:
        """Puts a factory into the table; decorates one where none is given. Raises TypeError for what is no set."""
        if factory is None:
            return lambda factory: self.register(constraint, factory)
        is_class = isinstance(constraint, type) and issubclass(constraint, Constraint)
        if not isinstance(constraint, Constraint) and not is_class:
            raise TypeError(f"Expected constraint to be either a Constraint subclass or instance, but got {constraint}")
        self._registry[_key(constraint)] = factory
        return factory

    def __call__(self, constraint: Any) -> Transform:
        factory = self._registry.get(_key(constraint))
        if factory is None:
            name = f"_{constraint._name}" if hasattr(constraint, "_name") else type(constraint).__name__
            raise NotImplementedError(f"Cannot transform {name} constraints")
        return factory(constraint)


def _key(constraint: Any) -> Any:
    """The class of a set, and the name of one that a function tells."""
    if isinstance(constraint, type):
        return constraint
    return getattr(constraint, "_name", type(constraint))


def _onto_interval(constraint: Any) -> Transform:
    low, high = constraint.lower_bound, constraint.upper_bound
    if isinstance(low, (int, float)) and isinstance(high, (int, float)) and (low, high) == (0, 1):
        return SigmoidTransform()
    return ComposeTransform([SigmoidTransform(), AffineTransform(low, high - low)])


def _onto_above(constraint: Any) -> Transform:
    return ComposeTransform([ExpTransform(), AffineTransform(constraint.lower_bound, 1)])


def _onto_below(constraint: Any) -> Transform:
    return ComposeTransform([ExpTransform(), AffineTransform(constraint.upper_bound, -1)])


def _filled(registry: ConstraintRegistry) -> ConstraintRegistry:
    """With what both tables have in common."""
    above, below = constraints.greater_than(0.0), constraints.less_than(0.0)
    table: dict[Any, Factory] = {
        constraints.real: lambda _: identity_transform,
        constraints.independent: lambda each: IndependentTransform(
            registry(each.base_constraint), each.reinterpreted_batch_ndims
        ),
        above: _onto_above,
        constraints.greater_than_eq(0.0): _onto_above,
        below: _onto_below,
        constraints.interval(0.0, 1.0): _onto_interval,
        constraints.half_open_interval(0.0, 1.0): _onto_interval,
        constraints.corr_cholesky: lambda _: CorrCholeskyTransform(),
        constraints.cat: lambda each: CatTransform([registry(one) for one in each.cseq], each.dim, each.lengths),
        constraints.stack: lambda each: StackTransform([registry(one) for one in each.cseq], each.dim),
    }
    for constraint, factory in table.items():
        registry.register(constraint, factory)
    return registry


biject_to, transform_to = _filled(ConstraintRegistry()), _filled(ConstraintRegistry())
biject_to.register(constraints.simplex, lambda _: StickBreakingTransform())
transform_to.register(constraints.simplex, lambda _: SoftmaxTransform())
transform_to.register(constraints.lower_cholesky, lambda _: LowerCholeskyTransform())
for _each in (constraints.positive_definite, constraints.positive_semidefinite):
    transform_to.register(_each, lambda _: PositiveDefiniteTransform())
