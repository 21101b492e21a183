"""Writes in place: versions, items, updates of parameters."""

from __future__ import annotations

from typing import Any

from ..playing import Show, counted, scenario


@scenario
def leaf_inplace(torch: Any, show: Show) -> None:
    x = counted(torch, 3).requires_grad_()
    x.add_(1)


@scenario
def leaf_view_inplace(torch: Any, show: Show) -> None:
    x = counted(torch, 3).requires_grad_()
    x[0] = 1


@scenario
def leaf_nograd_inplace(torch: Any, show: Show) -> None:
    x = counted(torch, 3).requires_grad_()
    with torch.no_grad():
        x -= 0.5
    show(x)
    (x * x).sum().backward()
    show(x.grad)


@scenario
def nonleaf_inplace(torch: Any, show: Show) -> None:
    x = counted(torch, 3).requires_grad_()
    y = x * 2
    y.add_(1)
    y.mul_(3)
    y.sum().backward()
    show(y, x.grad)


@scenario
def version(torch: Any, show: Show) -> None:
    x = counted(torch, 3)
    show(x._version)
    x.add_(1)
    show(x._version)
    v = x[0]
    v.mul_(2)
    show(x._version, v._version)


@scenario
def version_error(torch: Any, show: Show) -> None:
    x = counted(torch, 3).requires_grad_()
    y = x * 2
    z = y * y
    y.add_(1)
    z.sum().backward()


@scenario
def version_error_exp(torch: Any, show: Show) -> None:
    x = counted(torch, 3).requires_grad_()
    y = x.exp()
    y.add_(1)
    y.sum().backward()


@scenario
def version_ok(torch: Any, show: Show) -> None:
    x = counted(torch, 3).requires_grad_()
    y = x * 2
    z = y + y
    y.add_(1)
    z.sum().backward()
    show(x.grad)


@scenario
def iadd_broadcast(torch: Any, show: Show) -> None:
    x = counted(torch, 2, 3)
    x += counted(torch, 3)
    show(x)
    y = counted(torch, 3)
    y += counted(torch, 2, 3)


@scenario
def iadd_dtype(torch: Any, show: Show) -> None:
    x = torch.tensor([1, 2])
    x += 1
    show(x)
    x += 1.5


@scenario
def setitem_forms(torch: Any, show: Show) -> None:
    x = torch.zeros(3, 4)
    x[1, 2] = 1
    x[0] = torch.tensor([1.0, 2, 3, 4])
    x[:, 0] = 5
    x[..., 1] = torch.ones(3)
    x[x > 4] = -1
    x[[0, 2]] = 7
    show(x)
    x[torch.tensor([1]), torch.tensor([3])] = 42
    x[1:, None, 2] = 8
    show(x)


@scenario
def grad_through_setitem(torch: Any, show: Show) -> None:
    x = counted(torch, 3).requires_grad_()
    y = torch.zeros(2, 3)
    y[0] = x
    y[1] = x * 2
    (y * y).sum().backward()
    show(y, x.grad)


@scenario
def grad_through_mask(torch: Any, show: Show) -> None:
    x = counted(torch, 4).requires_grad_()
    y = x * 1
    y[y > 2] = 0
    (y * y).sum().backward()
    show(y, x.grad)


@scenario
def param_update_between(torch: Any, show: Show) -> None:
    w = counted(torch, 3).requires_grad_()
    first = (w * w).sum()
    show(first)
    with torch.no_grad():
        w.mul_(10)
    l2 = (w * 2).sum()
    l2.backward()
    show(w.grad)


@scenario
def param_update_between_err(torch: Any, show: Show) -> None:
    w = counted(torch, 3).requires_grad_()
    l1 = (w * w).sum()
    with torch.no_grad():
        w.mul_(10)
    l1.backward()
    show(w.grad)


@scenario
def relu_(torch: Any, show: Show) -> None:
    x = torch.tensor([-1.0, 2.0], requires_grad=True)
    y = (x * 2).relu_()
    y.sum().backward()
    show(y, x.grad)


@scenario
def optimizer_alias(torch: Any, show: Show) -> None:
    p = torch.nn.Parameter(counted(torch, 2))
    alias = [p]
    o = torch.optim.SGD([p], lr=0.1)
    (p * p).sum().backward()
    o.step()
    show(alias[0], p)
    q = p.data
    o.step()
    show(q)


@scenario
def swap_values(torch: Any, show: Show) -> None:
    x = counted(torch, 2)
    x[0], x[1] = (x[1], x[0])
    show(x)


@scenario
def swap_clone(torch: Any, show: Show) -> None:
    x = counted(torch, 2)
    x[0], x[1] = (x[1].clone(), x[0].clone())
    show(x)
