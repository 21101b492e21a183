"""One function with names for sizes, of several that are alike but for the numbers in their place.

They are gone through side by side. What differs between them must be sizes, and is written as the dimension that has
these numbers; the rules of the language then say what shapes follow, and those must be the ones that all of them have.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from diptych.ir import (
    Builder,
    Constant,
    DiptychError,
    Equation,
    Function,
    Location,
    TensorType,
    Unsupported,
    Value,
    dtypes,
    ops,
)

from .fitting import Fit, described


def opened(functions: Sequence[Function], types: Sequence[TensorType], fit: Fit) -> Function:
    """The function with parameters of these types, of functions for each set of sizes of `fit`, in order. Raises
    Unsupported, with the op and the line, where sizes decide what is computed, or what is computed needs numbers."""
    for type in types:
        fit.know(type.shape)
    names = [parameter.name for parameter in functions[0].parameters]
    return _Opening(fit).function(functions, types, names)


class _Opening:
    def __init__(self, fit: Fit) -> None:
        self.fit = fit

    def function(
        self, functions: Sequence[Function], types: Sequence[TensorType], names: Sequence[str | None]
    ) -> Function:
        first = functions[0]
        b = Builder(first.name, share=False)
        b.find_location = False
        given = [b.parameter(type, name) for type, name in zip(types, names, strict=True)]
        values = dict(zip(first.parameters, given, strict=True))
        places = [_places(function) for function in functions]
        shortest = min(len(function.equations) for function in functions)
        for number, equation in enumerate(first.equations[:shortest]):
            alike = [function.equations[number] for function in functions]
            self._check_alike(alike, places)
            b.location = equation.location or _line_of_reader(first, equation)
            self._emit(b, values, equation, alike)
        for place, function in enumerate(functions):
            if len(function.equations) > shortest:
                raise self._decides(function.equations[shortest], place, next(
                    other for other, each in enumerate(functions) if len(each.equations) == shortest
                ))  # fmt: skip
            if [places[place][each] for each in function.results] != [places[0][each] for each in first.results]:
                raise self._decides(first.equations[-1] if first.equations else None, place, 0)
        return b.finish(values[result] for result in first.results)

    def _check_alike(self, alike: Sequence[Equation], places: Sequence[dict[Value, int]]) -> None:
        structures = [
            (each.op, [known[operand] for operand in each.operands], len(each.results))
            for each, known in zip(alike, places, strict=True)
        ]
        for place, structure in enumerate(structures):
            if structure != structures[0]:
                raise self._decides(alike[0], place, 0)

    def _decides(self, equation: Equation | None, place: int, other: int) -> Unsupported:
        one, two = (described(self.fit.sets[each]) for each in (other, place))
        which = "" if equation is None else f", from {equation.op.name} on"
        problem = f"sizes decide what is computed: it is another thing with {two} than with {one}{which}"
        return Unsupported(problem, location=None if equation is None else equation.location)

    def _emit(self, b: Builder, values: dict[Value, Value], equation: Equation, alike: Sequence[Equation]) -> None:
        try:
            size = self._size(b, equation, alike)
            if size is not None:
                emitted = (size,)
            else:
                attributes = {
                    name: self._attribute(
                        equation.op.attributes[name].kind, name, [each.attributes[name] for each in alike]
                    )
                    for name in equation.attributes
                }
                operands = [values[operand] for operand in equation.operands]
                emitted = b.emit(equation.op, operands, attributes, names=[each.name for each in equation.results])
            self._check_results(emitted, alike)
        except Unsupported as error:
            raise error.located(b.location) from None
        except (DiptychError, TypeError, ValueError) as error:
            text = error.message if isinstance(error, DiptychError) else str(error)
            raise Unsupported(
                f"{equation.op.name} needs numbers for {', '.join(self.fit.names)}: {text}",
                location=b.location,
            ) from error
        values.update(zip(equation.results, emitted, strict=True))

    def _size(self, b: Builder, equation: Equation, alike: Sequence[Equation]) -> Value | None:
        """The size that a constant which differs is; None for anything else."""
        if equation.op is not ops.constant:
            return None
        constants: list[Constant] = [each.attributes["value"] for each in alike]
        if all(each == constants[0] for each in constants[1:]):
            return None
        dtype, items = constants[0].type.dtype, [each.array for each in constants]
        if any(item.shape for item in items):
            shapes = " and ".join(dict.fromkeys(str(each.type) for each in constants))
            raise ValueError(f"an array of the model's own, {shapes}, depends on them")
        numbers = [item.item() for item in items]
        sizes = [int(number) for number in numbers if not isinstance(number, complex) and number == number // 1]
        dim = self.fit.find(sizes) if len(sizes) == len(numbers) and not dtype.is_bool else None
        if dim is None:
            raise ValueError(f"{', '.join(map(str, numbers))} are no sizes")
        if dtype.is_integer:
            return b.dimension(size=dim, dtype=dtype)
        return b.cast(b.dimension(size=dim, dtype=dtypes.i64), dtype=dtype)

    # -- attributes ----

    def _attribute(self, kind: str, name: str, each: Sequence[Any]) -> Any:
        first = each[0]
        if kind == "dim":
            return self._dim(name, each)
        if kind == "shape":
            return self._shape(name, each)
        if kind == "types":
            self._check_same(name, [len(types) for types in each])
            return tuple(self._type(name, types) for types in zip(*each, strict=True))
        if isinstance(first, Function):
            types = [
                self._type(name, parameters) for parameters in zip(*(f.parameter_types for f in each), strict=True)
            ]
            return self.function(each, types, [parameter.name for parameter in first.parameters])
        self._check_same(name, each)
        return first

    def _check_same(self, name: str, each: Sequence[Any]) -> None:
        if any(one != each[0] for one in each[1:]):
            raise ValueError(f"{name} is {_listed(each)}")

    def _type(self, name: str, types: Sequence[TensorType]) -> TensorType:
        return types[0].with_shape(self._shape(name, [type.shape for type in types]))

    def _shape(self, name: str, shapes: Sequence[Any]) -> tuple[Any, ...]:
        self._check_same(name, [len(shape) for shape in shapes])
        return tuple(self._dim(name, dims) for dims in zip(*shapes, strict=True))

    def _dim(self, name: str, numbers: Sequence[int]) -> Any:
        found = self.fit.find(numbers)
        if found is None:
            raise ValueError(f"{name} has {_listed(numbers)}, which no polynomial of them gives")
        return found

    def _check_results(self, results: Sequence[Value], alike: Sequence[Equation]) -> None:
        """Raises ValueError where a result has another type than at some set of sizes; notes its sizes."""
        for place, result in enumerate(results):
            found = [self.fit.numbers(dim) for dim in result.shape]
            for number, equation in enumerate(alike):
                wanted = equation.results[place].type
                if tuple(each[number] for each in found) != wanted.shape or result.dtype is not wanted.dtype:
                    raise ValueError(f"its result is {result.type}, which is not {wanted}")
            self.fit.know(result.shape)


def _places(function: Function) -> dict[Value, int]:
    """Numbers for the values of a function, in order."""
    made = (result for equation in function.equations for result in equation.results)
    return {value: number for number, value in enumerate((*function.parameters, *made))}


def _line_of_reader(function: Function, equation: Equation) -> Location | None:
    """The line that reads what an equation of no line makes, such as a weight."""
    readers = (each for each in function.equations if not set(equation.results).isdisjoint(each.operands))
    return next((each.location for each in readers if each.location is not None), None)


def _listed(each: Sequence[Any]) -> str:
    return ", ".join(dict.fromkeys(map(str, each)))
