"""tf.IndexedSlices: gradients of rows, how they become dense, and optimizers that take them."""

import diptych.static as tf
import numpy as np
import pytest
from diptych import Unsupported

TABLE = np.arange(8, dtype=np.float32).reshape(4, 2)


def _stepped(optimizer, steps=3, places=(1, 3, 3)):
    table = tf.Variable(TABLE, name="table")
    step = optimizer.minimize(tf.reduce_sum(tf.square(tf.gather(table, places))))
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        for _ in range(steps):
            session.run(step)
        return session.run(table)


def test_lazy_adam_leaves_rows_alone():
    found, dense = _stepped(tf.contrib.opt.LazyAdamOptimizer(0.1)), _stepped(tf.train.AdamOptimizer(0.1))
    np.testing.assert_allclose(found, dense, rtol=1e-6)  # with the same rows every time
    table = tf.Variable(TABLE, name="other")
    place = tf.placeholder(tf.int32, [1])
    loss = tf.reduce_sum(tf.gather(table, place))
    steps = {name: make(0.5).minimize(loss) for name, make in
             (("lazy", tf.contrib.opt.LazyAdamOptimizer), ("all", tf.train.AdamOptimizer))}  # fmt: skip
    with tf.Session() as session:
        for name, step in steps.items():
            session.run(tf.global_variables_initializer())
            session.run(step, {place: [0]})
            before = session.run(table)
            session.run(step, {place: [1]})
            assert (session.run(table)[0] == before[0]).all() == (name == "lazy")


def test_nadam_looks_ahead():
    b1, b2, w, m, v = 0.9, 0.999, 3.0, 0.0, 0.0
    x = tf.Variable(3.0)
    step = tf.contrib.opt.NadamOptimizer(0.1).minimize(x * x)
    for t in range(1, 4):
        g = 2 * w
        m, v = b1 * m + (1 - b1) * g, b2 * v + (1 - b2) * g * g
        w -= 0.1 * np.sqrt(1 - b2**t) / (1 - b1**t) * (b1 * m + (1 - b1) * g) / (np.sqrt(v) + 1e-8)
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        for _ in range(3):
            session.run(step)
        assert session.run(x) == pytest.approx(w, rel=1e-5)


@pytest.mark.parametrize("only", [False, True])
def test_weights_decay_apart_from_the_gradient(only):
    a, b = tf.Variable(2.0), tf.Variable(2.0)
    optimizer = tf.contrib.opt.MomentumWOptimizer(0.25, learning_rate=0.1, momentum=0.0)
    step = optimizer.minimize(a + b, decay_var_list=[a] if only else None)
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        session.run(step)
        assert session.run([a, b]) == pytest.approx([1.4, 1.9 if only else 1.4])


def test_weights_of_rows_decay_where_they_are_used():
    made = tf.contrib.opt.extend_with_decoupled_weight_decay(tf.train.GradientDescentOptimizer)
    found = _stepped(made(0.5, 0.0), steps=1, places=(1, 3))
    assert found.tolist() == [[0, 1], [1, 1.5], [4, 5], [3, 3.5]]
    assert _stepped(tf.contrib.opt.AdamWOptimizer(0.0), steps=2) is not None


def test_a_constraint_does_not_go_with_rows():
    bound = tf.get_variable("bound", [2, 2], constraint=tf.nn.relu)
    with pytest.raises(RuntimeError, match=r"^Cannot use a constraint function on a sparse variable\.$"):
        tf.train.GradientDescentOptimizer(0.1).minimize(tf.gather(bound, [0]))


def test_what_has_no_shape_does_not_become_dense():
    slices = tf.IndexedSlices(tf.ones([1, 2]), tf.constant([0]))
    assert str(slices) == f"IndexedSlices(indices={slices.indices}, values={slices.values})"
    with pytest.raises(
        ValueError, match=r"^Tensor conversion requested for IndexedSlices without dense_shape: Indexed"
    ):
        tf.convert_to_tensor(slices)
    assert tf.convert_to_tensor_or_indexed_slices(slices) is slices
    assert isinstance(tf.convert_to_tensor_or_indexed_slices(1.0), tf.Tensor)


def test_a_gradient_may_be_fed_and_waited_for():
    table = tf.Variable(TABLE)
    (gradient,) = tf.gradients(tf.gather(table, [0, 2]), table)
    with tf.control_dependencies([gradient]):
        double = tf.convert_to_tensor(gradient) * 2
    with tf.Session() as session:
        session.run(table.initializer)
        found = session.run(double, {gradient: ([[1.0, 2.0], [0, 0]], [3, 0], [4, 2])})
    assert found.tolist() == [[0, 0], [0, 0], [0, 0], [2, 4]]


@pytest.mark.parametrize(
    ("ids", "message"),
    [([0, 1, 2], "Dimension 0 in both shapes must be equal, but are 2 and 3. Shapes are [2] and [3].")],
)
def test_segments_have_as_many_ids(ids, message):
    slices = tf.IndexedSlices(tf.ones([2, 2]), tf.constant(ids), tf.constant([4, 2]))
    with pytest.raises(ValueError) as caught:
        tf.convert_to_tensor(slices)
    assert message in str(caught.value)


def test_replicas_are_refused():
    with pytest.raises(Unsupported, match="^tf.train.SyncReplicasOptimizer is not supported: devices and"):
        tf.train.SyncReplicasOptimizer(tf.train.GradientDescentOptimizer(0.1), 2)


def test_averages_take_the_places_of_variables(tmp_path):
    w = tf.Variable(1.0, name="w")
    optimizer = tf.contrib.opt.MovingAverageOptimizer(tf.train.GradientDescentOptimizer(1.0), average_decay=0.5)
    with pytest.raises(
        RuntimeError, match="^Must call apply_gradients or minimize before creating the swapping_saver$"
    ):
        optimizer.swapping_saver()
    step = optimizer.minimize(w)
    saver, plain = optimizer.swapping_saver(), tf.train.Saver()
    with pytest.raises(
        ValueError, match="^Variable to swap w/ExponentialMovingAverage is not part of variables to save"
    ):
        optimizer.swapping_saver([w])
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        session.run(step)
        assert session.run([w, "w/ExponentialMovingAverage:0"]) == [0.0, 0.5]
        path = saver.save(session, str(tmp_path / "x"))
        plain.restore(session, path)
        assert session.run([w, "w/ExponentialMovingAverage:0"]) == [0.5, 0.0]
