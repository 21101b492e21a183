"""Numbers of the ops, where numpy and jax agree: one table a group, over an array namespace `xp`.

A kernel is `(xp, *operands, **attributes) -> array or tuple of arrays`. It gets attributes as the type rule declares
them, but with numbers for dimensions and a callable `Nested` for each function. A backend's own tables, `OVERRIDES` in
its `<group>.py`, are looked up first. On numpy a kernel may answer with a view of its operands, which it never writes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from diptych.ir import OPS, Op

from . import contraction, control, elementwise, indexing, linalg, mesh, random, reduction, shape, window

Kernel = Callable[..., Any]

SHARED: tuple[Mapping[Op, Kernel], ...] = (
    elementwise.KERNELS,
    shape.KERNELS,
    indexing.KERNELS,
    reduction.KERNELS,
    contraction.KERNELS,
    window.KERNELS,
    linalg.KERNELS,
    random.KERNELS,
    control.KERNELS,
    mesh.KERNELS,
)


def merged(overrides: Iterable[Mapping[Op, Kernel]]) -> dict[Op, Kernel]:
    """The shared kernels with a backend's own in their place, in the order of the ops."""
    found: dict[Op, Kernel] = {}
    for table in (*SHARED, *overrides):
        found.update(table)
    return {op: found[op] for op in OPS.values() if op in found}
