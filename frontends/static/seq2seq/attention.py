"""Attention mechanisms: what a query finds in a memory (Bahdanau et al., 2015; Luong et al., 2015)."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from ..exports import export
from ..graphs import nest
from ..graphs.apply import apply
from ..graphs.conversion import convert_to_tensor
from ..graphs.dtypes import float32
from ..graphs.scopes import control_dependencies, name_scope
from ..graphs.tensor import Tensor
from ..layers.core import Dense
from ..layers.layer import Layer
from ..operations.arrays import expand_dims, reshape, shape, squeeze
from ..operations.checks import assert_positive
from ..operations.joining import concat
from ..operations.neural import softmax
from ..operations.picking import sequence_mask
from ..operations.products import matmul
from ..operations.ranges import one_hot, ones, ones_like, zeros
from ..operations.reductions import argmax, reduced
from ..operations.selection import where
from ..variables.initializers import ConstantInitializer, Ones, Zeros
from ..variables.scopes import get_variable, variable_scope


@export("contrib.seq2seq.AttentionMechanism")
class AttentionMechanism:
    """What an AttentionWrapper asks: `alignments_size` and `state_size` are sizes of a row."""

    @property
    def alignments_size(self) -> Any:
        """How many places there are to attend to."""
        raise NotImplementedError

    @property
    def state_size(self) -> Any:
        """The size of the mechanism's state."""
        raise NotImplementedError


def _prepared(memory: Any, lengths: Any, check_inner_dims_defined: bool) -> Any:
    """The memory, zeros behind the lengths of its rows."""
    memory = nest.rebuild(memory, lambda m: convert_to_tensor(m, name="memory"))
    for each in nest.flatten(memory):
        if check_inner_dims_defined and not each.shape[2:].is_fully_defined():
            raise ValueError(
                f"Expected memory {each.name} to have fully defined inner dims, but saw shape: {each.shape}"
            )
    if lengths is None:
        return memory
    first = nest.flatten(memory)[0]
    mask = sequence_mask(convert_to_tensor(lengths), maxlen=shape(first)[1], dtype=first.dtype)

    def masked(m: Tensor) -> Tensor:
        return m * reshape(mask, concat([shape(mask), ones([m.shape.ndims - 2], dtype="int32")], 0))

    return nest.rebuild(memory, masked)


class MemoryAttention(AttentionMechanism):
    """Attention to a memory [batch, time, ...], of which `memory_sequence_length` says how much counts.

    A subclass scores a query; `probability_fn(score, previous state)` makes alignments [batch, time] of that. Raises
    TypeError, ValueError.
    """

    def __init__(
        self,
        query_layer: Any,
        memory: Any,
        probability_fn: Callable[[Tensor, Any], Tensor],
        memory_sequence_length: Any = None,
        memory_layer: Any = None,
        check_inner_dims_defined: bool = True,
        score_mask_value: Any = None,
        custom_key_value_fn: Callable[[Any, Any], Any] | None = None,
        name: str | None = None,
    ) -> None:
        for what, layer in (("query_layer", query_layer), ("memory_layer", memory_layer)):
            if layer is not None and not isinstance(layer, Layer):
                raise TypeError(f"{what} is not a Layer: {type(layer).__name__}")
        self._query_layer = query_layer
        self._memory_layer = memory_layer
        self.dtype = memory_layer.dtype
        if not callable(probability_fn):
            raise TypeError(f"probability_fn must be callable, saw type: {type(probability_fn).__name__}")
        with name_scope(name, "BaseAttentionMechanismInit"):
            self._values = _prepared(memory, memory_sequence_length, check_inner_dims_defined)
            self._keys = memory_layer(self._values)
            if custom_key_value_fn is not None:
                self._keys, self._values = custom_key_value_fn(self._keys, self._values)
            sizes = self._keys.shape
            self._batch_size = sizes.dims[0].value or shape(self._keys)[0]
            self._alignments_size = sizes.dims[1].value or shape(self._keys)[1]
            mask = self._mask(memory_sequence_length)
        hidden = float("-inf") if score_mask_value is None else score_mask_value

        def probabilities(score: Tensor, previous: Any) -> Tensor:
            if mask is None:
                return probability_fn(score, previous)
            return probability_fn(where(mask, score, hidden * ones_like(score)), previous)

        self._probability_fn = probabilities

    def _mask(self, lengths: Any) -> Tensor | None:
        """Which places of the memory count, bool [batch, time]."""
        if lengths is None:
            return None
        message = "All values in memory_sequence_length must be greater than zero."
        with control_dependencies([assert_positive(lengths, message=message)]):
            return sequence_mask(lengths, maxlen=self._alignments_size)

    @property
    def memory_layer(self) -> Any:
        """What makes keys of the memory."""
        return self._memory_layer

    @property
    def query_layer(self) -> Any:
        """What a query goes through, or None."""
        return self._query_layer

    @property
    def values(self) -> Any:
        """What is attended to."""
        return self._values

    @property
    def keys(self) -> Any:
        """What queries are compared with."""
        return self._keys

    @property
    def batch_size(self) -> Any:
        """How many rows the memory has."""
        return self._batch_size

    @property
    def alignments_size(self) -> Any:
        return self._alignments_size

    @property
    def state_size(self) -> Any:
        return self._alignments_size

    def initial_alignments(self, batch_size: Any, dtype: Any) -> Tensor:
        """The alignments before the first step, zeros [batch, time]."""
        return zeros([batch_size, self._alignments_size], dtype=dtype)

    def initial_state(self, batch_size: Any, dtype: Any) -> Any:
        """The state before the first step: the alignments."""
        return self.initial_alignments(batch_size, dtype)


