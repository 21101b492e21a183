"""Views and their bases see each other, also under gradients."""

from __future__ import annotations

from typing import Any

from ..playing import Show, counted, scenario


@scenario
def views_see_writes(torch: Any, show: Show) -> None:
    x = counted(torch, 3, 4)
    v = x[1]
    w = v[1:3]
    w.fill_(0)
    show(x, v, w)
    x[:, 2] = 9
    show(x, v, w)
    v.mul_(2)
    show(x, v, w)


@scenario
def transposed_view_write(torch: Any, show: Show) -> None:
    x = counted(torch, 2, 3)
    y = x.t()
    y[0] = 100
    show(x, y)
    y += 1
    show(x, y)
    z = y.reshape(6)
    z.zero_()
    show(x, z)


@scenario
def expand_write(torch: Any, show: Show) -> None:
    x = counted(torch, 1, 3)
    y = x.expand(2, 3)
    y[0] = 5
    show(x, y)


@scenario
def expand_inplace(torch: Any, show: Show) -> None:
    x = counted(torch, 1, 3)
    y = x.expand(2, 3)
    y.add_(1)
    show(x)


@scenario
def view_inplace_grad(torch: Any, show: Show) -> None:
    x = counted(torch, 2, 3).requires_grad_()
    y = x * 1
    y[0] = y[1] * 2
    (y * y).sum().backward()
    show(y, x.grad)


@scenario
def view_of_view_grad(torch: Any, show: Show) -> None:
    x = counted(torch, 2, 3).requires_grad_()
    y = x.clone()
    v = y.view(6)
    v[2:4].mul_(10)
    (y**2).sum().backward()
    show(y, v, x.grad)


@scenario
def base_write_then_view_grad(torch: Any, show: Show) -> None:
    x = counted(torch, 4).requires_grad_()
    y = x.clone()
    v = y[:2]
    y.mul_(3)
    (v * v).sum().backward()
    show(v, x.grad)


@scenario
def chunk_inplace(torch: Any, show: Show) -> None:
    x = counted(torch, 4).requires_grad_()
    y = x * 1
    a, _ = y.chunk(2)
    a.mul_(2)


@scenario
def split_inplace_plain(torch: Any, show: Show) -> None:
    x = counted(torch, 4)
    a, _ = x.split(2)
    a.mul_(2)
    show(x)


@scenario
def iter_unpack(torch: Any, show: Show) -> None:
    a, b = counted(torch, 2, 2).requires_grad_()
    show(a, b)
    (a * b).sum().backward()


@scenario
def inplace_under_view_nograd(torch: Any, show: Show) -> None:
    w = torch.nn.Parameter(counted(torch, 2, 2))
    with torch.no_grad():
        w[0].fill_(3)
        w[:, 1] = 9
    show(w)


@scenario
def contiguous_layouts(torch: Any, show: Show) -> None:
    x = counted(torch, 2, 3)
    show(
        x.is_contiguous(),
        x.t().is_contiguous(),
        x[0].is_contiguous(),
        x[:, 0].is_contiguous(),
        x.stride() if hasattr(x, "stride") else None,
    )


@scenario
def view_of_elements_that_would_move(torch: Any, show: Show) -> None:
    counted(torch, 2, 3).t().view(6)


@scenario
def reshape_of_elements_that_would_move(torch: Any, show: Show) -> None:
    x = counted(torch, 2, 3)
    y = x.t().reshape(6)
    y.zero_()
    show(x)


@scenario
def grad_of_view_leaf(torch: Any, show: Show) -> None:
    x = counted(torch, 4).requires_grad_()
    v = x.view(2, 2)
    v2 = v[0]
    (v2 * v2).sum().backward()
    show(x.grad, v)


@scenario
def mixed_detached_view(torch: Any, show: Show) -> None:
    x = counted(torch, 4).requires_grad_()
    y = x * 2
    d = y.detach()[:2]
    d.zero_()
    (y * y).sum().backward()
    show(y, x.grad)


@scenario
def deep_chain(torch: Any, show: Show) -> None:
    x = counted(torch, 2).requires_grad_()
    y = x
    for _ in range(5000):
        y = y + 1
    y.sum().backward()
    show(y, x.grad)


@scenario
def no_grad_view_write_to_tracked(torch: Any, show: Show) -> None:
    x = counted(torch, 3).requires_grad_()
    y = x * 2
    with torch.no_grad():
        y[0] = 100.0
    (y * y).sum().backward()
    show(y, x.grad)
