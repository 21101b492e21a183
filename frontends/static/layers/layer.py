"""tf.layers.Layer: the base of layers and of recurrent cells."""

from __future__ import annotations

import copy
import inspect
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from ..exports import NAMES, export
from ..graphs import nest
from ..graphs.collections import GraphKeys
from ..graphs.conversion import convert_to_tensor
from ..graphs.defaults import get_default_graph
from ..graphs.dtypes import DType, as_dtype, float32
from ..graphs.scopes import name_scope
from ..graphs.tensor import Tensor
from ..operations.arrays import shape
from ..operations.casting import cast
from ..variables.listing import global_variables, trainable_variables
from ..variables.replicas import is_trained
from ..variables.scopes import VariableScope, get_variable, variable_scope
from ..variables.variable import Variable


@export("layers.InputSpec", "keras.layers.InputSpec")
class InputSpec:
    """What a layer asks of its input: dtype, shape, rank (`ndim`, `max_ndim`, `min_ndim`), sizes of some axes."""

    def __init__(
        self,
        dtype: Any = None,
        shape: Any = None,
        ndim: int | None = None,
        max_ndim: int | None = None,
        min_ndim: int | None = None,
        axes: dict[int, int | None] | None = None,
    ) -> None:
        self.dtype = None if dtype is None else as_dtype(dtype).name
        self.shape = None if shape is None else tuple(shape)
        self.ndim = len(self.shape) if self.shape is not None else ndim
        self.max_ndim = max_ndim
        self.min_ndim = min_ndim
        self.axes = {int(axis): size for axis, size in (axes or {}).items()}

    def check(self, tensor: Tensor, name: str) -> None:
        """Raises ValueError, in the words of keras, for an input that the layer `name` cannot take."""
        dims = tensor._dims
        if dims is None:
            if self.ndim is not None or self.max_ndim is not None or self.min_ndim is not None:
                raise ValueError(
                    f"Input 0 of layer {name} is incompatible with the layer: its rank is undefined, but the layer "
                    "requires a defined rank."
                )
            return
        words = f"Input 0 of layer {name} is incompatible with the layer: "
        found = f"found ndim={len(dims)}. Full shape received: {list(dims)}"
        if self.ndim is not None and len(dims) != self.ndim:
            raise ValueError(f"{words}expected ndim={self.ndim}, {found}")
        if self.max_ndim is not None and len(dims) > self.max_ndim:
            raise ValueError(f"{words}expected max_ndim={self.max_ndim}, found ndim={len(dims)}")
        if self.min_ndim is not None and len(dims) < self.min_ndim:
            raise ValueError(f"{words}: expected min_ndim={self.min_ndim}, {found}")
        for axis, size in self.axes.items():
            if size is not None and dims[axis] not in (size, None):
                raise ValueError(
                    f"{words}expected axis {axis} of input shape to have value {size} but received input with shape "
                    f"{list(dims)}"
                )


