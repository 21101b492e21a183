"""tf.contrib.distributions.TransformedDistribution, and what is made of distributions: independent ones, mixtures."""

from __future__ import annotations

import inspect
from typing import Any

from ..exports import export
from ..graphs.apply import apply
from ..graphs.conversion import convert_to_tensor
from ..graphs.dtypes import int32
from ..graphs.probe import constant_value
from ..graphs.scopes import name_scope
from ..graphs.shapes import TensorShape
from ..graphs.tensor import Tensor
from ..operations.arrays import expand_dims, transpose
from ..operations.joining import concat, stack, unstack
from ..operations.neural import log_softmax, softmax
from ..operations.ranges import one_hot
from ..operations.reductions import reduce_logsumexp, reduced
from ..operations.selection import add_n
from .bijectors import Identity
from .classes import Categorical
from .distribution import NOT_REPARAMETERIZED, Distribution, arguments_of
from .divergences import RegisterKL, kl_divergence
from .parameters import new_seed


@export("contrib.distributions.TransformedDistribution")
class TransformedDistribution(Distribution):
    """y = bijector.forward(x) for variables x of a distribution. Raises ValueError for a `batch_shape` or `event_shape`
    where the distribution has one itself."""

    def __init__(
        self, distribution: Any, bijector: Any = None, batch_shape: Any = None, event_shape: Any = None,
        validate_args: bool = False, name: str | None = None,
    ) -> None:  # fmt: skip
        given = arguments_of(inspect.currentframe())
        name = name or ("" if bijector is None else bijector.name) + distribution.name
        with name_scope(name) as scope:
            bijector = bijector or Identity(validate_args=validate_args)
        for override, own in ((batch_shape, distribution.batch_shape), (event_shape, distribution.event_shape)):
            if override is not None and len(override) and own.ndims:
                raise ValueError("base distribution not scalar")
        self._distribution = distribution
        self._bijector = bijector
        self._batch = list(batch_shape or [])
        self._event = list(event_shape or [])
        super().__init__(
            distribution.dtype, distribution.reparameterization_type, validate_args, distribution.allow_nan_stats,
            given, distribution._graph_parents, scope,
        )  # fmt: skip

    @property
    def distribution(self) -> Any:
        """The distribution of x."""
        return self._distribution

    @property
    def bijector(self) -> Any:
        """What makes y of x."""
        return self._bijector

    def _batch_shape(self) -> Any:
        return TensorShape(self._batch) if self._batch else self._distribution.batch_shape

    def _batch_shape_tensor(self) -> Tensor:
        return self._distribution.batch_shape_tensor()

    def _event_shape(self) -> Any:
        before = TensorShape(self._event) if self._event else self._distribution.event_shape
        return self._bijector.forward_event_shape(before)

    def _event_shape_tensor(self) -> Tensor:
        own = self._distribution.event_shape_tensor()
        before = convert_to_tensor(self._event, dtype=int32) if self._event else own
        return self._bijector.forward_event_shape_tensor(before)

    def _sample_n(self, n: Tensor, seed: Any = None) -> Tensor:
        if self._rotates():
            sizes = [convert_to_tensor(self._event, dtype=int32), [n]]
            drawn = self._distribution.sample(concat(sizes, 0), seed=seed)
            rank = drawn.shape.ndims or 0
            return transpose(drawn, [*range(len(self._event), rank), *range(len(self._event))])
        sizes = [[n], convert_to_tensor([*self._batch, *self._event], dtype=int32)]
        return self._distribution.sample(concat(sizes, 0), seed=seed)

    def _drawn(self, count: Tensor, seed: Any) -> Tensor:
        return self._bijector.forward(self._sample_n(count, seed))

    def _event_ndims(self) -> int:
        ndims = self.event_shape.ndims
        return self._bijector.inverse_min_event_ndims if ndims is None else ndims

    def _rotates(self) -> bool:
        """Whether the axes of an event, as the distribution sees them, come before those of its batch."""
        return bool(self._event and self._distribution.batch_shape.ndims)

    def _of_x(self, what: str, kind: str, y: Tensor) -> Tensor:
        """What the distribution says of x, over the axes of an event that it has not itself."""
        x, count = self._bijector.inverse(y), len(self._event)
        if self._rotates():
            rank = x.shape.ndims or 0
            x = transpose(x, [*range(rank - count, rank), *range(rank - count)])
        found = getattr(self._distribution, what)(x)
        if not count:
            return found
        return reduced(kind, found, [*range(count)] if self._rotates() else [*range(-count, 0)], False, None)

    def _log_prob(self, y: Tensor) -> Tensor:
        change = self._bijector.inverse_log_det_jacobian(y, event_ndims=self._event_ndims())
        return self._of_x("log_prob", "Sum", y) + change

    def _prob(self, y: Tensor) -> Tensor:
        change = self._bijector.inverse_log_det_jacobian(y, event_ndims=self._event_ndims())
        return self._of_x("prob", "Prod", y) * apply("Exp", [change])

    def _of_inverse(self, what: str, y: Tensor) -> Tensor:
        if self._event:
            raise NotImplementedError(f"{what} is not implemented when overriding event_shape")
        return getattr(self._distribution, what)(self._bijector.inverse(y))

    def _log_cdf(self, y: Tensor) -> Tensor:
        return self._of_inverse("log_cdf", y)

    def _cdf(self, y: Tensor) -> Tensor:
        return self._of_inverse("cdf", y)

    def _log_survival_function(self, y: Tensor) -> Tensor:
        return self._of_inverse("log_survival_function", y)

    def _survival_function(self, y: Tensor) -> Tensor:
        return self._of_inverse("survival_function", y)

    def _quantile(self, value: Tensor) -> Tensor:
        if self._event:
            raise NotImplementedError("quantile is not implemented when overriding event_shape")
        return self._bijector.forward(self._distribution.quantile(value))

    def _entropy(self) -> Tensor:
        if not self._bijector.is_constant_jacobian:
            raise NotImplementedError("entropy is not implemented")
        entropy = self._distribution.entropy()
        for size in self._event:
            entropy = entropy * float(size)
        sizes = concat([self.batch_shape_tensor(), self.event_shape_tensor()], 0)
        nowhere = apply("Fill", [sizes, convert_to_tensor(0.0, dtype=self.dtype)])
        return entropy - self._bijector.inverse_log_det_jacobian(nowhere, event_ndims=self._event_ndims())


