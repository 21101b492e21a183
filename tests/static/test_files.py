"""Files as a whole, and numbers in strings."""

import diptych.static as tf
import numpy as np
import pytest


@pytest.fixture
def session():
    return tf.Session()


def test_files_are_written_and_read(session, tmp_path):
    name = str(tmp_path / "folder" / "file")
    session.run(tf.write_file(name, b"a\x00"))
    assert session.run(tf.read_file(name)) == b"a\x00"
    assert session.run(tf.matching_files([name + "*", "nothing*"])).tolist() == [name.encode()]
    with pytest.raises(tf.errors.NotFoundError, match="nowhere; No such file or directory"):
        session.run(tf.read_file("nowhere"))


def test_numbers_in_strings(session):
    numbers = np.array([[1, -2], [300, 4]], np.int16)
    strings = tf.constant([row.tobytes() for row in numbers])
    found = tf.decode_raw(strings, tf.int16)
    assert found.shape.as_list() == [2, None] and np.array_equal(session.run(found), numbers)
    assert session.run(tf.decode_raw(b"\x01\x00", tf.int16, little_endian=False)).tolist() == [256]
    assert session.run(tf.io.decode_raw(bytes=b"\x07", out_type=tf.uint8)).tolist() == [7]


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: tf.decode_raw("a", tf.string), TypeError, "'out_type' has DataType string"),
        (
            lambda: tf.decode_raw("abc", tf.int16), tf.errors.InvalidArgumentError,
            "has length 3 that is not a multiple of 2, the size of int16",
        ),
        (
            lambda: tf.decode_raw(["a", "bc"], tf.uint8), tf.errors.InvalidArgumentError,
            "requires input strings to all be the same size, but the lengths are 1, 2",
        ),
    ],
)  # fmt: skip
def test_what_is_no_number(session, make, error, message):
    with pytest.raises(error, match=message):
        session.run(make())
