"""Graphs as messages and files: nodes, imports, frozen graphs, meta graphs, saved models, runs in parts."""

from __future__ import annotations

import os
import tempfile
from typing import Any

import numpy as np

from tests.static.programs.notes import Note


def _attributes(operation: Any) -> dict[str, str]:
    """The attributes of a node as text, but for those that say where it is placed."""
    found = operation.node_def.attr
    return {key: str(found[key]) for key in sorted(found) if not key.startswith("_")}


def _plain(member: Any) -> Any:
    return member if isinstance(member, int | float | bytes) else member.name


def nodes(tf: Any, note: Note) -> None:
    x = tf.placeholder(tf.float32, [None, 4, 4, 2], name="x")
    kernel = tf.constant(np.ones((2, 2, 2, 3), np.float32) / 4, name="kernel")
    made = [
        x.op, tf.constant([1, 2], name="numbers").op, tf.constant("text").op, tf.constant(0.5).op, tf.constant([True]).op,
        tf.nn.conv2d(x, kernel, [1, 2, 2, 1], "SAME").op, tf.nn.max_pool(x, [1, 2, 2, 1], [1, 1, 1, 1], "VALID").op,
        tf.matmul([[1.0]], [[2.0]], transpose_b=True).op, tf.reduce_sum(x, [1], keepdims=True).op, tf.cast(x, tf.int32).op,
        tf.concat([x, x], 3).op, x[:, 0].op, tf.split(x, 2, 3)[0].op, tf.stack([x, x], 1).op, tf.one_hot([1], 3).op,
        tf.gather(x, [0]).op, tf.nn.leaky_relu(x, 0.3).op, tf.random_uniform([2], seed=3).op, tf.transpose(x).op,
        tf.placeholder_with_default(1.0, []).op, tf.Variable(2.0, name="v").op, tf.nn.top_k(x, 2)[0].op, tf.no_op(),
        tf.nn.lrn(x, bias=1.5, alpha=0.5).op, tf.fill([2], 1.0).op, tf.argmax(x, 1).op, tf.expand_dims(x, 0).op, tf.squeeze(x[:1], [0]).op,
        tf.identity_n([x, [1]])[0].op, tf.cumsum(x, 1, reverse=True).op, tf.pad(x, [[0, 0]] * 4).op,
    ]  # fmt: skip
    for operation in made:
        if operation.type != "MaxPool":  # which newer versions give one attribute more
            note(operation.name, [operation.type, list(operation.node_def.input), _attributes(operation)])
    v = tf.get_default_graph().get_operation_by_name("v/Assign")
    note("variable", [list(v.node_def.input), _attributes(v)])
    note("text", sorted(str(x.op.node_def).splitlines()))  # newer versions leave the order of attributes open
    for name in ("padding", "strides", "T", "data_format", "none"):
        note(name, lambda name=name: repr(made[5].get_attr(name)))
    with tf.control_dependencies([v]):
        note("waits", list(tf.identity(x).op.node_def.input))
    definition = tf.get_default_graph().as_graph_def(add_shapes=True)
    shapes = {node.name: str(node.attr["_output_shapes"]) for node in definition.node}
    note("shapes", [shapes["x"], shapes["Conv2D"]])
    note("order", [node.name for node in tf.get_default_graph().as_graph_def().node][:6])
    version = tf.get_default_graph().version
    tf.zeros([2], name="later")
    note("later", [node.name for node in tf.get_default_graph().as_graph_def(from_version=version).node])


