"""Programs of tf.estimator: training, evaluating, predicting, the ready-made estimators, and what they refuse."""

from __future__ import annotations

import os
import tempfile
from typing import Any

import numpy as np

from tests.static.programs.notes import Note, worded

DRAWN = np.random.RandomState(0)
COUNT = 24
NUMBERS = DRAWN.randn(COUNT, 2).astype(np.float32)
LETTERS = DRAWN.choice(["a", "b", "c"], COUNT)
WEIGHTS = (DRAWN.rand(COUNT) + 0.5).astype(np.float32)
TWO = ((NUMBERS[:, 0] + (LETTERS == "a")) > 0.3).astype(np.int64)
THREE = DRAWN.randint(0, 3, COUNT)
AMOUNTS = (NUMBERS[:, 0] * 2 + NUMBERS[:, 1] - 1).astype(np.float32)
FEATURES = {"x": NUMBERS, "s": LETTERS.astype(object), "w": WEIGHTS}


def input_fn(tf: Any, labels: Any, epochs: int | None = 1, size: int = 8) -> Any:
    return tf.estimator.inputs.numpy_input_fn(FEATURES, labels, size, epochs, shuffle=False)


def model_fn_of(tf: Any) -> Any:
    def model_fn(features: Any, labels: Any, mode: str, params: Any) -> Any:
        logits = tf.layers.dense(features["x"], 2, kernel_initializer=tf.constant_initializer(0.1), name="o")
        predictions = {"classes": tf.argmax(logits, 1), "p": tf.nn.softmax(logits)}
        if mode == tf.estimator.ModeKeys.PREDICT:
            return tf.estimator.EstimatorSpec(mode, predictions=predictions)
        loss = tf.losses.sparse_softmax_cross_entropy(labels, logits)
        train_op = tf.train.GradientDescentOptimizer(params["rate"]).minimize(loss, tf.train.get_global_step())
        metrics = {"accuracy": tf.metrics.accuracy(labels, predictions["classes"])}
        return tf.estimator.EstimatorSpec(mode, loss=loss, train_op=train_op, eval_metric_ops=metrics)

    return model_fn


def own_models(tf: Any, note: Note) -> None:
    folder = tempfile.mkdtemp()
    config = tf.estimator.RunConfig(folder, save_checkpoints_steps=4, keep_checkpoint_max=2, tf_random_seed=3)
    estimator = tf.estimator.Estimator(model_fn_of(tf), config=config, params={"rate": 0.5})
    train, test = input_fn(tf, TWO, None), input_fn(tf, TWO)
    note("trained", estimator.train(train, steps=6) is estimator)
    note("evaluated", lambda: numbers(estimator.evaluate(test)))
    note("checkpoint", os.path.basename(estimator.latest_checkpoint()))
    note("names", sorted(estimator.get_variable_names()))
    note("variable", estimator.get_variable_value("o/bias"))
    note("predicted", [numbers(each) for each in estimator.predict(test)][:2])
    note("batch", lambda: next(estimator.predict(test, predict_keys=["p"], yield_single_examples=False))["p"].shape)
    estimator.train(train, max_steps=9)
    note("further", lambda: numbers(estimator.evaluate(test, steps=2, name="part")))
    note(
        "no further",
        lambda: numbers(
            estimator.train(train, max_steps=3).evaluate(test, checkpoint_path=estimator.latest_checkpoint())
        ),
    )
    kept = sorted(name for name in os.listdir(folder) if name.startswith("model.ckpt") and name.endswith(".index"))
    note("kept", kept)
    note("folders", sorted(name for name in os.listdir(folder) if name.startswith("eval")))
    specs = tf.estimator.TrainSpec(train, max_steps=12), tf.estimator.EvalSpec(test, steps=None)
    note("both", lambda: numbers(tf.estimator.train_and_evaluate(estimator, *specs)[0]))
    warm = tf.estimator.Estimator(model_fn_of(tf), params={"rate": 0.1}, warm_start_from=folder)
    note("warm", lambda: numbers(warm.evaluate(test)))
    renamed = tf.estimator.WarmStartSettings(folder, var_name_to_prev_var_name={"none": "o/bias"})
    note(
        "unused",
        lambda: tf.estimator.Estimator(model_fn_of(tf), params={"rate": 0.1}, warm_start_from=renamed).evaluate(test),
    )


def numbers(found: Any) -> Any:
    return {key: np.asarray(found[key]) for key in sorted(found)}


