"""How tensors print, to the letter."""

from __future__ import annotations

CASES = """
# -- scalars ----
repr(torch.tensor(1))
repr(torch.tensor(1.0))
repr(torch.tensor(1.5))
repr(torch.tensor(-2.25))
repr(torch.tensor(0.0))
repr(torch.tensor(-0.0))
repr(torch.tensor(True))
repr(torch.tensor(1 + 2j))
repr(torch.tensor(1e10))
repr(torch.tensor(1e-10))
repr(torch.tensor(123456.789))
repr(torch.tensor(12345678.0))
repr(torch.tensor(123456789.0))
repr(torch.tensor(nan))
repr(torch.tensor(inf))
repr(torch.tensor(-inf))
repr(torch.tensor(0.1, dtype=torch.float64))
repr(torch.tensor(3, dtype=torch.int32))
repr(torch.tensor(3, dtype=torch.uint8))
str(torch.tensor(1.5))
f"{torch.tensor(1.5)}"
f"{torch.tensor(1.5):.2f}"
f"{torch.tensor(3):5d}"
f"{torch.tensor([1.5, 2.5])}"
f"{torch.tensor([1.5]):.2f}"
format(torch.tensor(True))

# -- integers and bools ----
repr(torch.tensor([1, 2, 3]))
repr(torch.tensor([1, -20, 300]))
repr(torch.tensor([[1, 2], [-3, 4]]))
repr(torch.tensor([[1, 200], [-3, 4]], dtype=torch.int16))
repr(torch.tensor([True, False]))
repr(torch.tensor([[True, True], [False, True]]))
repr(torch.arange(10, dtype=torch.uint8))
repr(torch.tensor([2**62, -1]))
repr(torch.tensor([0]))

# -- floats of one form ----
repr(torch.tensor([1.0, 2.0, 3.0]))
repr(torch.tensor([1.0, 2.5]))
repr(torch.tensor([0.1, 0.25, 0.12345]))
repr(torch.tensor([-1.5, 2.5]))
repr(torch.tensor([100.5, 2.25]))
repr(torch.tensor([1000.5, 2.25]))
repr(torch.tensor([10000.5, 2.25]))
repr(torch.tensor([1e-5]))
repr(torch.tensor([1e-4]))
repr(torch.tensor([1e-3]))
repr(torch.tensor([1e-5, 1.0]))
repr(torch.tensor([0.001, 1.0]))
repr(torch.tensor([0.0001, 1.0]))
repr(torch.tensor([0.0009, 1.0]))
repr(torch.tensor([1e8]))
repr(torch.tensor([1.5e8]))
repr(torch.tensor([99999999.0]))
repr(torch.tensor([1e7, 1.5]))
repr(torch.tensor([1e6, 1.0]))
repr(torch.tensor([1000.0, 1.0]))
repr(torch.tensor([1001.0, 1.0]))
repr(torch.tensor([5000.0, 1.0, 0.5]))
repr(torch.tensor([1e20, 1.0]))
repr(torch.tensor([1e-20, 1e20]))
repr(torch.tensor([0.0, 0.0]))
repr(torch.tensor([0.0, 1e-8]))
repr(torch.tensor([0.0, -0.0]))
repr(torch.tensor([-0.0, 1.5]))
repr(torch.tensor([0.99999]))
repr(torch.tensor([0.999999, 1.5]))
repr(torch.tensor([2.00001, 3.0]))
repr(torch.tensor([1 / 3, 2 / 3]))

# -- nan and infinity ----
repr(torch.tensor([nan, 1.0]))
repr(torch.tensor([nan, 1.5]))
repr(torch.tensor([inf, -inf, 1.0]))
repr(torch.tensor([inf, -inf, 0.25]))
repr(torch.tensor([inf, 1e-10]))
repr(torch.tensor([nan, nan]))
repr(torch.tensor([nan, 0.0]))
repr(torch.tensor([-inf, 0.0]))
repr(torch.tensor([inf, 12345.678]))

# -- other float and complex types ----
repr(torch.tensor([0.1, 0.2], dtype=torch.float64))
repr(torch.tensor([0.1, 0.2], dtype=torch.float16))
repr(torch.tensor([0.1, 0.2], dtype=torch.bfloat16))
repr(torch.tensor([1.0, 60000.0], dtype=torch.float16))
repr(torch.tensor([1.0, 3e30], dtype=torch.bfloat16))
repr(torch.tensor([1e300, 1.0], dtype=torch.float64))
repr(torch.tensor([1e-300], dtype=torch.float64))
repr(torch.tensor([1 + 2j, -3.5 + 0.25j]))
repr(torch.tensor([1 + 2j, 3 - 4j]))
repr(torch.tensor([0j, 1j]))
repr(torch.tensor([1.5 - 2.5j], dtype=torch.complex128))
repr(torch.tensor([[1 + 1j, 2 - 20j], [3.25j, -4]]))
repr(torch.tensor([1e10 + 1j]))
repr(torch.tensor([complex(nan, inf)]))
repr(torch.tensor([complex(1, -0.0)]))

# -- axes ----
repr(torch.tensor([[1.0, 2.0], [3.0, 4.0]]))
repr(torch.tensor([[1.5, -2.0], [3.0, 4.0]]))
repr(torch.arange(8).reshape(2, 2, 2))
repr(torch.arange(16.0).reshape(2, 2, 2, 2))
repr(torch.arange(6).reshape(1, 6))
repr(torch.arange(6).reshape(6, 1))
repr(torch.arange(3).reshape(1, 1, 3))
repr(torch.arange(30))
repr(torch.arange(30.0))
repr(torch.arange(30.0) / 7)
repr(torch.arange(60).reshape(2, 30))
repr((torch.arange(60.0) / 7).reshape(2, 30))
repr(torch.arange(20, dtype=torch.float64) / 3)
repr(torch.arange(10000, 10016))
repr(torch.arange(14) * 1000)
repr(torch.arange(25).reshape(5, 5).t())
repr(torch.arange(12).reshape(3, 4)[:, 1])
repr(torch.zeros(2, 3).expand(2, 2, 3))

# -- nothing ----
repr(torch.tensor([]))
repr(torch.tensor([], dtype=torch.int64))
repr(torch.tensor([], dtype=torch.bool))
repr(torch.tensor([], dtype=torch.float64))
repr(torch.zeros(0, 3))
repr(torch.zeros(2, 0))
repr(torch.zeros(2, 0, dtype=torch.int64))
repr(torch.zeros(2, 0, 3, dtype=torch.float64))
repr(torch.zeros(0, requires_grad=True))

# -- many ----
repr(torch.arange(1000))
repr(torch.arange(1001))
repr(torch.arange(1001.0))
repr(torch.arange(2000) - 1000)
repr(torch.arange(1100.0) / 7)
repr(torch.zeros(1001))
repr(torch.zeros(40, 40))
repr(torch.arange(1600).reshape(40, 40))
repr(torch.arange(2000).reshape(2, 1000))
repr(torch.arange(2000).reshape(1000, 2))
repr(torch.arange(3 * 20 * 20).reshape(3, 20, 20))
repr(torch.arange(20 * 3 * 20).reshape(20, 3, 20))
repr(torch.zeros(2, 3, 4, 5, 10))
repr(torch.ones(1001, dtype=torch.bool))
repr(torch.arange(1001, dtype=torch.float64))
repr(torch.arange(1001.0).to(torch.complex64))
repr(torch.arange(1001) * 123456)
repr(torch.cat([torch.ones(500), torch.tensor([1e-8]), torch.ones(501)]))

# -- suffixes ----
repr(torch.tensor([1.0], requires_grad=True))
repr(torch.tensor([1.0, 2.0], dtype=torch.float64, requires_grad=True))
repr(torch.arange(30.0, requires_grad=True))
repr(torch.arange(12.0, dtype=torch.float64).requires_grad_())
repr(torch.arange(13.0, dtype=torch.float64).requires_grad_())
repr(torch.arange(10, dtype=torch.int32) * 1000000)
repr(torch.ones(2, requires_grad=True).detach())
repr(torch.nn.Parameter(torch.ones(2)))
repr(torch.nn.Parameter(torch.ones(2), requires_grad=False))
repr(torch.nn.Parameter(torch.ones(2, 2, dtype=torch.float64)))
repr(torch.nn.Parameter())
[torch.tensor([1.0]), torch.tensor(2)].__repr__()
repr(torch.max(torch.tensor([[1.0, 3.0], [4.0, 2.0]]), 1))
repr(torch.min(torch.tensor([[1.0, 3.0], [4.0, 2.0]]), dim=1))
"""


