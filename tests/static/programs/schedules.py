"""Programs with learning rates that fall, moving averages, and savers."""

from __future__ import annotations

import os
import tempfile
from typing import Any

import numpy as np

from tests.static.programs.notes import Note, described


def decays(tf: Any, note: Note) -> None:
    train = tf.train
    step = tf.placeholder(tf.int64, [], name="step")
    rates = {
        "exponential": train.exponential_decay(0.1, step, 10, 0.5),
        "staircase": train.exponential_decay(0.1, step, 10, 0.5, staircase=True),
        "natural": train.natural_exp_decay(0.1, step, 10, 0.5),
        "natural staircase": train.natural_exp_decay(0.1, step, 10, 0.5, staircase=True),
        "inverse": train.inverse_time_decay(0.1, step, 10, 0.5),
        "inverse staircase": train.inverse_time_decay(0.1, step, 10, 0.5, staircase=True),
        "polynomial": train.polynomial_decay(0.1, step, 20, 0.01, power=2.0),
        "cycle": train.polynomial_decay(0.1, step, 20, 0.01, power=0.5, cycle=True),
        "piecewise": train.piecewise_constant(step, [5, 10], [1.0, 0.5, 0.1]),
        "cosine": train.cosine_decay(0.1, step, 20, alpha=0.1),
        "restarts": train.cosine_decay_restarts(0.1, step, 7, t_mul=2.0, m_mul=0.5, alpha=0.01),
        "even restarts": train.cosine_decay_restarts(0.1, step, 7, t_mul=1.0),
        "linear": train.linear_cosine_decay(0.1, step, 20, num_periods=1.5, alpha=0.1),
    }
    note("names", [rates["exponential"].name, rates["staircase"].name, rates["polynomial"].name, rates["inverse"].name])
    note("noisy", described(train.noisy_linear_cosine_decay(0.1, step, 20))[0][1:])
    with tf.Session() as session:
        for label, rate in rates.items():
            note(label, np.array([session.run(rate, {step: number}) for number in (0, 1, 5, 6, 10, 15, 20, 21, 45)]))
    note("boundaries", lambda: train.piecewise_constant(step, [5.0], [1.0, 2.0]))
    note("values", lambda: train.piecewise_constant(step, [5], [1.0, 2]))
    note("no step", lambda: train.exponential_decay(0.1, None, 10, 0.5))
    wide = train.exponential_decay(tf.constant(0.1, tf.float64), step, 10, 0.5, name="wide")
    note("wide", described(wide))


def averages(tf: Any, note: Note) -> None:
    a = tf.Variable([1.0, 2.0], name="a")
    with tf.variable_scope("scope"):
        b = tf.get_variable("b", initializer=3.0)
    other = tf.Variable(5.0, trainable=False, name="other")
    count = tf.Variable(0, trainable=False, name="count")
    slow, quick = tf.train.ExponentialMovingAverage(0.9), tf.train.ExponentialMovingAverage(0.99, count, name="quick")
    note("before", [slow.average(a), slow.average_name(a)])
    step = tf.group(a.assign_add([1.0, 0.5]), b.assign_sub(1.0), count.assign_add(1))
    with tf.control_dependencies([step]):
        moved = slow.apply()
    fast = quick.apply([a, b])
    tensor = tf.multiply(other.read_value(), 2.0, name="double")
    debiased = tf.train.ExponentialMovingAverage(0.5, zero_debias=True, name="debiased")
    follow = debiased.apply([tensor])
    note("things", described(moved, fast, follow, slow.average(a), quick.average(b), debiased.average(tensor)))
    note("variables", [v.name for v in tf.global_variables()])
    note("moving", [v.name for v in tf.moving_average_variables()])
    note("names", [slow.average_name(a), slow.average_name(other), slow.name])
    note("restored", sorted((name, v.name) for name, v in slow.variables_to_restore().items()))
    note("some restored", sorted((name, v.name) for name, v in slow.variables_to_restore([b]).items()))
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        note("first", session.run([slow.average(a), quick.average(b), debiased.average(tensor)]))
        for number in range(4):
            session.run(moved)
            session.run(fast)
            session.run(follow)
            session.run(other.assign_add(1.0))
            note(f"after {number}", session.run([slow.average(a), slow.average(b), quick.average(a),
                                                 quick.average(b), debiased.average(tensor)]))  # fmt: skip
    note("integers", lambda: slow.apply([count]))


