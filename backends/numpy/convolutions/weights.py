"""A kernel as the matrices that products take."""

from __future__ import annotations

from math import prod

import numpy as np

from .form import Form, Piece


class Weights:
    """[groups, outputs, inputs, *extent] as `height` stacks of matrices [groups, elements of a row, outputs], one for
    each row of the kernel, copied in the order that leaves most of it where it was: with the outputs last where the
    kernel has them so, else turned round, as BLAS reads it all the same. A row's elements are [*extent, inputs] with
    `spatial_first`, else [inputs, *extent]."""

    def __init__(self, form: Form, height: int, *, outputs_last: bool, spatial_first: bool) -> None:
        self.form, self.height = form, height
        self.outputs_last, self.spatial_first = outputs_last, spatial_first
        rank = form.rank
        spatial, inputs = list(range(3, 3 + rank)), [2]
        self.inner = prod(form.extent) // height * form.inputs
        self.size = height * form.groups * self.inner * form.outputs
        lead = spatial[:1] if height > 1 else []
        row = [*spatial[len(lead) :], *inputs] if spatial_first else [*inputs, *spatial]
        # the order of axes of the copy, and of sums
        self.order = [*lead, 0, *row, 1] if outputs_last else [0, 1, *lead, *row]
        self.order_of_sums = self.order if outputs_last else [*lead, 0, 1, *row]

    def _stacks(self, flat: np.ndarray) -> np.ndarray:
        """The copy as [height, groups, elements, outputs]."""
        groups, outputs = self.form.groups, self.form.outputs
        if self.outputs_last:
            return flat.reshape(self.height, groups, self.inner, outputs)
        return flat.reshape(groups, outputs, self.height, self.inner).transpose(2, 0, 3, 1)

    def matrices(self, kernel: np.ndarray, piece: Piece, room: np.ndarray) -> np.ndarray:
        """The stacks of a kernel [groups, outputs, inputs, *extent], copied into the piece where they must be."""
        turned = kernel.transpose(self.order)
        if not turned.flags.c_contiguous:
            packed = piece.of(room, *turned.shape)
            np.copyto(packed, turned)
            turned = packed
        return self._stacks(turned.reshape(-1))

    def blank(self, target: np.ndarray, piece: Piece, room: np.ndarray) -> np.ndarray:
        """Where sums are made, [height, groups, elements, outputs], or with the last two the other way round: in the
        kernel `target` itself, where that lies so."""
        turned = target.transpose(self.order_of_sums)
        last = (self.inner, self.form.outputs) if self.outputs_last else (self.form.outputs, self.inner)
        shape = (self.height, self.form.groups, *last)
        return turned.reshape(shape) if turned.flags.c_contiguous else piece.of(room, *shape)

    def put(self, sums: np.ndarray, target: np.ndarray) -> None:
        """Writes sums that `blank` made room for into the kernel [groups, outputs, inputs, *extent]."""
        turned = target.transpose(self.order_of_sums)
        if not turned.flags.c_contiguous:
            np.copyto(turned, sums.reshape(turned.shape))
