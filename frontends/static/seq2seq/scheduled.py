"""Helpers that now and then feed back what was sampled in place of the inputs (Bengio et al., 2015)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..exports import export
from ..graphs.apply import apply
from ..graphs.conversion import convert_to_tensor
from ..graphs.dtypes import bool_, int32
from ..graphs.scopes import name_scope
from ..graphs.tensor import Tensor
from ..operations.casting import cast
from ..operations.conditions import cond
from ..operations.joining import concat
from ..operations.random import random_uniform
from ..operations.ranges import fill
from ..operations.reductions import reduced
from ..operations.selection import where
from .helpers import TrainingHelper, embedding_of, rows_of, sampled_ids
from .structures import transposed


def _probability(value: Any) -> Tensor:
    value = convert_to_tensor(value, name="sampling_probability")
    if value.shape.ndims not in (0, 1):
        raise ValueError(f"sampling_probability must be either a scalar or a vector. saw shape: {value.shape}")
    return value


def _chosen(probability: Tensor, batch_size: Tensor, seed: int | None) -> Tensor:
    """bool [batch], each true with a probability."""
    return random_uniform([batch_size], seed=seed, dtype=probability.dtype) < probability


@export("contrib.seq2seq.ScheduledEmbeddingTrainingHelper")
class ScheduledEmbeddingTrainingHelper(TrainingHelper):
    """Reads inputs, or with a probability feeds back a class drawn by the outputs, as a row of an embedding. Samples
    are -1 where none was drawn. Raises ValueError."""

    def __init__(
        self, inputs: Any, sequence_length: Any, embedding: Any, sampling_probability: Any, time_major: bool = False,
        seed: int | None = None, scheduling_seed: int | None = None, name: str | None = None,
    ) -> None:  # fmt: skip
        with name_scope(name, "ScheduledEmbeddingSamplingWrapper", [sampling_probability]):
            self._embedding_fn = embedding_of(embedding)
            self._sampling_probability = _probability(sampling_probability)
            self._seed = seed
            self._scheduling_seed = scheduling_seed
            super().__init__(inputs, sequence_length, time_major=time_major, name=name)

    def sample(self, time: Any, outputs: Any, state: Any = None, name: str | None = None, **unused: Any) -> Any:
        with name_scope(name, "ScheduledEmbeddingTrainingHelperSample", [time, outputs]):
            chosen = _chosen(self._sampling_probability, self.batch_size, self._scheduling_seed)
            return where(chosen, sampled_ids(outputs, self._seed), fill([self.batch_size], -1))

    def next_inputs(
        self, time: Any, outputs: Any, state: Any, sample_ids: Any = None, name: str | None = None, **unused: Any
    ) -> Any:
        with name_scope(name, "ScheduledEmbeddingTrainingHelperNextInputs", [time, sample_ids]):
            finished, read, state = super().next_inputs(time, outputs, state)

            def sampled() -> Tensor:
                rows = self._embedding_fn(apply("Maximum", [sample_ids, 0]))
                return where(sample_ids > -1, rows, read)

            return finished, cond(reduced("All", finished, None, False, None), lambda: read, sampled), state


@export("contrib.seq2seq.ScheduledOutputTrainingHelper")
class ScheduledOutputTrainingHelper(TrainingHelper):
    """Reads inputs, or with a probability feeds back the outputs, by way of `next_inputs_fn` where it is given. Samples
    say where. `auxiliary_inputs` are joined to either. Raises ValueError."""

    def __init__(
        self, inputs: Any, sequence_length: Any, sampling_probability: Any, time_major: bool = False,
        seed: int | None = None, next_inputs_fn: Callable[..., Any] | None = None, auxiliary_inputs: Any = None,
        name: str | None = None,
    ) -> None:  # fmt: skip
        with name_scope(name, "ScheduledOutputTrainingHelper", [sampling_probability]):
            self._sampling_probability = _probability(sampling_probability)
            self._auxiliary = None
            if auxiliary_inputs is not None:
                auxiliary_inputs = convert_to_tensor(auxiliary_inputs, name="auxiliary_inputs")
                inputs = concat([convert_to_tensor(inputs, name="inputs"), auxiliary_inputs], -1)
                self._auxiliary = rows_of(auxiliary_inputs if time_major else transposed(auxiliary_inputs))
            self._seed = seed
            self._next_inputs_fn = next_inputs_fn
            super().__init__(inputs, sequence_length, time_major=time_major, name=name)

    def sample(self, time: Any, outputs: Any, state: Any = None, name: str | None = None, **unused: Any) -> Any:
        with name_scope(name, "ScheduledOutputTrainingHelperSample", [time, outputs]):
            return cast(_chosen(self._sampling_probability, self.batch_size, self._seed), int32)

    def next_inputs(
        self, time: Any, outputs: Any, state: Any, sample_ids: Any = None, name: str | None = None, **unused: Any
    ) -> Any:
        with name_scope(name, "ScheduledOutputTrainingHelperNextInputs", [time, sample_ids]):
            finished, read, state = super().next_inputs(time, outputs, state)
            chosen = cast(sample_ids, bool_)

            def sampled() -> Tensor:
                given = outputs if self._next_inputs_fn is None else self._next_inputs_fn(outputs)
                if self._auxiliary is not None:
                    given = concat([given, self._auxiliary.read(time + 1)], -1)
                return where(chosen, given, read)

            nothing = apply(
                "LogicalOr",
                [
                    reduced("All", finished, None, False, None),
                    apply("LogicalNot", [reduced("Any", chosen, None, False, None)]),
                ],
            )
            return finished, cond(nothing, lambda: read, sampled), state
