"""A function as a list of numpy calls, made in a fraction of the time that compiling takes: for what runs seldom.

Every operation goes through the same function of numpy or kernel as in a compiled program, on arrays laid out alike, so
that both give the same bits; only products of complex numbers numpy rounds otherwise where it writes over an operand.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
from diptych.ir import DiptychError, Equation, Function, TensorType, Value, ops
from diptych.passes.aliasing import SAME
from diptych.passes.gather_rounds import gather_rounds

from ..binding import bind_attributes
from ..kernels.control import Nested
from ..reference.table import kernel
from . import contraction, elementwise, indexing, reduction, windows
from .blas import give_threads_back, may_take_threads, take_one_thread
from .convolution import convolve

Many = Callable[..., Sequence[np.ndarray]]
Run = Callable[..., list[np.ndarray]]
SEVERAL = 32  # runs after which the list is written as Python: that takes as long as these lose by going through it
_Place = tuple[int, tuple[int, ...]]  # of a value among those of a run, and the shape it has there


class Steps:
    """`steps(arrays)`: arrays of the parameters' types in, results out, which may show memory of an argument, of each
    other or of a constant. Dimensions are numbers. numpy's warnings are the caller's to silence."""

    def __init__(self, function: Function, several: int = SEVERAL) -> None:
        if any(equation.op is ops.scan for equation in function.equations):
            function = gather_rounds(function)  # which rounds sums as a compiled program does
        self.function = function
        self._holds_threads = may_take_threads(function)
        self._constants: list[np.ndarray] = []
        self._calls: list[tuple[Callable[..., Any], tuple[int, ...], bool]] = []
        self._firsts: list[int] = []  # the place of the first result of each call
        self._equations: list[Equation | None] = []  # of the calls; None of one that only repeats a result
        constants = [e for e in function.equations if e.op is ops.constant]
        self._places: dict[Value, _Place] = {}
        for value in function.parameters:
            self._places[value] = len(self._places), value.type.static_shape()
        for equation in constants:
            self._constants.append(equation.attributes["value"].array)
            (result,) = equation.results
            self._places[result] = len(self._places), result.type.static_shape()
        self._count = len(self._places)  # of places given
        for equation in function.equations:
            if equation.op is not ops.constant:
                self._add(equation)
        self._results = [self._whole(result, None) for result in function.results]
        self._over = self._last_reads(len(function.parameters) + len(constants))
        del self._places
        self._left = several  # runs until it is written
        self._run: Run = self._each

    def __call__(self, arrays: Sequence[Any]) -> list[np.ndarray]:
        """The results. Raises DiptychError, with the line, where a call fails."""
        if not self._holds_threads:
            return self._run(*arrays)
        take_one_thread()
        try:
            return self._run(*arrays)
        finally:
            give_threads_back()

    def _each(self, *arrays: Any) -> list[np.ndarray]:
        """The results, by going through the list."""
        self._left -= 1
        if not self._left:
            self._run = self._written()
        values: list[Any] = [*arrays, *self._constants]
        done = 0
        try:
            for call, places, is_single in self._calls:
                if is_single:
                    values.append(call(*[values[place] for place in places]))
                else:
                    values.extend(call(*[values[place] for place in places]))
                for place in self._over[done]:
                    values[place] = None
                done += 1
        except Exception as error:
            raise self._described(error, done) from (error.__cause__ if isinstance(error, DiptychError) else error)
        return [values[place] for place in self._results]

    def _written(self) -> Run:
        """`_each` as Python."""
        given = len(self.function.parameters)
        space: dict[str, Any] = {f"f{number}": call for number, (call, _, _) in enumerate(self._calls)}
        space.update({f"v{place}": array for place, array in enumerate(self._constants, given)})
        parameters = ", ".join([f"v{place}" for place in range(given)])
        lines = [f"def run({parameters}):"]
        for number, (_, places, is_single) in enumerate(self._calls):  # each in the line of its number, from 2 on
            last = self._firsts[number + 1] if number + 1 < len(self._calls) else self._count
            results = ", ".join([f"v{place}" for place in range(self._firsts[number], last)])
            operands = ", ".join([f"v{place}" for place in places])
            over = ", ".join([f"v{place}" for place in self._over[number]])
            target = results if is_single else f"[{results}]"
            lines.append(f" {target} = f{number}({operands}){f'; del {over}' if over else ''}")
        lines.append(f" return [{', '.join([f'v{place}' for place in self._results])}]")
        exec("\n".join(lines), space)
        run = space["run"]

        def written(*arrays: Any) -> list[np.ndarray]:
            try:
                return run(*arrays)
            except Exception as error:
                assert error.__traceback__ is not None
                inner = error.__traceback__.tb_next  # the frame of `run`
                number = inner.tb_lineno - 2 if inner is not None and inner.tb_frame.f_code is run.__code__ else 0
                raise self._described(error, number) from (
                    error.__cause__ if isinstance(error, DiptychError) else error
                )

        return written

    def _last_reads(self, given: int) -> list[tuple[int, ...]]:
        """For each call, the places behind the `given` ones whose values nobody reads after it."""
        last: dict[int, int] = {}
        first = given
        for number, (_, places, _) in enumerate(self._calls):
            last.update(dict.fromkeys(places, number))
            following = self._firsts[number + 1] if number + 1 < len(self._calls) else self._count
            last.update(dict.fromkeys(range(first, following), number))
            first = following
        over: list[list[int]] = [[] for _ in self._calls]
        for place in last.keys() - set(self._results) - set(range(given)):
            over[last[place]].append(place)
        return [tuple(places) for places in over]

    def _described(self, error: Exception, number: int) -> DiptychError:
        """`error` with the op and the user's line of the equation that a call came from."""
        equation = self._equations[number] if number < len(self._equations) else None
        name, location = (f"@{self.function.name}", None) if equation is None else (equation.op.name, equation.location)
        if isinstance(error, DiptychError):
            return error.located(location)
        return DiptychError(f"{name}: {type(error).__name__}: {error}", location=location)

    def _call(
        self, equation: Equation | None, call: Callable[..., Any], places: tuple[int, ...], results: int | None = None
    ) -> int:
        """Adds a call of so many results, or by default of one that is not in a tuple; the place of the first."""
        self._calls.append((call, places, results is None))
        self._equations.append(equation)
        first = self._count
        self._firsts.append(first)
        self._count += 1 if results is None else results
        return first

    def _add(self, equation: Equation) -> None:
        op, operands = equation.op, equation.operands
        if op in SAME:
            self._places[equation.results[0]] = self._places[operands[0]]
            return
        if op is ops.broadcast:
            self._broadcast(equation)
            return
        if op in elementwise.UFUNCS and elementwise.writes(equation):
            call, places = _ufunc(equation), self._narrow(equation)
        else:
            places = tuple([self._whole(operand, equation) for operand in operands])
            call = _VIEWS[op](equation) if op in _VIEWS else _own(equation)
        if call is None:
            call = _kernel(equation)
            first = self._call(equation, call, places, len(equation.results))
        else:
            first = self._call(equation, call, places)
        for place, result in enumerate(equation.results, first):
            self._places[result] = place, result.type.static_shape()

    def _broadcast(self, equation: Equation) -> None:
        """Kept narrow, with axes of size 1 where the value repeats: numpy's elementwise functions broadcast it."""
        (operand,), (result,) = equation.operands, equation.results
        place, shape = self._places[operand]
        axes, rank = equation.attributes["axes"], result.rank
        if axes != tuple(range(rank - operand.rank, rank)):
            sizes = [1] * rank
            for axis, size in zip(axes, (1,) * (operand.rank - len(shape)) + shape, strict=True):
                sizes[axis] = size
            shape = tuple(sizes)
            place = self._call(equation, partial(_reshaped, shape), (place,))
        self._places[result] = place, shape

    def _narrow(self, equation: Equation) -> tuple[int, ...]:
        """The places of operands that numpy broadcasts to the shape of the result."""
        shape = equation.results[0].type.static_shape()
        found = [self._places[operand] for operand in equation.operands]
        if np.broadcast_shapes(*(shape for _, shape in found)) != shape:
            return tuple([self._whole(operand, equation) for operand in equation.operands])
        return tuple([place for place, _ in found])

    def _whole(self, value: Value, equation: Equation | None) -> int:
        """The place of a value in its full shape."""
        place, shape = self._places[value]
        wanted = value.type.static_shape()
        if shape != wanted:
            place = self._call(equation, partial(_repeated, wanted), (place,))
            self._places[value] = place, wanted
        return place


