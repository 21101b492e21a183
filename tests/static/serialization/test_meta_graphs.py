"""Meta graphs: what is refused and in what words, and parts of graphs."""

from __future__ import annotations

import diptych.static as tf
import numpy as np
import pytest
from diptych.static.serialization.messages import CollectionDef, QueueRunnerDef, SaverDef, VariableDef


def _messages(call, kind=ValueError):
    with pytest.raises(kind) as caught:
        call()
    return str(caught.value)


def test_files_that_are_refused(tmp_path):
    gone, bad = str(tmp_path / "gone.meta"), tmp_path / "bad.meta"
    assert _messages(lambda: tf.train.import_meta_graph(gone), OSError) == f"File {gone} does not exist."
    bad.write_bytes(b"\xff\xfe")
    message = _messages(lambda: tf.train.import_meta_graph(str(bad)), OSError)
    assert (
        message.startswith(f"Cannot parse file {bad}: message, byte 0: a varint is cut; ") and "; as text: " in message
    )
    bad.write_text('graph_def { node { name: "x" op: "NoOp" } }')
    assert tf.train.import_meta_graph(str(bad)) is None
    assert tf.get_default_graph().get_operation_by_name("x").type == "NoOp"


def test_collections_that_are_refused():
    def of(key, **fields):
        message = tf.MetaGraphDef()
        message.collection_def[key].CopyFrom(CollectionDef(**fields))
        return lambda: tf.train.import_meta_graph(message)

    def values(*each):
        made = CollectionDef()
        made.bytes_list.value.extend(each)
        return {"bytes_list": made.bytes_list}

    names = CollectionDef()
    names.node_list.value.append("gone:0")
    whole = CollectionDef()
    whole.int64_list.value.append(3)
    assert _messages(of("variables", int64_list=whole.int64_list)) == (
        "the collection variables is a int64_list but must be a bytes_list"
    )
    assert _messages(of("kept", node_list=names.node_list)).startswith("the collection kept cannot be read: ")
    assert _messages(of("variables", **values(b"\xff"))).startswith("the collection variables is damaged: ")
    assert _messages(of("unbound_inputs", **values(b"$unbound_inputs_x"))) == (
        "Graph contains unbound inputs: $unbound_inputs_x. Must provide these inputs through input_map."
    )


def test_objects_of_messages_that_are_refused():
    v = tf.Variable(1.0, name="v")
    tf.identity(v, "i")
    found = v.to_proto()
    assert _messages(lambda: tf.Variable(3.0, variable_def=found)) == (
        "variable_def and initial_value are mutually exclusive."
    )
    found.variable_name = "i:0"
    assert _messages(lambda: tf.Variable.from_proto(found)) == "i:0 is no variable"
    found = VariableDef(variable_name="v:0", snapshot_name="v/read:0", initializer_name="i")
    assert _messages(lambda: tf.Variable.from_proto(found)) == "i is no initializer of a variable"
    for field in ("save_tensor_name", "restore_op_name", "filename_tensor_name"):
        saver_def = tf.train.Saver().as_saver_def()
        other = SaverDef.FromString(saver_def.SerializeToString())
        other.ClearField(field)
        assert _messages(lambda other=other: tf.train.Saver(saver_def=other)) == f"saver_def must specify the {field}"
    saver_def.version = 0
    assert _messages(lambda: tf.train.Saver(saver_def=saver_def)) == "saver_def's version is 0 but must be 1 or 2"
    queue = tf.FIFOQueue(1, tf.float32)
    assert _messages(lambda: tf.train.QueueRunner(queue, queue_runner_def=QueueRunnerDef())) == (
        "queue_runner_def and queue are mutually exclusive."
    )


def test_a_queue_and_its_runner_are_read():
    queue = tf.FIFOQueue(5, tf.float32, shapes=[[]])
    tf.train.add_queue_runner(tf.train.QueueRunner(queue, [queue.enqueue(2.0)]))
    tf.multiply(queue.dequeue(), 3.0, name="y")
    message = tf.train.export_meta_graph()
    with tf.Graph().as_default():
        tf.train.import_meta_graph(message, import_scope="inner")
        with tf.Session() as session:
            coordinator = tf.train.Coordinator()
            threads = tf.train.start_queue_runners(session, coordinator)
            assert session.run("inner/y:0") == 6.0
            coordinator.request_stop()
            session.run(tf.get_default_graph().get_operation_by_name("inner/fifo_queue_Close_1"))
            coordinator.join(threads)


def test_a_part_of_a_graph(tmp_path):
    x = tf.placeholder(tf.float32, [2], name="x")
    with tf.name_scope("part"):
        v = tf.Variable([1.0, 2.0], name="v")
        y = tf.add(tf.multiply(x, v), 1.0, name="y")
    assert y.name == "part/y:0"
    path = str(tmp_path / "new" / "part.meta")
    made = tf.train.export_meta_graph(path, export_scope="part", clear_devices=True, strip_default_attrs=True)
    assert list(made.collection_def["unbound_inputs"].bytes_list.value) == [b"$unbound_inputs_x"]
    with tf.Graph().as_default():
        given = tf.constant([3.0, 4.0])
        tf.train.import_meta_graph(path, input_map={"$unbound_inputs_x": given})
        with tf.Session() as session:
            session.run(tf.global_variables_initializer())
            np.testing.assert_array_equal(session.run("y:0"), [4.0, 9.0])


def test_what_messages_cannot_hold_is_left_out(caplog):
    tf.add_to_collection("objects", object())
    assert "objects" not in tf.train.export_meta_graph().collection_def
    assert "Issue encountered when serializing objects." in caplog.text


def test_savers_of_others_are_left_out():
    tf.Variable(1.0, name="v")
    first, second = tf.train.Saver(name="first"), tf.train.Saver(name="second")
    assert second is not first
    made = first.export_meta_graph(clear_extraneous_savers=True)
    names = {node.name.split("/")[0] for node in made.graph_def.node}
    assert "first" in names and "second" not in names
