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
