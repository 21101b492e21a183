"""The worker of TF_CONFIG's two processes comes to the end of its script while the chief goes on: what that one hears,
and what it may still do alone. It ends by what it hears at last, which is an error."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import diptych
import diptych.static as tf
import numpy as np
from diptych.backends.processes import process_rank

WIDTH = 24
X, Y = np.ones((32, WIDTH), np.float32), np.arange(32) % 4
FOLDER = Path(os.environ["FOUND_IN"])

diptych.configure(backend="jax")
strategy = tf.distribute.experimental.MultiWorkerMirroredStrategy()
found: dict[str, Any] = {}


def said(name: str, do: Any) -> None:
    try:
        do()
    except tf.errors.UnavailableError as error:
        found[name] = str(error).splitlines()[0]


with strategy.scope():
    x = tf.placeholder(tf.float32, [None, WIDTH])
    kernel = tf.get_variable("kernel", [WIDTH, 1], initializer=tf.ones_initializer())
    mean = tf.reduce_mean(tf.matmul(x, kernel))
    model = tf.keras.Sequential([tf.keras.layers.Dense(4, input_shape=(WIDTH,))])
    model.compile("sgd", "mse")
saver, session = tf.train.Saver([kernel]), tf.Session()
session.run(tf.global_variables_initializer())
found["together"] = float(session.run(mean, {x: X[:16]}))
if process_rank() == 1:
    (FOLDER / "1.json").write_text(json.dumps(found))
    sys.exit(0)


def monitored() -> None:
    with tf.train.MonitoredTrainingSession() as training:
        while not training.should_stop():
            training.run(mean, {x: X[:16]})
    found["ended"] = True


said("run", lambda: session.run(mean, {x: X[:16]}))
said("again", lambda: session.run(mean, {x: X[:16]}))
said("odd", lambda: session.run(mean, {x: X[:15]}))
said("unfed", lambda: session.run(kernel.initializer))
said("fit", lambda: model.fit(X, np.zeros((32, 4), np.float32), 16, verbose=0))
said("monitored", monitored)
found["read"] = float(session.run(kernel).sum())
saver.save(session, str(FOLDER / "kernel"))
(FOLDER / "0.json").write_text(json.dumps(found))
session.run(mean, {x: X[:16]})
