"""tf.gradients."""

import diptych.static as tf
import numpy as np
import pytest


def _run(fetches, feeds=None):
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        return session.run(fetches, feeds)


def test_values():
    x = tf.constant([1.0, 2.0, 3.0])
    found = _run(tf.gradients([tf.reduce_sum(x * x), 3 * x], [x]))
    assert found[0].tolist() == [5, 7, 9]


def test_always_a_list():
    x = tf.constant(2.0)
    assert isinstance(tf.gradients(x * x, x), list) and len(tf.gradients(x, [x, x])) == 2
    assert _run(tf.gradients(x, [x, x])) == [1, 1]


def test_tensors_between():
    a = tf.constant(2.0)
    b = a * 3
    assert _run(tf.gradients(a + b, [a, b])) == [4, 1]
    assert _run(tf.gradients(a + b, [a, b], stop_gradients=[a, b])) == [1, 1]
    assert tf.gradients(b * b, [a], stop_gradients=[b]) == [None]


def test_copies_are_told_apart():
    x = tf.constant([1.0, 2.0])
    y = tf.identity(x)
    one, other = _run(tf.gradients(x * y, [x, y]))
    assert one.tolist() == [2, 4] and other.tolist() == [1, 2]


def test_weights():
    x = tf.constant([1.0, 2.0])
    (found,) = _run(tf.gradients(x * x, x, grad_ys=[tf.constant([10.0, 1.0])]))
    assert found.tolist() == [20, 4]
    (found,) = _run(tf.gradients([x * x, x], x, grad_ys=[None, tf.constant([5.0, 5.0])]))
    assert found.tolist() == [7, 9]


def test_second_order():
    x = tf.placeholder(tf.float32, [2])
    (first,) = tf.gradients(x**3, x)
    (second,) = tf.gradients(first, x)
    (third,) = tf.gradients(second, x)
    found = _run([first, second, third], {x: [1, 2]})
    assert [value.tolist() for value in found] == [[3, 12], [6, 12], [6, 6]]


def test_gradient_penalty():
    w = tf.Variable([[0.5], [2.0]])
    x = tf.constant([[1.0, 2.0], [3.0, 4.0]])
    (slope,) = tf.gradients(tf.tanh(tf.matmul(x, w)), x)
    penalty = tf.reduce_sum(slope**2)
    (found,) = _run(tf.gradients(penalty, w))

    def value(w):
        x = np.array([[1.0, 2.0], [3.0, 4.0]])
        return ((1 - np.tanh(x @ w) ** 2) ** 2 @ (w**2).sum(0)).sum()

    step, w0 = 1e-5, np.array([[0.5], [2.0]])
    wanted = [(value(w0 + step * e) - value(w0 - step * e)) / (2 * step) for e in np.eye(2)[:, :, None]]
    np.testing.assert_allclose(found[:, 0], wanted, rtol=1e-3)


def test_variables_read_several_times():
    v = tf.Variable([1.0, 2.0])
    assert _run(tf.gradients(v * v * v, v))[0].tolist() == [3, 12]
    assert _run(tf.gradients(v * v, v.value()))[0].tolist() == [2, 4]


def test_reads_before_and_after_an_assignment_add_up():
    v = tf.Variable(2.0)
    before = v * 1.0
    with tf.control_dependencies([before]):
        assign = v.assign(5.0)
    with tf.control_dependencies([assign]):
        after = v * 3.0
    found = _run([before, after, *tf.gradients(before * after, v)])
    assert found == [2, 15, 1 * 15 + 3 * 2]


@pytest.mark.parametrize(
    "make",
    [
        lambda x: tf.placeholder(tf.float32, [2]),
        lambda x: tf.stop_gradient(x) * 2,
        lambda x: tf.argmax(x, 0),
        lambda x: tf.cast(tf.cast(x, tf.int32), tf.float32),
        lambda x: tf.floor(x),
        lambda x: tf.ceil(x),
        lambda x: tf.round(x),
        lambda x: tf.floordiv(x, 2.0),
        lambda x: tf.zeros_like(x),
        lambda x: tf.cast(tf.shape(x), tf.float32),
        lambda x: tf.cast(x > 0, tf.float32),
        lambda x: tf.cast(x, tf.int32),
        lambda x: tf.random_normal(tf.shape(x)),
    ],
)
def test_none_where_nothing_flows(make):
    x = tf.placeholder(tf.float32, [2])
    assert tf.gradients(make(x), x) == [None]
    assert tf.gradients(make(x), x, unconnected_gradients="zero")[0].shape.as_list() == [2]


