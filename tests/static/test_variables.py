"""Variables, and the order in which a run reads and assigns them."""

import diptych.static as tf
import numpy as np
import pytest


@pytest.fixture
def session():
    return tf.Session()


def test_what_a_variable_is():
    w = tf.Variable(tf.zeros([2, 3]), name="W")
    assert repr(w) == "<tf.Variable 'W:0' shape=(2, 3) dtype=float32_ref>"
    assert w.op.type == "VariableV2" and w.initializer.name == "W/Assign" and w.value().name == "W/read:0"
    assert w.initial_value.name == "zeros:0" and w.dtype.base_dtype is tf.float32
    assert tf.global_variables() == [w] and tf.trainable_variables() == [w]
    assert tf.trainable_variables() and not tf.local_variables()


def test_collections_of_variables():
    hidden = tf.Variable(1.0, trainable=False)
    local = tf.Variable(1.0, collections=[tf.GraphKeys.LOCAL_VARIABLES], trainable=False)
    assert tf.global_variables() == [hidden] and tf.trainable_variables() == [] and tf.local_variables() == [local]


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: tf.Variable(), ValueError, "initial_value must be specified."),
        (
            lambda: tf.Variable(tf.placeholder(tf.float32, [None, 2], name="x")),
            ValueError,
            'initial_value must have a shape specified: Tensor("x:0", shape=(?, 2), dtype=float32)',
        ),
        (lambda: list(tf.Variable([1.0])), TypeError, "'Variable' object is not iterable."),
        (lambda: tf.Variable(1.0, constraint=3), ValueError, "The `constraint` argument must be a callable."),
    ],
)
def test_refusals(make, error, message):
    with pytest.raises(error) as caught:
        make()
    assert str(caught.value) == message


def test_initialising(session):
    w = tf.Variable(lambda: tf.ones([2]), name="W", dtype=tf.float32)
    assert w.initial_value.name == "W/Initializer/ones:0"
    with pytest.raises(tf.errors.FailedPreconditionError) as caught:
        session.run(w + 1)
    lines = str(caught.value).split("\n")
    assert lines[0] == "Attempting to use uninitialized value W" and lines[1] == "\t [[{{node W/read}}]]"
    assert lines[2].startswith(f"  at {__file__}:") and lines[3].startswith(
        "  try: run tf.global_variables_initializer()"
    )
    assert not session.run(tf.is_variable_initialized(w))
    session.run(tf.global_variables_initializer())
    assert session.run(tf.is_variable_initialized(w)) and session.run(w).tolist() == [1, 1]


def test_assigning(session):
    v = tf.Variable([1.0, 2.0])
    session.run(v.initializer)
    assert session.run(tf.assign(v, [3.0, 4.0])).tolist() == [3, 4]
    assert session.run(v.assign_add([1.0, 1.0])).tolist() == [4, 5]
    assert session.run(v.assign_sub([2.0, 2.0])).tolist() == [2, 3]
    assert v.eval(session).tolist() == [2, 3]
    v.load([7.0, 8.0], session)
    assert session.run(v).tolist() == [7, 8]
    assert session.run(v.assign([0.0, 0.0], read_value=False)) is None


def test_sessions_have_their_own_values():
    v = tf.Variable(1.0)
    one, other = tf.Session(), tf.Session()
    one.run(v.initializer)
    one.run(v.assign_add(1.0))
    other.run(v.initializer)
    assert (one.run(v), other.run(v)) == (2, 1)


def test_arrays_fetched_do_not_change_later(session):
    v = tf.Variable(tf.zeros([3]))
    session.run(v.initializer)
    before = session.run(v)
    step = v.assign_add(tf.ones([3]))
    first = session.run(step)
    second = session.run([step, v])
    assert before.tolist() == [0, 0, 0] and first.tolist() == [1, 1, 1]
    assert [x.tolist() for x in second] == [[2, 2, 2], [2, 2, 2]]
    second[0][:] = 99
    assert session.run(v).tolist() == [2, 2, 2]


def test_arrays_fed_do_not_change(session):
    x = tf.placeholder(tf.float32, [3])
    v = tf.Variable(tf.zeros([3]))
    fed = np.ones(3, np.float32)
    session.run(tf.assign(v, x), {x: fed})
    session.run(v.assign_add([1.0, 1.0, 1.0]))
    assert fed.tolist() == [1, 1, 1]
    fed[:] = 9
    assert session.run(v).tolist() == [2, 2, 2]


# -- order ----


def test_a_read_after_an_assignment_sees_it(session):
    v = tf.Variable(1.0)
    session.run(v.initializer)
    with tf.control_dependencies([v.assign(5.0)]):
        read, sum_, value = tf.identity(v), v + 1, v.read_value()
    assert session.run([read, sum_, value]) == [5, 6, 5]


def test_a_read_before_an_assignment_keeps_the_old_value(session):
    v = tf.Variable(1.0)
    session.run(v.initializer)
    old = v + 0.0
    with tf.control_dependencies([old]):
        assign = v.assign(v * 10)
    with tf.control_dependencies([assign]):
        new = v + 0.0
    assert session.run([old, new]) == [1, 10] and session.run(v) == 10


def test_reads_that_nothing_orders_come_before_assignments(session):
    v = tf.Variable(1.0)
    session.run(v.initializer)
    assign = v.assign_add(1.0)
    later = v * 10
    assert session.run([assign.op, later]) == [None, 10]
    assert session.run(later) == 20