def _reshaped(shape: tuple[int, ...], x: np.ndarray) -> np.ndarray:
    return x.reshape(shape)


def _repeated(shape: tuple[int, ...], x: np.ndarray) -> np.ndarray:
    if x.ndim:
        return np.broadcast_to(x, shape)
    repeated = np.ndarray(shape, x.dtype, x, 0, (0,) * len(shape))  # the same in a third of the time
    repeated.flags.writeable = False
    return repeated


def _ufunc(equation: Equation) -> Callable[..., np.ndarray]:
    ufunc = elementwise.UFUNCS[equation.op]
    rank = equation.results[0].rank
    if rank > 1:
        return partial(ufunc, order="C")  # else views turned round make results turned round
    return ufunc if rank else partial(_as_array, ufunc)


def _as_array(function: Callable[..., Any], *operands: np.ndarray) -> np.ndarray:
    """numpy makes numbers of what has no axes."""
    return np.asarray(function(*operands))


def _own(equation: Equation) -> Callable[..., np.ndarray] | None:
    """What the emitters of this folder write for a product, a convolution, a pooling or a sum; None of others."""
    op = equation.op
    if op is ops.matmul and contraction.writes(equation):
        return contraction.product_of(equation)
    if op is ops.convolution and contraction.writes(equation):
        type = equation.results[0].type
        return partial(_convolved, type.static_shape(), type.dtype.numpy, equation.attributes)
    if op in windows.EMITTERS and windows.writes(equation):
        return windows.pooled(equation)
    if op in indexing.EMITTERS and indexing.writes(equation):
        return indexing.function_of(equation)
    if op is ops.reduce_sum and (how := reduction.summing(equation)) is not None:
        return partial(_summed, equation.results[0].type, how)
    return None