def test_gradient_of_a_power_to_its_exponent():
    x, y = tf.constant([-1.0, 0.0, 2.0]), tf.Variable([2.0, 2.0, 3.0])
    found = _run(tf.gradients(x**y, y))[0]
    np.testing.assert_allclose(found, [0, 0, 8 * np.log(2)], rtol=1e-6)


def test_zero_where_the_graph_says_that_something_flows():
    x = tf.constant([1.0, 2.0])
    assert _run(tf.gradients(tf.sign(x), x))[0].tolist() == [0, 0]


def test_unconnected_zeros():
    x, y = tf.constant([1.0, 2.0]), tf.constant([3.0])
    found = _run(tf.gradients(x * 2, [x, y], unconnected_gradients=tf.UnconnectedGradients.ZERO))
    assert found[0].tolist() == [2, 2] and found[1].tolist() == [0]


def test_through_a_fed_tensor():
    """As in TensorFlow, feeding a tensor replaces its value and not the gradient of the operation that makes it."""
    x = tf.constant([1.0, 2.0])
    h = x * 3.0
    slopes = tf.gradients(h * h, [x, h])
    found = _run(slopes, {h: [10.0, 20.0]})
    assert found[0].tolist() == [60, 120] and found[1].tolist() == [20, 40]


def test_with_respect_to_a_fed_tensor_alone():
    x = tf.placeholder(tf.float32, [2])
    h = x * 3.0
    assert _run(tf.gradients(h * h, h), {h: [10.0, 20.0]})[0].tolist() == [20, 40]


def test_ties():
    x = tf.constant([1.0, -1.0, 0.0])
    zero = tf.zeros([3])
    assert _run(tf.gradients(tf.maximum(x, zero), [x, zero]))[0].tolist() == [1, 0, 1]
    assert _run(tf.gradients(tf.minimum(x, zero), [x, zero]))[1].tolist() == [1, 0, 0]
    assert _run(tf.gradients(tf.nn.relu(x), x))[0].tolist() == [1, 0, 0]
    assert _run(tf.gradients(tf.abs(x), x))[0].tolist() == [1, -1, 0]


def test_name_and_shape():
    x = tf.placeholder(tf.float32, [None, 3])
    (first,) = tf.gradients(x * x, x)
    (second,) = tf.gradients(x * x, x)
    assert (first.name, second.name, first.shape.as_list()) == ("gradients:0", "gradients_1:0", [None, 3])


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (
            lambda x: tf.gradients(x, x, grad_ys=[x, x]),
            ValueError,
            "Length mismatch. Passed 2 grad_ys for 1 ys",
        ),
        (
            lambda x: tf.gradients(x, x, grad_ys=[tf.ones([3])]),
            ValueError,
            "Dimension 0 in both shapes must be equal, but are 2 and 3. Shapes are [2] and [3]. "
            "Tensors are x:0 and its grad_ys.",
        ),
        (
            lambda x: tf.gradients(x, x, grad_ys=[tf.ones([2], tf.int32)]),
            TypeError,
            "Gradient type int32 given for tensor x:0 but must be float32",
        ),
        (
            lambda x: tf.gradients(tf.complex(x, x), x),
            TypeError,
            "Gradients of complex tensors must set grad_ys (y.dtype = tf.complex64)",
        ),
    ],
)
def test_refusals(make, error, message):
    x = tf.placeholder(tf.float32, [2], name="x")
    with pytest.raises(error) as caught:
        make(x)
    assert str(caught.value) == message


def test_unused_gradients_cost_nothing():
    from diptych.static.running.lowering import lower

    x, y = tf.placeholder(tf.float32, [2]), tf.placeholder(tf.float32, [2])
    of_x, _ = tf.gradients(tf.sin(x) * tf.sinh(y), [x, y])
    fed = {x: np.zeros(2, np.float32), y: np.zeros(2, np.float32)}
    names = [equation.op.name for equation in lower([of_x], fed, lambda key: None).function.equations]
    assert "cosh" not in names and "cos" in names