def ready_made(tf: Any, note: Note) -> None:
    columns, estimator = tf.feature_column, tf.estimator
    x, s = columns.numeric_column("x", shape=2), columns.categorical_column_with_vocabulary_list("s", ["a", "b", "c"])
    bucketized = columns.bucketized_column(columns.numeric_column("w"), [0.7, 1.2])
    crossed = columns.crossed_column(["s", bucketized], 11)
    embedded = columns.embedding_column(s, 2, initializer=tf.ones_initializer())
    words = np.array(["p", "q", "r"], object)[THREE]
    cases = {
        "linear": (lambda: estimator.LinearClassifier([x, s, crossed, bucketized]), TWO), "weighted": (lambda: estimator.LinearClassifier([x], weight_column="w"), TWO),
        "three": (lambda: estimator.LinearClassifier([x, s], n_classes=3), THREE), "words": (lambda: estimator.LinearClassifier([x], n_classes=3, label_vocabulary=["p", "q", "r"]), words),
        "numbers": (lambda: estimator.LinearRegressor([x, s], optimizer=tf.train.AdamOptimizer(0.1)), AMOUNTS), "combined": (lambda: estimator.DNNLinearCombinedRegressor(None, [s]), AMOUNTS),
        "baseline": (lambda: estimator.BaselineClassifier(n_classes=3), THREE), "mean": (lambda: estimator.BaselineRegressor(), AMOUNTS),
    }  # fmt: skip
    for label, (make, labels) in cases.items():
        made = make()
        made.train(input_fn(tf, labels, None), steps=3)
        note(f"{label}: metrics", lambda made=made, labels=labels: numbers(made.evaluate(input_fn(tf, labels))))
        note(f"{label}: predictions", lambda made=made: numbers(next(made.predict(input_fn(tf, None)))))
    deep = estimator.DNNClassifier([4], [x, embedded], n_classes=3, dropout=0.2, batch_norm=True)
    deep.train(input_fn(tf, THREE, None), steps=2)
    names = sorted(name for name in deep.get_variable_names() if "Adagrad" not in name)
    note("deep: variables", [[name, *deep.get_variable_value(name).shape] for name in names])
    note("deep: metrics", lambda: sorted(deep.evaluate(input_fn(tf, THREE))))
    note(
        "deep: predictions",
        lambda: {
            key: [str(np.asarray(value).dtype), *np.shape(value)]
            for key, value in sorted(next(deep.predict(input_fn(tf, None))).items())
        },
    )


OTHER_WORDS = {"exports", "no features", "other argument", "replaced", "untrained", "unused params"}


def refused(tf: Any, note: Note) -> None:
    estimator, said = tf.estimator, worded(note, OTHER_WORDS)
    made = estimator.Estimator(model_fn_of(tf), params={"rate": 0.1})
    train = input_fn(tf, TWO)
    one = tf.constant(1.0)

    def spec(*arguments: Any, **options: Any) -> Any:
        return estimator.EstimatorSpec(*arguments, **options)

    for label, wrong in {
        "no function": lambda: estimator.Estimator(None), "no features": lambda: estimator.Estimator(lambda labels: None), "unused params": lambda: estimator.Estimator(lambda features: None, params={}),
        "other argument": lambda: estimator.Estimator(lambda features, mood: None), "config": lambda: estimator.Estimator(model_fn_of(tf), config=3, params={}), "warm": lambda: estimator.Estimator(model_fn_of(tf), params={}, warm_start_from=3),
        "both steps": lambda: made.train(train, steps=1, max_steps=1), "no steps": lambda: made.train(train, steps=0), "hooks": lambda: made.train(train, hooks=[3]), "untrained": lambda: made.get_variable_names(),
        "no spec": lambda: estimator.Estimator(lambda features, labels: 3).train(train, steps=1), "labels": lambda: estimator.Estimator(lambda features: 3).train(train, steps=1), "listeners": lambda: made.train(train, steps=1, saving_listeners=[3]),
        "no train_op": lambda: spec("train", loss=one), "no loss": lambda: spec("eval"), "no predictions": lambda: spec("infer"), "loss": lambda: spec("eval", loss=tf.constant([1.0, 2.0])), "loss type": lambda: spec("eval", loss=1.0),
        "train_op": lambda: spec("train", loss=one, train_op=1), "metrics": lambda: spec("eval", loss=one, eval_metric_ops={"a": one}), "metrics type": lambda: spec("eval", loss=one, eval_metric_ops=[one]), "hook": lambda: spec("eval", loss=one, training_hooks=[3]),
        "scaffold": lambda: spec("eval", loss=one, scaffold=3), "other graph": lambda: other_graph(tf, spec), "exports": lambda: spec("infer", predictions=one, export_outputs={"a": one}),
        "shuffle": lambda: estimator.inputs.numpy_input_fn(FEATURES, TWO), "empty": lambda: estimator.inputs.numpy_input_fn({}, shuffle=False)(), "lengths": lambda: estimator.inputs.numpy_input_fn({"x": NUMBERS}, TWO[:3], shuffle=False)(),
        "both paces": lambda: estimator.RunConfig(save_checkpoints_steps=1, save_checkpoints_secs=1), "negative": lambda: estimator.RunConfig(save_summary_steps=-1), "seed": lambda: estimator.RunConfig(tf_random_seed=1.5),
        "replaced": lambda: estimator.RunConfig().replace(task_id=3), "no columns": lambda: estimator.DNNLinearCombinedClassifier(), "classes": lambda: estimator.LinearClassifier([], n_classes=1), "spec": lambda: estimator.train_and_evaluate(made, 3, 4),
        "max_steps": lambda: estimator.TrainSpec(train, max_steps=0), "eval steps": lambda: estimator.EvalSpec(train, steps=0), "function": lambda: estimator.TrainSpec(3), "dimension": lambda: estimator.LinearRegressor([], label_dimension=0),
    }.items():  # fmt: skip
        said(label, wrong)
    config = estimator.RunConfig(model_dir="/nowhere")
    note(
        "defaults",
        [
            config.save_summary_steps,
            config.save_checkpoints_secs,
            config.save_checkpoints_steps,
            config.keep_checkpoint_max,
            config.log_step_count_steps,
            config.tf_random_seed,
            config.is_chief,
            config.task_type,
        ],
    )
    note("steps replaced", config.replace(save_checkpoints_steps=5).save_checkpoints_secs)


def other_graph(tf: Any, spec: Any) -> Any:
    with tf.Graph().as_default():
        loss = tf.constant(1.0)
    return spec("eval", loss=loss)


PROGRAMS = [own_models, ready_made, refused]
