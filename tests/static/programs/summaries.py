"""Programs that make summaries and write them."""

from __future__ import annotations

import glob
import io
import os
import tempfile
from typing import Any

import numpy as np

from tests.static.programs.notes import Note, described


def _bytes(data: bytes) -> str:
    return data.hex()


def kinds(tf: Any, note: Note) -> None:
    x = tf.placeholder(tf.float32, None, name="x")
    numbers = np.round(np.random.RandomState(0).randn(50) * 8).astype(np.float32) / 8  # sums are exact
    with tf.name_scope("scope"):
        loss = tf.summary.scalar("loss", tf.reduce_sum(x))
        again = tf.summary.scalar("loss", tf.reduce_sum(x))
    odd = tf.summary.scalar("a b:c", 3, collections=["mine"])
    family = tf.summary.scalar("acc", tf.constant(0.5, tf.float64), family="train")
    weights = tf.summary.histogram("weights", x)
    words = tf.summary.text("words", tf.constant(["a", "b"]))
    sound = tf.summary.audio("sound", tf.constant(np.linspace(-1.2, 1.2, 12, dtype=np.float32).reshape(2, 6)), 44100)
    tensor = tf.summary.tensor_summary("tensor", tf.constant([1.0, 2.0]), display_name="shown")
    note("things", described(loss, again, odd, family, weights, words, sound, tensor))
    note("types", [each.op.type for each in (loss, weights, words, sound)])
    note("inputs", [each.name for each in loss.op.inputs] + [each.name for each in words.op.inputs])
    some = tf.summary.merge([loss, odd])
    everything = tf.summary.merge_all()
    note("merged", described(some, everything))
    note("collected", [each.name for each in tf.get_collection(tf.GraphKeys.SUMMARIES)])
    note("mine", described(tf.summary.merge_all("mine"), tf.summary.merge_all(scope="scope")))
    note("none", tf.summary.merge_all("nothing"))
    with tf.Session() as session:
        for label, each in {"loss": loss, "again": again, "odd": odd, "family": family, "weights": weights,
                            "words": words, "sound": sound, "some": some, "all": everything}.items():  # fmt: skip
            note(label, _bytes(session.run(each, {x: numbers})))
        note("one number", _bytes(session.run(weights, {x: 0.0})))
        note("no number", _bytes(session.run(weights, {x: []})))
        note("nan", lambda: session.run(weights, {x: [np.nan]}))
        note("infinite", lambda: session.run(weights, {x: [np.inf]}))
        note("vector", lambda: session.run(tf.summary.scalar("vector", x), {x: [1.0, 2.0]}))
        note("twice", lambda: session.run(tf.summary.merge([loss, loss]), {x: 1.0}))
    note("words of numbers", lambda: tf.summary.text("n", tf.constant(1.0)))
    note("bool", lambda: tf.summary.scalar("b", tf.constant(True)))
    note("by hand", _bytes(tf.Summary(value=[tf.Summary.Value(tag="t", simple_value=0.5)]).SerializeToString()))


def pictures(tf: Any, note: Note) -> None:
    random = np.random.RandomState(1)
    batches = {
        "gray": random.rand(4, 3, 5, 1),
        "colors": random.randn(2, 3, 5, 3),
        "dark": np.zeros((1, 2, 2, 1)),
        "clear": random.rand(1, 2, 2, 4),
        "bad": np.where(random.rand(1, 3, 3, 3) < 0.2, np.nan, random.rand(1, 3, 3, 3)),
    }
    with tf.Session() as session:
        for label, batch in batches.items():
            for kind, pixels in (("floats", batch.astype(np.float32)), ("bytes", (batch * 100).clip(0, 255))):
                if kind == "bytes" and label == "bad":
                    continue
                pixels = pixels if kind == "floats" else pixels.astype(np.uint8)
                made = tf.summary.image(f"{label}/{kind}", pixels, max_outputs=2 if label == "gray" else 1)
                message = tf.Summary()
                message.ParseFromString(session.run(made))
                note(
                    f"{label} {kind}",
                    [[v.tag, v.image.height, v.image.width, v.image.colorspace] for v in message.value],
                )
                note(f"{label} {kind} pixels",
                     [session.run(_decoded(tf, v.image.encoded_image_string)) for v in message.value])  # fmt: skip
        note("flat", lambda: session.run(tf.summary.image("flat", np.ones((2, 3), np.float32))))
        note("two", lambda: session.run(tf.summary.image("two", np.ones((1, 2, 3, 2), np.float32))))


def _decoded(tf: Any, data: bytes) -> Any:
    """The pixels of a PNG file, as a tensor."""
    try:
        from PIL import Image
    except ImportError:  # where the real framework runs
        return tf.cast(tf.squeeze(tf.image.decode_png(data)), tf.int32)
    return tf.constant(np.array(Image.open(io.BytesIO(data))).astype(np.int32))


def files(tf: Any, note: Note) -> None:
    x = tf.placeholder(tf.float32, [], name="x")
    loss = tf.summary.scalar("loss", x)
    tf.summary.text("words", tf.constant("w"))
    everything = tf.summary.merge_all()
    with tempfile.TemporaryDirectory() as folder, tf.Session() as session:
        writer = tf.summary.FileWriter(os.path.join(folder, "logs"), session.graph)
        for step in range(3):
            writer.add_summary(session.run(everything, {x: step}), step)
        writer.add_summary(tf.Summary(value=[tf.Summary.Value(tag="hand", simple_value=2.0)]), np.int64(7))
        writer.add_summary(session.run(loss, {x: 9.0}))
        writer.add_session_log(tf.SessionLog(status=tf.SessionLog.START), 1)
        writer.add_run_metadata(tf.RunMetadata(), "step1", 1)
        note("tag", lambda: writer.add_run_metadata(tf.RunMetadata(), "step1", 2))
        note("no graph", lambda: writer.add_graph("graph"))
        writer.close()
        paths = glob.glob(os.path.join(folder, "logs", "events.out.tfevents.*"))
        found = list(tf.train.summary_iterator(paths[0]))
        note("events", [[e.step, e.WhichOneof("what")] for e in found if e.WhichOneof("what") != "meta_graph_def"])
        values = [value for event in found for value in event.summary.value]
        note("values", [[v.tag, v.simple_value, v.HasField("metadata")] for v in values])
        with tf.summary.FileWriter(folder) as other:
            note("folder", other.get_logdir() == folder)


PROGRAMS = [kinds, pictures, files]
