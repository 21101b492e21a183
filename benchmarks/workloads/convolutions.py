"""W3: two 5x5 convolutions with pooling on 28x28, a hidden layer of 1024, batch 64, Adam."""

import numpy as np

from benchmarks.data import normal, zeros
from benchmarks.peers.numpy_steps import Adam, cross_entropy
from benchmarks.step import Step

TITLE = "two 5x5 convolutions, pooling, 1024, batch 64, Adam"
WAIT = "none"
BATCH = 64
ADAM = {"rate": 1e-4, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8}


def data():
    random = np.random.default_rng(3)
    parameters = {
        "kernel1": normal(random, 32, 1, 5, 5, scale=0.2),
        "bias1": zeros(32),
        "kernel2": normal(random, 64, 32, 5, 5, scale=0.05),
        "bias2": zeros(64),
        "weight3": normal(random, 64 * 49, 1024, scale=0.025),
        "bias3": zeros(1024),
        "weight4": normal(random, 1024, 10, scale=0.04),
        "bias4": zeros(10),
    }
    x, y = normal(random, BATCH, 1, 28, 28), random.integers(0, 10, BATCH)
    return {"x": x, "y": y, "parameters": parameters, **ADAM}


def channels_last(given):
    """The same with images [batch, height, width, channels], kernels [height, width, in, out] and the rows of the
    hidden layer's weight in that order."""
    p = dict(given["parameters"])
    for name in ("kernel1", "kernel2"):
        p[name] = p[name].transpose(2, 3, 1, 0).copy()
    p["weight3"] = p["weight3"].reshape(64, 7, 7, 1024).transpose(1, 2, 0, 3).reshape(-1, 1024).copy()
    return {**given, "parameters": p, "x": given["x"].transpose(0, 2, 3, 1).copy()}


def torch(run):
    given, F = data(), run.torch.nn.functional
    p = run.parameters(given["parameters"], ["weight3", "weight4"])
    betas = given["beta1"], given["beta2"]
    optimizer = run.torch.optim.Adam(p.values(), lr=given["rate"], betas=betas, eps=given["epsilon"], **run.fused)

    def loss(x, y):
        hidden = F.max_pool2d(F.relu(F.conv2d(x, p["kernel1"], p["bias1"], padding=2)), 2)
        hidden = F.max_pool2d(F.relu(F.conv2d(hidden, p["kernel2"], p["bias2"], padding=2)), 2).flatten(1)
        hidden = F.relu(F.linear(hidden, p["weight3"], p["bias3"]))
        return F.cross_entropy(F.linear(hidden, p["weight4"], p["bias4"]), y)

    return run.train(loss, optimizer, given["x"], given["y"])


def tensorflow(run):
    given, tf = channels_last(data()), run.tf
    x, y, p = run.input(given["x"]), run.input(given["y"]), run.variables(given["parameters"])
    hidden = tf.nn.relu(tf.nn.conv2d(x, p["kernel1"], [1, 1, 1, 1], "SAME") + p["bias1"])
    hidden = tf.nn.max_pool(hidden, [1, 2, 2, 1], [1, 2, 2, 1], "VALID")
    hidden = tf.nn.relu(tf.nn.conv2d(hidden, p["kernel2"], [1, 1, 1, 1], "SAME") + p["bias2"])
    hidden = tf.reshape(tf.nn.max_pool(hidden, [1, 2, 2, 1], [1, 2, 2, 1], "VALID"), [BATCH, -1])
    hidden = tf.nn.relu(tf.matmul(hidden, p["weight3"]) + p["bias3"])
    logits = tf.matmul(hidden, p["weight4"]) + p["bias4"]
    loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=logits))
    optimizer = tf.train.AdamOptimizer(given["rate"], given["beta1"], given["beta2"], given["epsilon"])
    return run.train(loss, optimizer.minimize(loss))


