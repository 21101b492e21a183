"""Activations, softmax with an implicit dimension."""

from __future__ import annotations

CASES = """
F.relu(leaf(4))
F.relu(leaf(4) * 1, inplace=True)
F.relu_(leaf(4) * 1)
F.relu(leaf(4), True)
F.leaky_relu(leaf(4))
F.leaky_relu(leaf(4), 0.3)
F.leaky_relu(leaf_of([0.0, -0.0]))
F.leaky_relu(leaf(4), negative_slope=-1.0)
F.leaky_relu(ints(4))
F.elu(leaf(4))
F.elu(leaf(4), 0.5)
F.elu(leaf_of([0.0, -1000.0, 1000.0]))
F.elu(ints(4))
F.gelu(leaf(4))
F.gelu(leaf(4), approximate="tanh")
F.gelu(floats(3), approximate="other")
F.gelu(ints(4))
F.gelu(tensor([100.0, -100.0, nan], "float32"))
F.silu(leaf(4))
F.silu(tensor([1000.0, -1000.0], "float32"))
F.silu(ints(4))
F.softplus(leaf(4))
F.softplus(leaf(4), 3)
F.softplus(leaf_of([25.0, 0.0, -50.0]))
F.softplus(leaf_of([1.0, 15.0]), beta=1, threshold=10)
F.softplus(ints(4))
F.sigmoid(leaf(4))
F.tanh(leaf(4))
F.softmax(leaf(2, 3), 1)
F.softmax(leaf(2, 3), dim=0)
F.softmax(floats(2, 3), dim=1, dtype=torch.float64)
F.softmax(leaf(2, 3), -1, 3)
F.log_softmax(leaf(2, 3), 1)
F.log_softmax(floats(2, 3), dim=1, dtype=torch.float64)
F.relu(floats(3, dtype="float16"))
F.gelu(floats(3, dtype="bfloat16"))
F.silu(floats(3, dtype="float16"))
F.softplus(floats(3, dtype="float16"))
F.elu_(leaf(4) * 1)
F.elu_(leaf(4) * 1, 0.5)
F.elu(bools(2))
F.elu(complexes(2))
F.leaky_relu_(leaf(4) * 1)
F.leaky_relu_(leaf(4) * 1, 0.5)
F.selu(leaf(4))
F.selu(leaf_of([0.0, -0.0, -1000.0, 1000.0]))
F.selu(leaf(4) * 1, inplace=True)
F.selu_(leaf(4) * 1)
F.selu(ints(2))
F.selu(3.0)
torch.selu(leaf(3))
torch.selu_(leaf(3) * 1)
F.celu(leaf(4))
F.celu(leaf(4), 2.0)
F.celu(leaf_of([0.0, -1000.0, 1000.0]), 0.5)
F.celu(leaf(4) * 1, 0.5, True)
F.celu(floats(2), 0)
F.celu(ints(2))
torch.celu(leaf(4), 1.5)
torch.celu_(leaf(4) * 1, 1.5)
F.celu_(leaf(4) * 1)
F.mish(leaf(4))
F.mish(leaf_of([0.0, -1000.0, 1000.0]))
F.mish(leaf(4) * 1, True)
F.mish(floats(3, dtype="float16"))
F.mish(ints(2))
F.logsigmoid(leaf(4))
F.logsigmoid(leaf_of([0.0, -1000.0, 1000.0]))
F.logsigmoid(ints(2))
F.logsigmoid(3.0)
F.softsign(leaf(4))
F.softsign(leaf_of([0.0]))
F.softsign(ints(4))
F.tanhshrink(leaf(4))
F.tanhshrink(ints(4))
F.softmin(leaf(2, 3), 1)
F.softmin(doubles(2, 3), dim=0, dtype=torch.float32)
torch.relu_(leaf(3) * 1)
F.softmin(leaf(2, 3))
F.softmin(ints(2), 0)
F.glu(leaf(2, 4))
F.glu(leaf(4, 3), 0)
F.glu(leaf(2, 4), dim=1)
F.glu(leaf(2, 0))
F.glu(floats(2, 3))
F.glu(leaf_of(1.0))
F.glu(floats(2, 4), dim=5)
F.glu(ints(2, 4))
F.gumbel_softmax(ints(2, 4))
F.gumbel_softmax(3.0)
"""


def second_derivatives(torch, F, leaf):
    x = leaf(5)
    found = []
    for function in (F.gelu, F.silu, F.softplus, F.elu, lambda x: F.gelu(x, approximate="tanh")):
        (first,) = torch.autograd.grad(function(x).sum(), x, create_graph=True)
        found.extend(torch.autograd.grad(first.sum(), x))
    return found


def softmax_without_a_dimension_chooses_one(torch, nn, F, floats):
    """And warns."""
    import warnings

    found = []
    for shape in ((), (3,), (2, 3), (2, 3, 2), (2, 1, 3, 2)):
        for function in (nn.Softmax(), F.softmax, F.log_softmax):
            with warnings.catch_warnings(record=True) as told:
                warnings.simplefilter("always")
                found.append(function(floats(*shape)))
            found.append([str(each.message) for each in told])
    return found


def activations_in_place_change_their_input(torch, F, floats):
    found = []
    for function in (F.relu, F.leaky_relu, F.elu, F.silu):
        x = floats(4)
        returned = function(x, inplace=True)
        found.append((x, returned is x))
    return found


def a_hard_gumbel_softmax_picks_one(torch, F, leaf):
    logits = leaf(5, 4)
    y = F.gumbel_softmax(logits, tau=0.5, hard=True, dim=0)
    return y.sum(0).detach(), bool(((y - 1).abs() * y.abs() < 1e-12).all()), y.requires_grad


def a_soft_gumbel_softmax_sums_to_one(torch, F, floats):
    y = F.gumbel_softmax(floats(5, 4), dim=-1)
    return bool(((y.sum(1) - 1).abs() < 1e-6).all())


def a_gumbel_softmax_draws_as_the_logits_say(torch, F, tensor):
    logits = tensor([0.7, 0.2, 0.1], "float32").log().expand(4000, 3)
    shares = F.gumbel_softmax(logits, hard=True).mean(0)
    return bool(((shares - tensor([0.7, 0.2, 0.1], "float32")).abs() < 0.05).all())
