"""Cross entropy and negative log-likelihood of classes."""

from __future__ import annotations

CASES = """
# -- cross entropy with class numbers ----
F.cross_entropy(leaf(4, 3), ints(4, low=0, high=3))
F.cross_entropy(leaf(4, 3), ints(4, low=0, high=3), reduction="sum")
F.cross_entropy(leaf(4, 3), ints(4, low=0, high=3), reduction="none")
F.cross_entropy(leaf(3), tensor(2, "int64"))
F.cross_entropy(leaf(3), tensor(2, "int64"), reduction="none")
F.cross_entropy(leaf(2, 3, 4), ints(2, 4, low=0, high=3))
F.cross_entropy(leaf(2, 3, 2, 2), ints(2, 2, 2, low=0, high=3), reduction="none")
F.cross_entropy(leaf(4, 3), ints(4, low=0, high=3), doubles(3, low=0.5))
F.cross_entropy(leaf(4, 3), ints(4, low=0, high=3), weight=doubles(3, low=0.5), reduction="sum")
F.cross_entropy(leaf(4, 3), ints(4, low=0, high=3), weight=doubles(3, low=0.5), reduction="none")
F.cross_entropy(leaf(4, 3), tensor([0, 2, 1, 1], "int64"), ignore_index=1)
F.cross_entropy(leaf(4, 3), tensor([0, 2, 1, 1], "int64"), ignore_index=1, reduction="sum")
F.cross_entropy(leaf(4, 3), tensor([0, 2, 1, 1], "int64"), ignore_index=1, reduction="none")
F.cross_entropy(leaf(4, 3), tensor([0, 2, -100, 1], "int64"))
F.cross_entropy(leaf(4, 3), tensor([0, 2, -1, 1], "int64"), ignore_index=-1)
F.cross_entropy(leaf(2, 3), tensor([1, 1], "int64"), ignore_index=1)
F.cross_entropy(leaf(4, 3), tensor([0, 2, -100, 1], "int64"), weight=doubles(3, low=0.5))
F.cross_entropy(leaf(4, 3), ints(4, low=0, high=3), label_smoothing=0.1)
F.cross_entropy(leaf(4, 3), ints(4, low=0, high=3), label_smoothing=0.1, reduction="sum")
F.cross_entropy(leaf(4, 3), ints(4, low=0, high=3), label_smoothing=0.1, reduction="none")
F.cross_entropy(leaf(4, 3), tensor([0, 2, -100, 1], "int64"), label_smoothing=0.2)
F.cross_entropy(leaf(4, 3), ints(4, low=0, high=3), weight=doubles(3, low=0.5), label_smoothing=0.2)
F.cross_entropy(leaf(4, 3), ints(4, low=0, high=3), weight=doubles(3, low=0.5), label_smoothing=0.2, reduction="sum")
F.cross_entropy(leaf(4, 3), ints(4, low=0, high=3), weight=doubles(3, low=0.5), label_smoothing=0.2, reduction="none")
F.cross_entropy(leaf(4, 3), tensor([0, 2, -100, 1], "int64"), weight=doubles(3, low=0.5), label_smoothing=0.2)
F.cross_entropy(leaf(2, 3, 2), ints(2, 2, low=0, high=3), weight=doubles(3, low=0.5), label_smoothing=0.2)
F.cross_entropy(floats(0, 3), ints(0))
F.cross_entropy(floats(0, 3), ints(0), reduction="sum")
F.cross_entropy(tensor([[1000.0, -1000.0], [-inf, 0.0]], "float32"), tensor([0, 1], "int64"), reduction="none")
F.cross_entropy(floats(4, 3, dtype="float16"), ints(4, low=0, high=3))
F.cross_entropy(floats(4, 3), ints(4, low=0, high=3, dtype="uint8"))
F.cross_entropy(input=floats(4, 3), target=ints(4, low=0, high=3))
F.cross_entropy(floats(4, 3), ints(4, low=0, high=3), floats(3, low=0.5), None, -100, None, "sum", 0.1)

# -- cross entropy with probabilities ----
F.cross_entropy(leaf(2, 3), leaf(2, 3, low=0, high=1))
F.cross_entropy(leaf(2, 3), doubles(2, 3, low=0, high=1), reduction="sum")
F.cross_entropy(leaf(2, 3), doubles(2, 3, low=0, high=1), reduction="none")
F.cross_entropy(leaf(3), doubles(3, low=0, high=1))
F.cross_entropy(leaf(2, 3, 2), doubles(2, 3, 2, low=0, high=1))
F.cross_entropy(leaf(2, 3, 2), doubles(2, 3, 2, low=0, high=1), reduction="none")
F.cross_entropy(leaf(2, 3), doubles(2, 3, low=0, high=1), label_smoothing=0.1)
F.cross_entropy(leaf(2, 3), doubles(2, 3, low=0, high=1), weight=doubles(3, low=0.5))
F.cross_entropy(leaf(2, 3), doubles(2, 3, low=0, high=1), weight=doubles(3, low=0.5), label_smoothing=0.1, reduction="sum")
F.cross_entropy(leaf(2, 3, 2), doubles(2, 3, 2, low=0, high=1), weight=doubles(3, low=0.5))

# -- what cross entropy refuses ----
F.cross_entropy(floats(4, 3), ints(3, low=0, high=3))
F.cross_entropy(floats(4, 3), ints(4, 3, low=0, high=3))
F.cross_entropy(floats(3), ints(3, low=0, high=3))
F.cross_entropy(floats(4, 3), floats(4, 2))
F.cross_entropy(floats(4, 3), floats(4))
F.cross_entropy(floats(4, 3), ints(4, low=0, high=3, dtype="int32"))
F.cross_entropy(floats(4, 3), bools(4))
F.cross_entropy(floats(2, 3, 4), ints(2, 3, low=0, high=3))
F.cross_entropy(floats(), tensor(0, "int64"))
F.cross_entropy(ints(4, 3), ints(4, low=0, high=3))
F.cross_entropy(floats(2, 3), tensor([0, 3], "int64"))
F.cross_entropy(floats(2, 3), tensor([0, -1], "int64"))
F.cross_entropy(floats(4, 3), ints(4, low=0, high=3), reduction="avg")
F.cross_entropy(floats(4, 3), ints(4, low=0, high=3), weight=floats(2))
F.cross_entropy(floats(4, 3), ints(4, low=0, high=3), weight=doubles(3))
F.cross_entropy(floats(4, 3), ints(4, low=0, high=3), label_smoothing=1.5)
F.cross_entropy(floats(2, 3), doubles(2, 3, low=0, high=1)).dtype

# -- negative log-likelihood ----
F.nll_loss(leaf(4, 3), ints(4, low=0, high=3))
F.nll_loss(leaf(4, 3), ints(4, low=0, high=3), reduction="sum")
F.nll_loss(leaf(4, 3), ints(4, low=0, high=3), reduction="none")
F.nll_loss(leaf(3), tensor(1, "int64"))
F.nll_loss(leaf(2, 3, 2), ints(2, 2, low=0, high=3))
F.nll_loss(leaf(2, 3, 2), ints(2, 2, low=0, high=3), reduction="none")
F.nll_loss(leaf(4, 3), ints(4, low=0, high=3), doubles(3, low=0.5))
F.nll_loss(leaf(4, 3), ints(4, low=0, high=3), weight=doubles(3, low=0.5), reduction="none")
F.nll_loss(leaf(4, 3), tensor([0, 2, -100, 1], "int64"))
F.nll_loss(leaf(4, 3), tensor([0, 2, 1, 1], "int64"), ignore_index=1, reduction="sum")
F.nll_loss(leaf(4, 3), tensor([0, 2, 1, 1], "int64"), weight=doubles(3, low=0.5), ignore_index=1)
F.nll_loss(floats(4, 3), ints(3, low=0, high=3))
F.nll_loss(floats(4, 3), floats(4))
F.nll_loss(floats(2, 3), tensor([0, 3], "int64"))
F.nll_loss(floats(4, 3), ints(4, low=0, high=3), reduction="avg")
"""


def second_derivatives(torch, F, leaf, doubles, ints):
    x, target = leaf(4, 3), ints(4, low=0, high=3)
    found = []
    for loss in (
        F.cross_entropy(x, target),
        F.mse_loss(x, doubles(4, 3)),
        F.binary_cross_entropy_with_logits(x, doubles(4, 3, low=0, high=1)),
    ):
        (first,) = torch.autograd.grad(loss, x, create_graph=True)
        found.extend(torch.autograd.grad(first.square().sum(), x))
    return found
