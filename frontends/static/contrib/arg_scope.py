"""tf.contrib.framework.arg_scope: default arguments for functions, inside of a with block."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from ..exports import export

Scope = dict[Any, dict[str, Any]]  # a function's key -> its defaults

_stack: list[Scope] = [{}]
_known: dict[Any, set[str]] = {}  # keys of functions that take part, with the names of their optional arguments


def _key(function: Any) -> Any:
    return getattr(function, "_arg_scope_key", function)


@export("contrib.framework.add_arg_scope", "contrib.slim.add_arg_scope")
def add_arg_scope(func: Callable[..., Any]) -> Callable[..., Any]:
    """Lets arg_scope give `func` default arguments."""

    @functools.wraps(func)
    def scoped(*arguments: Any, **options: Any) -> Any:
        defaults = _stack[-1].get(key)
        return func(*arguments, **({**defaults, **options} if defaults else options))

    key = f"{func.__module__}.{func.__qualname__}", id(func)
    scoped._arg_scope_key = key
    names = func.__code__.co_varnames[: func.__code__.co_argcount] if hasattr(func, "__code__") else ()
    _known[key] = set(names[len(names) - len(func.__defaults__ or ()) :]) if names else set()
    return scoped


@export("contrib.framework.has_arg_scope", "contrib.slim.has_arg_scope")
def has_arg_scope(func: Any) -> bool:
    """Whether arg_scope may give a function arguments."""
    return _key(func) in _known


@export("contrib.framework.arg_scoped_arguments", "contrib.slim.arg_scoped_arguments")
def arg_scoped_arguments(func: Any) -> set[str]:
    """The names of a function's arguments that have defaults."""
    return _known[_key(func)]


@export("contrib.framework.current_arg_scope", "contrib.slim.current_arg_scope")
def current_arg_scope() -> Scope:
    """The defaults that hold here."""
    return _stack[-1]


@export("contrib.framework.arg_scope", "contrib.slim.arg_scope")
@contextmanager
def arg_scope(list_ops_or_scope: Any, **kwargs: Any) -> Iterator[Scope]:
    """Inside, the functions of a list have `kwargs` for default arguments; or a scope that another arg_scope gave holds
    again. Raises ValueError for functions that take no part, TypeError for what is neither."""
    if isinstance(list_ops_or_scope, dict):
        if kwargs:
            raise ValueError("When attempting to re-use a scope by suppling a dictionary, kwargs must be empty.")
        scope = dict(list_ops_or_scope)
    else:
        if not isinstance(list_ops_or_scope, list | tuple):
            raise TypeError("list_ops_or_scope must either be a list/tuple or reused scope (i.e. dict)")
        scope = dict(_stack[-1])
        for function in list_ops_or_scope:
            key = _key(function)
            if key not in _known:
                raise ValueError(f"{(function.__module__, function.__name__)} is not decorated with @add_arg_scope")
            scope[key] = {**scope.get(key, {}), **kwargs}
    _stack.append(scope)
    try:
        yield scope
    finally:
        _stack.pop()
