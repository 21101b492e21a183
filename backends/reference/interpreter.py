"""The oracle: runs a function one equation at a time on numpy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from diptych.ir import DiptychError, Equation, Function, TensorType, Value, dtype_of

from ..binding import bind_arguments, bind_attributes, bind_type
from ..kernels.control import Nested
from .table import kernel


def evaluate(function: Function, arguments: Sequence[Any], *, check: bool = True) -> tuple[np.ndarray, ...]:
    """The results of `function` on `arguments`, arrays of its parameters' types.

    With `check`, every result is compared with its type. Results may share memory with arguments or each other, and may
    be read-only. Raises DiptychError, with the user's line, for arguments of other types and where a kernel fails.
    """
    arrays, sizes = bind_arguments(function, arguments)
    with np.errstate(all="ignore"):
        return Interpreter(sizes, check=check).run(function, arrays)


class Interpreter:
    """Runs functions whose dimension names stand for `sizes`."""

    def __init__(self, sizes: Mapping[str, int], *, check: bool = True) -> None:
        self.sizes, self.check = sizes, check

    def run(self, function: Function, arrays: Sequence[np.ndarray]) -> tuple[np.ndarray, ...]:
        """The results of a function, or of one nested in it."""
        values: dict[Value, np.ndarray] = dict(zip(function.parameters, arrays, strict=True))
        for equation in function.equations:
            operands = [values[operand] for operand in equation.operands]
            values.update(zip(equation.results, self.equation(equation, operands), strict=True))
        return tuple(values[result] for result in function.results)

    def equation(self, equation: Equation, operands: Sequence[np.ndarray]) -> Sequence[np.ndarray]:
        """The results of one equation."""
        try:
            results = kernel(equation.op)(*operands, **bind_attributes(equation, self.sizes, self._nested))
            if self.check:
                _check(equation, results, self.sizes)
            return results
        except DiptychError as error:
            raise error.located(equation.location) from error.__cause__
        except Exception as error:
            problem = f"{equation.op.name}: {type(error).__name__}: {error}"
            raise DiptychError(problem, location=equation.location) from error

    def _nested(self, function: Function) -> Nested:
        def bound(types: Sequence[TensorType]) -> tuple[TensorType, ...]:
            return tuple([bind_type(type, self.sizes) for type in types])

        given, made = bound(function.parameter_types), bound(function.result_types)
        return Nested(lambda *arrays: self.run(function, arrays), given, made)


def _check(equation: Equation, results: Sequence[np.ndarray], sizes: Mapping[str, int]) -> None:
    """Raises DiptychError where a kernel broke its type rule."""
    found = [TensorType(dtype_of(result.dtype), result.shape) for result in results]
    wanted = [bind_type(result.type, sizes) for result in equation.results]
    if found != wanted:
        returned, declared = (", ".join(map(str, types)) for types in (found, wanted))
        raise DiptychError(f"{equation.op.name}: result is ({returned}) but must be ({declared})")
