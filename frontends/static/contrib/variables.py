"""tf.contrib.framework: variables of a model, and how they are found."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..exports import export
from ..graphs.collections import GraphKeys, add_to_collection, get_collection
from ..training.global_step import get_or_create_global_step
from ..variables.scopes import VariableScope, get_variable
from ..variables.variable import Variable
from .arg_scope import add_arg_scope


@export("contrib.framework.variable", "contrib.slim.variable")
@add_arg_scope
def variable(
    name: str, shape: Any = None, dtype: Any = None, initializer: Any = None, regularizer: Any = None,
    trainable: bool = True, collections: Any = None, caching_device: Any = None, device: Any = None,
    partitioner: Any = None, custom_getter: Any = None, use_resource: Any = None, synchronization: Any = None,
    aggregation: Any = None,
) -> Any:  # fmt: skip
    """The variable `name` of the present scope, found or made, in the collections asked for."""
    keys = list(collections if collections is not None else [GraphKeys.GLOBAL_VARIABLES])
    getter = custom_getter or get_variable
    return getter(
        name, shape=shape, dtype=dtype, initializer=initializer, regularizer=regularizer, trainable=trainable,
        collections=list(dict.fromkeys(keys)), caching_device=caching_device, partitioner=partitioner,
    )  # fmt: skip


@export("contrib.framework.model_variable", "contrib.slim.model_variable")
@add_arg_scope
def model_variable(
    name: str, shape: Any = None, dtype: Any = None, initializer: Any = None, regularizer: Any = None,
    trainable: bool = True, collections: Any = None, caching_device: Any = None, device: Any = None,
    partitioner: Any = None, custom_getter: Any = None, use_resource: Any = None, synchronization: Any = None,
    aggregation: Any = None,
) -> Any:  # fmt: skip
    """As `variable`, in the collections of global and of model variables too."""
    keys = [*(collections or ()), GraphKeys.GLOBAL_VARIABLES, GraphKeys.MODEL_VARIABLES]
    return variable(
        name, shape=shape, dtype=dtype, initializer=initializer, regularizer=regularizer, trainable=trainable,
        collections=keys, caching_device=caching_device, partitioner=partitioner, custom_getter=custom_getter,
    )  # fmt: skip


def renaming(names: dict[str, str] | None = None) -> Callable[..., Any]:
    """A custom getter that makes model variables, under other names where `names` has the last part of theirs."""

    def getter(getter: Callable[..., Any], name: str, *arguments: Any, **options: Any) -> Any:
        front, slash, last = name.rpartition("/")
        wanted = {"shape", "dtype", "initializer", "regularizer", "trainable", "collections", "constraint", "reuse"}
        kept = {option: value for option, value in options.items() if option in wanted}
        keys = [*(kept.pop("collections", None) or ()), GraphKeys.GLOBAL_VARIABLES, GraphKeys.MODEL_VARIABLES]
        full = f"{front}{slash}{(names or {}).get(last, last)}"
        return getter(full, *arguments, collections=list(dict.fromkeys(keys)), **kept)

    return getter


def collect(element: Any, collections: Any, name: str | None = None) -> None:
    """Puts a variable or tensor into the collections that a layer was asked for: keys, or a dictionary of them by the
    name of the variable."""
    keys = collections.get(name, ()) if isinstance(collections, dict) else collections
    for key in [keys] if isinstance(keys, str) else keys or ():
        if all(element is not each for each in get_collection(key)):
            add_to_collection(key, element)


# -- looking for variables ----


def _of_scope(scope: Any) -> Any:
    return scope.name if isinstance(scope, VariableScope) else scope


@export("contrib.framework.get_variables", "contrib.slim.get_variables")
def get_variables(
    scope: Any = None, suffix: str | None = None, collection: Any = GraphKeys.GLOBAL_VARIABLES
) -> list[Variable]:
    """The variables of a collection whose names begin with `scope` and end with `suffix`."""
    found = get_collection(collection, _of_scope(scope))
    if suffix is not None:
        suffix = suffix if ":" in suffix else f"{suffix}:0"
        found = [each for each in found if each.name.endswith(suffix)]
    return found


def _declare(name: str, key: str) -> None:
    @export(f"contrib.framework.{name}", f"contrib.slim.{name}")
    def function(scope: Any = None, suffix: str | None = None) -> list[Variable]:
        return get_variables(scope, suffix, key)

    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"The variables of the collection {key} whose names begin with `scope` and end with `suffix`."


_declare("get_model_variables", GraphKeys.MODEL_VARIABLES)
_declare("get_local_variables", GraphKeys.LOCAL_VARIABLES)
_declare("get_trainable_variables", GraphKeys.TRAINABLE_VARIABLES)


@export("contrib.framework.get_variables_by_name", "contrib.slim.get_variables_by_name")
def get_variables_by_name(given_name: str, scope: Any = None) -> list[Variable]:
    """The variables whose last name is `given_name`."""
    suffix = f"/{given_name}:0"
    return [each for each in get_variables(scope) if each.name.endswith(suffix) or each.name == suffix[1:]]


@export("contrib.framework.get_variables_by_suffix", "contrib.slim.get_variables_by_suffix")
def get_variables_by_suffix(suffix: str, scope: Any = None) -> list[Variable]:
    """The variables whose names end with `suffix`."""
    return get_variables(scope, suffix)


@export("contrib.framework.get_unique_variable", "contrib.slim.get_unique_variable")
def get_unique_variable(var_op_name: str) -> Variable:
    """The variable of that name. Raises ValueError where there is none, or several."""
    found = get_variables(var_op_name)
    exact = [each for each in found if each.op.name == var_op_name]
    if not found:
        raise ValueError(f"Couldn't find variable {var_op_name}")
    if exact:
        return exact[0]
    raise ValueError(f"Variable {var_op_name} does not uniquely identify a variable")


@export("contrib.framework.get_variables_to_restore", "contrib.slim.get_variables_to_restore")
def get_variables_to_restore(
    include: Sequence[str] | None = None, exclude: Sequence[str] | None = None
) -> list[Variable]:
    """The variables whose names begin with one of `include`, and with none of `exclude`."""
    found = get_variables() if include is None else [each for scope in include for each in get_variables(scope)]
    left_out = {each for scope in exclude or () for each in get_variables(scope)}
    return [each for each in dict.fromkeys(found) if each not in left_out]


@export("contrib.framework.local_variable", "contrib.slim.local_variable")
def local_variable(
    initial_value: Any, validate_shape: bool = True, name: str | None = None, use_resource: Any = None
) -> Variable:
    """A variable that is not kept: in the collection of local ones, and not trained."""
    return Variable(
        initial_value, trainable=False, collections=[GraphKeys.LOCAL_VARIABLES], validate_shape=validate_shape,
        name=name, use_resource=use_resource,
    )  # fmt: skip


@export("contrib.framework.get_or_create_global_step", "contrib.slim.get_or_create_global_step")
def global_step(graph: Any = None) -> Any:
    """The graph's global step, made where there is none."""
    return get_or_create_global_step(graph)
