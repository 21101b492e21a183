"""Strings in a run: the host computes them."""

import diptych.static as tf
import numpy as np
import pytest
from diptych.ir import Unsupported
from diptych.static.graphs.strings import RunStrings


@pytest.fixture
def session():
    return tf.Session()


def test_the_first_program_of_all(session):
    hello = tf.constant("Hello, TensorFlow!")
    assert session.run(hello) == b"Hello, TensorFlow!" and type(session.run(hello)) is bytes


def test_arrays_of_strings(session):
    found = session.run(tf.identity(tf.constant(["a", "\N{GREEK SMALL LETTER PI}"])))
    assert found.dtype == object and found.tolist() == [b"a", b"\xcf\x80"]
    assert session.run(tf.zeros([1], tf.string)).tolist() == [b""]


def test_numbers_that_several_processes_have_alike():
    one, other = RunStrings(together=True), RunStrings(together=True)
    first = one.numbers(np.array([b"zebra", b"yak", b""], object))
    assert first.tolist() == other.numbers(np.array([b"", b"yak", b"zebra"], object)).tolist()[::-1]
    assert one.strings(first).tolist() == [b"zebra", b"yak", b""]
    with pytest.raises(Unsupported, match="^a string that another process has fed is not supported as a result"):
        RunStrings(together=True).strings(first)


def test_beside_numbers(session):
    v, x, s = tf.Variable(1.0), tf.placeholder(tf.float32, []), tf.placeholder(tf.string, [])
    session.run(v.initializer)
    step = v.assign_add(x)
    found = session.run([tf.identity(s), step, {"s": s}, tf.constant("c"), v.value() * 0], {x: 2, s: "fed"})
    assert found == [b"fed", 3, {"s": b"fed"}, b"c", 0] and session.run(v) == 3


def test_operations_that_only_wait(session):
    with tf.control_dependencies([tf.constant("a")]):
        waiting = tf.no_op()
    assert session.run([waiting, tf.group(waiting)]) == [None, None]


def test_a_placeholder_that_is_not_fed(session):
    s = tf.placeholder(tf.string, [], name="s")
    message = r"^You must feed a value for placeholder tensor 's' with dtype string and shape \[\]"
    with pytest.raises(tf.errors.InvalidArgumentError, match=message):
        session.run(tf.identity(s))
    default = tf.placeholder_with_default("d", [])
    assert session.run(default) == b"d" and session.run(default, {default: "e"}) == b"e"


def test_numbers_wait_for_strings(session):
    with tf.control_dependencies([tf.constant("a")]):
        x = tf.constant(1.0)
    assert session.run(x) == 1.0


def test_distinct_strings(session):
    words, known = tf.placeholder(tf.string, [None]), tf.constant(["b", ""])
    distinct, places, counts = tf.unique_with_counts(words)
    fetches = [*tf.unique(words), distinct, places, counts, *tf.setdiff1d(words, known)]
    found = [part.tolist() for part in session.run(fetches, {words: ["a", "b", "", "a"]})]
    assert found[:2] == found[2:4] == [[b"a", b"b", b""], [0, 1, 2, 0]]
    assert found[4:] == [[2, 1, 1], [b"a", b"a"], [0, 3]]


def test_strings_are_added(session):
    words = tf.placeholder(tf.string, [None])
    added = tf.constant("a") + words + "!"
    assert added.dtype is tf.string
    assert session.run(added, {words: ["b", ""]}).tolist() == [b"ab!", b"a!"]
    inside = tf.map_fn(lambda word: word + word, words)
    assert session.run(inside, {words: ["b", "c\x00"]}).tolist() == [b"bb", b"c\x00c\x00"]


def test_the_host_waits_for_operations(session):
    count = tf.Variable(0)
    with tf.control_dependencies([count.assign_add(1)]):
        text = tf.strings.join(["a", "b"])
        constant = tf.py_func(lambda x: x, [tf.constant(2.0)], tf.float32)
    total = constant + 1.0
    session.run(count.initializer)
    assert session.run(text) == b"ab" and session.run(count) == 1
    assert session.run(constant) == 2 and session.run(count) == 2
    assert session.run(total) == 3 and session.run(count) == 3


def test_strings_of_a_run_stay_in_variables(session):
    words = tf.placeholder(tf.string, [2])
    kept = tf.Variable(["", ""])
    session.run(kept.initializer)
    session.run(tf.assign(kept, words), {words: ["x of the first run", b"\x00"]})
    session.run(tf.identity(words), {words: ["of another", "and more"]})
    assert session.run(kept).tolist() == [b"x of the first run", b"\x00"]
    assert session.run(tf.equal(kept, words), {words: ["x of the first run", ""]}).tolist() == [True, False]


def test_numbers_are_not_made_of_strings():
    for wrong in (lambda x: x - x, tf.sqrt, tf.reduce_sum, lambda x: tf.scatter_nd([[0]], x, [2])):
        with pytest.raises((TypeError, ValueError), match="string"):
            wrong(tf.constant(["a"]))


def test_what_is_fed_is_made_of_bytes(session):
    s = tf.placeholder(tf.string)
    assert session.run(s, {s: np.array(["a", "b"])}).tolist() == [b"a", b"b"]
    assert session.run(s, {s: np.array(["a", "b"], object)}).tolist() == [b"a", b"b"]


def test_bytes_keep_zeros_at_their_end(session):
    data = b"a\x00\x00"
    s = tf.placeholder(tf.string)
    assert session.run(tf.constant(data)) == data and session.run(tf.constant([data, "b"])).tolist() == [data, b"b"]
    assert session.run(tf.identity(s), {s: data}) == data and session.run(tf.identity(s), {s: [[data]]})[0, 0] == data
    assert session.run(tf.identity(s), {s: np.bytes_(data)}) == data


def test_python_functions_in_gradients_of_ones_own_are_refused(session):
    @tf.custom_gradient
    def sine(x):
        y = tf.py_func(np.sin, [x], tf.float32)
        return tf.reshape(y, tf.shape(x)), lambda ct: ct * tf.py_func(np.cos, [x], tf.float32)

    x = tf.constant([1.0])
    with pytest.raises(Unsupported) as caught:
        session.run(tf.gradients(sine(x), x))
    lines = str(caught.value).split("\n")
    assert lines[0] == "PyFunc inside of a condition, a loop or a tf.custom_gradient is not supported"
    assert lines[2] == "  try: outside of it"