def imports(tf: Any, note: Note) -> None:
    with tf.Graph().as_default() as graph:
        x = tf.placeholder(tf.float32, [2], name="x")
        y = tf.add(x, tf.constant([1.0, 2.0], name="c"), name="y")
        tf.split(y, 2, name="halves")
    definition = tf.GraphDef.FromString(graph.as_graph_def().SerializeToString())
    x, y, halves = tf.import_graph_def(definition, return_elements=["x:0", "y:0", "halves"])
    note("names", [x.name, y.name, halves.name, halves.type])
    with tf.Session() as session:
        note("values", session.run([y, halves.outputs[1]], {x: [3, 4]}))
        given = tf.constant([5.0, 6.0])
        (other,) = tf.import_graph_def(definition, input_map={"x": given}, return_elements=["y:0"], name="second")
        note("mapped", [other.name, session.run(other)])
        (third,) = tf.import_graph_def(definition, {"c:0": given}, ["halves:1"], name="second")
        note("again", third.name)
        tf.import_graph_def(definition, name="")
        note("root", [session.graph.get_tensor_by_name("y:0").name])
        note("nothing returned", tf.import_graph_def(definition, name="third"))
    for label, call in {
        "no graph": lambda: tf.import_graph_def("x"),
        "unused": lambda: tf.import_graph_def(definition, {"gone:0": given}),
        "no map": lambda: tf.import_graph_def(definition, [1]),
        "no element": lambda: tf.import_graph_def(definition, return_elements=["gone"]),
        "no output": lambda: tf.import_graph_def(definition, return_elements=["y:7"]),
        "no text": lambda: tf.import_graph_def(definition, return_elements=[3]),
        "wrong type": lambda: tf.import_graph_def(definition, {"x": tf.constant([1, 2])}),
    }.items():
        note(label, call)
    for label, node in {
        "no type": {"op": "Foo"},
        "no input": {"op": "Identity", "input": ["gone"]},
        "no number": {"op": "Identity", "input": ["a:3"]},
        "no attribute": {"op": "Placeholder"},
        "too many inputs": {"op": "NoOp", "input": ["a"]},
    }.items():
        damaged = tf.GraphDef()
        first = damaged.node.add(name="a", op="Placeholder")
        first.attr["dtype"].type = 1
        damaged.node.add(name="b", **node)
        note(label, lambda damaged=damaged: tf.import_graph_def(damaged))


def frozen(tf: Any, note: Note) -> None:
    x = tf.placeholder(tf.float32, [None, 2], name="x")
    w = tf.Variable([[1.0, 2.0], [3.0, 4.0]], name="w")
    y = tf.nn.relu(tf.matmul(x, w), name="y")
    tf.train.GradientDescentOptimizer(0.1).minimize(tf.reduce_sum(y))
    with tempfile.TemporaryDirectory() as folder, tf.Session() as session:
        session.run(tf.global_variables_initializer())
        made = tf.graph_util.convert_variables_to_constants(session, session.graph.as_graph_def(), ["y"])
        note("nodes", [[node.name, node.op, list(node.input)] for node in made.node])
        path = tf.train.write_graph(made, folder, "frozen.pb", as_text=False)
        note("path", os.path.relpath(path, folder))
        tf.io.write_graph(session.graph, os.path.join(folder, "new"), "graph.pbtxt")
        note("text", [os.listdir(os.path.join(folder, "new"))])
        kept = tf.graph_util.extract_sub_graph(session.graph.as_graph_def(), ["w/read"])
        note("part", [node.name for node in kept.node])
        less = tf.graph_util.remove_training_nodes(made)
        note("less", [[node.name, list(node.input)] for node in less.node])
        some = tf.graph_util.convert_variables_to_constants(
            session, session.graph_def, ["y"], variable_names_blacklist=["w"]
        )
        note("some", [[node.name, node.op] for node in some.node])
        note("no node", lambda: tf.graph_util.extract_sub_graph(made, ["gone"]))
        note("no list", lambda: tf.graph_util.extract_sub_graph(made, "y"))
        with tf.gfile.FastGFile(path, "rb") as file:
            read = tf.GraphDef()
            read.ParseFromString(file.read())
    with tf.Graph().as_default(), tf.Session() as session:
        (again,) = tf.import_graph_def(read, return_elements=["y:0"])
        note("value", session.run(again, {"import/x:0": [[1.0, -1.0], [2.0, 0.5]]}))