def _luong_score(query: Tensor, keys: Tensor, scale: Any) -> Tensor:
    """query [batch, units] times keys [batch, time, units], over the units: [batch, time]."""
    depth, units = query.shape[-1].value, keys.shape[-1].value
    if depth != units or depth is None:
        raise ValueError(
            f"Incompatible or unknown inner dimensions between query and keys.  Query ({query}) has units: {depth}.  "
            f"Keys ({keys}) have units: {units}.  Perhaps you need to set num_units to the keys' dimension ({units})?"
        )
    score = squeeze(matmul(expand_dims(query, 1), keys, transpose_b=True), [1])
    return score if scale is None else scale * score


def _bahdanau_score(query: Tensor, keys: Tensor, v: Tensor, g: Any = None, b: Any = None) -> Tensor:
    """sum(v * tanh(keys + query)), with g and b weight normalized (Salimans and Kingma, 2016): [batch, time]."""
    added = keys + expand_dims(query, 1)
    if g is not None and b is not None:
        v = g * v * apply("Rsqrt", [reduced("Sum", apply("Square", [v]), None, False, None)])
        added = added + b
    return reduced("Sum", v * apply("Tanh", [added]), [2], False, None)


class BahdanauScore(MemoryAttention):
    """Scores by a layer of one hidden layer. `kind` names the scope of its variables."""

    kind = "bahdanau_attention"

    def __init__(
        self, num_units: int, memory: Any, memory_sequence_length: Any, normalize: bool,
        probability_fn: Callable[[Tensor, Any], Tensor], score_mask_value: Any, dtype: Any, name: str,
        custom_key_value_fn: Callable[[Any, Any], Any] | None = None,
    ) -> None:  # fmt: skip
        dtype = dtype or float32
        super().__init__(
            Dense(num_units, name="query_layer", use_bias=False, dtype=dtype), memory, probability_fn,
            memory_sequence_length, Dense(num_units, name="memory_layer", use_bias=False, dtype=dtype),
            score_mask_value=score_mask_value, custom_key_value_fn=custom_key_value_fn, name=name,
        )  # fmt: skip
        self._num_units = num_units
        self._normalize = normalize
        self._name = name

    def _bias(self, dtype: Any) -> Any:
        """What is added to scores, or None."""
        return None

    def __call__(self, query: Any, state: Any) -> tuple[Tensor, Any]:
        """(alignments [batch, time], next state) for a query [batch, units]."""
        with variable_scope(None, self.kind, [query]):
            processed = self._query_layer(query)
            v = get_variable("attention_v", [self._num_units], dtype=query.dtype)
            g = b = None
            if self._normalize:
                first = ConstantInitializer(math.sqrt(1.0 / self._num_units))
                g = get_variable("attention_g", dtype=query.dtype, initializer=first, shape=())
                b = get_variable("attention_b", [self._num_units], dtype=query.dtype, initializer=Zeros())
            score = _bahdanau_score(processed, self._keys, v, g, b)
            bias = self._bias(processed.dtype)
            score = score if bias is None else score + bias
        alignments = self._probability_fn(score, state)
        return alignments, alignments


