"""Writes down, as tensorflow_answers.json beside this file, the messages that TensorFlow makes of tensor_cases.py.

    python tests/events/make_tensorflow_answers.py

needs TensorFlow 2.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import tensorflow as tf
from tensor_cases import DTYPES, HISTOGRAMS, TEXTS, arrays


def histogram(values: np.ndarray) -> str:
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        data = session.run(tf.compat.v1.summary.histogram("h", tf.constant(values, tf.float64)))
    return tf.compat.v1.Summary.FromString(data).value[0].histo.SerializeToString().hex()


def tensor(value: object) -> str:
    return tf.make_tensor_proto(value).SerializeToString().hex()


def main() -> None:
    answers = {
        "histograms": {name: histogram(values) for name, values in HISTOGRAMS.items()},
        "tensors": {name: [tensor(array) for array in arrays(name)] for name in DTYPES},
        "texts": [tensor(value) for value in TEXTS],
    }
    Path(__file__).with_name("tensorflow_answers.json").write_text(json.dumps(answers, indent=1) + "\n")


if __name__ == "__main__":
    main()
