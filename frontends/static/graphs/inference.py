"""Static shapes of an operation's outputs, found by lowering it on its own.

Few operations have a shape rule of their own: the lowering and the type rules of the IR know all there is. Where sizes
are unknown, the operation is lowered with sizes in their place, several times with different ones: what changes in the
result is unknown. Where the first sizes do not fit, unknown ones are tried at the sizes that other inputs have, and at
1. An unknown rank is tried at several ranks in the same way.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from typing import Any

from diptych.ir import Dim, TypeRuleError

from .definitions import Definition, output_count
from .dtypes import DType
from .knowledge import is_symbolic
from .probe import Probe, static_value
from .shapes import Dims, runtime_text
from .site import UnknownValue, graph_message
from .tensor import Tensor

PROBE = 5040  # has many divisors: splits and reshapes of an unknown size fit
SECOND_PROBES = (
    12,
    7560,
)  # the small one tells sizes that are cut off by a bound; the other is used where it is too small
EDGES = (0, 1)  # tried for one unknown size after another: bounds cut 0 off, axes of 1 may go away
MAX_TRIALS = 200
MAX_RANK = 8
MAX_RANK_TRIALS = 100
MAX_CACHED = 20_000

Outputs = tuple[Dims | None, ...]
Choice = dict[tuple[int, int], int]  # (input, axis) -> the size that is tried there

_cache: dict[Any, Any] = {}  # see `infer`


def infer(
    definition: Definition, inputs: Sequence[Tensor], attributes: dict[str, Any], bound: dict[str, Any], name: str
) -> list[tuple[DType, Dims | None]]:
    """The dtype and static shape of each output. Raises ValueError, in TensorFlow's words, where inputs do not fit."""
    types = _output_dtypes(definition, bound)
    if not types:
        return []
    try:
        dims = _inferred(definition, inputs, attributes, len(types))
    except TypeRuleError as error:
        raise ValueError(_complaint(definition, inputs, name, error)) from error
    return list(zip(types, dims, strict=True))


def _output_dtypes(definition: Definition, bound: dict[str, Any]) -> list[DType]:
    found: list[DType] = []
    for output in definition.outputs:
        if output.count == "":
            found.extend(bound[output.variable or ""])
            continue
        dtype = output.resolved(bound)
        found.extend([dtype._as_ref if output.is_ref else dtype] * (1 if output.count is None else bound[output.count]))
    return found


def _inferred(definition: Definition, inputs: Sequence[Tensor], attributes: dict[str, Any], count: int) -> Outputs:
    if definition.shape is not None:
        return tuple(definition.shape(inputs, **attributes))
    try:
        key: Any = (definition.type, *attributes.items(), *((t.dtype, t._dims) for t in inputs))
        cached = _cache.get(key)
    except TypeError:  # an attribute that does not hash
        key, cached = None, None
    if type(cached) is tuple:
        return cached
    if cached is not None:  # depends on elements of inputs: which ones, and the answers by those elements
        values = _elements(inputs, cached[0])
        found = None if values is None else cached[1].get(values)
        if found is not None:
            return found
    used: set[int] = set()
    result = _over_ranks(definition, inputs, attributes, used)
    if key is not None:
        _remember(key, used, inputs, result)
    return result


def _over_ranks(
    definition: Definition, inputs: Sequence[Tensor], attributes: dict[str, Any], used: set[int]
) -> Outputs:
    """What the outputs have in common over the ranks that inputs of unknown rank may have. `used` gets the numbers of
    the inputs whose elements mattered."""
    open_ranks = list(dict.fromkeys(tensor for tensor in inputs if tensor._dims is None))
    refusal: TypeRuleError | None = None
    agreed: Outputs | None = None
    choices = itertools.product(range(MAX_RANK + 1), repeat=len(open_ranks))
    for ranks in itertools.islice(choices, MAX_RANK_TRIALS):
        rank_of = dict(zip(open_ranks, ranks, strict=True))
        dims = [(None,) * rank_of[tensor] if tensor._dims is None else tensor._dims for tensor in inputs]
        try:
            found = _Trial(definition, inputs, dims, attributes, used).outputs()
        except TypeRuleError as error:
            refusal = refusal or error
            continue
        agreed = found if agreed is None else tuple(map(_common, agreed, found))
        if all(each is None for each in agreed):
            break
    else:
        if len(open_ranks) > 2:  # more ranks than were tried
            return (None,) * output_count(definition.outputs, attributes)
    if agreed is None:
        raise refusal
    return agreed


