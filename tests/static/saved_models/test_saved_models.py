"""Saved models, beside what programs/graph_files.py holds: words of refusals, files beside graphs."""

from __future__ import annotations

import diptych.static as tf
import pytest
from diptych.static.serialization.messages import SavedModel, TensorInfo

utilities = tf.saved_model.signature_def_utils


def _message(call, kind):
    with pytest.raises(kind) as caught:
        call()
    return caught.value.args[0]


def test_what_a_builder_refuses(tmp_path):
    x = tf.constant([1.0], name="x")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").touch()
    assert _message(lambda: tf.saved_model.Builder(tmp_path / "full"), AssertionError) == (
        f"Export directory {tmp_path}/full already exists, and isn't empty. Please choose a different export directory, "
        "or delete all the contents of the specified directory: ['file']"
    )
    builder = tf.saved_model.Builder(str(tmp_path / "new"))
    assert _message(lambda: builder.add_meta_graph(["a"]), AssertionError) == (
        "Graph state including variables and assets has not been saved yet. Please invoke "
        "`add_meta_graph_and_variables()` first."
    )
    info = tf.saved_model.build_tensor_info(x)
    with tf.Session() as session:

        def add(**options):
            return lambda: builder.add_meta_graph_and_variables(session, ["a"], **options)

        nameless = utilities.build_signature_def({"x": TensorInfo(dtype=1)})
        assert _message(add(signature_def_map={"s": nameless}), AssertionError) == (
            "All TensorInfo protos used in the SignatureDefs must have one of the 'encoding' fields (e.g., name or "
            "coo_sparse) set: dtype: DT_FLOAT\n"
        )
        typeless = utilities.build_signature_def({"x": TensorInfo(name="x:0")})
        assert _message(add(signature_def_map={"s": typeless}), AssertionError) == (
            'All TensorInfo protos used in the SignatureDefs must have the dtype field set: name: "x:0"\n'
        )
        kept = {"__saved_model_init_op": utilities.build_signature_def({"x": info})}
        assert _message(add(signature_def_map=kept), KeyError) == (
            'SignatureDef map key "__saved_model_init_op" is reserved for initialization. Please use a different key.'
        )
        assert _message(add(main_op=x), TypeError) == f"main_op needs to be an Operation: {x!r}"
        for asset, kind, message in (
            ("x", TypeError, "Asset path tensor must be a Tensor."),
            (x + 1, TypeError, "Asset path tensor must be of type constant."),
            (x, TypeError, "Asset path tensor must be of dtype string."),
            (tf.constant(["a", "b"]), TypeError, "Asset path tensor must be a scalar."),
            (tf.constant("", name="empty"), ValueError,
             'Invalid asset filepath tensor Tensor("empty:0", shape=(), dtype=string)'),
        ):  # fmt: skip
            assert _message(add(assets_collection=[asset]), kind) == message
        add()()
        assert _message(add(), AssertionError) == (
            "Graph state including variables and assets has already been saved. Please invoke `add_meta_graph()` instead."
        )


def test_what_signatures_refuse():
    x, text = tf.constant([1.0]), tf.constant(["a"])
    for call, message in (
        (lambda: utilities.predict_signature_def({}, {"y": x}), "Prediction inputs cannot be None or empty."),
        (lambda: utilities.predict_signature_def({"x": x}, None), "Prediction outputs cannot be None or empty."),
        (lambda: utilities.regression_signature_def(None, x), "Regression examples cannot be None."),
        (lambda: utilities.regression_signature_def("x", x), "Regression examples must be a string Tensor."),
        (lambda: utilities.regression_signature_def(x, x), "Regression examples must be a string Tensor."),
        (lambda: utilities.regression_signature_def(text, None), "Regression predictions cannot be None."),
        (lambda: utilities.regression_signature_def(text, text), "Regression output must be a float Tensor."),
        (lambda: utilities.classification_signature_def(text, None, None),
         "Classification classes and scores cannot both be None."),
        (lambda: utilities.classification_signature_def(text, x, None), "Classification classes must be a string Tensor."),
        (lambda: utilities.classification_signature_def(text, None, text),
         "Classification scores must be a float Tensor."),
        (lambda: tf.saved_model.get_tensor_from_tensor_info(TensorInfo()), "Invalid TensorInfo.encoding: None"),
    ):  # fmt: skip
        assert _message(call, ValueError) == message
    for signature, is_valid in (
        (utilities.regression_signature_def(text, x), True),
        (utilities.classification_signature_def(text, text, x), True),
        (utilities.predict_signature_def({"x": x}, {"y": x}), True),
        (utilities.build_signature_def({}, {}, "tensorflow/serving/predict"), False),
        (utilities.build_signature_def({}, {}, "other"), False),
        (None, False),
    ):
        assert utilities.is_valid_signature(signature) is is_valid


