"""Depthwise convolutions, one channel in and one out in each group: products added up element by element of the kernel.

Numpy's loops should be long: where places are neighbours, a run of them is multiplied with as many copies of the
kernel's element.
"""

from __future__ import annotations

from math import prod

import numpy as np

from .form import Form, Room, Tile, padded, part_of, tiles, windows

CHUNK = 1 << 15  # elements of the result that are worked on at a time
RUN = 2048  # elements that a kernel's element is repeated to, about


class Elements:
    """`result` and `to_kernel` of one form; `room` is an array of `size` elements for what is made on the way."""

    def __init__(self, form: Form) -> None:
        self.form = form
        channels, last = form.groups, form.places[-1]
        joins = form.stride[-1] == 1
        most = max(1, RUN // channels) if joins else 1
        self.run = next(count for count in range(min(most, last), 0, -1) if last % count == 0)
        self.tiles = tiles(form, prod(form.places[1:]) * channels, CHUNK)
        largest = max(self.tiles, key=lambda tile: tile.batch * tile.count)
        whole = largest.batch * largest.count * prod(form.places[1:]) * channels
        spans = [form.span(axis, size) for axis, size in enumerate((largest.count, *form.places[1:]))]
        room = Room()
        self.padded = None if form.is_inside else room.take(largest.batch, *spans, channels)
        self.factors = room.take(prod(form.extent), self.run * channels)
        self.products = room.take(whole)
        self.totals = room.take(whole)
        self.rows = room.take(prod(form.extent), self.run * channels)
        self.sums = room.take(self.run * channels)
        self.ones = np.ones(max(1, whole // (self.run * channels)), np.float32)
        self.size = room.size

    def result(self, x: np.ndarray, kernel: np.ndarray, target: np.ndarray, room: np.ndarray) -> None:
        """Writes the result into `target` [batch, *places, groups, 1]."""
        form, run = self.form, self.run
        elements = np.moveaxis(kernel[:, 0, 0], 0, -1).reshape(-1, 1, form.groups)
        factors = self.factors.of(room, elements.shape[0], run, form.groups)
        np.copyto(factors, elements)
        factors = factors.reshape(-1, run * form.groups)
        for tile in self.tiles:
            goal = target[tile.images, tile.rows, ..., 0]
            shape = (*goal.shape[:-2], goal.shape[-2] // run, run * form.groups)
            is_whole = goal.flags.c_contiguous
            total = (goal if is_whole else self.totals.of(room, *goal.shape)).reshape(shape)
            products = self.products.of(room, *shape)
            for number, part in enumerate(self._parts(tile, x, room)):
                out = products if number else total
                np.multiply(part, factors[number], out=out)
                if number:
                    np.add(total, products, out=total)
            if not is_whole:
                np.copyto(goal, total.reshape(goal.shape))

    def to_kernel(self, x: np.ndarray, other: np.ndarray, target: np.ndarray, room: np.ndarray) -> None:
        """Writes into `target` [groups, 1, 1, *extent] the sums over all places of products of `other`
        [batch, *places, groups, 1] with what of x the kernel meets there."""
        form, run = self.form, self.run
        ones = self.ones.astype(x.dtype, copy=False)
        rows = self.rows.of(room, prod(form.extent), run * form.groups)
        sums = self.sums.of(room, run * form.groups)
        for turn, tile in enumerate(self.tiles):
            given = other[tile.images, tile.rows, ..., 0]
            shape = (*given.shape[:-2], given.shape[-2] // run, run * form.groups)
            if not given.flags.c_contiguous:
                packed = self.totals.of(room, *given.shape)
                np.copyto(packed, given)
                given = packed
            given = given.reshape(shape)
            products = self.products.of(room, *shape)
            flat = products.reshape(-1, run * form.groups)
            for number, part in enumerate(self._parts(tile, x, room)):
                np.multiply(part, given, out=products)
                out = sums if turn else rows[number]
                np.matmul(ones[: flat.shape[0]], flat, out=out)
                if turn:
                    np.add(rows[number], sums, out=rows[number])
        each = rows.reshape(-1, run, form.groups).sum(1)
        np.copyto(np.moveaxis(target[:, 0, 0], 0, -1), each.reshape(*form.extent, form.groups))

    def _parts(self, tile: Tile, x: np.ndarray, room: np.ndarray) -> list[np.ndarray]:
        """What each element of the kernel meets: [batch, *places but the last, runs, a run's elements]."""
        form, run = self.form, self.run
        if self.padded is None:
            source = part_of(form, tile, x)
        else:
            spans = [form.span(axis, size) for axis, size in enumerate((tile.count, *form.places[1:]))]
            source = self.padded.of(room, tile.batch, *spans, form.groups)
            padded(form, tile, x, source)
        view = windows(form, source, 1)  # [batch, *places, *extent, channels]
        found: list[np.ndarray] = []
        for element in np.ndindex(*form.extent):
            part = view[(slice(None),) * (1 + form.rank) + element]
            found.append(part.reshape(*part.shape[:-2], part.shape[-2] // run, run * form.groups))
        return found
