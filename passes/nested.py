"""What passes share that go into nested functions."""

from __future__ import annotations

from collections.abc import Callable

from diptych.ir import Equation, Function, Op


class Nested:
    """A pass over functions that does each of them once, however often it stands; known by identity. It leaves the
    functions of equations of the ops `apart` alone."""

    def __init__(self, transform: Callable[[Function, Nested], Function], apart: frozenset[Op] = frozenset()) -> None:
        self.transform, self.apart = transform, apart
        self._done: dict[int, tuple[Function, Function]] = {}  # the original is kept alive

    def function(self, function: Function) -> Function:
        """What the pass makes of `function`."""
        known = self._done.get(id(function))
        if known is None:
            known = self._done[id(function)] = function, self.transform(function, self)
            self._done[id(known[1])] = known[1], known[1]  # nothing is done twice to it
        return known[1]

    def equation(self, equation: Equation) -> Equation:
        """The equation with what the pass makes of its functions; itself where that changes none."""
        if not equation.op.has_functions or equation.op in self.apart:
            return equation
        changed = {name: self.function(inner) for name, inner in equation.functions()}
        if all(new is equation.attributes[name] for name, new in changed.items()):
            return equation
        attributes = {**equation.attributes, **changed}
        return Equation(equation.op, equation.operands, attributes, equation.results, equation.location)

    def equations(self, function: Function) -> tuple[Equation, ...]:
        """Those of `function`, each as `equation` has it: the very same tuple where none changes."""
        if not any(equation.op.has_functions for equation in function.equations):
            return function.equations
        found = tuple(map(self.equation, function.equations))
        same = all(new is old for new, old in zip(found, function.equations, strict=True))
        return function.equations if same else found
