"""What real TensorFlow-1 programs do that a toy would not survive, a program each."""

from __future__ import annotations

import tempfile
import threading
from pathlib import Path
from typing import Any

import numpy as np

from tests.static.programs.notes import Note

X = np.arange(6, dtype=np.float32).reshape(3, 2) / 4


def scopes_and_names(tf: Any, note: Note) -> None:
    x = tf.placeholder(tf.float32, [None, 2], name="x")

    def net(x: Any, **scope: Any) -> Any:
        with tf.variable_scope("net", **scope):
            return tf.layers.dense(tf.layers.dense(x, 3), 1, name="out")

    net(x)
    net(x, reuse=True)
    with tf.variable_scope("net") as scope:
        scope.reuse_variables()
        note("same", tf.get_variable("out/kernel", [3, 1]).name)
    for _ in range(2):
        with tf.variable_scope("auto", reuse=tf.AUTO_REUSE):
            tf.get_variable("w", [2])
    tf.layers.dense(x, 2)
    tf.layers.dense(x, 2)
    note("variables", [v.name for v in tf.global_variables()])
    note("of a scope", [v.name for v in tf.get_collection(tf.GraphKeys.GLOBAL_VARIABLES, scope="net")])
    note("by prefix", [v.name for v in tf.trainable_variables() if v.name.startswith("dense_1")])
    note("found again", tf.get_default_graph().get_tensor_by_name("net/out/BiasAdd:0").shape.as_list())
    note("reuse of what is not there", lambda: tf.get_variable_scope().reuse_variables() or tf.get_variable("no", [1]))


def target_networks(tf: Any, note: Note) -> None:
    sources = [tf.Variable([1.0, 2.0]), tf.Variable(3.0)]
    targets = [tf.Variable([0.0, 0.0]), tf.Variable(0.0)]
    replace = [tf.assign(t, s) for t, s in zip(targets, sources, strict=True)]
    soften = [tf.assign(t, 0.9 * t + 0.1 * s) for t, s in zip(targets, sources, strict=True)]
    counter = tf.Variable(0, trainable=False)
    with tf.control_dependencies([counter.assign_add(1)]):
        counted = tf.identity(counter)
    average = tf.train.ExponentialMovingAverage(0.5)
    follow = average.apply(sources)

    def averaged(getter: Any, name: str, *args: Any, **kwargs: Any) -> Any:
        return average.average(getter(name, *args, **kwargs))

    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        session.run(soften)
        note("softened", session.run(targets))
        session.run(replace)
        note("replaced", session.run(targets))
        note("counted", [int(session.run(counted)) for _ in range(3)])
        session.run(sources[1].assign(5.0))
        session.run(follow)
        note("averages", session.run([average.average(each) for each in sources]))
    with tf.variable_scope("again", custom_getter=averaged):
        note("custom getter", lambda: tf.get_variable("v", [1]))


def batch_normalization_updates(tf: Any, note: Note) -> None:
    x, training = tf.placeholder(tf.float32, [None, 2]), tf.placeholder(tf.bool)
    normal = tf.layers.batch_normalization(x, training=training, momentum=0.5)
    loss = tf.reduce_sum(normal**3)
    updates = tf.get_collection(tf.GraphKeys.UPDATE_OPS)
    with tf.control_dependencies(updates):
        step = tf.train.GradientDescentOptimizer(0.01).minimize(loss)
    moving = [v for v in tf.global_variables() if "moving" in v.name]
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        session.run(loss, {x: X, training: True})
        note("without updates", session.run(moving))
        session.run(step, {x: X, training: True})
        note("with updates", session.run(moving))
        session.run(step, {x: X, training: False})
        note("not training", session.run(moving))
        note("applied", session.run(normal, {x: X, training: False}))


def gradients_by_hand(tf: Any, note: Note) -> None:
    x = tf.placeholder(tf.float32, [None, 2])
    w, unused = tf.Variable([[1.0], [2.0]]), tf.Variable(1.0)
    y = tf.matmul(x, w)
    slope = tf.gradients(y, x)[0]
    penalty = tf.reduce_mean(tf.square(tf.sqrt(tf.reduce_sum(tf.square(slope), 1)) - 1))
    policy = tf.gradients(y, [w], -tf.ones_like(y))
    optimizer = tf.train.GradientDescentOptimizer(0.1)
    pairs = optimizer.compute_gradients(penalty, [w, unused])
    note("none", [gradient is None for gradient, _ in pairs])
    clipped = [(tf.clip_by_value(gradient, -0.1, 0.1), v) for gradient, v in pairs if gradient is not None]
    step = optimizer.apply_gradients(clipped)
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        note("all", session.run([slope, penalty, policy], {x: X}))
        session.run(step, {x: X})
        note("stepped", session.run(w))


def any_tensor_is_fed(tf: Any, note: Note) -> None:
    x = tf.placeholder(tf.float32, [None, None, 2])
    cells = [tf.nn.rnn_cell.BasicLSTMCell(2) for _ in range(2)]
    cell = tf.nn.rnn_cell.MultiRNNCell(cells)
    first = cell.zero_state(tf.shape(x)[0], tf.float32)
    with tf.variable_scope("rnn", initializer=tf.constant_initializer(0.5)):
        outputs, last = tf.nn.dynamic_rnn(cell, x, initial_state=first)
    middle = tf.reduce_sum(outputs, 1)
    end = middle * 2
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        state = session.run(first, {x: X[None]})
        for rows in (1, 2):
            fed = np.tile(X[None], (rows, 1, 1))
            state = session.run(first, {x: fed})
            for _ in range(2):
                found, state = session.run([outputs, last], {x: fed, first: state})
            note("outputs", found)
        only_cell = {x: X[None], first[0].c: np.ones((1, 2)), first[1].h: np.ones((1, 2))}
        note("a part of the state", session.run(outputs, only_cell))
        note("a tensor in the middle", session.run(end, {middle: [[1.0, 2.0]]}))


