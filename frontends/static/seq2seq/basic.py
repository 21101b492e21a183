"""tf.contrib.seq2seq.BasicDecoder: a cell whose inputs a helper chooses."""

from __future__ import annotations

import collections
from typing import Any

from ..exports import export
from ..graphs import nest
from ..graphs.scopes import name_scope
from ..graphs.shapes import TensorShape
from ..layers.layer import Layer
from ..recurrence.cell import check_cell
from .decoding import Decoder
from .helpers import Helper, first_dtype
from .structures import shape_of_size

BasicDecoderOutput = collections.namedtuple("BasicDecoderOutput", ("rnn_output", "sample_id"))
export("contrib.seq2seq.BasicDecoderOutput")(BasicDecoderOutput)


def sizes_after(cell: Any, output_layer: Any) -> Any:
    """The sizes of a cell's outputs, after a layer where there is one."""
    if output_layer is None:
        return cell.output_size
    whole = nest.rebuild(cell.output_size, lambda size: TensorShape([None]).concatenate(shape_of_size(size)))
    return nest.rebuild(whole, lambda shape: output_layer.compute_output_shape(shape)[1:])


def check_output_layer(output_layer: Any) -> None:
    """Raises TypeError for what is no layer, nor None."""
    if output_layer is not None and not isinstance(output_layer, Layer):
        raise TypeError(f"output_layer must be a Layer, received: {type(output_layer)}")


@export("contrib.seq2seq.BasicDecoder")
class BasicDecoder(Decoder):
    """A decoder whose outputs are those of a cell, after `output_layer` where it is given, and what a helper samples of
    them. Raises TypeError."""

    def __init__(self, cell: Any, helper: Any, initial_state: Any, output_layer: Any = None) -> None:
        check_cell("cell", cell)
        if not isinstance(helper, Helper):
            raise TypeError(f"helper must be a Helper, received: {type(helper)}")
        check_output_layer(output_layer)
        self._cell = cell
        self._helper = helper
        self._initial_state = initial_state
        self._output_layer = output_layer

    @property
    def batch_size(self) -> Any:
        return self._helper.batch_size

    @property
    def output_size(self) -> Any:
        return BasicDecoderOutput(sizes_after(self._cell, self._output_layer), self._helper.sample_ids_shape)

    @property
    def output_dtype(self) -> Any:
        dtype = first_dtype(self._initial_state)
        of_outputs = nest.rebuild(sizes_after(self._cell, self._output_layer), lambda _: dtype)
        return BasicDecoderOutput(of_outputs, self._helper.sample_ids_dtype)

    def initialize(self, name: str | None = None) -> Any:
        return (*self._helper.initialize(), self._initial_state)

    def step(self, time: Any, inputs: Any, state: Any, name: str | None = None) -> Any:
        with name_scope(name, "BasicDecoderStep", [time]):
            outputs, following = self._cell(inputs, state)
            if self._output_layer is not None:
                outputs = self._output_layer(outputs)
            samples = self._helper.sample(time=time, outputs=outputs, state=following)
            finished, next_inputs, following = self._helper.next_inputs(
                time=time, outputs=outputs, state=following, sample_ids=samples
            )
        return BasicDecoderOutput(outputs, samples), following, next_inputs, finished
