"""Sums and products of sparse tensors."""

from __future__ import annotations

_SPARSE = "torch.sparse_coo_tensor([[0, 1, 1, 0], [2, 0, 2, 2]], floats(4), (2, 3))"
_OTHER = "torch.sparse_coo_tensor([[0, 1, 1], [1, 0, 2]], floats(3), (2, 3))"
_HELD = "torch.sparse_coo_tensor(tensor([[0, 1, 1], [2, 0, 2]], 'int64'), leaf(3), (2, 3))"
_SAME = "torch.sparse_coo_tensor(tensor([[0, 1, 0], [1, 0, 2]], 'int64'), leaf(3), (2, 3))"

CASES = f"""
{_SPARSE} + {_OTHER}
{_SPARSE}.coalesce() + {_OTHER}.coalesce()
{_SPARSE} - {_OTHER}
torch.add({_SPARSE}, {_OTHER}, alpha=2)
torch.sub({_SPARSE}, {_OTHER}, alpha=0.5)
floats(2, 3) + {_SPARSE}
floats(2, 3) - {_SPARSE}
floats(2, 3).add({_SPARSE}, alpha=2)
floats(2, 3).add_({_SPARSE}, alpha=-0.5)
floats(2, 3).sub_({_SPARSE})
ints(2, 3) + {_SPARSE}
{_SPARSE} + floats(2, 3)
{_SPARSE} + 1
1 + {_SPARSE}
{_SPARSE} + torch.sparse_coo_tensor([[0]], floats(1), (3,))
floats(3) + {_SPARSE}
({_HELD} + {_SAME}).to_dense()
(leaf(2, 3) + {_HELD}).exp()
{_SPARSE} * 2
2 * {_SPARSE}
{_SPARSE} * tensor(2.0, "float64")
{_SPARSE} * floats(2, 3)
floats(2, 3) * {_SPARSE}
{_SPARSE} * floats(3)
({_SPARSE} * {_OTHER}).to_dense()
({_SPARSE} * {_SPARSE}).to_dense()
({_SPARSE}.coalesce() * {_OTHER}.coalesce()).coalesce()
({_HELD} * {_SAME}).to_dense()
({_HELD} * doubles(2, 3)).to_dense()
({_HELD} * 3.0).to_dense()
{_SPARSE} / 2
{_SPARSE} / tensor(2.0, "float32")
{_SPARSE} / floats(2, 3)
({_HELD} / 3.0).to_dense()
torch.floor_divide({_SPARSE}, 2)
-{_SPARSE}
(-{_HELD}).to_dense()
{_SPARSE}.add_({_OTHER})
{_SPARSE}.mul_(3)
{_SPARSE}.div_(2)
{_SPARSE}.neg_()
{_SPARSE}.zero_()
{_SPARSE}.copy_({_OTHER})
{_SPARSE}.copy_(floats(2, 3))
floats(2, 3).copy_({_SPARSE})
1 / {_SPARSE}
floats(2, 3) / {_SPARSE}
{_SPARSE} / {_SPARSE}
{_SPARSE} * floats(5)
{_SPARSE} * torch.sparse_coo_tensor([[0]], floats(1), (3,))
torch.sparse_coo_tensor([[0]], floats(1), (4,)) * torch.sparse_coo_tensor([[0]], floats(1), (3,))
{_SPARSE} + torch.sparse_coo_tensor([[0, 1]], floats(2, 3), (2, 3))
floats(2, 3).add_(torch.sparse_coo_tensor([[0]], floats(1), (4,)))
{_SPARSE}.sum()
{_SPARSE}.sum(0)
{_SPARSE}.norm()
{_SPARSE}.norm(1)
{_SPARSE}.norm(dim=0)
{_SPARSE}.any()
{_HELD}.sum()
"""


def in_place_on_leaves(torch, doubles):
    x = torch.sparse_coo_tensor([[0, 1]], doubles(2), (3,), requires_grad=True)
    try:
        x.mul_(2)
    except RuntimeError as error:
        text = str(error)
    with torch.no_grad():
        x.mul_(2)
    return text, x.detach(), x.is_leaf


def sums_in_place_keep_the_tensor(torch, floats):
    x = torch.sparse_coo_tensor([[0, 1]], floats(2), (3,))
    same = x
    x += torch.sparse_coo_tensor([[1, 2]], floats(2), (3,))
    x *= 2
    x /= 4
    return x, same is x


def gradients_add_up(torch, doubles):
    x = torch.sparse_coo_tensor([[0, 1, 1]], doubles(3), (3,), requires_grad=True)
    weights = doubles(3)
    for _ in range(2):
        (x.to_dense() * weights).sum().backward()
    return x.grad.coalesce()


def gradient_of_a_dense_factor(torch, doubles):
    x = torch.sparse_coo_tensor([[0, 1, 1], [2, 0, 2]], doubles(3), (2, 3))
    dense = doubles(2, 3).requires_grad_()
    ((x * dense).to_dense() * doubles(2, 3)).sum().backward()
    return dense.grad.to_dense()
