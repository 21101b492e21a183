"""tf.contrib.seq2seq.AttentionWrapper: a cell that attends to a memory in each step."""

from __future__ import annotations

import collections
from collections.abc import Callable
from typing import Any

from ..exports import export
from ..graphs import nest
from ..graphs.dtypes import int32
from ..graphs.scopes import control_dependencies, name_scope
from ..graphs.shapes import TensorShape
from ..graphs.tensor import Tensor
from ..layers.core import Dense
from ..operations.arrays import expand_dims, identity, shape, squeeze
from ..operations.checks import assert_equal
from ..operations.joining import concat
from ..operations.products import matmul
from ..operations.ranges import zeros
from ..operations.tensor_arrays import TensorArray
from ..recurrence.cell import RNNCell, check_cell, zeros_of
from .attention import AttentionMechanism
from .structures import mapped

_FIELDS = ("cell_state", "attention", "time", "alignments", "alignment_history", "attention_state")


@export("contrib.seq2seq.AttentionWrapperState")
class AttentionWrapperState(collections.namedtuple("AttentionWrapperState", _FIELDS)):
    """The state of an AttentionWrapper."""

    __slots__ = ()

    def clone(self, **kwargs: Any) -> AttentionWrapperState:
        """The state with other parts of the same shapes. Raises ValueError."""
        return mapped(_with_shape, self, self._replace(**kwargs))


def _with_shape(old: Any, new: Any) -> Any:
    if isinstance(old, Tensor) and isinstance(new, Tensor):
        if not old.shape.is_compatible_with(new.shape):
            raise ValueError(
                "The shape of the AttentionWrapperState is expected to be same as the one to clone. self.shape: "
                f"{old.shape}, input.shape: {new.shape}"
            )
        if not new.shape.is_fully_defined() and old.shape.ndims is not None:
            new = identity(new)
            new.set_shape(old.shape)
    return new


def _attended(mechanism: Any, output: Tensor, state: Any, layer: Any) -> tuple[Tensor, Tensor, Any]:
    """(attention, alignments, next state) of a mechanism for a cell's output."""
    alignments, following = mechanism(output, state=state)
    context = squeeze(matmul(expand_dims(alignments, 1), mechanism.values), [1])
    attention = context if layer is None else layer(concat([output, context], 1))
    return attention, alignments, following


