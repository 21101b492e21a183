"""The variables of a graph by name, and how get_variable finds or makes one."""

from __future__ import annotations

import inspect
import threading
from collections.abc import Callable
from typing import Any

from diptych.ir import Unsupported, user_location

from ..graphs.collections import GraphKeys
from ..graphs.defaults import get_default_graph
from ..graphs.dtypes import DType
from ..graphs.graph import Graph
from ..graphs.scopes import name_scope
from ..graphs.shapes import TensorShape, as_shape
from ..graphs.tensor import Tensor
from .initializers import GlorotUniform, Zeros
from .replicas import is_trained
from .variable import Variable


class OpenedScopes(threading.local):
    """The present variable scope of one graph, and how often each one was opened: each thread's own."""

    def __init__(self) -> None:
        self.counts: dict[str, int] = {}
        self.scope: Any = None  # the present VariableScope; None stands for the one without a name

    def count(self, name: str) -> None:
        """Counts one more opening of a scope."""
        self.counts[name] = self.counts.get(name, 0) + 1

    def forget_inside(self, name: str) -> None:
        """Forgets how often the scopes inside `name` were opened, so that their numbers begin again."""
        for inner in self.counts:
            if inner.startswith(f"{name}/"):
                self.counts[inner] = 0

    def unique(self, prefix: str, inside: str) -> str:
        """`prefix`, with a number where a scope of that name was opened before."""
        full = f"{inside}/{prefix}" if inside else prefix
        if not self.counts.get(full):
            return prefix
        number = 1
        while self.counts.get(f"{full}_{number}"):
            number += 1
        return f"{prefix}_{number}"


class Store:
    """The variables that get_variable made in one graph, and the variable scopes opened in it."""

    def __init__(self) -> None:
        self.variables: dict[str, Variable] = {}
        self.opened = OpenedScopes()


def store_of(graph: Graph) -> Store:
    """The store of a graph."""
    found = graph.stores.get("variables by name")
    if found is None:
        found = graph.stores["variables by name"] = Store()
    return found


def find_or_make(
    name: str,
    shape: Any = None,
    dtype: Any = None,
    initializer: Any = None,
    regularizer: Any = None,
    reuse: Any = None,
    trainable: bool | None = None,
    collections: Any = None,
    caching_device: Any = None,
    partitioner: Any = None,
    validate_shape: bool = True,
    use_resource: bool | None = None,
    constraint: Any = None,
    synchronization: Any = None,
    aggregation: Any = None,
) -> Variable:
    """The variable called `name`: with `reuse` True an old one, False a new one, "auto" either. Raises ValueError."""
    if partitioner is not None:
        raise Unsupported(
            "a partitioner for variables is not supported", location=user_location(), hint="one whole variable"
        )
    store = store_of(get_default_graph())
    wanted = as_shape(shape)
    found = store.variables.get(name)
    if found is not None:
        return _reused(found, name, wanted, dtype, reuse)
    if reuse is True:
        raise ValueError(
            f"Variable {name} does not exist, or was not created with tf.get_variable(). "
            "Did you mean to set reuse=tf.AUTO_REUSE in VarScope?"
        )
    made = Variable(
        initial_value=_initial_value(name, wanted, dtype, initializer),
        trainable=is_trained(trainable, synchronization),
        collections=collections,
        validate_shape=validate_shape,
        name=name,
        dtype=dtype if initializer is None or callable(initializer) else None,
        constraint=constraint,
        use_resource=use_resource,
        synchronization=synchronization,
    )
    store.variables[name] = made
    if regularizer is not None:
        _regularize(made, name, regularizer)
    return made


def _reused(found: Variable, name: str, shape: TensorShape, dtype: DType | None, reuse: Any) -> Variable:
    if reuse is False or reuse is None:
        location = found.op.location
        where = "" if location is None else f'  File "{location.file}", line {location.line}\n    {location.source()}'
        raise ValueError(
            f"Variable {name} already exists, disallowed. Did you mean to set reuse=True or reuse=tf.AUTO_REUSE in "
            f"VarScope? Originally defined at:\n\n{where}"
        )
    if not shape.is_compatible_with(found.shape):
        raise ValueError(f"Trying to share variable {name}, but specified shape {shape} and found shape {found.shape}.")
    if dtype is not None and dtype.base_dtype is not found.dtype.base_dtype:
        raise ValueError(
            f"Trying to share variable {name}, but specified dtype {dtype.name} and found dtype {found.dtype.name}."
        )
    return found


def _initial_value(name: str, shape: TensorShape, dtype: DType | None, initializer: Any) -> Any:
    if initializer is None:
        initializer = _default_initializer(name, dtype)
    if inspect.isclass(initializer):
        initializer = initializer()
    if not callable(initializer) or isinstance(initializer, Tensor | Variable):
        if shape.known is not None:
            raise ValueError("If initializer is a constant, do not specify shape.")
        return initializer
    if shape.known is not None and not shape.is_fully_defined():
        raise ValueError(f"Shape of a new variable ({name}) must be fully defined, but instead was {shape}.")
    if shape.known is None:
        if _takes_no_arguments(initializer):
            return initializer
        raise ValueError(f"Shape of a new variable ({name}) must be fully defined, but instead was {shape}.")
    options: dict[str, Any] = {"dtype": dtype}
    if "partition_info" in _parameters(initializer):
        options["partition_info"] = None
    return lambda: initializer(shape.as_list(), **options)


def _default_initializer(name: str, dtype: DType | None) -> Callable[..., Tensor]:
    if dtype is None or dtype.is_floating:
        return GlorotUniform()
    if dtype.is_integer or dtype.is_bool:
        return Zeros()
    raise ValueError(f"An initializer for variable {name} of {dtype.base_dtype} is required")


def _parameters(function: Callable[..., Any]) -> dict[str, inspect.Parameter]:
    return dict(inspect.signature(function).parameters)


def _takes_no_arguments(function: Callable[..., Any]) -> bool:
    return all(parameter.default is not inspect.Parameter.empty for parameter in _parameters(function).values())


def _regularize(variable: Variable, name: str, regularizer: Callable[[Variable], Any]) -> None:
    with name_scope(f"{name}/Regularizer/"), variable.graph.init_scope():
        loss = regularizer(variable)
    if loss is not None:
        variable.graph.add_to_collection(GraphKeys.REGULARIZATION_LOSSES, loss)