def test_a_fetched_variable_is_read_at_the_end(session):
    v = tf.Variable(1.0)
    session.run(v.initializer)
    assert session.run([v, v.assign_add(1.0)]) == [2, 2]


def test_the_output_of_an_assignment_is_the_variable_after_it(session):
    v = tf.Variable(1.0)
    session.run(v.initializer)
    assert session.run(v.assign(3.0) * 2) == 6


def test_chained_assignments(session):
    v = tf.Variable(1.0)
    session.run(v.initializer)
    with tf.control_dependencies([v.assign(v * 2)]), tf.control_dependencies([v.assign(v + 3)]):
        end = tf.identity(v)
    assert session.run(end) in (5, 8)  # both are ordered before the read, not among each other
    assert session.run(v) == session.run(v)


def test_swapping_through_reads(session):
    a, b = tf.Variable(1.0), tf.Variable(2.0)
    session.run(tf.global_variables_initializer())
    x, y = a + 0.0, b + 0.0
    session.run([a.assign(y), b.assign(x)])
    assert session.run([a, b]) == [2, 1]


def test_target_network_update(session):
    online, target = tf.Variable([1.0, 2.0]), tf.Variable([0.0, 0.0])
    session.run(tf.global_variables_initializer())
    update = [tf.assign(t, 0.9 * t + 0.1 * o) for t, o in [(target, online)]]
    for _ in range(2):
        session.run(update)
    np.testing.assert_allclose(session.run(target), [0.19, 0.38], rtol=1e-6)


def test_group_runs_all(session):
    a, b = tf.Variable(1.0), tf.Variable(2.0)
    session.run(tf.global_variables_initializer())
    both = tf.group(a.assign_add(1.0), [b.assign_add(1.0)], name="both")
    assert both.name == "both" and session.run(both) is None
    assert session.run([a, b]) == [2, 3]


def test_only_what_is_fetched_runs(session):
    a, b = tf.Variable(1.0), tf.Variable(2.0)
    session.run(tf.global_variables_initializer())
    b.assign(9.0)
    session.run(a.assign(5.0))
    assert session.run([a, b]) == [5, 2]


def test_no_gradient_flows_through_an_assignment(session):
    v, x = tf.Variable(1.0), tf.placeholder(tf.float32, [])
    session.run(v.initializer)
    assert tf.gradients(v.assign(x) * 2, [x, v]) == [None, None]


# -- initial values that depend on other variables ----


def test_initialised_value(session):
    a = tf.Variable(tf.random_normal([3]))
    b = tf.Variable(a.initialized_value() * 2)
    session.run(tf.global_variables_initializer())
    x, y = session.run([a, b])
    assert np.array_equal(y, 2 * x)


def test_initial_value_of_another_variable(session):
    a = tf.Variable(3.0)
    b = tf.Variable(tf.square(a) + a)
    c = tf.Variable(b * 2)
    session.run(tf.global_variables_initializer())
    assert session.run([a, b, c]) == [3, 12, 24]


def test_shapes_that_change(session):
    v = tf.Variable([1.0, 2.0], validate_shape=False)
    session.run(v.initializer)
    grow = tf.assign(v, tf.concat([v, [9.0]], 0), validate_shape=False)
    assert session.run(grow).tolist() == [1, 2, 9] and session.run(grow).tolist() == [1, 2, 9, 9]
    assert session.run(tf.reduce_sum(v)) == 21


def test_assigning_to_a_slice_by_the_function(session):
    v = tf.Variable([1.0, 2.0, 3.0])
    session.run(v.initializer)
    assert session.run(tf.assign(v[1:], [8.0, 9.0])).tolist() == [1, 8, 9] == session.run(v).tolist()


def _swapped(session):
    left, right = tf.get_variable("left", initializer=[1.0, 2.0]), tf.get_variable("right", initializer=[3.0, 4.0])
    reads = [left.read_value(), tf.identity(right)]
    with tf.control_dependencies(reads):
        swap = [left.assign(reads[1]).op, right.assign(reads[0]).op]
    session.run(tf.global_variables_initializer())
    before, _ = session.run([reads, swap])
    return np.array([before, session.run([left, right])])


def test_reads_of_resource_variables_keep_what_they_read(session):
    with tf.variable_scope("", use_resource=True):
        assert _swapped(session).tolist() == [[[1, 2], [3, 4]], [[3, 4], [1, 2]]]


def test_reads_of_other_variables_show_what_is_assigned_later(session):
    assert _swapped(session).tolist() == [[[3, 4], [3, 4]], [[3, 4], [3, 4]]]


def test_resource_variables_for_all(session):
    tf.enable_resource_variables()
    assert tf.resource_variables_enabled()
    try:
        assert _swapped(session)[1].tolist() == [[3, 4], [1, 2]]
    finally:
        tf.disable_resource_variables()
    assert not tf.resource_variables_enabled()


def test_gradients_of_reads_of_resource_variables(session):
    table = tf.Variable([[1.0], [2.0], [3.0]], use_resource=True)
    rows = tf.gather(table.read_value(), [0, 0, 2])
    gradient = tf.gradients(rows * rows, table)[0]
    session.run(table.initializer)
    assert session.run(gradient.indices).tolist() == [0, 0, 2]
    assert session.run(gradient.values).tolist() == [[2], [2], [6]]
