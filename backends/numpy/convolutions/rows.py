"""Products of rows of channels: windows along all axes but the first are copied side by side, and each row of the
kernel is multiplied with the rows of windows that it meets, which lie side by side already.

Where a row of the kernel is too short for that, the whole window is copied: the kernel then has one row. So it is where
there are few places for many outputs, and the kernel has its spatial axes last: windows then take the kernel's order,
since turning the kernel round would cost more.
"""

from __future__ import annotations

from dataclasses import replace
from math import prod

import numpy as np

from .form import Form, Product, Room, Tile, as_rows, moved, padded, part_of, tiles, windows
from .weights import Weights

CHUNK = 1 << 19  # elements of windows that are copied at a time, or
LEAST = 512  # rows of them, which make reading the kernel worth while
WIDE = 3  # places for each output below which a kernel keeps its order
SHORT = 96  # elements of a kernel's row below which whole windows are copied


class Rows:
    """`result` and `to_kernel` of one form; `room` is an array of `size` elements for what is made on the way."""

    def __init__(self, form: Form, *, outputs_last: bool, spatial_last: bool) -> None:
        self.form = form
        is_wide = form.batch * prod(form.places) < WIDE * form.outputs
        self.spatial_last = spatial_last and is_wide and prod(form.extent) > 1
        is_long = prod(form.extent[1:]) * form.inputs >= SHORT
        self.has_rows = 1 < form.extent[0] <= form.places[0] and is_long and not self.spatial_last
        self.outputs_last = outputs_last
        self.height = form.extent[0] if self.has_rows else 1
        self.inner = prod(form.extent) // self.height * form.inputs
        step = form.stride[0]
        reached = {e * form.dilation[0] % step for e in range(form.extent[0])}
        self.phases = sorted(reached) if self.has_rows else [0]
        across = prod(form.places[1:])
        each = across * self.inner * form.groups * (len(self.phases) if self.has_rows else 1)
        self.tiles = tiles(form, each, max(CHUNK, min(LEAST, form.batch * prod(form.places)) * self.inner))
        self.is_direct = prod(form.extent) == form.groups == 1 and set(form.stride) == {1} and form.places == form.sizes
        self.is_direct = self.is_direct and not any(form.low)
        if self.is_direct:  # x is the rows
            self.tiles = [Tile(slice(0, form.batch), slice(0, form.places[0]))]
        largest = max(self.tiles, key=lambda tile: tile.batch * tile.count)
        room = Room()
        spans = [form.span(axis, size) for axis, size in enumerate((largest.count, *form.places[1:]))]
        whole = largest.batch * largest.count * across
        channels = form.groups * form.inputs
        self.padded = None if form.is_inside else room.take(largest.batch, *spans, channels)
        copied = largest.batch * across * self.inner * form.groups
        copied *= sum(self._lines(largest.count)) if self.has_rows else largest.count
        self.columns = room.take(copied)
        self.first = room.take(whole * form.groups * form.outputs)
        self.weights = Weights(form, self.height, outputs_last=outputs_last, spatial_first=not self.spatial_last)
        other = room.beside()  # the result and the gradient to the kernel are never made at once
        self.second = room.take(whole * form.groups * form.outputs)
        self.packed = room.take(self.weights.size)
        self.sums = other.take(self.weights.size)
        self.parts = other.take(self.weights.size // self.height)
        self.size = max(room.size, other.size)

    def _lines(self, count: int) -> list[int]:
        """How many rows of x each phase of the first axis has, for so many places."""
        span, step = self.form.span(0, count), self.form.stride[0]
        return [len(range(phase, span, step)) for phase in self.phases]

    def result(self, x: np.ndarray, kernel: np.ndarray, target: np.ndarray, room: np.ndarray, product: Product) -> None:
        """Writes the result into `target` [batch, *places, groups, outputs]."""
        form = self.form
        factors = self.weights.matrices(kernel, self.packed, room)
        for tile in self.tiles:
            rows = self._gathered(tile, x, room)
            goal = target[tile.images, tile.rows]
            count = rows[0].shape[1]
            matrix = as_rows(goal, form.outputs) if form.groups == 1 and self.height == 1 else None
            if matrix is not None:
                product(rows[0][0], factors[0][0], matrix)
                continue
            first = self.first.of(room, form.groups, count, form.outputs)
            second = self.second.of(room, form.groups, count, form.outputs)
            goal = self._turned(goal)
            product(rows[0], factors[0], first)
            for number in range(1, self.height):
                product(rows[number], factors[number], second)
                if number < self.height - 1:
                    np.add(first, second, out=first)
            shape = goal.shape
            if self.height == 1:
                np.copyto(goal, first.reshape(shape))
            else:
                np.add(first.reshape(shape), second.reshape(shape), out=goal)

    def to_kernel(
        self, x: np.ndarray, other: np.ndarray, target: np.ndarray, room: np.ndarray, product: Product
    ) -> None:
        """Writes into `target` [groups, outputs, inputs, *extent] the sums over all places of products of `other`
        [batch, *places, groups, outputs] with what of x the kernel meets there."""
        form = self.form
        sums = self.weights.blank(target, self.sums, room)
        parts = self.parts.of(room, *sums[0].shape)
        for turn, tile in enumerate(self.tiles):
            rows = self._gathered(tile, x, room)
            given = self._turned(other[tile.images, tile.rows])
            flat = as_rows(given[0], form.outputs) if form.groups == 1 else None
            if flat is None:
                packed = self.first.of(room, *given.shape)
                np.copyto(packed, given)
                factor = packed.reshape(form.groups, -1, form.outputs)
            else:
                factor = flat[None]
            for number, row in enumerate(rows):
                out = parts if turn else sums[number]
                if self.outputs_last:
                    product(row.swapaxes(1, 2), factor, out)
                else:
                    product(factor.swapaxes(1, 2), row, out)
                if turn:
                    np.add(sums[number], parts, out=sums[number])
        self.weights.put(sums, target)

    def _turned(self, part: np.ndarray) -> np.ndarray:
        """[batch, rows, ..., groups, outputs] as [groups, rows, batch, ..., outputs], or with the batch before."""
        turned = moved(part, -2, 0)
        return turned.swapaxes(1, 2) if self.has_rows else turned

    def _gathered(self, tile: Tile, x: np.ndarray, room: np.ndarray) -> list[np.ndarray]:
        """For each row of the kernel [groups, rows of windows, elements of the kernel's row]."""
        form = self.form
        if self.is_direct:
            flat = as_rows(x, form.inputs)
            if flat is None:
                columns = self.columns.of(room, *x.shape)
                np.copyto(columns, x)
                flat = columns.reshape(-1, form.inputs)
            return [flat[None]]
        if self.padded is None:
            source = part_of(form, tile, x)
        else:
            spans = [form.span(axis, size) for axis, size in enumerate((tile.count, *form.places[1:]))]
            source = self.padded.of(room, tile.batch, *spans, x.shape[-1])
            padded(form, tile, x, source)
        source = source.reshape(*source.shape[:-1], form.groups, form.inputs)
        rank, inner = form.rank, prod(form.places[1:]) * tile.batch
        if not self.has_rows:
            view = windows(form, source, 1)  # [batch, *places, *extent, groups, inputs]
            view = moved(view, -2, 0)
            if self.spatial_last:
                shape = view.shape
                columns = self.columns.of(room, *shape[: 2 + rank], form.inputs, *form.extent)
                for element in np.ndindex(*form.extent):
                    np.copyto(columns[(..., *element)], view[(..., *element, slice(None))])
            else:
                columns = self.columns.of(room, *view.shape)
                np.copyto(columns, view)
            return [columns.reshape(form.groups, -1, self.inner)]
        one = replace(form, extent=(1, *form.extent[1:]), stride=(1, *form.stride[1:]))
        view = windows(one, source, 1)  # [batch, spans, *places, 1, *extent, groups, inputs]
        view = moved(view.squeeze(rank + 1), -2, 0).swapaxes(1, 2)  # [groups, spans, batch, *places, *extent, i]
        lines = self._lines(tile.count)
        columns = self.columns.of(room, form.groups, sum(lines), *view.shape[2:])
        begins = [sum(lines[:number]) for number in range(len(lines))]
        for phase, begin, length in zip(self.phases, begins, lines, strict=True):
            np.copyto(columns[:, begin : begin + length], view[:, phase :: form.stride[0]])
        flat = columns.reshape(form.groups, -1, self.inner)
        found: list[np.ndarray] = []
        for element in range(self.height):
            lead, phase = divmod(element * form.dilation[0], form.stride[0])
            start = (begins[self.phases.index(phase)] + lead) * inner
            found.append(flat[:, start : start + tile.count * inner])
        return found
