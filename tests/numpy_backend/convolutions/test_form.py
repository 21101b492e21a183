"""What the ways to take a convolution share: tiles, room, and x with zeros around it."""

from __future__ import annotations

import numpy as np
import pytest
from diptych.backends.numpy.convolutions.form import Form, Room, Tile, padded, tiles, windows

FORM = Form(
    batch=3, groups=1, inputs=2, outputs=4, sizes=(7, 6), extent=(3, 2), places=(5, 3), stride=(2, 2), dilation=(1, 2),
    low=(3, 1),
)  # fmt: skip


@pytest.mark.parametrize("room", [1, 9, 17, 18, 40, 1000])
def test_tiles_hold_every_place_once(room: int) -> None:
    seen = np.zeros((FORM.batch, FORM.places[0]), int)
    found = tiles(FORM, 3, room)
    for tile in found:
        seen[tile.images, tile.rows] += 1
        assert tile.batch * tile.count * 3 <= max(room, 3)
    assert (seen == 1).all()
    sizes = [tile.batch * tile.count for tile in found]
    assert max(sizes) - min(sizes) <= FORM.places[0]


def test_room_is_handed_out_piece_by_piece() -> None:
    room = Room()
    first = room.take(3, 5)
    other = room.beside()
    second, third = room.take(20), other.take(7)
    assert (first.start, second.start, third.start, room.size, other.size) == (0, 16, 16, 48, 32)
    memory = np.arange(48.0)
    assert first.of(memory, 2, 4).tolist() == [[0, 1, 2, 3], [4, 5, 6, 7]]
    assert np.shares_memory(second.of(memory, 20), third.of(memory, 7))


@pytest.mark.parametrize("rows", [slice(0, 5), slice(0, 1), slice(3, 5)])
def test_what_places_reach_over_has_zeros_around_x(rows: slice) -> None:
    x = np.random.default_rng(0).normal(size=(3, 7, 6, 2))
    whole = np.pad(x, ((0, 0), (3, 4), (1, 2), (0, 0)))
    tile = Tile(slice(1, 3), rows)
    spans = FORM.span(0, tile.count), FORM.span(1, FORM.places[1])
    into = np.full((2, *spans, 2), np.nan)
    padded(FORM, tile, x, into)
    first = rows.start * FORM.stride[0]
    assert (into == whole[1:3, first : first + spans[0], : spans[1]]).all()
    view = windows(FORM, into, 1)
    assert view.shape == (2, tile.count, 3, 3, 2, 2)
    for place in np.ndindex(tile.count, 3, 3, 2):
        row, column = place[0] * 2 + place[2], place[1] * 2 + place[3] * 2
        assert (view[(slice(None), *place)] == into[:, row, column]).all()


def test_places_that_meet_nothing_of_x() -> None:
    form = Form(1, 1, 1, 1, (2,), (1,), (3,), (4,), (1,), (5,))
    into = np.full((1, 9, 1), np.nan)
    padded(form, Tile(slice(0, 1), slice(0, 3)), np.ones((1, 2, 1)), into)
    assert into.reshape(-1).tolist() == [0, 0, 0, 0, 0, 1, 1, 0, 0]
    assert not form.is_inside
