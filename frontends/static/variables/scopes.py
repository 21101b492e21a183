"""tf.variable_scope and tf.get_variable: variables shared by name."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from enum import Enum
from functools import partial
from types import TracebackType
from typing import Any

from ..exports import export
from ..graphs.collections import GraphKeys
from ..graphs.defaults import get_default_graph
from ..graphs.dtypes import DType, as_dtype, float32
from ..graphs.scopes import name_scope
from ..graphs.tensor import Tensor
from .store import Store, find_or_make, store_of
from .variable import Variable


class _Reuse(Enum):
    AUTO_REUSE = 1


AUTO_REUSE = export("AUTO_REUSE")(_Reuse.AUTO_REUSE)


@export("VariableScope")
class VariableScope:
    """What get_variable does inside a variable scope: the prefix of names, reuse, and defaults of its arguments."""

    def __init__(
        self,
        reuse: Any,
        name: str = "",
        initializer: Any = None,
        regularizer: Any = None,
        caching_device: Any = None,
        partitioner: Any = None,
        custom_getter: Any = None,
        name_scope: str = "",
        dtype: Any = float32,
        use_resource: bool | None = None,
        constraint: Any = None,
    ) -> None:
        self._name = name
        self._reuse = reuse
        self._name_scope = name_scope
        self._dtype = as_dtype(dtype)
        self.defaults = {
            "initializer": initializer,
            "regularizer": regularizer,
            "caching_device": caching_device,
            "partitioner": partitioner,
            "use_resource": use_resource,
            "constraint": constraint,
        }
        self._custom_getter = custom_getter

    @property
    def name(self) -> str:
        return self._name

    @property
    def original_name_scope(self) -> str:
        return self._name_scope

    @property
    def reuse(self) -> Any:
        return self._reuse

    @property
    def dtype(self) -> DType:
        return self._dtype

    @property
    def initializer(self) -> Any:
        return self.defaults["initializer"]

    @property
    def regularizer(self) -> Any:
        return self.defaults["regularizer"]

    @property
    def partitioner(self) -> Any:
        return self.defaults["partitioner"]

    @property
    def caching_device(self) -> Any:
        return self.defaults["caching_device"]

    @property
    def use_resource(self) -> Any:
        return self.defaults["use_resource"]

    @property
    def constraint(self) -> Any:
        return self.defaults["constraint"]

    @property
    def custom_getter(self) -> Any:
        return self._custom_getter

    def reuse_variables(self) -> None:
        """Makes get_variable find old variables from here on."""
        self._reuse = True

    def set_initializer(self, initializer: Any) -> None:
        """Sets the default initializer."""
        self.defaults["initializer"] = initializer

    def set_regularizer(self, regularizer: Any) -> None:
        """Sets the default regularizer."""
        self.defaults["regularizer"] = regularizer

    def set_dtype(self, dtype: Any) -> None:
        """Sets the default dtype."""
        self._dtype = as_dtype(dtype)

    def set_caching_device(self, caching_device: Any) -> None:
        """Accepted: a program runs whole on one device."""
        self.defaults["caching_device"] = caching_device

    def set_partitioner(self, partitioner: Any) -> None:
        """Sets the default partitioner."""
        self.defaults["partitioner"] = partitioner

    def set_custom_getter(self, custom_getter: Any) -> None:
        """Sets what is called in place of the search by name."""
        self._custom_getter = custom_getter

    def set_use_resource(self, use_resource: bool) -> None:
        """Accepted: diptych has one kind of variable."""
        self.defaults["use_resource"] = use_resource

    def get_collection(self, name: str) -> list[Any]:
        """The things of a collection whose names begin with this scope's."""
        return get_default_graph().get_collection(name, f"{self._name}/" if self._name else None)

    def global_variables(self) -> list[Variable]:
        """The global variables of this scope."""
        return self.get_collection(GraphKeys.GLOBAL_VARIABLES)

    def local_variables(self) -> list[Variable]:
        """The local variables of this scope."""
        return self.get_collection(GraphKeys.LOCAL_VARIABLES)

    def trainable_variables(self) -> list[Variable]:
        """The trainable variables of this scope."""
        return self.get_collection(GraphKeys.TRAINABLE_VARIABLES)

    def derived(
        self, name: str, scope: str, reuse: Any, dtype: Any, getter: Any, changes: dict[str, Any]
    ) -> VariableScope:
        """A scope with these defaults, where `changes` names no others."""
        made = VariableScope(reuse, name, name_scope=scope, dtype=self._dtype if dtype is None else dtype)
        made.defaults = {
            key: value if changes.get(key) is None else changes[key] for key, value in self.defaults.items()
        }
        made._custom_getter = _composed(getter, self._custom_getter)
        return made

    def get_variable(self, store: Store, name: str, dtype: Any = None, reuse: Any = None, **options: Any) -> Any:
        """The variable called `name` in this scope."""
        full = f"{self._name}/{name}" if self._name else name
        for key, default in self.defaults.items():
            if options.get(key) is None:
                options[key] = default
        given = options["initializer"]
        if dtype is None and (given is None or callable(given)) and not isinstance(given, Tensor | Variable):
            dtype = self._dtype
        chosen = self._reuse if reuse is None else reuse
        with get_default_graph().control_dependencies(None), name_scope(""):
            arguments = {"dtype": None if dtype is None else as_dtype(dtype), "reuse": _plain(chosen), **options}
            if self._custom_getter is not None:
                return self._custom_getter(getter=find_or_make, name=full, **arguments)
            return find_or_make(full, **arguments)