def static_and_dynamic_shapes(tf: Any, note: Note) -> None:
    x = tf.placeholder(tf.float32, [None, 4, 2])
    note("list", x.get_shape().as_list())
    note("dimension", [x.shape[1].value, x.get_shape()[0].value, int(x.shape[1]) * 2])
    flat = tf.reshape(x, [-1, x.shape[1].value * x.shape[2].value])
    mixed = tf.reshape(flat, [tf.shape(x)[0], x.shape[1], 2])
    tiled = tf.tile(tf.expand_dims(tf.range(x.shape[1].value), 0), [tf.shape(x)[0], 1])
    note("static", [flat.shape.as_list(), mixed.shape.as_list(), tiled.shape.as_list()])
    with tf.Session() as session:
        for rows in (1, 3):
            note("shapes", session.run([tf.shape(flat), tf.shape(mixed), tiled], {x: np.zeros((rows, 4, 2))}))


def threads_that_share_a_session(tf: Any, note: Note) -> None:
    total = tf.Variable(0, dtype=tf.int32)
    add = tf.assign_add(total, 1, use_locking=True)
    coordinator = tf.train.Coordinator()
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())

        def work() -> None:
            for _ in range(50):
                session.run(add)
                if coordinator.should_stop():
                    return

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        coordinator.join(threads)
        note("total", int(session.run(total)))


def checkpoints(tf: Any, note: Note) -> None:
    with tempfile.TemporaryDirectory() as folder:
        prefix = str(Path(folder) / "model.ckpt")
        with tf.variable_scope("a"):
            tf.get_variable("w", initializer=[1.0, 2.0])
        step = tf.train.get_or_create_global_step()
        saver = tf.train.Saver()
        with tf.Session() as session:
            session.run([tf.global_variables_initializer(), tf.assign(step, 7)])
            session.run(tf.assign_add(step, 3))
            note("path", Path(saver.save(session, prefix, global_step=step)).name)
        state = tf.train.get_checkpoint_state(folder)
        note("state", [Path(state.model_checkpoint_path).name, len(state.all_model_checkpoint_paths)])
        note("latest", Path(tf.train.latest_checkpoint(folder)).name)
        note("nothing", tf.train.latest_checkpoint(folder + "/nowhere") is None)
        tf.reset_default_graph()
        w = tf.get_variable("a/w", [2])
        other = tf.get_variable("other", [1])
        with tf.Session() as session:
            tf.train.Saver({"a/w": w}).restore(session, state.model_checkpoint_path)
            note("restored", session.run(w))
            note("not restored", lambda: session.run(other))
            note("all of them", lambda: tf.train.Saver().restore(session, state.model_checkpoint_path))


def summaries(tf: Any, note: Note) -> None:
    x = tf.placeholder(tf.float32, [])
    tf.summary.scalar("loss", x)
    tf.summary.histogram("values", tf.stack([x, x + 1]))
    merged = tf.summary.merge_all()
    with tempfile.TemporaryDirectory() as folder, tf.Session() as session:
        writer = tf.summary.FileWriter(folder, session.graph)
        for step in range(3):
            written = session.run(merged, {x: float(step)})
            writer.add_summary(written, step)
        writer.close()
        note("bytes", isinstance(written, bytes))
        (path,) = Path(folder).iterdir()
        events = list(tf.train.summary_iterator(str(path)))
        note("tags", [[value.tag for value in event.summary.value] for event in events if event.summary.value])


def graphs_and_sessions(tf: Any, note: Note) -> None:
    first, second = tf.Graph(), tf.Graph()
    with first.as_default():
        v = tf.Variable(1.0, name="v")
        start = tf.global_variables_initializer()
    with second.as_default():
        note("its own names", tf.Variable(2.0, name="v").name)
    one, another = tf.Session(graph=first), tf.Session(graph=first)
    one.run(start)
    another.run(start)
    one.run(first.get_tensor_by_name("v:0").op.outputs[0])
    with first.as_default():
        one.run(v.assign(5.0))
    note("apart", [float(one.run(v)), float(another.run(v))])
    note("of another graph", lambda: tf.Session(graph=second).run(v))
    interactive = tf.InteractiveSession()
    x = tf.constant(3.0)
    note("eval", float((x * 2).eval()))
    with tf.Session():
        note("inner", float(x.eval()))
    interactive.close()
    note("no session", lambda: x.eval())


def seeds(tf: Any, note: Note) -> None:
    def numbers() -> list[Any]:
        tf.reset_default_graph()
        tf.set_random_seed(3)
        drawn = [tf.random_normal([2]), tf.random_normal([2], seed=1), tf.truncated_normal([2])]
        with tf.Session() as session:
            return [session.run(drawn), session.run(drawn)]

    first, again = numbers(), numbers()
    flat = [np.concatenate([np.ravel(each) for each in run]) for run in (*first, *again)]
    note("repeats", bool(np.array_equal(flat[0], flat[2]) and np.array_equal(flat[1], flat[3])))
    note("goes on", bool(np.array_equal(flat[0], flat[1])))


PROGRAMS = [
    scopes_and_names,
    target_networks,
    batch_normalization_updates,
    gradients_by_hand,
    any_tensor_is_fed,
    static_and_dynamic_shapes,
    threads_that_share_a_session,
    checkpoints,
    summaries,
    graphs_and_sessions,
    seeds,
]
