"""tf.keras.layers that have another layer: both ways along a sequence, and for every step."""

from __future__ import annotations

import copy
from typing import Any

from ..exports import export
from ..graphs.tensor import Tensor
from ..operations.arrays import reshape, shape
from ..operations.joining import concat
from ..operations.rearranging import reverse
from .layer import Layer
from .recurrent import RNN


@export("keras.layers.Bidirectional")
class Bidirectional(Layer):
    """A recurrent layer forwards, and another backwards; their outputs put together by `merge_mode`: concat, sum, mul,
    ave, or None for both. Raises ValueError."""

    def __init__(self, layer: RNN, merge_mode: str | None = "concat", **options: Any) -> None:
        super().__init__(**options)
        if merge_mode not in ("sum", "mul", "ave", "concat", None):
            raise ValueError('Invalid merge mode. Merge mode should be one of {"sum", "mul", "ave", "concat", None}')
        self.merge_mode = merge_mode
        self.forward_layer = copy.deepcopy(layer)
        self.backward_layer = copy.deepcopy(layer)
        self.backward_layer.go_backwards = not layer.go_backwards
        self.forward_layer._name = f"forward_{layer.name}"
        self.backward_layer._name = f"backward_{layer.name}"
        self._given.update(layer._given)

    def call(self, inputs: Any, training: Any = None) -> Any:
        y, back = self.forward_layer(inputs, training=training), self.backward_layer(inputs, training=training)
        states: list[Tensor] = []
        if self.forward_layer.return_state:
            (y, *states), (back, *more) = y, back
            states += more
        if self.forward_layer.return_sequences:
            back = reverse(back, [0 if self.forward_layer.time_major else 1])
        merged = self._merged(y, back)
        return [*(merged if isinstance(merged, list) else [merged]), *states] if states else merged

    def _merged(self, y: Tensor, back: Tensor) -> Any:
        if self.merge_mode is None:
            return [y, back]
        if self.merge_mode == "concat":
            return concat([y, back], -1)
        if self.merge_mode == "mul":
            return y * back
        return y + back if self.merge_mode == "sum" else (y + back) / 2


@export("keras.layers.TimeDistributed")
class TimeDistributed(Layer):
    """A layer applied to every step of sequences [batch, time, ...]."""

    def __init__(self, layer: Layer, **options: Any) -> None:
        super().__init__(**options)
        self.layer = layer
        self._given = {**layer._given, **self._given}

    def build(self, input_shape: Any) -> None:
        if not self.layer.built:
            known = list(input_shape)
            self.layer.build([known[0], *known[2:]])
            self.layer.built = True
        self.built = True

    def call(self, inputs: Any, training: Any = None) -> Tensor:
        sizes, known = shape(inputs), inputs.shape.as_list()
        flat = reshape(inputs, concat([[-1], sizes[2:]], 0))
        flat.set_shape([None, *known[2:]])
        made = self.layer.call(flat, **self.layer._passed({"training": training}))
        found = reshape(made, concat([sizes[:2], shape(made)[1:]], 0))
        found.set_shape([*known[:2], *made.shape.as_list()[1:]])
        return found