def _plain(reuse: Any) -> Any:
    """Reuse as the store has it: a bool, or AUTO_REUSE for either."""
    return reuse if reuse is AUTO_REUSE else bool(reuse)


def _composed(inner: Any, outer: Any) -> Any:
    """A custom getter inside another one: the inner is asked first and has the outer as its getter."""
    if inner is None or outer is None:
        return inner if outer is None else outer

    def getter(getter: Callable[..., Any], *args: Any, **options: Any) -> Any:
        return inner(partial(outer, getter), *args, **options)

    return getter


def _current(store: Store) -> VariableScope:
    if store.opened.scope is None:
        store.opened.scope = VariableScope(False)
    return store.opened.scope


@export("get_variable_scope")
def get_variable_scope() -> VariableScope:
    """The present variable scope."""
    return _current(store_of(get_default_graph()))


@export("get_variable")
def get_variable(
    name: str,
    shape: Any = None,
    dtype: Any = None,
    initializer: Any = None,
    regularizer: Any = None,
    trainable: bool | None = None,
    collections: Any = None,
    caching_device: Any = None,
    partitioner: Any = None,
    validate_shape: bool = True,
    use_resource: bool | None = None,
    custom_getter: Any = None,
    constraint: Any = None,
    synchronization: Any = None,
    aggregation: Any = None,
) -> Any:
    """The variable `name` of the present variable scope, found or made as the scope's reuse says. Raises ValueError."""
    store = store_of(get_default_graph())
    scope = _current(store)
    if custom_getter is not None:
        scope = scope.derived(scope.name, scope.original_name_scope, scope.reuse, None, custom_getter, {})
    return scope.get_variable(
        store,
        name,
        shape=shape,
        dtype=dtype,
        initializer=initializer,
        regularizer=regularizer,
        trainable=trainable,
        collections=collections,
        caching_device=caching_device,
        partitioner=partitioner,
        validate_shape=validate_shape,
        use_resource=use_resource,
        constraint=constraint,
        synchronization=synchronization,
        aggregation=aggregation,
    )


@export("get_local_variable")
def get_local_variable(name: str, *args: Any, collections: Any = None, trainable: Any = False, **options: Any) -> Any:
    """As get_variable, for a variable that is neither kept nor trained."""
    keys = [GraphKeys.LOCAL_VARIABLES] if collections is None else [*collections, GraphKeys.LOCAL_VARIABLES]
    return get_variable(name, *args, collections=keys, trainable=False, **options)


