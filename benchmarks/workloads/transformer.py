"""W4: a training step of a GPT: 4 layers, 4 heads, 128 wide, 64 tokens, batch 12, AdamW."""

import numpy as np

from benchmarks.data import normal, ones, zeros
from benchmarks.peers.numpy_steps import Adam, cross_entropy
from benchmarks.step import Step

TITLE = "GPT step, 4 layers, 4 heads, 128 wide, 64 tokens, batch 12, AdamW"
WAIT = "none"
LAYERS, HEADS, WIDTH, TOKENS, BATCH, VOCABULARY = 4, 4, 128, 64, 12, 65
ADAM = {"rate": 1e-3, "beta1": 0.9, "beta2": 0.99, "epsilon": 1e-8}
DECAY = 0.1  # of what has two axes
SCALE = (WIDTH // HEADS) ** -0.5
MATRICES = ("qkv", "projection", "wide", "narrow")


def data(batch=BATCH):
    random = np.random.default_rng(4)
    p = {"tokens": normal(random, VOCABULARY, WIDTH, scale=0.02), "places": normal(random, TOKENS, WIDTH, scale=0.02)}
    residual = 0.02 / (2 * LAYERS) ** 0.5
    for layer in range(LAYERS):
        each = {
            "norm1": ones(WIDTH),
            "shift1": zeros(WIDTH),
            "qkv": normal(random, WIDTH, 3 * WIDTH, scale=0.02),
            "qkv_bias": zeros(3 * WIDTH),
            "projection": normal(random, WIDTH, WIDTH, scale=residual),
            "projection_bias": zeros(WIDTH),
            "norm2": ones(WIDTH),
            "shift2": zeros(WIDTH),
            "wide": normal(random, WIDTH, 4 * WIDTH, scale=0.02),
            "wide_bias": zeros(4 * WIDTH),
            "narrow": normal(random, 4 * WIDTH, WIDTH, scale=residual),
            "narrow_bias": zeros(WIDTH),
        }
        p.update({f"{layer}.{name}": value for name, value in each.items()})
    p.update(norm=ones(WIDTH), shift=zeros(WIDTH))  # the head is `tokens` again
    x, y = (random.integers(0, VOCABULARY, (BATCH, TOKENS)) for _ in range(2))
    return {"x": x[:batch], "y": y[:batch], "parameters": p, **ADAM}


def of_layer(parameters, layer):
    return lambda name: parameters[f"{layer}.{name}"]


# -- PyTorch ----


def torch_model(run, given):
    """The parameters, and the function of tokens to logits [batch, tokens, vocabulary]."""
    t, F = run.torch, run.torch.nn.functional
    p = run.parameters(given["parameters"], [name for name in given["parameters"] if name.endswith(MATRICES)])

    def logits(x):
        batch, tokens = x.shape
        mask = t.ones(tokens, tokens, dtype=t.bool).triu(1)
        h = p["tokens"][x] + p["places"]
        for layer in range(LAYERS):
            w = of_layer(p, layer)
            a = F.layer_norm(h, (WIDTH,), w("norm1"), w("shift1"))
            heads = F.linear(a, w("qkv"), w("qkv_bias")).view(batch, tokens, 3, HEADS, WIDTH // HEADS)
            q, k, v = heads.permute(2, 0, 3, 1, 4)
            scores = (q @ k.transpose(-2, -1)) * SCALE
            weights = scores.masked_fill(mask, float("-inf")).softmax(-1)
            taken = (weights @ v).transpose(1, 2).reshape(batch, tokens, WIDTH)
            h = h + F.linear(taken, w("projection"), w("projection_bias"))
            a = F.layer_norm(h, (WIDTH,), w("norm2"), w("shift2"))
            a = F.gelu(F.linear(a, w("wide"), w("wide_bias")), approximate="tanh")
            h = h + F.linear(a, w("narrow"), w("narrow_bias"))
        return F.linear(F.layer_norm(h, (WIDTH,), p["norm"], p["shift"]), p["tokens"])

    return p, logits


def torch(run):
    given, F = data(), run.torch.nn.functional
    p, logits = torch_model(run, given)
    groups = [
        {"params": [value for value in p.values() if value.ndim >= 2], "weight_decay": DECAY},
        {"params": [value for value in p.values() if value.ndim < 2], "weight_decay": 0.0},
    ]
    betas = given["beta1"], given["beta2"]
    optimizer = run.torch.optim.AdamW(groups, lr=given["rate"], betas=betas, eps=given["epsilon"], **run.fused)

    def loss(x, y):
        return F.cross_entropy(logits(x).view(-1, VOCABULARY), y.view(-1))

    return run.train(loss, optimizer, given["x"], given["y"])


# -- TensorFlow ----


def tensorflow_model(run, p, x, batch):
    """The logits [batch * tokens, vocabulary]."""
    tf = run.tf
    mask = np.triu(np.full((TOKENS, TOKENS), -1e30, np.float32), 1)

    def normalized(h, weight, bias):
        centred = h - tf.reduce_mean(h, -1, keepdims=True)
        return centred * tf.rsqrt(tf.reduce_mean(centred * centred, -1, keepdims=True) + 1e-5) * weight + bias

    def gelu(a):
        return 0.5 * a * (1.0 + tf.tanh(0.7978845608028654 * (a + 0.044715 * a * a * a)))

    h = tf.reshape(tf.gather(p["tokens"], x) + p["places"], [batch * TOKENS, WIDTH])
    for layer in range(LAYERS):
        w = of_layer(p, layer)
        a = normalized(h, w("norm1"), w("shift1"))
        heads = tf.reshape(tf.matmul(a, w("qkv")) + w("qkv_bias"), [batch, TOKENS, 3, HEADS, WIDTH // HEADS])
        q, k, v = tf.unstack(tf.transpose(heads, [2, 0, 3, 1, 4]))
        weights = tf.nn.softmax(tf.matmul(q, k, transpose_b=True) * SCALE + mask)
        taken = tf.reshape(tf.transpose(tf.matmul(weights, v), [0, 2, 1, 3]), [batch * TOKENS, WIDTH])
        h = h + tf.matmul(taken, w("projection")) + w("projection_bias")
        a = normalized(h, w("norm2"), w("shift2"))
        a = gelu(tf.matmul(a, w("wide")) + w("wide_bias"))
        h = h + tf.matmul(a, w("narrow")) + w("narrow_bias")
    return tf.matmul(normalized(h, p["norm"], p["shift"]), p["tokens"], transpose_b=True)


def tensorflow(run):
    given, tf = data(), run.tf
    x, y, p = run.input(given["x"]), run.input(given["y"]), run.variables(given["parameters"])
    logits = tensorflow_model(run, p, x, BATCH)
    labels = tf.reshape(y, [-1])
    loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits))
    optimizer = tf.train.AdamOptimizer(given["rate"], given["beta1"], given["beta2"], given["epsilon"])
    pairs = [(tf.convert_to_tensor(gradient), variable) for gradient, variable in optimizer.compute_gradients(loss)]
    with tf.control_dependencies([gradient for gradient, _ in pairs]):
        kept = 1 - given["rate"] * DECAY
        decays = [value.assign(value.read_value() * kept).op for value in p.values() if len(value.shape) > 1]
    with tf.control_dependencies(decays):
        update = optimizer.apply_gradients(pairs)
    return run.train(loss, update)


# -- jax ----


def jax_model(run):
    jnp, nn, lax = run.jax.numpy, run.jax.nn, run.jax.lax

    def normalized(h, weight, bias):
        centred = h - h.mean(-1, keepdims=True)
        return centred * lax.rsqrt((centred * centred).mean(-1, keepdims=True) + 1e-5) * weight + bias

    def logits(p, x):
        batch, tokens = x.shape
        mask = jnp.tril(jnp.ones((tokens, tokens), bool))
        h = p["tokens"][x] + p["places"]
        for layer in range(LAYERS):
            w = of_layer(p, layer)
            a = normalized(h, w("norm1"), w("shift1"))
            heads = (a @ w("qkv") + w("qkv_bias")).reshape(batch, tokens, 3, HEADS, WIDTH // HEADS)
            q, k, v = heads.transpose(2, 0, 3, 1, 4)
            weights = nn.softmax(jnp.where(mask, (q @ k.swapaxes(-1, -2)) * SCALE, -jnp.inf), -1)
            taken = (weights @ v).transpose(0, 2, 1, 3).reshape(batch, tokens, WIDTH)
            h = h + taken @ w("projection") + w("projection_bias")
            a = normalized(h, w("norm2"), w("shift2"))
            h = h + nn.gelu(a @ w("wide") + w("wide_bias"), approximate=True) @ w("narrow") + w("narrow_bias")
        return normalized(h, p["norm"], p["shift"]) @ p["tokens"].T

    return logits


def jax(run):
    given, logits = data(), jax_model(run)

    def loss(p, x, y):
        return run.cross_entropy(logits(p, x).reshape(-1, VOCABULARY), y.reshape(-1))

    return run.train(loss, given["parameters"], run.adam(given, DECAY), given["x"], given["y"])


# -- numpy ----


class Numpy:
    """The model by hand: `forward(x)` gives logits [batch, tokens, vocabulary], `backward(d)` the gradients."""

    def __init__(self, p):
        self.p = p
        self.mask = np.triu(np.full((TOKENS, TOKENS), -np.inf, np.float32), 1)

    def forward(self, x):
        p, self.kept, self.x = self.p, [], x
        batch = len(x)
        h = p["tokens"][x] + p["places"]
        for layer in range(LAYERS):
            w, k = of_layer(p, layer), {}
            k["a"], k["norm1"] = _normalized(h, w("norm1"), w("shift1"))
            heads = (k["a"] @ w("qkv") + w("qkv_bias")).reshape(batch, TOKENS, 3, HEADS, WIDTH // HEADS)
            k["q"], k["k"], k["v"] = heads.transpose(2, 0, 3, 1, 4)
            scores = k["q"] @ k["k"].swapaxes(-1, -2) * np.float32(SCALE) + self.mask
            scores -= scores.max(-1, keepdims=True)
            np.exp(scores, out=scores)
            scores /= scores.sum(-1, keepdims=True)
            k["weights"] = scores
            k["taken"] = (scores @ k["v"]).transpose(0, 2, 1, 3).reshape(batch, TOKENS, WIDTH)
            h = h + k["taken"] @ w("projection") + w("projection_bias")
            k["b"], k["norm2"] = _normalized(h, w("norm2"), w("shift2"))
            k["wide"] = k["b"] @ w("wide") + w("wide_bias")
            k["tanh"] = np.tanh(np.float32(0.7978845608028654) * (k["wide"] + np.float32(0.044715) * k["wide"] ** 3))
            k["gelu"] = np.float32(0.5) * k["wide"] * (1 + k["tanh"])
            h = h + k["gelu"] @ w("narrow") + w("narrow_bias")
            self.kept.append(k)
        self.last, self.norm = _normalized(h, p["norm"], p["shift"])
        return self.last @ p["tokens"].T

    def backward(self, d):
        p, g, batch = self.p, {}, len(self.x)
        g["tokens"] = _flat(d).T @ _flat(self.last)
        dh, g["norm"], g["shift"] = _normalized_back(d @ p["tokens"], p["norm"], self.norm)
        for layer in reversed(range(LAYERS)):
            w, k = of_layer(p, layer), self.kept[layer]
            own = {"narrow": _flat(k["gelu"]).T @ _flat(dh), "narrow_bias": dh.sum((0, 1))}
            tanh, wide = k["tanh"], k["wide"]
            inner = np.float32(0.7978845608028654) * (1 + np.float32(3 * 0.044715) * wide * wide)
            da = dh @ w("narrow").T * np.float32(0.5) * (1 + tanh + wide * (1 - tanh * tanh) * inner)
            own["wide"], own["wide_bias"] = _flat(k["b"]).T @ _flat(da), da.sum((0, 1))
            db, own["norm2"], own["shift2"] = _normalized_back(da @ w("wide").T, w("norm2"), k["norm2"])
            dh = dh + db
            own["projection"], own["projection_bias"] = _flat(k["taken"]).T @ _flat(dh), dh.sum((0, 1))
            dt = (dh @ w("projection").T).reshape(batch, TOKENS, HEADS, -1).transpose(0, 2, 1, 3)
            dw = dt @ k["v"].swapaxes(-1, -2)
            ds = k["weights"] * (dw - (dw * k["weights"]).sum(-1, keepdims=True)) * np.float32(SCALE)
            heads = np.stack([ds @ k["k"], ds.swapaxes(-1, -2) @ k["q"], k["weights"].swapaxes(-1, -2) @ dt])
            dq = heads.transpose(1, 3, 0, 2, 4).reshape(batch, TOKENS, 3 * WIDTH)
            own["qkv"], own["qkv_bias"] = _flat(k["a"]).T @ _flat(dq), dq.sum((0, 1))
            da, own["norm1"], own["shift1"] = _normalized_back(dq @ w("qkv").T, w("norm1"), k["norm1"])
            dh = dh + da
            g.update({f"{layer}.{name}": value for name, value in own.items()})
        g["places"] = dh.sum(0)
        np.add.at(g["tokens"], self.x, dh)
        return g


def _flat(x):
    return x.reshape(-1, x.shape[-1])


def _normalized(h, weight, bias):
    centred = h - h.mean(-1, keepdims=True)
    scale = 1 / np.sqrt((centred * centred).mean(-1, keepdims=True) + np.float32(1e-5))
    centred *= scale
    return centred * weight + bias, (centred, scale)


def _normalized_back(d, weight, kept):
    x, scale = kept
    d_weight, d_bias = (d * x).sum((0, 1)), d.sum((0, 1))
    d = d * weight
    d = scale * (d - d.mean(-1, keepdims=True) - x * (d * x).mean(-1, keepdims=True))
    return d, d_weight, d_bias


def numpy():
    given = data()
    p = given["parameters"]
    model, adam = Numpy(p), Adam(p, given, DECAY)
    labels = given["y"].ravel()

    def run():
        logits = _flat(model.forward(given["x"]))
        loss, d_logits = cross_entropy(logits, labels)
        adam.update(model.backward(d_logits.reshape(BATCH, TOKENS, VOCABULARY)))
        return loss

    return Step(run)
