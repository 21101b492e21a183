"""tf.keras.Model and Sequential: layers made one, of tensors, in a row, or by a class of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from diptych.ir import Unsupported, user_location

from ..exports import export
from ..graphs import nest
from ..graphs.tensor import Tensor
from ..training.saver import Saver
from . import backend
from .core import InputLayer
from .layer import Layer
from .nodes import applied, layers_between, node_of
from .training import Trained


@export("keras.Model", "keras.models.Model")
class Model(Trained, Layer):
    """Layers between tensors, `Model(inputs, outputs)`, or a subclass with `call(inputs)`. It is a layer itself, and
    trained by `compile` and `fit`."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        given = dict(zip(("inputs", "outputs", "name"), arguments, strict=False))
        given.update(options)
        inputs, outputs = given.pop("inputs", None), given.pop("outputs", None)
        if isinstance(inputs, str):  # the name of a subclass
            given["name"], inputs = inputs, None
        super().__init__(**given)
        self.__dict__["_is_functional"] = outputs is not None
        self.__dict__["inputs"] = self.__dict__["outputs"] = None
        self.stop_training = False
        self.optimizer: Any = None
        if outputs is not None:
            self._connect(inputs, outputs)

    def _connect(self, inputs: Any, outputs: Any) -> None:
        """Makes the model of tensors. Raises ValueError where the way does not begin at the inputs."""
        self.__dict__["_structure"] = outputs
        self.__dict__["inputs"] = list(nest.flatten(inputs))
        self.__dict__["outputs"] = list(nest.flatten(outputs))
        for tensor in self.inputs:
            if node_of(tensor) is None:
                raise ValueError(
                    "Input tensors to a Model must come from `tf.keras.Input`. Received: "
                    f"{tensor} (missing previous layer metadata)."
                )
        self.__dict__["_sublayers"] = layers_between(self.inputs, self.outputs)
        self.built = True

    @property
    def layers(self) -> list[Layer]:
        """The layers that it is made of."""
        return list(self._sublayers)

    def get_layer(self, name: str | None = None, index: int | None = None) -> Layer:
        """A layer by its name or its number. Raises ValueError."""
        if index is not None:
            if len(self.layers) <= index:
                raise ValueError(
                    f"Was asked to retrieve layer at index {index} but model only has {len(self.layers)} layers."
                )
            return self.layers[index]
        if not name:
            raise ValueError("Provide either a layer name or layer index.")
        for layer in self.layers:
            if layer.name == name:
                return layer
        raise ValueError(f"No such layer: {name}")

    @property
    def input(self) -> Any:
        """The tensors that it begins with."""
        return _one(self.inputs) if self.inputs is not None else super().input

    @property
    def output(self) -> Any:
        """The tensors that it gives."""
        return _one(self.outputs) if self.outputs is not None else super().output

    @property
    def input_names(self) -> list[str]:
        """The names of the inputs."""
        return [tensor.op.name for tensor in self.inputs]

    @property
    def output_names(self) -> list[str]:
        """The names of the layers that give the outputs."""
        found: list[str] = []
        for number, tensor in enumerate(self.outputs, 1):
            node = node_of(tensor)
            found.append(f"output_{number}" if node is None or not self._is_functional else node.layer.name)
        return found

    def call(self, inputs: Any, training: Any = None, mask: Any = None) -> Any:
        """What the layers give for other tensors."""
        if not self._is_functional:
            raise NotImplementedError("When subclassing the `Model` class, you should implement a `call` method.")
        known = dict(zip(self.inputs, nest.flatten(inputs), strict=True))
        found = applied(known, self.outputs, {"training": training} if training is not None else {})
        return nest.pack_as(self._structure, iter(found))

    def _build_for(self, inputs: Any) -> None:
        if "build" in vars(type(self)):
            super()._build_for(inputs)

    def build(self, input_shape: Any = None) -> None:
        """Made already, or made when it is called."""
        self.built = True

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The shape of the outputs."""
        return nest.rebuild(self.output, backend.int_shape)

    # -- files ----

    def save_weights(self, filepath: Any, overwrite: bool = True, save_format: str | None = None) -> None:
        """Writes all variables into a checkpoint. Raises Unsupported for an HDF5 file."""
        _check_format(filepath, save_format, "save_weights")
        Saver(self.weights, max_to_keep=None).save(backend.get_session(), str(filepath), write_meta_graph=False)

    def load_weights(self, filepath: Any, by_name: bool = False) -> None:
        """Reads all variables from a checkpoint. Raises Unsupported for an HDF5 file."""
        _check_format(filepath, None, "load_weights")
        Saver(self.weights, max_to_keep=None).restore(backend.get_session(), str(filepath))

    def save(
        self, filepath: Any, overwrite: bool = True, include_optimizer: bool = True, save_format: str | None = None
    ) -> None:
        """Raises Unsupported: a model's layers are not written."""
        raise Unsupported(
            "tf.keras.Model.save: models are not written to files", location=user_location(),
            hint="model.save_weights(path), which writes a checkpoint of TensorFlow's",
        )  # fmt: skip

    def summary(self, line_length: int | None = None, positions: Any = None, print_fn: Any = None) -> None:
        """Prints the layers, the shapes of what they give, and how many numbers they hold."""
        say: Callable[[str], Any] = print_fn or print
        wide = line_length or 65
        say(f'Model: "{self.name}"')
        say("_" * wide)
        say(f"{'Layer (type)':<29}{'Output Shape':<26}{'Param #':<10}".rstrip())
        say("=" * wide)
        for layer in self.layers:
            shape = str(layer.output_shape) if layer._inbound else "multiple"
            count = sum(int(np.prod(each.shape.as_list())) for each in layer.weights)
            say(f"{f'{layer.name} ({type(layer).__name__})':<29}{shape:<26}{count:<10}".rstrip())
            say("_" * wide)
        trained, others = (
            sum(int(np.prod(each.shape.as_list())) for each in kept)
            for kept in (self.trainable_weights, self.non_trainable_weights)
        )
        say(f"Total params: {trained + others:,}")
        say(f"Trainable params: {trained:,}")
        say(f"Non-trainable params: {others:,}")
        say("_" * wide)


