"""Programs of tf.distribute in one of several processes, which TF_CONFIG or `diptych launch` names: those that the
arguments name, by default all."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import diptych
import diptych.static as tf
import strategy_programs as programs  # which lies beside this script
from diptych.backends.processes import process_count, process_rank
from diptych.ir import Unsupported


def own_input(strategy: Any) -> list[float]:
    """Losses of a loop whose input function gives this process's examples."""

    def input_fn(context: Any) -> Any:
        size = context.get_per_replica_batch_size(programs.BATCH)
        every = tf.data.Dataset.from_tensor_slices((programs.X, programs.Y))
        mine = every.shard(context.num_input_pipelines, context.input_pipeline_id)
        return mine.repeat().batch(size, drop_remainder=True)

    def step(given: Any) -> Any:
        x, y = given
        assert x.shape.as_list() == [programs.BATCH, programs.WIDTH]
        scores = tf.layers.dense(x, 4, kernel_initializer=tf.glorot_uniform_initializer(seed=3))
        loss = tf.losses.sparse_softmax_cross_entropy(y, scores)
        with tf.control_dependencies([tf.train.GradientDescentOptimizer(0.1).minimize(loss)]):
            return tf.identity(loss)

    with tf.Graph().as_default(), strategy.scope(), tf.Session() as session:
        iterator = strategy.make_input_fn_iterator(input_fn)
        loss = strategy.experimental_run(step, iterator)
        session.run([tf.global_variables_initializer(), iterator.initialize()])
        return [float(session.run(loss)) for _ in range(6)]


PROGRAMS = {"loop": programs.loop, "keras": programs.keras, "input": own_input}


def refused(strategy: Any) -> list[str]:
    """What is said of what several processes cannot do."""
    found: list[str] = []
    with tf.Graph().as_default(), strategy.scope():
        dataset = tf.data.Dataset.from_tensor_slices(programs.Y)
        for wrong in (
            lambda: strategy.experimental_distribute_dataset(dataset),
            lambda: dataset.with_options(unsharded()),
        ):
            try:
                wrong()
            except (ValueError, Unsupported) as error:
                found.append(str(error).splitlines()[0])
    return found


def unsharded() -> Any:
    """Options that say that nothing is split."""
    options = tf.data.Options()
    options.experimental_distribute.auto_shard = False
    return options


def main() -> None:
    diptych.configure(backend="jax")
    strategy = tf.distribute.experimental.MultiWorkerMirroredStrategy()
    extended = strategy.extended
    told: dict[str, Any] = {"device": extended.worker_devices[0], "is chief": extended.should_checkpoint}
    for name in sys.argv[1:] or PROGRAMS:
        told[name] = PROGRAMS[name](strategy)
    if process_count() > 1:
        told["refused"] = refused(strategy)
    Path(os.environ["FOUND_IN"], f"{process_rank()}.json").write_text(json.dumps(told))


if __name__ == "__main__":
    main()
