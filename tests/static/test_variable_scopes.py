"""tf.variable_scope and tf.get_variable: names, reuse, defaults and getters."""

import diptych.static as tf
import pytest
from diptych.ir import Unsupported


def test_names_and_reuse():
    with tf.variable_scope("a"):
        x = tf.get_variable("x", [2])
        y = tf.add(x, x)
        with tf.variable_scope("b"):
            z, w = tf.get_variable("z", [2]), tf.Variable(1.0, name="w")
    with tf.variable_scope("a", reuse=True):
        again, sum_ = tf.get_variable("x", [2]), tf.add(x, x)
        with tf.variable_scope("b"):
            z_again, w_new = tf.get_variable("z"), tf.Variable(1.0, name="w")
    assert again is x and z_again is z
    assert [t.name for t in (x, y, z, w, sum_, w_new)] == [
        "a/x:0", "a/Add:0", "a/b/z:0", "a/b/w:0", "a_1/Add:0", "a_1/b/w:0",
    ]  # fmt: skip


def test_default_names_are_made_unique():
    with tf.variable_scope("a"):
        pass
    with tf.variable_scope(None, "a") as scope:
        x = tf.get_variable("x", [2])
    assert (scope.name, scope.original_name_scope, x.name) == ("a_1", "a_1/", "a_1/x:0")
    with tf.variable_scope(scope) as same:
        assert (same.name, same.original_name_scope, tf.no_op().name) == ("a_1", "a_1/", "a_1_1/NoOp")


def test_scopes_inside_count_anew():
    names = []
    for _ in range(2):
        with tf.variable_scope("net"):
            for _ in range(2):
                with tf.variable_scope(None, "dense") as scope:
                    names.append(scope.name)
    assert names == ["net/dense", "net/dense_1"] * 2


def test_entering_a_scope_object():
    with tf.variable_scope("a") as a:
        pass
    with tf.variable_scope("b"), tf.variable_scope(a):
        assert tf.get_variable("z", [1]).name == "a/z:0" and tf.no_op().name == "b/a/NoOp"
    with tf.variable_scope("c"), tf.variable_scope(tf.get_variable_scope(), reuse=tf.AUTO_REUSE) as scope:
        assert scope.name == "c" and scope.reuse is tf.AUTO_REUSE


def test_without_a_name():
    with tf.variable_scope(""):
        assert tf.get_variable("z", [1]).name == "z:0" and tf.no_op().name == "NoOp"
    with tf.variable_scope("x/y"):
        assert tf.get_variable("z", [1]).name == "x/y/z:0"


def test_name_scopes_do_not_change_get_variable():
    with tf.name_scope("ns"):
        assert tf.get_variable("v", [1]).name == "v:0" and tf.Variable(1.0, name="u").name == "ns/u:0"
        with tf.variable_scope("vs") as scope:
            assert tf.get_variable("q", [1]).name == "vs/q:0" and scope.original_name_scope == "ns/vs/"


def test_auto_reuse():
    found = []
    for _ in range(2):
        with tf.variable_scope("a", reuse=tf.AUTO_REUSE):
            found.append(tf.get_variable("x", [2]))
    assert found[0] is found[1]


def test_reuse_holds_inside():
    with tf.variable_scope("a", reuse=True), tf.variable_scope("b", reuse=False):
        assert tf.get_variable_scope().reuse is True
    with tf.variable_scope("a") as scope:
        tf.get_variable("x", [2])
        scope.reuse_variables()
        assert tf.get_variable("x").name == "a/x:0"


def test_already_there():
    with tf.variable_scope("a"):
        tf.get_variable("x", [2])
        with pytest.raises(ValueError) as caught:
            tf.get_variable("x", [2])
    lines = str(caught.value).split("\n")
    assert lines[0] == (
        "Variable a/x already exists, disallowed. Did you mean to set reuse=True or reuse=tf.AUTO_REUSE in VarScope? "
        "Originally defined at:"
    )
    assert f'File "{__file__}"' in lines[2] and lines[3].strip() == 'tf.get_variable("x", [2])'


def _missing():
    with tf.variable_scope("a", reuse=True):
        tf.get_variable("y", [2])


