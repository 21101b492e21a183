"""tf.keras models: what they refuse, in which words, files of weights, and what they print."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import diptych.static as tf
import numpy as np
import pytest

KERAS = tf.keras
X, Y = np.ones((4, 3), np.float32), np.ones((4, 2), np.float32)


def model(*, compiled: bool = True, loss: Any = "mse") -> Any:
    tf.reset_default_graph()
    made = KERAS.Sequential([KERAS.layers.Dense(2, input_shape=(3,), kernel_initializer="ones")])
    if compiled:
        made.compile("sgd", loss)
    return made


@pytest.mark.parametrize(
    ("wrong", "kind", "words"),
    [
        (lambda m: model(compiled=False).fit(X, Y), RuntimeError,
         "You must compile your model before training/testing. Use `model.compile(optimizer, loss)`."),
        (lambda m: m.add(3), TypeError, "The added layer must be an instance of class Layer. Found: 3"),
        (lambda m: KERAS.Sequential().pop(), TypeError, "There are no layers in the model."),
        (lambda m: m.get_layer("z"), ValueError, "No such layer: z"),
        (lambda m: m.get_layer(index=3), ValueError,
         "Was asked to retrieve layer at index 3 but model only has 1 layers."),
        (lambda m: m.get_layer(), ValueError, "Provide either a layer name or layer index."),
        (lambda m: m.compile("wrong", "mse"), ValueError, "Could not interpret optimizer identifier: wrong"),
        (lambda m: m.compile("sgd", "wrong"), ValueError, "Unknown loss function:wrong"),
        (lambda m: KERAS.metrics.get("wrong"), ValueError, "Unknown metric function:wrong"),
        (lambda m: KERAS.losses.Huber(reduction="wrong"), ValueError, "Invalid Reduction Key wrong."),
        (lambda m: KERAS.optimizers.SGD(colour=1), TypeError,
         "Unexpected keyword argument passed to optimizer: colour"),
        (lambda m: m.fit(X, Y[:3], verbose=0), ValueError,
         "Input arrays should have the same number of samples as target arrays. Found 4 input samples and 3 target "
         "samples."),
        (lambda m: m.fit(X[:, :2], Y, verbose=0), ValueError,
         "Error when checking input: expected dense_input to have shape (3,) but got array with shape (2,)"),
        (lambda m: m.fit(X[:, :, None], Y, verbose=0), ValueError,
         "Error when checking input: expected dense_input to have 2 dimensions, but got array with shape (4, 3, 1)"),
        (lambda m: m.fit({"z": X}, Y, verbose=0), ValueError,
         "No data provided for \"dense_input\". Need data for each key in: ['dense_input']"),
        (lambda m: m.fit(X, Y[:, :1], verbose=0), ValueError,
         "A target array with shape (4, 1) was passed for an output of shape (None, 2) while using as loss "
         "`mean_squared_error`. This loss expects targets to have the same shape as the output."),
        (lambda m: m.fit_generator(iter([]), verbose=0), ValueError,
         "`steps_per_epoch=None` is only valid for a generator based on the `keras.utils.Sequence` class. Please specify "
         "`steps_per_epoch` or use the `keras.utils.Sequence` class."),
        (lambda m: m.fit_generator(iter([3]), 1, verbose=0), ValueError,
         "Output of generator should be a tuple `(x, y, sample_weight)` or `(x, y)`. Found: 3"),
        (lambda m: m.compile("sgd", {"z": "mse"}) or m.fit(X, Y, verbose=0), ValueError,
         "Unknown entries in loss dictionary: ['z']. Only expected following keys: ['dense']"),
        (lambda m: m.compile("sgd", ["mse", "mse"]) or m.fit(X, Y, verbose=0), ValueError,
         "When passing a list as loss, it should have one entry per model outputs. The model has 1 outputs, but you "
         "passed loss=['mse', 'mse']"),
        (lambda m: KERAS.callbacks.ReduceLROnPlateau(factor=1.0), ValueError,
         "ReduceLROnPlateau does not support a factor >= 1.0."),
        (lambda m: m.fit(X, Y, verbose=0, callbacks=[KERAS.callbacks.LearningRateScheduler(lambda epoch: 1)]),
         ValueError, 'The output of the "schedule" function should be float.'),
        (lambda m: KERAS.backend.set_floatx("int8"), ValueError, "Unknown floatx type: int8"),
        (lambda m: KERAS.backend.set_image_data_format("wrong"), ValueError, "Unknown data_format: wrong"),
        (lambda m: KERAS.backend.set_learning_phase(2), ValueError, "Expected learning phase to be 0 or 1."),
        (lambda m: KERAS.Model().call(X), NotImplementedError,
         "When subclassing the `Model` class, you should implement a `call` method."),
        (lambda m: KERAS.losses.Loss().call(X, X), NotImplementedError, "Must be implemented in subclasses."),
        (lambda m: KERAS.backend.categorical_crossentropy(X, X, axis=0), ValueError,
         "tf.keras.backend: axis is 0 but must be the last one"),
        (lambda m: KERAS.preprocessing.sequence.pad_sequences([[1]], padding="wrong"), ValueError,
         'Padding type "wrong" not understood'),
    ],
)  # fmt: skip
def test_what_is_refused(wrong: Callable[[Any], Any], kind: type[Exception], words: str) -> None:
    with pytest.raises(kind) as caught:
        wrong(model())
    assert str(caught.value) == words


def test_classes_in_place_of_indicators_are_refused() -> None:
    made = model(loss="categorical_crossentropy")
    with pytest.raises(ValueError, match=r"^You are passing a target array of shape \(4, 1\) while using as loss `cat"):
        made.fit(X, np.ones(4), verbose=0)


@pytest.mark.parametrize(
    ("wrong", "words", "hint"),
    [
        (lambda m: m.save("m.h5"), "tf.keras.Model.save: models are not written to files",
         "model.save_weights(path), which writes a checkpoint of TensorFlow's"),
        (lambda m: m.save_weights("m.h5"), "tf.keras.Model.save_weights: HDF5 files are not supported",
         "a path that does not end in .h5, for a checkpoint of TensorFlow's"),
        (lambda m: m.load_weights("m.h5"), "tf.keras.Model.load_weights: HDF5 files are not supported",
         "a path that does not end in .h5, for a checkpoint of TensorFlow's"),
        (lambda m: KERAS.callbacks.ModelCheckpoint("m"),
         "tf.keras.callbacks.ModelCheckpoint: save_weights_only is False but must be True",
         "save_weights_only=True, for checkpoints of TensorFlow's"),
        (lambda m: KERAS.callbacks.TensorBoard("m", histogram_freq=1),
         "tf.keras.callbacks.TensorBoard: histogram_freq is 1 but must be 0",
         "tf.summary.histogram and tf.summary.FileWriter"),
        (lambda m: m.compile("sgd", "mse", weighted_metrics=["mse"]),
         "Model.compile: weighted_metrics is ['mse'] but must be None", "metrics"),
        (lambda m: m.fit(X, Y, validation_freq=2), "Model.fit: validation_freq is 2 but must be 1", "a callback"),
        (lambda m: m.fit(tf.zeros([4, 3], name="z"), Y),
         'tf.keras.Model: x is Tensor("z:0", shape=(4, 3), dtype=float32) but must be an array',
         "arrays, a generator or a tf.data.Dataset"),
        (lambda m: KERAS.utils.get_file("f", "http://localhost/f", extract=True),
         "tf.keras.utils.get_file: extract is True but must be False",
         "tarfile.open(path).extractall(folder, filter='data')"),
    ],
)  # fmt: skip
def test_what_is_not_supported(wrong: Callable[[Any], Any], words: str, hint: str) -> None:
    with pytest.raises(NotImplementedError) as caught:
        wrong(model())
    lines = str(caught.value).splitlines()
    assert (lines[0], lines[-1]) == (words, f"  try: {hint}")


def test_a_file_that_is_there_is_not_fetched(tmp_path: Path) -> None:
    (tmp_path / "datasets").mkdir()
    (tmp_path / "datasets" / "f.txt").write_text("here")
    found = KERAS.utils.get_file("f.txt", "http://localhost/f.txt", cache_dir=str(tmp_path))
    assert Path(found).read_text() == "here"


def test_weights_go_to_a_checkpoint_and_come_back(tmp_path: Path) -> None:
    made = model()
    made.save_weights(str(tmp_path / "w"))
    made.set_weights([np.zeros((3, 2)), np.ones(2)])
    made.load_weights(str(tmp_path / "w"))
    np.testing.assert_array_equal(made.predict(X[:1]), [[3.0, 3.0]])


def test_a_training_is_told_to_the_user(capsys: pytest.CaptureFixture[str]) -> None:
    model().fit(X, Y, epochs=1, validation_split=0.5)
    lines = capsys.readouterr().out.replace("\r", "\n").splitlines()
    assert lines[0] == "Train on 2 samples, validate on 2 samples"
    assert lines[1] == "Epoch 1/1"
    timeless = re.sub(r" \d+s ", " 0s ", lines[-1])  # a first run also compiles
    assert timeless == "2/2 [==============================] - 0s - loss: 4.0000 - val_loss: 3.6864"


def test_losses_and_metrics_go_to_event_files(tmp_path: Path) -> None:
    model().fit(X, Y, epochs=2, verbose=0, callbacks=[KERAS.callbacks.TensorBoard(str(tmp_path), update_freq=4)])
    (path,) = tmp_path.iterdir()
    found = [(value.tag, event.step) for event in tf.train.summary_iterator(str(path)) for value in event.summary.value]
    assert found == [("batch_loss", 0), ("epoch_loss", 4), ("batch_loss", 1), ("epoch_loss", 8)]


@pytest.mark.parametrize(("frequency", "period", "wanted"), [("epoch", 1, 3), ("epoch", 2, 1), (2, 1, 6)])
def test_how_often_weights_are_saved(tmp_path: Path, frequency: Any, period: int, wanted: int) -> None:
    saved: list[str] = []
    made = model()
    made.save_weights = saved.append
    callback = KERAS.callbacks.ModelCheckpoint("w", save_weights_only=True, save_freq=frequency, period=period)
    made.fit(X, Y, batch_size=2, epochs=3, verbose=0, callbacks=[callback])
    assert len(saved) == wanted


def test_a_plateau_is_said_aloud(capsys: pytest.CaptureFixture[str]) -> None:
    slower = KERAS.callbacks.ReduceLROnPlateau("loss", 0.5, patience=1, min_delta=100.0, verbose=1)
    model().fit(X, Y, epochs=2, verbose=0, callbacks=[slower])
    assert (
        capsys.readouterr().out == "\nEpoch 00002: ReduceLROnPlateau reducing learning rate to 0.004999999888241291.\n"
    )


def test_weights_of_the_best_epoch_come_back() -> None:
    made = model()
    worse = KERAS.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: logs.update(loss=float(epoch)))
    kept: list[Any] = []
    keeping = KERAS.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: kept.append(made.get_weights()))
    stopping = KERAS.callbacks.EarlyStopping("loss", patience=2, restore_best_weights=True, verbose=1)
    made.fit(X, Y, epochs=9, verbose=0, callbacks=[worse, keeping, stopping])
    assert len(kept) == 3
    np.testing.assert_array_equal(made.get_weights()[0], kept[0][0])


def test_a_condition_between_layers_is_not_made_again() -> None:
    tf.reset_default_graph()
    x = KERAS.Input((3,))
    y = tf.cond(tf.reduce_sum(x) > 0, lambda: x * 2, lambda: x, name="chosen")
    made = KERAS.Model(x, KERAS.layers.Activation("linear")(y))
    np.testing.assert_array_equal(made.predict(X), X * 2)
    with pytest.raises(NotImplementedError) as caught:
        made(tf.zeros([1, 3]))
    lines = str(caught.value).splitlines()
    assert lines[0] == "tf.keras.Model: chosen/Merge between its layers is a Cond, which cannot be made again"
    assert lines[-1] == "  try: tf.keras.layers.Lambda around it"


def test_operations_between_layers_are_made_again() -> None:
    tf.reset_default_graph()
    x = KERAS.Input((3,))
    first, second = tf.split(x, [1, 2], axis=1)
    y = tf.concat([second, first], 1) + tf.reduce_max(tf.stack([first, first]))
    made = KERAS.Model(x, KERAS.layers.Activation("linear")(y))
    found = made(tf.constant([[1.0, 2.0, 3.0]]))
    np.testing.assert_array_equal(KERAS.backend.get_session().run(found), [[3.0, 4.0, 2.0]])