@export("variable_scope")
class variable_scope:
    """`with tf.variable_scope(name_or_scope) as scope`: a prefix for the names of variables, and a name scope.

    A scope object enters that very scope again; `default_name` alone makes a new one. `reuse` True, or AUTO_REUSE,
    holds for scopes inside as well.
    """

    def __init__(
        self,
        name_or_scope: Any,
        default_name: str | None = None,
        values: Any = None,
        initializer: Any = None,
        regularizer: Any = None,
        caching_device: Any = None,
        partitioner: Any = None,
        custom_getter: Any = None,
        reuse: Any = None,
        dtype: Any = None,
        use_resource: bool | None = None,
        constraint: Any = None,
        auxiliary_name_scope: bool = True,
    ) -> None:
        if default_name is None and name_or_scope is None:
            raise TypeError("If default_name is None then name_or_scope is required")
        if name_or_scope is not None and not isinstance(name_or_scope, str | VariableScope):
            raise TypeError("VariableScope: name_or_scope must be a string or VariableScope.")
        if reuse not in (None, False, True, AUTO_REUSE):
            raise ValueError("The reuse parameter must be True or False or None.")
        if name_or_scope is None and reuse:
            raise ValueError("reuse=True cannot be used without a name_or_scope")
        self._name_or_scope = name_or_scope
        self._default_name = default_name
        self._values = values
        self._getter = custom_getter
        self._reuse = reuse
        self._dtype = dtype
        self._auxiliary = auxiliary_name_scope
        self._changes = {
            "initializer": initializer,
            "regularizer": regularizer,
            "caching_device": caching_device,
            "partitioner": partitioner,
            "use_resource": use_resource,
            "constraint": constraint,
        }

    def __enter__(self) -> VariableScope:
        self._stack = ExitStack()
        with ExitStack() as stack:
            scope = self._entered(stack)
            self._stack = stack.pop_all()
        return scope

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.__exit__(kind, error, trace)

    def _entered(self, stack: ExitStack) -> VariableScope:
        values = self._values if self._values is not None else []
        store = store_of(get_default_graph())
        target = self._name_or_scope
        if isinstance(target, VariableScope):
            self._enter_names(stack, target.name.split("/")[-1], values)
            return stack.enter_context(self._jump(store, target))
        if target is not None:
            names = self._enter_names(stack, target, values)
            return stack.enter_context(self._prolong(store, target, names))
        unique = store.opened.unique(self._default_name or "", _current(store).name)
        names = self._enter_names(stack, self._default_name or "", values)
        return stack.enter_context(self._prolong(store, unique, names))

    def _enter_names(self, stack: ExitStack, name: str, values: Any) -> str:
        """Enters the name scope that goes with the variable scope; without one, the present name scope stays."""
        if not self._auxiliary or not name:
            return get_default_graph().scope
        return stack.enter_context(name_scope(name, None, values))

    def _prolong(self, store: Store, name: str, names: str) -> AbstractContextManager[VariableScope]:
        before = _current(store)
        full = f"{before.name}/{name}" if before.name else name
        reuse = self._reuse or before.reuse
        scope = before.derived(full, names, reuse, self._dtype, self._getter, self._changes)
        return _Present(store, scope, lambda: store.opened.forget_inside(full))

    def _jump(self, store: Store, target: VariableScope) -> AbstractContextManager[VariableScope]:
        reuse = self._reuse or target.reuse
        scope = target.derived(target.name, target.original_name_scope, reuse, self._dtype, self._getter, self._changes)
        counts = dict(store.opened.counts)
        counts[target.name] = counts.get(target.name, 0) + 1

        def restore() -> None:
            store.opened.counts = counts

        return _Present(store, scope, restore)


class _Present(AbstractContextManager[VariableScope]):
    """Makes a scope the present one of a store."""

    def __init__(self, store: Store, scope: VariableScope, restore: Callable[[], None]) -> None:
        self._store = store
        self._scope = scope
        self._restore = restore

    def __enter__(self) -> VariableScope:
        opened = self._store.opened
        self._before = opened.scope
        opened.count(self._scope.name)
        opened.scope = self._scope
        return self._scope

    def __exit__(self, *_: Any) -> None:
        self._restore()
        self._store.opened.scope = self._before


@export("variable_op_scope")
def variable_op_scope(
    values: Any, name_or_scope: Any, default_name: str | None = None, **options: Any
) -> variable_scope:
    """variable_scope with its arguments in an older order."""
    return variable_scope(name_or_scope, default_name=default_name, values=values, **options)


@export("no_regularizer")
def no_regularizer(_: Any) -> None:
    """A regularizer that adds nothing, in place of a scope's default."""
