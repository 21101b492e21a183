"""Parts of graph messages, beside what programs/graph_files.py holds."""

from __future__ import annotations

import diptych.static as tf
import pytest


def test_refusals():
    graph_def = tf.GraphDef()
    for call, kind, message in (
        (
            lambda: tf.graph_util.extract_sub_graph("x", ["a"]),
            TypeError,
            "graph_def must be a graph_pb2.GraphDef proto.",
        ),
        (lambda: tf.graph_util.extract_sub_graph(graph_def, "a"), TypeError, "dest_nodes must be a list."),
        (lambda: tf.graph_util.extract_sub_graph(graph_def, ["a"]), AssertionError, "a is not in graph"),
    ):
        with pytest.raises(kind) as caught:
            call()
        assert str(caught.value) == message
    for name, source in (("a", "b"), ("b", "a")):
        graph_def.node.add(name=name, op="Identity", input=[source])
    graph_def.node.add(name="c", op="Neg", input=["a"])
    with pytest.raises(ValueError, match="^remove_training_nodes: the node a takes itself$"):
        tf.graph_util.remove_training_nodes(graph_def)


def test_variables_in_conditions_are_frozen():
    v = tf.Variable([1.0, 2.0], name="v")
    flag = tf.placeholder(tf.bool, [], "flag")
    tf.identity(tf.cond(flag, lambda: v * 2, lambda: v + 1), "y")
    with tf.Session() as session:
        session.run(v.initializer)
        frozen = tf.graph_util.convert_variables_to_constants(session, session.graph_def, ["y"])
    assert not {"VariableV2", "RefSwitch", "Assign"} & {node.op for node in frozen.node}
    with tf.Graph().as_default(), tf.Session() as session:
        tf.import_graph_def(frozen, name="")
        assert session.run("y:0", {"flag:0": True}).tolist() == [2.0, 4.0]
        assert session.run("y:0", {"flag:0": False}).tolist() == [2.0, 3.0]


def test_what_runs_on_the_host_alone():
    text, number = tf.constant("a").op, tf.constant(1.5).op
    v = tf.Variable(1.0, name="v")
    must = tf.graph_util.must_run_on_cpu
    assert [must(text), must(number), must(v.op), must(v.op, True)] == [True, False, False, True]
    graph = tf.get_default_graph()
    assert tf.graph_util.tensor_shape_from_node_def_name(graph, "v").as_list() == []
