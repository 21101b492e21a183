"""Functions of each element."""

from __future__ import annotations

_NAMES = (
    "abs", "asin", "asinh", "atan", "atanh", "ceil", "deg2rad", "erf", "erfinv", "expm1", "floor", "frac", "isinf",
    "isnan", "isneginf", "isposinf", "log1p", "nan_to_num", "neg", "rad2deg", "relu", "round", "sgn", "sign",
    "signbit", "sin", "sinh", "sqrt", "square", "tan", "tanh", "trunc",
)  # fmt: skip
_SPARSE = "torch.sparse_coo_tensor([[0, 1, 1, 0], [2, 0, 2, 2]], floats(4, low=0.1, high=0.4), (2, 3))"

CASES = (
    "".join(f"torch.{name}({_SPARSE})\n" for name in _NAMES)
    + f"""
{_SPARSE} ** 2
{_SPARSE}.pow(3)
{_SPARSE}.pow({_SPARSE})
{_SPARSE}.abs_()
{_SPARSE}.coalesce().sin_()
F.relu({_SPARSE})
torch.sparse_coo_tensor(tensor([[0, 1, 0]], "int64"), leaf(3), (3,)).abs().to_dense()
(torch.sparse_coo_tensor(tensor([[0, 1, 0]], "int64"), leaf(3), (3,)) ** 2).to_dense()
torch.exp({_SPARSE})
torch.cos({_SPARSE})
torch.sigmoid({_SPARSE})
torch.softmax({_SPARSE}, 1)
{_SPARSE} > 0
{_SPARSE} == {_SPARSE}
{_SPARSE}.max()
{_SPARSE}.mean()
torch.where({_SPARSE}, 1, 2)
{_SPARSE}.fill_(1)
torch.ones_like({_SPARSE})
{_SPARSE}.exp_()
torch.exp_({_SPARSE})
F.sigmoid({_SPARSE})
torch.nn.Sigmoid()({_SPARSE})
{_SPARSE} & {_SPARSE}
{_SPARSE}.__iand__({_SPARSE})
torch.clamp({_SPARSE}, 0, 1)
"""
)
