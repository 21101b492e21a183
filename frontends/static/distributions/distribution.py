"""tf.distributions.Distribution: the base of distributions."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import reduce
from typing import Any, ClassVar

from ..exports import export
from ..graphs.apply import apply
from ..graphs.conversion import convert_to_tensor
from ..graphs.dtypes import DType, as_dtype, int32
from ..graphs.probe import constant_value
from ..graphs.scopes import name_scope
from ..graphs.shapes import TensorShape, as_shape
from ..graphs.tensor import Tensor
from ..operations.arrays import reshape, shape
from ..operations.joining import concat
from ..operations.rearranging import broadcast_static_shape
from ..operations.reductions import reduced
from .divergences import kl_divergence


@export("distributions.ReparameterizationType")
class ReparameterizationType:
    """Whether gradients flow through what a distribution draws."""

    def __init__(self, rep_type: str) -> None:
        self._rep_type = rep_type

    def __repr__(self) -> str:
        return f"<Reparameteriation Type: {self._rep_type}>"

    def __eq__(self, other: object) -> bool:
        return self is other

    __hash__ = object.__hash__


FULLY_REPARAMETERIZED = ReparameterizationType("FULLY_REPARAMETERIZED")
NOT_REPARAMETERIZED = ReparameterizationType("NOT_REPARAMETERIZED")
export("distributions.FULLY_REPARAMETERIZED")(FULLY_REPARAMETERIZED)
export("distributions.NOT_REPARAMETERIZED")(NOT_REPARAMETERIZED)


@export("distributions.Distribution", "contrib.distributions.Distribution")
class Distribution:
    """Random variables: as many as `batch_shape` says, each of the shape `event_shape`.

    A subclass says what it can: `_sample_n(n, seed)` [n, batch, event], `_log_prob` or `_prob`, `_log_cdf` or `_cdf`,
    `_mean`, `_variance` or `_stddev`, and others of these names; what it does not say raises NotImplementedError.
    """

    def __init__(
        self,
        dtype: Any,
        reparameterization_type: Any,
        validate_args: bool,
        allow_nan_stats: bool,
        parameters: Any = None,
        graph_parents: Sequence[Any] | None = None,
        name: str | None = None,
    ) -> None:
        for number, parent in enumerate(graph_parents or ()):
            if not isinstance(parent, Tensor) and not hasattr(parent, "_as_graph_tensor"):
                raise ValueError(f"Graph parent item {number} is not a Tensor; {parent}.")
        if not name or not name.endswith("/"):
            with name_scope(name or type(self).__name__) as name:
                pass
        self._dtype = as_dtype(dtype)
        self._reparameterization_type = reparameterization_type
        self._allow_nan_stats = allow_nan_stats
        self._validate_args = validate_args
        self._parameters = {key: value for key, value in (parameters or {}).items() if key != "self"}
        self._graph_parents = list(graph_parents or ())
        self._name = name

    # -- what it is ----

    @property
    def name(self) -> str:
        """The name, which ends in a slash."""
        return self._name

    @property
    def dtype(self) -> DType:
        """The dtype of what is drawn."""
        return self._dtype

    @property
    def parameters(self) -> dict[str, Any]:
        """The arguments that it was made with."""
        return {key: value for key, value in self._parameters.items() if not key.startswith("__")}

    @property
    def reparameterization_type(self) -> Any:
        """Whether gradients flow through what is drawn."""
        return self._reparameterization_type

    @property
    def allow_nan_stats(self) -> bool:
        """Whether statistics that do not exist are nan, or an error of a run."""
        return self._allow_nan_stats

    @property
    def validate_args(self) -> bool:
        """Whether runs check parameters and values."""
        return self._validate_args

    def copy(self, **override_parameters_kwargs: Any) -> Any:
        """A distribution of the same class with some other arguments."""
        return type(self)(**{**self.parameters, **override_parameters_kwargs})

    @property
    def batch_shape(self) -> TensorShape:
        """How many variables there are, as far as that is known."""
        return as_shape(self._batch_shape())

    @property
    def event_shape(self) -> TensorShape:
        """The shape of each variable, as far as that is known."""
        return as_shape(self._event_shape())

    def batch_shape_tensor(self, name: str = "batch_shape_tensor") -> Tensor:
        """How many variables there are."""
        with self._scope(name):
            if self.batch_shape.is_fully_defined():
                return convert_to_tensor(self.batch_shape.as_list(), dtype=int32, name="batch_shape")
            return self._batch_shape_tensor()

    def event_shape_tensor(self, name: str = "event_shape_tensor") -> Tensor:
        """The shape of each variable."""
        with self._scope(name):
            if self.event_shape.is_fully_defined():
                return convert_to_tensor(self.event_shape.as_list(), dtype=int32, name="event_shape")
            return self._event_shape_tensor()

    def is_scalar_event(self, name: str = "is_scalar_event") -> Tensor:
        """Whether each variable is a scalar."""
        with self._scope(name):
            return _is_scalar(self.event_shape, self.event_shape_tensor, "is_scalar_event")

    def is_scalar_batch(self, name: str = "is_scalar_batch") -> Tensor:
        """Whether there is one variable, without axes for it."""
        with self._scope(name):
            return _is_scalar(self.batch_shape, self.batch_shape_tensor, "is_scalar_batch")

    @contextmanager
    def _scope(self, name: str) -> Iterator[str]:
        with name_scope(self._name), name_scope(name) as scope:
            yield scope

    _PARAMETERS: ClassVar[tuple[str, ...]] = ()  # those that have the shape of what one call of `sample` draws

    @classmethod
    def param_shapes(cls, sample_shape: Any, name: str = "DistributionParamShapes") -> dict[str, Tensor]:
        """The shapes of parameters with which `sample()` draws `sample_shape`. Raises NotImplementedError."""
        cls._check_parameters()
        with name_scope(name, values=[sample_shape]):
            sizes = convert_to_tensor(sample_shape, dtype=int32)
        return dict.fromkeys(cls._PARAMETERS, sizes)

    @classmethod
    def param_static_shapes(cls, sample_shape: Any) -> dict[str, TensorShape]:
        """As param_shapes, as static shapes. Raises ValueError where the shape is not known."""
        cls._check_parameters()
        known = constant_value(sample_shape) if isinstance(sample_shape, Tensor) else as_shape(sample_shape)
        if known is None or (isinstance(known, TensorShape) and not known.is_fully_defined()):
            raise ValueError("TensorShape sample_shape must be fully defined")
        return dict.fromkeys(cls._PARAMETERS, TensorShape(list(known)))

    @classmethod
    def _check_parameters(cls) -> None:
        if not cls._PARAMETERS:
            raise NotImplementedError("_param_shapes not implemented")

    # -- drawing ----

    def sample(self, sample_shape: Any = (), seed: Any = None, name: str = "sample") -> Tensor:
        """Variables of the shape sample_shape + batch + event."""
        with self._scope(name):
            sizes = convert_to_tensor(sample_shape, dtype=int32, name="sample_shape")
            if sizes.shape.ndims not in (0, 1, None):
                raise ValueError("Input is neither scalar nor vector.")
            lead, count = reshape(sizes, [-1]), reduced("Prod", sizes, None, False, None)
            drawn = self._drawn(count, seed)
            result = reshape(drawn, concat([lead, shape(drawn)[1:]], 0))
            known = constant_value(sizes)
            if known is not None:
                whole = TensorShape(known.reshape(-1).tolist()).concatenate(self.batch_shape)
                result.set_shape(whole.concatenate(self.event_shape))
            return result

    def _drawn(self, count: Tensor, seed: Any) -> Tensor:
        return self._sample_n(count, seed)

    # -- probabilities ----

    def _either(self, name: str, value: Any, method: str, other: str, turned: Callable[[Tensor], Tensor]) -> Tensor:
        """What `method` says of a value, or else what is made of what `other` says."""
        with self._scope(name):
            value = convert_to_tensor(value, name="value", preferred_dtype=self.dtype)
            try:
                return getattr(self, method)(value)
            except NotImplementedError as error:
                try:
                    return turned(getattr(self, other)(value))
                except NotImplementedError:
                    raise error from None

    def log_prob(self, value: Any, name: str = "log_prob") -> Tensor:
        """The logarithm of the density, or of the probability."""
        return self._either(name, value, "_log_prob", "_prob", _log)

    def prob(self, value: Any, name: str = "prob") -> Tensor:
        """The density, or the probability."""
        return self._either(name, value, "_prob", "_log_prob", _exp)

    def log_cdf(self, value: Any, name: str = "log_cdf") -> Tensor:
        """The logarithm of the probability of a variable that is no larger."""
        return self._either(name, value, "_log_cdf", "_cdf", _log)

    def cdf(self, value: Any, name: str = "cdf") -> Tensor:
        """The probability of a variable that is no larger."""
        return self._either(name, value, "_cdf", "_log_cdf", _exp)

    def log_survival_function(self, value: Any, name: str = "log_survival_function") -> Tensor:
        """The logarithm of the probability of a larger variable."""
        return self._either(
            name, value, "_log_survival_function", "cdf", lambda below: apply("Log1p", [-below])
        )  # fmt: skip

    def survival_function(self, value: Any, name: str = "survival_function") -> Tensor:
        """The probability of a larger variable."""
        return self._either(name, value, "_survival_function", "cdf", lambda below: 1.0 - below)

    def quantile(self, value: Any, name: str = "quantile") -> Tensor:
        """The number below which variables lie with a probability."""
        with self._scope(name):
            return self._quantile(convert_to_tensor(value, name="value", preferred_dtype=self.dtype))

    # -- statistics ----

    def entropy(self, name: str = "entropy") -> Tensor:
        """The entropy, in nats."""
        with self._scope(name):
            return self._entropy()

    def mean(self, name: str = "mean") -> Tensor:
        """The mean."""
        with self._scope(name):
            return self._mean()

    def mode(self, name: str = "mode") -> Tensor:
        """The most likely value."""
        with self._scope(name):
            return self._mode()

    def covariance(self, name: str = "covariance") -> Tensor:
        """The covariance of the elements of a variable."""
        with self._scope(name):
            return self._covariance()

    def variance(self, name: str = "variance") -> Tensor:
        """The variance."""
        with self._scope(name):
            try:
                return self._variance()
            except NotImplementedError as error:
                try:
                    return apply("Square", [self._stddev()])
                except NotImplementedError:
                    raise error from None

    def stddev(self, name: str = "stddev") -> Tensor:
        """The standard deviation."""
        with self._scope(name):
            try:
                return self._stddev()
            except NotImplementedError as error:
                try:
                    return apply("Sqrt", [self._variance()])
                except NotImplementedError:
                    raise error from None

    def cross_entropy(self, other: Any, name: str = "cross_entropy") -> Tensor:
        """The entropy and the divergence from another distribution."""
        with self._scope(name):
            return self.entropy() + kl_divergence(self, other, allow_nan_stats=self.allow_nan_stats)

    def kl_divergence(self, other: Any, name: str = "kl_divergence") -> Tensor:
        """The divergence of Kullback and Leibler of this distribution from another."""
        with self._scope(name):
            return kl_divergence(self, other, allow_nan_stats=self.allow_nan_stats)

    # -- for subclasses ----

    def _batch_shape(self) -> Any:
        return TensorShape(None)

    def _event_shape(self) -> Any:
        return TensorShape(None)

    def __getattr__(self, name: str) -> Any:
        if name not in _WANTED:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

        def missing(*arguments: Any, **options: Any) -> Any:
            raise NotImplementedError(f"{name.removeprefix('_')} is not implemented: {type(self).__name__}")

        return missing

    def __str__(self) -> str:
        shaped = f", batch_shape={self.batch_shape}" if self.batch_shape.ndims is not None else ""
        shaped += f", event_shape={self.event_shape}" if self.event_shape.ndims is not None else ""
        return f'tfp.distributions.{type(self).__name__}("{self.name}"{shaped}, dtype={self.dtype.name})'

    def __repr__(self) -> str:
        return (
            f"<tfp.distributions.{type(self).__name__} '{self.name}' batch_shape={self.batch_shape} "
            f"event_shape={self.event_shape} dtype={self.dtype.name}>"
        )


_WANTED = {
    "_batch_shape_tensor", "_event_shape_tensor", "_sample_n", "_log_prob", "_prob", "_log_cdf", "_cdf",
    "_log_survival_function", "_survival_function", "_quantile", "_entropy", "_mean", "_mode", "_covariance",
    "_variance", "_stddev",
}  # fmt: skip


def _log(x: Tensor) -> Tensor:
    return apply("Log", [x])


def _exp(x: Tensor) -> Tensor:
    return apply("Exp", [x])


def _is_scalar(known: TensorShape, tensor: Callable[[], Tensor], name: str) -> Tensor:
    if known.ndims is not None:
        return convert_to_tensor(known.ndims == 0, name=name)
    return apply("Equal", [shape(tensor())[0], 0])


def arguments_of(frame: Any) -> dict[str, Any]:
    """The arguments of the function that runs in a frame."""
    names = inspect.getargvalues(frame).args
    return {name: frame.f_locals[name] for name in names if name != "self"}


class ScalarDistribution(Distribution):
    """Scalar variables whose batch is what parameters broadcast to."""

    def _parameters_of_batch(self) -> Sequence[Tensor]:
        raise NotImplementedError

    def _batch_shape(self) -> Any:
        return reduce(broadcast_static_shape, (tensor.shape for tensor in self._parameters_of_batch()))

    def _batch_shape_tensor(self) -> Tensor:
        return shape(self._in_batch(self._parameters_of_batch()[0]))

    def _event_shape(self) -> Any:
        return TensorShape([])

    def _event_shape_tensor(self) -> Tensor:
        return convert_to_tensor([], dtype=int32)

    def _in_batch(self, x: Tensor) -> Tensor:
        """x in the shape of the batch."""
        for tensor in self._parameters_of_batch():
            if tensor is not x:
                x = x + apply("ZerosLike", [tensor])
        return x

    def _sizes(self, n: Tensor) -> Tensor:
        """[n, batch]."""
        return concat([[n], self.batch_shape_tensor()], 0)
