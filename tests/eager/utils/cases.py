"""Calls of SummaryWriter, to run with PyTorch's and with diptych's: `case(writer, tensor)`, tensor making tensors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

Case = Callable[[Any, Callable[[Any], Any]], Any]

WALL = 12.5  # seconds; so that a time does not differ


def noise(*shape: int) -> np.ndarray:
    """Numbers from 0 to 1 without a pattern, the same in every version of numpy."""
    count = int(np.prod(shape))
    return ((np.arange(1, count + 1) * 0.6180339887498949) % 1.0).reshape(shape)


GRAY = (noise(5, 7) * 255).astype(np.uint8)
COLORS = noise(3, 6, 9).astype(np.float32)
BATCH = noise(10, 3, 4, 5)
SPREAD = np.sort(noise(200)) ** 3 * 40 - 7
BOXES = np.array([[1.7, 2.2, 6.9, 4.5], [3, 0, 8, 5], [-2, -3, 20, 2], [7, 4, 2, 1], [4, 4, 4, 4]])
VERTICES = np.array([[[1, 1, 1], [-1, -1, 1], [1, -1, -1], [-1, 1, -1]]], np.float32)

CASES: dict[str, Case] = {
    "scalar": lambda w, t: w.add_scalar("loss", 0.25, 3, WALL),
    "scalar without a step": lambda w, t: w.add_scalar("loss", 0.25, walltime=WALL),
    "scalar of an integer": lambda w, t: w.add_scalar("loss", 7, np.int64(4), WALL),
    "scalar of a truth value": lambda w, t: w.add_scalar("loss", True, 4, WALL),
    "scalar of numpy": lambda w, t: w.add_scalar("loss", np.float32(0.1), 4, WALL),
    "scalar of an array": lambda w, t: w.add_scalar("loss", np.array([[0.1]]), 4, WALL),
    "scalar of a tensor": lambda w, t: w.add_scalar("loss", t(np.float32(0.3)), t(np.int64(4)), WALL),
    "scalar of text": lambda w, t: w.add_scalar("loss", "1.5", 4, WALL),
    "scalar of nan": lambda w, t: w.add_scalar("loss", float("nan"), 4, WALL),
    "scalar of infinity": lambda w, t: w.add_scalar("loss", float("-inf"), 4, WALL),
    "scalar of zero": lambda w, t: w.add_scalar("loss", 0.0, 0, WALL),
    "scalar of minus zero": lambda w, t: w.add_scalar("loss", -0.0, -1, WALL),
    "scalar too large for 32 bits": lambda w, t: w.add_scalar("loss", -1e300, 2**40, WALL),
    "scalar under another tag": lambda w, t: w.add_scalar("größe/日本", 1.0, 1, WALL),
    "scalar in the new style": lambda w, t: w.add_scalar("loss", 0.1, 3, WALL, new_style=True),
    "scalar in the new style, zero": lambda w, t: w.add_scalar("loss", 0, 3, WALL, new_style=True),
    "scalar in double precision": lambda w, t: w.add_scalar(
        "loss", 0.1, 3, WALL, new_style=True, double_precision=True
    ),
    "scalar in double precision of the old style": lambda w, t: w.add_scalar(
        "loss", 0.1, 3, WALL, double_precision=True
    ),
    "scalars": lambda w, t: (
        w.add_scalars("run/14h", {"sin": 0.5, "cos": t(np.float32(0.25))}, 1, WALL),
        w.add_scalars("run/14h", {"sin": 0.75}, 2, WALL),
    ),
    **{
        f"tensor of {name}": lambda w, t, name=name: w.add_tensor("x", t(np.array([[0, 1, 2], [3, 4, 1]], name)), 1, WALL)
        for name in (
            "float16", "float32", "float64", "int8", "uint8", "int16", "int32", "int64", "bool", "complex64", "complex128",
        )
    },
    "tensor without axes": lambda w, t: w.add_tensor("x", t(np.float32(0.5)), 1, WALL),
    "tensor without elements": lambda w, t: w.add_tensor("x", t(np.zeros((0, 2), np.float32)), 1, WALL),
    "tensor of negative halves": lambda w, t: w.add_tensor("x", t(np.array([-1.5, 2.0], np.float16)), 1, WALL),
    "histogram": lambda w, t: w.add_histogram("h", SPREAD, 1, walltime=WALL),
    "histogram of a tensor": lambda w, t: w.add_histogram("h", t(SPREAD.astype(np.float32)), 1, walltime=WALL),
    "histogram of integers": lambda w, t: w.add_histogram("h", np.arange(12).reshape(3, 4), 1, walltime=WALL),
    "histogram of one number": lambda w, t: w.add_histogram("h", 3.0, 1, walltime=WALL),
    "histogram of zeros": lambda w, t: w.add_histogram("h", np.zeros(5), 1, walltime=WALL),
    "histogram, auto": lambda w, t: w.add_histogram("h", SPREAD, 1, "auto", WALL),
    "histogram, fd": lambda w, t: w.add_histogram("h", SPREAD, 1, "fd", WALL),
    "histogram of seven bins": lambda w, t: w.add_histogram("h", SPREAD, 1, 7, WALL),
    "histogram of given limits": lambda w, t: w.add_histogram("h", SPREAD, 1, [-9, 0, 1, 2, 30, 50, 60], WALL),
    "histogram of what is outside its bin": lambda w, t: w.add_histogram("h", np.array([5.0]), 1, [0.0, 1.0], WALL),
    "histogram of at most ten bins": lambda w, t: w.add_histogram("h", SPREAD, 1, "tensorflow", WALL, 10),
    "histogram of at most three of seven bins": lambda w, t: w.add_histogram("h", SPREAD, 1, 7, WALL, 3),
    "histogram of at most four of eight bins": lambda w, t: w.add_histogram("h", SPREAD, 1, 8, WALL, 4),
    "raw histogram": lambda w, t: w.add_histogram_raw("h", 0, 3.5, 4, 6, 10.25, [1.0, 2.0, 4.0], [1, 2, 1], 1, WALL),
    "raw histogram of arrays": lambda w, t: w.add_histogram_raw(
        "h", 0, 3, 4, 6, 10.25, np.array([1.0, 2.0]), np.array([1, 2]), 1, WALL
    ),
    "image": lambda w, t: w.add_image("i", COLORS, 1, WALL),
    "image of a tensor": lambda w, t: w.add_image("i", t(COLORS), 1, WALL),
    "image of bytes": lambda w, t: w.add_image("i", GRAY[None], 1, WALL),
    "image, HWC": lambda w, t: w.add_image("i", COLORS.transpose(1, 2, 0), 1, WALL, "HWC"),
    "image, hw": lambda w, t: w.add_image("i", GRAY, 1, WALL, "hw"),
    "image, WH": lambda w, t: w.add_image("i", GRAY, 1, WALL, "WH"),
    "image with alpha": lambda w, t: w.add_image("i", noise(4, 3, 3), 1, WALL),
    "image of gray and alpha": lambda w, t: w.add_image("i", noise(2, 3, 3), 1, WALL),
    "image out of range": lambda w, t: w.add_image("i", COLORS * 3 - 1, 1, WALL),
    "image of larger integers": lambda w, t: w.add_image("i", GRAY[None].astype(np.int64), 1, WALL),
    "images": lambda w, t: w.add_images("i", BATCH, 1, WALL),
    "images of gray": lambda w, t: w.add_images("i", BATCH[:3, :1], 1, WALL),
    "images, NHWC": lambda w, t: w.add_images("i", t(BATCH.transpose(0, 2, 3, 1)), 1, WALL, "NHWC"),
    "image with boxes": lambda w, t: w.add_image_with_boxes("i", COLORS, BOXES, 1, WALL),
    "image with boxes of a tensor": lambda w, t: w.add_image_with_boxes("i", t(COLORS), t(BOXES[:2]), 1, WALL),
    "image with boxes and too few labels": lambda w, t: w.add_image_with_boxes("i", COLORS, BOXES, 1, WALL, labels="a"),
    "image with boxes, larger": lambda w, t: w.add_image_with_boxes("i", COLORS, BOXES, 1, WALL, rescale=2.5),
    "image with boxes, smaller": lambda w, t: w.add_image_with_boxes(
        "i", noise(20, 31, 3), BOXES, 1, WALL, 0.4, "HWC"
    ),
    "audio": lambda w, t: w.add_audio("a", noise(1, 50) * 2 - 1, 1, walltime=WALL),
    "audio of a tensor": lambda w, t: w.add_audio("a", t((noise(30) - 1).astype(np.float32)), 1, 8000, WALL),
    "audio out of range": lambda w, t: w.add_audio("a", noise(30) * 3, 1, walltime=WALL),
    "text": lambda w, t: w.add_text("t", "*Grüße*\n\nein Satz", 1, WALL),
    "empty text": lambda w, t: w.add_text("t", "", 1, WALL),
    "pr curve": lambda w, t: w.add_pr_curve("p", noise(90) > 0.4, noise(90)[::-1], 1, walltime=WALL),
    "pr curve of tensors": lambda w, t: w.add_pr_curve(
        "p", t((noise(40) > 0.4).astype(np.int64)), t(noise(40).astype(np.float32)), 1, 11, walltime=WALL
    ),
    "pr curve with weights": lambda w, t: w.add_pr_curve(
        "p", noise(40) > 0.4, noise(40)[::-1], 1, 200, noise(40), WALL
    ),
    "raw pr curve": lambda w, t: w.add_pr_curve_raw(
        "p", [4, 2], [3, 1], [0, 2], [0, 2], [0.5, 0.75], [1.0, 0.5], 1, 2, walltime=WALL
    ),
    "embedding": lambda w, t: w.add_embedding(noise(4, 3).astype(np.float32)),
    "embedding with labels and pictures": lambda w, t: (
        w.add_embedding(
            t(noise(5, 2)), ["a", "b", 3, "d\u00e9", None], t(noise(5, 3, 4, 6).astype(np.float32)), 2, "x/y%\\'\""
        ),
        w.add_embedding(noise(2, 2), [["a", 1], ["b", 2]], None, 3, "z", ["name", "age"]),
    ),
    "hparams": lambda w, t: w.add_hparams(
        {"lr": 0.1, "bsize": 3, "flag": True, "name": "adam", "none": None, "t": t(np.array([2.5], np.float32))},
        {"hparam/accuracy": 10, "hparam/loss": t(np.float32(0.5))},
        {"lr": [0.1, 0.2], "name": ["adam", "sgd"]},
        "run",
        5,
    ),
    "graph that was made elsewhere": lambda w, t: w.file_writer.add_onnx_graph(Bytes(b"graph"), WALL),
    "mesh": lambda w, t: w.add_mesh("m", t(VERTICES), global_step=1, walltime=WALL),
    "mesh of all parts": lambda w, t: w.add_mesh(
        "m",
        t(VERTICES),
        t(np.abs(VERTICES).astype(np.int32) * 255),
        t(np.array([[[0, 2, 3], [0, 3, 1]]], np.int32)),
        {"material": {"size": 2, "cls": "PointsMaterial"}, "camera": None},
        1,
        WALL,
    ),
    "custom scalars": lambda w, t: w.add_custom_scalars(
        {
            "Taiwan": {"twse": ["Multiline", ["twse/0050", "twse/2330"]]},
            "USA": {"dow": ["Margin", ["dow/aaa", "dow/bbb", "dow/ccc"]], "other": ["Multiline", ["nasdaq/.*"]]},
        }
    ),
    "multilinechart": lambda w, t: w.add_custom_scalars_multilinechart(["a", "b"], "c", "d"),
    "marginchart": lambda w, t: w.add_custom_scalars_marginchart(["a", "b", "c"]),
}  # fmt: skip

REFUSED: dict[str, Case] = {
    "scalar of many": lambda w, t: w.add_scalar("loss", np.zeros((2, 3))),
    "scalar of a list": lambda w, t: w.add_scalar("loss", [1.0]),
    "scalar of None": lambda w, t: w.add_scalar("loss", None),
    "scalar of no number": lambda w, t: w.add_scalar("loss", "high"),
    "histogram of nothing": lambda w, t: w.add_histogram("h", np.zeros(0)),
    "histogram of what falls nowhere": lambda w, t: w.add_histogram("h", np.array([5.0]), bins=[0.0, 1.0, 2.0]),
    "raw histogram": lambda w, t: w.add_histogram_raw("h", 0, 1, 1, 1, 1, [1, 2], [1]),
    "image of other axes": lambda w, t: w.add_image("i", GRAY),
    "image of a letter twice": lambda w, t: w.add_image("i", COLORS, dataformats="CCW"),
    "image of many channels": lambda w, t: w.add_image("i", noise(5, 3, 3)),
    "images of many channels": lambda w, t: w.add_images("i", noise(2, 4, 3, 3)),
    "audio of channels": lambda w, t: w.add_audio("a", noise(2, 30)),
    "hparams of a list": lambda w, t: w.add_hparams([], {}),
    "hparams of values": lambda w, t: w.add_hparams({"a": [1]}, {}),
    "hparams of other domains": lambda w, t: w.add_hparams({"a": 1}, {}, {"b": [1]}),
    "hparams of mixed domains": lambda w, t: w.add_hparams({"a": 1}, {}, {"a": ["x"]}),
    "hparams of a list of domains": lambda w, t: w.add_hparams({"a": 1}, {}, [1]),
    "embedding of axes": lambda w, t: w.add_embedding(noise(4)),
    "embedding of labels": lambda w, t: w.add_embedding(noise(4, 2), ["a"]),
    "embedding of pictures": lambda w, t: w.add_embedding(noise(4, 2), None, t(noise(3, 3, 2, 2))),
    "embedding of a header": lambda w, t: w.add_embedding(noise(1, 2), [["a", "b"]], metadata_header=["x"]),
    "marginchart": lambda w, t: w.add_custom_scalars_marginchart(["a", "b"]),
    "custom scalars": lambda w, t: w.add_custom_scalars({"a": {"b": ["Margin", ["c"]]}}),
    "mesh of two axes": lambda w, t: w.add_mesh("m", t(VERTICES[0])),
    "tensor of another dtype": lambda w, t: w.add_tensor("x", t(np.zeros(2, np.uint16))),
    "event that is none": lambda w, t: w.file_writer.event_writer.add_event(b"x"),
    "closed": lambda w, t: (w.file_writer.close(), w.add_scalar("loss", 1.0)),
}


class Bytes:
    """A message that is bytes already."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    def SerializeToString(self) -> bytes:
        return self.data
