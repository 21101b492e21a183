"""Where operations of a run are lowered: what the site of a whole run shares with those of its parts."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from diptych.ir import Builder, DType, HostFunction, Shape, TypeRuleError, Unsupported, Value

from ...functions.constants import filled
from ..graphs.contexts import Context
from ..graphs.errors import InvalidArgumentError
from ..graphs.operation import Operation, location_of
from ..graphs.site import Site, UnknownValue, run_message
from ..graphs.tensor import Tensor
from .schedule import needed_inside, ordered

# A variable's value, or the key or counter of an operation's random numbers.
StateKey = tuple[Literal["variable", "key", "counter"], Operation]
Array = np.ndarray[Any, Any]

_numbers = itertools.count()

MAX_SPECIALISED = 1024  # elements of a feed, or of a tensor, whose values may become part of the program


class Told(Exception):
    """A run that may be given up, and run again, would tell something twice."""


@dataclass(frozen=True, slots=True)
class Count:
    """What an operation asks to be measured of its operands: its `number`th question, from 0."""

    operation: Operation
    number: int

    @property
    def name(self) -> str:
        return f"{self.operation.name}, count {self.number}"


Measured = Tensor | Count


class Undetermined(Exception):
    """An operation needs the elements of `source` as sizes or axes, which the run itself computes."""

    def __init__(self, source: Measured) -> None:
        super().__init__(f"the elements of {source.name} are needed but not known")
        self.source = source


class NeedsHost(Exception):
    """A condition or loop that no program can be, and that the host must go through."""

    def __init__(self, operation: Operation) -> None:
        super().__init__(f"{operation.name} needs the host")
        self.operation = operation


class NeedsNumbers(Exception):
    """An operation needs a number where a size has a name."""

    def __init__(self, operation: Operation) -> None:
        super().__init__(f"{operation.name} needs numbers for sizes")
        self.operation = operation


# What is said of a size with a name that is asked to be a number: by it, and by Python.
_OF_A_NAME = re.compile(r"^dimension .* (is not a number|has no truth value): |'Dimension'")


@dataclass(frozen=True, slots=True)
class Unwritten:
    """The value of a tensor array of `size` elements, of which nothing is known but the dtype."""

    size: int
    dtype: DType

    @property
    def shape(self) -> tuple[Any, ...]:
        """What tells it from arrays, and from others."""
        return ("without elements", self.size, self.dtype.name)

    def filled(self, b: Builder, element: Shape) -> Value:
        """The array with elements of zeros."""
        return filled(b, 0, (self.size, *element), self.dtype)


class LoweringSite(Site):
    """A site that holds the values of many operations, and state as it is at this point of the run.

    Subclasses say where the first value of a state comes from (`_first`), and a tensor that was not lowered here
    (`_outer`). `effects` says whether the run does more than compute: one that only measures prints nothing.
    """

    effects: bool
    may_fail: bool  # and is run again then: it may tell nothing

    def __init__(self, b: Builder) -> None:
        self.b = b
        self.b.find_location = False
        self.operation: Operation | None = None
        self._values: dict[Tensor, Any] = {}  # Value, or Unwritten
        self._state: dict[StateKey, Value] = {}
        self._versions: dict[Operation, list[Value]] = {}
        self._written: dict[StateKey, None] = {}

    # -- operations ----

    def lower_inside(self, context: Context, targets: Iterable[Tensor | Operation]) -> None:
        """Emits those operations of a context that `targets` depend on."""
        outer = self.operation
        for operation in ordered(needed_inside(context, targets)):
            self.lower(operation)
        self._enter(outer)

    def lower(self, operation: Operation) -> None:
        """Emits one operation, whose inputs were lowered before."""
        if operation.slot is not None and not operation.definition.writes:
            return  # a name of a variable: whoever takes it reads the variable
        self._enter(operation)
        definition = operation.definition
        operands: list[Any] = []
        try:
            if definition.takes_tensors:
                results = definition.lower(self, operation, **operation.attributes)
            else:
                operands = self._operands(operation)
                results = definition.lower(self, *operands, **operation.attributes)
            if results is not None:
                listed = [results] if isinstance(results, Value | Unwritten) else list(results)
                if operation.own_gradient is not None:
                    listed = operation.own_gradient.around(self, operation, listed)
                self._keep(operation, listed, operands)
        except UnknownValue as error:
            named = zip(operation.inputs, operands or map(self.value, operation.inputs), strict=False)
            raise self._undetermined(operation, error.value, named) from error
        except TypeRuleError as error:
            message = run_message(error, operands).replace("{name}", operation.name)
            raise InvalidArgumentError(operation.node_def, operation, message) from error
        except Unsupported as refusal:
            raise refusal.located(operation.location) from refusal.__cause__
        except TypeError as error:
            if _OF_A_NAME.search(str(error)) is None:
                raise
            raise NeedsNumbers(operation) from error

    def _enter(self, operation: Operation | None) -> None:
        """What is emitted next belongs to `operation`."""
        self.operation = operation
        self.b.location = operation and location_of(operation)

    def _operands(self, operation: Operation) -> list[Any]:
        if not operation.definition.takes_ref:
            return [self.value(tensor) for tensor in operation.inputs]
        return [
            tensor.op.slot if argument.is_ref else self.value(tensor)
            for argument, tensor in zip(operation.definition.inputs, operation.inputs, strict=True)
        ]

    def _keep(self, operation: Operation, results: list[Any], operands: list[Any]) -> None:
        """Notes the values of the outputs, each a value of its own: a gradient must tell them from the operands."""
        taken = {id(operand) for operand in operands}
        for number, (tensor, value) in enumerate(zip(operation.outputs, results, strict=True)):
            if isinstance(value, Unwritten):
                self._values[tensor] = value
                continue
            if id(value) in taken:
                value = self.b.identity(value)
            value = self._linked(tensor, value)
            taken.add(id(value))
            self.b.suggest([value], [hint(operation.name if not number else f"{operation.name}.{number}")])
            self._values[tensor] = value

    def _linked(self, tensor: Tensor, value: Value) -> Value:
        """The value that users of a tensor see."""
        return value

    def _undetermined(self, operation: Operation, value: Value, named: Iterable[tuple[Tensor, Any]]) -> Exception:
        """What to raise where an operation needs the elements of `value`; `named` are the values of its inputs."""
        raise NotImplementedError

    def for_host(self, owner: Operation) -> NeedsHost:
        """What to raise where `owner`, which was about to be lowered here, can be no program."""
        raise NotImplementedError

    def check(self, condition: Value, message: str) -> None:
        operation = self.operation
        if operation is None or not self.effects:
            return

        def raise_unless(holds: Any) -> None:
            if not holds:
                raise InvalidArgumentError(operation.node_def, operation, message)

        checks = operation.__dict__.setdefault("host_checks", {})
        host = checks.setdefault(message, HostFunction(f"check {next(_numbers)}", raise_unless))
        self.b.host_call(condition, function=host, results=())

    def tell(self, values: Sequence[Value], function: HostFunction) -> None:
        """Has `function` say something of the values when the run comes here; one that only measures says nothing.
        Raises Told where the run may be given up and come here again."""
        if self.effects:
            if self.may_fail:
                raise Told
            self.b.host_call(*values, function=function, results=())

    def counted(self, made: Callable[[], Value]) -> Array:
        """As `measured`, of a value that is only made for the run that measures it."""
        raise NotImplementedError

    # -- values ----

    def value(self, tensor: Tensor) -> Any:
        """The value of a tensor at this point of the run; of a tensor array's flow maybe an Unwritten."""
        found = self._values.get(tensor)
        if found is not None:
            return found
        if self.is_fed(tensor):
            return self._outer(tensor)
        slot = tensor.op.slot
        if slot is None:
            return self._outer(tensor)
        present = self._read_through(slot, tensor.op)
        source = tensor
        while source.op.type == "Identity":  # another name of the variable
            source = source.op.inputs[0]
        return self.b.stop_gradient(present) if source.op.definition.writes else present

    def is_fed(self, tensor: Tensor) -> bool:
        """Whether the run is given the value of a tensor, or of the variable that it reads."""
        raise NotImplementedError

    def _outer(self, tensor: Tensor) -> Value:
        """The value of a tensor that is not lowered here."""
        raise NotImplementedError

    def decided(self, value: Value) -> bool | None:
        """What a bool is, where it is a constant or made of bools that are fed; None where only the run tells."""
        raise NotImplementedError

    # -- state ----

    def state(self, key: StateKey, reader: Operation | None = None) -> Value:
        """The present value of a state. Raises FailedPreconditionError where a variable has none."""
        found = self._state.get(key)
        if found is None:
            found = self._state[key] = self._first(key, reader)
            if key[0] == "variable":
                self._versions[key[1]] = [found]
        return found

    def _first(self, key: StateKey, reader: Operation | None) -> Value:
        """The value of a state where the site begins."""
        raise NotImplementedError

    def read(self, slot: Operation) -> Value:
        return self._read_through(slot, self.operation)

    def _read_through(self, slot: Operation, reader: Operation | None) -> Value:
        return self.state(("variable", slot), reader)

    def write(self, slot: Operation, value: Value) -> None:
        self.put(("variable", slot), value)

    def put(self, key: StateKey, value: Value) -> None:
        """Gives a state a new value; no gradient flows through it."""
        if key[0] == "variable":
            value = self.b.stop_gradient(value)
            self.b.suggest([value], [hint(f"{key[1].name}.next")])
            self._versions.setdefault(key[1], []).append(value)
        self._state[key] = value
        self._written[key] = None

    @property
    def written(self) -> tuple[StateKey, ...]:
        """The states that have got new values here."""
        return tuple(self._written)

    def versions(self, slot: Operation) -> list[Value]:
        """The values that a variable has had so far here."""
        return self._versions.get(slot, [])

    def random(self, shape: Any, dtype: Any, draw: Callable[..., Any], seed: tuple[int, int]) -> Value:
        drawing = self.operation
        if drawing is None:
            raise ValueError("random numbers are drawn by operations only")
        counter: StateKey = ("counter", drawing)
        key, start = self.state(("key", drawing)), self.state(counter)
        drawn, following = draw(self.b, key, start, tuple(shape), dtype)
        self.put(counter, following)
        return drawn


def hint(name: str) -> str:
    """A TensorFlow name in letters that the text of the IR has without quotes."""
    return name.replace("-", "_").replace("\\", "_")