def meta_graphs(tf: Any, note: Note) -> None:
    x = tf.placeholder(tf.float32, [None, 2], name="x")
    with tf.variable_scope("net"):
        w = tf.get_variable("w", [2, 1], initializer=tf.constant_initializer([[1.0], [2.0]]))
    y = tf.identity(tf.matmul(x, w), name="y")
    tf.Variable(3, name="count", trainable=False)
    for value in ("text", b"bytes"):
        tf.add_to_collection("texts", value)
    for name, value in (("numbers", 3), ("parts", 0.5), ("tensors", y), ("tensors", y.op), ("variables too", w)):
        tf.add_to_collection(name, value)
    saver = tf.train.Saver(max_to_keep=2)
    with tempfile.TemporaryDirectory() as folder, tf.Session() as session:
        session.run(tf.global_variables_initializer())
        path = saver.save(session, os.path.join(folder, "m"), global_step=7)
        note("files", sorted(os.listdir(folder)))
        found = saver.export_meta_graph()
        note("collections", sorted(found.collection_def))
        note("kinds", {key: found.collection_def[key].WhichOneof("kind") for key in sorted(found.collection_def)})
        note(
            "saver",
            [found.saver_def.filename_tensor_name, found.saver_def.restore_op_name, found.saver_def.max_to_keep],
        )
        note("tensors", list(found.collection_def["tensors"].node_list.value))
        with tf.Graph().as_default():
            loaded = tf.train.import_meta_graph(f"{path}.meta", clear_devices=True)
            with tf.Session() as other:
                loaded.restore(other, path)
                note("value", other.run("y:0", {"x:0": [[1.0, 10.0]]}))
            note("trainable", [variable.name for variable in tf.trainable_variables()])
            note("all", [variable.name for variable in tf.global_variables()])
            for name in ("texts", "numbers", "parts", "variables too"):
                note(name, [_plain(each) for each in tf.get_collection(name)])
            note("elements", [each.name for each in tf.get_collection("tensors")])
            scoped = tf.train.import_meta_graph(f"{path}.meta", import_scope="inner")
            with tf.Session() as other:
                scoped.restore(other, path)
                note("in a scope", other.run("inner/y:0", {"inner/x:0": [[1.0, 10.0]]}))
            note("no file", lambda: tf.train.import_meta_graph(os.path.join(folder, "gone")))
            part = tf.train.export_meta_graph(export_scope="inner/net")
            note("part", sorted(node.name for node in part.graph_def.node))
        note("without variables", lambda: tf.train.import_meta_graph(tf.MetaGraphDef()))


