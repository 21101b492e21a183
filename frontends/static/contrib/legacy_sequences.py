"""tf.contrib.legacy_seq2seq: models from sequences to sequences, given as lists of tensors."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from ..exports import NAMES, export
from ..graphs import nest
from ..graphs.dtypes import float32
from ..graphs.tensor import Tensor
from ..operations.arrays import reshape, shape, stop_gradient
from ..operations.conditions import cond
from ..operations.convolution import conv2d
from ..operations.dense import xw_plus_b
from ..operations.embedding import embedding_lookup
from ..operations.joining import concat, stack
from ..operations.neural import softmax
from ..operations.ranges import zeros
from ..operations.reductions import argmax, reduced
from ..recurrence.unrolled import static_rnn
from ..variables.scopes import get_variable, get_variable_scope, variable_scope
from .cells import EmbeddingWrapper, OutputProjectionWrapper
from .linear import Linear

Outputs = tuple[list[Tensor], Any]
_tanh: Any = NAMES["tanh"]


def _fed_back(embedding: Any, output_projection: Any, update: bool) -> Callable[[Tensor, int], Tensor]:
    """The next input made of the last output: the embedding of the likeliest symbol."""

    def function(previous: Tensor, _: int) -> Tensor:
        if output_projection is not None:
            previous = xw_plus_b(previous, output_projection[0], output_projection[1])
        found = embedding_lookup(embedding, argmax(previous, 1))
        return found if update else stop_gradient(found)

    return function


@export("contrib.legacy_seq2seq.rnn_decoder")
def rnn_decoder(
    decoder_inputs: Iterable[Any], initial_state: Any, cell: Any, loop_function: Any = None, scope: Any = None
) -> Outputs:
    """(outputs, last state) of a cell over a list; `loop_function`(output, step) makes all inputs but the first."""
    with variable_scope(scope or "rnn_decoder"):
        state = initial_state
        outputs: list[Tensor] = []
        previous = None
        for step, given in enumerate(decoder_inputs):
            if loop_function is not None and previous is not None:
                with variable_scope("loop_function", reuse=True):
                    given = loop_function(previous, step)
            if step > 0:
                get_variable_scope().reuse_variables()
            output, state = cell(given, state)
            outputs.append(output)
            if loop_function is not None:
                previous = output
    return outputs, state


@export("contrib.legacy_seq2seq.basic_rnn_seq2seq")
def basic_rnn_seq2seq(
    encoder_inputs: Any, decoder_inputs: Any, cell: Any, dtype: Any = float32, scope: Any = None
) -> Outputs:
    """(outputs, last state) of a decoder that begins in the last state of an encoder, a copy of its cell."""
    with variable_scope(scope or "basic_rnn_seq2seq"):
        _, state = static_rnn(copy.deepcopy(cell), encoder_inputs, dtype=dtype)
        return rnn_decoder(decoder_inputs, state, cell)


@export("contrib.legacy_seq2seq.tied_rnn_seq2seq")
def tied_rnn_seq2seq(
    encoder_inputs: Any, decoder_inputs: Any, cell: Any, loop_function: Any = None, dtype: Any = float32,
    scope: Any = None,
) -> Outputs:  # fmt: skip
    """As basic_rnn_seq2seq, with one cell for both."""
    with variable_scope("combined_tied_rnn_seq2seq"):
        inside = scope or "tied_rnn_seq2seq"
        _, state = static_rnn(cell, encoder_inputs, dtype=dtype, scope=inside)
        get_variable_scope().reuse_variables()
        return rnn_decoder(decoder_inputs, state, cell, loop_function=loop_function, scope=inside)


@export("contrib.legacy_seq2seq.embedding_rnn_decoder")
def embedding_rnn_decoder(
    decoder_inputs: Any, initial_state: Any, cell: Any, num_symbols: int, embedding_size: int,
    output_projection: Any = None, feed_previous: bool = False, update_embedding_for_previous: bool = True,
    scope: Any = None,
) -> Outputs:  # fmt: skip
    """rnn_decoder over symbols; with `feed_previous` each is the likeliest one of the last output."""
    with variable_scope(scope or "embedding_rnn_decoder"):
        table = get_variable("embedding", [num_symbols, embedding_size])
        back = _fed_back(table, output_projection, update_embedding_for_previous) if feed_previous else None
        inputs = (embedding_lookup(table, each) for each in decoder_inputs)
        return rnn_decoder(inputs, initial_state, cell, loop_function=back)


def _by_condition(feed_previous: Any, decoder: Callable[[bool], Outputs], steps: int, like: Any) -> Outputs:
    """The outputs of a decoder that a tensor tells whether to feed back."""

    def flat(feeding: bool) -> list[Tensor]:
        with variable_scope(get_variable_scope(), reuse=None if feeding else True):
            outputs, state = decoder(feeding)
            return [*outputs, *nest.flatten(state)]

    found = cond(feed_previous, lambda: flat(True), lambda: flat(False))
    states = iter(found[steps:])
    return list(found[:steps]), nest.rebuild(like, lambda _: next(states))


@export("contrib.legacy_seq2seq.embedding_rnn_seq2seq")
def embedding_rnn_seq2seq(
    encoder_inputs: Any, decoder_inputs: Any, cell: Any, num_encoder_symbols: int, num_decoder_symbols: int,
    embedding_size: int, output_projection: Any = None, feed_previous: Any = False, dtype: Any = None,
    scope: Any = None,
) -> Outputs:  # fmt: skip
    """basic_rnn_seq2seq over symbols. `feed_previous` may be a tensor."""
    with variable_scope(scope or "embedding_rnn_seq2seq") as inside:
        if dtype is not None:
            inside.set_dtype(dtype)
        encoder = EmbeddingWrapper(copy.deepcopy(cell), num_encoder_symbols, embedding_size)
        _, state = static_rnn(encoder, encoder_inputs, dtype=dtype or inside.dtype)
        if output_projection is None:
            cell = OutputProjectionWrapper(cell, num_decoder_symbols)

        def decoder(feeding: bool, update: bool = False) -> Outputs:
            return embedding_rnn_decoder(
                decoder_inputs, state, cell, num_decoder_symbols, embedding_size, output_projection, feeding, update
            )

        if isinstance(feed_previous, bool):
            return decoder(feed_previous, True)
        return _by_condition(feed_previous, decoder, len(decoder_inputs), state)


@export("contrib.legacy_seq2seq.embedding_tied_rnn_seq2seq")
def embedding_tied_rnn_seq2seq(
    encoder_inputs: Any, decoder_inputs: Any, cell: Any, num_symbols: int, embedding_size: int,
    num_decoder_symbols: int | None = None, output_projection: Any = None, feed_previous: Any = False,
    dtype: Any = None, scope: Any = None,
) -> Outputs:  # fmt: skip
    """tied_rnn_seq2seq over symbols, with one table for both."""
    with variable_scope(scope or "embedding_tied_rnn_seq2seq", dtype=dtype) as inside:
        table = get_variable("embedding", [num_symbols, embedding_size], dtype=inside.dtype)
        before, after = (
            [embedding_lookup(table, each) for each in inputs] for inputs in (encoder_inputs, decoder_inputs)
        )
        if output_projection is None:
            cell = OutputProjectionWrapper(cell, num_decoder_symbols or num_symbols)

        def decoder(feeding: bool, update: bool = False) -> Outputs:
            back = _fed_back(table, output_projection, update) if feeding else None
            return tied_rnn_seq2seq(before, after, cell, loop_function=back, dtype=inside.dtype)

        if isinstance(feed_previous, bool):
            return decoder(feed_previous, True)
        like = cell.zero_state(shape(encoder_inputs[0])[0], inside.dtype)
        return _by_condition(feed_previous, decoder, len(decoder_inputs), like)


@export("contrib.legacy_seq2seq.attention_decoder")
def attention_decoder(
    decoder_inputs: Sequence[Any], initial_state: Any, attention_states: Any, cell: Any, output_size: Any = None,
    num_heads: int = 1, loop_function: Any = None, dtype: Any = None, scope: Any = None,
    initial_state_attention: bool = False,
) -> Outputs:  # fmt: skip
    """rnn_decoder that looks at `attention_states` [batch, length, size] (Vinyals et al., 2014). Raises ValueError for
    no inputs, no heads and states of unknown size."""
    if not decoder_inputs:
        raise ValueError("Must provide at least 1 input to attention decoder.")
    if num_heads < 1:
        raise ValueError("With less than 1 heads, use a non-attention decoder.")
    size = attention_states.shape[2].value
    if size is None:
        raise ValueError(f"Shape[2] of attention_states must be known: {attention_states.shape}")
    width = cell.output_size if output_size is None else output_size
    with variable_scope(scope or "attention_decoder", dtype=dtype) as inside:
        length = attention_states.shape[1].value or shape(attention_states)[1]
        hidden = reshape(attention_states, [-1, length, 1, size])
        features: list[Tensor] = []
        vectors: list[Any] = []
        for head in range(num_heads):
            kernel = get_variable(f"AttnW_{head}", [1, 1, size, size], dtype=inside.dtype)
            features.append(conv2d(hidden, kernel, [1, 1, 1, 1], "SAME"))
            vectors.append(get_variable(f"AttnV_{head}", [size], dtype=inside.dtype))

        def looked(query: Any) -> list[Tensor]:
            """What each head reads of the states."""
            if isinstance(query, list | tuple):
                query = concat(nest.flatten(query), 1)
            found: list[Tensor] = []
            for head in range(num_heads):
                with variable_scope(f"Attention_{head}"):
                    asked = reshape(Linear(query, size, True)(query), [-1, 1, 1, size])
                    scores = reduced("Sum", vectors[head] * _tanh(features[head] + asked), [2, 3], False, None)
                    shares = reshape(softmax(scores), [-1, length, 1, 1])
                    found.append(reshape(reduced("Sum", shares * hidden, [1, 2], False, None), [-1, size]))
            return found

        state = initial_state
        sizes = stack([shape(decoder_inputs[0])[0], size])
        reads = [zeros(sizes, dtype=inside.dtype) for _ in range(num_heads)]
        for read in reads:
            read.set_shape([None, size])
        if initial_state_attention:
            reads = looked(initial_state)
        outputs: list[Tensor] = []
        previous = None
        for step, given in enumerate(decoder_inputs):
            if step > 0:
                get_variable_scope().reuse_variables()
            if loop_function is not None and previous is not None:
                with variable_scope("loop_function", reuse=True):
                    given = loop_function(previous, step)
            depth = given.shape.with_rank(2)[1].value
            if depth is None:
                raise ValueError(f"Could not infer input size from input: {given.name}")
            output, state = cell(Linear([given, *reads], depth, True)([given, *reads]), state)
            again = True if step == 0 and initial_state_attention else None
            with variable_scope(get_variable_scope(), reuse=again):
                reads = looked(state)
            with variable_scope("AttnOutputProjection"):
                output = Linear([output, *reads], width, True)([output, *reads])
            if loop_function is not None:
                previous = output
            outputs.append(output)
    return outputs, state


@export("contrib.legacy_seq2seq.embedding_attention_decoder")
def embedding_attention_decoder(
    decoder_inputs: Any, initial_state: Any, attention_states: Any, cell: Any, num_symbols: int, embedding_size: int,
    num_heads: int = 1, output_size: Any = None, output_projection: Any = None, feed_previous: bool = False,
    update_embedding_for_previous: bool = True, dtype: Any = None, scope: Any = None,
    initial_state_attention: bool = False,
) -> Outputs:  # fmt: skip
    """attention_decoder over symbols."""
    width = cell.output_size if output_size is None else output_size
    with variable_scope(scope or "embedding_attention_decoder", dtype=dtype):
        table = get_variable("embedding", [num_symbols, embedding_size])
        back = _fed_back(table, output_projection, update_embedding_for_previous) if feed_previous else None
        inputs = [embedding_lookup(table, each) for each in decoder_inputs]
        return attention_decoder(
            inputs, initial_state, attention_states, cell, width, num_heads, back,
            initial_state_attention=initial_state_attention,
        )  # fmt: skip


@export("contrib.legacy_seq2seq.embedding_attention_seq2seq")
def embedding_attention_seq2seq(
    encoder_inputs: Any, decoder_inputs: Any, cell: Any, num_encoder_symbols: int, num_decoder_symbols: int,
    embedding_size: int, num_heads: int = 1, output_projection: Any = None, feed_previous: Any = False,
    dtype: Any = None, scope: Any = None, initial_state_attention: bool = False,
) -> Outputs:  # fmt: skip
    """embedding_rnn_seq2seq whose decoder looks at the outputs of the encoder."""
    with variable_scope(scope or "embedding_attention_seq2seq", dtype=dtype) as inside:
        encoder = EmbeddingWrapper(copy.deepcopy(cell), num_encoder_symbols, embedding_size)
        found, state = static_rnn(encoder, encoder_inputs, dtype=inside.dtype)
        states = concat([reshape(each, [-1, 1, cell.output_size]) for each in found], 1)
        width = None
        if output_projection is None:
            cell = OutputProjectionWrapper(cell, num_decoder_symbols)
            width = num_decoder_symbols

        def decoder(feeding: bool, update: bool = False) -> Outputs:
            return embedding_attention_decoder(
                decoder_inputs, state, states, cell, num_decoder_symbols, embedding_size, num_heads, width,
                output_projection, feeding, update, initial_state_attention=initial_state_attention,
            )  # fmt: skip

        if isinstance(feed_previous, bool):
            return decoder(feed_previous, True)
        return _by_condition(feed_previous, decoder, len(decoder_inputs), state)
