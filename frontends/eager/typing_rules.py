"""What dtypes can do: their limits, and which type several of them meet in."""

from __future__ import annotations

from typing import Any

import ml_dtypes
import numpy as np

from . import dtypes as dtype_module
from . import promotion
from .dtypes import dtype, of_ir
from .tensors.tensor import Tensor


class finfo:
    """The limits of a float dtype, the default one without an argument. Raises TypeError for others."""

    def __init__(self, type: dtype | None = None) -> None:
        chosen = dtype_module.get_default_dtype() if type is None else type
        if not isinstance(chosen, dtype):
            raise TypeError(
                f"finfo(): argument 'type' (position 1) must be torch.dtype, not {chosen.__class__.__name__}"
            )
        if not chosen.ir.is_differentiable:
            raise TypeError(
                "torch.finfo() requires a floating point input type. Use torch.iinfo to handle 'torch.finfo'"
            )
        kind = chosen.ir.real
        limits = ml_dtypes.finfo(kind.numpy)
        self.bits = kind.bits
        self.eps, self.max, self.min = float(limits.eps), float(limits.max), float(limits.min)
        self.tiny = self.smallest_normal = float(limits.smallest_normal)
        self.resolution = float(limits.resolution)
        self.dtype = of_ir(kind).name

    def __repr__(self) -> str:
        return (
            f"finfo(resolution={self.resolution:g}, min={self.min:g}, max={self.max:g}, eps={self.eps:g}, "
            f"smallest_normal={self.smallest_normal:g}, tiny={self.tiny:g}, dtype={self.dtype})"
        )


class iinfo:
    """The limits of an integer dtype. Raises TypeError for others."""

    def __init__(self, type: dtype) -> None:
        if not isinstance(type, dtype):
            raise TypeError(f"iinfo(): argument 'type' (position 1) must be torch.dtype, not {type.__class__.__name__}")
        if type.ir.is_bool:
            raise TypeError("torch.bool is not supported by torch.iinfo")
        if not type.ir.is_integer:
            raise TypeError("torch.iinfo() requires an integer input type. Use torch.finfo to handle 'torch.iinfo'")
        limits = np.iinfo(type.ir.numpy)
        self.bits, self.max, self.min = type.ir.bits, int(limits.max), int(limits.min)
        self.dtype = type.name

    def __repr__(self) -> str:
        return f"iinfo(min={self.min}, max={self.max}, dtype={self.dtype})"


def promote_types(type1: dtype, type2: dtype) -> dtype:
    """The smallest dtype that both convert to."""
    return of_ir(promotion.promote_types(type1.ir, type2.ir))


def can_cast(from_: dtype, to: dtype) -> bool:
    """Whether a result of one dtype may be written into the other: not from a higher category."""
    return promotion.category(from_.ir) <= promotion.category(to.ir)


def result_type(tensor1: Any, tensor2: Any) -> dtype:
    """The dtype in which an elementwise operation computes with two tensors or numbers."""
    found: list[Any] = [None, None, None]  # of tensors with axes, of scalar tensors, of numbers
    for each in (tensor1, tensor2):
        place = 2 if not isinstance(each, Tensor) else 0 if each.ndim else 1
        kind = (each.dtype if isinstance(each, Tensor) else dtype_module.of_number(each)).ir
        found[place] = kind if found[place] is None else promotion.promote_types(found[place], kind)
    result: Any = None
    for kind in reversed(found):
        result = kind if result is None else result if kind is None else promotion.combined(kind, result)
    return of_ir(result)
