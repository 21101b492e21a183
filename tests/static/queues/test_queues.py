"""Queues: what goes in comes out, waiting, closing."""

import threading
import time

import diptych.static as tf
import numpy as np
import pytest


@pytest.fixture
def session():
    with tf.Session() as session:
        yield session


def _started(function):
    thread = threading.Thread(target=function, daemon=True)
    thread.start()
    return thread


def test_first_in_first_out(session):
    queue = tf.FIFOQueue(5, [tf.float32, tf.string], [[2], []], name="q")
    x = tf.placeholder(tf.float32, [2])
    one, many = queue.enqueue([x, "a"]), queue.enqueue_many([[[1.0, 2.0], [3.0, 4.0]], ["b", "c"]])
    taken, rest = queue.dequeue(), queue.dequeue_many(2)
    assert (one.name, many.name, queue.name) == ("q_enqueue", "q_EnqueueMany", "q")
    assert [t.shape.as_list() for t in (*taken, *rest)] == [[2], [], [2, 2], [2]]
    session.run(one, {x: [5, 6]})
    session.run(many)
    assert session.run([queue.size(), queue.is_closed()]) == [3, False]
    found = session.run(taken)
    assert found[0].tolist() == [5, 6] and found[1] == b"a"
    found = session.run(rest)
    assert (
        found[0].tolist() == [[1, 2], [3, 4]] and found[1].tolist() == [b"b", b"c"] and session.run(queue.size()) == 0
    )


def test_parts_have_names(session):
    queue = tf.FIFOQueue(2, ["float", "int32"], names=["a", "b"])
    session.run(queue.enqueue({"b": 1, "a": 2.0}))
    assert session.run(queue.dequeue()) == {"a": 2.0, "b": 1}
    with pytest.raises(ValueError, match="^You must enqueue a dictionary in a Queue with names$"):
        queue.enqueue([1.0, 2])
    with pytest.raises(ValueError, match=r"^Keys in dictionary to enqueue do not match names of Queue\."):
        queue.enqueue({"a": 1.0})
    with pytest.raises(ValueError, match="^Queue must have names to enqueue a dictionary$"):
        tf.FIFOQueue(2, tf.int32).enqueue({"a": 1})


def test_whoever_takes_waits_for_elements_and_whoever_adds_for_room(session):
    queue = tf.FIFOQueue(2, tf.int32, [])
    x = tf.placeholder(tf.int32, [])
    add, take = queue.enqueue(x), queue.dequeue_many(6)
    double = take * 2  # numbers that a program computes of what the host waits for
    found = []
    thread = _started(lambda: found.append(session.run(double)))
    for number in range(6):
        session.run(add, {x: number})
    thread.join(30)
    assert found[0].tolist() == [0, 2, 4, 6, 8, 10]
    variable = tf.Variable(1.0)
    session.run(variable.initializer)
    waiting = _started(lambda: found.append(session.run(queue.dequeue())))
    assert session.run(variable.assign_add(1.0)) == 2.0  # while the other waits
    session.run(add, {x: 7})
    waiting.join(30)
    assert found[1] == 7


def test_a_closed_queue(session):
    queue = tf.FIFOQueue(5, tf.int32, [], name="closed")
    session.run(queue.enqueue_many([[1, 2, 3]]))
    session.run(queue.close())
    with pytest.raises(tf.errors.CancelledError) as caught:
        session.run(queue.enqueue(4))
    assert caught.value.message == "FIFOQueue 'closed' is closed."
    with pytest.raises(tf.errors.OutOfRangeError) as caught:
        session.run(queue.dequeue_many(4))
    wanted = "FIFOQueue 'closed' is closed and has insufficient elements (requested 4, current size 3)"
    assert caught.value.message == wanted and session.run(queue.is_closed())
    assert session.run(queue.dequeue_up_to(4)).tolist() == [1, 2, 3]
    with pytest.raises(tf.errors.OutOfRangeError):
        session.run(queue.dequeue_up_to(4))


def test_closing_ends_waiting(session):
    queue = tf.FIFOQueue(1, tf.int32, [])
    add, take = queue.enqueue(1), queue.dequeue()
    errors = []

    def waits(fetch):
        try:
            session.run(fetch)
        except tf.errors.OpError as error:
            errors.append(error)

    thread = _started(lambda: waits(take))
    time.sleep(0.05)
    session.run(queue.close())
    thread.join(30)
    other = tf.FIFOQueue(1, tf.int32, [])
    filled, more = other.enqueue(1), other.enqueue(2)
    session.run(filled)
    thread = _started(lambda: waits(more))
    time.sleep(0.05)
    session.run(other.close(cancel_pending_enqueues=True))
    thread.join(30)
    third = tf.FIFOQueue(1, tf.int32, [])
    last = third.dequeue()
    thread = _started(lambda: waits(last))
    time.sleep(0.05)
    session.close()
    thread.join(30)
    assert [type(error) for error in errors] == [tf.errors.OutOfRangeError, *[tf.errors.CancelledError] * 2]
    assert [error.message for error in errors[1:]] == [
        "Enqueue operation was cancelled", "Dequeue operation was cancelled"
    ]  # fmt: skip
    assert add is not None


