"""Monotonic attention: alignments that move on through the memory (Raffel et al., 2017)."""

from __future__ import annotations

from functools import partial
from typing import Any

from ..exports import export
from ..graphs.apply import apply
from ..graphs.conversion import convert_to_tensor
from ..graphs.dtypes import int32, smallest_normal
from ..graphs.scopes import name_scope
from ..graphs.tensor import Tensor
from ..operations.arrays import reshape, shape, transpose
from ..operations.casting import cast
from ..operations.cumulative import cumprod, cumsum
from ..operations.joining import concat
from ..operations.random import random_normal
from ..operations.ranges import one_hot, ones, zeros
from ..operations.scans import scan
from ..operations.selection import clip_by_value
from ..variables.scopes import get_variable
from .attention import BahdanauScore, LuongScore


@export("contrib.seq2seq.safe_cumprod")
def safe_cumprod(x: Any, *args: Any, **kwargs: Any) -> Tensor:
    """The product of all elements up to each, as exp(cumsum(log(x))). Arguments as of tf.cumsum."""
    with name_scope(None, "SafeCumprod", [x]):
        x = convert_to_tensor(x, name="x")
        return apply("Exp", [cumsum(apply("Log", [clip_by_value(x, smallest_normal(x.dtype), 1)]), *args, **kwargs)])


@export("contrib.seq2seq.monotonic_attention")
def monotonic_attention(p_choose_i: Any, previous_attention: Any, mode: str) -> Tensor:
    """The alignments [batch, time] after a step in which each place is chosen with a probability, among those that come
    no earlier than before. Raises ValueError for a mode other than 'recursive', 'parallel' and 'hard'."""
    chosen = convert_to_tensor(p_choose_i, name="p_choose_i")
    previous = convert_to_tensor(previous_attention, name="previous_attention")
    if mode == "recursive":
        batch = chosen.shape.dims[0].value or shape(chosen)[0]
        shifted = concat([ones([batch, 1]), 1 - chosen[:, :-1]], 1)

        def step(x: Any, slices: Any) -> Tensor:
            return reshape(slices[0] * x + slices[1], [batch])

        return chosen * transpose(scan(step, [transpose(shifted), transpose(previous)], zeros([batch])))
    if mode == "parallel":
        passed = safe_cumprod(1 - chosen, axis=1, exclusive=True)
        return chosen * passed * cumsum(previous / clip_by_value(passed, 1e-10, 1.0), axis=1)
    if mode == "hard":
        chosen = chosen * cumsum(previous, axis=1)
        return chosen * cumprod(1 - chosen, axis=1, exclusive=True)
    raise ValueError("mode must be 'recursive', 'parallel', or 'hard'.")


def _probabilities(score: Tensor, previous: Any, noise: float, mode: str, seed: int | None) -> Tensor:
    if noise > 0:
        score = score + noise * random_normal(shape(score), dtype=score.dtype, seed=seed)
    chosen = cast(score > 0, score.dtype) if mode == "hard" else apply("Sigmoid", [score])
    return monotonic_attention(chosen, previous, mode)


class _Monotonic:
    """Starts at the first place; a variable is added to the scores."""

    _alignments_size: Any
    _score_bias_init: Any

    def initial_alignments(self, batch_size: Any, dtype: Any) -> Tensor:
        """All at the first place."""
        return one_hot(zeros([batch_size], dtype=int32), self._alignments_size, dtype=dtype)

    def _bias(self, dtype: Any) -> Any:
        return get_variable("attention_score_bias", dtype=dtype, initializer=self._score_bias_init)


@export("contrib.seq2seq.BahdanauMonotonicAttention")
class BahdanauMonotonicAttention(_Monotonic, BahdanauScore):
    """Monotonic attention with additive scores, and noise before the sigmoid."""

    kind = "bahdanau_monotonic_attention"

    def __init__(
        self, num_units: int, memory: Any, memory_sequence_length: Any = None, normalize: bool = False,
        score_mask_value: Any = None, sigmoid_noise: float = 0.0, sigmoid_noise_seed: int | None = None,
        score_bias_init: Any = 0.0, mode: str = "parallel", dtype: Any = None, name: str = "BahdanauMonotonicAttention",
    ) -> None:  # fmt: skip
        function = partial(_probabilities, noise=sigmoid_noise, mode=mode, seed=sigmoid_noise_seed)
        super().__init__(num_units, memory, memory_sequence_length, normalize, function, score_mask_value, dtype, name)
        self._score_bias_init = score_bias_init


@export("contrib.seq2seq.LuongMonotonicAttention")
class LuongMonotonicAttention(_Monotonic, LuongScore):
    """Monotonic attention with products as scores, and noise before the sigmoid."""

    kind = "luong_monotonic_attention"

    def __init__(
        self, num_units: int, memory: Any, memory_sequence_length: Any = None, scale: bool = False,
        score_mask_value: Any = None, sigmoid_noise: float = 0.0, sigmoid_noise_seed: int | None = None,
        score_bias_init: Any = 0.0, mode: str = "parallel", dtype: Any = None, name: str = "LuongMonotonicAttention",
    ) -> None:  # fmt: skip
        function = partial(_probabilities, noise=sigmoid_noise, mode=mode, seed=sigmoid_noise_seed)
        super().__init__(num_units, memory, memory_sequence_length, scale, function, score_mask_value, dtype, name)
        self._score_bias_init = score_bias_init
