"""Gradients that a program gives to operations in place of the built-in ones, by name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from ..exports import export

if TYPE_CHECKING:
    from .operation import Operation

GradientFunction = Callable[..., Any]  # of an operation and a cotangent for each output

_REGISTERED: dict[str, GradientFunction | None] = {"Identity": lambda op, ct: ct}


class OwnGradient(Protocol):
    """The gradient of an operation as a part of the graph."""

    def around(self, at: Any, made: Operation, results: Sequence[Any]) -> list[Any]:
        """The values of the operation's outputs, in a run, with this gradient."""
        ...


@export("RegisterGradient")
class RegisterGradient:
    """A decorator that gives a gradient function, of an operation and a cotangent for each output, a name.

    `graph.gradient_override_map` makes operations use it. Raises TypeError for a name that is no text, KeyError for one
    that is taken.
    """

    def __init__(self, op_type: str) -> None:
        if not isinstance(op_type, str):
            raise TypeError("op_type must be a string")
        self._op_type = op_type

    def __call__(self, f: GradientFunction) -> GradientFunction:
        _register(self._op_type, f)
        return f


def _register(name: str, function: GradientFunction | None) -> None:
    if name in _REGISTERED:
        raise KeyError(f"Registering two gradient with name '{name}'!")
    _REGISTERED[name] = function


@export("NotDifferentiable", "NoGradient", "no_gradient")
def NotDifferentiable(op_type: str) -> None:
    """Declares that operations which use the gradient of this name have none."""
    if not isinstance(op_type, str):
        raise TypeError("op_type must be a string")
    _register(op_type, None)


def registered(name: str, operation: Operation) -> GradientFunction | None:
    """The gradient function of a name. Raises LookupError."""
    if name not in _REGISTERED:
        raise LookupError(f"No gradient defined for operation '{operation.name}' (op type: {name})")
    return _REGISTERED[name]
