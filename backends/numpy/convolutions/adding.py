"""Products first, added where they belong afterwards: each element of x is multiplied with the whole kernel.

For fewer outputs than channels, and where much of the windows would be zeros.
"""

from __future__ import annotations

from math import prod

import numpy as np

from .form import Form, Ints, Product, Room, moved, tiles

CHUNK = 1 << 18  # elements of products that are made at a time


class Adding:
    """`result` of one form without stride and groups, of an x whose elements lie `spread` apart."""

    def __init__(self, form: Form, spread: Ints) -> None:
        self.form, self.spread = form, spread
        self.rows = prod(form.extent) * form.outputs
        # x is cut into tiles here, not the result
        over = Form(form.batch, 1, form.inputs, form.outputs, form.sizes, form.extent, form.sizes, form.stride,
                    form.dilation, form.low)  # fmt: skip
        self.tiles = tiles(over, prod(form.sizes[1:]) * self.rows, CHUNK)
        largest = max(self.tiles, key=lambda tile: tile.batch * tile.count)
        whole = largest.batch * largest.count * prod(form.sizes[1:])
        room = Room()
        self.factors = room.take(self.rows, form.inputs)
        self.source = room.take(whole, form.inputs)
        self.products = room.take(self.rows, whole)
        self.planes = room.take(form.outputs, form.batch, *form.places)
        self.size = room.size

    def result(self, x: np.ndarray, kernel: np.ndarray, target: np.ndarray, room: np.ndarray, product: Product) -> None:
        """Writes the result into `target` [batch, *places, 1, outputs]: the element of x at j meets the one of the
        kernel at e in place low + j * spread - e * dilation."""
        form = self.form
        turned = moved(moved(kernel[0], 0, -1), 0, -1)  # [*extent, outputs, inputs]
        factors = self.factors.of(room, *turned.shape)
        np.copyto(factors, turned)
        factors = factors.reshape(self.rows, form.inputs)
        planes = self.planes.of(room, form.outputs, form.batch, *form.places)
        planes.fill(0)
        for tile in self.tiles:
            part = x[tile.images, tile.rows]
            if part.flags.c_contiguous:
                columns = part.reshape(-1, form.inputs)
            else:
                packed = self.source.of(room, *part.shape)
                np.copyto(packed, part)
                columns = packed.reshape(-1, form.inputs)
            products = self.products.of(room, self.rows, columns.shape[0])
            product(factors, columns.T, products)
            products = products.reshape(*form.extent, form.outputs, *part.shape[:-1])
            for element in np.ndindex(*form.extent):
                of: list[slice] = []
                to: list[slice] = []
                for axis, place in enumerate(element):
                    begin = tile.rows.start if axis == 0 else 0
                    shift = form.low[axis] + begin * self.spread[axis] - place * form.dilation[axis]
                    span = _span(shift, self.spread[axis], part.shape[axis + 1], form.places[axis])
                    of.append(span[0])
                    to.append(span[1])
                goal = planes[(slice(None), tile.images, *to)]
                np.add(goal, products[(*element, slice(None), slice(None), *of)], out=goal)
        np.copyto(moved(target[..., 0, :], -1, 0), planes)


def _span(shift: int, step: int, size: int, room: int) -> tuple[slice, slice]:
    """Which of `size` elements fall on 0 to room - 1 where element j goes to shift + j * step, and where those are."""
    first = max(0, -(shift // step))
    last = max(first, min(size, (room - 1 - shift) // step + 1))
    start = shift + first * step
    return slice(first, last), slice(start, start + max(0, (last - first - 1) * step + 1), step)
