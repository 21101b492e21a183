"""The kernel of every op on jax."""

from __future__ import annotations

from diptych.ir import Op

from ..kernels import Kernel, merged
from . import contraction, control, elementwise, indexing, linalg, mesh, reduction, shape, window

KERNELS: dict[Op, Kernel] = merged(
    group.OVERRIDES for group in (elementwise, shape, indexing, reduction, contraction, window, linalg, control, mesh)
)
