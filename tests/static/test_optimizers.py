"""Optimizers: steps against numpy, slots, global step, and errors."""

import diptych.static as tf
import numpy as np
import pytest

START = np.array([1.0, -2.0], np.float32)
PULL = np.array([3.0, 0.5], np.float32)  # the gradient of sum(PULL * w * w / 2) is PULL * w


def _trained(optimizer, steps=4):
    w = tf.Variable(START, name="W")
    step = optimizer.minimize(tf.reduce_sum(PULL * w * w) / 2)
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        for _ in range(steps):
            session.run(step)
        return session.run(w)


def _momentum(nesterov, steps=4):
    w, m = START.astype(np.float64), np.zeros(2)
    for _ in range(steps):
        g = PULL * w
        m = 0.9 * m + g
        w = w - 0.1 * (g + 0.9 * m if nesterov else m)
    return w


def _adam(steps=4, rate=0.1, b1=0.9, b2=0.999, epsilon=1e-8):
    w, m, v = START.astype(np.float64), np.zeros(2), np.zeros(2)
    for t in range(1, steps + 1):
        g = PULL * w
        m, v = b1 * m + (1 - b1) * g, b2 * v + (1 - b2) * g * g
        w = w - rate * np.sqrt(1 - b2**t) / (1 - b1**t) * m / (np.sqrt(v) + epsilon)
    return w


