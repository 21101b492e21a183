"""Tensors: operators, and what a symbol refuses."""

import copy

import diptych.static as tf
import numpy as np
import pytest

X = np.array([[1.5, -2.0], [3.0, 4.0]], np.float32)


def _evaluate(f, *arrays):
    places = [tf.placeholder(array.dtype, array.shape) for array in map(np.asarray, arrays)]
    return tf.Session().run(f(*places), dict(zip(places, arrays, strict=True)))


@pytest.mark.parametrize(
    "f",
    [
        lambda x: x + 2,
        lambda x: 2 + x,
        lambda x: x - 2.5,
        lambda x: 2.5 - x,
        lambda x: x * x,
        lambda x: 3 * x,
        lambda x: x / 2,
        lambda x: 2 / x,
        lambda x: x // 2,
        lambda x: 7 // x,
        lambda x: x % 2,
        lambda x: 7 % x,
        lambda x: abs(x) ** 2,
        lambda x: 2.0**x,
        lambda x: -x,
        lambda x: x @ x,
        lambda x: x < 2,
        lambda x: x <= 3,
        lambda x: x > 2,
        lambda x: x >= 3,
        lambda x: np.ones((2, 2), np.float32) + x,
        lambda x: x[0],
        lambda x: x[..., 1],
        lambda x: x[::-1, 1:],
    ],
)
def test_operators(f):
    np.testing.assert_allclose(_evaluate(f, X), f(X), rtol=1e-6)


def test_a_list_on_the_left():
    assert _evaluate(lambda x: x.__radd__([1.0, 2.0]), X).tolist() == [[2.5, 0], [4, 6]]


def test_logical_operators():
    a, b = np.array([True, True, False]), np.array([True, False, False])
    assert _evaluate(lambda x, y: x & y, a, b).tolist() == [True, False, False]
    assert _evaluate(lambda x, y: x | y, a, b).tolist() == [True, True, False]
    assert _evaluate(lambda x, y: x ^ y, a, b).tolist() == [False, True, False]
    assert _evaluate(lambda x: ~x, a).tolist() == [False, False, True]


def test_division_of_integers():
    x = np.array([7, -7], np.int32)
    assert _evaluate(lambda x: x / 2, x).tolist() == [3.5, -3.5]
    assert _evaluate(lambda x: x / 2, x).dtype == np.float64
    assert _evaluate(lambda x: x // 2, x).tolist() == [3, -4]
    assert _evaluate(lambda x: tf.div(x, 2), x).tolist() == [3, -4]
    assert _evaluate(lambda x: x % 3, x).tolist() == [1, 2]


def test_equality_is_identity():
    x = tf.constant([1.0])
    assert x == x and (x == tf.constant([1.0])) is False and x in [x] and {x: 1}[x] == 1
    assert copy.copy(x) is x


def test_texts():
    x = tf.placeholder(tf.float32, [None, 2], name="x")
    assert str(x) == 'Tensor("x:0", shape=(?, 2), dtype=float32)'
    assert repr(x) == "<tf.Tensor 'x:0' shape=(?, 2) dtype=float32>"
    assert str(tf.placeholder(tf.int32, name="y")) == 'Tensor("y:0", dtype=int32)'


def test_set_shape():
    x = tf.placeholder(tf.float32, [None, 2])
    x.set_shape([3, None])
    assert x.shape.as_list() == [3, 2]
    with pytest.raises(ValueError) as caught:
        x.set_shape([4, 2])
    assert str(caught.value) == (
        "Dimension 0 in both shapes must be equal, but are 3 and 4. Shapes are [3,2] and [4,2]."
    )
    with pytest.raises(ValueError, match=r"^Shapes must be equal rank, but are 2 and 1$"):
        x.set_shape([3])


@pytest.mark.parametrize(
    ("use", "error", "message"),
    [
        (
            bool,
            TypeError,
            "using a `tf.Tensor` as a Python `bool` is not allowed in Graph execution: a tensor of a graph has a value "
            "only inside Session.run. Use `if t is not None:` to test if a tensor is defined, and tf.cond to choose by "
            "its value.",
        ),
        (
            iter,
            TypeError,
            "iterating over `tf.Tensor` is not allowed in Graph execution: a tensor of a graph has a value only inside "
            "Session.run. Try tf.unstack or tf.map_fn.",
        ),
        (
            len,
            TypeError,
            "len is not well defined for symbolic Tensors. (x:0) Please call `x.shape` rather than `len(x)` for shape "
            "information.",
        ),
        (np.array, NotImplementedError, "Cannot convert a symbolic Tensor (x:0) to a numpy array."),
        (
            lambda x: x["a"],
            TypeError,
            "Only integers, slices (`:`), ellipsis (`...`), tf.newaxis (`None`) and scalar tf.int32/tf.int64 tensors "
            "are valid indices, got 'a'",
        ),
    ],
)
def test_refusals(use, error, message):
    x = tf.placeholder(tf.float32, [None, 2], name="x")
    with pytest.raises(error) as caught:
        use(x)
    assert str(caught.value) == message


def test_eval_without_session():
    with pytest.raises(ValueError) as caught:
        tf.constant(1.0).eval()
    assert str(caught.value) == (
        "Cannot evaluate tensor using `eval()`: No default session is registered. Use `with sess.as_default()` or pass "
        "an explicit session to `eval(session=sess)`"
    )
    with pytest.raises(ValueError) as caught:
        tf.no_op().run()
    assert str(caught.value) == (
        "Cannot execute operation using `run()`: No default session is registered. Use `with sess.as_default():` or "
        "pass an explicit session to `run(session=sess)`"
    )


def test_eval_in_a_session_of_another_graph():
    x = tf.constant(1.0)
    with pytest.raises(ValueError) as caught:
        x.eval(session=tf.Session(graph=tf.Graph()))
    assert str(caught.value) == (
        "Cannot use the given session to evaluate tensor: the tensor's graph is different from the session's graph."
    )
