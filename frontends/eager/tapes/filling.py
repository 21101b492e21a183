"""Programs for batches of many sizes: tapes that differ in sizes alone are one program, whose arrays are filled up.

That is found by looking at two of them, and held against each: what is recorded for a size must be, equation by
equation, what the program of named sizes is for it. So nothing is taken on trust that Python might decide by a size.
"""

from __future__ import annotations

import warnings
from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

from diptych.backends.filled import Filled
from diptych.backends.mesh import current as current_mesh
from diptych.backends.pipelines import PASSES
from diptych.backends.processes import process_count
from diptych.ir import Dimension, DiptychError, Function, TensorType, Unsupported, named
from diptych.passes.fitting import Fit, SparseFit, described
from diptych.passes.manager import run_passes
from diptych.passes.opening import opened
from diptych.passes.specialise import specialise

MAX_FAMILIES = 256
MAX_SAMPLES = 6  # of one family, by which its sizes are found
MAX_NAMES = 2
_FOLD = (PASSES["fold"],)


class _Family:
    """Functions with the same ops. `samples`: some that were met, the first one first; `whole`: what they are with
    names for sizes, once two were met, and what was `filled`, by backend, bucket and donation; `is_refused` where that
    cannot be. `strangers` counts those that it is not, of which the first may be one that others explain."""

    def __init__(self, first: Function) -> None:
        self.samples = [first]
        self.whole: Function | None = None
        self.filled: dict[tuple[str, int, tuple[int, ...]], Filled] = {}
        self.is_refused = False
        self.strangers = 0

    def learn(self, function: Function) -> bool:
        """Takes one of sizes that are not known of into account; whether that can be. Raises Unsupported, where it is
        the second one, if sizes decide what is computed."""
        if len(self.samples) == MAX_SAMPLES:
            return False
        try:
            whole = _of_all([*self.samples, function])
        except Unsupported:
            if self.whole is None:
                raise
            whole = None
        if whole is None or _difference(whole, function) is not None:
            return False
        self.samples.append(function)
        self.whole = whole
        self.filled.clear()
        return True


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
    if family.is_refused or function.parameter_types == family.samples[0].parameter_types:
        return None
    try:
        difference = None if family.whole is None else _difference(family.whole, function)
        if (family.whole is None or difference is not None) and not family.learn(function):
            family.strangers += isinstance(difference, DiptychError)
            if isinstance(difference, DiptychError) and family.strangers == 2:
                warnings.warn(f"bucket: a batch is not filled up: {difference}", stacklevel=2)
            return None
        assert family.whole is not None
        how = backend, bucket, donate
        if how not in family.filled:
            family.filled[how] = Filled(family.whole, bucket, donate, backend=backend)
    except Unsupported as refusal:
        family.is_refused = True
        warnings.warn(f"bucket: batches are not filled up: {refusal}", stacklevel=2)
        return None
    return family.filled[how]


def _of_all(functions: Sequence[Function]) -> Function | None:
    """What all are, with names for the sizes of their parameters that differ; None where other types differ, or more
    sizes than those of rows and lengths."""
    names: dict[tuple[int, ...], str] = {}
    types: list[TensorType] = []
    for alike in zip(*(function.parameter_types for function in functions), strict=True):
        if any(other.dtype is not alike[0].dtype or other.rank != alike[0].rank for other in alike):
            return None
        sizes = zip(*(type.static_shape() for type in alike), strict=True)
        types.append(alike[0].with_shape(
            each[0] if len(set(each)) == 1 else named(names.setdefault(each, f"size{len(names)}")) for each in sizes
        ))  # fmt: skip
    if not 1 <= len(names) <= MAX_NAMES:
        return None
    sets = [dict(zip(names.values(), each, strict=True)) for each in zip(*names, strict=True)]
    are_pairs = len(names) == 1 and len(functions) == 2
    return opened(functions, types, (Fit if are_pairs else SparseFit)([*names.values()], sets))


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


def _difference(whole: Function, function: Function) -> DiptychError | str | None:
    """How a function is another one than `whole` is for its sizes, once what is made of numbers is computed in both;
    None where it is that. Text of one that has other sizes which no name stands for."""
    sizes = _sizes(whole, function)
    if sizes is None:
        return "another size changes"
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
