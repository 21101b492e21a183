"""Programs that are fed nothing, on a mesh of two processes with variables that are split: what all must run, one alone
is told of; and what the first one may do alone."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import diptych
import diptych.static as tf
from diptych.backends.processes import process_rank

diptych.join_processes()
rank, found = process_rank(), {}
FOLDER = Path(os.environ["FOUND_IN"])


def said(name: str, do: Callable[[], Any]) -> None:
    """What both are told where the first one does something, and the other reads all of them."""
    try:
        found[name] = str(do() if rank == 0 else session.run(total, {x: [[1.0] * 8] * 8}))
    except tf.errors.InvalidArgumentError as error:
        found[name] = str(error).splitlines()[0]


with tf.Graph().as_default(), diptych.mesh({"split": ("data", None)}, data=4), tf.Session() as session:
    x = tf.placeholder(tf.float32, [None, 8])
    split = tf.get_variable("split", [8, 8], initializer=tf.ones_initializer())
    whole = tf.get_variable("whole", [8, 8], initializer=tf.ones_initializer())
    drawn, total = tf.random_normal([4]), tf.reduce_sum(tf.matmul(x, whole))
    grown, summed, product = whole.assign_add(whole), tf.reduce_sum(split), tf.matmul(split, whole)
    saver = tf.train.Saver([whole])
    session.run(tf.global_variables_initializer())
    found["sum"] = float(session.run(summed))  # which all run
    found["grown"] = float(session.run(grown).sum())
    if rank == 0:
        found["read"] = float(session.run(whole).sum()), session.run(split).shape
        found["made"] = float(session.run(tf.reduce_sum(whole) * 2)), session.run(product).shape
        saver.save(session, str(FOLDER / "whole"))
    said("summed", lambda: session.run(summed))
    said("written", lambda: session.run(grown))
    said("initialized", lambda: session.run(whole.initializer))
    said("drawn", lambda: session.run(drawn))
    found["after"] = float(session.run(total, {x: [[1.0] * 8] * 8}))
    found["odd"] = float(session.run(total, {x: [[1.0] * 8] * (5 + rank)}))
(FOLDER / f"{rank}.json").write_text(json.dumps(found))
