"""Functions that are filled up, with those within them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from diptych.ir import (
    Builder,
    Dim,
    Dimension,
    Equation,
    Function,
    Op,
    TensorType,
    TypeRuleError,
    Unsupported,
    Value,
    dtypes,
    ops,
)

from ..aliasing import SAME
from . import blocks, creation, lookups, order, reductions, sliding
from .axes import grows, ordered
from .rows import ANY_ROW, Axes, Made, Rows, Rule, joined, own_axes, ragged, refused
from .ways import by_ways


def _same(rows: Rows, equation: Equation) -> Made:
    return rows.as_it_is(equation), [rows.axes[equation.operands[0]]]


_GROUPS = (creation, order, reductions, lookups, blocks, sliding)
_PADDED: dict[Op, Rule] = {
    **dict.fromkeys(SAME, _same),
    **{op: rule for group in _GROUPS for op, rule in group.PADDED.items()},
}


class Padded(NamedTuple):
    """A function for sizes up to some, and how the rows of its results lie."""

    function: Function
    axes: tuple[Axes, ...]


def padded(function: Function, capacities: Mapping[str, int]) -> Padded:
    """The function for sizes of these names up to `capacities`, which all its named dimensions are. Behind its
    parameters come, in the order of `capacities`, how many rows are real, each an i64[], 1 or more. What is no real row
    of results is left to be cut out. Raises Unsupported, with the user's line, for an equation that might see rows
    which are none."""
    given = [own_axes(parameter) for parameter in function.parameters]
    for parameter in function.parameters:
        for dim in parameter.shape:
            if isinstance(dim, Dimension) and str(dim) not in capacities:
                raise Unsupported(f"padding: a parameter has {dim} rows, but must have a number or a name of them")
    made = _Padding(function, capacities, given, len(given))
    return Padded(made.run(), tuple(made.result_axes))


class _Padding:
    """One function. `given`: how rows of its parameters lie; `counts_at`: where the counts come among them. A round of
    a scan over `rounds`, a size, has its place behind all, and keeps the first results, `carries`, if it is none.
    `is_repeated`: it may run in rounds that are none."""

    def __init__(
        self, function: Function, capacities: Mapping[str, int], given: Sequence[Axes], counts_at: int,
        rounds: Dimension | None = None, carries: int = 0, is_repeated: bool = False,
    ) -> None:  # fmt: skip
        self.function, self.capacities = function, capacities
        self.given, self.counts_at = given, counts_at
        self.rounds, self.carries = rounds, carries
        self.is_repeated = is_repeated or rounds is not None
        self.b = Builder(function.name)
        self.b.find_location = False
        self.rows = Rows(self.b, capacities)
        self.result_axes: list[Axes] = []

    def run(self) -> Function:
        rows = self.rows
        for place, (parameter, axes) in enumerate(zip(self.function.parameters, self.given, strict=True)):
            if place == self.counts_at:
                self._add_counts()
            rows.values[parameter] = self.b.parameter(rows.type(parameter), parameter.name)
            rows.axes[parameter] = axes
        if not rows.counts:
            self._add_counts()
        place_of_round = None if self.rounds is None else self.b.parameter(TensorType(dtypes.i64), "place")
        for equation in self.function.equations:
            self.b.location = equation.location
            try:
                made, axes_made = self._emit(equation)
            except TypeRuleError as error:
                raise refused(equation, f"more rows do not fit: {error.message}") from None
            self.b.suggest(made, [result.name for result in equation.results])
            rows.values.update(zip(equation.results, made, strict=True))
            rows.axes.update(zip(equation.results, axes_made, strict=True))
        self.result_axes = [rows.axes[result] for result in self.function.results]
        results = [rows.values[result] for result in self.function.results]
        if place_of_round is not None:
            self._keep_state(results, place_of_round)
        return self.b.finish(results)

    def _add_counts(self) -> None:
        for name in self.capacities:
            self.rows.counts[name] = self.b.parameter(TensorType(dtypes.i64), f"count_{name}")

    def _keep_state(self, results: list[Value], place_of_round: Value) -> None:
        assert self.rounds is not None
        is_real = self.b.lt(place_of_round, self.rows.count(self.rounds))
        state = self.function.parameters[self.counts_at : self.counts_at + self.carries]
        for place, before in enumerate(state):
            shape = results[place].shape
            chosen = self.b.broadcast(is_real, shape=shape, axes=()) if shape else is_real
            results[place] = self.b.select(chosen, results[place], self.rows.values[before])

    def _emit(self, equation: Equation) -> Made:
        op = equation.op
        values = (*equation.operands, *equation.results)
        is_ragged = any(map(ragged, values))
        if op.has_effect and (self.is_repeated or is_ragged):
            raise refused(equation, "it does more than compute")
        if not is_ragged and not _has_names(equation):
            return self.rows.as_it_is(equation), [own_axes(result) for result in equation.results]
        _check_sizes(equation, values)
        if op is ops.scan or op is ops.cond:
            return self._scan(equation) if op is ops.scan else self._cond(equation)
        return _PADDED.get(op, by_ways)(self.rows, equation)

    def _scan(self, equation: Equation) -> Made:
        attributes = equation.attributes
        constants, carries, length = attributes["constants"], attributes["carries"], attributes["length"]
        open_length = length if isinstance(length, Dimension) else None
        rounds = ordered(length)
        given: list[Axes] = []
        for place, operand in enumerate(equation.operands):
            axes = self.rows.axes[operand]
            if place >= constants + carries:
                if open_length is not None and axes[0] not in (None, rounds):
                    raise refused(equation, ANY_ROW)
                axes = axes[1:]
            given.append(axes)
        given, body, outputs = self._settled(equation, given, constants, carries, open_length)
        operands = self.rows.operands(equation)
        operands[constants:constants] = self.rows.counts.values()
        whole = self.rows.size(length)
        if open_length is not None:
            operands.append(self.b.iota(shape=(whole,), axis=0, dtype=dtypes.i64))
        made = self.b.scan(
            *operands, body=body, length=whole, constants=constants + len(self.capacities), carries=carries,
            reverse=attributes["reverse"],
        )  # fmt: skip
        state = given[constants : constants + carries]
        return made, [*state, *((rounds, *each) for each in outputs)]

    def _settled(
        self, equation: Equation, given: list[Axes], constants: int, carries: int, rounds: Dimension | None
    ) -> tuple[list[Axes], Function, list[Axes]]:
        """The axes of what the body of a scan is given, with a state that has the same before a round and after it; the
        body, and the axes of its outputs."""
        while True:
            body = equation.attributes["body"]
            inner = _Padding(body, self.capacities, given, constants, rounds, carries, self.is_repeated)
            made = inner.run()
            settled = list(given)
            for place in range(carries):
                settled[constants + place] = joined(equation, given[constants + place], inner.result_axes[place])
            if settled == given:
                return given, made, inner.result_axes[carries:]
            given = settled

    def _cond(self, equation: Equation) -> Made:
        condition, *operands = self.rows.operands(equation)
        given = [self.rows.axes[operand] for operand in equation.operands[1:]]
        branches = [
            _Padding(equation.attributes[name], self.capacities, given, len(given), is_repeated=self.is_repeated)
            for name in ("on_true", "on_false")
        ]
        on_true, on_false = (branch.run() for branch in branches)
        made = self.b.cond(condition, *operands, *self.rows.counts.values(), on_true=on_true, on_false=on_false)
        pairs = zip(*(branch.result_axes for branch in branches), strict=True)
        return made, [joined(equation, left, right) for left, right in pairs]


def _has_names(equation: Equation) -> bool:
    """Whether sizes with names are among the attributes of an equation, or in what is nested in it."""
    kinds = equation.op.attributes
    sizes: list[Dim] = []
    for name, value in equation.attributes.items():
        sizes += value if kinds[name].kind == "shape" else (value,) if kinds[name].kind == "dim" else ()
    has_sizes = any(isinstance(dim, Dimension) for dim in sizes)
    return has_sizes or any(nested.names() for _, nested in equation.functions())


def _check_sizes(equation: Equation, values: Sequence[Value]) -> None:
    """Raises Unsupported for a size that may shrink: in a program for more rows there are too few of these then."""
    for value in values:
        for dim in value.shape:
            if not grows(dim):
                raise refused(equation, f"it has {dim} rows")
