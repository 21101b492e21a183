"""tf.summary.FileWriter, beside what programs/summaries.py holds."""

import diptych.static as tf
import numpy as np
import pytest
from diptych import Unsupported
from diptych.events import GraphDef, read


def test_the_graph_is_written(tmp_path):
    a = tf.constant(1.0, name="a")
    with tf.control_dependencies([tf.no_op("first")]):
        tf.add(a, 2.0, name="b")
    writer = tf.summary.FileWriter(str(tmp_path), tf.get_default_graph(), filename_suffix=".end")
    writer.close()
    writer.reopen()
    writer.close()
    path, _ = sorted(tmp_path.iterdir())
    assert path.name.endswith(".end")
    graph = next(event for event in read(path) if event.WhichOneof("what") == "graph_def")
    nodes = {node.name: node for node in GraphDef.FromString(graph.graph_def).node}
    assert nodes["b"].op == "Add" and list(nodes["b"].input) == ["a", "b/y"] and nodes["a"].op == "Const"
    assert list(nodes["b/y"].input) == ["^first"]


def test_writers_are_shared(tmp_path):
    writer = tf.summary.FileWriterCache.get(str(tmp_path))
    assert tf.summary.FileWriterCache.get(str(tmp_path)) is writer
    tf.summary.FileWriterCache.clear()
    other = tf.summary.FileWriterCache.get(str(tmp_path))
    assert other is not writer
    tf.summary.FileWriterCache.clear()


def test_what_is_not_written(tmp_path):
    with pytest.raises(Unsupported, match=r"^tf\.summary\.FileWriter with a session is not supported"):
        tf.summary.FileWriter(str(tmp_path), session=tf.Session())
    with tf.summary.FileWriter(str(tmp_path)) as writer:
        with pytest.raises(
            TypeError, match=r"^meta_graph_def must be type MetaGraphDef, saw type: <class 'NoneType'>$"
        ):
            writer.add_meta_graph(None)
        with pytest.raises(ValueError, match=r"^Please pass only graph, or graph_def \(deprecated\), but not both\.$"):
            writer.add_graph(tf.get_default_graph(), graph_def=tf.GraphDef())
        with pytest.raises(TypeError, match="^The passed graph must be an instance of `Graph` or the deprecated"):
            writer.add_graph("graph")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: tf.summary.scalar("s", [1.0, 2.0]), "tags and values not the same shape: [] != [2] (tag 's')"),
        (lambda: tf.summary.histogram("h", [np.nan]), "Nan in summary histogram for: h"),
        (lambda: tf.summary.histogram("h", [np.inf]), "Infinity in summary histogram for: h"),
        (
            lambda: tf.summary.image("i", np.ones((2, 2), np.float32)),
            "Tensor must be 4-D with last dim 1, 3, or 4, not [2,2]",
        ),
        (lambda: tf.summary.audio("a", np.ones(2, np.float32), 8), "Tensor must be 3-D or 2-D, got: [2]"),
        (lambda: tf.summary.merge([tf.constant(b"\xff")]), "Could not parse one of the summary inputs"),
        (lambda: tf.summary.merge([tf.summary.scalar("s", 1.0)] * 2), "Duplicate tag s found in summary inputs"),
    ],
)
def test_what_runs_refuse(make, message):
    with tf.Session() as session:
        with pytest.raises(tf.errors.InvalidArgumentError) as caught:
            session.run(make())
    assert caught.value.message == message


def test_text_is_of_strings():
    with pytest.raises(ValueError, match=r"^Expected tensor Const:0 to have dtype string, got <dtype: 'float32'>$"):
        tf.summary.text("t", tf.constant(1.0))


def test_odd_names_are_told(caplog):
    caplog.set_level("INFO", "tensorflow")
    assert tf.summary.scalar("/a b", 1.0).op.name == "a_b"
    assert "Summary name /a b is illegal; using a_b instead." in caplog.text