def _check_format(path: Any, save_format: Any, name: str) -> None:
    if str(path).endswith((".h5", ".hdf5", ".keras")) or save_format == "h5":
        raise Unsupported(
            f"tf.keras.Model.{name}: HDF5 files are not supported", location=user_location(),
            hint="a path that does not end in .h5, for a checkpoint of TensorFlow's",
        )  # fmt: skip


def _one(tensors: Sequence[Any]) -> Any:
    return tensors[0] if len(tensors) == 1 else list(tensors)


@export("keras.Sequential", "keras.models.Sequential")
class Sequential(Model):
    """Layers one after another; made at once where the first knows the shape of its input, else when it is called.
    Raises TypeError and ValueError."""

    def __init__(self, layers: Any = None, name: str | None = None) -> None:
        super().__init__(name=name)
        self.__dict__["_row"] = []
        for layer in layers or []:
            self.add(layer)

    @property
    def layers(self) -> list[Layer]:
        """The layers, without the one that stands for the input."""
        return [layer for layer in self._row if not isinstance(layer, InputLayer)]

    def add(self, layer: Any) -> None:
        """Another layer behind the others."""
        if isinstance(layer, Tensor) and node_of(layer) is not None:
            layer = node_of(layer).layer
        if not isinstance(layer, Layer):
            raise TypeError(f"The added layer must be an instance of class Layer. Found: {layer}")
        if not self._row and not isinstance(layer, InputLayer):
            begin = _beginning(layer)
            if begin is not None:
                self._row.append(begin)
        self._row.append(layer)
        self._sublayers.append(layer)
        self._advance()

    def pop(self) -> None:
        """Removes the last layer. Raises TypeError where there is none."""
        if not self.layers:
            raise TypeError("There are no layers in the model.")
        removed = self._row.pop()
        self.__dict__["_sublayers"] = [layer for layer in self._sublayers if layer is not removed]
        self.__dict__["outputs"] = None
        self._advance(again=True)

    def _advance(self, *, again: bool = False) -> None:
        """Makes the tensors of the layers that are new, where the input is known."""
        if not isinstance(self._row[0], InputLayer):
            return
        begin = self._row[0].output
        if self.outputs is None:
            tensor = begin
            rest = self.layers if not again else []
            if again and self.layers:
                tensor = self.layers[-1].output
        else:
            tensor, rest = self.outputs[0], self._row[-1:]
        for layer in rest:
            tensor = layer(tensor)
        self.__dict__["_is_functional"] = True
        self.__dict__["inputs"] = [begin]
        self.__dict__["outputs"] = [tensor]
        self.built = True

    def predict_classes(self, x: Any, batch_size: int | None = None, verbose: int = 0) -> np.ndarray:
        """The class of each example: of the largest prediction, or whether the only one is larger than a half."""
        found = self.predict(x, batch_size)
        return found.argmax(axis=-1) if found.shape[-1] > 1 else (found > 0.5).astype("int32")

    predict_proba = Model.predict

    def call(self, inputs: Any, training: Any = None, mask: Any = None) -> Any:
        """What the layers give one after another."""
        found = inputs
        for layer in self.layers:
            found = layer(found, training=training) if training is not None else layer(found)
        return found


def _beginning(layer: Layer) -> InputLayer | None:
    """The placeholder that a first layer asks for, by its shape or its own first layer's."""
    given = layer._given
    if isinstance(layer, Sequential) and layer._row and isinstance(layer._row[0], InputLayer):
        sizes: Any = layer.inputs[0].shape.as_list()
    elif "batch_input_shape" in given:
        sizes = list(given["batch_input_shape"])
    elif "input_shape" in given:
        sizes = [given.get("batch_size"), *given["input_shape"]]
    elif "input_dim" in given and type(layer).__name__ != "Embedding":
        sizes = [given.get("batch_size"), given["input_dim"]]
    elif type(layer).__name__ == "Embedding":
        sizes = [None, None]
    else:
        return None
    return InputLayer(batch_input_shape=sizes, dtype=layer.dtype, name=f"{layer.name}_input")
