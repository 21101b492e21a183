"""Activations as modules and as functions."""

from __future__ import annotations

CASES = """
nn.ReLU()(leaf(2, 3))
nn.ReLU(inplace=True)(leaf(3) * 1)
nn.LeakyReLU()(leaf(4))
nn.LeakyReLU(0.2)(leaf(4))
nn.LeakyReLU(negative_slope=0.5, inplace=True)(leaf(4) * 1)
nn.ELU()(leaf(4))
nn.ELU(0.5)(leaf(4))
nn.ELU(alpha=2.0, inplace=True)(leaf(4) * 1)
nn.GELU()(leaf(4))
nn.GELU("tanh")(leaf(4))
nn.GELU(approximate="none")(leaf(4))
nn.SiLU()(leaf(4))
nn.SiLU(inplace=True)(leaf(4) * 1)
nn.Sigmoid()(leaf(4))
nn.Tanh()(leaf(4))
nn.Softplus()(leaf(4))
nn.Softplus(2.0)(leaf(4))
nn.Softplus(beta=1, threshold=1.0)(leaf(4))
nn.Softmax(1)(leaf(2, 3))
nn.Softmax(dim=0)(leaf(2, 3))
nn.LogSoftmax(1)(leaf(2, 3))
nn.LogSoftmax(dim=-1)(leaf(2, 3))
nn.ReLU().inplace
nn.Softmax(dim=1).dim
repr(nn.ReLU())
repr(nn.ReLU(inplace=True))
repr(nn.LeakyReLU(0.2))
repr(nn.LeakyReLU(0.2, True))
repr(nn.ELU())
repr(nn.ELU(2.0, inplace=True))
repr(nn.GELU())
repr(nn.GELU("tanh"))
repr(nn.SiLU())
repr(nn.SiLU(True))
repr(nn.Sigmoid())
repr(nn.Tanh())
repr(nn.Softplus())
repr(nn.Softplus(2, 10))
repr(nn.Softmax(dim=1))
repr(nn.LogSoftmax(dim=0))
repr(nn.Softmax())
nn.ReLU()(ints(3))
nn.ReLU()([1.0])
nn.Sigmoid()(ints(3))
nn.Softmax(3)(floats(2, 3))

# -- as functions ----
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
