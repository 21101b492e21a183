"""tf.contrib.slim.model_analyzer: how many numbers variables hold."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..exports import export


@export("contrib.slim.model_analyzer.analyze_vars")
def analyze_vars(variables: Iterable[Any], print_info: bool = False) -> tuple[int, int]:
    """(numbers, bytes) that variables hold in all, which are printed one by one where wanted."""
    count = size = 0
    if print_info:
        print("---------\nVariables: name (type shape) [size]\n---------")
    for variable in variables:
        number = variable.shape.num_elements() or 0
        bytes_of = number * variable.dtype.base_dtype.size
        count, size = count + number, size + bytes_of
        if print_info:
            shape = "x".join(map(str, variable.shape.as_list()))
            print(variable.name, f"({variable.dtype.name} {shape}) [{number}, bytes: {bytes_of}]")
    if print_info:
        print(f"Total size of variables: {count}\nTotal bytes of variables: {size}")
    return count, size
