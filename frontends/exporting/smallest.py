"""From which sizes on the file of a module does what the module does: small ones are those by which Python decides."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from diptych.backends import run_once
from diptych.backends.pipelines import pipeline
from diptych.ir import DiptychError, Function, TensorType
from diptych.passes.fitting import Sizes
from diptych.passes.manager import run_passes
from diptych.passes.specialise import specialise

PROBED = (4, 3, 2, 1)


def smallest_sizes(function: Function, note: Callable[[Sizes], Function], sizes: Sizes) -> dict[str, int]:
    """For names of a function's sizes the number from which on it is what `note` writes down for numbers; names that
    may be 1 are not among them. `sizes`: what the others are meanwhile."""
    found: dict[str, int] = {}
    for name in sorted(function.names()):
        for size in PROBED:
            if not _is_alike(function, note, {**sizes, name: size}):
                found[name] = size + 1
                break
    return found


def _is_alike(function: Function, note: Callable[[Sizes], Function], sizes: Sizes) -> bool:
    try:
        made, noted = (run_passes(each, pipeline("jax"))[0] for each in (specialise(function, sizes), note(sizes)))
    except DiptychError:  # a window that does not fit, for instance
        return False
    return made == noted or (made.result_types == noted.result_types and _has_same_numbers(made, noted))


def _has_same_numbers(made: Function, noted: Function) -> bool:
    """Of functions that are not written alike, where sizes of 1 need no broadcast for instance."""
    random = np.random.default_rng(0)
    arrays = [_array(type, random) for type in made.parameter_types]
    with np.errstate(all="ignore"):
        pairs = zip(run_once(made, arrays), run_once(noted, arrays), strict=True)
        return all(np.allclose(_wide(one), _wide(other), rtol=1e-3, atol=1e-5, equal_nan=True) for one, other in pairs)


def _array(type: TensorType, random: np.random.Generator) -> np.ndarray[Any, Any]:
    """Numbers that differ; of integers 0 and 1, which any table has."""
    if type.dtype.is_float or type.dtype.is_complex:
        return random.standard_normal(type.shape).astype(type.dtype.numpy)
    return random.integers(0, 2, type.shape).astype(type.dtype.numpy)


def _wide(array: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    return array if array.dtype.kind == "c" else array.astype(np.float64)
