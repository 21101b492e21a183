"""Recomputing: what a group could make again from values that it reads anyway need not be kept in memory for it.

The gradient of a chain reads many of its steps. Where each is a few cheap operations away from the same few values,
those are kept alone: so a gelu keeps its operand and its tanh. The operations are the same ones, so every bit stays.
"""

from __future__ import annotations

from math import prod

from diptych.ir import Builder, Equation, Function, Op, Value, ops

from .costs import TRANSCENDENTAL
from .elementwise import ELEMENTWISE
from .nested import Nested
from .trim import trim

CHEAP: frozenset[Op] = ELEMENTWISE - TRANSCENDENTAL - {ops.rem, ops.floor_div}
LARGE = 1 << 15  # elements, from which a value that is kept costs more than computing it again
SMALL = 1 / 16  # of a group's elements, up to which a value costs nothing to read
MOST = 3  # operations for each value that is no longer kept


def recompute(function: Function) -> Function:
    """`function`, whose groups compute again what is cheap to, nested functions included."""
    changed = Nested(_recomputed, frozenset((ops.fused,))).function(function)
    return function if changed is function else trim(changed)


def _recomputed(function: Function, nested: Nested) -> Function:
    return _Recompute(function, nested).run()


class _Recompute:
    """One walk over a function. A *node* is a value, of the function or of a group's body: what is the same value under
    another name, such as a body's parameter, has one node."""

    def __init__(self, function: Function, nested: Nested) -> None:
        self.function = function
        inside = nested.equations(function)
        self.equations = list(inside)
        self.changed = inside is not function.equations
        self.node: dict[Value, Value] = {}  # of what is another value's name
        self.made: dict[Value, Equation] = {}  # by node
        self.outer = {value: value for value in function.parameters}  # the function's own value of a node
        self.home: dict[Value, int] = {}  # the place of the group that a node is in, where no equation shows it
        for place, equation in enumerate(self.equations):
            self._note(place, equation)

    def run(self) -> Function:
        for place, equation in enumerate(self.equations):
            if equation.op is ops.fused:
                self._improve(place)
        if not self.changed:
            return self.function
        return Function(self.function.name, self.function.parameters, tuple(self.equations), self.function.results)

    def _note(self, place: int, equation: Equation) -> None:
        """Makes the nodes of an equation known."""
        if equation.op is not ops.fused:
            self.made.update((result, equation) for result in equation.results)
            self.outer.update((result, result) for result in equation.results)
            return
        body: Function = equation.attributes["body"]
        for parameter, operand in zip(body.parameters, equation.operands, strict=True):
            self.node[parameter] = self.node.get(operand, operand)
            self.outer.setdefault(self.node[parameter], operand)
        for member in body.equations:
            for result in member.results:
                self.made[result], self.home[result] = member, place
        for result, inner in zip(equation.results, body.results, strict=True):
            self.node[result] = self.node.get(inner, inner)
            self.outer[self.node[result]] = result

    def operands_of(self, node: Value) -> list[Value]:
        """The nodes that a node is made of."""
        return [self.node.get(operand, operand) for operand in self.made[node].operands]

    def _improve(self, place: int) -> None:
        """Lets a group compute again what is not worth keeping for it."""
        group = self.equations[place]
        size = max((_elements(value) for value in (*group.operands, *group.results)), default=0)
        if size < LARGE:
            return
        own = {self.node.get(operand, operand): operand for operand in group.operands}
        large = [node for node in own if _elements(node) == size]
        search = _Search(self, size, set(large))
        kept = search.kept()
        if kept is None:
            return
        self._rebuild(place, kept, size)
        self.changed = True

    def _rebuild(self, place: int, kept: set[Value], size: int) -> None:
        """The group with `kept` in place of its large operands, and what it computes again of them."""
        group = self.equations[place]
        body: Function = group.attributes["body"]
        b = Builder(body.name)
        b.find_location = False
        inputs: list[Value] = []
        values: dict[Value, Value] = {}

        def take(node: Value) -> Value:
            if node in values:
                return values[node]
            equation = self.made.get(node)
            if node in kept or not self._is_computed(node, size):
                outer = self._shown(node)
                values[node] = b.parameter(outer.type, outer.name)
                inputs.append(outer)
                return values[node]
            assert equation is not None
            operands = [take(operand) for operand in self.operands_of(node)]
            b.location = equation.location
            (values[node],) = b.emit(equation.op, operands, equation.attributes, names=[node.name])
            return values[node]

        inner = {
            parameter: take(self.node.get(operand, operand))
            for parameter, operand in zip(body.parameters, group.operands, strict=True)
        }
        for member in body.equations:
            b.replay(member, inner)
        rebuilt = b.finish(inner[result] for result in body.results)
        self.equations[place] = Equation(ops.fused, tuple(inputs), {"body": rebuilt}, group.results, group.location)
        for parameter, operand in zip(rebuilt.parameters, inputs, strict=True):
            self.node[parameter] = self.node.get(operand, operand)
        for member in rebuilt.equations:
            for result in member.results:
                self.made[result], self.home[result] = member, place
        for result, own in zip(group.results, rebuilt.results, strict=True):
            self.node[result] = self.node.get(own, own)
            self.outer[self.node[result]] = result

    def _is_computed(self, node: Value, size: int) -> bool:
        """Whether a node that is not kept is computed again from others, in a group of so many elements: what is small
        is read, where the function shows it."""
        if _elements(node) <= SMALL * size:
            return node not in self.outer
        return node in self.made and self.made[node].op in (*CHEAP, ops.broadcast)

    def _shown(self, node: Value) -> Value:
        """The function's value of a node; a group that has it inside gets one more result."""
        known = self.outer.get(node)
        if known is not None:
            return known
        place = self.home[node]
        group = self.equations[place]
        body: Function = group.attributes["body"]
        result = Value(node.type, node.name)
        wider = Function(body.name, body.parameters, body.equations, (*body.results, node))
        self.equations[place] = Equation(
            ops.fused, group.operands, {"body": wider}, (*group.results, result), group.location
        )
        self.node[result], self.outer[node] = node, result
        return result


