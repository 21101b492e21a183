"""Conditions and loops as nodes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from ...events.graph import NodeDef
from ..graphs.operation import Operation
from ..operations.conditions import Branch
from ..operations.loops import Rounds
from .places import Inside, Outside

if TYPE_CHECKING:
    from .graph_writer import GraphWriter


def dtype_of(tensor: Any) -> Any:
    """The element type of a tensor, or of a handle."""
    return tensor.dtype.base_dtype


# -- conditions ----


def write_condition(writer: GraphWriter, made: Operation, place: Outside) -> None:
    """Both branches, in which tensors come by Switch, and a Merge for each result."""
    branches: tuple[Branch, Branch] = made.attributes["branches"]
    predicate = place.edge(made.inputs[0])
    scope = made.name.rpartition("/")[0] or made.name
    waits = [place.control(operation) for operation in made.control_inputs]
    add = writer.nodes.add
    switch = add("Switch", f"{scope}/Switch", [predicate, predicate, *waits], T=dtype_of(made.inputs[0]))
    pivots = [
        add("Identity", f"{scope}/switch_{letter}", [output], T=dtype_of(made.inputs[0]))
        for letter, output in (("t", f"{switch}:1"), ("f", switch))
    ]
    switches: dict[tuple[Any, bool], str] = {}

    def enter(tensor: Any, outer: str, as_ref: bool) -> str:
        if (tensor, as_ref) not in switches:
            name = f"{scope}/{tensor.op.name.rpartition('/')[2]}/Switch"
            op = "RefSwitch" if as_ref else "Switch"
            switches[tensor, as_ref] = add(op, name, [outer, predicate, *waits], T=dtype_of(tensor))
        return switches[tensor, as_ref]

    places: list[Inside] = []
    for branch, number, pivot in zip(branches, (1, 0), pivots, strict=True):
        inside = Inside(writer, branch.context, place, _of_branch(enter, number))
        inside.pivot = pivot
        places.append(inside)
        for operation in branch.context.operations:
            writer.write(operation, inside)
    for number, (output, yes, no) in enumerate(zip(made.outputs, *(b.results for b in branches), strict=True)):
        inputs = [places[1].edge(no), places[0].edge(yes)]
        name = made.name if number == 0 else made.name + f"_{number}"
        writer.names[output] = add("Merge", name, inputs, exact=number == 0, N=2, T=dtype_of(output))


def _of_branch(enter: Any, number: int) -> Any:
    def entered(tensor: Any, outer: str, as_ref: bool) -> str:
        name = enter(tensor, outer, as_ref)
        return f"{name}:{number}" if number else name

    return entered


# -- loops ----


def write_loop(writer: GraphWriter, made: Operation, place: Outside) -> None:
    """The variables of a loop come in by Enter, and go round by Merge, Switch and NextIteration until they Exit."""
    rounds: Rounds = made.attributes["rounds"]
    frame = Frame(writer, made, place, made.name.rpartition("/")[0] or made.name)
    first = made.inputs[: len(rounds.variables)]
    variables = list(rounds.variables)
    merged = [
        frame.variable(place.edge(tensor), dtype_of(variable))
        for tensor, variable in zip(first, variables, strict=True)
    ]
    deciding = _reached(rounds, [rounds.condition])
    both = deciding & _reached(rounds, rounds.results)
    copied = {each: writer.nodes.unique(f"{each.name}_condition") for each in rounds.context.operations if each in both}
    condition = Inside(writer, rounds.context, place, frame.enter, dict(zip(variables, merged, strict=True)), copied)
    condition.pivot = merged[0]
    for operation in rounds.context.operations:
        if operation in deciding and operation.type != "LoopVariable":
            writer.write(operation, condition)
    types = [dtype_of(variable) for variable in variables]
    switched = frame.goes_on(condition.edge(rounds.condition), merged, types)
    body = Inside(writer, rounds.context, place, frame.enter)
    body.pivot = variables[0].op.name
    for variable, switch in zip(variables, switched, strict=True):
        writer.nodes.add("Identity", variable.op.name, [f"{switch}:1"], exact=True, T=dtype_of(variable))
    for operation in rounds.context.operations:
        if operation.type != "LoopVariable" and (operation not in deciding or operation in both):
            writer.write(operation, body)
    for number, (output, result) in enumerate(zip(made.outputs, rounds.results, strict=True)):
        writer.names[output] = frame.exit(number, merged[number], switched[number], body.edge(result), types[number])


def _reached(rounds: Rounds, targets: Iterable[Any]) -> set[Operation]:
    """The operations of the rounds that targets depend on, but for variables."""
    holds = rounds.context.holds
    found: set[Operation] = set()
    pending = [tensor.op for tensor in targets]
    while pending:
        operation = pending.pop()
        if operation in found or not holds(operation) or operation.type == "LoopVariable":
            continue
        found.add(operation)
        pending.extend(tensor.op for tensor in operation.inputs)
        pending.extend(operation.control_inputs)
    return found


class Frame:
    """The nodes of one loop."""

    def __init__(self, writer: GraphWriter, made: Operation, place: Outside, scope: str) -> None:
        self._add = writer.nodes.add
        self._made = made
        self._scope = scope
        self._frame = writer.nodes.unique(f"{scope}/while_context")
        self._waits = [place.control(operation) for operation in made.control_inputs]
        self._entered: dict[tuple[Any, bool], str] = {}
        self._nodes = writer.nodes.nodes
        self._merges: dict[str, NodeDef] = {}

    def _node(self, op: str, inputs: list[str], name: str = "", **attributes: Any) -> str:
        return self._add(op, f"{self._scope}/{name or op}", inputs, **attributes)

    def _enter(self, outer: str, dtype: Any, *, constant: bool, op: str = "Enter") -> str:
        return self._node(
            op, [outer, *self._waits], T=dtype, frame_name=self._frame, is_constant=constant, parallel_iterations=10
        )

    def enter(self, tensor: Any, outer: str, as_ref: bool) -> str:
        """What comes in and stays the same in all rounds."""
        if (tensor, as_ref) not in self._entered:
            op = "RefEnter" if as_ref else "Enter"
            self._entered[tensor, as_ref] = self._enter(outer, dtype_of(tensor), constant=True, op=op)
        return self._entered[tensor, as_ref]

    def variable(self, first: str, dtype: Any) -> str:
        """A variable of the loop: its Merge, whose second input `exit` says."""
        entered = self._enter(first, dtype, constant=False)
        merge = self._node("Merge", [entered, entered], T=dtype, N=2)
        self._merges[merge] = self._nodes[-1]
        return merge

    def goes_on(self, condition: str, merged: list[str], types: list[Any]) -> list[str]:
        """A Switch for each variable: to the round at its second output, out of the loop at its first."""
        decision = self._node("LoopCond", [condition])
        return [self._node("Switch", [merge, decision], T=dtype) for merge, dtype in zip(merged, types, strict=True)]

    def exit(self, number: int, merge: str, switch: str, following: str, dtype: Any) -> str:
        """Ends a round of a variable with what it is after it, and the loop; the name of its last value."""
        following = self._node("NextIteration", [following], T=dtype)
        self._merges[merge].input[1] = following
        name = self._made.name if number == 0 else f"{self._made.name}_{number}"
        return self._add("Exit", name, [switch], exact=number == 0, T=dtype)


def write_initialized(writer: GraphWriter, made: Operation, place: Outside) -> None:
    """The value of a variable, or its initial value where it has none yet."""
    ref, initial = made.inputs
    dtype, add = dtype_of(ref), writer.nodes.add
    waits = [place.control(operation) for operation in made.control_inputs]
    variable = place.edge(ref, True)
    predicate = add("IsVariableInitialized", f"{made.name}/is_initialized", [variable, *waits], dtype=dtype)
    taken = add("RefSwitch", f"{made.name}/read/Switch", [variable, predicate], T=dtype)
    read = add("Identity", f"{made.name}/read", [f"{taken}:1"], T=dtype)
    other = add("Switch", f"{made.name}/initial/Switch", [place.edge(initial), predicate], T=dtype)
    add("Merge", made.name, [other, read], exact=True, N=2, T=dtype)
