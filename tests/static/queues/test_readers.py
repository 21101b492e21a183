"""Readers of files, and lines of values between commas."""

import diptych.static as tf
import pytest
from diptych.ir import Unsupported


@pytest.fixture
def session():
    with tf.Session() as session:
        yield session


def test_lines_become_batches(session, tmp_path):
    for name, lines in (("a", "x,y\n1,2\n3,4\r\n"), ("b", "x,y\n5,6")):
        (tmp_path / name).write_bytes(lines.encode())
    names = [str(tmp_path / name) for name in "ab"]
    files = tf.train.string_input_producer(names, shuffle=False)
    key, line = tf.TextLineReader(skip_header_lines=1).read(files)
    x, y = tf.train.batch(tf.decode_csv(line, [[0.0], [0]]), 3)
    assert (x.dtype, y.dtype, key.shape.as_list()) == (tf.float32, tf.int32, [])
    coordinator = tf.train.Coordinator()
    threads = tf.train.start_queue_runners(session, coordinator)
    found = session.run([x, y])
    assert found[0].tolist() == [1, 3, 5] and found[1].tolist() == [2, 4, 6]
    coordinator.request_stop()
    coordinator.join(threads)


def test_other_readers(session, tmp_path):
    (tmp_path / "whole").write_bytes(b"all\nof it")
    with tf.python_io.TFRecordWriter(str(tmp_path / "records")) as writer:
        for record in (b"one", b"two"):
            writer.write(record)
    queue = tf.FIFOQueue(9, tf.string, [])
    add = queue.enqueue(tf.placeholder_with_default("", [], name="name"))
    for reader, name, wanted in (
        (tf.WholeFileReader(), "whole", [(b"", b"all\nof it")]),
        (tf.TFRecordReader(), "records", [(b":0", b"one"), (b":19", b"two")]),
        (tf.TextLineReader(), "whole", [(b":1", b"all"), (b":2", b"of it")]),
        (tf.FixedLengthRecordReader(3), "whole", [(b":0", b"all"), (b":1", b"\nof"), (b":2", b" it")]),
        (tf.FixedLengthRecordReader(4, 1, 1, 2), "whole", [(b":0", b"ll\no"), (b":1", b"\nof ")]),
    ):
        path = str(tmp_path / name)
        read = reader.read(queue)
        session.run(add, {"name:0": path})
        assert [session.run(list(read)) for _ in wanted] == [[path.encode() + key, value] for key, value in wanted]
    assert session.run(tf.read_file(str(tmp_path / "whole"))) == b"all\nof it"
    with pytest.raises(tf.errors.NotFoundError, match="gone; No such file or directory"):
        session.run(tf.read_file(str(tmp_path / "gone")))


def test_fields(session):
    columns = tf.decode_csv(["1,a,,2.5", '2,"b,c",7,'], [[0], [""], tf.constant([9], tf.int64), [0.5]])
    found = session.run(columns)
    assert [each.tolist() for each in found] == [[1, 2], [b"a", b"b,c"], [9, 7], [2.5, 0.5]]
    some = tf.decode_csv("1;NA;3", [[0], [5]], field_delim=";", na_value="NA", select_cols=[0, 1])
    assert session.run(some) == [1, 5]


@pytest.mark.parametrize(
    ("line", "defaults", "message"),
    [
        ("1,2,3", [[0], [0]], "Expect 2 fields but have 3 in record 0"),
        ("a", [[0]], "Field 0 in record 0 is not a valid int32: a"),
        ("99999999999", [[0]], "Field 0 in record 0 is not a valid int32: 99999999999"),
        ("1,", [[0], None], "Field 1 is required but missing in record 0!"),
    ],
)
def test_lines_that_do_not_fit(session, line, defaults, message):
    defaults = [tf.constant([], tf.float32) if each is None else each for each in defaults]
    with pytest.raises(tf.errors.InvalidArgumentError) as caught:
        session.run(tf.decode_csv(line, defaults))
    assert caught.value.message == message


def test_columns_that_do_not_fit():
    with pytest.raises(ValueError, match=r"^select_cols is not strictly increasing\.$"):
        tf.decode_csv("1", [[0], [0]], select_cols=[1, 0])
    with pytest.raises(ValueError, match=r"^Length of select_cols and record_defaults do not match\.$"):
        tf.decode_csv("1", [[0]], select_cols=[0, 1])
    with pytest.raises(
        TypeError, match="^Value passed to parameter 'record_defaults' has DataType bool not in list of"
    ):
        tf.decode_csv("1", [[True]])


def test_sizes_of_parts_that_are_none():
    with pytest.raises(ValueError, match=r"^record_bytes must be > 0 got 0$"):
        tf.FixedLengthRecordReader(0)
    with pytest.raises(ValueError, match=r"^header_bytes must be >= 0 got -1$"):
        tf.FixedLengthRecordReader(1, header_bytes=-1)
    with pytest.raises(Unsupported, match=r"^tf.FixedLengthRecordReader: encoding 'ZLIB' is not there"):
        tf.FixedLengthRecordReader(1, encoding="ZLIB")
