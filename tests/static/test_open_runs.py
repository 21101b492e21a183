"""Runs of changing sizes: sizes that come once compile nothing and give what a program for them alone gives."""

import diptych.static as tf
import numpy as np
import pytest
from diptych import backends
from diptych.backends.settings import configure, settings
from diptych.ir import named
from diptych.static.running import numbers
from diptych.static.running.open_runs import OpenRuns, OpenSizes


@pytest.fixture
def patient(monkeypatch):
    """However long a run takes, compiling is said to take longer."""
    monkeypatch.setattr(OpenRuns, "compiled", lambda self, seconds: setattr(self, "_compilation", float("inf")))


def _misses():
    return backends.cache_statistics().misses


def _perceptron():
    x, y = tf.placeholder(tf.float32, [None, 6]), tf.placeholder(tf.int32, [None])
    h = tf.layers.dropout(tf.layers.dense(x, 8, tf.nn.relu), 0.5, training=True)
    loss = tf.losses.sparse_softmax_cross_entropy(y, tf.layers.dense(h, 3))
    step = tf.train.AdamOptimizer(0.01).minimize(loss)
    return [loss, step], lambda n: {x: np.sin(np.arange(n * 6)).reshape(n, 6), y: np.arange(n) % 3}


def _convolutions():
    x = tf.placeholder(tf.float32, [None, 8, 8, 1])
    h = tf.layers.max_pooling2d(tf.layers.conv2d(x, 4, 3, activation=tf.nn.relu, padding="same"), 2, 2)
    h = tf.layers.batch_normalization(h, training=True)
    loss = tf.reduce_mean(tf.layers.dense(tf.layers.flatten(h), 1) ** 2)
    with tf.control_dependencies(tf.get_collection(tf.GraphKeys.UPDATE_OPS)):
        step = tf.train.MomentumOptimizer(0.01, 0.9).minimize(loss)
    return [loss, step], lambda n: {x: np.cos(np.arange(n * 64)).reshape(n, 8, 8, 1)}


def _recurrence():
    words, lengths = tf.placeholder(tf.int32, [None, None]), tf.placeholder(tf.int32, [None])
    embedded = tf.nn.embedding_lookup(tf.get_variable("embedding", [20, 5]), words)
    outputs, _ = tf.nn.dynamic_rnn(tf.nn.rnn_cell.BasicLSTMCell(4), embedded, lengths, dtype=tf.float32)
    logits = tf.layers.dense(outputs, 20)
    loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=words, logits=logits))
    step = tf.train.GradientDescentOptimizer(0.1).minimize(loss)
    return [loss, step], lambda n: {words: np.arange(3 * n).reshape(n, 3) % 20, lengths: np.arange(n) % 4}


def _recurrence_forward():
    fetches, fed = _recurrence()
    return fetches[:1], fed


def _attention():
    x = tf.placeholder(tf.float32, [None, None, 8])
    sizes = tf.shape(x)
    parts = tf.split(tf.layers.dense(x, 24), 3, 2)
    q, k, v = (tf.transpose(tf.reshape(part, [sizes[0], sizes[1], 2, 4]), [0, 2, 1, 3]) for part in parts)
    mask = tf.matrix_band_part(tf.ones([sizes[1], sizes[1]]), -1, 0)
    loss = tf.reduce_sum(tf.matmul(tf.nn.softmax(tf.matmul(q, k, transpose_b=True)) * mask, v) ** 2)
    return [loss, tf.gradients(loss, x)[0]], lambda n: {x: np.sin(np.arange(2 * n * 8)).reshape(2, n, 8)}


def _noise():
    x = tf.placeholder(tf.float32, [None])
    shape = tf.shape(x)
    drawn = [tf.random_normal(shape), tf.random_uniform(shape, maxval=9, dtype=tf.int32), tf.truncated_normal(shape)]
    return [x + drawn[0], drawn[1], drawn[2]], lambda n: {x: np.zeros(n)}


SIZES = [4, 5, 6, 7, 1, 9]


@pytest.mark.parametrize("build", [_perceptron, _convolutions, _recurrence, _attention, _noise])
@pytest.mark.numpy_alone("other backends compile each size")
def test_the_same_as_programs_for_each_size(build, monkeypatch, patient):
    tf.reset_default_graph()
    tf.set_random_seed(3)
    fetches, fed = build()
    initial = tf.global_variables_initializer()
    with tf.Session() as session:
        session.run(initial)
        open_runs = [session.run(fetches, fed(SIZES[0]))]
        before = _misses()
        open_runs += [session.run(fetches, fed(size)) for size in SIZES[1:]]
        assert _misses() == before
        ends = session.run(tf.global_variables())
    monkeypatch.setattr(OpenRuns, "find", lambda self, arrays, state: None)
    with tf.Session() as session:
        session.run(initial)
        before = _misses()
        closed_runs = [session.run(fetches, fed(size)) for size in SIZES]
        assert _misses() > before
        closed_ends = session.run(tf.global_variables())
    for found, wanted in [*zip(open_runs, closed_runs, strict=True), (ends, closed_ends)]:
        for value, other in zip(found, wanted, strict=True):
            if value is not None or other is not None:
                assert value.dtype == other.dtype
                np.testing.assert_allclose(value, other, rtol=1e-4, atol=1e-6)


