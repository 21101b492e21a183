"""Makes functions: infers types, notes locations, shares equal equations, drops dead ones."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from .errors import DiptychError, TypeRuleError
from .function import Equation, Function, Value
from .location import Location, user_location
from .op import Op
from .op_methods import OpMethods
from .ops import OPS
from .types import TensorType

# Given the builder, an op, its operands and its complete attributes: the values to use instead, or None.
Rewrite = Callable[["Builder", Op, tuple[Value, ...], Mapping[str, Any]], tuple[Value, ...] | None]

# Told where an equal equation was there already: the location of the one that was not emitted, and the values.
Listener = Callable[[Location | None, tuple[Value, ...]], None]
_listener: ContextVar[Listener | None] = ContextVar("listener", default=None)


@contextmanager
def listening(listener: Listener) -> Generator[None]:
    """Tells `listener` of what builders share within the block, on this thread."""
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)


class Builder(OpMethods):
    """Builds one function, an equation at a time.

    `b.mul(x, y)`, and so for every op, emits an equation and returns its result (a tuple of results where
    the op has several). With `share`, an equation equal to an earlier one is not emitted again. `rewrite`
    is asked before each emission and may answer with other values.
    """

    def __init__(self, name: str = "main", *, share: bool = True, rewrite: Rewrite | None = None) -> None:
        self.name = name
        self.share = share
        self.rewrite = rewrite
        self.parameters: list[Value] = []
        self.equations: list[Equation] = []
        self.location: Location | None = None  # of what is emitted next; None asks the user's stack
        self.find_location = True  # whether a missing location is looked up in the user's stack
        self._definitions: dict[Value, Equation] = {}
        self._known: dict[Any, tuple[Value, ...]] = {}
        self._marks: list[list[int]] = []

    def parameter(self, type: TensorType, name: str | None = None) -> Value:
        """A new parameter, after those that exist."""
        value = Value(type, name)
        self.parameters.append(value)
        return value

    def definition(self, value: Value) -> Equation | None:
        """The equation that made `value` here; None for a parameter."""
        return self._definitions.get(value)

    def emit(
        self,
        op: Op,
        operands: Sequence[Value],
        attributes: Mapping[str, Any],
        *,
        names: Sequence[str | None] = (),
    ) -> tuple[Value, ...]:
        """The results of `op`, by a new equation, an equal earlier one, or what `rewrite` answers.

        Raises TypeRuleError, with the user's line, where the type rule refuses.
        """
        try:
            return self._emit(op, tuple(operands), op.complete(attributes), names, None)
        except DiptychError as error:
            raise error.located(self._location()) from None

    def _emit(
        self,
        op: Op,
        operands: tuple[Value, ...],
        attributes: Mapping[str, Any],
        names: Sequence[str | None],
        types: tuple[TensorType, ...] | None,
    ) -> tuple[Value, ...]:
        """As `emit`, with complete attributes, and the results' types where they are known."""
        if self.rewrite is not None:
            replaced = self.rewrite(self, op, operands, attributes)
            if replaced is not None:
                self.suggest(replaced, names)
                return replaced
        key: Any = None
        if self.share and not (op.has_effect or (op.has_functions and _calls_effect(attributes))):
            key = (op, operands, *attributes.values())
            known = self._known.get(key)
            if known is not None:
                listener = _listener.get()
                if listener is not None:
                    listener(self.location, known)
                return known
        if types is None:
            types = op.infer([operand.type for operand in operands], attributes)
        if len(names) != len(types):
            names = (None,) * len(types)
        if len(types) == 1:
            results = (Value(types[0], names[0]),)
        else:
            results = tuple([Value(type, name) for type, name in zip(types, names, strict=True)])
        self._add(Equation(op, operands, attributes, results, self._location()))
        if key is not None:
            self._known[key] = results
        return results

    def replay(
        self, equation: Equation, values: dict[Value, Value], attributes: Mapping[str, Any] | None = None
    ) -> None:
        """Emits `equation` of another function, its operands looked up in `values`, its results put there; with other
        `attributes` where they are given. Where it has no location, the builder's serves."""
        before = self.location
        self.location = equation.location or before
        op, results = equation.op, equation.results
        operands = tuple([values[operand] for operand in equation.operands])
        try:
            if attributes is None:
                attributes = equation.attributes
                # Operands of the same types give results of the same types.
                types = tuple([result.type for result in results]) if _are_alike(operands, equation.operands) else None
            else:
                attributes, types = op.complete(attributes), None
            emitted = self._emit(op, operands, attributes, [result.name for result in results], types)
        except DiptychError as error:
            raise error.located(self._location()) from None
        values.update(zip(results, emitted, strict=True))
        self.location = before

    def inline(self, function: Function, arguments: Sequence[Value]) -> tuple[Value, ...]:
        """Replays all of `function` on `arguments` and returns its results here. Raises TypeRuleError."""
        if [argument.type for argument in arguments] != list(function.parameter_types):
            given = ", ".join(str(argument.type) for argument in arguments)
            wanted = ", ".join(map(str, function.parameter_types))
            raise TypeRuleError(f"@{function.name}: arguments are ({given}) but must be ({wanted})")
        values = dict(zip(function.parameters, arguments, strict=True))
        for equation in function.equations:
            self.replay(equation, values)
        return tuple(values[result] for result in function.results)

    def nested(self, name: str) -> Builder:
        """A builder for a function inside this one; what it emits is located where this one stands."""
        inner = Builder(name)
        inner.location = self.location
        inner.find_location = self.find_location
        return inner

    def extend(
        self, equation: Equation, attributes: Mapping[str, Any], before: Callable[[], Sequence[Value]] | None = None
    ) -> tuple[Value, ...]:
        """Replaces an equation emitted here by one that does more, and returns its additional results.

        The new equation has `attributes`, and the old operands followed by the values that `before` emits in
        front of it. Its first results must have the old ones' types: those values stay as they are, so that
        nothing that uses them changes.
        """
        place = self.equations.index(equation)
        tail = self.equations[place + 1 :]
        del self.equations[place:]
        share, self.share = self.share, False  # what is known may stand behind this place
        try:
            extra = tuple(before()) if before is not None else ()
        finally:
            self.share = share
        operands = (*equation.operands, *extra)
        complete = equation.op.complete(attributes)
        types = equation.op.infer([operand.type for operand in operands], complete)
        old = equation.results
        if types[: len(old)] != tuple(result.type for result in old):
            raise TypeRuleError(f"{equation.op.name}: an extended equation must keep its first results' types")
        added = tuple(Value(type) for type in types[len(old) :])
        inserted = len(self.equations) - place
        self._add(Equation(equation.op, operands, complete, old + added, equation.location))
        self.equations.extend(tail)
        for mark in self._marks:
            if mark[0] > place:
                mark[0] += inserted
        return added

    def mark(self) -> list[int]:
        """The number of equations so far, in a cell that stays right when `extend` inserts some before it."""
        self._marks.append([len(self.equations)])
        return self._marks[-1]

    def finish(self, results: Iterable[Value]) -> Function:
        """The function built, without the equations that neither a result nor an effect needs."""
        wanted = tuple(results)
        return Function(self.name, tuple(self.parameters), live_equations(self.equations, wanted), wanted)

    def suggest(self, values: Sequence[Value], names: Sequence[str | None]) -> None:
        """Hands the names of replaced results on to what replaces them, where that has none."""
        for value, name in zip(values, names, strict=False):
            if name is not None and value.name is None and value in self._definitions:
                object.__setattr__(value, "name", name)  # a name is a hint: nothing compares it

    def _add(self, equation: Equation) -> None:
        self.equations.append(equation)
        for result in equation.results:
            self._definitions[result] = equation

    def _location(self) -> Location | None:
        if self.location is None and self.find_location:
            return user_location()
        return self.location

    if not TYPE_CHECKING:  # to a type checker, what is not in OpMethods is not there

        def __getattr__(self, name: str) -> Any:
            raise AttributeError(f"Builder has no op {name!r}: `diptych ops` lists them all")


