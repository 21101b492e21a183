"""What is called on the tape where a function was vmapped: the function's calls, for all elements at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from diptych.ir import Builder, Constant, Function, TensorType, Value, ops
from diptych.passes.batch import batch

from ..promotion import WIDEST
from ..tapes.gradient_names import call_name
from ..tapes.lazy import LEAF, TRACKED, UNTRACKED, Call, Kind, Lazy, kind_of
from ..tapes.lowering import Lowering
from ..tapes.saving import Reads, reads_of
from ..tapes.single_calls import SingleCall
from ..tapes.tape import tape

if TYPE_CHECKING:
    from .elements import Elements

MAX_FUNCTIONS = 4  # that are kept of one template, for other numbers


class Output(NamedTuple):
    """A value that comes out, whether gradients flow to it, and the axis along which the elements then lie; None of one
    that all share."""

    lazy: Lazy
    edge: int
    axis: int | None

    def described(self) -> tuple[int, int, int | None]:
        """What of it decides what is computed."""
        return self.lazy.position, self.edge, self.axis


class Operand(NamedTuple):
    """A value that comes in, by its number, and the number of the leaf that reads it where one collects gradients."""

    number: int
    owner: int | None
    edge: int


class _Owner:
    """Stands for a tensor that collects gradients."""


class BatchTemplate:
    """The calls on a tape of elements, of which some values are wanted, as one call. Inputs of its calls: what came in
    there, once for each way in which gradients flow back. Numbers of the calls are its own."""

    __slots__ = (
        "_axes", "_calls", "_functions", "_kinds", "_leaves", "_outputs", "_owners", "_reads", "_stops", "draws",
        "edges", "gradient_name", "is_joint", "is_single", "is_view", "kinds", "no_edges", "numbers", "operands",
        "saves", "single", "size",
    )  # fmt: skip

    is_gradient = False

    def __init__(self, elements: Elements, outputs: Sequence[Output]) -> None:
        self.size, self.draws = elements.size, elements.draws
        self.is_joint = any(call.template.is_joint for call in tape.calls)
        self._stops = {position for call in tape.calls for position in call.template.stops(call)}
        self._leaves = [lazy.position for lazy in tape.leaves]
        self._axes = [source.axis for source in elements.sources]
        self._kinds = [lazy.kind for lazy in tape.leaves]
        self._outputs = [each.described() for each in outputs]
        self._owners: list[Any] = [_Owner() for _ in tape.owners]
        own = {id(lazy) for lazy, axis in zip(tape.leaves, self._axes, strict=True) if axis is not None}
        self.operands = _operands(elements, own)
        self._calls = _without_values(self._owners)
        flowing = _flowing(elements, self.operands)
        self.edges = tuple(each.edge if each.lazy.position in flowing else UNTRACKED for each in outputs)
        self.no_edges = (UNTRACKED,) * len(outputs)
        self.numbers = tuple([number.__class__ for number in tape.scalars])
        self.single = SingleCall(self)
        self._functions: dict[Any, Function] = {}
        self._reads: dict[Any, Reads] = {}
        self.is_single = self.is_view = False
        self.saves = None
        maker = outputs[0].lazy.call
        self.gradient_name = "ExpandBackward0" if maker is None or maker.serial != tape.serial else call_name(maker)
        scalars = tuple(tape.scalars)
        places = [each.lazy.kind.device for each in outputs]
        self.kinds: tuple[Kind, ...] = tuple(map(kind_of, self._function(scalars).result_types, places))

    # -- as a template of calls ----

    def lower_call(
        self, lowering: Lowering, call: Call, inputs: Sequence[Value], scalars: Sequence[Value]
    ) -> tuple[Value, ...]:
        """The results as equations, for all elements at once."""
        numbers: list[Any] = []
        varying: list[Value] = []
        for number, value in zip(call.scalars, scalars, strict=True):
            definition = lowering.b.definition(value)
            is_known = definition is not None and definition.op is ops.constant
            numbers.append(number if is_known else number.__class__)
            if not is_known:
                varying.append(value)
        return lowering.b.inline(self._function(tuple(numbers)), [*inputs, *varying])

    def write(self, b: Builder, inputs: Sequence[Value], scalars: Sequence[Value]) -> tuple[Value, ...]:
        """The results as equations on `b`, for numbers that may be any."""
        return b.inline(self._function(self.numbers), [*inputs, *scalars])

    def stops(self, call: Call) -> tuple[int, ...]:
        """Positions at which gradients stop to be looked at: none."""
        return ()

    def reads(self, call: Call) -> Reads:
        """What the gradient of a call needs of its inputs and results."""
        key = _key(call.scalars)
        found = self._reads.get(key)
        if found is None:
            function = self._function(call.scalars)
            types = [source.kind.type for source in call.inputs]
            found = self._reads[key] = reads_of(lambda b, inputs, _: b.inline(function, inputs), types, ())
        return found

    # -- its function ----

    def _function(self, scalars: tuple[Any, ...]) -> Function:
        """(operands, numbers that vary) -> outputs, for all elements; in `scalars` is the class of one that varies."""
        key = _key(scalars)
        found = self._functions.get(key)
        if found is None:
            if len(self._functions) >= MAX_FUNCTIONS:
                self._functions.clear()
            found = self._functions[key] = self._batched(self._of_one(scalars))
        return found

    def _of_one(self, scalars: tuple[Any, ...]) -> Function:
        """The function of one element."""
        b = Builder("element", share=False)
        b.find_location = False
        lowering = Lowering(b, self._stops)
        for operand in self.operands:
            value = b.parameter(self._kinds[operand.number].type)
            position = self._leaves[operand.number]
            if operand.owner is None:
                lowering.put(position, value, tracked=operand.edge == TRACKED)
            else:
                lowering.identities.setdefault(id(self._owners[operand.owner]), {})[position] = value
        numbers: list[Value] = []
        for scalar in scalars:
            if isinstance(scalar, type):
                numbers.append(b.parameter(TensorType(WIDEST[scalar])))
            else:
                numbers.append(b.constant(value=Constant(scalar, WIDEST[type(scalar)])))
        for call in self._calls:
            prefix = call.prefix
            own = numbers[prefix.first : prefix.first + len(call.scalars)]
            for position, result in enumerate(lowering.results(call, own), prefix.start):
                lowering.put(position, result, tracked=call.tracked)
        return b.finish(lowering.values[position] for position, _, _ in self._outputs)

    def _batched(self, function: Function) -> Function:
        """The function of all elements, whose axes are where the operands and the results have them."""
        axes = [self._axes[operand.number] for operand in self.operands]
        axes.extend([None] * (len(function.parameters) - len(axes)))
        made, flags = batch(function, [axis is not None for axis in axes], self.size, draws=self.draws)
        b = Builder("batch", share=False)
        b.find_location = False
        operands: list[Value] = []
        for axis, inner in zip(axes, made.parameters, strict=True):
            shape = inner.shape
            if axis is not None:
                shape = (*shape[1 : axis + 1], self.size, *shape[axis + 1 :])
            value = b.parameter(inner.type.with_shape(shape))
            operands.append(value if not axis else b.transpose(value, permutation=_moved(value.rank, axis, 0)))
        results: list[Value] = []
        for value, flag, (_, _, axis) in zip(b.inline(made, operands), flags, self._outputs, strict=True):
            if axis is not None and not flag:
                shape = (*value.shape[:axis], self.size, *value.shape[axis:])
                kept = [place for place in range(len(shape)) if place != axis]
                results.append(b.broadcast(value, shape=shape, axes=kept))
            else:
                results.append(value if not axis else b.transpose(value, permutation=_moved(value.rank, 0, axis)))
        return b.finish(results)


def _moved(rank: int, source: int, target: int) -> list[int]:
    """The permutation that brings an axis to another place."""
    order = [axis for axis in range(rank) if axis != source]
    order.insert(target, source)
    return order


def _key(scalars: Sequence[Any]) -> tuple[Any, ...]:
    """Numbers, told apart by class and sign of zero too."""
    return tuple((number.__class__, repr(number)) for number in scalars)


def _operands(elements: Elements, own: set[int]) -> list[Operand]:
    """What comes in as the calls read it: cut off from its history or not, and for each tensor that collects gradients
    on its own."""
    numbers = {lazy.position: number for number, lazy in enumerate(tape.leaves)}
    edges = [UNTRACKED] * len(tape.leaves)
    read: dict[Operand, None] = {}
    for call in tape.calls:
        for source, edge, leaf in zip(call.inputs, call.edges, call.leaves, strict=bool(call.edges)):
            number = numbers.get(source.position)
            if number is None or id(source) in own:
                continue
            if edge == TRACKED:
                edges[number] = TRACKED
            elif edge == LEAF and leaf is not None and not elements.is_own(leaf):
                read[Operand(number, tape.owner(leaf), LEAF)] = None
    return [*(Operand(number, None, edge) for number, edge in enumerate(edges)), *read]


def _flowing(elements: Elements, operands: Sequence[Operand]) -> set[int]:
    """The positions of values from which gradients flow to what came in."""
    leaves = [lazy.position for lazy in tape.leaves]
    found = {leaves[operand.number] for operand in operands if operand.edge == TRACKED}
    ends = {operand.owner for operand in operands if operand.owner is not None}
    for source, position in zip(elements.sources, leaves, strict=True):
        if source.axis is not None and source.edge != UNTRACKED:
            found.add(position)
    for call in tape.calls:
        for source, edge, leaf in zip(call.inputs, call.edges, call.leaves, strict=bool(call.edges)):
            if edge == LEAF and leaf is not None and elements.is_own(leaf):
                continue
            if (edge != UNTRACKED and source.position in found) or (edge == LEAF and tape.owner(leaf) in ends):
                found.update(range(call.prefix.start, call.prefix.start + len(call.prefix.kinds)))
                break
    return found


def _without_values(owners: Sequence[Any]) -> list[Call]:
    """The calls on the tape, on values of which positions alone are kept."""
    known: dict[Lazy, Lazy] = {}
    found: list[Call] = []
    for call in tape.calls:
        made = object.__new__(Call)
        made.prefix, made.scalars, made.serial, made.freed = call.prefix, call.scalars, call.serial, False
        for lazy in call.inputs:
            if lazy not in known:
                known[lazy] = Lazy(lazy.kind, None, None, lazy.number, lazy.serial, lazy.position)
        made.inputs = tuple(known[lazy] for lazy in call.inputs)
        made.leaves = tuple(None if leaf is None else owners[tape.owner(leaf)] for leaf in call.leaves)
        found.append(made)
    return found