def names_of_gradients(torch, F):
    """What made a tensor, as `grad_fn` names it in the text."""
    x = torch.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    y = torch.tensor([1.0, 2.0], requires_grad=True)
    made = {
        "add": x + y, "add a number": x + 1, "sub": x - y, "rsub": 1 - x, "mul": x * y, "div": x / y, "neg": -x,
        "pow": x**2, "pow 3": x**3, "pow of tensors": x**y, "square": x.square(), "reciprocal": 1 / x,
        "remainder": x % 2, "exp": x.exp(), "log": x.log(), "sqrt": x.sqrt(), "rsqrt": x.rsqrt(), "sin": x.sin(),
        "cos": x.cos(), "tanh": x.tanh(), "sigmoid": x.sigmoid(), "relu": x.relu(), "abs": x.abs(), "erf": x.erf(),
        "log1p": x.log1p(), "expm1": x.expm1(), "floor": x.floor(), "sign": x.sign(), "clone": x.clone(),
        "cast": x.double(), "sum": x.sum(), "sum along": x.sum(0), "mean": x.mean(), "mean along": x.mean(1),
        "prod": x.prod(), "prod along": x.prod(0), "var": x.var(), "std": x.std(), "amax": x.amax(0), "max": x.max(),
        "max along": x.max(0).values, "min along": x.min(0).values, "logsumexp": x.logsumexp(0),
        "cumsum": x.cumsum(0), "norm": x.norm(), "softmax": x.softmax(1), "log_softmax": x.log_softmax(1),
        "matmul": x @ x, "matmul of a vector": x @ y, "dot": y @ y, "mm": x.mm(x), "mv": x.mv(y), "outer": y.outer(y),
        "bmm": x[None].bmm(x[None]), "addmm": torch.addmm(y, x, x), "reshape": x.reshape(4), "view": x.view(4),
        "flatten": x.flatten(), "t": x.t(), "permute": x[None].permute(2, 0, 1),
        "expand": y.expand(2, 2), "select": x[0],
        "slice": x[:1], "both": x[0, :1], "index": x[[0, 1]], "mask": x[x > 2], "new axis": x[None],
        "cat": torch.cat([x, x]), "stack": torch.stack([x, x]), "where": torch.where(x > 1, x, y), "clamp": x.clamp(1, 2), "clamp below": x.clamp(min=1),
        "maximum": torch.maximum(x, y), "minimum": torch.minimum(x, y), "lerp": torch.lerp(y, y, 0.5),
        "masked_fill": x.masked_fill(x > 1, 0), "atan2": torch.atan2(x, y), "cross_entropy": F.cross_entropy(x, y.long() - 1),
        "nll_loss": F.nll_loss(x, y.long() - 1), "mse_loss": F.mse_loss(x, x * 2), "l1_loss": F.l1_loss(x, x * 2),
        "smooth_l1_loss": F.smooth_l1_loss(x, x * 2), "bce": F.binary_cross_entropy(x / 5, x.detach() / 5),
        "bce with logits": F.binary_cross_entropy_with_logits(x, x.detach()), "linear": F.linear(x, x),
        "linear with bias": F.linear(x, x, y), "gelu": F.gelu(x), "elu": F.elu(x), "leaky_relu": F.leaky_relu(x),
        "silu": F.silu(x), "softplus": F.softplus(x), "logical": (x * 2).detach(),
    }  # fmt: skip
    return {name: repr(each).partition("grad_fn=")[2] for name, each in made.items()}


def other_default_dtypes(torch):
    torch.set_default_dtype(torch.float64)
    return repr(torch.tensor([0.1])), repr(torch.tensor([0.1], dtype=torch.float32)), repr(torch.tensor([1j]))
