"""Programs of tf.keras models: made in a row, of tensors or by a class, trained, tested, and their callbacks."""

from __future__ import annotations

import os
import tempfile
from typing import Any

import numpy as np

from tests.static.programs.notes import Note

DRAWN = np.random.RandomState(5)
X = DRAWN.randn(40, 4).astype(np.float32)
CLASSES = (X[:, 0] > 0).astype(np.int64) + (X[:, 1] > 0.5)
ONE_HOT = np.eye(3, dtype=np.float32)[CLASSES]
AMOUNTS = X @ np.array([[1.0], [-2.0], [0.5], [3.0]], np.float32)
START = [(np.arange(size) % 5 / 5 - 0.3).astype(np.float32) for size in range(200)]


def begun(model: Any) -> Any:
    """The model, with weights that are the same in both frameworks."""
    model.set_weights([START[each.size].reshape(each.shape) for each in model.get_weights()])
    return model


def classifier(tf: Any) -> Any:
    k = tf.keras
    layers = [k.layers.Dense(5, activation="tanh", input_shape=(4,)), k.layers.Dense(3, activation="softmax")]
    return begun(k.models.Sequential(layers))


def history(found: Any) -> Any:
    return {key: [float(each) for each in found.history[key]] for key in sorted(found.history)}


def in_a_row(tf: Any, note: Note) -> None:
    k = tf.keras
    model = classifier(tf)
    model.compile(optimizer=k.optimizers.SGD(0.1), loss="categorical_crossentropy", metrics=["accuracy"])
    fitted = model.fit(X, ONE_HOT, batch_size=16, epochs=2, verbose=0, shuffle=False, validation_split=0.2)
    note("history", history(fitted))
    note("epochs", fitted.epoch)
    note("tested", [float(each) for each in model.evaluate(X, ONE_HOT, verbose=0)])
    note("names", model.metrics_names)
    note("predicted", model.predict(X[:3]))
    note("classes", model.predict(X[:5]).argmax(-1))
    note("step", float(model.train_on_batch(X[:8], ONE_HOT[:8])[0]))
    note("test step", [float(each) for each in model.test_on_batch(X[:8], ONE_HOT[:8])])
    note("layers", [each.name for each in model.layers])
    note("variables", [each.name for each in model.weights])
    note("shapes", [model.input_shape, model.output_shape, model.layers[0].output_shape])
    note("parameters", model.count_params())
    note("weights", [each.shape for each in model.get_weights()])
    lines: list[str] = []
    model.summary(print_fn=lines.append)
    note("summary", [line.split()[:3] for line in lines if "params" in line])
    weighted = model.fit(
        X, ONE_HOT, 20, 1, 0, shuffle=False, validation_data=(X[:10], ONE_HOT[:10]),
        class_weight={0: 1.0, 1: 2.0, 2: 0.5}, sample_weight=None,
    )  # fmt: skip
    note("class weights", history(weighted))
    note("sample weights", float(model.evaluate(X, ONE_HOT, verbose=0, sample_weight=np.linspace(0, 1, 40))[0]))


