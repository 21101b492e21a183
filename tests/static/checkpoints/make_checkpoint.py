"""Makes model.ckpt-7 with the real framework: run it where tensorflow-cpu 2.15 is installed, from the repository's root.

python -m tests.static.checkpoints.make_checkpoint
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import tensorflow.compat.v1 as tf

DTYPES = ("float32", "float64", "int32", "int64", "float16", "uint8", "complex64", "bool", "int16")

if __name__ == "__main__":
    tf.disable_v2_behavior()
    for dtype in DTYPES:
        numbers = np.arange(6).reshape(2, 3)
        tf.get_variable(
            f"scope/{dtype}", initializer=tf.constant((numbers > 2) if dtype == "bool" else numbers.astype(dtype))
        )
    tf.get_variable("bf", initializer=tf.constant([1.5, 2.5], tf.bfloat16))
    tf.get_variable("text", initializer=tf.constant([b"a", b"", b"long" * 100]))
    tf.get_variable("scalar", initializer=3.5)
    tf.get_variable("empty", initializer=tf.zeros([0, 4]))
    tf.get_variable(
        "parted", [7, 3], partitioner=tf.fixed_size_partitioner(3),
        initializer=lambda shape, dtype, partition_info: tf.reshape(
            tf.range(21.0), [7, 3])[partition_info.var_offset[0]:partition_info.var_offset[0] + shape[0]],
    )  # fmt: skip
    for number in range(40):
        tf.get_variable(f"many/w{number}/kernel", initializer=np.float32(number))
    tf.train.get_or_create_global_step()
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        place = Path(__file__).parent / "model.ckpt"
        tf.train.Saver(save_relative_paths=True).save(session, str(place), global_step=7, write_meta_graph=False)