def saved_models(tf: Any, note: Note) -> None:
    x = tf.placeholder(tf.float32, [None], name="x")
    v = tf.Variable(2.0, name="v")
    y = tf.multiply(x, v, name="y")
    with tempfile.TemporaryDirectory() as folder, tf.Session() as session:
        session.run(tf.global_variables_initializer())
        path = os.path.join(folder, "model")
        tf.saved_model.simple_save(session, path, {"x": x}, {"y": y})
        note(
            "files",
            sorted(os.path.relpath(os.path.join(at, name), folder) for at, _, names in os.walk(path) for name in names),
        )
        note("there", [tf.saved_model.loader.maybe_saved_model_directory(each) for each in (path, folder)])
        utilities = tf.saved_model.signature_def_utils
        signature = utilities.build_signature_def(
            {"in": tf.saved_model.utils.build_tensor_info(x)}, {"out": tf.saved_model.utils.build_tensor_info(y)},
            tf.saved_model.signature_constants.PREDICT_METHOD_NAME,
        )  # fmt: skip
        note("signature", str(signature))
        note(
            "valid",
            [utilities.is_valid_signature(signature), utilities.is_valid_signature(utilities.build_signature_def())],
        )
        builder = tf.saved_model.builder.SavedModelBuilder(os.path.join(folder, "built"))
        note("no variables yet", lambda: builder.add_meta_graph(["a"]))
        initial = tf.assign(v, 5.0).op
        builder.add_meta_graph_and_variables(session, ["train", "gpu"], {"s": signature}, main_op=initial)
        builder.add_meta_graph([tf.saved_model.tag_constants.SERVING])
        note("twice", lambda: builder.add_meta_graph_and_variables(session, ["a"]))
        builder.save(as_text=True)
        note("not empty", lambda: tf.saved_model.builder.SavedModelBuilder(path))
        note("no operation", lambda: builder.add_meta_graph(["b"], main_op=3))
        for where, tags in (("model", ["serve"]), ("built", ["gpu", "train"]), ("built", ["serve"])):
            with tf.Graph().as_default(), tf.Session() as other:
                found = tf.saved_model.load(other, tags, os.path.join(folder, where))
                note(f"{where} {tags}", [other.run("y:0", {"x:0": [1.0, 3.0]}), sorted(found.signature_def)])
        note("no tags", lambda: tf.saved_model.load(session, ["gone"], path))
        note("no model", lambda: tf.saved_model.load(session, ["serve"], folder))
    for label, call in {
        "no inputs": lambda: utilities.predict_signature_def({}, {"y": y}),
        "no text": lambda: utilities.regression_signature_def(x, y),
        "no classes": lambda: utilities.classification_signature_def(x, None, None),
    }.items():
        note(label, call)


def parts(tf: Any, note: Note) -> None:
    a, b, c = (tf.placeholder(tf.float32, [], name=name) for name in "abc")
    first = a + b
    second = first * c
    with tf.Session() as session:
        handle = session.partial_run_setup([first, second], [a, b, c])
        found = session.partial_run(handle, first, feed_dict={a: 1, b: 2})
        note("first", found)
        note("second", session.partial_run(handle, second, feed_dict={c: found * 17}))
        note("again", lambda: session.partial_run(handle, second, feed_dict={c: 3}))
        handle = session.partial_run_setup([first, second], [a, b, c])
        note("too early", lambda: session.partial_run(handle, second, feed_dict={a: 1}))
        handle = session.partial_run_setup([first.op], [a, b])
        note("not set up", lambda: session.partial_run(handle, second, feed_dict={a: 1, b: 2}))


def supervised(tf: Any, note: Note) -> None:
    x = tf.placeholder(tf.float32, [], name="x")
    v = tf.Variable(1.0, name="v")
    step = tf.train.get_or_create_global_step()
    train = tf.train.GradientDescentOptimizer(0.5).minimize((v - x) ** 2 / 2, step)
    tf.summary.scalar("value", v)
    with tempfile.TemporaryDirectory() as folder:
        supervisor = tf.train.Supervisor(logdir=folder, save_model_secs=0, save_summaries_secs=0)
        note("finalized", tf.get_default_graph().finalized)
        with supervisor.managed_session() as session:
            while not supervisor.should_stop():
                _, count = session.run([train, supervisor.global_step], {x: 3.0})
                if count >= 3:
                    supervisor.saver.save(session, supervisor.save_path, global_step=step)
                    supervisor.request_stop()
        note("files", sorted(name for name in os.listdir(folder) if not name.startswith("events")))
        again = tf.train.Supervisor(logdir=folder, save_model_secs=0, save_summaries_secs=0)
        with again.managed_session() as session:
            note("restored", [session.run(v), session.run(step)])

        def failing() -> None:
            with tf.train.Supervisor(logdir=folder, save_model_secs=0, save_summaries_secs=0).managed_session():
                raise KeyError("inside")

        note("an error inside", failing)
        with tf.train.Supervisor(summary_op=None).managed_session():
            raise tf.errors.OutOfRangeError(None, None, "the end")
    note("an end", "reached")


PROGRAMS = [nodes, imports, frozen, meta_graphs, saved_models, parts, supervised]
