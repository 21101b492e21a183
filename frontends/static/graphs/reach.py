"""Which tensors a gradient flows to, as far as the graph tells."""

from __future__ import annotations

from collections.abc import Iterable

from .tensor import Tensor


def reached(ys: Iterable[Tensor], stops: Iterable[Tensor]) -> set[Tensor]:
    """The tensors that a gradient of `ys` flows to, by the types of operations and tensors on the way.

    Those in `stops` are reached, and pass nothing on.
    """
    stopped = set(stops)
    found = {y for y in ys if y.dtype.is_differentiable}
    pending = list(found)
    while pending:
        tensor = pending.pop()
        blocks = tensor.op.definition.blocks
        if blocks is True or tensor in stopped:
            continue
        for number, source in enumerate(tensor.op.inputs):
            if source in found or not source.dtype.is_differentiable or (blocks and number in blocks):
                continue
            found.add(source)
            pending.append(source)
    return found
