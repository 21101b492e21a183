"""H2: three 3x3 convolutions, two of them strided, with batch normalization, on ten images 32x32x3, momentum."""

import numpy as np

from benchmarks.data import normal, ones, zeros

TITLE = "3x3 convolutions 16-32-48 with stride 2 and batch norm, 32x32x3, batch 10, momentum"
WAIT = "none"
CHANNELS, STRIDES, BATCH, RATE, MOMENTUM = (3, 16, 32, 48), (2, 1, 2), 10, 0.02, 0.9


def data():
    random = np.random.default_rng(22)
    p = {}
    for layer in range(3):
        fan_in, fan_out = CHANNELS[layer], CHANNELS[layer + 1]
        p[f"kernel{layer}"] = normal(random, fan_out, fan_in, 3, 3, scale=(2 / (9 * fan_in)) ** 0.5)
        p[f"norm{layer}"], p[f"shift{layer}"] = ones(fan_out), zeros(fan_out)
    p["weight"], p["bias"] = normal(random, CHANNELS[-1], 10, scale=0.1), zeros(10)
    return {"x": normal(random, BATCH, 3, 32, 32), "y": random.integers(0, 10, BATCH), "parameters": p}


def channels_last(given):
    """The same with images [batch, height, width, channels] and kernels [height, width, in, out]."""
    p = {
        name: value.transpose(2, 3, 1, 0).copy() if name.startswith("kernel") else value
        for name, value in given["parameters"].items()
    }
    return {**given, "parameters": p, "x": given["x"].transpose(0, 2, 3, 1).copy()}


def torch(run):
    given, F = data(), run.torch.nn.functional
    p = run.parameters(given["parameters"], ["weight"])
    optimizer = run.torch.optim.SGD(p.values(), lr=RATE, momentum=MOMENTUM, **run.fused)

    def loss(x, y):
        h = x
        for layer, stride in enumerate(STRIDES):
            h = F.conv2d(h, p[f"kernel{layer}"], stride=stride, padding=1)
            h = F.relu(F.batch_norm(h, None, None, p[f"norm{layer}"], p[f"shift{layer}"], training=True, eps=1e-5))
        return F.cross_entropy(F.linear(h.mean((2, 3)), p["weight"], p["bias"]), y)

    return run.train(loss, optimizer, given["x"], given["y"])


def tensorflow(run):
    given, tf = channels_last(data()), run.tf
    h, y, p = run.input(given["x"]), run.input(given["y"]), run.variables(given["parameters"])
    for layer, stride in enumerate(STRIDES):
        h = tf.pad(h, [[0, 0], [1, 1], [1, 1], [0, 0]])
        h = tf.nn.conv2d(h, p[f"kernel{layer}"], [1, stride, stride, 1], "VALID")
        mean, variance = tf.nn.moments(h, [0, 1, 2])
        h = tf.nn.relu(tf.nn.batch_normalization(h, mean, variance, p[f"shift{layer}"], p[f"norm{layer}"], 1e-5))
    logits = tf.matmul(tf.reduce_mean(h, [1, 2]), p["weight"]) + p["bias"]
    loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=logits))
    return run.train(loss, tf.train.MomentumOptimizer(RATE, MOMENTUM).minimize(loss))


def jax(run):
    given, lax, relu = channels_last(data()), run.jax.lax, run.jax.nn.relu
    order, around = ("NHWC", "HWIO", "NHWC"), ((1, 1), (1, 1))

    def loss(p, x, y):
        h = x
        for layer, stride in enumerate(STRIDES):
            kernel = p[f"kernel{layer}"]
            h = lax.conv_general_dilated(h, kernel, (stride, stride), around, dimension_numbers=order)
            centred = h - h.mean((0, 1, 2))
            h = centred * lax.rsqrt((centred * centred).mean((0, 1, 2)) + 1e-5)
            h = relu(h * p[f"norm{layer}"] + p[f"shift{layer}"])
        return run.cross_entropy(h.mean((1, 2)) @ p["weight"] + p["bias"], y)

    optimizer = run.momentum(given["parameters"], RATE, MOMENTUM)
    return run.train(loss, given["parameters"], optimizer, given["x"], given["y"])
