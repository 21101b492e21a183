"""tf.make_template: a function whose variables are made by its first call, and shared by all."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from ..exports import export
from ..graphs.collections import GraphKeys
from ..graphs.defaults import get_default_graph
from ..graphs.graph import Graph
from .scopes import VariableScope, get_variable_scope, variable_scope
from .store import store_of
from .variable import Variable


class Template:
    """A function that makes variables by tf.get_variable when it is called first, and finds them again from then on."""

    def __init__(
        self, name: str, func: Callable[..., Any], create_scope_now: bool = False, unique_name: str | None = None,
        custom_getter: Any = None,
    ) -> None:  # fmt: skip
        if name is None:
            raise ValueError("name cannot be None.")
        self._name = name
        self._func = func
        self._unique_name = unique_name
        self._custom_getter = custom_getter
        self._scope: VariableScope | None = None
        self._is_called = False
        if create_scope_now:
            opened = store_of(get_default_graph()).opened
            scope = unique_name or opened.unique(name, get_variable_scope().name)
            with variable_scope(scope, custom_getter=custom_getter, auxiliary_name_scope=False) as made:
                self._scope = made

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if self._scope is not None:
            with variable_scope(self._scope, reuse=self._is_called):
                return self._called(args, kwargs)
        with variable_scope(self._unique_name, self._name, custom_getter=self._custom_getter) as made:
            self._scope = made
            return self._called(args, kwargs)

    def _called(self, args: Any, kwargs: Any) -> Any:
        """The function's result. Raises ValueError where a call after the first makes variables that are trained."""
        if not self._is_called:
            result = self._func(*args, **kwargs)
            self._is_called = True
            return result
        graph: Graph = get_default_graph()
        before = len(graph.get_collection(GraphKeys.TRAINABLE_VARIABLES))
        result = self._func(*args, **kwargs)
        fresh = graph.get_collection(GraphKeys.TRAINABLE_VARIABLES)[before:]
        if fresh:
            raise ValueError(
                "Trainable variable created when calling a template after the first time, perhaps you used tf.Variable "
                f"when you meant tf.get_variable: {fresh}"
            )
        return result

    # -- what it is ----

    @property
    def name(self) -> str:
        return self._name

    @property
    def func(self) -> Callable[..., Any]:
        return self._func

    @property
    def variable_scope(self) -> VariableScope | None:
        return self._scope

    @property
    def var_scope(self) -> VariableScope | None:
        return self._scope

    @property
    def variable_scope_name(self) -> str | None:
        """The scope's name with "/" behind it, with which the names of its variables begin."""
        if self._scope is None or not self._scope.name:
            return None if self._scope is None else ""
        return f"{self._scope.name}/"

    # -- its variables ----

    def _kept(self, key: str) -> list[Variable]:
        return get_default_graph().get_collection(key, self.variable_scope_name) if self._is_called else []

    @property
    def variables(self) -> list[Variable]:
        return self.global_variables + self.local_variables

    @property
    def trainable_variables(self) -> list[Variable]:
        return self._kept(GraphKeys.TRAINABLE_VARIABLES)

    @property
    def non_trainable_variables(self) -> list[Variable]:
        trained = {id(each) for each in self.trainable_variables}
        return [each for each in self.global_variables if id(each) not in trained]

    @property
    def global_variables(self) -> list[Variable]:
        return self._kept(GraphKeys.GLOBAL_VARIABLES)

    @property
    def local_variables(self) -> list[Variable]:
        return self._kept(GraphKeys.LOCAL_VARIABLES)

    weights = variables
    trainable_weights = trainable_variables
    non_trainable_weights = non_trainable_variables


@export("make_template")
def make_template(
    name_: str, func_: Callable[..., Any], create_scope_now_: bool = False, unique_name_: str | None = None,
    custom_getter_: Any = None, **kwargs: Any,
) -> Template:  # fmt: skip
    """`func_`, with `kwargs` given, as a function whose variables are made by its first call and found by later ones.

    They stand in a variable scope called `name_`, made unique, or `unique_name_` as it is; it is opened by the first
    call, or at once with `create_scope_now_`. Raises ValueError.
    """
    function = partial(func_, **kwargs) if kwargs else func_
    return Template(name_, function, create_scope_now_, unique_name_, custom_getter_)
