"""Elementary functions and activations, softmax, copies."""

from __future__ import annotations

CASES = """
# -- the order of axes ----
leaf(2, 3).clone(memory_format=torch.contiguous_format)
torch.clone(leaf(2, 3).t(), memory_format=torch.preserve_format)
leaf(1, 2, 2, 3).clone(memory_format=torch.channels_last)
leaf(2, 3).clone(memory_format=torch.channels_last)
# -- elementary functions ----
torch.exp(leaf(2, 3))
torch.expm1(leaf(2, 3))
torch.log(leaf(2, 3, low=0.1))
torch.log1p(leaf(2, 3, low=-0.9))
torch.sin(leaf(2, 3))
torch.cos(leaf(2, 3))
torch.tan(leaf(2, 3, low=-1, high=1))
torch.asin(leaf(3, low=-0.9, high=0.9))
torch.acos(leaf(3, low=-0.9, high=0.9))
torch.atan(leaf(3))
torch.sinh(leaf(3))
torch.cosh(leaf(3))
torch.tanh(leaf(3))
torch.asinh(leaf(3))
torch.acosh(leaf(3, low=1.1, high=3))
torch.atanh(leaf(3, low=-0.9, high=0.9))
torch.sigmoid(leaf(3))
torch.erf(leaf(3))
torch.erfc(leaf(3))
torch.erfinv(leaf(3, low=-0.9, high=0.9))
torch.lgamma(leaf(3, low=0.5, high=4))
torch.digamma(leaf(3, low=0.5, high=4))
torch.lgamma(tensor([0.0, -1.0, -1.5, inf, nan], "float32"))
torch.digamma(tensor([0.0, -1.0, -1.5, inf, nan], "float32"))
torch.exp(tensor([1000.0, -1000.0, nan, inf, -inf], "float32"))
torch.log(tensor([0.0, -1.0, nan, inf], "float32"))
torch.log1p(tensor([-1.0, -2.0, 1e-20], "float32"))
torch.sigmoid(tensor([1000.0, -1000.0, nan], "float32"))
torch.tanh(tensor([1000.0, -1000.0, nan], "float32"))
torch.erfinv(tensor([1.0, -1.0, 2.0], "float32"))
torch.exp(ints(3))
torch.sin(bools(2))
torch.log(tensor([1, 2], "uint8"))
torch.exp(floats(0, 2))
torch.exp(floats())
torch.exp(floats(3, dtype="float16"))
torch.tanh(floats(3, dtype="bfloat16"))
torch.exp(complexes(2))
torch.sqrt(complexes(2))
torch.exp(2.0)
torch.exp([1.0])
torch.exp(input=floats(2))
torch.exp()
torch.exp(floats(2), floats(2))
leaf(3).exp()
leaf(3).sigmoid().log()
leaf(3, low=0.1).log().sum()

# -- roots ----
torch.rsqrt(leaf(3, low=0.1))
torch.sqrt(leaf(3, low=0.1))
torch.sqrt(tensor([0.0, -0.0, -1.0, inf, nan], "float32"))
torch.rsqrt(tensor([0.0, -0.0, -1.0, inf, nan], "float32"))
torch.sqrt(ints(3, low=0))

# -- activations and copies ----
torch.relu(leaf(6))
torch.relu(leaf_of([0.0, -0.0, nan, -inf, inf]))
torch.relu(ints(4))
torch.relu(bools(2))
torch.relu(complexes(2))
torch.softmax(leaf(2, 3), 1)
torch.softmax(leaf(2, 3), dim=0)
torch.softmax(leaf(2, 3, 2), -2)
torch.softmax(leaf(), 0)
torch.softmax(leaf(0, 3), 1)
torch.softmax(leaf(3, 0), 1)
torch.softmax(ints(3), 0)
torch.softmax(ints(3), 0, dtype=torch.float32)
torch.softmax(floats(3), 0, dtype=torch.float64)
torch.softmax(tensor([1000.0, 1000.0], "float32"), 0)
torch.softmax(tensor([-inf, 1.0], "float32"), 0)
torch.softmax(tensor([-inf, -inf], "float32"), 0)
torch.softmax(tensor([nan, 1.0], "float32"), 0)
torch.softmax(floats(2, 3), 2)
torch.softmax(floats(2, 3), -3)
torch.softmax(floats(2, 3))
torch.softmax(floats(3, dtype="float16"), 0)
torch.log_softmax(leaf(2, 3), 1)
torch.log_softmax(leaf(2, 3), dim=0)
torch.log_softmax(ints(3), 0)
torch.log_softmax(floats(3), 0, dtype=torch.float64)
torch.log_softmax(tensor([1000.0, -1000.0], "float32"), 0)
torch.log_softmax(tensor([-inf, 1.0], "float32"), 0)
torch.log_softmax(floats(2, 3), 2)
leaf(2, 3).softmax(-1)
leaf(2, 3).log_softmax(dim=-1)
torch.clone(leaf(2, 3))
leaf(2).clone() * 2

# -- complex gradients ----
torch.abs(tensor([3 + 4j, 1 - 1j], "complex128").requires_grad_())
torch.exp(leaf(2) * 1j)
torch.mul(leaf(2), complexes(2, dtype="complex128"))
"""


def second_derivatives(torch, leaf):
    x = leaf(4, low=0.2)
    found = []
    for function in (torch.exp, torch.log, torch.sin, torch.tanh, torch.sigmoid, torch.sqrt, torch.erf, torch.square):
        (first,) = torch.autograd.grad(function(x).sum(), x, create_graph=True)
        found.extend(torch.autograd.grad(first.sum(), x))
    return found


def second_derivative_of_softmax(torch, leaf, doubles):
    x = leaf(2, 3)
    (first,) = torch.autograd.grad((torch.softmax(x, 1) * doubles(2, 3)).sum(), x, create_graph=True)
    return torch.autograd.grad((first * doubles(2, 3)).sum(), x)
