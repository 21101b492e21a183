"""Programs that train: models, optimizers, gradients."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.static.programs.notes import Note, described


def softmax_regression(tf: Any, note: Note) -> None:
    random = np.random.RandomState(0)
    images = random.rand(20, 784).astype(np.float32)
    classes = np.eye(10, dtype=np.float32)[random.randint(0, 10, 20)]
    x = tf.placeholder(tf.float32, shape=[None, 28 * 28])
    weights = tf.Variable(tf.random_normal([28 * 28, 10]))
    bias = tf.Variable(tf.zeros([10]))
    y = tf.matmul(x, weights) + bias
    target = tf.placeholder(tf.float32, shape=[None, 10])
    loss = tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(labels=target, logits=y))
    step = tf.train.GradientDescentOptimizer(learning_rate=0.01).minimize(loss)
    init = tf.global_variables_initializer()
    note("things", described(x, weights, bias, y, target, loss, step, init))
    note("texts", [repr(thing) for thing in (x, weights, y, loss, step)] + [str(x), str(weights), str(loss)])
    with tf.Session() as session:
        note("init", session.run(init))
        weights.load(np.full((784, 10), 0.01, np.float32), session)
        feed = {x: images, target: classes}
        note("loss", session.run(loss, feed))
        for _ in range(20):
            session.run(step, feed)
        note("after", session.run([loss, bias], feed))
        accuracy = tf.reduce_mean(tf.cast(tf.equal(tf.argmax(y, 1), tf.argmax(classes, 1)), tf.float32))
        note("accuracy", accuracy.eval(feed))


def one_sample_at_a_time(tf: Any, note: Note) -> None:
    x, y = tf.placeholder("float"), tf.placeholder("float")
    slope, offset = tf.Variable(0.3, name="weight"), tf.Variable(-0.2, name="bias")
    line = tf.add(tf.multiply(x, slope), offset)
    cost = tf.reduce_sum(tf.pow(line - y, 2)) / (2 * 5)
    step = tf.train.GradientDescentOptimizer(0.01).minimize(cost)
    note("things", described(x, slope, line, cost, step))
    xs, ys = np.asarray([3.3, 4.4, 5.5, 6.71, 6.93]), np.asarray([1.7, 2.76, 2.09, 3.19, 1.694])
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        for _ in range(10):
            for each in zip(xs, ys, strict=True):
                session.run(step, feed_dict={x: each[0], y: each[1]})
        note("trained", session.run([slope, offset, cost], feed_dict={x: xs, y: ys}))
        note("scalar", session.run(line, {x: 1}))


def network(tf: Any, note: Note) -> None:
    random = np.random.RandomState(1)
    x, y = tf.placeholder(tf.float32, [None, 5], name="x"), tf.placeholder(tf.int32, [None], name="y")
    h = x
    for number, (inputs, outputs) in enumerate([(5, 8), (8, 3)]):
        with tf.variable_scope(f"layer{number}"):
            w = tf.get_variable(
                "w", [inputs, outputs], initializer=tf.constant_initializer(random.randn(inputs, outputs))
            )
            b = tf.get_variable("b", [outputs], initializer=tf.zeros_initializer())
            h = tf.nn.bias_add(tf.matmul(h, w), b)
            h = tf.nn.relu(h) if number == 0 else h
    loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=h))
    count = tf.Variable(0, trainable=False, name="count")
    step = tf.train.AdamOptimizer(0.01).minimize(loss, global_step=count)
    note("variables", described(*tf.global_variables()))
    note("trainable", [v.name for v in tf.trainable_variables()])
    feed = {x: random.randn(7, 5), y: random.randint(0, 3, 7)}
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        for _ in range(10):
            session.run(step, feed)
        note("loss", session.run([loss, count], feed))
        note("values", {v.name: session.run(v) for v in tf.global_variables()})
        note("label", lambda: session.run(loss, {x: np.zeros((1, 5)), y: [5]}))
        note("shape", lambda: session.run(loss, {x: np.zeros((1, 4)), y: [0]}))
        note("batch", lambda: session.run(loss, {x: np.zeros((2, 5)), y: [0]}))
        note("not fed", lambda: session.run(loss))


def random_masks(tf: Any, note: Note) -> None:
    tf.set_random_seed(3)
    x, keep = tf.placeholder(tf.float32, [None, 4]), tf.placeholder(tf.float32)
    uniform = tf.random_uniform(tf.shape(x))
    mask = tf.floor(keep + uniform)
    y = x * mask / keep
    gradient = tf.gradients(y, x)[0]
    note("things", described(uniform, mask, y))
    feed = {x: np.ones((100, 4)), keep: 0.5}
    with tf.Session() as session:
        first = session.run([y, mask, gradient], feed)
        note("one mask a run", [np.array_equal(first[0], 2 * first[1]), np.array_equal(first[2], 2 * first[1])])
        note("another in the next", bool((session.run(mask, feed) != first[1]).any()))
        note("all kept", session.run(y, {x: np.ones((2, 4)), keep: 1.0}))
    with tf.Session() as session:
        note("again in a new session", np.array_equal(session.run(mask, feed), first[1]))


def momentum_by_hand(tf: Any, note: Note) -> None:
    w = tf.Variable([1.0, 2.0], name="w")
    v = tf.Variable(tf.zeros_like(w), trainable=False, name="v")
    (gradient,) = tf.gradients(tf.reduce_sum(w * w), w)
    fresh = tf.assign(v, 0.9 * v + gradient)
    with tf.control_dependencies([fresh]):
        step = w.assign_sub(0.1 * v.read_value())
    note("things", described(v, fresh, step))
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        note("steps", [session.run(step) for _ in range(3)])
        note("after", session.run([w, v]))


def gradients(tf: Any, note: Note) -> None:
    x = tf.placeholder(tf.float32, [2], name="x")
    w, unused, whole = tf.Variable([1.0, 2.0]), tf.Variable(3.0), tf.Variable(1)
    y = x * w * w
    middle = w * w
    z = middle * x
    cube = tf.gradients(tf.reduce_sum(w**3), w)[0]
    square = tf.gradients(cube, w)[0]
    targets = {
        "one": tf.gradients(y, w),
        "weighted": tf.gradients(y, [w, x], grad_ys=[tf.constant([1.0, 2.0])]),
        "several": tf.gradients([y, w * 2], [w, x]),
        "twice": tf.gradients(y, [w, w]),
        "second": [square, tf.gradients(square, w)[0], tf.gradients(tf.gradients(y, w)[0], w)[0]],
        "inner": [tf.gradients(z, middle)[0], tf.gradients(z, z)[0]],
        "stopped": tf.gradients([middle * w], [w, middle], stop_gradients=middle),
        "read": tf.gradients(y, w.value()) + tf.gradients(w.value(), w),
        "zero": tf.gradients(y, unused, unconnected_gradients="zero"),
    }
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        for label, target in targets.items():
            note(label, session.run(target, {x: [3.0, 4.0]}))
        for at in ([0.0, 0.0], [-1.0, 2.0]):
            for function in ("sqrt", "abs", "sign", "nn.relu", "square", "reduce_max", "reduce_prod", "tanh"):
                called = tf
                for part in function.split("."):
                    called = getattr(called, part)
                note(f"{function} at {at}", session.run(tf.gradients(called(x), x)[0], {x: at}))
        note("fed in the middle", session.run(tf.gradients(z, w)[0], {x: [1.0, 1.0], middle: [7.0, 7.0]}))
    note("none", [tf.gradients(y, unused), tf.gradients(tf.cast(whole, tf.float32) * w, whole)])
    note("none of integers", tf.gradients(whole * 2, whole))
    note("none through an assignment", tf.gradients(tf.assign(w, x * 2), x))
    note("weights", lambda: tf.gradients(y, w, grad_ys=[1.0, 2.0]))
    note("weights' shape", lambda: tf.gradients(y, w, grad_ys=tf.ones([3])))
    note("weights' type", lambda: tf.gradients(y, w, grad_ys=tf.ones([2], tf.float64)))


def optimizers(tf: Any, note: Note) -> None:
    x = tf.placeholder(tf.float32, [None, 2], name="x")
    a, b = tf.Variable([[1.0], [2.0]], name="a"), tf.Variable([0.5], name="b")
    tf.Variable([1.0], name="unused")
    fixed = tf.Variable([3.0], name="fixed", trainable=False)
    loss = tf.reduce_mean(tf.square(tf.matmul(x, a) + b * fixed))
    descent = tf.train.GradientDescentOptimizer(0.1)
    pairs = descent.compute_gradients(loss)
    note("pairs", [[None if g is None else str(g.shape), v.name] for g, v in pairs])
    clipped = [(g if g is None else tf.clip_by_value(g, -1.0, 1.0), v) for g, v in pairs]
    rate = tf.placeholder(tf.float32, [], name="rate")
    count = tf.train.get_or_create_global_step()
    momentum, adam = tf.train.MomentumOptimizer(0.1, 0.9), tf.train.AdamOptimizer(0.1)
    slow = tf.Variable(0.5, trainable=False, name="slow")
    steps = [
        descent.apply_gradients(clipped),
        momentum.minimize(loss, global_step=count),
        adam.minimize(loss, name="go"),
        tf.train.GradientDescentOptimizer(rate).minimize(loss, var_list=[a]),
        tf.train.MomentumOptimizer(slow, 0.5, use_nesterov=True).minimize(loss),
        tf.train.AdamOptimizer(rate, beta1=0.5, epsilon=0.1).minimize(loss, var_list=[b]),
    ]
    with tf.name_scope("scope"), tf.variable_scope("variables"):
        steps.append(tf.train.AdamOptimizer(0.1).minimize(loss))
    note("steps", described(*steps))
    note("variables", [v.name for v in tf.global_variables()])
    note("slots", [momentum.get_slot_names(), momentum.get_slot(a, "momentum").name, adam.get_slot_names()])
    note("kept", [v.name for v in adam.variables()])
    feed = {x: [[1.0, 2.0], [3.0, 4.0], [0.0, -1.0]], rate: 0.05}
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        for step in steps:
            for _ in range(3):
                session.run(step, feed)
            note(f"after {step.name}", session.run([a, b, fixed, count, loss], feed))
        note("step", tf.train.global_step(session, count))
    note("of a tensor", [v.name for _, v in descent.compute_gradients(loss, [x, a.value()])])
    for label, call in {
        "no variable": lambda: descent.minimize(tf.reduce_sum(x)),
        "no gradient": lambda: descent.apply_gradients([(None, a)]),
        "no pair": lambda: descent.apply_gradients([]),
        "no list": lambda: descent.compute_gradients(loss, []),
        "integers": lambda: descent.minimize(tf.constant(1)),
        "shape": lambda: descent.apply_gradients([(np.ones((3, 1), np.float32), a)]),
        "type": lambda: descent.apply_gradients([(np.ones((2, 1)), a)]),
        "tensor": lambda: descent.apply_gradients([(tf.ones([2, 1]), a.value())]),
        "no name": lambda: tf.train.GradientDescentOptimizer(0.1, name=""),
    }.items():
        note(label, call)


PROGRAMS = [softmax_regression, one_sample_at_a_time, network, random_masks, momentum_by_hand, gradients, optimizers]