def savers(tf: Any, note: Note) -> None:
    w = tf.get_variable("net/w", initializer=np.arange(6, dtype=np.float32).reshape(2, 3))
    b = tf.Variable([1, 2], name="b")
    count = tf.train.get_or_create_global_step()
    saver = tf.train.Saver(max_to_keep=2)
    graph = tf.get_default_graph()
    note("operations", [[op.name, op.type] for op in graph.get_operations() if op.name.startswith("save/")])
    with tempfile.TemporaryDirectory() as folder, tf.Session() as session:
        session.run(tf.global_variables_initializer())
        prefix = os.path.join(folder, "model.ckpt")

        def inside(value: Any) -> Any:
            return [inside(each) for each in value] if isinstance(value, list) else value.replace(folder, "FOLDER")

        paths = []
        for _ in range(3):
            session.run([count.assign_add(1), w.assign(w * 2)])
            paths.append(saver.save(session, prefix, global_step=count, write_meta_graph=False))
        note("paths", inside(paths))
        note("kept", inside(saver.last_checkpoints))
        note("files", sorted(os.listdir(folder)))
        with open(os.path.join(folder, "checkpoint")) as file:
            note("state", inside(file.read()))
        note("latest", inside(tf.train.latest_checkpoint(folder)))
        state = tf.train.get_checkpoint_state(folder)
        note("of state", inside([state.model_checkpoint_path, *state.all_model_checkpoint_paths]))
        note("step in its name", inside(saver.save(session, prefix, global_step=7, write_meta_graph=False)))
        note("no step", inside(saver.save(session, prefix, write_meta_graph=False, write_state=False)))
        reader = tf.train.load_checkpoint(prefix)
        note("shapes", sorted((k, v) for k, v in reader.get_variable_to_shape_map().items()))
        note("dtypes", sorted((k, v.name) for k, v in reader.get_variable_to_dtype_map().items()))
        note("tensors", [reader.get_tensor(name) for name in ("b", "global_step", "net/w")])
        note("has", [reader.has_tensor("b"), reader.has_tensor("c")])
        note("list", [list(each) for each in tf.train.list_variables(prefix)])
        note("one", tf.train.load_variable(prefix, "net/w"))
        note("no tensor", lambda: reader.get_tensor("c"))
        with tf.Session() as other:
            saver.restore(other, paths[-1])
            note("restored", other.run([w, b, count]))
            renamed = tf.train.Saver({"b": b})
            other.run(b.assign([5, 6]))
            renamed.restore(other, prefix)
            note("renamed", other.run(b))
            note("missing", lambda: tf.train.Saver({"else": b}).restore(other, prefix))
            note("dtype", lambda: tf.train.Saver({"net/w": b}).restore(other, prefix))
            small = tf.get_variable("small", [3])
            note("shape", lambda: tf.train.Saver({"net/w": small}).restore(other, prefix))
            note("uninitialized", lambda: tf.train.Saver([small]).save(other, prefix))
            note("no checkpoint", lambda: saver.restore(other, os.path.join(folder, "none")))
            note("None", lambda: saver.restore(other, None))
            note("new folder", lambda: inside(saver.save(session, os.path.join(folder, "new", "x"), write_state=False,
                                                         write_meta_graph=False)))  # fmt: skip
            note("folder", lambda: saver.save(session, os.path.join(folder, "not", "there", "x")))
            note("latest name", lambda: saver.save(session, prefix, latest_filename="a/b"))
            note("same name", lambda: saver.save(session, os.path.join(folder, "checkpoint")))
            note("no session", lambda: saver.save(None, prefix))
        note("removed", tf.train.remove_checkpoint(prefix))
        note("gone", [tf.train.checkpoint_exists(prefix), tf.train.checkpoint_exists(paths[-1])])
        note("empty folder", [tf.train.latest_checkpoint(os.path.join(folder, "none"))])
    note("twice", lambda: tf.train.Saver([b, b]))
    note("nothing", lambda: tf.train.Saver([]))
    note("no variable", lambda: tf.train.Saver([tf.constant(1)]))
    note("deferred", lambda: tf.train.Saver(defer_build=True).save(tf.Session(), "x"))


PROGRAMS = [decays, averages, savers]
