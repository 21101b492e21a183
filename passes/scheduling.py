"""What passes share that put equations into another order: what waits for what, and the function as it comes out.

Some equations are *free*: broadcasts and scalar constants, which cost nothing where they are needed. They are not
scheduled; each is emitted before its first use, and what waits is seen through them.
"""

from __future__ import annotations

from diptych.ir import Equation, Function, Value, ops


def is_free(equation: Equation) -> bool:
    """Costs nothing where it is needed, so every group or region that needs it has its own."""
    if equation.op is ops.broadcast:
        return True
    return equation.op is ops.constant and not equation.results[0].shape


class Dependencies:
    """A function's equations, known by their place in it: `place` of what each makes, which are `free`, the `sources`
    that each reads, seen through what is free, and for each value the `readers`."""

    def __init__(self, function: Function) -> None:
        self.function, self.equations = function, function.equations
        self.place: dict[Value, int] = {}
        self.free = [is_free(equation) for equation in self.equations]
        self.sources: list[list[Value]] = []
        self.readers: dict[Value, list[int]] = {}
        self._shown: dict[Value, Value] = {}  # by what free equations make, what they read
        for place, equation in enumerate(self.equations):
            for result in equation.results:
                self.place[result] = place
            sources = [self._shown.get(operand, operand) for operand in equation.operands]
            self.sources.append(sources)
            if not self.free[place]:
                for value in sources:
                    self.readers.setdefault(value, []).append(place)
            elif sources:
                self._shown[equation.results[0]] = sources[0]

    def through_free(self, value: Value) -> Value:
        """`value`, or what the free equations that make it read."""
        return self._shown.get(value, value)

    def waiting(self) -> tuple[list[int], list[list[int]]]:
        """For each equation, how many others it waits for, and which wait for it. Effects wait for one another."""
        counts, users = [0] * len(self.equations), [list[int]() for _ in self.equations]
        last_effect: int | None = None
        for place, equation in enumerate(self.equations):
            if self.free[place]:
                continue
            makers: set[int] = set()
            for value in self.sources[place]:
                maker = self.place.get(value)
                if maker is not None and not self.free[maker]:
                    makers.add(maker)
            if equation.has_effect:
                if last_effect is not None:
                    makers.add(last_effect)
                last_effect = place
            counts[place] = len(makers)
            for maker in makers:
                users[maker].append(place)
        return counts, users

    def free_chain(self, value: Value) -> list[int]:
        """The free equations that make `value`, in their order."""
        chain: list[int] = []
        place = self.place.get(value)
        while place is not None and self.free[place]:
            chain.append(place)
            operands = self.equations[place].operands
            place = self.place.get(operands[0]) if operands else None
        chain.reverse()
        return chain


class Output:
    """The equations of a function in the order in which they come out."""

    def __init__(self, dependencies: Dependencies) -> None:
        self.dependencies = dependencies
        self.equations: list[Equation] = []
        self._free: set[int] = set()  # those that came out

    def emit(self, place: int) -> None:
        """An equation as it is, behind the free ones that it needs."""
        self.add(self.dependencies.equations[place])

    def add(self, equation: Equation) -> None:
        """A new equation, behind the free ones that it needs."""
        for operand in equation.operands:
            self.emit_free(operand)
        self.equations.append(equation)

    def emit_free(self, value: Value) -> None:
        """The free equations that make `value`, where they have not come out."""
        known = self.dependencies.place.get(value)
        if known is None or not self.dependencies.free[known] or known in self._free:
            return
        for place in self.dependencies.free_chain(value):
            if place not in self._free:
                self.equations.append(self.dependencies.equations[place])
                self._free.add(place)

    def function(self) -> Function:
        """The function of all that came out."""
        source = self.dependencies.function
        for result in source.results:
            self.emit_free(result)
        return Function(source.name, source.parameters, tuple(self.equations), source.results)
