"""Methods that write into their tensor, and what tensors say of themselves."""

from __future__ import annotations

from tests.eager.oracle.answers import REFUSALS, refusal

CASES = """
[getattr(floats(1), "is_" + each) for each in "ipu maia mtia nested quantized vulkan xla xpu mkldnn".split()]
floats(1).is_distributed()
# -- arguments by their names ----
floats(3).uniform_(2, to=2)
floats(3).uniform_(**{"from": 2, "to": 2})
floats(3).uniform_(a=2)
floats(3).uniform_(**{"from": 2, "until": 2})
floats(3).cpu(memory_format=torch.preserve_format)
leaf(3).numpy(force=True).tolist()
leaf(3).numpy()
torch.tensor([1.0], pin_memory=False)
# -- writing ----
floats(3).add_(1)
floats(2, 3).add_(floats(3), alpha=2)
floats(3).sub_(floats(3))
floats(3).mul_(2.5)
floats(3).div_(2)
floats(3).div_(2, rounding_mode="floor")
floats(3, low=0.1).pow_(2)
floats(3).neg_()
floats(3).abs_()
floats(3).square_()
floats(3, low=0.5).reciprocal_()
floats(3).remainder_(1.5)
floats(3).lerp_(floats(3), 0.25)
floats(3).addcmul_(floats(3), floats(3), value=2)
floats(3).addcdiv_(floats(3), floats(3, low=0.5), value=2)
floats(4).clamp_(-1, 1)
floats(4).clamp_(min=0)
floats(4).floor_()
floats(4).ceil_()
floats(4).round_()
floats(4).trunc_()
floats(4).relu_()
floats(3).exp_()
floats(3, low=0.1).log_()
floats(3, low=0.1).log1p_()
floats(3, low=0.1).sqrt_()
floats(3, low=0.1).rsqrt_()
floats(3).sin_()
floats(3).cos_()
floats(3).tanh_()
floats(3).sigmoid_()
floats(3).erf_()
floats(3, low=-0.9, high=0.9).asin_()
floats(3, low=-0.9, high=0.9).acos_()
floats(3).atan_()
floats(3).masked_fill_(bools(3), 7)
floats(3).copy_(doubles(3))
floats(2, 3).copy_(ints(3))
ints(3).copy_(floats(3))
floats(3).fill_(2)
floats(3).fill_(torch.tensor(1.5))
ints(3).fill_(2.7)
floats(3).zero_()
bools(3).zero_()
floats(3).uniform_(2, 2)
floats(3).normal_(2, 0)
ints(3).add_(2)
ints(3).add_(2.5)
ints(3).div_(2)
ints(3).mul_(floats(3))
bools(3).add_(1)
floats(3).add_(doubles(3))
floats(3).add_(1j)
floats(3).add_(floats(2, 3))
floats(3).copy_(floats(2, 3))
floats(3).fill_("a")
floats(3).exp_(1)
leaf(3).add_(1)
leaf(3).detach().add_(1)

# -- saying ----
torch.is_tensor(floats(2))
torch.is_tensor([1.0])
torch.numel(floats(2, 3))
torch.numel(floats())
floats(3).is_floating_point()
complexes(3).is_complex()
floats(3).element_size()
doubles(3).element_size()
floats(2, 3).nelement()
floats(2, 3).dim()
floats(2).type_as(ints(1))
floats(2, 3).expand_as(floats(4, 2, 3)).shape
leaf(3).requires_grad
(leaf(3) * 1).is_leaf
leaf(3).is_leaf
leaf(3).detach().requires_grad
ints(3).requires_grad
floats(1).item()
floats().item()
ints(1).item()
bools(1).item()
complexes(1).item()
floats(2).item()
floats(0).item()
floats(2, 2).tolist()
ints().tolist()
bool(floats(1))
bool(floats(2))
bool(floats(0))
bool(tensor([0.0], "float32"))
int(tensor([3.7], "float32"))
float(ints(1))
complex(floats(1))
[1, 2, 3][tensor(1, "int64")]
[1, 2, 3][tensor(1.0, "float32")]
range(5)[ints(1, low=2, high=3)]
len(floats(3, 2))
3 in tensor([1, 2, 3], "int64")
floats(2).numpy()
leaf(2).numpy()
(leaf(2) * 1).numpy()
leaf(2).detach().numpy()
np.asarray(ints(2))
np.asarray(ints(2), dtype=np.float64)
list(floats(2, 2))[1]
torch.Tensor.__radd__(2, floats(2))
torch.Tensor.__rdiv__(2, floats(2))
(3.0 / torch.arange(1.0, 50.0)).tolist() == (torch.arange(1.0, 50.0).reciprocal() * 3.0).tolist()
1 / ints(2, low=1)
True / floats(2)
"a" / floats(2)
None / floats(2)
"""


def assignments_in_place(torch, floats, ints, bools):
    x, y, z = floats(3), ints(3), bools(3)
    x += 1
    x -= floats(3)
    x *= 2
    x /= 4
    x **= 2
    x //= 0.5
    x %= 3
    y += 2
    y *= ints(3)
    y //= 2
    y &= 6
    y |= 1
    y ^= 3
    z &= bools(3)
    z |= True
    return x, y, z


def assignments_keep_the_tensor(torch, floats):
    x = floats(3)
    y = x
    x += 1
    return x is y


def writes_return_the_tensor(torch, floats):
    x = floats(3)
    return [
        returned is x
        for returned in (x.add_(1), x.zero_(), x.fill_(2), x.copy_(floats(3)), x.uniform_(), x.normal_(), x.exp_())
    ]  # fmt: skip


def writes_are_differentiated(torch, leaf):
    x = leaf(3)
    y = x * 2
    y.mul_(x)
    y[0] = 1.0
    y.add_(x, alpha=3)
    y.clamp_(max=2)
    return y


def refused_assignments(torch, floats, ints):
    def add(x, y):
        x += y

    def divide(x, y):
        x /= y

    found = []
    for function, x, y in (
        (add, ints(2), 1.5), (divide, ints(2), 2), (add, floats(2), floats(3)), (add, floats(2), [1]),
        (add, floats(2), "a"), (add, floats(2), floats(2, 2)),
    ):  # fmt: skip
        try:
            function(x, y)
        except REFUSALS as error:
            found.append(refusal(error))
    return found


def an_array_where_no_gradients_are_noted(torch, leaf):
    x = leaf(3)
    with torch.no_grad():
        return x.numpy().tolist(), [float(each) for each in __import__("numpy").asarray(x)]


def a_gradient_deleted(torch, leaf):
    x = leaf(3)
    x.sum().backward()
    del x.grad
    return x.grad