def test_sparse_tensors_in_signatures():
    sparse = tf.SparseTensor([[0, 1]], [1.5], [2, 2])
    info = tf.saved_model.build_tensor_info(sparse)
    found = tf.saved_model.get_tensor_from_tensor_info(info)
    assert found.values is sparse.values and found.indices is sparse.indices and info.coo_sparse.values_tensor_name


def test_files_beside_a_graph(tmp_path):
    source = tmp_path / "words.txt"
    source.write_text("some words")
    path = tf.constant(str(source), name="path")
    tf.add_to_collection(tf.GraphKeys.ASSET_FILEPATHS, path)
    content = tf.read_file(path, name="content")
    saved = tf.Variable("", name="saved")
    with tf.Session() as session:
        session.run(saved.initializer)
        tf.saved_model.simple_save(
            session, str(tmp_path / "model"), {"x": path}, {"y": content}, tf.assign(saved, content).op
        )
    source.unlink()
    assert (tmp_path / "model" / "assets" / "words.txt").read_text() == "some words"
    with tf.Graph().as_default(), tf.Session() as session:
        tf.saved_model.load(session, ["serve"], tmp_path / "model")
        assert session.run("saved:0") == b"some words"  # by the operation that is run when the model is loaded


def test_models_that_are_refused(tmp_path):
    tf.constant(1.0, name="x")
    with tf.Session() as session:
        assert _message(lambda: tf.saved_model.load(session, ["a"], str(tmp_path)), OSError) == (
            f"SavedModel file does not exist at: {tmp_path}/{{saved_model.pbtxt|saved_model.pb}}"
        )
        path = tmp_path / "saved_model.pb"
        path.write_bytes(b"\xff\xff")
        assert _message(lambda: tf.saved_model.load(session, ["a"], str(tmp_path)), OSError).startswith(
            "Cannot parse file "
        )
        model = SavedModel(saved_model_schema_version=1)
        message = tf.train.export_meta_graph()
        message.meta_info_def.tags = ["serve"]
        model.meta_graphs.append(message)
        path.write_bytes(model.SerializeToString())
        assert _message(lambda: tf.saved_model.load(session, ["a", "b"], str(tmp_path)), RuntimeError) == (
            "MetaGraphDef associated with tags 'a', 'b' could not be found in SavedModel. To inspect available tag-sets in "
            "the SavedModel, please use the SavedModel CLI: `saved_model_cli`\navailable_tags: [{'serve'}]"
        )
        message = model.meta_graphs[0]
        message.collection_def["saved_model_main_op"].node_list.value.extend(["x:0", "x:0"])
        path.write_bytes(model.SerializeToString())
        assert _message(lambda: tf.saved_model.load(session, ["serve"], str(tmp_path)), RuntimeError) == (
            "Expected exactly one SavedModel init op. Found: ['x:0', 'x:0']"
        )
        del message.collection_def["saved_model_main_op"]
        message.collection_def["saved_model_main_op"].node_list.value.append("x:0")
        message.asset_file_def.add(filename="../secret").tensor_info.name = "x:0"
        path.write_bytes(model.SerializeToString())
        assert _message(lambda: tf.saved_model.load(session, ["serve"], str(tmp_path)), ValueError) == (
            "an asset of the SavedModel is '../secret' but must be the name of a file in its folder"
        )


def test_what_runs_at_loading():
    v = tf.Variable(1.0)
    both = tf.saved_model.main_op.main_op_with_restore(tf.assign(v, 3.0).op)
    with tf.Session() as session:
        session.run(both)
        assert session.run(v) == 3.0
        session.run(tf.saved_model.main_op.main_op())
        assert session.run(v) == 1.0