def _remember(key: Any, used: set[int], inputs: Sequence[Tensor], result: Outputs) -> None:
    if len(_cache) > MAX_CACHED:
        _cache.clear()
    if not used:
        _cache[key] = result
        return
    indices = tuple(sorted(used))
    values = _elements(inputs, indices)
    if values is None:
        return
    entry = _cache.get(key)
    if entry is None or entry[0] != indices:
        entry = _cache[key] = [indices, {}]
    if len(entry[1]) < MAX_CACHED:
        entry[1][values] = result


def _elements(inputs: Sequence[Tensor], indices: Sequence[int]) -> tuple[Any, ...] | None:
    found: list[Any] = []
    for index in indices:
        array = static_value(inputs[index])
        if array is None or is_symbolic(array):
            return None
        found.append((array.shape, array.tobytes()))
    return tuple(found)


class _Trial:
    """The inference of one operation, with inputs of known ranks. `used` gets the inputs whose elements mattered."""

    def __init__(
        self,
        definition: Definition,
        inputs: Sequence[Tensor],
        dims: Sequence[Dims],
        attributes: dict[str, Any],
        used: set[int],
    ) -> None:
        self.definition = definition
        self.inputs = inputs
        self.dims = dims
        self.attributes = attributes
        self.used = used
        self.assumed = False  # whether an element that no one knows mattered
        self.unknown = [
            (number, axis) for number, sizes in enumerate(dims) for axis, size in enumerate(sizes) if size is None
        ]

    def outputs(self) -> Outputs:
        try:
            if not self.unknown:
                return tuple(_known(dims) for dims in self._lowered({}, None))
            return self._probed()
        except UnknownValue:
            return self._nothing()

    def _nothing(self) -> Outputs:
        return (None,) * output_count(self.definition.outputs, self.attributes)

    def _probed(self) -> Outputs:
        """The outputs where some input size is unknown."""
        refusal: TypeRuleError | None = None
        agreed: Outputs | None = None
        level = trials = 0
        for choice in self._choices():
            if (agreed is not None and len(choice) > level) or trials == MAX_TRIALS:
                break
            trials += 1
            try:
                first = self._lowered(choice, PROBE)
            except TypeRuleError as error:
                if refusal is None and self._is_certain(error):
                    raise
                refusal = refusal or error
                continue
            found = self._compared(first, choice)
            agreed = found if agreed is None else tuple(map(_common, agreed, found))
            level = len(choice)
        if agreed is not None:
            return agreed
        if trials < MAX_TRIALS and not self.assumed and refusal is not None:
            raise refusal
        choice = self._aligned()
        return self._nothing() if choice is None else self._compared(self._lowered(choice, PROBE), choice)

    def _is_certain(self, refusal: TypeRuleError) -> bool:
        """Whether an operation is refused whatever the unknown sizes are: other ones give the very same words."""
        for probe in (*SECOND_PROBES, 1):
            try:
                self._lowered({}, probe)
            except TypeRuleError as error:
                if graph_message(error) != graph_message(refusal):
                    return False
            else:
                return False
        return True

    def _choices(self) -> Iterator[Choice]:
        """Sizes for some of the unknown places: for none of them first, then for one, for two ..."""
        yield {}
        sizes = sorted({1, *(size for dims in self.dims for size in dims if size is not None)})
        for count in range(1, len(self.unknown) + 1):
            for places in itertools.combinations(self.unknown, count):
                for chosen in itertools.product(reversed(sizes), repeat=count):
                    yield dict(zip(places, chosen, strict=True))

    def _aligned(self) -> Choice | None:
        """Sizes that other inputs have along the same axis, for as few places as fit; None where they do not fit."""
        choice: Choice = {}
        for number, axis in self.unknown:
            rank = len(self.dims[number])
            alike = [dims[axis] for dims in self.dims if len(dims) == rank and dims[axis] is not None]
            if alike:
                choice[number, axis] = alike[0]
        if not self._fits(choice):
            return None
        for place in list(choice):
            fewer = {other: size for other, size in choice.items() if other != place}
            if self._fits(fewer):
                choice = fewer
        return choice

    def _fits(self, choice: Choice) -> bool:
        try:
            self._lowered(choice, PROBE)
        except TypeRuleError:
            return False
        return True

    def _compared(self, first: list[tuple[Dim, ...]], choice: Choice) -> Outputs:
        """`first` with unknown sizes where other probes give others."""
        agreed = tuple(tuple(None if size == PROBE else size for size in _known(dims)) for dims in first)
        for probe in SECOND_PROBES:
            found = self._tried(choice, probe)
            if found is not None:
                agreed = tuple(map(_common, map(_known, first), found))
                break
        for place in self.unknown:
            if place not in choice:
                for edge in EDGES:
                    found = self._tried({**choice, place: edge}, PROBE)
                    if found is not None:
                        agreed = tuple(map(_common, agreed, found))
        return agreed

    def _tried(self, choice: Choice, probe: int) -> Outputs | None:
        """The outputs with these sizes; None where they do not fit."""
        try:
            return tuple(map(_known, self._lowered(choice, probe)))
        except TypeRuleError:
            return None

    def _lowered(self, choice: Choice, probe: int | None) -> list[tuple[Dim, ...]]:
        """The outputs' shapes with these sizes. First with names for elements that are not known; where a type rule
        refuses them, with the probe's size in place of the names."""
        shapes = [
            tuple(choice.get((number, axis), probe or 0) if size is None else size for axis, size in enumerate(sizes))
            for number, sizes in enumerate(self.dims)
        ]
        try:
            return self._run(shapes, None)
        except TypeRuleError:
            if not self.assumed:
                raise
            return self._run(shapes, probe or PROBE)

    def _run(self, shapes: list[tuple[int, ...]], replacement: int | None) -> list[tuple[Dim, ...]]:
        probe = Probe(self.definition, self.inputs, shapes, self.used, replacement)
        try:
            results = probe.lowered(self.attributes)
        finally:
            self.assumed = self.assumed or probe.assumed
        return [probe.shape_of_ref() if output is None else output.shape for output in (results or self._nothing())]


def _known(dims: Sequence[Dim]) -> Dims:
    return tuple(size if isinstance(size, int) else None for size in dims)


def _common(left: Dims | None, right: Dims | None) -> Dims | None:
    """What two answers agree on."""
    if left is None or right is None or len(left) != len(right):
        return None
    return tuple(a if a == b else None for a, b in zip(left, right, strict=True))


def _complaint(definition: Definition, inputs: Sequence[Tensor], name: str, error: TypeRuleError) -> str:
    shapes = ", ".join(runtime_text(tensor._dims) for tensor in inputs)
    values = [
        f"input[{index}] = <{' '.join(map(str, array.reshape(-1)))}>"
        for index, tensor in enumerate(inputs)
        if tensor.dtype.is_integer and (array := static_value(tensor)) is not None and not is_symbolic(array)
    ]
    computed = f" and with computed input tensors: {', '.join(values)}" if values else ""
    message = re.sub(rf"\b({PROBE}|{SECOND_PROBES[1]})\b", "?", graph_message(error))
    return f"{message} for '{name}' (op: '{definition.type}') with input shapes: {shapes}{computed}."