class LuongScore(MemoryAttention):
    """Scores by products. `kind` names the scope of its variables."""

    kind = "luong_attention"

    def __init__(
        self, num_units: int, memory: Any, memory_sequence_length: Any, scale: bool,
        probability_fn: Callable[[Tensor, Any], Tensor], score_mask_value: Any, dtype: Any, name: str,
        custom_key_value_fn: Callable[[Any, Any], Any] | None = None,
    ) -> None:  # fmt: skip
        super().__init__(
            None, memory, probability_fn, memory_sequence_length,
            Dense(num_units, name="memory_layer", use_bias=False, dtype=dtype or float32),
            score_mask_value=score_mask_value, custom_key_value_fn=custom_key_value_fn, name=name,
        )  # fmt: skip
        self._num_units = num_units
        self._scale = scale
        self._name = name

    def _bias(self, dtype: Any) -> Any:
        """What is added to scores, or None."""
        return None

    def __call__(self, query: Any, state: Any) -> tuple[Tensor, Any]:
        """(alignments [batch, time], next state) for a query [batch, units]."""
        with variable_scope(None, self.kind, [query]):
            g = None
            if self._scale:
                g = get_variable("attention_g", dtype=query.dtype, initializer=Ones(), shape=())
            score = _luong_score(query, self._keys, g)
            bias = self._bias(query.dtype)
            score = score if bias is None else score + bias
        alignments = self._probability_fn(score, state)
        return alignments, alignments


def _of_score(probability_fn: Callable[[Tensor], Tensor] | None) -> Callable[[Tensor, Any], Tensor]:
    function = probability_fn or softmax
    return lambda score, _: function(score)


@export("contrib.seq2seq.BahdanauAttention")
class BahdanauAttention(BahdanauScore):
    """Additive attention, with `normalize` of normalized weights."""

    def __init__(
        self, num_units: int, memory: Any, memory_sequence_length: Any = None, normalize: bool = False,
        probability_fn: Callable[[Tensor], Tensor] | None = None, score_mask_value: Any = None, dtype: Any = None,
        custom_key_value_fn: Callable[[Any, Any], Any] | None = None, name: str = "BahdanauAttention",
    ) -> None:  # fmt: skip
        super().__init__(
            num_units, memory, memory_sequence_length, normalize, _of_score(probability_fn), score_mask_value, dtype,
            name, custom_key_value_fn,
        )  # fmt: skip


@export("contrib.seq2seq.LuongAttention")
class LuongAttention(LuongScore):
    """Multiplicative attention, with `scale` times a variable."""

    def __init__(
        self, num_units: int, memory: Any, memory_sequence_length: Any = None, scale: bool = False,
        probability_fn: Callable[[Tensor], Tensor] | None = None, score_mask_value: Any = None, dtype: Any = None,
        custom_key_value_fn: Callable[[Any, Any], Any] | None = None, name: str = "LuongAttention",
    ) -> None:  # fmt: skip
        super().__init__(
            num_units, memory, memory_sequence_length, scale, _of_score(probability_fn), score_mask_value, dtype, name,
            custom_key_value_fn,
        )  # fmt: skip


@export("contrib.seq2seq.hardmax")
def hardmax(logits: Any, name: str | None = None) -> Tensor:
    """1 at the largest of each row, 0 elsewhere."""
    with name_scope(name, "Hardmax", [logits]):
        logits = convert_to_tensor(logits, name="logits")
        depth = logits.shape[-1].value
        return one_hot(argmax(logits, -1), shape(logits)[-1] if depth is None else depth, dtype=logits.dtype)