@export("layers.Layer")
class Layer:
    """A function with variables of its own, which `build` makes when it is first called, in a variable scope named
    after the layer, and which later calls use again.

    Subclasses define `build(input_shape)` and `call(inputs)`. Keywords: `_scope`, a variable scope or its name,
    `_reuse` of variables that exist, `activity_regularizer`.
    """

    def __init__(self, trainable: bool = True, name: Any = None, dtype: Any = None, **options: Any) -> None:
        scope = options.pop("_scope", None)
        self._reuse = options.pop("_reuse", None)
        self.activity_regularizer = options.pop("activity_regularizer", None)
        for unused in ("autocast", "dynamic", "weights", "batch_size", "input_shape", "batch_input_shape"):
            options.pop(unused, None)
        if options:
            raise TypeError(f"Keyword argument not understood: {next(iter(options))}")
        self.trainable = trainable
        self.built = False
        self.stateful = False
        self.input_spec: InputSpec | None = None
        self._dtype: DType | None = None if dtype is None else as_dtype(dtype).base_dtype
        self._trainable_weights: list[Variable] = []
        self._non_trainable_weights: list[Variable] = []
        self._losses: list[Any] = []
        self._updates: list[Any] = []
        self._set_name(name)
        self._scope: VariableScope | None = None
        self._current_scope: VariableScope | None = None
        if scope:
            with variable_scope(scope) as captured:
                self._scope = captured

    def _set_name(self, name: Any) -> None:
        base = snake_case(type(self).__name__)
        if isinstance(name, VariableScope):
            self._base_name: str = name.name
        else:
            self._base_name = name or base
        self._name = name if isinstance(name, str) and name else _unique(base)

    # -- what it is ----

    @property
    def name(self) -> str:
        """The name given, or one made of the class's name that no other layer of the graph has."""
        return self._name

    @property
    def dtype(self) -> str | None:
        """The name of the dtype of its variables; None before that is known."""
        return None if self._dtype is None else self._dtype.name

    @property
    def scope_name(self) -> str:
        """The name of its variable scope. Raises ValueError before the first call."""
        if self._scope is None:
            raise ValueError(
                f'No name available for layer scope because the layer "{self._name}" has not been used yet. The scope '
                "name  is determined the first time the layer instance is called. You must therefore call the layer "
                "before querying `scope_name`."
            )
        return self._scope.name

    @property
    def graph(self) -> None:
        """None: layers do not keep their graph."""
        return

    @property
    def trainable_weights(self) -> list[Variable]:
        """The variables that training changes."""
        return list(self._trainable_weights) if self.trainable else []

    @property
    def non_trainable_weights(self) -> list[Variable]:
        """The variables that training leaves alone."""
        return list(self._non_trainable_weights) if self.trainable else [
            *self._trainable_weights, *self._non_trainable_weights
        ]  # fmt: skip

    @property
    def weights(self) -> list[Variable]:
        """All variables, those that training changes first."""
        return self.trainable_weights + self.non_trainable_weights

    trainable_variables = trainable_weights
    non_trainable_variables = non_trainable_weights
    variables = weights

    @property
    def losses(self) -> list[Any]:
        """The tensors that `add_loss` and regularizers added."""
        return list(self._losses)

    @property
    def updates(self) -> list[Any]:
        """The operations that `add_update` added; none of a layer that is not trained."""
        return list(self._updates) if self.trainable or self.stateful else []

    def count_params(self) -> int:
        """How many numbers its variables hold. Raises ValueError before they are made."""
        if not self.built:
            raise ValueError(
                f"You tried to call `count_params` on {self.name}, but the layer isn't built. You can build it "
                f"manually via: `{self.name}.build(batch_input_shape)`."
            )
        return sum(variable.shape.num_elements() for variable in self.weights)

    def get_config(self) -> dict[str, Any]:
        """Name, dtype and whether it is trained."""
        return {"name": self.name, "trainable": self.trainable, "dtype": self.dtype}

    # -- for subclasses ----

    def build(self, input_shape: Any) -> None:
        """Makes the variables, for an input of a shape."""
        self.built = True

    def call(self, inputs: Any, *arguments: Any, **options: Any) -> Any:
        """What the layer computes."""
        return inputs

    def add_loss(self, losses: Any, inputs: Any = None) -> None:
        """Adds losses, and puts them into the collection of regularization losses."""
        fresh = [loss() if callable(loss) and not isinstance(loss, Tensor) else loss for loss in nest.flatten(losses)]
        fresh = [loss for loss in fresh if loss is not None]
        self._losses.extend(fresh)
        _collect(fresh, GraphKeys.REGULARIZATION_LOSSES)

    def add_update(self, updates: Any, inputs: Any = None) -> None:
        """Adds operations that go with the layer, which are put into the collection of updates."""
        self._updates.extend(nest.flatten(updates))

    def get_losses_for(self, inputs: Any) -> list[Any]:
        """The losses that depend on `inputs`; of None those that depend on no input."""
        return self._depending(self._losses, inputs)

    def get_updates_for(self, inputs: Any) -> list[Any]:
        """The updates that depend on `inputs`; of None those that depend on no input."""
        return self._depending(self.updates, inputs)

    def _depending(self, elements: Iterable[Any], inputs: Any) -> list[Any]:
        sources = {tensor.op for tensor in nest.flatten(inputs)} if inputs is not None else self._inputs_seen()
        found = [element for element in elements if _reaches(element, sources)]
        return found if inputs is not None else [element for element in elements if element not in found]

    def _inputs_seen(self) -> set[Any]:
        return set(self.__dict__.get("_seen", ()))

    def add_weight(
        self,
        name: str,
        shape: Any,
        dtype: Any = None,
        initializer: Any = None,
        regularizer: Any = None,
        trainable: bool | None = None,
        constraint: Any = None,
        use_resource: bool | None = None,
        synchronization: Any = None,
        aggregation: Any = None,
        partitioner: Any = None,
    ) -> Variable:
        """A variable in the layer's scope, new or used again; the loss of its regularizer is added once."""
        wants_training = is_trained(trainable, synchronization)
        before = set(global_variables())
        self._set_scope(None)
        with variable_scope(self._scope, reuse=self.built or self._reuse, auxiliary_name_scope=False) as scope:
            self._current_scope = scope
            with name_scope(scope.original_name_scope):
                variable = get_variable(
                    name,
                    shape=shape,
                    dtype=as_dtype(dtype or self._dtype or float32),
                    initializer=scope.initializer if initializer is None else initializer,
                    trainable=wants_training and self.trainable,
                    constraint=constraint,
                    partitioner=partitioner,
                )
                if regularizer is not None and variable not in before:
                    with name_scope(f"{name}/Regularizer"):
                        self.add_loss(regularizer(variable))
        is_kept = wants_training and self.trainable and variable in trainable_variables()
        kept = self._trainable_weights if is_kept or not self.trainable else self._non_trainable_weights
        if all(variable is not each for each in self._trainable_weights + self._non_trainable_weights):
            kept.append(variable)
        return variable

    add_variable = add_weight

    # -- calling ----

    def __call__(self, inputs: Any, *arguments: Any, **options: Any) -> Any:
        """`call(inputs)` in the layer's scope, after `build` where this is the first call. The keyword `scope` names
        the scope. Raises ValueError for inputs that do not fit."""
        self._set_scope(options.pop("scope", None))
        reuse = True if self.built else self._reuse
        with variable_scope(self._scope, reuse=reuse, auxiliary_name_scope=False) as scope:
            self._current_scope = scope
            if "scope" in inspect.signature(self.call).parameters:
                options["scope"] = scope
            with name_scope(scope.original_name_scope):
                inputs = self._prepared(inputs)
                outputs = self.call(inputs, *arguments, **options)
                if outputs is None:
                    raise ValueError(
                        f"A layer's `call` method should return a Tensor or a list of Tensors, not None (layer: "
                        f"{self.name})."
                    )
                if self.activity_regularizer is not None:
                    self._regularize(outputs)
        _collect(self.updates, GraphKeys.UPDATE_OPS)
        return outputs

    apply = __call__

    def _regularize(self, outputs: Any) -> None:
        """Adds the activity regularizer's loss of each output, divided by the size of the batch."""
        with name_scope("ActivityRegularizer"):
            for output in nest.flatten(outputs):
                loss = self.activity_regularizer(output)
                self.add_loss(loss / cast(shape(output)[0], loss.dtype))

    def _prepared(self, inputs: Any) -> Any:
        """The inputs as tensors, checked; variables are made where there are none yet."""
        leaves = nest.flatten(inputs)
        if any(not isinstance(leaf, Tensor) for leaf in leaves):
            inputs = nest.rebuild(inputs, lambda leaf: convert_to_tensor(leaf) if _is_array(leaf) else leaf)
            leaves = nest.flatten(inputs)
        self.__dict__.setdefault("_seen", []).extend(leaf.op for leaf in leaves if isinstance(leaf, Tensor))
        if self.input_spec is not None:
            for leaf in leaves:
                self.input_spec.check(leaf, self.name)
        if not self.built:
            if self._dtype is None and leaves and hasattr(leaves[0], "dtype"):
                self._dtype = leaves[0].dtype.base_dtype
            shapes = nest.rebuild(inputs, lambda leaf: leaf.shape if hasattr(leaf, "shape") else None)
            self.build(shapes)
            self.built = True
        return inputs

    def _set_scope(self, scope: Any) -> None:
        if self._scope is not None:
            return
        given = {"name_or_scope": scope if scope is not None else self._base_name}
        if not self._reuse:
            given = {"name_or_scope": scope, "default_name": self._base_name}
        with variable_scope(**given) as captured:
            self._scope = captured

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        """Another layer; scopes and tensors are the same ones."""
        made = type(self).__new__(type(self))
        memo[id(self)] = made
        for name, value in self.__dict__.items():
            shared = name in ("_scope", "_current_scope", "_seen") or isinstance(value, Tensor | Variable)
            made.__dict__[name] = value if shared else copy.deepcopy(value, memo)
        return made