def losses(tf: Any, note: Note) -> None:
    k = tf.keras
    model = classifier(tf)
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["acc"])
    note("sparse", history(model.fit(X, CLASSES, epochs=2, verbose=0, shuffle=False)))
    for label, loss in {
        "mse": "mse", "mae": "mean_absolute_error", "hinge": "hinge", "logcosh": "logcosh",
        "squared hinge": "squared_hinge", "msle": "msle", "mape": "mape", "kld": "kld", "huber": k.losses.Huber(),
        "object": k.losses.MeanSquaredError(), "own": lambda t, p: k.backend.mean(k.backend.abs(t - p) + 1.0, axis=-1),
        "cosine": k.losses.CosineSimilarity(axis=-1),
    }.items():  # fmt: skip
        tf.reset_default_graph()
        model = begun(k.Sequential([k.layers.Dense(2, input_dim=4, activation="sigmoid"), k.layers.Dense(1)]))
        model.compile(k.optimizers.SGD(learning_rate=0.01), loss, metrics=["mae", "mse"])
        fitted = model.fit(X, AMOUNTS, 20, 2, verbose=0, shuffle=False)
        note(label, history(fitted))
    tf.reset_default_graph()
    model = begun(k.Sequential([k.layers.Dense(1, input_dim=4, activation="sigmoid")]))
    model.compile("rmsprop", "binary_crossentropy", ["accuracy", "binary_accuracy"])
    note("binary", history(model.fit(X, CLASSES > 0, 10, verbose=0, shuffle=False)))
    note("bare", float(model.evaluate(X, (CLASSES > 0).astype(np.float32), verbose=0)[0]))
    tf.reset_default_graph()
    model = begun(k.Sequential([k.layers.Dense(3, input_dim=4)]))
    logits = k.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile("sgd", logits, metrics=["sparse_categorical_accuracy", "sparse_top_k_categorical_accuracy"])
    note("logits", history(model.fit(X, CLASSES, 10, verbose=0, shuffle=False)))


def optimizers(tf: Any, note: Note) -> None:
    o = tf.keras.optimizers
    for label, make in {
        "sgd": lambda: o.SGD(0.05, momentum=0.9), "nesterov": lambda: o.SGD(0.05, momentum=0.9, nesterov=True),
        "decay": lambda: o.SGD(lr=0.1, decay=0.1), "adam": lambda: o.Adam(0.1), "amsgrad": lambda: o.Adam(amsgrad=True),
        "adamax": lambda: o.Adamax(0.1), "rmsprop": lambda: o.RMSprop(0.01), "adagrad": lambda: o.Adagrad(0.1),
        "momentum": lambda: o.RMSprop(0.01, momentum=0.5, centered=True), "adadelta": lambda: o.Adadelta(1.0),
        "clip value": lambda: o.SGD(0.1, clipvalue=0.05), "clip norm": lambda: o.SGD(0.1, clipnorm=0.2),
        "of tf.train": lambda: tf.train.AdamOptimizer(0.1), "of tf.train 2": lambda: tf.train.GradientDescentOptimizer(0.1),
        "name": lambda: "adam",
    }.items():  # fmt: skip
        tf.reset_default_graph()
        model = classifier(tf)
        model.compile(make(), "categorical_crossentropy")
        note(label, history(model.fit(X, ONE_HOT, 16, 3, verbose=0, shuffle=False)))
    tf.reset_default_graph()
    variable = tf.get_variable("v", initializer=tf.constant([3.0, 5.0]), use_resource=True)
    optimizer = o.Adam(learning_rate=0.1)
    updates = optimizer.get_updates(tf.reduce_sum(variable**2), [variable])
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        session.run(updates)
        session.run(updates)
        note("in a session", session.run(variable))
        note("steps", session.run(optimizer.iterations))
    note("rate", float(tf.keras.backend.get_value(o.SGD(0.3).lr)))


def of_tensors(tf: Any, note: Note) -> None:
    k = tf.keras
    left, right = k.Input(shape=(4,), name="left"), k.layers.Input((4,), name="right")
    shared = k.layers.Dense(3, activation="relu", name="shared")
    both = k.layers.concatenate([shared(left), shared(right)])
    scaled = k.layers.Lambda(lambda x: x * 0.5)(both)
    classes = k.layers.Dense(3, activation="softmax", name="classes")(scaled)
    amount = k.layers.Dense(1, name="amount", kernel_regularizer=k.regularizers.l2(0.01))(both)
    model = begun(k.Model(inputs=[left, right], outputs=[classes, amount]))
    model.compile(
        "sgd", {"classes": "categorical_crossentropy", "amount": "mse"}, loss_weights={"classes": 1.0, "amount": 0.1},
        metrics={"classes": "accuracy"},
    )  # fmt: skip
    fitted = model.fit(
        {"left": X, "right": -X}, {"classes": ONE_HOT, "amount": AMOUNTS}, 16, 2, verbose=0, shuffle=False
    )
    note("history", history(fitted))
    note("predicted", [each[:2] for each in model.predict([X, -X])])
    note("names", [model.input_names, model.output_names, sorted(each.name for each in model.layers)])
    note("parts", [sorted(each.name for each in model.weights), len(model.losses), model.get_layer("shared").name])
    inner = k.Model(left, shared(left))
    note("part", inner.predict(X[:2]))
    y = model([tf.constant(X[:2]), tf.constant(X[:2])])
    note("called again", [k.backend.get_session().run(each).shape for each in y])
    plain = k.Model(left, k.layers.Activation("relu")(tf.reduce_sum(shared(left) ** 2, 1, keepdims=True)))
    note("operations between", plain.predict(X[:2]))


