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


def test_files_hold_what_is_parsed() -> None:
    """In the form that TensorFlow reads: keys are inputs, types and shapes attributes."""
    features = {
        "row": tf.FixedLenFeature([2], tf.float32),
        "words": tf.VarLenFeature(tf.string),
        "many": tf.FixedLenSequenceFeature([], tf.int64, allow_missing=True, default_value=7),
    }
    with tf.Graph().as_default() as graph:
        parsed = tf.parse_example(tf.placeholder(tf.string, [None], name="text"), features)
        made = [parsed["row"], parsed["words"].values, parsed["many"]]
        names, definition = [each.name for each in made], graph.as_graph_def()
    (node,) = (node for node in definition.node if node.op == "ParseExample")
    assert list(node.input)[1:4] == [f"{node.name}/{each}" for each in ("names", "sparse_keys_0", "dense_keys_0")]
    assert (node.attr["Nsparse"].i, node.attr["Ndense"].i) == (1, 2)
    assert [[dim.size for dim in each.dim] for each in node.attr["dense_shapes"].list.shape] == [[-1], [2]]
    example = tf.train.Example(features=tf.train.Features(feature={
        "row": tf.train.Feature(float_list=tf.train.FloatList(value=[1, 2])),
        "words": tf.train.Feature(bytes_list=tf.train.BytesList(value=[b"a", b"b"])),
        "many": tf.train.Feature(int64_list=tf.train.Int64List(value=[3])),
    })).SerializeToString()  # fmt: skip
    with tf.Graph().as_default(), tf.Session() as session:
        read = tf.import_graph_def(tf.GraphDef.FromString(definition.SerializeToString()), return_elements=names)
        row, words, many = session.run(read, {"import/text:0": [example]})
        assert [each._dims for each in read] == [(None, 2), (None,), (None, None)]
    assert (row.tolist(), words.tolist(), many.tolist()) == ([[1, 2]], [b"a", b"b"], [[3]])


def test_requests_of_files_that_make_no_sense() -> None:
    with tf.Graph().as_default() as graph:
        tf.parse_example(tf.constant([b""], name="text"), {"row": tf.FixedLenFeature([1], tf.float32, [0.0])}, name="p")
        definition = graph.as_graph_def()
    (node,) = (node for node in definition.node if node.op == "ParseExample")
    del node.attr["dense_shapes"].list.shape[:]
    with tf.Graph().as_default(), pytest.raises(ValueError) as caught:
        tf.import_graph_def(definition)
    words = "ParseExample: keys, types and shapes of dense features must be as many, but are 1, 1, 0"
    assert str(caught.value).splitlines()[0] == words
