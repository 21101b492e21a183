"""Example messages that are damaged, and what parsing them says."""

from __future__ import annotations

import collections

import diptych.static as tf
import pytest

from .fuzz import damaged, outcome


def test_damaged_messages_are_parsed_or_refused() -> None:
    found = collections.Counter(outcome(each) for each in damaged(1, 600))
    assert len(found) == 2 and min(found.values()) > 30


def test_a_part_of_a_block_is_refused() -> None:
    tf.reset_default_graph()
    feature = tf.train.Feature(int64_list=tf.train.Int64List(value=[1, 2, 3]))
    message = tf.train.Example(features=tf.train.Features(feature={"q": feature})).SerializeToString()
    parsed = tf.parse_example([message], {"q": tf.FixedLenSequenceFeature([2], tf.int64, allow_missing=True)})
    with pytest.raises(tf.errors.InvalidArgumentError) as caught:
        tf.Session().run(parsed)
    assert caught.value.message.splitlines()[0] == (
        "Name: <unknown>, Key: q, Index: 0.  Number of int64 values is not a multiple of stride length. Saw 3 values "
        "but output shape is: [?,2]"
    )
