"""tf.contrib.distributions.bijectors: identities, exponentials, other functions of an element, and chains of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..exports import export
from ..graphs.apply import apply
from ..graphs.conversion import convert_to_tensor
from ..graphs.shapes import TensorShape
from ..graphs.tensor import Tensor
from .bijector import Bijector


def nothing(x: Tensor) -> Tensor:
    """The logarithm of the determinant of what changes no volume."""
    return convert_to_tensor(0.0, dtype=x.dtype.base_dtype)


@export("contrib.distributions.bijectors.Identity")
class Identity(Bijector):
    """y = x."""

    def __init__(self, validate_args: bool = False, name: str = "identity") -> None:
        super().__init__(None, True, validate_args, forward_min_event_ndims=0, name=name)

    def _forward(self, x: Tensor) -> Tensor:
        return x

    def _inverse(self, y: Tensor) -> Tensor:
        return y

    def _forward_log_det_jacobian(self, x: Tensor) -> Tensor:
        return nothing(x)


@export("contrib.distributions.bijectors.PowerTransform")
class PowerTransform(Bijector):
    """y = (1 + power x) ** (1 / power), exp(x) for power 0. Raises ValueError for a negative power."""

    def __init__(self, power: float = 0.0, validate_args: bool = False, name: str = "power_transform") -> None:
        if power < 0:
            raise ValueError("`power` must be a non-negative TF constant.")
        self._power = power
        super().__init__(None, False, validate_args, forward_min_event_ndims=0, name=name)

    @property
    def power(self) -> float:
        """The inverse of the exponent."""
        return self._power

    def _forward(self, x: Tensor) -> Tensor:
        if self._power == 0.0:
            return apply("Exp", [x])
        return apply("Exp", [apply("Log1p", [x * self._power]) / self._power])

    def _inverse(self, y: Tensor) -> Tensor:
        if self._power == 0.0:
            return apply("Log", [y])
        return apply("Expm1", [apply("Log", [y]) * self._power]) / self._power

    def _inverse_log_det_jacobian(self, y: Tensor) -> Tensor:
        return (self._power - 1.0) * apply("Log", [y])

    def _forward_log_det_jacobian(self, x: Tensor) -> Tensor:
        return x if self._power == 0.0 else (1.0 / self._power - 1.0) * apply("Log1p", [x * self._power])


@export("contrib.distributions.bijectors.Exp")
class Exp(PowerTransform):
    """y = exp(x)."""

    def __init__(self, validate_args: bool = False, name: str = "exp") -> None:
        super().__init__(0.0, validate_args, name)


@export("contrib.distributions.bijectors.Sigmoid")
class Sigmoid(Bijector):
    """y = 1 / (1 + exp(-x))."""

    def __init__(self, validate_args: bool = False, name: str = "sigmoid") -> None:
        super().__init__(None, False, validate_args, forward_min_event_ndims=0, name=name)

    def _forward(self, x: Tensor) -> Tensor:
        return apply("Sigmoid", [x])

    def _inverse(self, y: Tensor) -> Tensor:
        return apply("Log", [y]) - apply("Log1p", [-y])

    def _inverse_log_det_jacobian(self, y: Tensor) -> Tensor:
        return -apply("Log", [y]) - apply("Log1p", [-y])

    def _forward_log_det_jacobian(self, x: Tensor) -> Tensor:
        return -apply("Softplus", [-x]) - apply("Softplus", [x])


@export("contrib.distributions.bijectors.Softplus")
class Softplus(Bijector):
    """y = c log(1 + exp(x / c)), c the `hinge_softness`."""

    def __init__(self, hinge_softness: Any = None, validate_args: bool = False, name: str = "softplus") -> None:
        self._hinge = None if hinge_softness is None else convert_to_tensor(hinge_softness, name="hinge_softness")
        super().__init__(None, False, validate_args, forward_min_event_ndims=0, name=name)

    @property
    def hinge_softness(self) -> Tensor | None:
        """How soft the bend is."""
        return self._hinge

    def _forward(self, x: Tensor) -> Tensor:
        if self._hinge is None:
            return apply("Softplus", [x])
        return self._hinge * apply("Softplus", [x / self._hinge])

    def _inverse(self, y: Tensor) -> Tensor:
        scaled = y if self._hinge is None else y / self._hinge
        found = scaled + apply("Log", [-apply("Expm1", [-scaled])])
        return found if self._hinge is None else self._hinge * found

    def _inverse_log_det_jacobian(self, y: Tensor) -> Tensor:
        scaled = y if self._hinge is None else y / self._hinge
        return -apply("Log", [-apply("Expm1", [-scaled])])

    def _forward_log_det_jacobian(self, x: Tensor) -> Tensor:
        return -apply("Softplus", [-x if self._hinge is None else -x / self._hinge])


@export("contrib.distributions.bijectors.Softsign")
class Softsign(Bijector):
    """y = x / (1 + |x|)."""

    def __init__(self, validate_args: bool = False, name: str = "softsign") -> None:
        super().__init__(None, False, validate_args, forward_min_event_ndims=0, name=name)

    def _forward(self, x: Tensor) -> Tensor:
        return x / (1.0 + apply("Abs", [x]))

    def _inverse(self, y: Tensor) -> Tensor:
        return y / (1.0 - apply("Abs", [y]))

    def _forward_log_det_jacobian(self, x: Tensor) -> Tensor:
        return -2.0 * apply("Log1p", [apply("Abs", [x])])


@export("contrib.distributions.bijectors.Invert")
class Invert(Bijector):
    """The inverse of another bijector."""

    def __init__(self, bijector: Bijector, validate_args: bool = False, name: str | None = None) -> None:
        self._bijector = bijector
        super().__init__(
            bijector.graph_parents, bijector.is_constant_jacobian, validate_args, bijector.dtype,
            bijector.inverse_min_event_ndims, bijector.forward_min_event_ndims, name or f"invert_{bijector.name}",
        )  # fmt: skip

    @property
    def bijector(self) -> Bijector:
        """The other bijector."""
        return self._bijector

    def forward(self, x: Any, name: str = "forward") -> Tensor:
        return self._bijector.inverse(x)

    def inverse(self, y: Any, name: str = "inverse") -> Tensor:
        return self._bijector.forward(y)

    def forward_log_det_jacobian(self, x: Any, event_ndims: int, name: str = "forward_log_det_jacobian") -> Tensor:
        return self._bijector.inverse_log_det_jacobian(x, event_ndims)

    def inverse_log_det_jacobian(self, y: Any, event_ndims: int, name: str = "inverse_log_det_jacobian") -> Tensor:
        return self._bijector.forward_log_det_jacobian(y, event_ndims)

    def forward_event_shape(self, input_shape: Any) -> TensorShape:
        return self._bijector.inverse_event_shape(input_shape)

    def inverse_event_shape(self, output_shape: Any) -> TensorShape:
        return self._bijector.forward_event_shape(output_shape)

    def forward_event_shape_tensor(self, input_shape: Any, name: str = "forward_event_shape_tensor") -> Tensor:
        return self._bijector.inverse_event_shape_tensor(input_shape)

    def inverse_event_shape_tensor(self, output_shape: Any, name: str = "inverse_event_shape_tensor") -> Tensor:
        return self._bijector.forward_event_shape_tensor(output_shape)


@export("contrib.distributions.bijectors.Chain")
class Chain(Bijector):
    """Bijectors one after another: the last of the list comes first."""

    def __init__(
        self, bijectors: Sequence[Bijector] | None = None, validate_args: bool = False, name: str | None = None
    ) -> None:
        self._bijectors = list(bijectors or [])
        names = "_of_".join(each.name for each in self._bijectors)
        super().__init__(
            [parent for each in self._bijectors for parent in each.graph_parents],
            all(each.is_constant_jacobian for each in self._bijectors), validate_args,
            forward_min_event_ndims=max((each.forward_min_event_ndims for each in self._bijectors), default=0),
            name=name or (f"chain_of_{names}" if names else "identity"),
        )  # fmt: skip

    @property
    def bijectors(self) -> list[Bijector]:
        """The bijectors."""
        return self._bijectors

    def _forward(self, x: Tensor) -> Tensor:
        for each in reversed(self._bijectors):
            x = each.forward(x)
        return x

    def _inverse(self, y: Tensor) -> Tensor:
        for each in self._bijectors:
            y = each.inverse(y)
        return y

    def forward_log_det_jacobian(self, x: Any, event_ndims: int, name: str = "forward_log_det_jacobian") -> Tensor:
        with self._scope(name):
            x = self._given(x, "x")
            total = nothing(x)
            for each in reversed(self._bijectors):
                total = total + each.forward_log_det_jacobian(x, event_ndims)
                x = each.forward(x)
            return total

    def inverse_log_det_jacobian(self, y: Any, event_ndims: int, name: str = "inverse_log_det_jacobian") -> Tensor:
        with self._scope(name):
            y = self._given(y, "y")
            total = nothing(y)
            for each in self._bijectors:
                total = total + each.inverse_log_det_jacobian(y, event_ndims)
                y = each.inverse(y)
            return total


@export("contrib.distributions.bijectors.Inline")
class Inline(Bijector):
    """A bijector made of functions."""

    def __init__(
        self, forward_fn: Callable[..., Any] | None = None, inverse_fn: Callable[..., Any] | None = None,
        inverse_log_det_jacobian_fn: Callable[..., Any] | None = None,
        forward_log_det_jacobian_fn: Callable[..., Any] | None = None,
        forward_event_shape_fn: Callable[..., Any] | None = None,
        forward_event_shape_tensor_fn: Callable[..., Any] | None = None,
        inverse_event_shape_fn: Callable[..., Any] | None = None,
        inverse_event_shape_tensor_fn: Callable[..., Any] | None = None, is_constant_jacobian: bool = False,
        validate_args: bool = False, forward_min_event_ndims: int | None = None,
        inverse_min_event_ndims: int | None = None, name: str = "inline",
    ) -> None:  # fmt: skip
        super().__init__(
            None, is_constant_jacobian, validate_args, None, forward_min_event_ndims, inverse_min_event_ndims, name
        )
        self._functions = {
            "_forward": forward_fn, "_inverse": inverse_fn, "_inverse_log_det_jacobian": inverse_log_det_jacobian_fn,
            "_forward_log_det_jacobian": forward_log_det_jacobian_fn,
        }  # fmt: skip
        self._shapes = (forward_event_shape_fn, inverse_event_shape_fn)
        self._shape_tensors = (forward_event_shape_tensor_fn, inverse_event_shape_tensor_fn)
        for what, function in self._functions.items():
            if function is not None:
                setattr(self, what, function)

    def forward_event_shape(self, input_shape: Any) -> TensorShape:
        function = self._shapes[0]
        return TensorShape(input_shape) if function is None else TensorShape(function(input_shape))

    def inverse_event_shape(self, output_shape: Any) -> TensorShape:
        function = self._shapes[1]
        return TensorShape(output_shape) if function is None else TensorShape(function(output_shape))

    def forward_event_shape_tensor(self, input_shape: Any, name: str = "forward_event_shape_tensor") -> Tensor:
        function, given = self._shape_tensors[0], super().forward_event_shape_tensor(input_shape, name)
        return given if function is None else function(given)

    def inverse_event_shape_tensor(self, output_shape: Any, name: str = "inverse_event_shape_tensor") -> Tensor:
        function, given = self._shape_tensors[1], super().inverse_event_shape_tensor(output_shape, name)
        return given if function is None else function(given)
