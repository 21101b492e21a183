"""Small programs about views, writes, histories and gradients, run by diptych and by the real PyTorch alike.

Each gets `torch`, either one, and `show`, which notes what a user would see. An error ends a scenario and is noted too.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

Show = Callable[..., None]
Scenario = Callable[[Any, Show], None]

SCENARIOS: dict[str, Scenario] = {}


def scenario(function: Scenario) -> Scenario:
    """Adds a scenario under its function's name."""
    SCENARIOS[function.__name__] = function
    return function


def seen(torch: Any, value: Any) -> Any:
    """What a user sees of a value: of a tensor its type, shape, elements and flags."""
    if isinstance(value, torch.Tensor):
        return [str(value.dtype), list(value.shape), value.tolist(), value.requires_grad, value.is_leaf]
    if isinstance(value, np.ndarray):
        return value.tolist()
    return list(value) if isinstance(value, tuple) else value


def played(torch: Any, name: str) -> list[Any]:
    """All that a scenario shows; warnings and the error that ends it come last."""
    notes: list[Any] = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            SCENARIOS[name](torch, lambda *values: notes.extend(seen(torch, value) for value in values))
        except (RuntimeError, TypeError, ValueError, IndexError) as error:
            kinds = [kind for kind in type(error).__mro__ if kind.__module__ == "builtins"]
            notes.append(f"{kinds[0].__name__}: {str(error).splitlines()[0]}")
    notes.extend(f"{each.category.__name__}: {str(each.message)[:80]}" for each in caught)
    return notes


def counted(torch: Any, *shape: int) -> Any:
    """1, 2, 3, ... in a shape."""
    return torch.arange(1.0, 1.0 + int(np.prod(shape))).reshape(*shape)
