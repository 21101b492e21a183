"""Damaged Example messages: parsing them comes to tensors or to InvalidArgumentError; see tests/mutations.py."""

from __future__ import annotations

import random
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import diptych.static as tf
import numpy as np
from diptych.static.feature_columns import parsing

from tests.mutations import mutated, read_all


def _example(**features: Any) -> bytes:
    return tf.train.Example(features=tf.train.Features(feature=features)).SerializeToString()


def _integers(*values: int) -> Any:
    return tf.train.Feature(int64_list=tf.train.Int64List(value=values))


def _floats(*values: float) -> Any:
    return tf.train.Feature(float_list=tf.train.FloatList(value=values))


def _texts(*values: bytes) -> Any:
    return tf.train.Feature(bytes_list=tf.train.BytesList(value=values))


EXAMPLES = [
    _example(i=_integers(1, -5), f=_floats(0.5), s=_texts(b"a", b"bc"), q=_integers(1, 2, 3, 4)),
    _example(i=_integers(2**62, 0), f=_floats(float("inf")), s=_texts(), q=_integers()),
    _example(f=_floats(2.0), other=_texts(b"x" * 40)),
    b"",
]
SPARSE = (("i", tf.int64), ("s", tf.string))
DENSE = (("f", tf.float32, (1,)), ("i", tf.int64, (2,)), ("q", tf.int64, (None, 2)))
KEYS = [np.array(key.encode(), object) for key, *_ in (*SPARSE, *DENSE)]
ATTRIBUTES: Any = {
    "Nsparse": len(SPARSE), "Ndense": len(DENSE), "sparse_types": tuple(dtype for _, dtype in SPARSE),
    "Tdense": tuple(dtype for _, dtype, _ in DENSE), "dense_shapes": tuple(shape for _, _, shape in DENSE),
}  # fmt: skip
DEFAULTS = (np.array([9.0], np.float32), np.array([7, 8], np.int64), np.array(0, np.int64))


with tf.Graph().as_default():
    PARSED = tf.parse_example(tf.placeholder(tf.string, [None]), {"i": tf.FixedLenFeature([], tf.int64)})
AT: Any = SimpleNamespace(operation=PARSED["i"].op)  # what the operation is told of itself


def damaged(seed: int, count: int) -> Iterator[list[bytes]]:
    """`count` batches of damaged messages."""
    chance = random.Random(seed)
    for _ in range(count):
        yield [mutated(each, chance) for each in chance.choices(EXAMPLES, k=chance.randint(1, 2))]


def outcome(messages: list[bytes]) -> str:
    """What parsing them comes to. Raises whatever else comes up."""
    serialized = np.empty(len(messages), object)
    serialized[:] = messages
    try:
        found = parsing.compute_examples(AT, serialized, np.array([], object), *KEYS, *DEFAULTS, **ATTRIBUTES)
    except tf.errors.InvalidArgumentError:
        return "refused"
    assert len(found) == 3 * len(SPARSE) + len(DENSE)
    assert found[-3].shape == (len(messages), 1) and found[-2].shape == (len(messages), 2)
    return "parsed"


if __name__ == "__main__":
    read_all(damaged, outcome)
