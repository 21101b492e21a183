"""tf.data, beside what programs/datasets.py holds."""

import threading

import diptych.static as tf
import numpy as np
import pytest
from diptych import Unsupported
from diptych.static.data.iterators import Position

Dataset = tf.data.Dataset


@pytest.fixture
def session():
    return tf.Session()


def _all(session, following):
    found = []
    while True:
        try:
            found.append(session.run(following))
        except tf.errors.OutOfRangeError:
            return found


def test_shuffling_repeats_with_its_seed(session):
    def order(dataset):
        iterator = dataset.make_initializable_iterator()
        session.run(iterator.initializer)
        return [int(each) for each in _all(session, iterator.get_next())]

    twice = Dataset.range(10).shuffle(10, seed=3).repeat(2)
    found = order(twice)
    assert order(twice) == found and sorted(found[:10]) == list(range(10)) and found[:10] != found[10:]
    same = order(Dataset.range(10).shuffle(10, seed=3, reshuffle_each_iteration=False).repeat(2))
    assert same[:10] == same[10:] == found[:10]
    assert order(Dataset.range(50).shuffle(50)) != order(Dataset.range(50).shuffle(50))


def test_variables_are_read_when_elements_are_made(session):
    v = tf.Variable(1, dtype=tf.int64)
    following = Dataset.range(3).map(lambda x: x + v).make_one_shot_iterator().get_next()
    session.run(v.initializer)
    assert session.run(following) == 1
    session.run(v.assign(10))
    assert [session.run(following) for _ in range(2)] == [11, 12]


def test_random_numbers_are_new_for_each_element(session):
    following = Dataset.range(3).map(lambda x: tf.random_uniform([])).make_one_shot_iterator().get_next()
    assert len(set(map(float, _all(session, following)))) == 3


def test_names_outside_of_a_function_are_not_taken(session):
    Dataset.range(3).map(lambda x: tf.identity(x, name="image"))
    assert tf.placeholder(tf.float32, name="image").name == "image:0"


def test_threads_share_an_iterator(session):
    following = Dataset.range(200).map(lambda x: x * 2).make_one_shot_iterator().get_next()
    found = []
    threads = [threading.Thread(target=lambda: found.extend(_all(session, following))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(int, found)) == list(range(0, 400, 2))


def test_threads_begin_an_iterator_once(session, monkeypatch):
    """Two threads find that an iterator has not begun; the second one begins it after the first took an element."""
    following = Dataset.range(4).make_one_shot_iterator().get_next()
    both_wait, first_took = threading.Barrier(2, timeout=60), threading.Event()
    begin = Position.begin_once

    def later(position, dataset):
        if both_wait.wait() == 0:
            assert first_took.wait(60)
        begin(position, dataset)

    monkeypatch.setattr(Position, "begin_once", later)
    found = []

    def take():
        found.append(int(session.run(following)))
        first_took.set()

    threads = [threading.Thread(target=take) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == [0, 1]


def test_a_training_step_takes_a_batch(session):
    x = np.arange(8, dtype=np.float32).reshape(8, 1)
    batch, target = Dataset.from_tensor_slices((x, 3 * x)).repeat().batch(4).make_one_shot_iterator().get_next()
    w = tf.Variable([[0.0]])
    loss = tf.reduce_mean(tf.square(tf.matmul(batch, w) - target))
    step = tf.train.GradientDescentOptimizer(0.02).minimize(loss)
    session.run(w.initializer)
    for _ in range(100):
        session.run(step)
    assert session.run(w)[0, 0] == pytest.approx(3.0, abs=1e-3)


def test_an_iterator_in_a_condition(session):
    train, test = (Dataset.range(*bounds).make_one_shot_iterator().get_next() for bounds in ((3,), (10, 13)))
    flag = tf.placeholder(tf.bool, [])
    inside = Dataset.range(5, 8).make_one_shot_iterator()
    chosen = tf.cond(flag, lambda: inside.get_next(), lambda: tf.constant(0, tf.int64))
    assert [session.run(chosen, {flag: each}) for each in (True, False, True)] == [5, 0, 6]
    assert session.run(train) == 0 and session.run(test) == 10


def test_a_warning_of_many_calls():
    iterator = Dataset.range(3).make_one_shot_iterator()
    for _ in range(32):
        iterator.get_next()
    with pytest.warns(UserWarning, match="unusually high number of `Iterator.get_next"):
        iterator.get_next()


def test_what_a_dataset_shows():
    found = Dataset.from_tensor_slices({"a": [1.0], "b": (["x"], [[1, 2]])})
    assert repr(found) == (
        "<DatasetV1Adapter shapes: {a: (), b: ((), (2,))}, types: {a: tf.float32, b: (tf.string, tf.int32)}>"
    )
    assert found.output_classes == {"a": tf.Tensor, "b": (tf.Tensor, tf.Tensor)}
    assert found.output_types["b"] == (tf.string, tf.int32) and found.output_shapes["a"].as_list() == []
    assert repr(found.element_spec["a"]) == "TensorSpec(shape=(), dtype=tf.float32, name=None)"


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: Dataset.range(3).flat_map(lambda x: x), TypeError, r"`map_func` must return a `Dataset` object\."),
        (lambda: Dataset.range(3).map(lambda x: None), TypeError, r"Unsupported return value from function passed to"),
        (lambda: Dataset.range(1, 2, 3, 4), ValueError, "should be between 1 and 3 but was 4"),
        (
            lambda: Dataset.from_tensors([1, 2]).padded_batch(2, [1]), ValueError,
            r"The padded shape \(1,\) is not compatible with the corresponding input component shape \(2,\)\.",
        ),
        (
            lambda: Dataset.from_tensors(tf.SparseTensor([[0]], [1.0], [2])), Unsupported,
            "a dataset of SparseTensor is not supported",
        ),
        (
            lambda: Dataset.range(3).apply(tf.data.experimental.group_by_window(lambda x: x, lambda k, d: d)),
            ValueError, "Must pass either window_size or window_size_func",
        ),
    ],
)  # fmt: skip
def test_refusals(make, error, message):
    with pytest.raises(error, match=message):
        make()


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: Dataset.range(3, 9, 0), tf.errors.InvalidArgumentError, "step must be a non-zero integer"),
        (lambda: Dataset.range(3).batch(0), tf.errors.InvalidArgumentError, "Batch size must be greater than zero"),
        (lambda: Dataset.range(3).window(0).flat_map(lambda w: w), tf.errors.InvalidArgumentError, "Window size must be greater than zero"),
        (
            lambda: Dataset.range(1, 3).map(lambda n: tf.fill([n], n)).batch(2), tf.errors.InvalidArgumentError,
            r"Cannot batch tensors with different shapes in component 0\. First element had shape \[1\] and element 1 "
            r"had shape \[2\]\.",
        ),
        (
            lambda: Dataset.from_generator(lambda: iter(["a"]), tf.int32), tf.errors.InvalidArgumentError,
            "TypeError: `generator` yielded an element that could not be converted to the expected type",
        ),
        (
            lambda: Dataset.from_generator(lambda: iter([1 // 0]), tf.int32), tf.errors.UnknownError,
            "ZeroDivisionError",
        ),
    ],
)  # fmt: skip
def test_refusals_in_a_run(session, make, error, message):
    following = make().make_one_shot_iterator().get_next()
    with pytest.raises(error, match=message):
        session.run(following)
