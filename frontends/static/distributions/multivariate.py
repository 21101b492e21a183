"""tf.contrib.distributions.MultivariateNormalDiag and its kin: vectors of normal variables."""

from __future__ import annotations

import inspect
import math
from typing import Any

from ..exports import export
from ..graphs.apply import apply
from ..graphs.conversion import convert_to_tensor
from ..graphs.scopes import control_dependencies, name_scope
from ..graphs.tensor import Tensor
from ..linear_operators.kinds import (
    LinearOperatorDiag,
    LinearOperatorIdentity,
    LinearOperatorLowerTriangular,
    LinearOperatorScaledIdentity,
)
from ..linear_operators.operator import LinearOperator
from ..operations.arrays import expand_dims, identity, shape
from ..operations.casting import cast
from ..operations.joining import concat
from ..operations.linear_algebra import cholesky
from ..operations.matrices import matrix_diag, matrix_diag_part
from ..operations.random import random_normal
from ..operations.ranges import zeros
from ..operations.rearranging import broadcast_static_shape
from ..operations.reductions import reduced
from .distribution import FULLY_REPARAMETERIZED, Distribution, arguments_of
from .divergences import RegisterKL
from .scales import check_perturbation, linear_scale


@export("contrib.distributions.MultivariateNormalLinearOperator")
class MultivariateNormalLinearOperator(Distribution):
    """Vectors A z + loc, z of independent standard normal variables and A the linear operator `scale`. Raises
    ValueError, TypeError."""

    def __init__(
        self, loc: Any = None, scale: Any = None, validate_args: bool = False, allow_nan_stats: bool = True,
        name: str = "MultivariateNormalLinearOperator",
    ) -> None:  # fmt: skip
        given = arguments_of(inspect.currentframe())
        if scale is None:
            raise ValueError("Missing required `scale` parameter.")
        if not scale.dtype.is_floating:
            raise TypeError("`scale` parameter must have floating-point dtype.")
        with name_scope(name) as scope:
            self._loc = None if loc is None else convert_to_tensor(loc, name="loc")
        self._scale_operator: LinearOperator = scale
        super().__init__(
            scale.dtype, FULLY_REPARAMETERIZED, validate_args, allow_nan_stats, given,
            [*scale.graph_parents, *([] if self._loc is None else [self._loc])], scope,
        )  # fmt: skip

    @property
    def loc(self) -> Tensor | None:
        """What is added."""
        return self._loc

    @property
    def scale(self) -> Any:
        """The linear operator."""
        return self._scale_operator

    def _whole(self) -> Any:
        vectors = self._scale_operator.shape[:-1]
        return vectors if self._loc is None else broadcast_static_shape(vectors, self._loc.shape)

    def _batch_shape(self) -> Any:
        return self._whole()[:-1]

    def _event_shape(self) -> Any:
        return self._whole()[-1:]

    def _sizes(self) -> Tensor:
        whole = self._whole()
        return convert_to_tensor(whole.as_list(), dtype="int32") if whole.is_fully_defined() else shape(self._zeros())

    def _zeros(self) -> Tensor:
        found = apply("ZerosLike", [self._scale_operator.diag_part()])
        return found if self._loc is None else found + apply("ZerosLike", [self._loc])

    def _batch_shape_tensor(self) -> Tensor:
        return self._sizes()[:-1]

    def _event_shape_tensor(self) -> Tensor:
        return self._sizes()[-1:]

    def _checks(self) -> Any:
        """Operations of a run come after what checks that the scale has inverses, with `validate_args`."""
        return control_dependencies([self._scale_operator.assert_non_singular()] if self.validate_args else [])

    def _log_volume(self) -> Tensor:
        with self._checks():
            return self._scale_operator.log_abs_determinant()

    def _sample_n(self, n: Tensor, seed: Any = None) -> Tensor:
        drawn = random_normal(concat([[n], self._sizes()], 0), dtype=self.dtype, seed=seed)
        with self._checks():
            found = self._scale_operator.matvec(drawn)
        return found if self._loc is None else found + self._loc

    def _log_prob(self, x: Tensor) -> Tensor:
        z = self._scale_operator.solvevec(x if self._loc is None else x - self._loc)
        apart = reduced("Sum", -0.5 * apply("Square", [z]) - 0.5 * math.log(2 * math.pi), [-1], False, None)
        return apart - self._log_volume()

    def _entropy(self) -> Tensor:
        size = cast(self._sizes()[-1], self.dtype)
        total = size * (0.5 + 0.5 * math.log(2 * math.pi)) + self._log_volume()
        return total + zeros(self._sizes()[:-1], dtype=self.dtype)

    def _mean(self) -> Tensor:
        return self._zeros() if self._loc is None else identity(self._loc) + self._zeros()

    def _mode(self) -> Tensor:
        return self._mean()

    def _is_diagonal(self) -> bool:
        return isinstance(
            self._scale_operator, LinearOperatorDiag | LinearOperatorIdentity | LinearOperatorScaledIdentity
        )  # fmt: skip

    def _covariance(self) -> Tensor:
        if self._is_diagonal():
            return matrix_diag(apply("Square", [self._scale_operator.diag_part()]))
        return self._scale_operator.matmul(self._scale_operator.to_dense(), adjoint_arg=True)

    def _variance(self) -> Tensor:
        if self._is_diagonal():
            return apply("Square", [self._scale_operator.diag_part()])
        return matrix_diag_part(self._covariance())

    def _stddev(self) -> Tensor:
        if self._is_diagonal():
            return apply("Abs", [self._scale_operator.diag_part()])
        return apply("Sqrt", [self._variance()])