CASES = {
    "gradient descent": (lambda: tf.train.GradientDescentOptimizer(0.1), START * (1 - 0.1 * PULL) ** 4),
    "momentum": (lambda: tf.train.MomentumOptimizer(0.1, 0.9), _momentum(False)),
    "nesterov": (lambda: tf.train.MomentumOptimizer(0.1, 0.9, use_nesterov=True), _momentum(True)),
    "adam": (lambda: tf.train.AdamOptimizer(0.1), _adam()),
    "adam with other numbers": (
        lambda: tf.train.AdamOptimizer(0.01, beta1=0.5, beta2=0.9, epsilon=1e-2),
        _adam(rate=0.01, b1=0.5, b2=0.9, epsilon=1e-2),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_steps(name):
    make, wanted = CASES[name]
    np.testing.assert_allclose(_trained(make()), wanted, rtol=2e-5)


def test_rates_may_be_tensors_and_functions():
    rate = tf.placeholder(tf.float32, [])
    w = tf.Variable(START)
    loss = tf.reduce_sum(PULL * w * w) / 2
    fed = tf.train.GradientDescentOptimizer(rate).minimize(loss)
    called = tf.train.GradientDescentOptimizer(lambda: 0.5).minimize(loss)
    with tf.Session() as session:
        session.run(w.initializer)
        session.run(fed, {rate: 0.1})
        first = session.run(w)
        session.run(called)
        second = session.run(w)
    np.testing.assert_allclose(first, START * (1 - 0.1 * PULL), rtol=1e-6)
    np.testing.assert_allclose(second, first * (1 - 0.5 * PULL), rtol=1e-6)


@pytest.mark.parametrize("dtype", [tf.float64, tf.float16])
def test_other_dtypes(dtype):
    w = tf.Variable(START.astype(dtype.as_numpy_dtype))
    step = tf.train.AdamOptimizer(0.1).minimize(tf.reduce_sum(w * w))
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        session.run(step)
        np.testing.assert_allclose(session.run(w), [0.9, -1.9], rtol=2e-3)


def test_global_step_counts():
    w = tf.Variable(1.0)
    count = tf.Variable(0, trainable=False, name="count")
    step = tf.train.GradientDescentOptimizer(0.1).minimize(w * w, global_step=count)
    assert step in tf.get_collection(tf.GraphKeys.TRAIN_OP)
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        for _ in range(3):
            session.run(step)
        assert session.run(count) == 3


def test_slots():
    w = tf.Variable(START, name="W")
    optimizer = tf.train.AdamOptimizer(0.1)
    step = optimizer.minimize(tf.reduce_sum(w * w))
    assert optimizer.get_slot_names() == ["m", "v"] and optimizer.get_slot(w, "m").name == "W/Adam:0"
    assert optimizer.get_slot(w, "other") is None
    assert [v.name for v in optimizer.variables()] == ["W/Adam:0", "W/Adam_1:0", "beta1_power:0", "beta2_power:0"]
    assert not any(v.trainable for v in optimizer.variables())
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        session.run(step)
        m, power = session.run([optimizer.get_slot(w, "m"), "beta1_power:0"])
    np.testing.assert_allclose(m, 0.1 * 2 * START, rtol=1e-5)
    assert power == pytest.approx(0.81)


def test_clipping_between_compute_and_apply():
    w, unused = tf.Variable(START), tf.Variable(1.0)
    optimizer = tf.train.GradientDescentOptimizer(1.0)
    pairs = optimizer.compute_gradients(tf.reduce_sum(100 * w))
    assert pairs[1] == (None, unused) and pairs[0][1] is w
    clipped = [(tf.clip_by_value(g, -1.0, 1.0), v) for g, v in pairs if g is not None]
    step = optimizer.apply_gradients(clipped)
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        session.run(step)
        assert session.run(w).tolist() == [0, -3]


def test_var_list_and_grad_loss():
    a, b = tf.Variable(1.0), tf.Variable(1.0)
    optimizer = tf.train.GradientDescentOptimizer(0.1)
    step = optimizer.minimize(a * b, var_list=[b], grad_loss=tf.constant(5.0))
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        session.run(step)
        assert session.run([a, b]) == [1, 0.5]


def test_tensors_have_gradients_but_cannot_be_updated():
    x, w = tf.placeholder(tf.float32, [2], name="x"), tf.Variable(START)
    optimizer = tf.train.GradientDescentOptimizer(0.1)
    pairs = optimizer.compute_gradients(tf.reduce_sum(x * w), [x, w.value(), w])
    assert [target for _, target in pairs] == [x, w.value(), w]
    with tf.Session() as session:
        session.run(w.initializer)
        found = session.run([gradient for gradient, _ in pairs], {x: [5, 7]})
    assert [value.tolist() for value in found] == [START.tolist(), [5, 7], [5, 7]]
    with pytest.raises(NotImplementedError) as caught:
        optimizer.apply_gradients(pairs)
    assert caught.value.args == ("Trying to update a Tensor ", x)


@pytest.mark.parametrize(
    ("make", "gradient", "message"),
    [
        (
            lambda: tf.train.GradientDescentOptimizer(0.1),
            [1.0, 2.0, 3.0],
            "Dimension 0 in both shapes must be equal, but are 2 and 3. Shapes are [2] and [3]. for "
            "'GradientDescent/update_W/ApplyGradientDescent' (op: 'ApplyGradientDescent') with input shapes: [2], [], "
            "[3].",
        ),
        (
            lambda: tf.train.MomentumOptimizer([0.1, 0.2], 0.9),
            [1.0, 2.0],
            "Shape must be rank 0 but is rank 1 for 'Momentum/update_W/ApplyMomentum' (op: 'ApplyMomentum') with input "
            "shapes: [2], [2], [2], [2], [].",
        ),
    ],
)
def test_shapes_that_do_not_fit_a_variable(make, gradient, message):
    w = tf.Variable(START, name="W")
    with pytest.raises(ValueError) as caught:
        make().apply_gradients([(tf.constant(gradient), w)])
    assert str(caught.value) == message


def test_constraints():
    w = tf.Variable(START, constraint=lambda w: tf.clip_by_value(w, -0.5, 0.5))
    step = tf.train.GradientDescentOptimizer(0.0).minimize(tf.reduce_sum(w))
    with tf.Session() as session:
        session.run(w.initializer)
        session.run(step)
        assert session.run(w).tolist() == [0.5, -0.5]


def test_loss_and_step_in_one_run():
    w = tf.Variable(2.0)
    loss = w * w
    step = tf.train.GradientDescentOptimizer(0.25).minimize(loss)
    with tf.Session() as session:
        session.run(w.initializer)
        assert session.run([loss, step, w]) == [4, None, 1]
        assert session.run([step, loss]) == [None, 1]


def test_a_subclass():
    class Sign(tf.train.Optimizer):
        def __init__(self):
            super().__init__(False, "Sign")

        def _apply_dense(self, grad, var):
            return tf.assign_sub(var, tf.sign(grad))

    assert _trained(Sign(), steps=1).tolist() == [0, -1]


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (
            lambda o: o.minimize(tf.placeholder(tf.float32, [])),
            ValueError,
            "No variables to optimize.",
        ),
        (
            lambda o: o.minimize(tf.Variable(1) * 1),
            ValueError,
            "Invalid type tf.int32 for mul:0, expected: [tf.float32, tf.float64, tf.float16, tf.bfloat16].",
        ),
        (
            lambda o: tf.Variable(1.0, name="W") and o.minimize(tf.zeros([2])),
            ValueError,
            "No gradients provided for any variable, check your graph for ops that do not support gradients, between "
            "variables [\"<tf.Variable 'W:0' shape=() dtype=float32_ref>\"] and loss "
            'Tensor("zeros:0", shape=(2,), dtype=float32).',
        ),
        (lambda o: o.apply_gradients([]), ValueError, "No variables provided."),
        (
            lambda o: o.apply_gradients([(None, tf.Variable(1.0, name="W"))]),
            ValueError,
            "No gradients provided for any variable: [\"<tf.Variable 'W:0' shape=() dtype=float32_ref>\"].",
        ),
        (lambda o: o.compute_gradients(1.0, [3]), TypeError, "Argument is not a tf.Variable: 3"),
        (
            lambda o: o.compute_gradients(1.0, gate_gradients=7),
            ValueError,
            "gate_gradients must be one of: Optimizer.GATE_NONE, Optimizer.GATE_OP, Optimizer.GATE_GRAPH.  Not 7",
        ),
    ],
)
def test_refusals(make, error, message):
    with pytest.raises(error) as caught:
        make(tf.train.GradientDescentOptimizer(0.1))
    assert str(caught.value) == message
