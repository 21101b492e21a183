"""Programs for batches of many sizes: tapes that differ in sizes alone are one program, whose arrays are filled up.

That is found by looking at two of them, and held against each: what is recorded for a size must be, equation by
equation, what the program of named sizes is for it. So nothing is taken on trust that Python might decide by a size.
"""

from __future__ import annotations

import warnings
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

from diptych.backends.filled import Filled
from diptych.backends.mesh import current as current_mesh
from diptych.backends.pipelines import PASSES
from diptych.backends.processes import process_count
from diptych.ir import Dimension, DiptychError, Function, TensorType, Unsupported, named
from diptych.passes.fitting import Fit, described
from diptych.passes.manager import run_passes
from diptych.passes.opening import opened
from diptych.passes.specialise import specialise

MAX_FAMILIES = 256
_FOLD = (PASSES["fold"],)


class _Family:
    """Functions with the same ops. `first`: the one that was met first; `whole`: what they are with names for sizes,
    once two were met, and what was `filled`, by backend, bucket and donation; `is_refused` where that cannot be,
    `is_told` where that was said of some sizes."""

    def __init__(self, first: Function) -> None:
        self.first = first
        self.whole: Function | None = None
        self.filled: dict[tuple[str, int, tuple[int, ...]], Filled] = {}
        self.is_refused = self.is_told = False


_families: OrderedDict[Any, _Family] = OrderedDict()


def filled(function: Function, bucket: int, donate: tuple[int, ...], backend: str) -> Filled | None:
    """What runs a function on arrays that are filled up, together with others that differ from it in sizes alone; None
    for the first of them, and where rows that are none might change a result: then a warning names the op."""
    if current_mesh() is not None and process_count() > 1:  # of what lies on a mesh, each has its part alone
        return None
    key = len(function.parameters), tuple([(each.op, len(each.operands)) for each in function.equations])
    family = _families.setdefault(key, _Family(function))
    _families.move_to_end(key)
    if len(_families) > MAX_FAMILIES:
        _families.popitem(last=False)
    if family.is_refused or function.parameter_types == family.first.parameter_types:
        return None
    try:
        if family.whole is None:
            family.whole = _of_two(family.first, function)
        sizes = None if family.whole is None else _sizes(family.whole, function)
        if family.whole is None or sizes is None:  # another program with the same ops
            return None
        difference = _difference(family.whole, sizes, function)
        if difference is not None:
            if not family.is_told:
                family.is_told = True
                warnings.warn(f"bucket: a batch is not filled up: {difference}", stacklevel=2)
            return None
        how = backend, bucket, donate
        if how not in family.filled:
            family.filled[how] = Filled(family.whole, bucket, donate, backend=backend)
    except Unsupported as refusal:
        family.is_refused = True
        warnings.warn(f"bucket: batches are not filled up: {refusal}", stacklevel=2)
        return None
    return family.filled[how]


def _of_two(first: Function, second: Function) -> Function | None:
    """What both are, with names for the sizes of their parameters that differ; None where other types differ."""
    names: dict[tuple[int, int], str] = {}
    types: list[TensorType] = []
    for one, other in zip(first.parameter_types, second.parameter_types, strict=True):
        if one.dtype is not other.dtype or one.rank != other.rank:
            return None
        pairs = list(zip(one.static_shape(), other.static_shape(), strict=True))
        types.append(one.with_shape(
            low if low == high else named(names.setdefault((low, high), f"size{len(names)}")) for low, high in pairs
        ))  # fmt: skip
    if len(names) != 1:
        return None
    ((pair, name),) = names.items()
    return opened([first, second], types, Fit([name], [{name: size} for size in pair]))


def _sizes(whole: Function, function: Function) -> dict[str, int] | None:
    """The sizes for which parameters have the types of a function's; None where there are none."""
    found: dict[str, int] = {}
    for open_type, type in zip(whole.parameter_types, function.parameter_types, strict=True):
        if open_type.rank != type.rank or open_type.dtype is not type.dtype:
            return None
        for dim, size in zip(open_type.shape, type.static_shape(), strict=True):
            if isinstance(dim, Dimension) and found.setdefault(str(dim), size) != size:
                return None
            if isinstance(dim, int) and dim != size:
                return None
    return found


def _difference(whole: Function, sizes: Mapping[str, int], function: Function) -> DiptychError | None:
    """How a function is another one than `whole` is for these sizes, once what is made of numbers is computed in both;
    None where it is that."""
    try:
        alike = run_passes(specialise(whole, sizes), _FOLD)[0]
    except DiptychError as error:  # such as a slice that is too long for these sizes
        return error
    own = run_passes(function, _FOLD)[0]
    if own == alike:
        return None
    pairs = zip(own.equations, alike.equations, strict=False)
    first = next((mine for mine, other in pairs if (mine.op, mine.attributes) != (other.op, other.attributes)), None)
    problem = f"with {described(sizes)} another thing is computed than with other sizes"
    if first is None:
        return Unsupported(problem)
    return Unsupported(f"{problem}, from {first.op.name} on", location=first.location)
