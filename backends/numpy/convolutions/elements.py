"""Depthwise convolutions, one channel in and one out in each group: products added up element by element of the kernel.

`np.einsum` does that in one pass. Its loops should be long: where places are neighbours, a run of them is multiplied
with as many copies of the kernel's element.
"""

from __future__ import annotations

from math import prod

import numpy as np

from .form import Form, Product, Room, Tile, moved, padded, part_of, tiles, windows

CHUNK = 1 << 17  # elements of the result that are worked on at a time
RUN = 4096  # elements that a kernel's element is repeated to, about


class Elements:
    """`result` and `to_kernel` of one form; `room` is an array of `size` elements for what is made on the way."""

    def __init__(self, form: Form) -> None:
        self.form = form
        channels, last = form.groups, form.places[-1]
        most = max(1, RUN // channels) if form.stride[-1] == 1 else 1
        self.run = next(count for count in range(min(most, last), 0, -1) if last % count == 0)
        self.tiles = tiles(form, prod(form.places[1:]) * channels, CHUNK)
        largest = max(self.tiles, key=lambda tile: tile.batch * tile.count)
        whole = largest.batch * largest.count * prod(form.places[1:]) * channels
        spans = [form.span(axis, size) for axis, size in enumerate((largest.count, *form.places[1:]))]
        room = Room()
        self.padded = None if form.is_inside else room.take(largest.batch, *spans, channels)
        self.repeated = (*form.extent, self.run * channels)
        self.factors = room.take(*self.repeated)
        self.parts = room.take(*self.repeated)
        self.whole = room.take(whole)
        self.size = room.size
        rank = form.rank
        places, elements = "abcdefgh"[: rank + 1], "ijklmno"[:rank]  # batch and places; elements of the kernel
        self.places, self.elements = f"{places}r", f"{elements}r"
        self.windows = f"{places}{elements}r"

    def result(self, x: np.ndarray, kernel: np.ndarray, target: np.ndarray, room: np.ndarray, product: Product) -> None:
        """Writes the result into `target` [batch, *places, groups, 1]."""
        form = self.form
        elements = moved(kernel[:, 0, 0], 0, -1)[..., None, :]
        factors = self.factors.of(room, *form.extent, self.run, form.groups)
        np.copyto(factors, elements)
        factors = factors.reshape(self.repeated)
        for tile in self.tiles:
            goal = target[tile.images, tile.rows, ..., 0]
            is_whole = goal.flags.c_contiguous
            sums = goal if is_whole else self.whole.of(room, *goal.shape)
            np.einsum(
                f"{self.windows},{self.elements}->{self.places}",
                self._windows(tile, x, room), factors, out=self._in_runs(sums),
            )  # fmt: skip
            if not is_whole:
                np.copyto(goal, sums)

    def to_kernel(
        self, x: np.ndarray, other: np.ndarray, target: np.ndarray, room: np.ndarray, product: Product
    ) -> None:
        """Writes into `target` [groups, 1, 1, *extent] the sums over all places of products of `other`
        [batch, *places, groups, 1] with what of x the kernel meets there."""
        form = self.form
        sums, parts = (piece.of(room, *self.repeated) for piece in (self.factors, self.parts))
        for turn, tile in enumerate(self.tiles):
            given = other[tile.images, tile.rows, ..., 0]
            if not given.flags.c_contiguous:
                packed = self.whole.of(room, *given.shape)
                np.copyto(packed, given)
                given = packed
            np.einsum(
                f"{self.windows},{self.places}->{self.elements}",
                self._windows(tile, x, room), self._in_runs(given), out=parts if turn else sums,
            )  # fmt: skip
            if turn:
                np.add(sums, parts, out=sums)
        whole = sums.reshape(*form.extent, self.run, form.groups)
        np.add.reduce(whole, -2, out=moved(target[:, 0, 0], 0, -1))

    def _in_runs(self, x: np.ndarray) -> np.ndarray:
        """[batch, *places, groups] with the last places in runs: [batch, *places but the last, runs, a run]."""
        return x.reshape(*x.shape[:-2], x.shape[-2] // self.run, self.run * self.form.groups)

    def _windows(self, tile: Tile, x: np.ndarray, room: np.ndarray) -> np.ndarray:
        """What each element of the kernel meets: [batch, *places but the last, runs, *extent, a run], a view."""
        form, run = self.form, self.run
        if self.padded is None:
            source = part_of(form, tile, x)
            if source.strides[-2] != form.groups * x.itemsize and run > 1:
                source = np.ascontiguousarray(source)
        else:
            spans = [form.span(axis, size) for axis, size in enumerate((tile.count, *form.places[1:]))]
            source = self.padded.of(room, tile.batch, *spans, form.groups)
            padded(form, tile, x, source)
        view = windows(form, source, 1)  # [batch, *places, *extent, groups]
        if run == 1:
            return view
        shape, strides, axis = list(view.shape), list(view.strides), form.rank
        shape[axis] //= run
        strides[axis] *= run
        shape[-1] *= run
        return np.lib.stride_tricks.as_strided(view, shape, strides, writeable=False)