def test_random_order(session):
    queue = tf.RandomShuffleQueue(100, 10, tf.int32, [], seed=3)
    session.run(queue.enqueue_many([np.arange(60)]))
    first = session.run(queue.dequeue_many(50)).tolist()
    assert len(set(first)) == 50 and first != sorted(first)
    session.run(queue.close())
    rest = session.run(queue.dequeue_up_to(50)).tolist()
    assert sorted(first + rest) == list(range(60))


def test_padding(session):
    queue = tf.PaddingFIFOQueue(5, [tf.int32, tf.string], [[None], [None]])
    for row, text in (([1], ["a", "b"]), ([2, 3], ["c"])):
        session.run(queue.enqueue([row, text]))
    numbers, texts = session.run(queue.dequeue_many(2))
    assert numbers.tolist() == [[1, 0], [2, 3]] and texts.tolist() == [[b"a", b"b"], [b"c", b""]]


def test_shapes(session):
    queue = tf.FIFOQueue(5, tf.int32, [[2]])
    x = tf.placeholder(tf.int32)
    with pytest.raises(ValueError, match=r"^Shapes \(3,\) and \(2,\) are incompatible$"):
        queue.enqueue([1, 2, 3])
    with pytest.raises(tf.errors.InvalidArgumentError) as caught:
        session.run(queue.enqueue(x), {x: [1, 2, 3]})
    assert caught.value.message == "Shape mismatch in tuple component 0. Expected [2], got [3]"
    with pytest.raises(ValueError, match="^Queue shapes must have the same length as dtypes, received"):
        tf.FIFOQueue(5, [tf.int32, tf.int32], [[2]])
    with pytest.raises(ValueError, match="^Expected 2 components but got 1$"):
        tf.FIFOQueue(5, [tf.int32, tf.int32]).enqueue([1])


# -- coordinators and runners ----


def test_a_coordinator_stops_threads():
    coordinator = tf.train.Coordinator()
    counts = [0]

    def work():
        while not coordinator.should_stop():
            counts[0] += 1
            coordinator.wait_for_stop(0.001)

    threads = [_started(work) for _ in range(2)]
    looper = tf.train.LooperThread.loop(coordinator, 0.001, lambda: counts.append(1))
    time.sleep(0.05)
    coordinator.request_stop()
    coordinator.join(threads)
    assert coordinator.joined and counts[0] and len(counts) > 1 and not looper.is_alive()
    coordinator.clear_stop()
    assert not coordinator.should_stop() and not coordinator.joined


def test_a_coordinator_raises_what_a_thread_reports():
    coordinator = tf.train.Coordinator()

    def fails():
        with coordinator.stop_on_exception():
            raise KeyError("lost")

    thread = _started(fails)
    with pytest.raises(KeyError, match="lost"):
        coordinator.join([thread])
    with pytest.raises(KeyError, match="lost"):
        coordinator.raise_requested_exception()
    clean = tf.train.Coordinator()
    clean.request_stop(tf.errors.OutOfRangeError(None, None, "end"))
    clean.join()
    with pytest.raises(ValueError, match="late"):
        clean.request_stop(ValueError("late"))


def test_a_coordinator_tells_of_threads_that_go_on():
    coordinator = tf.train.Coordinator()
    end = threading.Event()
    thread = threading.Thread(target=end.wait, name="slow", daemon=True)
    thread.start()
    coordinator.request_stop()
    with pytest.raises(RuntimeError, match="^Coordinator stopped with threads still running: slow$"):
        coordinator.join([thread], stop_grace_period_secs=0.01)
    coordinator.join([thread], stop_grace_period_secs=0.01, ignore_live_threads=True)
    end.set()
    with pytest.raises(ValueError, match="'coord' argument must be a Coordinator: 1"):
        tf.train.LooperThread(1, None)
    with pytest.raises(ValueError, match="require that you also pass 'target'"):
        tf.train.LooperThread(coordinator, None, args=(1,))


def test_batches_of_slices(session):
    x, y = np.arange(10, dtype=np.float32), np.arange(10) * 10
    a, b = tf.train.slice_input_producer([x, y], num_epochs=2)
    batch = tf.train.batch({"a": a, "b": b}, 4, num_threads=2, allow_smaller_final_batch=True)
    assert tf.get_collection(tf.GraphKeys.SUMMARIES)[-1].op.name == "batch/fraction_of_32_full"
    session.run(tf.local_variables_initializer())
    coordinator = tf.train.Coordinator()
    threads = tf.train.start_queue_runners(session, coordinator)
    seen = []
    with pytest.raises(tf.errors.OutOfRangeError):
        while True:
            found = session.run(batch)
            assert (found["a"] * 10 == found["b"]).all() and len(found["a"]) == 4
            seen += found["a"].tolist()
    coordinator.request_stop()
    coordinator.join(threads)
    assert sorted(seen) == sorted([*range(10)] * 2)
    assert len(session.run(tf.get_collection(tf.GraphKeys.SUMMARIES))) == 2