@export("contrib.seq2seq.AttentionWrapper")
class AttentionWrapper(RNNCell):
    """A cell whose inputs have the attention of the step before joined to them, and whose output is the attention, or
    without `output_attention` the cell's own.

    The attention is what one or several mechanisms find for the cell's output; with `attention_layer_size` it goes
    through a layer together with that. `alignment_history` keeps all alignments, in a tf.TensorArray. Raises TypeError,
    ValueError.
    """

    def __init__(
        self,
        cell: Any,
        attention_mechanism: Any,
        attention_layer_size: Any = None,
        alignment_history: bool = False,
        cell_input_fn: Callable[[Any, Any], Any] | None = None,
        output_attention: bool = True,
        initial_cell_state: Any = None,
        name: str | None = None,
        attention_layer: Any = None,
        attention_fn: Callable[..., Any] | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(name=name, dtype=dtype)
        check_cell("cell", cell)
        self._is_multi = isinstance(attention_mechanism, list | tuple)
        mechanisms = tuple(attention_mechanism) if self._is_multi else (attention_mechanism,)
        for each in mechanisms:
            if not isinstance(each, AttentionMechanism):
                wanted = (
                    "attention_mechanism must contain only instances of AttentionMechanism"
                    if self._is_multi
                    else "attention_mechanism must be an AttentionMechanism or list of multiple AttentionMechanism "
                    "instances"
                )
                raise TypeError(f"{wanted}, saw type: {type(each).__name__}")
        if cell_input_fn is not None and not callable(cell_input_fn):
            raise TypeError(f"cell_input_fn must be callable, saw type: {type(cell_input_fn).__name__}")
        self._cell = cell
        self._attention_mechanisms = mechanisms
        self._attention_layers, self._attention_layer_size = _layers(
            cell, mechanisms, attention_layer_size, attention_layer
        )
        self._attention_fn = attention_fn or _attended
        self._cell_input_fn = cell_input_fn or (lambda inputs, attention: concat([inputs, attention], -1))
        self._output_attention = output_attention
        self._alignment_history = alignment_history
        self._initial_cell_state = None
        with name_scope(name, "AttentionWrapperInit"):
            if initial_cell_state is not None:
                last = nest.flatten(initial_cell_state)[-1]
                message = (
                    f"When constructing AttentionWrapper {self._base_name}: Non-matching batch sizes between the "
                    "memory (encoder output) and initial_cell_state.  Are you using the BeamSearchDecoder?  You may "
                    "need to tile your initial state via the tf.contrib.seq2seq.tile_batch function with argument "
                    "multiple=beam_width."
                )
                with control_dependencies(self._batch_size_checks(last.shape.dims[0].value or shape(last)[0], message)):
                    self._initial_cell_state = nest.rebuild(
                        initial_cell_state, lambda leaf: identity(leaf, name="check_initial_cell_state")
                    )

    def _batch_size_checks(self, batch_size: Any, message: str) -> list[Any]:
        return [assert_equal(batch_size, each.batch_size, message=message) for each in self._attention_mechanisms]

    def _item_or_tuple(self, items: Any) -> Any:
        found = tuple(items)
        return found if self._is_multi else found[0]

    @property
    def output_size(self) -> Any:
        return self._attention_layer_size if self._output_attention else self._cell.output_size

    @property
    def state_size(self) -> Any:
        mechanisms = self._attention_mechanisms
        return AttentionWrapperState(
            cell_state=self._cell.state_size,
            time=TensorShape([]),
            attention=self._attention_layer_size,
            alignments=self._item_or_tuple(each.alignments_size for each in mechanisms),
            attention_state=self._item_or_tuple(each.state_size for each in mechanisms),
            alignment_history=self._item_or_tuple(
                each.alignments_size if self._alignment_history else () for each in mechanisms
            ),
        )

    def zero_state(self, batch_size: Any, dtype: Any) -> Any:
        """The state before the first step, with the `initial_cell_state` given, or the cell's own of zeros."""
        with name_scope(f"{type(self).__name__}ZeroState", values=[batch_size]):
            cell_state = self._initial_cell_state
            if cell_state is None:
                cell_state = self._cell.get_initial_state(batch_size=batch_size, dtype=dtype)
            message = (
                f"When calling zero_state of AttentionWrapper {self._base_name}: Non-matching batch sizes between the "
                "memory (encoder output) and the requested batch size.  Are you using the BeamSearchDecoder?  If so, "
                "make sure your encoder output has been tiled to beam_width via tf.contrib.seq2seq.tile_batch, and the "
                "batch_size= argument passed to zero_state is batch_size * beam_width."
            )
            with control_dependencies(self._batch_size_checks(batch_size, message)):
                cell_state = nest.rebuild(cell_state, lambda leaf: identity(leaf, name="checked_cell_state"))
            first = [each.initial_alignments(batch_size, dtype) for each in self._attention_mechanisms]
            return AttentionWrapperState(
                cell_state=cell_state,
                time=zeros([], dtype=int32),
                attention=zeros_of(batch_size, self._attention_layer_size, dtype),
                alignments=self._item_or_tuple(first),
                attention_state=self._item_or_tuple(
                    each.initial_state(batch_size, dtype) for each in self._attention_mechanisms
                ),
                alignment_history=self._item_or_tuple(
                    TensorArray(dtype, size=0, dynamic_size=True, element_shape=alignments.shape)
                    if self._alignment_history
                    else ()
                    for alignments in first
                ),
            )

    def call(self, inputs: Any, state: Any) -> Any:
        if not isinstance(state, AttentionWrapperState):
            raise TypeError(
                f"Expected state to be instance of AttentionWrapperState. Received type {type(state)} instead."
            )
        output, cell_state = self._cell(self._cell_input_fn(inputs, state.attention), state.cell_state)
        known = output.shape.dims[0].value
        if known is not None and all(isinstance(each.batch_size, int) for each in self._attention_mechanisms):
            message = (
                f"When applying AttentionWrapper {self.name}: Non-matching batch sizes between the memory (encoder "
                "output) and the query (decoder output).  Are you using the BeamSearchDecoder?  You may need to tile "
                "your memory input via the tf.contrib.seq2seq.tile_batch function with argument multiple=beam_width."
            )
            self._batch_size_checks(known, message)
        states, histories = (
            part if self._is_multi else [part] for part in (state.attention_state, state.alignment_history)
        )
        attentions, alignments, following, written = [], [], [], []
        for number, mechanism in enumerate(self._attention_mechanisms):
            layer = self._attention_layers[number] if self._attention_layers else None
            attention, aligned, next_state = self._attention_fn(mechanism, output, states[number], layer)
            attentions.append(attention)
            alignments.append(aligned)
            following.append(next_state)
            written.append(histories[number].write(state.time, aligned) if self._alignment_history else ())
        attention = concat(attentions, 1)
        after = AttentionWrapperState(
            cell_state=cell_state,
            attention=attention,
            time=state.time + 1,
            alignments=self._item_or_tuple(alignments),
            alignment_history=self._item_or_tuple(written),
            attention_state=self._item_or_tuple(following),
        )
        return (attention if self._output_attention else output), after


def _layers(cell: Any, mechanisms: tuple[Any, ...], sizes: Any, layers: Any) -> tuple[Any, int]:
    """The attention layers, or None, and the size of an attention. Raises ValueError."""
    if sizes is not None and layers is not None:
        raise ValueError("Only one of attention_layer_size and attention_layer should be set")
    if sizes is not None:
        sizes = tuple(sizes) if isinstance(sizes, list | tuple) else (sizes,)
        if len(sizes) != len(mechanisms):
            raise ValueError(
                "If provided, attention_layer_size must contain exactly one integer per attention_mechanism, saw: "
                f"{len(sizes)} vs {len(mechanisms)}"
            )
        made = tuple(
            Dense(size, name="attention_layer", use_bias=False, dtype=each.dtype)
            for size, each in zip(sizes, mechanisms, strict=True)
        )
        return made, sum(sizes)
    widths = [each.values.shape[-1].value for each in mechanisms]
    if layers is None:
        return None, sum(widths)
    layers = tuple(layers) if isinstance(layers, list | tuple) else (layers,)
    if len(layers) != len(mechanisms):
        raise ValueError(
            "If provided, attention_layer must contain exactly one layer per attention_mechanism, saw: "
            f"{len(layers)} vs {len(mechanisms)}"
        )
    given = [TensorShape([None, cell.output_size + width]) for width in widths]
    return layers, sum(
        layer.compute_output_shape(shape)[-1].value for layer, shape in zip(layers, given, strict=True)
    )  # fmt: skip