def jax(run):
    given, lax, relu = channels_last(data()), run.jax.lax, run.jax.nn.relu
    order = ("NHWC", "HWIO", "NHWC")

    def layer(x, kernel, bias):
        x = relu(lax.conv_general_dilated(x, kernel, (1, 1), "SAME", dimension_numbers=order) + bias)
        return lax.reduce_window(x, -run.jax.numpy.inf, lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")

    def loss(p, x, y):
        hidden = layer(layer(x, p["kernel1"], p["bias1"]), p["kernel2"], p["bias2"]).reshape(BATCH, -1)
        hidden = relu(hidden @ p["weight3"] + p["bias3"])
        return run.cross_entropy(hidden @ p["weight4"] + p["bias4"], y)

    return run.train(loss, given["parameters"], run.adam(given), given["x"], given["y"])


def numpy():
    given = channels_last(data())
    x, y, p = given["x"], given["y"], given["parameters"]
    adam = Adam(p, given)

    def run():
        columns1, winners1, hidden1 = _forward(x, p["kernel1"], p["bias1"])
        columns2, winners2, hidden2 = _forward(hidden1, p["kernel2"], p["bias2"])
        flat = hidden2.reshape(BATCH, -1)
        hidden3 = np.maximum(flat @ p["weight3"] + p["bias3"], 0)
        logits = hidden3 @ p["weight4"] + p["bias4"]
        loss, d_logits = cross_entropy(logits, y)
        g = {"weight4": hidden3.T @ d_logits, "bias4": d_logits.sum(0)}
        d_hidden3 = d_logits @ p["weight4"].T * (hidden3 > 0)
        g["weight3"], g["bias3"] = flat.T @ d_hidden3, d_hidden3.sum(0)
        d_hidden2 = (d_hidden3 @ p["weight3"].T).reshape(hidden2.shape)
        d_conv2 = _unpooled(d_hidden2, winners2)
        g["kernel2"], g["bias2"] = (columns2.T @ d_conv2).reshape(p["kernel2"].shape), d_conv2.sum(0)
        flipped = p["kernel2"][::-1, ::-1].swapaxes(2, 3).reshape(-1, 32)
        d_hidden1 = (_columns(d_conv2.reshape(BATCH, 14, 14, 64)) @ flipped).reshape(hidden1.shape)
        d_conv1 = _unpooled(d_hidden1, winners1)
        g["kernel1"], g["bias1"] = (columns1.T @ d_conv1).reshape(p["kernel1"].shape), d_conv1.sum(0)
        adam.update(g)
        return loss

    return Step(run)


def _columns(x):
    """The 5x5 windows of x [n, height, width, channels], padded with zeros, as [n * height * width, 25 * channels]."""
    padded = np.pad(x, ((0, 0), (2, 2), (2, 2), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (5, 5), (1, 2))
    return windows.transpose(0, 1, 2, 4, 5, 3).reshape(-1, 25 * x.shape[3])


def _forward(x, kernel, bias):
    """Convolution, bias, relu and pooling: the windows, which of each four places won, and the result."""
    columns = _columns(x)
    n, height, width, _ = x.shape
    whole = (columns @ kernel.reshape(-1, kernel.shape[3]) + bias).reshape(n, height // 2, 2, width // 2, 2, -1)
    pooled = np.maximum(whole.max((2, 4)), 0)
    places = [whole[:, :, i, :, j] for i in range(2) for j in range(2)]
    left, winners = pooled > 0, []
    for place in places:
        wins = (place == pooled) & left
        left = left & ~wins
        winners.append(wins)
    return columns, winners, pooled


def _unpooled(gradient, winners):
    """The gradient of what was pooled, as [n * height * width, channels]."""
    n, height, width, channels = gradient.shape
    whole = np.empty((n, height, 2, width, 2, channels), np.float32)
    for number, wins in enumerate(winners):
        np.multiply(gradient, wins, out=whole[:, :, number // 2, :, number % 2])
    return whole.reshape(-1, channels)
