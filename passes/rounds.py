"""What the rounds of a scan wait for: which values of its body depend on the state, which sums only grow, and what the
following round needs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from diptych.ir import Builder, Equation, Function, Value, ops


class Rounds:
    """The body of a scan, looked at. `waits`: values that depend on the state before the round. `sums`: for each place
    of the state that only grows, its terms; the others' next values `need` what they are made of."""

    def __init__(self, body: Function, constants: int, carries: int) -> None:
        self.body, self.constants, self.carries = body, constants, carries
        self.maker = {result: e for e in body.equations for result in e.results}
        self.uses: dict[Value, int] = {}
        for value in (*body.results, *(o for e in body.equations for o in e.operands)):
            self.uses[value] = self.uses.get(value, 0) + 1
        self.state = body.parameters[constants : constants + carries]
        self.slices = body.parameters[constants + carries :]
        self.waits = self.depending(self.state)
        self.moving = self.depending(body.parameters[constants:])  # differs from round to round
        self.sums: dict[int, list[Value]] = {}
        for place in range(carries):
            terms = self._terms(place)
            if terms is not None:
                self.sums[place] = terms

    def depending(self, values: Iterable[Value]) -> set[Value]:
        """These values, and what is made of them."""
        found = set(values)
        for equation in self.body.equations:
            if not found.isdisjoint(equation.operands):
                found.update(equation.results)
        return found

    def needed(self, sums: Iterable[int]) -> set[Value]:
        """What the state's next values are made of, but for those at the places `sums`."""
        gone = set(sums)
        found = {result for place, result in enumerate(self.body.results[: self.carries]) if place not in gone}
        for equation in reversed(self.body.equations):
            if not found.isdisjoint(equation.results):
                found.update(equation.operands)
        return found

    def _terms(self, place: int) -> list[Value] | None:
        """What is added to a part of the state that nothing else reads; None of any other."""
        carry, value = self.state[place], self.body.results[place]
        if self.uses.get(carry, 0) != 1 or value is carry:
            return None
        chain = self.depending([carry])
        terms: list[Value] = []
        while value is not carry:
            made = self.maker.get(value)
            if made is None or made.op is not ops.add or self.uses[value] != 1:
                return None
            left, right = made.operands
            if left in chain and right not in chain:
                terms.append(right)
                value = left
            elif right in chain and left not in chain:
                terms.append(left)
                value = right
            else:
                return None
        return terms[::-1]

    def additions(self, place: int) -> list[Equation]:
        """The equations that only add to the state at a place of `sums`."""
        chain = self.depending([self.state[place]])
        return [equation for equation in self.body.equations if equation.results[0] in chain]

    def extracted(
        self, name: str, wanted: Sequence[Value], is_given: Callable[[Value], bool]
    ) -> tuple[Function, list[Value]]:
        """A function of what is given to what is `wanted`, and the given values that it takes: its parameters."""
        read = dict.fromkeys(wanted)
        equations: list[Equation] = []
        for equation in reversed(self.body.equations):
            if any(result in read and not is_given(result) for result in equation.results):
                equations.append(equation)
                read.update(dict.fromkeys(equation.operands))
        made = {result for equation in equations for result in equation.results}
        taken = [value for value in read if value not in made or is_given(value)]
        b = Builder(name)
        b.find_location = False
        values = {value: b.parameter(value.type, value.name) for value in taken}
        for equation in reversed(equations):
            given = {result: values[result] for result in equation.results if result in values}
            b.replay(equation, values)
            values.update(given)
        return b.finish([values[value] for value in wanted]), taken