@pytest.mark.numpy_alone("other backends compile each size")
def test_errors_name_the_operation_and_leave_the_state():
    w, i = tf.Variable(tf.zeros([3])), tf.placeholder(tf.int32, [None])
    step = tf.assign_add(w, tf.ones([3]))
    with tf.control_dependencies([step]):
        rows = tf.gather(tf.reshape(tf.range(4), [4]), i, name="look_up")
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        session.run(rows, {i: [0]})
        with pytest.raises(tf.errors.InvalidArgumentError, match="indices") as caught:
            session.run(rows, {i: [0, 9]})
        assert caught.value.op.name == "look_up"
        assert session.run(w).tolist() == [1, 1, 1]


@pytest.mark.numpy_alone("other backends compile each size")
def test_what_is_printed_is_printed_once(capfd):
    """A run that fails is tried again for its sizes alone: what tells something may be no part of one that is tried."""
    x, i = tf.placeholder(tf.float32, [None]), tf.placeholder(tf.int32, [])
    shown = tf.cond(i >= 0, lambda: tf.Print(x, [tf.size(x)], "seen "), lambda: x)
    row = tf.gather(tf.Print(shown, [tf.size(x)], "read "), i)
    with tf.Session() as session:
        for size in (2, 3):
            session.run(row, {x: np.ones(size), i: 0})
        with pytest.raises(tf.errors.InvalidArgumentError):
            session.run(row, {x: np.ones(4), i: 9})
    assert capfd.readouterr().err.splitlines() == [
        f"{what} [{size}]" for size in (2, 3, 4) for what in ("seen", "read")
    ]


def test_results_share_no_memory():
    x, w = tf.placeholder(tf.float32, [None]), tf.Variable([1.0, 2.0])
    fetches = [tf.identity(x), x, w, tf.reverse(x, [0])]
    with tf.Session() as session:
        session.run(w.initializer)
        for size in (2, 3, 4):
            fed = np.ones(size, np.float32)
            same, given, kept, turned = session.run(fetches, {x: fed})
            same[:], turned[:], kept[:] = 5, 6, 7
            assert fed.tolist() == given.tolist() == [1] * size and session.run(w).tolist() == [1, 2]


def test_what_needs_its_sizes_has_a_program_for_each():
    x = tf.placeholder(tf.float32, [None])
    halves = tf.split(x, 2)
    with tf.Session() as session:
        assert session.run(halves[1], {x: [1, 2]}).tolist() == [2]
        assert session.run(halves[1], {x: [1, 2, 3, 4]}).tolist() == [3, 4]
        with pytest.raises(tf.errors.InvalidArgumentError):
            session.run(halves[1], {x: [1, 2, 3]})


def test_what_is_wrong_with_sizes_is_said_by_a_program_for_them():
    x, y = tf.placeholder(tf.float32, [None, 6]), tf.placeholder(tf.float32, [None])
    row, best, grid = x[4], tf.nn.top_k(y, 3)[0], tf.reshape(x, [-1, 4])
    with tf.Session() as session:
        assert session.run(row, {x: np.ones((5, 6))}).shape == (6,)
        assert session.run(row, {x: np.ones((6, 6))}).shape == (6,)
        with pytest.raises(tf.errors.InvalidArgumentError, match="slice index 4 of dimension 0 out of bounds"):
            session.run(row, {x: np.ones((3, 6))})
        assert session.run(best, {y: [1, 2, 3]}).tolist() == session.run(best, {y: [1, 3, 2, 1]}).tolist() == [3, 2, 1]
        with pytest.raises(tf.errors.InvalidArgumentError, match="at least k columns. Had 2, needed 3"):
            session.run(best, {y: [1, 2]})
        assert [session.run(grid, {x: np.ones((n, 6))}).shape for n in (2, 4)] == [(3, 4), (6, 4)]
        with pytest.raises(tf.errors.InvalidArgumentError, match="requires a multiple of 4"):
            session.run(grid, {x: np.ones((3, 6))})


def test_numbers_made_of_sizes():
    x = tf.placeholder(tf.float32, [None])
    points = tf.linspace(0.0, 1.0, tf.size(x))
    variance = tf.nn.fused_batch_norm(tf.reshape(x, [-1, 1, 1, 1]), [1.0], [0.0])[2]
    with tf.Session() as session:
        for size in (3, 5, 1):
            values = np.arange(size, dtype=np.float32)
            found = session.run([points, variance], {x: values})
            np.testing.assert_allclose(found[0], np.linspace(0, 1, size), rtol=1e-6)
            np.testing.assert_allclose(found[1], [np.var(values) * size / max(size - 1, 1)], rtol=1e-6)


