"""tf.python_io and tf.train.Example, beside what programs/records.py holds."""

import collections

import diptych.static as tf
import pytest

from tests.static.platform.fuzz import damaged, outcome


def test_texts_of_errors(tmp_path):
    path = str(tmp_path / "x")
    with tf.python_io.TFRecordWriter(path) as writer:
        writer.write(b"first")
        writer.flush()
    data = (tmp_path / "x").read_bytes()
    for changed, message in (
        (data[:-1], "truncated record at 0"),
        (data[:12] + b"F" + data[13:], "corrupted record at 0"),
        (b"\x06" + data[1:], "corrupted record at 0"),
    ):
        (tmp_path / "x").write_bytes(changed)
        with pytest.raises(tf.errors.DataLossError) as caught:
            list(tf.python_io.tf_record_iterator(path))
        assert caught.value.message == message
    gone = str(tmp_path / "gone" / "x")
    for call in (lambda: list(tf.python_io.tf_record_iterator(gone)), lambda: tf.python_io.TFRecordWriter(gone)):
        with pytest.raises(tf.errors.NotFoundError) as caught:
            call()
        assert caught.value.message == f"{gone}; No such file or directory"
    with pytest.raises(ValueError, match='^Not a valid compression_type: "LZ4"$'):
        tf.python_io.TFRecordWriter(path, "LZ4")


@pytest.mark.parametrize("kind", ["GZIP", "ZLIB"])
def test_compressed_files(tmp_path, kind):
    path = str(tmp_path / "x")
    with tf.python_io.TFRecordWriter(path, kind) as writer:
        for number in range(300):
            writer.write(bytes([number % 256]) * 1000)
        writer.flush()
    assert [len(each) for each in tf.python_io.tf_record_iterator(path, kind)] == [1000] * 300
    data = (tmp_path / "x").read_bytes()
    assert len(data) < 100_000
    (tmp_path / "x").write_bytes(b"\x00" + data[1:])
    with pytest.raises(tf.errors.DataLossError):
        list(tf.python_io.tf_record_iterator(path, kind))


def test_features_are_a_dictionary():
    features = tf.train.Features(feature={"a": tf.train.Feature()})
    given = tf.train.Feature(int64_list=tf.train.Int64List(value=[1]))
    features.feature["b"] = given
    given.int64_list.value.append(2)
    assert list(features.feature["b"].int64_list.value) == [1] and len(features.feature) == 2
    del features.feature["b"]
    assert list(features.feature) == ["a"] and "b" not in features.feature
    with pytest.raises(KeyError):
        del features.feature["b"]


def test_damaged_files_are_read_or_refused(tmp_path):
    found = collections.Counter(outcome(tmp_path / "x", file) for file in damaged(seed=1, count=500))
    assert set(found) == {"read", "DataLossError", "DamagedData"} and min(found.values()) > 50