def by_a_class(tf: Any, note: Note) -> None:
    class Own(tf.keras.Model):
        def __init__(self) -> None:
            super().__init__(name="own")
            self.first = tf.keras.layers.Dense(3, activation="relu", name="first", kernel_initializer="ones")
            self.rest = [tf.keras.layers.Dense(3, name="second", kernel_initializer="ones")]

        def call(self, inputs: Any, training: Any = None) -> Any:
            found = self.first(inputs)
            for layer in self.rest:
                found = layer(found)
            return tf.nn.softmax(found)

    model = Own()
    model.compile(tf.train.GradientDescentOptimizer(0.1), "categorical_crossentropy", metrics=["accuracy"])
    note("history", history(model.fit(X, ONE_HOT, 20, 2, verbose=0, shuffle=False)))
    note("predicted", model.predict(X[:2]))
    note("variables", [each.name for each in model.trainable_variables])
    tf.reset_default_graph()
    model = Own()
    y = model(tf.placeholder(tf.float32, [None, 4]))
    note("in a graph", [str(y.shape), len(model.weights), len(tf.trainable_variables())])


def while_it_learns(tf: Any, note: Note) -> None:
    k = tf.keras
    layers = [
        k.layers.Dense(6, input_shape=(4,)), k.layers.BatchNormalization(), k.layers.Activation("relu"),
        k.layers.Dropout(0.0), k.layers.Dense(3, activation="softmax"),
    ]  # fmt: skip
    model = begun(k.Sequential(layers))
    model.compile("sgd", "categorical_crossentropy")
    note("history", history(model.fit(X, ONE_HOT, 20, 2, verbose=0, shuffle=False)))
    note("averages", [each.tolist() for each in model.layers[1].get_weights()[2:]])
    note("predicted", model.predict(X[:2]))
    note("updates", len(model.updates))
    layers[0].trainable = False
    note("trained", len(model.trainable_weights))
    dropping = k.Sequential([k.layers.Dropout(0.5, input_shape=(4,))])
    note("kept", dropping.predict(X[:2]))
    k.backend.set_learning_phase(0)
    note("phase", k.backend.learning_phase())


def callbacks(tf: Any, note: Note) -> None:
    k = tf.keras
    told: list[Any] = []

    class Own(k.callbacks.Callback):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            told.append([epoch, sorted(logs)])

        def on_batch_end(self, batch: int, logs: Any = None) -> None:
            told.append(batch)

    folder = tempfile.mkdtemp()
    model = classifier(tf)
    model.compile(k.optimizers.SGD(0.1), "categorical_crossentropy", metrics=["accuracy"])
    given = [
        Own(), k.callbacks.LearningRateScheduler(lambda epoch: 0.1 / (epoch + 1)),
        k.callbacks.ModelCheckpoint(os.path.join(folder, "w-{epoch:02d}"), save_weights_only=True),
        k.callbacks.CSVLogger(os.path.join(folder, "log.csv")), k.callbacks.TerminateOnNaN(),
        k.callbacks.LambdaCallback(on_train_begin=lambda logs: told.append("begin")),
    ]  # fmt: skip
    fitted = model.fit(X, ONE_HOT, 20, 2, verbose=0, shuffle=False, callbacks=given, validation_data=(X, ONE_HOT))
    note("told", told)
    note("history", history(fitted))
    note("checkpoints", sorted(each for each in os.listdir(folder) if each.endswith(".index")))
    with open(os.path.join(folder, "log.csv")) as file:
        note("columns", file.readline().strip())
    before = model.predict(X[:2])
    model.save_weights(os.path.join(folder, "mine"))
    begun(model)
    model.load_weights(os.path.join(folder, "mine"))
    note("saved", float(np.abs(model.predict(X[:2]) - before).max()))
    stopping = k.callbacks.EarlyStopping(monitor="loss", min_delta=1.0, patience=1)
    note("stopped", len(model.fit(X, ONE_HOT, 20, 9, verbose=0, callbacks=[stopping], shuffle=False).epoch))
    slower = k.callbacks.ReduceLROnPlateau("loss", 0.5, patience=1, min_delta=1.0)
    note("slower", history(model.fit(X, ONE_HOT, 20, 3, verbose=0, callbacks=[slower], shuffle=False))["lr"])


