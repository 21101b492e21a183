"""A graph that is trained on a mesh of the devices of all processes, each of which feeds its part of every batch, by
`python -m diptych.cli launch tests/mesh/graph.py '{"data": 4, "model": 2}'`."""

from __future__ import annotations

import json
import os
import sys
import warnings
from pathlib import Path

import diptych

if int(os.environ.get("WORLD_SIZE", "1")) > 1:
    diptych.join_processes()

import diptych.static as tf
import numpy as np
from diptych.backends.jax import batches_on_mesh
from diptych.backends.processes import process_count, process_rank
from diptych.ir import DiptychError

STEPS, BATCH = 20, 64
RULES = {r"a/kernel": (None, "model"), r"a/bias": ("model",), r"b/kernel": ("model", None)}
axes = json.loads(sys.argv[1])
with tf.Graph().as_default() as graph, diptych.mesh(RULES if "model" in axes else None, **axes) as mesh:
    tf.set_random_seed(1)
    images, labels = tf.placeholder(tf.float32, [None, 32]), tf.placeholder(tf.int64, [None])
    hidden = tf.layers.dense(tf.layers.dense(images, 64, tf.nn.relu, name="a"), 64, tf.nn.relu, name="b")
    scores = tf.layers.dense(hidden, 10, name="c")
    loss = tf.losses.sparse_softmax_cross_entropy(labels, scores)
    train = tf.train.AdamOptimizer(0.01).minimize(loss)
    random, losses = np.random.default_rng(0), []
    with tf.Session() as session:
        session.run(tf.global_variables_initializer())
        for _ in range(STEPS):
            given, wanted = random.standard_normal((BATCH, 32)).astype(np.float32), random.integers(0, 10, BATCH)
            rank, count = process_rank(), process_count()
            part = slice(rank * BATCH // count, (rank + 1) * BATCH // count)
            losses.append(float(session.run([loss, train], {images: given[part], labels: wanted[part]})[0]))
        kernel = session.run(graph.get_tensor_by_name("a/kernel:0"))  # which may be split over this process's devices
        (held,) = batches_on_mesh("held", [given[part]], [given.shape], mesh)
        child = os.fork()  # while an array lies on several processes
        if not child:
            os._exit(0)
        assert os.waitpid(child, 0)[1] == 0
        assert kernel.shape == (32, 64) and held.shape == (BATCH, 32)
        rows = session.run(scores, {images: given[part]})
        few = slice(rank * 8 // count, (rank + 1) * 8 // count)  # labels are part of the batch because images are
        small = float(session.run(loss, {images: given[few], labels: wanted[few]}))
        mean = tf.reduce_mean(images)
        diptych.configure(bucket=8)
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            means = [float(session.run(mean, {images: given[part][:size]})) for size in (8, 6, 4)]
        diptych.configure(bucket=None)
        scale = tf.placeholder(tf.float32, [3])
        same = session.run(scale * 2, {scale: [1, 2, 3]}).tolist()
        try:
            unlike = str(session.run(scale * 2, {scale: [rank, 0, 0]}))
        except DiptychError as error:
            unlike = error.message
with tf.Graph().as_default(), tf.Session() as session:
    drawn = float(session.run(tf.random_normal([])))  # without a seed: the same in all processes
text = json.dumps({
    "rank": rank, "losses": losses, "rows": rows.tolist(), "drawn": drawn, "small": small, "same": same,
    "unlike": unlike, "means": means, "told": [str(each.message) for each in told],
})  # fmt: skip
Path(os.environ["FOUND_IN"], f"{rank}.json").write_text(text)