def _convolved(shape: Any, dtype: Any, attributes: Any, x: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    out = np.empty(shape, dtype)
    convolve(x, kernel, out, **attributes)
    return out


def _summed(type: TensorType, how: reduction.Summing, x: np.ndarray) -> np.ndarray:
    out = np.empty(type.static_shape(), type.dtype.numpy)
    how.into(x, out)
    return out


def _kernel(equation: Equation) -> Many:
    """The reference's kernel, its results laid out as those of a compiled program are."""
    run = kernel(equation.op)
    attributes = dict(bind_attributes(equation, {}, _nested))
    call = partial(run, **attributes) if attributes else run
    return partial(_laid_out, call) if any(result.rank > 1 for result in equation.results) else call


def _laid_out(call: Many, *operands: np.ndarray) -> list[np.ndarray]:
    return [result if result.flags.c_contiguous else result.copy() for result in call(*operands)]


def _nested(function: Function) -> Nested:
    """A function of an equation, which often runs many times: compiled, once for all that are equal."""
    from ..compiler import compile

    executable = compile(function, backend="numpy")
    return Nested(lambda *arrays: executable.run(arrays), function.parameter_types, function.result_types)


def _slice(equation: Equation) -> Callable[..., np.ndarray]:
    attributes = equation.attributes
    places = zip(attributes["start"], attributes["limit"], attributes["stride"], strict=True)
    return partial(_taken, (..., *(slice(int(start), int(limit), step) for start, limit, step in places)))


def _reverse(equation: Equation) -> Callable[..., np.ndarray]:
    axes, rank = equation.attributes["axes"], equation.results[0].rank
    return partial(_taken, (..., *(slice(None, None, -1 if axis in axes else 1) for axis in range(rank))))


def _taken(index: tuple[Any, ...], x: np.ndarray) -> np.ndarray:
    return x[index]


def _transpose(equation: Equation) -> Callable[..., np.ndarray]:
    return partial(_turned, equation.attributes["permutation"])


def _turned(permutation: tuple[int, ...], x: np.ndarray) -> np.ndarray:
    return x.transpose(permutation)


_VIEWS: dict[Any, Callable[[Equation], Callable[..., np.ndarray]]] = {
    ops.reshape: lambda equation: partial(_reshaped, equation.results[0].type.static_shape()),
    ops.slice: _slice,
    ops.reverse: _reverse,
    ops.transpose: _transpose,
}