@export("contrib.distributions.Independent")
class Independent(Distribution):
    """A distribution whose last `reinterpreted_batch_ndims` axes of the batch belong to the event, by default all but
    the first. Raises ValueError for more than there are."""

    def __init__(
        self, distribution: Any, reinterpreted_batch_ndims: Any = None, validate_args: bool = False,
        name: str | None = None,
    ) -> None:  # fmt: skip
        given = arguments_of(inspect.currentframe())
        with name_scope(name or f"Independent{distribution.name}") as scope:
            ndims = distribution.batch_shape.ndims
            if reinterpreted_batch_ndims is None:
                reinterpreted_batch_ndims = max(0, (ndims or 0) - 1)
            known = constant_value(convert_to_tensor(reinterpreted_batch_ndims, dtype=int32))
        self._count = int(0 if known is None else known)
        if ndims is not None and self._count > ndims:
            raise ValueError(
                f"reinterpreted_batch_ndims({self._count}) cannot exceed distribution.batch_ndims({ndims})"
            )  # fmt: skip
        self._distribution = distribution
        super().__init__(
            distribution.dtype, distribution.reparameterization_type, validate_args, distribution.allow_nan_stats,
            given, distribution._graph_parents, scope,
        )  # fmt: skip

    @property
    def distribution(self) -> Any:
        """The distribution."""
        return self._distribution

    @property
    def reinterpreted_batch_ndims(self) -> int:
        """How many axes of the batch belong to the event."""
        return self._count

    def _batch_shape(self) -> Any:
        own = self._distribution.batch_shape
        return TensorShape(None) if own.ndims is None else own[: own.ndims - self._count]

    def _batch_shape_tensor(self) -> Tensor:
        sizes = self._distribution.batch_shape_tensor()
        return sizes[: -self._count] if self._count else sizes

    def _event_shape(self) -> Any:
        own = self._distribution.batch_shape
        if own.ndims is None:
            return TensorShape(None)
        return own[own.ndims - self._count :].concatenate(self._distribution.event_shape)

    def _event_shape_tensor(self) -> Tensor:
        sizes = self._distribution.batch_shape_tensor()
        own = self._distribution.event_shape_tensor()
        return concat([sizes[-self._count :], own], 0) if self._count else own

    def _sum(self, x: Tensor) -> Tensor:
        return reduced("Sum", x, [-axis for axis in range(1, self._count + 1)], False, None) if self._count else x

    def _sample_n(self, n: Tensor, seed: Any = None) -> Tensor:
        return self._distribution.sample(n, seed=seed)

    def _log_prob(self, x: Tensor) -> Tensor:
        return self._sum(self._distribution.log_prob(x))

    def _entropy(self) -> Tensor:
        return self._sum(self._distribution.entropy())

    def _mean(self) -> Tensor:
        return self._distribution.mean()

    def _variance(self) -> Tensor:
        return self._distribution.variance()

    def _stddev(self) -> Tensor:
        return self._distribution.stddev()

    def _mode(self) -> Tensor:
        return self._distribution.mode()


@RegisterKL(Independent, Independent)
def _independent_divergence(a: Independent, b: Independent, name: str | None = "kl_independent") -> Tensor:
    if a.event_shape.as_list() != b.event_shape.as_list():
        raise ValueError("Event shapes do not match.")
    if a.distribution.event_shape.as_list() != b.distribution.event_shape.as_list():
        raise NotImplementedError("KL between Independents with different event shapes not supported.")
    return a._sum(kl_divergence(a.distribution, b.distribution, name=name))