def _other(**options):
    with tf.variable_scope("a"):
        tf.get_variable("x", [2])
    with tf.variable_scope("a", reuse=True):
        tf.get_variable("x", **options)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            _missing,
            "Variable a/y does not exist, or was not created with tf.get_variable(). "
            "Did you mean to set reuse=tf.AUTO_REUSE in VarScope?",
        ),
        (
            lambda: _other(shape=[3]),
            "Trying to share variable a/x, but specified shape (3,) and found shape (2,).",
        ),
        (
            lambda: _other(dtype=tf.int32),
            "Trying to share variable a/x, but specified dtype int32 and found dtype float32_ref.",
        ),
        (
            lambda: tf.get_variable("x"),
            "Shape of a new variable (x) must be fully defined, but instead was <unknown>.",
        ),
        (
            lambda: tf.get_variable("x", [None, 2]),
            "Shape of a new variable (x) must be fully defined, but instead was (?, 2).",
        ),
        (
            lambda: tf.get_variable("x", [2], initializer=tf.zeros([2])),
            "If initializer is a constant, do not specify shape.",
        ),
        (lambda: tf.variable_scope(None, "a", reuse=True), "reuse=True cannot be used without a name_or_scope"),
        (lambda: tf.variable_scope("a", reuse=3), "The reuse parameter must be True or False or None."),
    ],
)
def test_refusals(make, message):
    with pytest.raises(ValueError) as caught:
        make()
    assert str(caught.value) == message


def test_initializers():
    values = {
        "zeros": tf.get_variable("a", [2], initializer=tf.zeros_initializer()),
        "class": tf.get_variable("b", [2], initializer=tf.ones_initializer),
        "tensor": tf.get_variable("c", initializer=tf.fill([2], 3.0)),
        "number": tf.get_variable("d", initializer=4.0),
        "function": tf.get_variable("e", [2], initializer=lambda shape, dtype, partition_info: tf.fill(shape, 5.0)),
        "integers": tf.get_variable("f", [2], tf.int32),
        "constant": tf.get_variable("g", [2], initializer=tf.constant_initializer([6, 7])),
        "no arguments": tf.get_variable("h", initializer=lambda: tf.fill([2], 8.0)),
    }
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        found = {name: value.tolist() for name, value in session.run(values).items()}
    assert found == {
        "zeros": [0, 0], "class": [1, 1], "tensor": [3, 3], "number": 4, "function": [5, 5], "integers": [0, 0],
        "constant": [6, 7], "no arguments": [8, 8],
    }  # fmt: skip
    assert values["zeros"].initial_value.name == "a/Initializer/zeros:0"


def test_default_initializer_is_glorot_uniform():
    w = tf.get_variable("w", [200, 100])
    assert "w/Initializer/random_uniform/RandomUniform" in tf.get_default_graph()._operations
    with tf.Session() as session:
        session.run(w.initializer)
        values = session.run(w)
    limit = (6 / 300) ** 0.5
    assert abs(values).max() <= limit and abs(values.std() - limit / 3**0.5) < 0.01 * limit


def test_defaults_of_a_scope():
    with tf.variable_scope("outer", initializer=tf.ones_initializer(), regularizer=tf.nn.l2_loss, dtype=tf.float64):
        w = tf.get_variable("w", [2])
        with tf.variable_scope("inner", initializer=tf.zeros_initializer()) as inner:
            u = tf.get_variable("u", [2])
    assert w.dtype.base_dtype is tf.float64 and inner.regularizer is tf.nn.l2_loss
    losses = tf.get_collection(tf.GraphKeys.REGULARIZATION_LOSSES)
    assert [loss.name for loss in losses] == ["outer/w/Regularizer/L2Loss:0", "outer/inner/u/Regularizer/L2Loss:0"]
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        assert session.run([w, u, losses[0]])[0].tolist() == [1, 1] and session.run(u).tolist() == [0, 0]


def test_custom_getters():
    seen = []

    def outer(getter, name, **options):
        seen.append(("outer", name))
        return getter(name, **options)

    def inner(getter, name, *args, **options):
        seen.append(("inner", name))
        return tf.identity(getter(name, *args, **options), name="got")

    with tf.variable_scope("s", custom_getter=outer), tf.variable_scope("t", custom_getter=inner):
        found = tf.get_variable("w", [2])
    assert seen == [("inner", "s/t/w"), ("outer", "s/t/w")] and found.name == "got:0"


def test_scopes_list_their_variables():
    with tf.variable_scope("a") as scope:
        x = tf.get_variable("x", [1])
    tf.get_variable("x", [1])
    assert scope.global_variables() == scope.trainable_variables() == [x]


def test_partitioners_are_refused():
    with pytest.raises(Unsupported) as caught:
        tf.get_variable("x", [2], partitioner=lambda **_: [2])
    assert caught.value.message == "a partitioner for variables is not supported"


def test_global_step():
    step = tf.train.get_or_create_global_step()
    assert step.name == "global_step:0" and step.dtype.base_dtype is tf.int64 and not step.trainable
    assert tf.train.get_global_step() is step and tf.train.get_or_create_global_step() is step
    with pytest.raises(ValueError, match=r'^"global_step" already exists.$'):
        tf.train.create_global_step()
    with tf.Session() as session:
        session.run(step.initializer)
        session.run(step.assign_add(2))
        assert tf.train.global_step(session, step) == 2
