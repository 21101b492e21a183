"""H4: a GRU in both directions over sequences of uneven lengths: 27 steps, batch 13, 40 -> 72, Adam."""

import numpy as np

from benchmarks.data import normal, zeros

TITLE = "bidirectional GRU over uneven lengths, 27 steps, batch 13, 40 -> 72, Adam"
WAIT = "none"
STEPS, BATCH, INPUT, HIDDEN, CLASSES = 27, 13, 40, 72, 5
ADAM = {"rate": 2e-3, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-7}


def data():
    """Gates stand in the order reset, update, candidate."""
    random = np.random.default_rng(24)
    p = {}
    for way in ("ahead", "back"):
        p[f"{way}_input"] = normal(random, INPUT, 3 * HIDDEN, scale=0.15)
        p[f"{way}_state"] = normal(random, HIDDEN, 3 * HIDDEN, scale=0.1)
        p[f"{way}_bias"], p[f"{way}_state_bias"] = zeros(3 * HIDDEN), zeros(3 * HIDDEN)
    p["head"], p["head_bias"] = normal(random, 2 * HIDDEN, CLASSES, scale=0.1), zeros(CLASSES)
    lengths = random.integers(3, STEPS + 1, BATCH)
    there = (np.arange(STEPS)[:, None] < lengths)[:, :, None].astype(np.float32)
    x, y = normal(random, STEPS, BATCH, INPUT), random.integers(0, CLASSES, BATCH)
    return {"x": x, "y": y, "there": there, "parameters": p, **ADAM}


def torch(run):
    given, t, F = data(), run.torch, run.torch.nn.functional
    p = run.parameters(given["parameters"])
    betas = given["beta1"], given["beta2"]
    optimizer = t.optim.Adam(p.values(), lr=given["rate"], betas=betas, eps=given["epsilon"], **run.fused)

    def last(x, there, way, steps):
        h = t.zeros(BATCH, HIDDEN)
        for step in steps:
            own = t.addmm(p[f"{way}_bias"], x[step], p[f"{way}_input"]).chunk(3, 1)
            state = t.addmm(p[f"{way}_state_bias"], h, p[f"{way}_state"]).chunk(3, 1)
            reset, update = t.sigmoid(own[0] + state[0]), t.sigmoid(own[1] + state[1])
            candidate = t.tanh(own[2] + reset * state[2])
            new = (1 - update) * candidate + update * h
            h = there[step] * new + (1 - there[step]) * h
        return h

    def loss(x, y, there):
        both = last(x, there, "ahead", range(STEPS)), last(x, there, "back", reversed(range(STEPS)))
        return F.cross_entropy(t.addmm(p["head_bias"], t.cat(both, 1), p["head"]), y)

    return run.train(loss, optimizer, given["x"], given["y"], given["there"])


def tensorflow(run):
    given, tf = data(), run.tf
    x, y, there = (run.input(given[name]) for name in ("x", "y", "there"))
    p = run.variables(given["parameters"])

    def last(way, steps):
        h = tf.zeros([BATCH, HIDDEN])
        for step in steps:
            own = tf.split(tf.matmul(x[step], p[f"{way}_input"]) + p[f"{way}_bias"], 3, 1)
            state = tf.split(tf.matmul(h, p[f"{way}_state"]) + p[f"{way}_state_bias"], 3, 1)
            reset, update = tf.sigmoid(own[0] + state[0]), tf.sigmoid(own[1] + state[1])
            candidate = tf.tanh(own[2] + reset * state[2])
            new = (1 - update) * candidate + update * h
            h = there[step] * new + (1 - there[step]) * h
        return h

    both = tf.concat([last("ahead", range(STEPS)), last("back", reversed(range(STEPS)))], 1)
    logits = tf.matmul(both, p["head"]) + p["head_bias"]
    loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=logits))
    optimizer = tf.train.AdamOptimizer(given["rate"], given["beta1"], given["beta2"], given["epsilon"])
    return run.train(loss, optimizer.minimize(loss))


def jax(run):
    given, jnp, nn = data(), run.jax.numpy, run.jax.nn

    def loss(p, x, y, there):
        def last(way, steps):
            h = jnp.zeros((BATCH, HIDDEN))
            for step in steps:
                own = jnp.split(x[step] @ p[f"{way}_input"] + p[f"{way}_bias"], 3, 1)
                state = jnp.split(h @ p[f"{way}_state"] + p[f"{way}_state_bias"], 3, 1)
                reset, update = nn.sigmoid(own[0] + state[0]), nn.sigmoid(own[1] + state[1])
                candidate = jnp.tanh(own[2] + reset * state[2])
                new = (1 - update) * candidate + update * h
                h = there[step] * new + (1 - there[step]) * h
            return h

        both = jnp.concatenate([last("ahead", range(STEPS)), last("back", reversed(range(STEPS)))], 1)
        return run.cross_entropy(both @ p["head"] + p["head_bias"], y)

    inputs = given["x"], given["y"], given["there"]
    return run.train(loss, given["parameters"], run.adam(given), *inputs)