@export("contrib.distributions.Mixture")
class Mixture(Distribution):
    """Variables of one of several distributions, which a tf.distributions.Categorical chooses. Raises TypeError,
    ValueError."""

    def __init__(
        self, cat: Any, components: Any, validate_args: bool = False, allow_nan_stats: bool = True,
        use_static_graph: bool = False, name: str = "Mixture",
    ) -> None:  # fmt: skip
        given = arguments_of(inspect.currentframe())
        if not isinstance(cat, Categorical):
            raise TypeError(f"cat must be a Categorical distribution, but saw: {cat}")
        if not components:
            raise ValueError("components must be a non-empty list or tuple")
        if not isinstance(components, list | tuple):
            raise TypeError(f"components must be a list or tuple, but saw: {components}")
        if not all(isinstance(each, Distribution) for each in components):
            raise TypeError(f"all entries in components must be Distribution instances but saw: {components}")
        dtypes = [(each.name, each.dtype) for each in components]
        if len({dtype for _, dtype in dtypes}) > 1:
            raise TypeError(f"All components must have the same dtype, but saw dtypes: {dtypes}")
        events, batches = components[0].event_shape, cat.batch_shape
        for each in components:
            events, batches = events.merge_with(each.event_shape), batches.merge_with(each.batch_shape)
        if events.ndims is None:
            raise ValueError(
                "Expected to know rank(event_shape) from components, but none of the components provide a static "
                "number of ndims"
            )
        with name_scope(name, values=[cat.logits]) as scope:
            count = constant_value(cat.event_size)
            if count is None:
                raise ValueError(
                    "Could not infer number of classes from cat and unable to compare this value to the number of "
                    "components passed in."
                )
            if int(count) != len(components):
                raise ValueError(f"cat.num_classes != len(components): {int(count)} vs. {len(components)}")
        self._cat, self._components = cat, list(components)
        self._shapes = (batches, events)
        super().__init__(
            components[0].dtype, NOT_REPARAMETERIZED, validate_args, allow_nan_stats, given, [cat.logits], scope
        )  # fmt: skip

    @property
    def cat(self) -> Any:
        """What chooses."""
        return self._cat

    @property
    def components(self) -> list[Any]:
        """The distributions."""
        return self._components

    @property
    def num_components(self) -> int:
        """How many there are."""
        return len(self._components)

    def _batch_shape(self) -> Any:
        return self._shapes[0]

    def _batch_shape_tensor(self) -> Tensor:
        return self._cat.batch_shape_tensor()

    def _event_shape(self) -> Any:
        return self._shapes[1]

    def _event_shape_tensor(self) -> Tensor:
        return self._components[0].event_shape_tensor()

    def _weights(self) -> list[Tensor]:
        """The probability of each component, with axes for an event."""
        parts = unstack(softmax(self._cat.logits), num=self.num_components, axis=-1)
        for _ in range(self.event_shape.ndims or 0):
            parts = [expand_dims(part, -1) for part in parts]
        return parts

    def _log_weights(self) -> list[Tensor]:
        return unstack(log_softmax(self._cat.logits), num=self.num_components, axis=-1)

    def _mean(self) -> Tensor:
        return add_n([w * each.mean() for w, each in zip(self._weights(), self._components, strict=True)])

    def _variance(self) -> Tensor:
        mean = self._mean()
        parts = [
            w * (each.variance() + apply("Square", [each.mean() - mean]))
            for w, each in zip(self._weights(), self._components, strict=True)
        ]
        return add_n(parts)

    def _log_prob(self, x: Tensor) -> Tensor:
        parts = [w + each.log_prob(x) for w, each in zip(self._log_weights(), self._components, strict=True)]
        return reduce_logsumexp(stack(parts, 0), [0])

    def _log_cdf(self, x: Tensor) -> Tensor:
        parts = [w + each.log_cdf(x) for w, each in zip(self._log_weights(), self._components, strict=True)]
        return reduce_logsumexp(stack(parts, 0), [0])

    def _sample_n(self, n: Tensor, seed: Any = None) -> Tensor:
        """Draws of all components, of which one counts each time."""
        chosen = self._cat.sample(n, seed=seed)
        drawn = []
        for each in self._components:
            seed = new_seed(seed, "mixture")
            drawn.append(each.sample(n, seed=seed))
        marks = unstack(one_hot(chosen, self.num_components, dtype=self.dtype), num=self.num_components, axis=-1)
        for _ in range(self.event_shape.ndims or 0):
            marks = [expand_dims(mark, -1) for mark in marks]
        return add_n([mark * x for mark, x in zip(marks, drawn, strict=True)])

    def entropy_lower_bound(self, name: str = "entropy_lower_bound") -> Tensor:
        """The entropies of the components, weighted."""
        with self._scope(name):
            weights = unstack(softmax(self._cat.logits), num=self.num_components, axis=-1)
            return add_n([w * each.entropy() for w, each in zip(weights, self._components, strict=True)])
