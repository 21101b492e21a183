"""tf.keras.layers: attention of queries to values."""

from __future__ import annotations

from typing import Any

from ..exports import export
from ..graphs.apply import apply
from ..graphs.conversion import convert_to_tensor
from ..graphs.dtypes import bool_
from ..graphs.shapes import as_shape
from ..graphs.tensor import Tensor
from ..operations.arrays import expand_dims, shape
from ..operations.casting import cast
from ..operations.neural import softmax
from ..operations.products import matmul
from ..operations.ranges import range as range_of
from ..operations.reductions import reduced
from .layer import Layer

_FAR = {"float16": 65504.0}  # what is taken off a score that does not count: 1e9 where the type holds that


class _Attention(Layer):
    """Called on [query, value] or [query, value, key]: of each query [batch, queries, features] the mean of the values
    [batch, values, features], weighted by the softmax of its scores with the keys, which are the values by default.
    `mask` is [query_mask, value_mask], bools [batch, ...] or None; with `causal` a query sees no later value.

    Raises ValueError.
    """

    def __init__(self, causal: bool = False, **options: Any) -> None:
        super().__init__(**options)
        self.causal = causal
        self.supports_masking = True

    def _scores(self, query: Tensor, key: Tensor) -> Tensor:
        raise NotImplementedError

    def call(self, inputs: Any, mask: Any = None) -> Tensor:
        query, value, key = self._given_parts(inputs)
        query_mask, value_mask = self._given_masks(mask)
        scores = self._scores(query, key)
        seen = None if value_mask is None else expand_dims(value_mask, -2)
        if self.causal:
            sizes = shape(scores)
            earlier = apply("GreaterEqual", [expand_dims(range_of(sizes[-2]), 1), range_of(sizes[-1])])
            seen = earlier if seen is None else apply("LogicalAnd", [seen, earlier])
        if seen is not None:
            far = _FAR.get(scores.dtype.base_dtype.name, 1e9)
            scores = scores - cast(apply("LogicalNot", [seen]), scores.dtype.base_dtype) * far
        found = matmul(softmax(scores), value)
        return found if query_mask is None else found * expand_dims(cast(query_mask, found.dtype.base_dtype), -1)

    def _given_parts(self, inputs: Any) -> tuple[Tensor, Tensor, Tensor]:
        """(query, value, key)."""
        title = type(self).__name__
        if not isinstance(inputs, list):
            raise ValueError(
                f"{title} layer must be called on a list of inputs, namely [query, value] or [query, value, key]."
            )
        if not 2 <= len(inputs) <= 3:
            raise ValueError(
                f"{title} layer accepts inputs list of length 2 or 3, namely [query, value] or [query, value, key]. "
                f"Given length: {len(inputs)}"
            )
        return inputs[0], inputs[1], inputs[-1]

    def _given_masks(self, mask: Any) -> list[Any]:
        """[query_mask, value_mask] as bools."""
        if mask is None:
            return [None, None]
        title = type(self).__name__
        if not isinstance(mask, list):
            raise ValueError(f"{title} layer mask must be a list, namely [query_mask, value_mask].")
        if len(mask) != 2:
            raise ValueError(
                f"{title} layer mask must be a list of length 2, namely [query_mask, value_mask]. Given length: "
                f"{len(mask)}"
            )
        return [None if each is None else cast(convert_to_tensor(each), bool_) for each in mask]

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """The mask of the queries."""
        return self._given_masks(mask)[0]


@export("keras.layers.Attention")
class Attention(_Attention):
    """Attention whose scores are products of queries and keys, with `use_scale` times a trained number (Luong and
    others, 2015)."""

    def __init__(self, use_scale: bool = False, **options: Any) -> None:
        super().__init__(**options)
        self.use_scale = use_scale
        self.scale: Any = None

    def build(self, input_shape: Any) -> None:
        if self.use_scale:
            self.scale = self.add_weight("scale", shape=(), initializer="ones")
        self.built = True

    def _scores(self, query: Tensor, key: Tensor) -> Tensor:
        scores = matmul(query, key, transpose_b=True)
        return scores if self.scale is None else scores * self.scale


@export("keras.layers.AdditiveAttention")
class AdditiveAttention(_Attention):
    """Attention whose scores are sums of tanh(query + key), with `use_scale` weighted by a trained vector (Bahdanau and
    others, 2014)."""

    def __init__(self, use_scale: bool = True, **options: Any) -> None:
        super().__init__(**options)
        self.use_scale = use_scale
        self.scale: Any = None

    def build(self, input_shape: Any) -> None:
        if self.use_scale:
            features = as_shape(input_shape[1]).as_list()[-1]
            self.scale = self.add_weight("scale", shape=[features], initializer="glorot_uniform")
        self.built = True

    def _scores(self, query: Tensor, key: Tensor) -> Tensor:
        each = apply("Tanh", [expand_dims(query, -2) + expand_dims(key, -3)])
        return reduced("Sum", each if self.scale is None else each * self.scale, [-1], False, None)
