"""tf.keras.layers.Layer: a function with variables, which are in the name scope that it is first called in."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

import numpy as np

from ..exports import export
from ..graphs import nest
from ..graphs.conversion import convert_to_tensor
from ..graphs.dtypes import as_dtype, float32
from ..graphs.scopes import name_scope
from ..graphs.shapes import as_shape
from ..graphs.tensor import Tensor
from ..layers.layer import Layer as PlainLayer
from ..layers.layer import snake_case
from ..operations.arrays import identity
from ..operations.arrays import shape as shape_of
from ..operations.casting import cast
from ..variables.initializers import ZEROS, GlorotUniform
from ..variables.replicas import is_trained
from ..variables.variable import Variable
from . import backend, initializers, settings
from .nodes import Node, remember
from .regularizers import get_constraint, get_regularizer

_LOOKUPS = {"initializer": initializers.get, "regularizer": get_regularizer, "constraint": get_constraint}
_GIVEN = ("input_shape", "batch_input_shape", "input_dim", "input_length", "batch_size", "weights")


@export("keras.layers.Layer")
class Layer(PlainLayer):
    """A function `call(inputs)` with variables of its own, which `build(input_shape)` makes by `add_weight` when it is
    first called. Layers that are its attributes, or in lists that are, are parts of it.

    Keywords: `input_shape` or `batch_input_shape` for the first layer of a Sequential, `weights` to begin with.
    """

    def __new__(cls, *arguments: Any, **options: Any) -> Any:
        made = object.__new__(cls)
        made.__dict__["_given"] = {name: options.get(name) for name in _GIVEN if options.get(name) is not None}
        made.__dict__["_sublayers"] = []
        made.__dict__["_inbound"] = []
        made.__dict__["_conditional_losses"] = []
        return made

    def __init__(self, trainable: bool = True, name: str | None = None, dtype: Any = None, **options: Any) -> None:
        for unused in (*_GIVEN, "dynamic"):
            options.pop(unused, None)
        super().__init__(trainable=trainable, name=name, dtype=dtype, **options)
        self.supports_masking = False

    def _set_name(self, name: Any) -> None:
        self._base_name = self._name = name or backend.unique_name(snake_case(type(self).__name__))

    def __setattr__(self, name: str, value: Any) -> None:
        """Sets an attribute; layers and variables in it become parts. What is named by the end of the attribute's name
        is looked up: an initializer, a regularizer, a constraint. Raises ValueError."""
        look_up = _LOOKUPS.get(name.rpartition("_")[2])
        value = value if look_up is None else look_up(value)
        if name not in ("_scope", "_current_scope"):
            for leaf in _leaves(value):
                if isinstance(leaf, Layer):
                    self._add_part(leaf)
                elif isinstance(leaf, Variable) and not self._knows(leaf):
                    kept = self._trainable_weights if leaf.trainable else self._non_trainable_weights
                    kept.append(leaf)
        object.__setattr__(self, name, value)

    def _add_part(self, layer: Layer) -> None:
        if layer is not self and all(layer is not each for each in self._sublayers):
            self._sublayers.append(layer)

    def _knows(self, variable: Variable) -> bool:
        lists = (self.__dict__.get("_trainable_weights", ()), self.__dict__.get("_non_trainable_weights", ()))
        return any(variable is each for kept in lists for each in kept)

    # -- variables ----

    def _gathered(self) -> tuple[list[Variable], list[Variable]]:
        """(trainable, others), of this layer and its parts."""
        trained, others = list(self._trainable_weights), list(self._non_trainable_weights)
        for part in self._sublayers:
            inner = part.trainable_weights, part.non_trainable_weights
            trained += [each for each in inner[0] if all(each is not known for known in trained)]
            others += [each for each in inner[1] if all(each is not known for known in others)]
        return (trained, others) if self.trainable else ([], [*trained, *others])

    @property
    def trainable_weights(self) -> list[Variable]:
        """The variables that training changes."""
        return self._gathered()[0]

    @property
    def non_trainable_weights(self) -> list[Variable]:
        """The variables that training leaves alone."""
        return self._gathered()[1]

    @property
    def weights(self) -> list[Variable]:
        """All variables, those that training changes first."""
        return self.trainable_weights + self.non_trainable_weights

    trainable_variables = trainable_weights
    non_trainable_variables = non_trainable_weights
    variables = weights

    def get_weights(self) -> list[np.ndarray]:
        """The values of all variables."""
        return backend.batch_get_value(self.weights)

    def set_weights(self, weights: Any) -> None:
        """Changes the values of all variables. Raises ValueError for another number or another shape."""
        known = self.weights
        if len(known) != len(weights):
            raise ValueError(
                f'You called `set_weights(weights)` on layer "{self.name}" with a  weight list of length '
                f"{len(weights)}, but the layer was expecting {len(known)} weights. Provided weights: "
                f"{str(weights)[:50]}..."
            )
        for variable, value in zip(known, weights, strict=True):
            if tuple(variable.shape.as_list()) != np.shape(value):
                raise ValueError(
                    f"Layer weight shape {tuple(variable.shape.as_list())} not compatible with provided weight shape "
                    f"{np.shape(value)}"
                )
        backend.batch_set_value(zip(known, weights, strict=True))

    def add_weight(
        self, name: str | None = None, shape: Any = None, dtype: Any = None, initializer: Any = None,
        regularizer: Any = None, trainable: bool | None = None, constraint: Any = None, partitioner: Any = None,
        use_resource: bool | None = None, synchronization: Any = None, aggregation: Any = None,
    ) -> Variable:  # fmt: skip
        """A new variable, in the present name scope; initializers, regularizers and constraints may be names."""
        element = as_dtype(dtype or self._dtype or settings.floatx())
        if self._dtype is None:
            self._dtype = element.base_dtype
        given = initializers.get(initializer)
        if given is None:
            given = GlorotUniform() if element.is_floating else ZEROS
        sizes = as_shape(shape if shape is not None else ()).as_list()
        learns = is_trained(trainable, synchronization)
        made = Variable(
            lambda: initializers.initial(given, sizes, element), trainable=learns,
            name=name or "Variable", dtype=element, constraint=get_constraint(constraint),
        )  # fmt: skip
        backend.track(made)
        (self._trainable_weights if learns else self._non_trainable_weights).append(made)
        penalty = get_regularizer(regularizer)
        if penalty is not None:
            with name_scope(f"{name}/Regularizer"):
                self._losses.append(penalty(made))
        return made

    add_variable = add_weight

    # -- losses and updates ----

    @property
    def losses(self) -> list[Any]:
        """The losses of regularizers and of `add_loss`, of the parts as well."""
        found = list(self._losses)
        for part in self._sublayers:
            found += [loss for loss in part.losses if all(loss is not known for known in found)]
        return found

    @property
    def updates(self) -> list[Any]:
        """The operations that go with a step, of the parts as well; none where the layer is not trained."""
        if not self.trainable and not self.stateful:
            return []
        found = list(self._updates)
        for part in self._sublayers:
            found += [update for update in part.updates if all(update is not known for known in found)]
        return found

    def add_loss(self, losses: Any, inputs: Any = None) -> None:
        """Adds losses: tensors, or functions without arguments that make them."""
        fresh = [loss() if callable(loss) and not isinstance(loss, Tensor) else loss for loss in nest.flatten(losses)]
        self._losses.extend(loss for loss in fresh if loss is not None)

    def add_update(self, updates: Any, inputs: Any = None) -> None:
        """Adds operations that go with a step."""
        self._updates.extend(nest.flatten(updates))

    # -- calling ----

    def __call__(self, inputs: Any, *arguments: Any, **options: Any) -> Any:
        """`call(inputs)` in a name scope of the layer's name, after `build` where this is the first call. Raises
        ValueError for inputs that do not fit."""
        inputs = nest.rebuild(inputs, lambda leaf: convert_to_tensor(leaf) if _is_value(leaf) else leaf)
        with name_scope(self._name):
            if not self.built:
                self._build_for(inputs)
            for leaf in nest.flatten(inputs):
                if self.input_spec is not None and isinstance(leaf, Tensor):
                    self.input_spec.check(leaf, self.name)
            outputs = self.call(inputs, *arguments, **self._passed(options))
            if outputs is None:
                raise ValueError(
                    "A layer's `call` method should return a Tensor or a list of Tensors, not None (layer: "
                    f"{self.name})."
                )
            given = {leaf for leaf in nest.flatten(inputs) if isinstance(leaf, Tensor)}
            # a tensor is of one call: what goes through as it is gets a tensor of its own
            outputs = nest.rebuild(
                outputs, lambda leaf: identity(leaf) if isinstance(leaf, Tensor) and leaf in given else leaf
            )
            if self.activity_regularizer is not None:
                self._regularize(outputs)
        remember(Node(self, inputs, arguments, options, outputs))
        return outputs

    apply = __call__

    def _passed(self, options: dict[str, Any]) -> dict[str, Any]:
        """The keywords for `call`, without `mask`s and `training` that it does not take."""
        known = inspect.signature(self.call).parameters
        takes_all = any(each.kind is inspect.Parameter.VAR_KEYWORD for each in known.values())
        kept = {name: value for name, value in options.items() if takes_all or name in known or value is not None}
        return {name: value for name, value in kept.items() if takes_all or name != "training" or name in known}

    def _build_for(self, inputs: Any) -> None:
        leaves = nest.flatten(inputs)
        if self._dtype is None and leaves and isinstance(leaves[0], Tensor):
            dtype = leaves[0].dtype.base_dtype
            self._dtype = dtype if dtype.is_floating else float32
        shapes = nest.rebuild(inputs, lambda leaf: leaf.shape if hasattr(leaf, "shape") else None)
        self.build(shapes)
        self.built = True
        if self._given.get("weights") is not None:
            self.set_weights(self._given["weights"])

    def _regularize(self, outputs: Any) -> None:
        penalty = get_regularizer(self.activity_regularizer)
        with name_scope("ActivityRegularizer"):
            for output in nest.flatten(outputs):
                loss = penalty(output)
                self._losses.append(loss / cast(shape_of(output)[0], loss.dtype))

    # -- what it was called with ----

    def _node(self, index: int = 0) -> Node:
        if len(self._inbound) <= index:
            raise AttributeError(f"Layer {self.name} has no inbound nodes.")
        return self._inbound[index]

    @property
    def input(self) -> Any:
        """What it was called with. Raises AttributeError where it was not."""
        return self._node().inputs

    @property
    def output(self) -> Any:
        """What the first call gave. Raises AttributeError where there was none."""
        return self._node().outputs

    def get_input_at(self, node_index: int) -> Any:
        """What one of its calls was given."""
        return self._node(node_index).inputs

    def get_output_at(self, node_index: int) -> Any:
        """What one of its calls gave."""
        return self._node(node_index).outputs

    @property
    def input_shape(self) -> Any:
        """The shape of what it was called with."""
        return nest.rebuild(self.input, backend.int_shape)

    @property
    def output_shape(self) -> Any:
        """The shape of what the first call gave."""
        return nest.rebuild(self.output, backend.int_shape)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """The mask of the outputs: none."""
        return mask if self.supports_masking else None

    def get_config(self) -> dict[str, Any]:
        """The arguments to make it again. Raises NotImplementedError for a layer that has more arguments and does not
        say which."""
        config = {"name": self.name, "trainable": self.trainable, "dtype": self.dtype}
        known = {"self", *inspect.signature(Layer.__init__).parameters}
        if type(self).get_config is Layer.get_config and set(inspect.signature(type(self).__init__).parameters) - known:
            raise NotImplementedError("Layers with arguments in `__init__` must override `get_config`.")
        return config

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """The layer of a configuration."""
        return cls(**config)


def _is_value(leaf: Any) -> bool:
    return not isinstance(leaf, Tensor) and (
        hasattr(leaf, "_as_graph_tensor") or isinstance(leaf, np.ndarray | np.generic | int | float)
    )


def _leaves(value: Any) -> Iterator[Any]:
    """What an attribute holds: itself, or what is in lists, tuples and dictionaries."""
    if isinstance(value, list | tuple):
        for each in value:
            yield from _leaves(each)
    elif isinstance(value, dict):
        for each in value.values():
            yield from _leaves(each)
    else:
        yield value
