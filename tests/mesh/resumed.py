"""A training that is killed in the middle of a step and goes on from its last checkpoint, on another mesh or another
backend: `python -m tests.mesh.resumed SIDE FOLDER BACKEND AXES [die]`. It prints the losses of the steps that it made."""

from __future__ import annotations

import json
import os
import signal
import sys
from contextlib import nullcontext
from typing import Any

import diptych
import numpy as np

STEPS, EVERY, DEATH = 12, 4, 9
RULES = {r"0\.weight": ("model", None), r"0\.bias": ("model",), r"a/kernel": (None, "model"), r"a/bias": ("model",)}


def batch(step: int) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(step)
    return random.standard_normal((32, 16)).astype(np.float32), random.integers(0, 4, 32)


def last(folder: str) -> Any:
    return diptych.load_checkpoint(folder) if diptych.checkpoints(folder) else None


def eager(folder: str, dies: bool) -> dict[int, float]:
    import diptych.eager as torch
    from diptych.eager import nn

    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(16, 32), nn.Tanh(), nn.Linear(32, 4))
    optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
    found, losses, first = last(folder), {}, 0
    if found is not None:
        net.load_state_dict(found["model"])
        optimizer.load_state_dict(found["optimizer"])
        first = found["step"]
    for step in range(first, STEPS):
        images, labels = map(torch.from_numpy, batch(step))
        loss = nn.functional.cross_entropy(net(images), labels)
        optimizer.zero_grad()
        loss.backward()
        if dies and step == DEATH:
            os.kill(os.getpid(), signal.SIGKILL)
        optimizer.step()
        losses[step] = loss.item()
        if (step + 1) % EVERY == 0:
            state = {"model": net.state_dict(), "optimizer": optimizer.state_dict(), "step": step + 1}
            diptych.save_checkpoint(folder, state, step + 1)
    return losses


def static(folder: str, dies: bool) -> dict[int, float]:
    import diptych.static as tf

    tf.set_random_seed(0)
    images, labels = tf.placeholder(tf.float32, [None, 16]), tf.placeholder(tf.int64, [None])
    hidden = tf.nn.dropout(tf.layers.dense(images, 32, tf.nn.tanh, name="a"), rate=0.1)
    loss = tf.losses.sparse_softmax_cross_entropy(labels, tf.layers.dense(hidden, 4, name="b"))
    train = tf.train.AdamOptimizer(0.01).minimize(loss)
    losses, first = {}, 0
    with tf.Session() as session:
        found = last(folder)
        if found is None:
            session.run(tf.global_variables_initializer())
        else:
            diptych.restore_session(session, found["session"])
            first = found["step"]
        for step in range(first, STEPS):
            given, wanted = batch(step)
            if dies and step == DEATH:
                os.kill(os.getpid(), signal.SIGKILL)
            losses[step] = float(session.run([loss, train], {images: given, labels: wanted})[0])
            if (step + 1) % EVERY == 0:
                state = {"session": diptych.session_state(session), "step": step + 1}
                diptych.save_checkpoint(folder, state, step + 1)
    return losses


if __name__ == "__main__":
    side, folder, backend, axes, *rest = sys.argv[1:]
    diptych.configure(backend=backend)
    sizes = json.loads(axes)
    with diptych.mesh(RULES if "model" in sizes else None, **sizes) if sizes else nullcontext():
        print(json.dumps({"eager": eager, "static": static}[side](folder, rest == ["die"])))
