"""The interpreter behind the interface of a compiled program."""

from __future__ import annotations

from typing import Any

import numpy as np
from diptych.ir import Function

from .interpreter import evaluate


class ReferenceRunner:
    """`runner(*arrays)`: interprets the function; results are copies that nothing else shows."""

    def __init__(self, function: Function) -> None:
        self.function = function

    def __call__(self, *arrays: Any) -> tuple[np.ndarray, ...]:
        return tuple(np.array(result) for result in evaluate(self.function, arrays))