@RegisterKL(MultivariateNormalLinearOperator, MultivariateNormalLinearOperator)
def _multivariate_divergence(a: Any, b: Any, name: str | None = None) -> Tensor:
    with name_scope(name, "kl_mvn"):
        ratio = b.scale.solve(a.scale.to_dense())
        apart = b.scale.solve(expand_dims(b.mean() - a.mean(), -1))
        size = cast(a.scale.domain_dimension_tensor(), a.dtype)
        squares = [reduced("Sum", apply("Square", [x]), [-2, -1], False, None) for x in (ratio, apart)]
        determinants = b.scale.log_abs_determinant() - a.scale.log_abs_determinant()
        return determinants + 0.5 * (squares[0] + squares[1] - size)


@export("contrib.distributions.MultivariateNormalDiag")
class MultivariateNormalDiag(MultivariateNormalLinearOperator):
    """Independent normal variables in a vector, with standard deviations scale_diag + scale_identity_multiplier."""

    def __init__(
        self, loc: Any = None, scale_diag: Any = None, scale_identity_multiplier: Any = None,
        validate_args: bool = False, allow_nan_stats: bool = True, name: str = "MultivariateNormalDiag",
    ) -> None:  # fmt: skip
        given = arguments_of(inspect.currentframe())
        with name_scope(name) as scope, name_scope("init"):
            loc = None if loc is None else convert_to_tensor(loc, name="loc")
            scale = linear_scale(loc, scale_diag, scale_identity_multiplier)
        super().__init__(loc, scale, validate_args, allow_nan_stats, scope)
        self._parameters = given


@export("contrib.distributions.MultivariateNormalDiagPlusLowRank")
class MultivariateNormalDiagPlusLowRank(MultivariateNormalLinearOperator):
    """Normal variables in a vector, scaled by a diagonal to which a matrix of low rank is added: U D U^T for U the
    `scale_perturb_factor` and D the diagonal `scale_perturb_diag`, by default ones."""

    def __init__(
        self, loc: Any = None, scale_diag: Any = None, scale_identity_multiplier: Any = None,
        scale_perturb_factor: Any = None, scale_perturb_diag: Any = None, validate_args: bool = False,
        allow_nan_stats: bool = True, name: str = "MultivariateNormalDiagPlusLowRank",
    ) -> None:  # fmt: skip
        given = arguments_of(inspect.currentframe())
        check_perturbation(scale_perturb_factor, scale_perturb_diag)
        with name_scope(name) as scope, name_scope("init"):
            loc = None if loc is None else convert_to_tensor(loc, name="loc")
            scale = linear_scale(
                loc, scale_diag, scale_identity_multiplier, None, scale_perturb_factor, scale_perturb_diag,
                validate_args=validate_args, positive=scale_perturb_factor is not None,
            )  # fmt: skip
        super().__init__(loc, scale, validate_args, allow_nan_stats, scope)
        self._parameters = given


@export("contrib.distributions.MultivariateNormalDiagWithSoftplusScale")
class MultivariateNormalDiagWithSoftplusScale(MultivariateNormalDiag):
    """As MultivariateNormalDiag, with standard deviations softplus(scale_diag)."""

    def __init__(
        self, loc: Any, scale_diag: Any, validate_args: bool = False, allow_nan_stats: bool = True,
        name: str = "MultivariateNormalDiagWithSoftplusScale",
    ) -> None:  # fmt: skip
        given = arguments_of(inspect.currentframe())
        positive = apply("Softplus", [convert_to_tensor(scale_diag)])
        super().__init__(loc, positive, None, validate_args, allow_nan_stats, name)
        self._parameters = given


@export("contrib.distributions.MultivariateNormalTriL")
class MultivariateNormalTriL(MultivariateNormalLinearOperator):
    """Vectors L z + loc, L lower triangular. Raises ValueError where neither is given."""

    def __init__(
        self, loc: Any = None, scale_tril: Any = None, validate_args: bool = False, allow_nan_stats: bool = True,
        name: str = "MultivariateNormalTriL",
    ) -> None:  # fmt: skip
        given = arguments_of(inspect.currentframe())
        if loc is None and scale_tril is None:
            raise ValueError("Must specify one or both of `loc`, `scale_tril`.")
        with name_scope(name) as scope, name_scope("init"):
            loc = None if loc is None else convert_to_tensor(loc, name="loc")
            if scale_tril is None:
                scale: Any = linear_scale(loc, None, None)
            else:
                tril = convert_to_tensor(scale_tril, name="scale_tril")
                scale = LinearOperatorLowerTriangular(tril, True, False, False)
        super().__init__(loc, scale, validate_args, allow_nan_stats, scope)
        self._parameters = given


@export("contrib.distributions.MultivariateNormalFullCovariance")
class MultivariateNormalFullCovariance(MultivariateNormalTriL):
    """Vectors of normal variables with a covariance matrix."""

    def __init__(
        self, loc: Any = None, covariance_matrix: Any = None, validate_args: bool = False,
        allow_nan_stats: bool = True, name: str = "MultivariateNormalFullCovariance",
    ) -> None:  # fmt: skip
        given = arguments_of(inspect.currentframe())
        tril = None if covariance_matrix is None else cholesky(convert_to_tensor(covariance_matrix))
        super().__init__(loc, tril, validate_args, allow_nan_stats, name)
        self._parameters = given
