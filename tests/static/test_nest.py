"""Nests of things, and composites in them: things made of several tensors."""

import collections

import diptych.static as tf
import numpy as np
import pytest
from diptych.static.graphs import nest

PairValue = collections.namedtuple("PairValue", "first second")


class Pair:
    """A composite of two tensors."""

    def __init__(self, first, second):
        self.first, self.second = first, second

    def _components(self):
        return [self.first, self.second]

    def _rebuilt(self, items):
        return (Pair if isinstance(items[0], tf.Tensor) else PairValue)(*items)


@pytest.fixture
def session():
    return tf.Session()


def test_a_composite_is_a_leaf_unless_it_is_expanded():
    a, b, c = (tf.constant(number) for number in range(3))
    pair = Pair(a, b)
    structure = {"y": [pair, c], "x": (c,)}
    assert nest.flatten(structure) == [c, pair, c]
    assert nest.flatten(structure, expand_composites=True) == [c, a, b, c]
    assert nest.flatten(pair) == [pair] and nest.flatten(pair, expand_composites=True) == [a, b]
    other = nest.pack_as(structure, iter([a, b, c, a]), expand_composites=True)
    assert other["x"] == (a,) and other["y"][1] is a
    assert isinstance(other["y"][0], Pair) and other["y"][0]._components() == [b, c]
    assert nest.pack_as(structure, iter([1, 2, 3])) == {"y": [2, 3], "x": (1,)}
    assert not nest.is_composite(a) and nest.is_composite(pair)


def test_composites_are_fetched_as_their_values(session):
    pair = Pair(tf.constant([1, 2]), tf.constant(3.0))
    found = session.run(pair)
    assert type(found) is PairValue and found.first.tolist() == [1, 2] and found.second == 3.0
    found = session.run([pair, tf.no_op(), {"again": pair}])
    assert type(found[0]) is PairValue and found[1] is None and type(found[2]["again"]) is PairValue
    assert type(session.run((pair,))) is tuple


def test_composites_are_fed_as_sequences(session):
    pair = Pair(tf.placeholder(tf.float32, [None]), tf.placeholder(tf.int32, []))
    total = tf.reduce_sum(pair.first) * tf.cast(pair.second, tf.float32)
    assert session.run(total, {pair: ([1.0, 2.0], 2)}) == 6
    assert session.run(total, {pair: PairValue(np.array([1.0]), 3)}) == 3
    assert session.run(total, {(pair,): (PairValue(np.array([1.0]), 4),)}) == 4
    with pytest.raises(ValueError, match=r"has 1 parts but must have 2$"):
        session.run(total, {pair: [1.0]})
    with pytest.raises(ValueError, match="Cannot flatten dict because this key is not unique"):
        session.run(total, {pair: [[1.0], 2], pair.second: 3})


def test_what_a_composite_lacks_is_not_fed(session):
    class Lone(Pair):
        def _components(self):
            return [self.first]

    lone = Lone(tf.placeholder(tf.float32, []), None)
    assert session.run(lone.first * 2, {lone: PairValue(2.0, None)}) == 4