class _Search:
    """Looks for few values that a group's large operands can be computed from."""

    def __init__(self, walk: _Recompute, size: int, large: set[Value]) -> None:
        self.walk, self.size, self.large = walk, size, large

    def kept(self) -> set[Value] | None:
        """What the group reads in place of its large operands; None where nothing is gained."""
        kept = set(self.large)
        while True:
            kept = self._without_computable(kept)
            better = self._with_one_more(kept)
            if better is None:
                break
            kept = better
        if len(kept) >= len(self.large):
            return None
        gone = len(self.large) - len(kept)
        return kept if self._operations(kept) <= MOST * gone else None

    def _without_computable(self, kept: set[Value]) -> set[Value]:
        """`kept` without what can be computed from the rest, what was made in the last groups first."""
        for node in sorted(kept, key=lambda node: self.walk.home.get(node, -1), reverse=True):
            if self._computable(node, kept - {node}, frozenset()):
                kept = kept - {node}
        return kept

    def _with_one_more(self, kept: set[Value]) -> set[Value] | None:
        """`kept` with a value from which at least two others of it can be computed, without these; None if none is."""
        best: set[Value] | None = None
        for candidate in self._candidates(kept):
            found = self._without_computable(kept | {candidate})
            if len(found) < len(best if best is not None else kept):
                best = found
        return best

    def _candidates(self, kept: set[Value]) -> list[Value]:
        """Large values in the cheap history of what is kept."""
        found: dict[Value, None] = {}
        pending = [(node, 0) for node in kept]
        while pending:
            node, depth = pending.pop()
            if depth > 4 or not self._is_cheap(node):
                continue
            for operand in self.walk.operands_of(node):
                if _elements(operand) == self.size and operand not in kept:
                    found[operand] = None
                    pending.append((operand, depth + 1))
        return list(found)

    def _computable(self, node: Value, kept: set[Value] | frozenset[Value], path: frozenset[Value]) -> bool:
        if node in kept:
            return True
        if _elements(node) <= SMALL * self.size:
            return self._is_at_hand(node)
        if len(path) > 6 or not self._is_cheap(node):
            return False
        return all(self._computable(operand, kept, path | {node}) for operand in self.walk.operands_of(node))

    def _is_at_hand(self, node: Value) -> bool:
        """Whether a small value can be read, or made of what can."""
        equation = self.walk.made.get(node)
        if node in self.walk.outer or equation is None:
            return True
        if equation.op in (ops.broadcast, ops.constant):
            return all(map(self._is_at_hand, self.walk.operands_of(node)))
        return False

    def _is_cheap(self, node: Value) -> bool:
        equation = self.walk.made.get(node)
        if equation is None:
            return False
        return equation.op in CHEAP or equation.op is ops.broadcast

    def _operations(self, kept: set[Value]) -> int:
        """How many operations make the large operands of what is kept."""
        seen: set[Value] = set()
        pending = [node for node in self.large if node not in kept]
        while pending:
            node = pending.pop()
            if node in seen or node in kept or _elements(node) <= SMALL * self.size:
                continue
            seen.add(node)
            pending.extend(self.walk.operands_of(node))
        return sum(self.walk.made[node].op is not ops.broadcast for node in seen)


def _elements(value: Value) -> int:
    return prod(value.type.static_shape())