def test_names_of_files_and_random_batches(session):
    names = tf.train.string_input_producer(["a", "b", "c"], shuffle=False).dequeue()
    mixed = tf.train.string_input_producer(["a", "b", "c"], seed=1).dequeue()
    numbers = tf.train.shuffle_batch([tf.train.range_input_producer(5, shuffle=False).dequeue()], 8, 50, 20, seed=2)
    coordinator = tf.train.Coordinator()
    threads = tf.train.start_queue_runners(session, coordinator)
    assert [session.run(names) for _ in range(5)] == [b"a", b"b", b"c", b"a", b"b"]
    assert sorted(session.run(mixed) for _ in range(3)) == [b"a", b"b", b"c"]
    found = session.run(numbers)[0]
    assert len(found) == 8 and set(found.tolist()) <= set(range(5))
    coordinator.request_stop()
    coordinator.join(threads)


def test_joined_and_padded_batches(session):
    rows = [tf.range(number) for number in (1, 3)]
    for row in rows:
        row.set_shape([None])
    batch = tf.train.batch_join([[row] for row in map(tf.identity, rows)], 2, dynamic_pad=True)
    mixed = tf.train.shuffle_batch_join([[tf.constant(1)], [tf.constant(2)]], 4, 20, 5)
    coordinator = tf.train.Coordinator()
    threads = tf.train.start_queue_runners(coord=coordinator)
    assert session.run(batch)[0].shape[0] == 2 and set(session.run(mixed)[0].tolist()) <= {1, 2}
    coordinator.request_stop()
    coordinator.join(threads)


def test_runners_report_what_fails(session):
    queue = tf.FIFOQueue(2, tf.float32, [])
    x = tf.placeholder(tf.float32, [])
    runner = tf.train.QueueRunner(queue, [queue.enqueue(x)])
    tf.train.add_queue_runner(runner)
    coordinator = tf.train.Coordinator()
    threads = tf.train.start_queue_runners(session, coordinator)
    with pytest.raises(tf.errors.InvalidArgumentError, match="You must feed a value for placeholder"):
        coordinator.join(threads)
    (thread,) = runner.create_threads(session, start=True)
    thread.join(30)
    assert isinstance(runner.exceptions_raised[0], tf.errors.InvalidArgumentError) and runner.name == queue.name


def test_refusals(caplog):
    queue = tf.FIFOQueue(2, tf.float32, [])
    for kind, message, call in (
        (ValueError, "Must provide queue and enqueue_ops.", lambda: tf.train.QueueRunner(queue, [])),
        (TypeError, "queue_closed_exception_types, when provided, must be a tuple of tf.error types, but saw: 1",
         lambda: tf.train.QueueRunner(queue, [queue.enqueue(1.0)], queue_closed_exception_types=1)),
        (ValueError, "num_epochs must be > 0 not 0.", lambda: tf.train.limit_epochs(tf.constant(1), 0)),
        (ValueError, "Either `input_tensor` must have a fully defined shape or `element_shape` must be specified",
         lambda: tf.train.input_producer(tf.placeholder(tf.int32, [None, None]))),
        (ValueError, "string_input_producer requires a non-null input tensor", lambda: tf.train.string_input_producer([])),
        (ValueError, "Expected at least one tensor in slice_input_producer().", lambda: tf.train.slice_input_producer([])),
        (ValueError, "Expected at least one tensor in batch().", lambda: tf.train.batch([], 2)),
        (ValueError, "capacity 5 must be bigger than min_after_dequeue 5.",
         lambda: tf.train.shuffle_batch([tf.constant(1)], 2, 5, 5)),
    ):  # fmt: skip
        with pytest.raises(kind) as caught:
            call()
        assert str(caught.value) == message
    with pytest.raises(ValueError, match="^All shapes must be fully defined: "):
        tf.train.batch([tf.placeholder(tf.float32, [None])], 2)
    with pytest.raises(ValueError, match="^All shapes must be fully defined: "):
        tf.train.shuffle_batch([tf.placeholder(tf.float32, [None])], 2, 9, 3)
    with pytest.raises(ValueError, match="^Cannot start queue runners: No default session is registered"):
        tf.train.start_queue_runners()
    with pytest.raises(TypeError, match="^sess must be a `tf.Session` object. Given class: <class 'int'>$"):
        tf.train.start_queue_runners(1)
    with tf.Graph().as_default(), tf.Session() as session:
        tf.constant(1)
        assert tf.train.start_queue_runners(session) == [] and "when no queue runners were defined" in caplog.text


def test_counting_up(session):
    count = tf.Variable(0, name="count")
    up = tf.count_up_to(count, 2)
    session.run(count.initializer)
    assert [session.run(up), session.run(up), session.run(count)] == [0, 1, 2]
    with pytest.raises(tf.errors.OutOfRangeError, match="^Reached limit of 2"):
        session.run(up)
