"""Tensors made like another one, of one number, or spaced by powers."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import dtypes as dtype_module
from ..device import place_of
from ..tapes.callers import renamed
from ..tensors import creation, inplace
from ..tensors.data import from_array, requiring, tensor
from ..tensors.tensor import Tensor
from .arithmetic import add, mul, pow
from .operands import tensors
from .rearranging import integers

# -- like another tensor: methods ----


def _of_size(name: str, make: Any) -> Any:
    def made(
        self: Tensor, *sizes: Any, size: Any = None, dtype: Any = None, device: Any = None,
        requires_grad: bool = False, layout: Any = None, pin_memory: bool = False,
    ) -> Tensor:  # fmt: skip
        place = self.device if device is None else device
        options = {"dtype": dtype or self.dtype, "device": place, "requires_grad": requires_grad}
        return make(integers(name, "size", sizes if size is None else (size,)), **options)

    renamed(made, name)
    made.__doc__ = f"As `torch.{name.removeprefix('new_')}`, in self's dtype."
    return made


new_zeros, new_ones = _of_size("new_zeros", creation.zeros), _of_size("new_ones", creation.ones)
new_empty = _of_size("new_empty", creation.empty)


def new_full(
    self: Tensor, size: Any, fill_value: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False,
    layout: Any = None, pin_memory: bool = False,
) -> Tensor:  # fmt: skip
    """`fill_value` everywhere, in self's dtype."""
    return creation.full(
        tuple(size), fill_value, dtype=dtype or self.dtype, requires_grad=requires_grad,
        device=self.device if device is None else device,
    )  # fmt: skip


def new_tensor(
    self: Tensor, data: Any, *, dtype: Any = None, device: Any = None, requires_grad: bool = False, layout: Any = None,
    pin_memory: bool = False,
) -> Tensor:  # fmt: skip
    """A copy of `data` in self's dtype."""
    place = self.device if device is None else device
    return tensor(data, dtype=dtype or self.dtype, device=place, requires_grad=requires_grad)


def new_empty_strided(self: Tensor, size: Any, stride: Any, *, dtype: Any = None, **options: Any) -> Tensor:
    """As `torch.empty_strided`, in self's dtype."""
    from .strided import empty_strided

    return empty_strided(size, stride, dtype=dtype or self.dtype, **{"device": self.device, **options})


# -- functions ----


def scalar_tensor(
    s: Any, *, dtype: Any = None, layout: Any = None, device: Any = None, pin_memory: bool = False,
    requires_grad: bool = False,
) -> Tensor:  # fmt: skip
    """One number as a tensor, by default in the default dtype."""
    target = dtype or (dtype_module.get_default_dtype().to_complex() if isinstance(s, complex) else None)
    return tensor(s, dtype=target or dtype_module.get_default_dtype(), device=device, requires_grad=requires_grad)


def asarray(
    obj: Any, *, dtype: Any = None, device: Any = None, copy: bool | None = None, requires_grad: bool = False
) -> Tensor:
    """A tensor of `obj`: itself where it is one already, sharing memory with numpy arrays, unless `copy`."""
    from ..tensors.data import as_tensor

    made = tensor(obj, dtype=dtype, device=device) if copy else as_tensor(obj, dtype=dtype, device=device)
    return requiring(made, requires_grad)


def logspace(
    start: Any, end: Any, steps: int, base: float = 10.0, *, dtype: Any = None, device: Any = None, layout: Any = None,
    requires_grad: bool = False,
) -> Tensor:  # fmt: skip
    """base ** start to base ** end in `steps` powers that are evenly spaced. Raises RuntimeError for fewer than 0."""
    place = place_of(device)
    if steps < 0:
        raise RuntimeError("number of steps must be non-negative")
    first, last = (each.item() if isinstance(each, Tensor) else each for each in (start, end))
    default = dtype_module.get_default_dtype()
    is_complex = isinstance(first, complex) or isinstance(last, complex)
    target = dtype_module.chosen("logspace", dtype) or (default.to_complex() if is_complex else default)
    powers = np.linspace(first, last, steps)
    found = np.power(np.complex128(base) if np.iscomplexobj(powers) else np.float64(base), powers)
    return requiring(from_array(found.astype(target.ir.numpy), place), requires_grad, place)


def fill(input: Tensor, value: Any) -> Tensor:
    """A number, or a scalar tensor, in input's shape and dtype."""
    (x,) = tensors("fill", input=input)
    made = x.clone()
    return inplace.fill_(made, value)


def vander(x: Tensor, N: int | None = None, increasing: bool = False) -> Tensor:
    """The powers of a vector as columns, from the highest down, or up with `increasing`. Raises RuntimeError for other
    tensors."""
    if x.ndim != 1:
        raise RuntimeError("x must be a one-dimensional tensor.")
    count = x.shape[0] if N is None else N
    if count < 0:
        raise RuntimeError("N must be non-negative.")
    bounds = (count,) if increasing or not count else (count - 1, -1, -1)
    places = creation.arange(*bounds, device=x.device)
    return pow(x.unsqueeze(-1), places)


def range(start: float = 0, end: float | None = None, step: float = 1, *, dtype: Any = None, **options: Any) -> Tensor:
    """start, start + step, ... up to end, which is included. Raises RuntimeError as `arange`."""
    import warnings

    warnings.warn(
        "torch.range is deprecated and will be removed in a future release because its behavior is inconsistent with "
        "Python's range builtin. Instead, use torch.arange, which produces values in [start, end).",
        UserWarning,
        stacklevel=2,
    )
    first, last = (0, start) if end is None else (start, end)
    if step == 0:
        raise RuntimeError("step must be nonzero")
    if (last - first) * step < 0:
        raise RuntimeError("upper bound and lower bound inconsistent with step sign")
    count = int((last - first) // step) + 1
    target = dtype_module.chosen("range", dtype) or dtype_module.get_default_dtype()
    found = add(mul(creation.arange(count, dtype=dtype_module.float64, device=options.get("device")), step), first)
    from .pointwise import cast

    return cast(found, target)


def new_like(self: Tensor, *arguments: Any, device: Any = None) -> Tensor:
    """What the legacy `Tensor.new` makes: of data, or of sizes (zeros here), in self's dtype."""
    place = self.device if device is None else device
    if len(arguments) == 1 and not isinstance(arguments[0], int):
        data = arguments[0]
        if isinstance(data, Tensor):
            return data.type_as(self) if data.dtype is not self.dtype else data.view_as(data)
        if data.__class__.__name__ == "Size":
            return creation.zeros(*data, dtype=self.dtype, device=place)
        return tensor(data, dtype=self.dtype, device=place)
    return creation.zeros(*(arguments or (0,)), dtype=self.dtype, device=place)