def batches() -> Any:
    while True:
        yield from ((X[place : place + 10], ONE_HOT[place : place + 10]) for place in range(0, 40, 10))


def generators(tf: Any, note: Note) -> None:
    class Rows(tf.keras.utils.Sequence):
        def __len__(self) -> int:
            return 4

        def __getitem__(self, number: int) -> Any:
            return X[number * 10 : number * 10 + 10], ONE_HOT[number * 10 : number * 10 + 10]

    model = classifier(tf)
    model.compile("sgd", "categorical_crossentropy", metrics=["accuracy"])
    fitted = model.fit_generator(batches(), steps_per_epoch=4, epochs=2, verbose=0, validation_data=(X, ONE_HOT))
    note("history", history(fitted))
    note("sequence", history(model.fit_generator(Rows(), epochs=1, verbose=0, shuffle=False)))
    note("evaluated", [float(each) for each in model.evaluate_generator(batches(), 4)])
    note("predicted", model.predict_generator(((X[:2] for _ in range(2))), 2).shape)
    dataset = tf.data.Dataset.from_tensor_slices((X, ONE_HOT)).batch(10).repeat()
    note("dataset", history(model.fit(dataset, epochs=1, steps_per_epoch=4, verbose=0)))
    note("dataset evaluated", [float(each) for each in model.evaluate(dataset, steps=4, verbose=0)])


def refused(tf: Any, note: Note) -> None:
    k = tf.keras
    model = classifier(tf)
    other = k.Sequential()
    for label, wrong in {
        "not compiled": lambda: model.fit(X, ONE_HOT), "no layer": lambda: model.add(3), "no such layer": lambda: model.get_layer("z"),
        "index": lambda: model.get_layer(index=7), "no name": lambda: model.get_layer(), "pop": lambda: other.pop(),
        "input": lambda: k.Input(), "optimizer": lambda: model.compile("wrong", "mse"), "loss": lambda: model.compile("sgd", "wrong"),
        "weights": lambda: model.set_weights([X]), "shapes": lambda: model.set_weights([X] * 4), "phase": lambda: k.backend.set_learning_phase(2),
        "activation": lambda: k.activations.get("wrong"), "initializer": lambda: k.initializers.get("wrong"), "loss name": lambda: k.losses.get("wrong"),
        "floatx": lambda: k.backend.set_floatx("int32"), "factor": lambda: k.callbacks.ReduceLROnPlateau(factor=2.0),
    }.items():  # fmt: skip
        note(label, wrong)
    model.compile("sgd", "mse")
    for label, wrong in {
        "counts": lambda: model.fit(X, ONE_HOT[:3], verbose=0), "width": lambda: model.fit(X[:, :2], ONE_HOT, verbose=0), "targets": lambda: model.fit(X, ONE_HOT[:, :2], verbose=0),
        "predicted": lambda: model.predict(X[:, :2]),
    }.items():  # fmt: skip
        note(label, wrong)


PROGRAMS = [in_a_row, losses, optimizers, of_tensors, by_a_class, while_it_learns, callbacks, generators, refused]
