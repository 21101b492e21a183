"""Conditions and loops of files as operations that run contexts, as tf.cond and tf.while_loop make them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ...events.graph import NodeDef
from ..graphs.apply import apply
from ..graphs.contexts import Context
from ..graphs.conversion import constant_of
from ..graphs.definitions import definition_of
from ..graphs.inference import infer
from ..graphs.shapes import Dims
from ..graphs.tensor import Tensor
from ..operations.conditions import Branch, _owned
from ..operations.loops import Rounds
from ..operations.loops import _owned as _loop_owned
from ..operations.tensor_arrays import may_grow
from .regions import ENTERS, EXITS, MERGES, NEXT, SWITCHES, Unit

if TYPE_CHECKING:
    from ..graphs.operation import Operation
    from .importer import Importer


def lift(importer: Importer, unit: Unit) -> None:
    """Makes the operation of a unit, and all that stands in it. Raises ValueError."""
    if unit.is_loop:
        _Loop(importer, unit).make()
    else:
        _lift_condition(importer, unit)


# -- conditions ----


def _lift_condition(importer: Importer, unit: Unit) -> None:
    merges = [item for item in unit.items if isinstance(item, NodeDef) and item.name in unit.firsts]
    if not merges and not unit.leaks:  # nothing of it comes out
        return
    contexts = Context(importer.graph), Context(importer.graph)
    waits: dict[Operation, None] = {}
    predicate: Tensor | None = None
    for item in unit.items:
        if isinstance(item, NodeDef) and item.op in SWITCHES:
            tensors, controls = importer.inputs(item)
            _check_count(item, tensors, 2)
            importer.stands(item, 0, tensors[0])
            importer.stands(item, 1, tensors[0])
            predicate = tensors[1]
            waits.update(dict.fromkeys(controls))
        elif isinstance(item, Unit) or item.name not in unit.firsts:
            branch = item.branch if isinstance(item, Unit) else unit.branches.get(item.name)
            with contexts[0 if branch else 1].entered():
                importer.make(item)
    if predicate is None:  # what is here comes after a condition by the same tensor, where its Switches are
        predicate = importer.found(unit.key)
    if predicate.dtype.base_dtype.name != "bool":
        raise ValueError(f"the condition {predicate.name} must be of bool, but is of {predicate.dtype.name}")
    results: list[list[Tensor]] = [[], []]
    for merge in merges:
        pair = _pair(importer, unit, merge)
        for found, context, tensor in zip(results, contexts, pair, strict=True):
            with context.entered():
                found.append(_read(tensor))
    leaks = [leak for leak in unit.leaks if leak[1] is not None]
    for name, index in leaks:
        _leave(importer, f"{name}:{index}", unit.leaks[name, index], contexts, results)
    branches = Branch(contexts[0], tuple(results[0])), Branch(contexts[1], tuple(results[1]))
    outputs = _owned(
        branches, predicate, importer.unique(merges[0].name if merges else f"{next(iter(unit.leaks))[0]}/Merge")
    )
    made = outputs[0].op
    made._add_control_inputs(list(waits))
    for number, merge in enumerate(merges):
        importer.named(merge, outputs[number])
    for (name, index), output in zip(leaks, outputs[len(merges) :], strict=True):
        importer.tensors[f"{name}:{index}"] = output
    importer.operations.update((name, made) for name, index in unit.leaks if index is None)


def _leave(
    importer: Importer, name: str, branch: bool, contexts: tuple[Context, Context], results: list[list[Tensor]]
) -> None:
    """Makes a tensor of one branch a result: where the other is taken, there are zeros, which nothing takes."""
    tensor = importer.found(name)
    shape = tensor._dims if tensor._dims is not None and None not in tensor._dims else ()
    for number, context in enumerate(contexts):
        with context.entered():
            if branch == (number == 0):
                results[number].append(_read(tensor))
            else:
                array = np.zeros(shape, tensor.dtype.numpy)
                if tensor.dtype.name == "string":
                    array = np.full(shape, b"", object)
                results[number].append(constant_of(array, "zeros"))


def _check_count(node: NodeDef, tensors: list[Tensor], count: int) -> None:
    if len(tensors) != count:
        raise ValueError(f"Node '{node.name}': a {node.op} must have {count} inputs, but has {len(tensors)}")


def _pair(importer: Importer, unit: Unit, merge: NodeDef) -> tuple[Tensor, Tensor]:
    """What a Merge joins, of the branch that holds first."""
    tensors, _ = importer.inputs(merge)
    _check_count(merge, tensors, 2)
    if tensors[0].dtype.base_dtype is not tensors[1].dtype.base_dtype:
        raise ValueError(f"Node '{merge.name}': a Merge must have inputs of one type")
    return (tensors[0], tensors[1]) if unit.firsts[merge.name] else (tensors[1], tensors[0])


def _read(tensor: Tensor) -> Tensor:
    """A tensor of its own for what stands for a variable."""
    return apply("Identity", [tensor]) if tensor.dtype._is_ref_dtype or tensor.op.slot is not None else tensor


# -- loops ----


class _Loop:
    """One loop being made: its variables by the names of their Merges."""

    def __init__(self, importer: Importer, unit: Unit) -> None:
        self.importer = importer
        self.unit = unit
        self.context = Context(importer.graph)
        self.waits: dict[Operation, None] = {}
        self.variables: dict[str, Tensor] = {}
        self.first: list[Tensor] = []
        self.following: dict[str, Tensor] = {}  # by the names of NextIterations
        self.back: list[str] = []  # of each variable the NextIteration
        self.switches: dict[str, str] = {}  # of each Switch the Merge
        self.exits: list[tuple[NodeDef, str]] = []  # with the name of the Merge
        self.condition: Tensor | None = None

    def make(self) -> None:
        """The operation, and what stands in the rounds."""
        for item in self.unit.items:
            if isinstance(item, NodeDef) and item.op in (*ENTERS, *EXITS):
                self._pass(item)
                continue
            with self.context.entered():
                if isinstance(item, Unit):
                    self.importer.make(item)
                else:
                    self._node(item)
        if self.condition is None or not self.variables:
            raise ValueError(f"The loop {self.unit.key} has no LoopCond or no variables")
        rounds = self._rounds(self.condition)
        numbers = {merge: number for number, merge in enumerate(self.variables)}
        leading = next((node.name for node, merge in self.exits if numbers[merge] == 0), None)
        name = leading or f"{next(iter(self.variables))}/While"
        made = _loop_owned(rounds, self.first, self.importer.unique(name))[0].op
        made._add_control_inputs(list(self.waits))
        for node, merge in self.exits:
            self.importer.named(node, made.outputs[numbers[merge]])

    def _pass(self, node: NodeDef) -> None:
        if node.op in EXITS:
            name, _ = self.importer.source(node, (*node.input, "")[0])
            if name not in self.switches:
                raise ValueError(f"Node '{node.name}': an Exit must take what a Switch of its loop gives")
            self.exits.append((node, self.switches[name]))
            return
        tensors, controls = self.importer.inputs(node)
        _check_count(node, tensors, 1)
        self.waits.update(dict.fromkeys(controls))
        self.importer.stands(node, 0, tensors[0])
        self.importer.operations[node.name] = tensors[0].op

    def _node(self, node: NodeDef) -> None:
        if node.op in MERGES:
            self._variable(node)
        elif node.op in SWITCHES and node.name not in self.unit.branches:
            name, _ = self.importer.source(node, (*node.input, "")[0])
            if name not in self.variables:
                raise ValueError(f"Node '{node.name}': a Switch by LoopCond must take a variable of its loop")
            self.switches[node.name] = name
            self.importer.stands(node, 1, self.variables[name])
            self.importer.operations[node.name] = self.variables[name].op
        elif node.op == "LoopCond":
            tensors, _ = self.importer.inputs(node)
            _check_count(node, tensors, 1)
            if tensors[0].dtype.base_dtype.name != "bool" or self.condition is not None:
                raise ValueError(f"Node '{node.name}': a loop must have one LoopCond, of bool")
            self.condition = tensors[0]
            self.importer.operations[node.name] = tensors[0].op
        elif node.op in NEXT:
            tensors, _ = self.importer.inputs(node)
            _check_count(node, tensors, 1)
            self.following[node.name] = tensors[0]
        else:
            self.importer.make(node)

    def _variable(self, node: NodeDef) -> None:
        """A variable of the loop, which begins with what an Enter gives and goes on with a NextIteration."""
        importer = self.importer
        kinds = {importer.nodes[importer.source(node, text)[0]].op: text for text in node.input}
        enter = next((text for op, text in kinds.items() if op in ENTERS), None)
        back = next((text for op, text in kinds.items() if op in NEXT), None)
        if enter is None or back is None or len(node.input) != 2:
            raise ValueError(f"Node '{node.name}': a Merge of a loop must take an Enter and a NextIteration")
        first = importer.tensor(node, enter)
        dtype = first.dtype.base_dtype
        attributes = {"dtype": dtype, "dynamic_size": may_grow(first)}
        made = importer.graph.create_operation(
            definition_of("LoopVariable"), (), attributes, [(dtype, first._dims)], importer.unique(node.name)
        )
        self.first.append(first)
        self.variables[node.name] = made.outputs[0]
        self.back.append(importer.source(node, back)[0])
        importer.stands(node, 0, made.outputs[0])
        importer.operations[node.name] = made

    def _rounds(self, condition: Tensor) -> Rounds:
        variables = tuple(self.variables.values())
        results: list[Tensor] = []
        with self.context.entered():
            for name, variable, back in zip(self.variables, variables, self.back, strict=True):
                if back not in self.following:
                    raise ValueError(f"Node '{name}': what goes back to a Merge must be of the same loop")
                result = _read(self.following[back])
                if result.dtype.base_dtype is not variable.dtype:
                    raise ValueError(f"Node '{name}': a variable of a loop must keep its type")
                results.append(result)
        self._loosen(variables, results)
        return Rounds(self.context, variables, condition, tuple(results), None)

    def _loosen(self, variables: tuple[Tensor, ...], results: list[Tensor]) -> None:
        """Forgets of the variables' static shapes what rounds change."""
        while True:
            loose = [
                (variable, _common(variable._dims, result._dims))
                for variable, result in zip(variables, results, strict=True)
            ]
            changed = [(variable, dims) for variable, dims in loose if dims != variable._dims]
            if not changed:
                return
            for variable, dims in changed:
                variable._dims = dims
            for operation in self.context.operations:
                _infer_again(operation)


def _common(left: Dims | None, right: Dims | None) -> Dims | None:
    if left is None or right is None or len(left) != len(right):
        return None
    return tuple(a if a == b else None for a, b in zip(left, right, strict=True))


def _infer_again(operation: Operation) -> None:
    """The static shapes of an operation, its inputs' having changed. Raises ValueError where they do not fit."""
    if operation.contexts:
        for output in operation.outputs:
            output._dims = None
        return
    if not operation.inputs or operation.definition.takes_ref or operation.slot is not None:
        return
    from .nodes import bound_by_inputs

    bound = {**bound_by_inputs(operation.definition, operation.inputs, operation.attributes), **operation.attributes}
    found = infer(operation.definition, operation.inputs, operation.attributes, bound, operation.name)
    for output, (_, dims) in zip(operation.outputs, found, strict=True):
        output._dims = dims
        output.static_value = NotImplemented