def test_ranks_that_change():
    x = tf.placeholder(tf.float32)
    total = tf.reduce_sum(x)
    with tf.Session() as session:
        for shape in [(2,), (3,), (2, 2), (2, 3), (), (4,)]:
            assert session.run(total, {x: np.ones(shape)}) == np.prod(shape)


def test_sizes_that_change_alike_share_a_name():
    sizes = OpenSizes([((4, 3), (4,), None)])
    assert sizes.shapes == ((4, 3), (4,), None) and sizes.covers(((4, 3), (4,), None))
    wider = sizes.widened(((5, 3), (5,), None))
    n = named("size0")
    assert wider.shapes == ((n, 3), (n,), None)
    assert wider.covers(((9, 3), (9,), None)) and not wider.covers(((9, 3), (8,), None))
    assert not wider.covers(((9, 4), (9,), None)) and not wider.covers(((9, 3), (9,), ()))
    widest = wider.widened(((6, 3), (7,), None))
    assert widest.shapes == ((n, 3), (named("size1"),), None)
    assert sizes.widened(((4, 3, 1), (4,), None)) is None and sizes.widened(((4, 3), (4,), (2,))) is None


class _Slow:
    """A program of a second a run."""

    seconds = 1.0

    def fits(self, state):
        return True


@pytest.mark.numpy_alone("other backends compile each size")
def test_a_program_that_is_slower_than_compiling_is_left():
    runs = OpenRuns(lambda arrays, shapes: _Slow())
    arrays = [[np.zeros(size)] for size in range(4)]
    assert runs.find(arrays[0], None) is None
    runs.compiled(2.0)
    assert isinstance(runs.find(arrays[1], None), _Slow)
    runs.compiled(0.5)
    assert runs.find(arrays[2], None) is None


@pytest.mark.numpy_alone("other backends compile each size")
def test_other_mistakes_of_type_are_told_at_once(monkeypatch, patient):
    """Where no size with a name is to blame, the run is not tried again for its very sizes."""
    x = tf.placeholder(tf.float32, [None])
    y = x * 2.0
    calls = []

    def lower(*arguments, **options):
        calls.append(options)
        raise TypeError("a mistake")

    with tf.Session() as session:
        session.run(y, {x: np.ones(2)})
        monkeypatch.setattr(numbers, "lower", lower)
        with pytest.raises(TypeError, match="^a mistake$"):
            session.run(y, {x: np.ones(3)})
    assert len(calls) == 1 and "shapes" in calls[0]


@pytest.mark.parametrize("backend", ["numpy", "jax"])
@pytest.mark.parametrize("build", [_perceptron, _convolutions, _recurrence_forward])
def test_batches_are_filled_up(build, backend):
    """One program more than for the first size serves all sizes up to the bucket, with the numbers of each alone."""
    sizes = [8, 8, 5, 7, 1, 8, 6]

    def ran(**chosen):
        before = settings()
        configure(**chosen)
        try:
            return run()
        finally:
            configure(backend=before.backend, bucket=None)

    def run():
        tf.reset_default_graph()
        tf.set_random_seed(3)
        fetches, fed = build()
        with tf.Session() as session:
            session.run(tf.global_variables_initializer())
            session.run(fetches, fed(8))
            before = _misses()
            found = [session.run(fetches, fed(size)) for size in sizes]
            programs = _misses() - before
            return found, session.run(tf.global_variables()), programs

    filled, ends, programs = ran(backend=backend, bucket=8)
    alone, wanted_ends, _ = ran(backend="numpy")
    assert programs == 1
    for found, wanted in [*zip(filled, alone, strict=True), (ends, wanted_ends)]:
        for value, other in zip(found, wanted, strict=True):
            if value is not None or other is not None:
                np.testing.assert_allclose(value, other, rtol=1e-4, atol=1e-5)


def test_what_cannot_be_filled_up_is_told_with_its_line():
    x = tf.placeholder(tf.float32, [None])
    y = tf.cholesky(tf.matrix_diag(x))
    configure(bucket=4)
    try:
        with tf.Session() as session:
            session.run(y, {x: np.arange(1.0, 5.0)})
            told = "bucket: batches are not filled up: cholesky: padding might change its result: a row of its results"
            with pytest.warns(UserWarning, match=told):
                assert session.run(y, {x: [4.0, 9.0]}).tolist() == [[2, 0], [0, 3]]
    finally:
        configure(bucket=None)


def test_what_cannot_have_names_for_its_sizes_is_told_too():
    x = tf.placeholder(tf.float32, [None])
    y = tf.nn.top_k(x, tf.shape(x)[0])[0]
    configure(bucket=4)
    try:
        with tf.Session() as session:
            session.run(y, {x: np.arange(4.0)})
            with pytest.warns(UserWarning, match="bucket: batches are not filled up: "):
                assert session.run(y, {x: np.arange(3.0)}).tolist() == [2, 1, 0]
    finally:
        configure(bucket=None)
