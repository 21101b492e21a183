"""Graphs that the real framework wrote, see make_files.py: the same numbers come out, before and after more training."""

from __future__ import annotations

import json
from pathlib import Path

import diptych.static as tf
import numpy as np
import pytest
from diptych import Unsupported
from diptych.events.errors import DamagedData
from diptych.events.text_form import read_text
from diptych.static.serialization.graph_writer import graph_def_of

FILES = Path(__file__).parent / "files"
NUMBERS = json.loads((FILES / "numbers.json").read_text())


def _feeds(name: str) -> dict[str, np.ndarray]:
    return {tensor: np.array(value, dtype) for tensor, (dtype, value) in NUMBERS[name]["feeds"].items()}


def _check(found: list[np.ndarray], wanted: list[object]) -> None:
    for value, want in zip(found, wanted, strict=True):
        np.testing.assert_allclose(value, np.array(want, np.float32), rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("name", NUMBERS)
def test_meta_graphs_are_read_and_trained_on(name):
    notes, prefix = NUMBERS[name], str(FILES / name)
    saver = tf.train.import_meta_graph(f"{prefix}.meta")
    with tf.Session() as session:
        saver.restore(session, prefix)
        _check(session.run(notes["fetches"], _feeds(name)), notes["values"])
        if "trained" in notes:
            session.run("train", _feeds(name))
            _check(session.run(notes["fetches"], _feeds(name)), notes["trained"])


@pytest.mark.parametrize("name", NUMBERS)
def test_graphs_that_were_read_are_written_and_read_again(name, tmp_path):
    notes, prefix = NUMBERS[name], str(FILES / name)
    saver = tf.train.import_meta_graph(f"{prefix}.meta", import_scope="inner")
    with tf.Session() as session:
        saver.restore(session, prefix)
        with tf.Graph().as_default() as graph:
            again = tf.train.Saver
            tf.import_graph_def(graph_def_of(session.graph), name="")
            values = {variable: session.run(f"{variable}:0") for variable in _variables(graph)}
            with tf.Session() as other:
                for variable, value in values.items():
                    assign = graph.get_operation_by_name(f"{variable}/Assign")
                    other.run(assign, {assign.inputs[1]: value})
                fetches = [f"inner/{tensor}" for tensor in notes["fetches"]]
                feeds = {f"inner/{tensor}": value for tensor, value in _feeds(name).items()}
                _check(other.run(fetches, feeds), notes["values"])
                if "trained" in notes:
                    other.run("inner/train", feeds)
                    _check(other.run(fetches, feeds), notes["trained"])
    assert again is tf.train.Saver


def _variables(graph: tf.Graph) -> list[str]:
    return [operation.name for operation in graph.get_operations() if operation.type == "VariableV2"]


def test_variables_and_collections_of_a_meta_graph():
    tf.train.import_meta_graph(str(FILES / "dense.meta"))
    names = ["net/w", "net/b", "net/embedding", "net/second"]
    assert [variable.op.name for variable in tf.trainable_variables()] == names
    assert tf.train.get_global_step().op.name == "global_step" and len(tf.global_variables()) == 15
    assert tf.get_collection("notes") == [b"a note"]
    assert [tensor.name for tensor in tf.get_collection("outputs")] == ["logits:0"]
    assert [operation.name for operation in tf.get_collection("train_op")] == ["train"]


def test_a_saved_model_is_loaded():
    with tf.Session() as session:
        found = tf.saved_model.loader.load(session, [tf.saved_model.tag_constants.SERVING], str(FILES / "model"))
        key = tf.saved_model.signature_constants.DEFAULT_SERVING_SIGNATURE_DEF_KEY
        output = found.signature_def[key].outputs["y"].name
        _check([session.run(output, _feeds("dense"))], NUMBERS["dense"]["values"][1:])


def test_a_frozen_graph_is_run():
    with tf.gfile.GFile(str(FILES / "frozen.pb"), "rb") as file:
        graph_def = tf.GraphDef()
        graph_def.ParseFromString(file.read())
    x, labels, logits = tf.import_graph_def(graph_def, None, ["x:0", "labels:0", "logits:0"], name="frozen")
    feeds = _feeds("dense")
    with tf.Session() as session:
        found = session.run(logits, {x: feeds["x:0"], labels: feeds["labels:0"]})
        _check([found], NUMBERS["dense"]["values"][1:])
    assert all(operation.name.startswith("frozen/") for operation in tf.get_default_graph().get_operations())


def test_a_graph_that_is_text():
    text = (FILES / "loops.pbtxt").read_text()
    with pytest.raises(DamagedData, match='has no field named "experimental_type"'):
        read_text(tf.GraphDef, text, "loops.pbtxt")
    read = read_text(tf.GraphDef, text, "loops.pbtxt", passes_over=True)
    assert read_text(tf.GraphDef, str(read), "again") == read
    assert len(read.node) == text.count("node {") and read.node[0].name == "x"


def test_gradients_of_loops_are_left_out(caplog):
    saver = tf.train.import_meta_graph(str(FILES / "recurrent.meta"))
    assert (
        "nodes are left out: the gradients of loops in graphs that TensorFlow wrote are not supported." in caplog.text
    )
    (train,) = tf.get_collection("train_op")
    assert train.name == "train" and train.type == "LostNode" and train.outputs[0].dtype.name == "int64"
    with tf.Session() as session:
        saver.restore(session, str(FILES / "recurrent"))
        with pytest.raises(Unsupported) as caught:
            session.run("train", _feeds("recurrent"))
        assert caught.value.args[0].startswith(
            "train: the gradients of loops in graphs that TensorFlow wrote are not supported"
        )
        loss = tf.reduce_sum(tf.get_default_graph().get_tensor_by_name("state:0"))
        step = tf.train.GradientDescentOptimizer(0.1).minimize(loss, name="again")
        before = session.run(loss, _feeds("recurrent"))
        session.run(step, _feeds("recurrent"))
        assert session.run(loss, _feeds("recurrent")) < before
