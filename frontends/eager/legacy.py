"""What `torch.Tensor(...)` makes."""

from __future__ import annotations

from typing import Any

from .creation import zeros
from .data import tensor
from .dtypes import get_default_dtype
from .size import Size
from .tensor import Tensor


def legacy_tensor(cls: type[Tensor], *arguments: Any, **options: Any) -> Tensor:
    """`torch.Tensor(...)`: of data, or of sizes, uninitialised (zeros here), in the default dtype."""
    if len(arguments) == 1 and not isinstance(arguments[0], int):
        data = arguments[0]
        if isinstance(data, Size):
            return zeros(*data)
        return tensor(data, dtype=get_default_dtype())
    return zeros(*arguments) if arguments else zeros(0)
