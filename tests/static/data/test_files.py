"""Datasets of files."""

import gzip
import zlib
from pathlib import Path

import diptych.static as tf
import pytest


def _elements(dataset):
    following = dataset.make_one_shot_iterator().get_next()
    found = []
    with tf.Session() as session:
        while True:
            try:
                found.append(session.run(following))
            except tf.errors.OutOfRangeError:
                return found


@pytest.fixture
def lines(tmp_path):
    path = tmp_path / "lines.txt"
    path.write_bytes(b"first\r\nsecond\n\nlast")
    return str(path)


def test_lines(lines, tmp_path):
    wanted = [b"first", b"second", b"", b"last"]
    assert _elements(tf.data.TextLineDataset(lines)) == wanted
    assert _elements(tf.data.TextLineDataset([lines, lines]).skip(3).take(2)) == [b"last", b"first"]
    assert _elements(tf.data.TextLineDataset(tf.data.Dataset.from_tensors(lines))) == wanted
    assert sorted(_elements(tf.data.TextLineDataset([lines], num_parallel_reads=2))) == sorted(wanted)
    packed = tmp_path / "lines.gz"
    packed.write_bytes(gzip.compress(b"a\nb\n"))
    assert _elements(tf.data.TextLineDataset(str(packed), "GZIP")) == [b"a", b"b"]
    packed.write_bytes(zlib.compress(b"a\nb\n" * 50_000))
    assert len(_elements(tf.data.TextLineDataset(str(packed), "ZLIB"))) == 100_000


def test_records(tmp_path):
    path = str(tmp_path / "records")
    with tf.python_io.TFRecordWriter(path) as writer:
        for record in (b"one", b"", b"three\x00"):
            writer.write(record)
    assert _elements(tf.data.TFRecordDataset([path]).map(lambda x: x)) == [b"one", b"", b"three\x00"]
    data = bytearray(Path(path).read_bytes())
    data[14] ^= 1
    Path(path).write_bytes(data)
    with pytest.raises(tf.errors.DataLossError, match="corrupted record at 0"):
        _elements(tf.data.TFRecordDataset(path))


def test_parts_of_the_same_length(tmp_path):
    path = tmp_path / "parts"
    path.write_bytes(b"h" + b"aabbcc" + b"ff")
    assert _elements(tf.data.FixedLengthRecordDataset(str(path), 2, 1, 2)) == [b"aa", b"bb", b"cc"]
    numbers = tf.data.FixedLengthRecordDataset(str(path), 2, 1, 2).map(lambda x: tf.decode_raw(x, tf.uint8)[0])
    assert _elements(numbers) == [97, 98, 99]
    with pytest.raises(tf.errors.InvalidArgumentError, match="Excess bytes"):
        _elements(tf.data.FixedLengthRecordDataset(str(path), 2))
    with pytest.raises(tf.errors.InvalidArgumentError, match="`record_bytes` must be > 0"):
        _elements(tf.data.FixedLengthRecordDataset(str(path), 0))


def test_fields(tmp_path):
    path = tmp_path / "fields.csv"
    path.write_text("x,y,z\n1,2.5,a\n,3,b c\n")
    found = tf.data.experimental.CsvDataset(str(path), [0, tf.float32, ""], header=True)
    assert _elements(found) == [(1, 2.5, b"a"), (0, 3.0, b"b c")]


def test_names_of_files(tmp_path):
    for name in ("b.txt", "a.txt", "c.csv"):
        (tmp_path / name).write_text(name)
    names = tf.data.Dataset.list_files(str(tmp_path / "*.txt"), shuffle=False)
    assert _elements(names) == [str(tmp_path / name).encode() for name in ("a.txt", "b.txt")]
    assert sorted(_elements(tf.data.Dataset.list_files(str(tmp_path / "*")).flat_map(tf.data.TextLineDataset))) == [
        b"a.txt", b"b.txt", b"c.csv",
    ]  # fmt: skip
    with pytest.raises(tf.errors.InvalidArgumentError, match="No files matched pattern"):
        _elements(tf.data.Dataset.list_files(str(tmp_path / "*.png")))


def test_what_is_not_there():
    with pytest.raises(tf.errors.NotFoundError, match=r"^nowhere; No such file"):
        _elements(tf.data.TextLineDataset("nowhere"))
    with pytest.raises(tf.errors.NotFoundError, match=r"^nowhere; No such file"):
        _elements(tf.data.TFRecordDataset("nowhere"))
    with pytest.raises(tf.errors.InvalidArgumentError, match="Unsupported compression_type: LZ"):
        _elements(tf.data.TextLineDataset("nowhere", "LZ"))