def _method(op: Op) -> Callable[..., Any]:
    """What `OpMethods` declares for `op`."""
    if op.is_single:

        def emit_one(self: Builder, *operands: Value, **attributes: Any) -> Value:
            return self.emit(op, operands, attributes)[0]

        return emit_one

    def emit_many(self: Builder, *operands: Value, **attributes: Any) -> tuple[Value, ...]:
        return self.emit(op, operands, attributes)

    return emit_many


for _op in OPS.values():
    setattr(Builder, _op.name, _method(_op))


def _calls_effect(attributes: Mapping[str, Any]) -> bool:
    return any(isinstance(value, Function) and value.has_effect for value in attributes.values())


def _are_alike(values: Sequence[Value], others: Sequence[Value]) -> bool:
    """Whether values have the types of others."""
    for value, other in zip(values, others, strict=True):
        if value.type is not other.type and value.type != other.type:
            return False
    return True


def live_equations(equations: Sequence[Equation], results: Iterable[Value]) -> tuple[Equation, ...]:
    """The equations that `results` or an effect depend on, in order."""
    needed = set(results)
    kept: list[Equation] = []
    for equation in reversed(equations):
        if equation.has_effect or not needed.isdisjoint(equation.results):
            kept.append(equation)
            needed.update(equation.operands)
    kept.reverse()
    return tuple(kept)
