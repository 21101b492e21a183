"""W4b: the forward pass of the GPT of W4, batch 1."""

from benchmarks.step import Step
from benchmarks.workloads import transformer

TITLE = "GPT forward, batch 1"
WAIT = "ready"


def torch(run):
    given = transformer.data(batch=1)
    _, logits = transformer.torch_model(run, given)
    return run.infer(logits, given["x"], value=lambda z: (z * z).mean())


def tensorflow(run):
    given = transformer.data(batch=1)
    p, x = run.variables(given["parameters"]), run.input(given["x"])
    return run.infer(transformer.tensorflow_model(run, p, x, 1), value=_mean_square)


def jax(run):
    given = transformer.data(batch=1)
    return run.infer(transformer.jax_model(run), given["parameters"], given["x"], value=_mean_square)


def numpy():
    given = transformer.data(batch=1)
    model = transformer.Numpy(given["parameters"])
    return Step(lambda: model.forward(given["x"]), value=_mean_square)


def _mean_square(z):
    return float((z * z).mean())
