"""H3: a transformer encoder over texts of uneven lengths: 2 layers, 6 heads, 96 wide, batch 5, 48 tokens, Adam."""

import numpy as np

from benchmarks.data import normal, ones, zeros

TITLE = "transformer encoder with padding, 2 layers, 6 heads, 96 wide, 48 tokens, batch 5, Adam"
WAIT = "none"
LAYERS, HEADS, WIDTH, WIDE, TOKENS, BATCH, WORDS, CLASSES = 2, 6, 96, 250, 48, 5, 500, 7
ADAM = {"rate": 1e-3, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-7}
LENGTHS = (48, 31, 7, 40, 19)
SCALE = (WIDTH // HEADS) ** -0.5


def data():
    random = np.random.default_rng(23)
    p = {"words": normal(random, WORDS, WIDTH, scale=0.1), "places": normal(random, TOKENS, WIDTH, scale=0.1)}
    for layer in range(LAYERS):
        for name in ("query", "key", "value", "out"):
            p[f"{name}{layer}"], p[f"{name}_bias{layer}"] = normal(random, WIDTH, WIDTH, scale=0.1), zeros(WIDTH)
        p[f"wide{layer}"], p[f"wide_bias{layer}"] = normal(random, WIDTH, WIDE, scale=0.1), zeros(WIDE)
        p[f"narrow{layer}"], p[f"narrow_bias{layer}"] = normal(random, WIDE, WIDTH, scale=0.1), zeros(WIDTH)
        for name in ("first", "second"):
            p[f"{name}{layer}"], p[f"{name}_shift{layer}"] = ones(WIDTH), zeros(WIDTH)
    p["head"], p["head_bias"] = normal(random, WIDTH, CLASSES, scale=0.1), zeros(CLASSES)
    x, y = random.integers(0, WORDS, (BATCH, TOKENS)), random.integers(0, CLASSES, BATCH)
    there = np.arange(TOKENS) < np.array(LENGTHS)[:, None]
    return {"x": x, "y": y, "there": there, "parameters": p, **ADAM}


def torch(run):
    given, F = data(), run.torch.nn.functional
    p = run.parameters(given["parameters"])
    betas = given["beta1"], given["beta2"]
    optimizer = run.torch.optim.Adam(p.values(), lr=given["rate"], betas=betas, eps=given["epsilon"], **run.fused)

    def dense(h, name, layer):
        return h @ p[f"{name}{layer}"] + p[f"{name}_bias{layer}"]

    def heads(h, name, layer):
        return dense(h, name, layer).view(BATCH, TOKENS, HEADS, -1).transpose(1, 2)

    def loss(x, y, there):
        h = p["words"][x] + p["places"]
        for layer in range(LAYERS):
            q, k, v = (heads(h, name, layer) for name in ("query", "key", "value"))
            scores = (q @ k.transpose(-2, -1) * SCALE).masked_fill(~there[:, None, None], float("-inf"))
            taken = (scores.softmax(-1) @ v).transpose(1, 2).reshape(BATCH, TOKENS, WIDTH)
            h = h + dense(taken, "out", layer)
            h = F.layer_norm(h, (WIDTH,), p[f"first{layer}"], p[f"first_shift{layer}"])
            h = h + dense(F.gelu(dense(h, "wide", layer)), "narrow", layer)
            h = F.layer_norm(h, (WIDTH,), p[f"second{layer}"], p[f"second_shift{layer}"])
        share = there.float()
        mean = (h * share[:, :, None]).sum(1) / share.sum(1, keepdim=True)
        return F.cross_entropy(mean @ p["head"] + p["head_bias"], y)

    return run.train(loss, optimizer, given["x"], given["y"], given["there"])


def tensorflow(run):
    given, tf = data(), run.tf
    x, y, there = (run.input(given[name]) for name in ("x", "y", "there"))
    p = run.variables(given["parameters"])

    def dense(h, name, layer):
        flat = tf.matmul(tf.reshape(h, [BATCH * TOKENS, -1]), p[f"{name}{layer}"]) + p[f"{name}_bias{layer}"]
        return tf.reshape(flat, [BATCH, TOKENS, -1])

    def heads(h, name, layer):
        return tf.transpose(tf.reshape(dense(h, name, layer), [BATCH, TOKENS, HEADS, -1]), [0, 2, 1, 3])

    def normalized(h, name, layer):
        mean, variance = tf.nn.moments(h, [-1], keep_dims=True)
        return (h - mean) * tf.math.rsqrt(variance + 1e-5) * p[f"{name}{layer}"] + p[f"{name}_shift{layer}"]

    h = tf.gather(p["words"], x) + p["places"]
    share = tf.cast(there, tf.float32)
    away = (1.0 - share)[:, None, None] * -1e9
    for layer in range(LAYERS):
        q, k, v = (heads(h, name, layer) for name in ("query", "key", "value"))
        weights = tf.nn.softmax(tf.matmul(q, k, transpose_b=True) * SCALE + away)
        taken = tf.reshape(tf.transpose(tf.matmul(weights, v), [0, 2, 1, 3]), [BATCH, TOKENS, WIDTH])
        h = normalized(h + dense(taken, "out", layer), "first", layer)
        wide = dense(h, "wide", layer)
        wide = 0.5 * wide * (1.0 + tf.math.erf(wide * 0.7071067811865476))
        h = normalized(h + dense(wide, "narrow", layer), "second", layer)
    mean = tf.reduce_sum(h * share[:, :, None], 1) / tf.reduce_sum(share, 1, keepdims=True)
    logits = tf.matmul(mean, p["head"]) + p["head_bias"]
    loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=logits))
    optimizer = tf.train.AdamOptimizer(given["rate"], given["beta1"], given["beta2"], given["epsilon"])
    return run.train(loss, optimizer.minimize(loss))


def jax(run):
    given, jnp, lax, nn = data(), run.jax.numpy, run.jax.lax, run.jax.nn

    def loss(p, x, y, there):
        def dense(h, name, layer):
            return h @ p[f"{name}{layer}"] + p[f"{name}_bias{layer}"]

        def heads(h, name, layer):
            return dense(h, name, layer).reshape(BATCH, TOKENS, HEADS, -1).transpose(0, 2, 1, 3)

        def normalized(h, name, layer):
            centred = h - h.mean(-1, keepdims=True)
            scale = lax.rsqrt((centred * centred).mean(-1, keepdims=True) + 1e-5)
            return centred * scale * p[f"{name}{layer}"] + p[f"{name}_shift{layer}"]

        h = p["words"][x] + p["places"]
        for layer in range(LAYERS):
            q, k, v = (heads(h, name, layer) for name in ("query", "key", "value"))
            scores = jnp.where(there[:, None, None], q @ k.swapaxes(-1, -2) * SCALE, -jnp.inf)
            taken = (nn.softmax(scores) @ v).transpose(0, 2, 1, 3).reshape(BATCH, TOKENS, WIDTH)
            h = normalized(h + dense(taken, "out", layer), "first", layer)
            wide = nn.gelu(dense(h, "wide", layer), approximate=False)
            h = normalized(h + dense(wide, "narrow", layer), "second", layer)
        share = there.astype(jnp.float32)
        mean = (h * share[:, :, None]).sum(1) / share.sum(1, keepdims=True)
        return run.cross_entropy(mean @ p["head"] + p["head_bias"], y)

    inputs = given["x"], given["y"], given["there"]
    return run.train(loss, given["parameters"], run.adam(given), *inputs)
