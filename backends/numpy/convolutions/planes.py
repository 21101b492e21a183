"""Products over planes: x is turned so that each channel has its places side by side, and windows are runs of places.

For few channels a group, whose windows would be copied in short pieces otherwise.
"""

from __future__ import annotations

from math import prod

import numpy as np

from .form import Form, Product, Room, Tile, as_rows, moved, padded, tiles, windows
from .weights import Weights

CHUNK = 1 << 19  # elements of windows that are copied at a time


class Planes:
    """`result` and `to_kernel` of one form; `room` is an array of `size` elements for what is made on the way."""

    def __init__(self, form: Form, *, outputs_last: bool) -> None:
        self.form = form
        self.outputs_last = outputs_last
        self.inner = form.inputs * prod(form.extent)
        self.tiles = tiles(form, prod(form.places[1:]) * self.inner * form.groups, CHUNK)
        largest = max(self.tiles, key=lambda tile: tile.batch * tile.count)
        spans = [form.span(axis, size) for axis, size in enumerate((largest.count, *form.places[1:]))]
        whole = largest.batch * largest.count * prod(form.places[1:])
        room = Room()
        self.turned = room.take(form.groups * form.inputs, largest.batch, *spans)
        self.columns = room.take(form.groups, self.inner, whole)
        self.products = room.take(form.groups, form.outputs, whole)
        self.weights = Weights(form, 1, outputs_last=outputs_last, spatial_first=False)
        other = room.beside()  # the result and the gradient to the kernel are never made at once
        self.packed = room.take(self.weights.size)
        self.sums = other.take(self.weights.size)
        self.parts = other.take(self.weights.size)
        self.size = max(room.size, other.size)

    def result(self, x: np.ndarray, kernel: np.ndarray, target: np.ndarray, room: np.ndarray, product: Product) -> None:
        """Writes the result into `target` [batch, *places, groups, outputs]."""
        form = self.form
        factors = self.weights.matrices(kernel, self.packed, room)[0]
        for tile in self.tiles:
            columns = self._gathered(tile, x, room)
            goal = target[tile.images, tile.rows]
            if form.groups == 1:
                matrix = as_rows(goal, form.outputs)
                out = self.products.of(room, columns.shape[2], form.outputs) if matrix is None else matrix
                product(columns[0].T, factors[0], out)
                if matrix is None:
                    np.copyto(goal, out.reshape(goal.shape))
            else:
                products = self.products.of(room, form.groups, form.outputs, columns.shape[2])
                product(factors.swapaxes(1, 2), columns, products)
                turned = moved(moved(goal, -1, 0), -1, 0)
                np.copyto(turned, products.reshape(turned.shape))

    def to_kernel(
        self, x: np.ndarray, other: np.ndarray, target: np.ndarray, room: np.ndarray, product: Product
    ) -> None:
        """Writes into `target` [groups, outputs, inputs, *extent] the sums over all places of products of `other`
        [batch, *places, groups, outputs] with what of x the kernel meets there."""
        form = self.form
        sums = self.weights.blank(target, self.sums, room)
        parts = self.parts.of(room, *sums[0].shape)
        for turn, tile in enumerate(self.tiles):
            columns = self._gathered(tile, x, room)
            given = other[tile.images, tile.rows]
            flat = as_rows(given, form.outputs) if form.groups == 1 else None
            if flat is not None:
                factor = flat[None]  # [groups, places, outputs]
            elif form.groups == 1:
                packed = self.products.of(room, *given.shape)
                np.copyto(packed, given)
                factor = packed.reshape(1, -1, form.outputs)
            else:
                turned = moved(moved(given, -1, 0), -1, 0)
                packed = self.products.of(room, *turned.shape)
                np.copyto(packed, turned)
                factor = packed.reshape(form.groups, form.outputs, -1).swapaxes(1, 2)
            out = parts if turn else sums[0]
            if self.outputs_last:
                product(columns, factor, out)
            else:
                product(factor.swapaxes(1, 2), columns.swapaxes(1, 2), out)
            if turn:
                np.add(sums[0], parts, out=sums[0])
        self.weights.put(sums, target)

    def _gathered(self, tile: Tile, x: np.ndarray, room: np.ndarray) -> np.ndarray:
        """[groups, elements of a window, places]"""
        form = self.form
        spans = [form.span(axis, size) for axis, size in enumerate((tile.count, *form.places[1:]))]
        turned = self.turned.of(room, x.shape[-1], tile.batch, *spans)
        padded(form, tile, x, moved(turned, 0, -1))
        view = windows(form, turned, 2)  # [channels, batch, *places, *extent]
        rank = form.rank
        view = view.transpose(0, *range(2 + rank, 2 + 2 * rank), *range(1, 2 + rank))
        columns = self.columns.of(room, *view.shape)
        np.copyto(columns, view)
        return columns.reshape(form.groups, self.inner, -1)
