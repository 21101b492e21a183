"""Helpers: what a decoder samples of its outputs, and what it gets as its next inputs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..exports import export
from ..graphs import nest
from ..graphs.apply import apply
from ..graphs.conversion import convert_to_tensor
from ..graphs.dtypes import bool_, int32
from ..graphs.scopes import name_scope
from ..graphs.shapes import TensorShape
from ..graphs.tensor import Tensor
from ..operations.arrays import shape, size
from ..operations.casting import cast
from ..operations.conditions import cond
from ..operations.distributions import multinomial
from ..operations.embedding import embedding_lookup
from ..operations.joining import tile
from ..operations.ranges import zeros_like
from ..operations.reductions import argmax, reduced
from ..operations.tensor_arrays import TensorArray
from .structures import transposed


@export("contrib.seq2seq.Helper")
class Helper:
    """What a BasicDecoder asks. `batch_size` is an int32 scalar, `sample_ids_shape` and `sample_ids_dtype` say what a
    sample of one sequence is."""

    @property
    def batch_size(self) -> Any:
        """How many sequences there are."""
        raise NotImplementedError("batch_size has not been implemented")

    @property
    def sample_ids_shape(self) -> Any:
        """The shape of what is sampled of one sequence in one step."""
        raise NotImplementedError("sample_ids_shape has not been implemented")

    @property
    def sample_ids_dtype(self) -> Any:
        """The dtype of what is sampled."""
        raise NotImplementedError("sample_ids_dtype has not been implemented")

    def initialize(self, name: str | None = None) -> Any:
        """(which sequences have ended, the first inputs)."""
        raise NotImplementedError

    def sample(self, time: Any, outputs: Any, state: Any, name: str | None = None) -> Any:
        """What is sampled of the outputs of one step."""
        raise NotImplementedError

    def next_inputs(self, time: Any, outputs: Any, state: Any, sample_ids: Any, name: str | None = None) -> Any:
        """(which sequences have ended, the next inputs, the next state)."""
        raise NotImplementedError


@export("contrib.seq2seq.CustomHelper")
class CustomHelper(Helper):
    """A helper made of three functions."""

    def __init__(
        self, initialize_fn: Callable[..., Any], sample_fn: Callable[..., Any], next_inputs_fn: Callable[..., Any],
        sample_ids_shape: Any = None, sample_ids_dtype: Any = None,
    ) -> None:  # fmt: skip
        self._initialize_fn = initialize_fn
        self._sample_fn = sample_fn
        self._next_inputs_fn = next_inputs_fn
        self._batch_size: Any = None
        self._sample_ids_shape = TensorShape(sample_ids_shape or [])
        self._sample_ids_dtype = sample_ids_dtype or int32

    @property
    def batch_size(self) -> Any:
        if self._batch_size is None:
            raise ValueError("batch_size accessed before initialize was called")
        return self._batch_size

    @property
    def sample_ids_shape(self) -> Any:
        return self._sample_ids_shape

    @property
    def sample_ids_dtype(self) -> Any:
        return self._sample_ids_dtype

    def initialize(self, name: str | None = None) -> Any:
        with name_scope(name, f"{type(self).__name__}Initialize"):
            finished, inputs = self._initialize_fn()
            if self._batch_size is None:
                self._batch_size = size(finished)
        return finished, inputs

    def sample(self, time: Any, outputs: Any, state: Any, name: str | None = None) -> Any:
        with name_scope(name, f"{type(self).__name__}Sample"):
            return self._sample_fn(time=time, outputs=outputs, state=state)

    def next_inputs(self, time: Any, outputs: Any, state: Any, sample_ids: Any, name: str | None = None) -> Any:
        with name_scope(name, f"{type(self).__name__}NextInputs"):
            return self._next_inputs_fn(time=time, outputs=outputs, state=state, sample_ids=sample_ids)


def rows_of(x: Tensor) -> TensorArray:
    """The rows of a tensor as an array."""
    return TensorArray(x.dtype, size=shape(x)[0], element_shape=x.shape[1:]).unstack(x)


class _OfIds(Helper):
    """A helper whose samples are integers."""

    _batch_size: Any

    @property
    def batch_size(self) -> Any:
        return self._batch_size

    @property
    def sample_ids_shape(self) -> Any:
        return TensorShape([])

    @property
    def sample_ids_dtype(self) -> Any:
        return int32


@export("contrib.seq2seq.TrainingHelper")
class TrainingHelper(_OfIds):
    """Reads the inputs [batch, time, ...] one after another, with `time_major` [time, batch, ...]; samples are the
    largest outputs. Raises ValueError for lengths that are no vector."""

    def __init__(self, inputs: Any, sequence_length: Any, time_major: bool = False, name: str | None = None) -> None:
        with name_scope(name, "TrainingHelper", [inputs, sequence_length]):
            inputs = self._inputs = convert_to_tensor(inputs, name="inputs")
            if not time_major:
                inputs = transposed(inputs)
            self._input_tas = rows_of(inputs)
            self._sequence_length = convert_to_tensor(sequence_length, name="sequence_length")
            if self._sequence_length.shape.ndims != 1:
                raise ValueError(
                    "Expected sequence_length to be a vector, but received shape: "
                    f"{self._sequence_length.shape}"
                )  # fmt: skip
            self._zero_inputs = zeros_like(inputs[0])
            self._batch_size = size(self._sequence_length)

    @property
    def inputs(self) -> Tensor:
        """What is read."""
        return self._inputs

    @property
    def sequence_length(self) -> Tensor:
        """How much of each sequence is read."""
        return self._sequence_length

    def initialize(self, name: str | None = None) -> Any:
        with name_scope(name, "TrainingHelperInitialize"):
            finished = apply("Equal", [0, self._sequence_length])
            return finished, self._read(finished, 0)

    def _read(self, finished: Tensor, time: Any) -> Tensor:
        return cond(
            reduced("All", finished, None, False, None), lambda: self._zero_inputs, lambda: self._input_tas.read(time)
        )

    def sample(self, time: Any, outputs: Any, name: str | None = None, **unused: Any) -> Any:
        with name_scope(name, "TrainingHelperSample", [time, outputs]):
            return cast(argmax(outputs, axis=-1), int32)

    def next_inputs(self, time: Any, outputs: Any, state: Any, name: str | None = None, **unused: Any) -> Any:
        with name_scope(name, "TrainingHelperNextInputs", [time]):
            following = time + 1
            finished = following >= self._sequence_length
            return finished, self._read(finished, following), state


def embedding_of(embedding: Any) -> Callable[[Tensor], Any]:
    """The function that gives the rows for integers, of a table or such a function."""
    return embedding if callable(embedding) else lambda ids: embedding_lookup(embedding, ids)


def check_single(outputs: Any) -> None:
    """Raises TypeError for outputs in a nest."""
    if not isinstance(outputs, Tensor):
        raise TypeError(f"Expected outputs to be a single Tensor, got: {type(outputs)}")


@export("contrib.seq2seq.GreedyEmbeddingHelper")
class GreedyEmbeddingHelper(_OfIds):
    """Feeds back the largest output, as a row of an embedding, until it is `end_token`. Raises ValueError."""

    def __init__(self, embedding: Any, start_tokens: Any, end_token: Any) -> None:
        self._embedding_fn = embedding_of(embedding)
        self._start_tokens = convert_to_tensor(start_tokens, dtype=int32, name="start_tokens")
        self._end_token = convert_to_tensor(end_token, dtype=int32, name="end_token")
        if self._start_tokens.shape.ndims != 1:
            raise ValueError("start_tokens must be a vector")
        self._batch_size = size(self._start_tokens)
        if self._end_token.shape.ndims != 0:
            raise ValueError("end_token must be a scalar")
        self._start_inputs = self._embedding_fn(self._start_tokens)

    def initialize(self, name: str | None = None) -> Any:
        return tile(convert_to_tensor([False], dtype=bool_), [self._batch_size]), self._start_inputs

    def sample(self, time: Any, outputs: Any, state: Any, name: str | None = None) -> Any:
        check_single(outputs)
        return argmax(outputs, axis=-1, output_type=int32)

    def next_inputs(self, time: Any, outputs: Any, state: Any, sample_ids: Any, name: str | None = None) -> Any:
        finished = apply("Equal", [sample_ids, self._end_token])
        given = cond(
            reduced("All", finished, None, False, None),
            lambda: self._start_inputs,
            lambda: self._embedding_fn(sample_ids),
        )
        return finished, given, state


def sampled_ids(logits: Tensor, seed: int | None) -> Tensor:
    """int32 [batch], drawn by logits [batch, classes]."""
    return cast(multinomial(logits, 1, seed=seed)[:, 0], int32)


@export("contrib.seq2seq.SampleEmbeddingHelper")
class SampleEmbeddingHelper(GreedyEmbeddingHelper):
    """Feeds back a class drawn by the outputs as logits, which are divided by `softmax_temperature`."""

    def __init__(
        self, embedding: Any, start_tokens: Any, end_token: Any, softmax_temperature: Any = None,
        seed: int | None = None,
    ) -> None:  # fmt: skip
        super().__init__(embedding, start_tokens, end_token)
        self._softmax_temperature = softmax_temperature
        self._seed = seed

    def sample(self, time: Any, outputs: Any, state: Any, name: str | None = None) -> Any:
        check_single(outputs)
        logits = outputs if self._softmax_temperature is None else outputs / self._softmax_temperature
        return sampled_ids(logits, self._seed)


@export("contrib.seq2seq.InferenceHelper")
class InferenceHelper(Helper):
    """Feeds back what functions sample: `sample_fn` of the outputs, `end_fn` and `next_inputs_fn` of the samples."""

    def __init__(
        self, sample_fn: Callable[..., Any], sample_shape: Any, sample_dtype: Any, start_inputs: Any,
        end_fn: Callable[..., Any], next_inputs_fn: Callable[..., Any] | None = None,
    ) -> None:  # fmt: skip
        self._sample_fn = sample_fn
        self._end_fn = end_fn
        self._sample_shape = TensorShape(sample_shape)
        self._sample_dtype = sample_dtype
        self._next_inputs_fn = next_inputs_fn
        self._start_inputs = convert_to_tensor(start_inputs, name="start_inputs")
        self._batch_size = shape(self._start_inputs)[0]

    @property
    def batch_size(self) -> Any:
        return self._batch_size

    @property
    def sample_ids_shape(self) -> Any:
        return self._sample_shape

    @property
    def sample_ids_dtype(self) -> Any:
        return self._sample_dtype

    def initialize(self, name: str | None = None) -> Any:
        return tile(convert_to_tensor([False], dtype=bool_), [self._batch_size]), self._start_inputs

    def sample(self, time: Any, outputs: Any, state: Any, name: str | None = None) -> Any:
        return self._sample_fn(outputs)

    def next_inputs(self, time: Any, outputs: Any, state: Any, sample_ids: Any, name: str | None = None) -> Any:
        given = sample_ids if self._next_inputs_fn is None else self._next_inputs_fn(sample_ids)
        return self._end_fn(sample_ids), given, state


def first_dtype(state: Any) -> Any:
    """The dtype of the first tensor of a state."""
    return nest.flatten(state)[0].dtype
