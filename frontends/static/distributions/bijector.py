"""Bijectors: functions with inverses, by which distributions become others."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from ..exports import export
from ..graphs.conversion import convert_to_tensor
from ..graphs.dtypes import DType, int32
from ..graphs.scopes import name_scope
from ..graphs.shapes import TensorShape
from ..graphs.tensor import Tensor
from ..operations.arrays import rank as rank_of
from ..operations.arrays import shape
from ..operations.ranges import ones
from ..operations.reductions import reduced


@export("contrib.distributions.bijectors.Bijector")
class Bijector:
    """y = forward(x). A subclass gives `_forward`, `_inverse` and one of `_forward_log_det_jacobian` and
    `_inverse_log_det_jacobian`, over events of at least `forward_min_event_ndims` axes. What went forward comes back as
    it was. Raises ValueError."""

    def __init__(
        self,
        graph_parents: Sequence[Any] | None = None,
        is_constant_jacobian: bool = False,
        validate_args: bool = False,
        dtype: Any = None,
        forward_min_event_ndims: int | None = None,
        inverse_min_event_ndims: int | None = None,
        name: str | None = None,
    ) -> None:
        if forward_min_event_ndims is None and inverse_min_event_ndims is None:
            raise ValueError(
                "Must specify at least one of `forward_min_event_ndims` and `inverse_min_event_ndims`."
            )  # fmt: skip
        forward = inverse_min_event_ndims if forward_min_event_ndims is None else forward_min_event_ndims
        inverse = forward if inverse_min_event_ndims is None else inverse_min_event_ndims
        for what, count in (("forward", forward), ("inverse", inverse)):
            if count is None or count < 0:
                raise ValueError(f"{what}_min_event_ndims must be a non-negative integer.")
        self._forward_min_event_ndims = forward or 0
        self._inverse_min_event_ndims = inverse or 0
        self._graph_parents = list(graph_parents or [])
        self._is_constant_jacobian = is_constant_jacobian
        self._validate_args = validate_args
        self._dtype = dtype
        words = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", type(self).__name__.lstrip("_"))
        self._name = name or re.sub("([a-z0-9])([A-Z])", r"\1_\2", words).lower()
        self._pairs: list[tuple[Tensor, Tensor]] = []  # what went forward, and what became of it

    @property
    def graph_parents(self) -> list[Any]:
        """The tensors that it is made of."""
        return self._graph_parents

    @property
    def forward_min_event_ndims(self) -> int:
        """How many axes an event has at least before."""
        return self._forward_min_event_ndims

    @property
    def inverse_min_event_ndims(self) -> int:
        """How many axes an event has at least after."""
        return self._inverse_min_event_ndims

    @property
    def is_constant_jacobian(self) -> bool:
        """Whether the Jacobian is the same everywhere."""
        return self._is_constant_jacobian

    @property
    def validate_args(self) -> bool:
        """Whether runs check arguments."""
        return self._validate_args

    @property
    def dtype(self) -> DType | None:
        """The dtype of x, None for any."""
        return self._dtype

    @property
    def name(self) -> str:
        """The name."""
        return self._name

    @contextmanager
    def _scope(self, name: str) -> Iterator[str]:
        with name_scope(self._name), name_scope(name) as scope:
            yield scope

    def _given(self, value: Any, name: str) -> Tensor:
        tensor = convert_to_tensor(value, name=name)
        if self._dtype is not None and self._dtype.base_dtype is not tensor.dtype.base_dtype:
            raise TypeError(f"Input had dtype {self._dtype} but expected {tensor.dtype}.")
        return tensor

    # -- there and back ----

    def forward(self, x: Any, name: str = "forward") -> Tensor:
        """What becomes of x."""
        with self._scope(name):
            x = self._given(x, "x")
            found = next((y for before, y in self._pairs if before is x), None)
            if found is None:
                found = self._forward(x)
                self._pairs.append((x, found))
            return found

    def inverse(self, y: Any, name: str = "inverse") -> Tensor:
        """What y was."""
        with self._scope(name):
            y = self._given(y, "y")
            found = next((x for x, after in self._pairs if after is y), None)
            if found is None:
                found = self._inverse(y)
                self._pairs.append((found, y))
            return found

    def forward_log_det_jacobian(self, x: Any, event_ndims: int, name: str = "forward_log_det_jacobian") -> Tensor:
        """The logarithm of the absolute determinant of the Jacobian at x, over events of `event_ndims` axes."""
        with self._scope(name):
            x = self._given(x, "x")
            _check_ndims(event_ndims, self._forward_min_event_ndims)
            try:
                return _over_event(x, self._forward_log_det_jacobian(x), self._forward_min_event_ndims, event_ndims)
            except NotImplementedError:
                y = self.forward(x)
                inverse = self._inverse_log_det_jacobian(y)
                return -_over_event(y, inverse, self._inverse_min_event_ndims, event_ndims)

    def inverse_log_det_jacobian(self, y: Any, event_ndims: int, name: str = "inverse_log_det_jacobian") -> Tensor:
        """As forward_log_det_jacobian, of the inverse at y."""
        with self._scope(name):
            y = self._given(y, "y")
            _check_ndims(event_ndims, self._inverse_min_event_ndims)
            try:
                return _over_event(y, self._inverse_log_det_jacobian(y), self._inverse_min_event_ndims, event_ndims)
            except NotImplementedError:
                x = self.inverse(y)
                forward = self._forward_log_det_jacobian(x)
                return -_over_event(x, forward, self._forward_min_event_ndims, event_ndims)

    def forward_event_shape(self, input_shape: Any) -> TensorShape:
        """The shape of an event after."""
        return TensorShape(input_shape)

    def inverse_event_shape(self, output_shape: Any) -> TensorShape:
        """The shape of an event before."""
        return TensorShape(output_shape)

    def forward_event_shape_tensor(self, input_shape: Any, name: str = "forward_event_shape_tensor") -> Tensor:
        """The shape of an event after, when the graph runs."""
        with self._scope(name):
            return convert_to_tensor(input_shape, dtype=int32, name="input_shape")

    def inverse_event_shape_tensor(self, output_shape: Any, name: str = "inverse_event_shape_tensor") -> Tensor:
        """The shape of an event before, when the graph runs."""
        with self._scope(name):
            return convert_to_tensor(output_shape, dtype=int32, name="output_shape")

    # -- for subclasses ----

    def _forward(self, x: Tensor) -> Tensor:
        raise NotImplementedError("forward not implemented.")

    def _inverse(self, y: Tensor) -> Tensor:
        raise NotImplementedError("inverse not implemented")

    def _forward_log_det_jacobian(self, x: Tensor) -> Tensor:
        raise NotImplementedError("forward_log_det_jacobian not implemented.")

    def _inverse_log_det_jacobian(self, y: Tensor) -> Tensor:
        raise NotImplementedError("inverse_log_det_jacobian not implemented.")


def _check_ndims(event_ndims: int, least: int) -> None:
    if event_ndims < least:
        raise ValueError(f"event_ndims ({event_ndims}) must be larger than min_event_ndims ({least})")


def _over_event(x: Tensor, log_det: Tensor, least: int, event_ndims: int) -> Tensor:
    """The sum over those axes of an event that the bijector treats as a batch."""
    if event_ndims == least:
        return log_det
    rank = x.shape.ndims if x.shape.ndims is not None else rank_of(x)
    spread = ones(shape(x)[rank - event_ndims : rank - least], dtype=log_det.dtype.base_dtype) * log_det
    return reduced("Sum", spread, [-axis for axis in range(1, event_ndims - least + 1)], False, None)
