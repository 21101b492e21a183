"""Programs that write and read examples in files of records."""

from __future__ import annotations

import os
import tempfile
from typing import Any

import numpy as np

from tests.static.programs.notes import Note


def examples(tf: Any, note: Note) -> None:
    train = tf.train
    one = train.Feature(int64_list=train.Int64List(value=[1, -2, 1 << 40]))
    example = train.Example(features=train.Features(feature={"numbers": one}))
    note("one", example.SerializeToString().hex())
    numbers = train.Feature(float_list=train.FloatList(value=np.array([0.5, -1.0], np.float32)))
    note("floats", numbers.SerializeToString().hex())
    note("bytes", train.Feature(bytes_list=train.BytesList(value=[b"a", b""])).SerializeToString().hex())
    example.features.feature["more"].bytes_list.value.append(b"x")
    example.features.feature["numbers"].int64_list.value.extend([7])
    again = train.Example.FromString(example.SerializeToString())
    note("keys", sorted(again.features.feature))
    note(
        "values",
        [list(again.features.feature["numbers"].int64_list.value), again.features.feature["more"].bytes_list.value[0]],
    )
    note("kinds", [again.features.feature["more"].WhichOneof("kind"), "none" in again.features.feature])
    sequence = train.SequenceExample(
        context=train.Features(feature={"n": one}),
        feature_lists=train.FeatureLists(feature_list={"steps": train.FeatureList(feature=[one, numbers])}),
    )
    note("sequence", sequence.SerializeToString().hex())
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "x.tfrecord")
        for kind in ("NONE", "GZIP", "ZLIB"):
            options = tf.python_io.TFRecordOptions(getattr(tf.python_io.TFRecordCompressionType, kind))
            with tf.python_io.TFRecordWriter(path, options) as writer:
                for text in (b"first", b"", example.SerializeToString(), b"z" * 1000):
                    writer.write(text)
            note(f"records of {kind}", [len(each) for each in tf.python_io.tf_record_iterator(path, options)])
        with tf.python_io.TFRecordWriter(path) as writer:
            for text in (b"first", b"second"):
                writer.write(text)
        with open(path, "rb") as file:
            data = file.read()
        note("file", data.hex())
        for label, damaged in {
            "cut": data[:-1], "short": data[:25], "flipped": data[:12] + b"F" + data[13:], "length": b"\x06" + data[1:],
        }.items():  # fmt: skip
            with open(path, "wb") as file:
                file.write(damaged)
            note(label, lambda: list(tf.python_io.tf_record_iterator(path)))
        note("gone", lambda: list(tf.python_io.tf_record_iterator(os.path.join(folder, "gone"))))
        note("nowhere", lambda: tf.python_io.TFRecordWriter(os.path.join(folder, "gone", "x")))


PROGRAMS = [examples]
