"""H7: an autoencoder of two strided convolutions and two transposed ones, on 28x28, batch 12, Adam."""

import numpy as np

from benchmarks.data import normal, zeros

TITLE = "autoencoder of convolutions and transposed ones, 1-16-24-16-1, 28x28, batch 12, Adam"
WAIT = "none"
CHANNELS, BATCH = (1, 16, 24, 16, 1), 12
ADAM = {"rate": 1e-3, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-7}


def data():
    """Kernels are [out, in, 3, 3], those of transposed convolutions [in, out, 4, 4]."""
    random = np.random.default_rng(27)
    p = {}
    for layer in range(4):
        fan_in, fan_out = CHANNELS[layer], CHANNELS[layer + 1]
        shape = (fan_out, fan_in, 3, 3) if layer < 2 else (fan_in, fan_out, 4, 4)
        p[f"kernel{layer}"], p[f"bias{layer}"] = normal(random, *shape, scale=(fan_in * 6) ** -0.5), zeros(fan_out)
    return {"x": random.random((BATCH, 1, 28, 28), np.float32), "parameters": p, **ADAM}


def channels_last(given):
    """The same with images [batch, height, width, channels]; kernels are [height, width, in, out], those of transposed
    convolutions [height, width, out, in]."""
    p = {
        name: value.transpose(2, 3, 1, 0).copy() if name.startswith("kernel") else value
        for name, value in given["parameters"].items()
    }
    return {**given, "parameters": p, "x": given["x"].transpose(0, 2, 3, 1).copy()}


def torch(run):
    given, t, F = data(), run.torch, run.torch.nn.functional
    p = run.parameters(given["parameters"])
    betas = given["beta1"], given["beta2"]
    optimizer = t.optim.Adam(p.values(), lr=given["rate"], betas=betas, eps=given["epsilon"], **run.fused)

    def loss(x):
        h = x
        for layer in range(4):
            function = F.conv2d if layer < 2 else F.conv_transpose2d
            h = function(h, p[f"kernel{layer}"], p[f"bias{layer}"], stride=2, padding=1)
            h = F.relu(h) if layer < 3 else t.sigmoid(h)
        return F.mse_loss(h, x)

    return run.train(loss, optimizer, given["x"])


def tensorflow(run):
    given, tf = channels_last(data()), run.tf
    x, p = run.input(given["x"]), run.variables(given["parameters"])
    h = x
    for layer in range(4):
        kernel = p[f"kernel{layer}"]
        if layer < 2:
            h = tf.nn.conv2d(tf.pad(h, [[0, 0], [1, 1], [1, 1], [0, 0]]), kernel, [1, 2, 2, 1], "VALID")
        else:
            side = 14 * (layer - 1)
            h = tf.nn.conv2d_transpose(h, kernel, [BATCH, side, side, CHANNELS[layer + 1]], [1, 2, 2, 1], "SAME")
        h = h + p[f"bias{layer}"]
        h = tf.nn.relu(h) if layer < 3 else tf.sigmoid(h)
    loss = tf.reduce_mean((h - x) ** 2)
    optimizer = tf.train.AdamOptimizer(given["rate"], given["beta1"], given["beta2"], given["epsilon"])
    return run.train(loss, optimizer.minimize(loss))


def jax(run):
    given, lax, nn = channels_last(data()), run.jax.lax, run.jax.nn
    order, around = ("NHWC", "HWIO", "NHWC"), ((1, 1), (1, 1))

    def loss(p, x):
        h = x
        for layer in range(4):
            kernel = p[f"kernel{layer}"]
            if layer < 2:
                h = lax.conv_general_dilated(h, kernel, (2, 2), around, dimension_numbers=order)
            else:
                options = {"dimension_numbers": order, "transpose_kernel": True}
                h = lax.conv_transpose(h, kernel, (2, 2), "SAME", **options)
            h = h + p[f"bias{layer}"]
            h = nn.relu(h) if layer < 3 else nn.sigmoid(h)
        return ((h - x) ** 2).mean()

    return run.train(loss, given["parameters"], run.adam(given), given["x"])