def _is_array(leaf: Any) -> bool:
    return not isinstance(leaf, Tensor) and (hasattr(leaf, "_as_graph_tensor") or hasattr(leaf, "__array__")
                                             or isinstance(leaf, int | float))  # fmt: skip


def snake_case(name: str) -> str:
    """DenseLayer as dense_layer."""
    spaced = re.sub(r"([a-z])([A-Z])", r"\1_\2", re.sub(r"(.)([A-Z][a-z0-9]+)", r"\1_\2", name)).lower()
    return spaced if spaced[0] != "_" else f"private{spaced}"


def _unique(base: str) -> str:
    """`base` with the number of layers of that kind in the default graph."""
    counts: dict[str, int] = get_default_graph().stores.setdefault("layers by class", {})
    counts[base] = counts.get(base, 0) + 1
    return f"{base}_{counts[base]}"


def _collect(elements: Sequence[Any], key: str) -> None:
    """Puts what is not there yet into a collection."""
    collection = get_default_graph().get_collection_ref(key)
    collection.extend(element for element in elements if all(element is not each for each in collection))


def _reaches(element: Any, sources: set[Any]) -> bool:
    """Whether a tensor or operation depends on one of some operations."""
    pending = [element.op if isinstance(element, Tensor) else element]
    seen: set[Any] = set()
    while pending:
        operation = pending.pop()
        if operation in sources:
            return True
        if operation not in seen:
            seen.add(operation)
            pending.extend(tensor.op for tensor in operation.inputs)
            pending.extend(operation.control_inputs)
    return False


def activation_of(given: str | Callable[..., Any] | None) -> Callable[..., Any] | None:
    """The function of an activation given by its name in keras, or as such. Raises ValueError for an unknown name."""
    if given is None or callable(given):
        return given
    keras: Any = NAMES.get(f"keras.activations.{given}")
    if keras is not None:
        return keras
    paths = {"linear": "identity", "sigmoid": "nn.sigmoid", "tanh": "nn.tanh", "exponential": "exp"}
    found: Any = NAMES.get(paths.get(given, f"nn.{given}"))
    if found is None:
        raise ValueError(f"Unknown activation function:{given}")
    return found
