"""Values and their histories apart: what a write or a reading between uses changes, and what not."""

from __future__ import annotations

from typing import Any

from ..playing import Show, scenario


@scenario
def tracked_write_into_a_detached_tensor(torch: Any, show: Show) -> None:
    w = torch.ones(2, requires_grad=True)
    y = w * 1
    d = y.detach()
    d.mul_(w * 3)
    show(d, y)
    d.sum().backward()
    show(w.grad)
    y.sum().backward()
    show(w.grad)


@scenario
def value_read_between_uses(torch: Any, show: Show) -> None:
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    h = x * x
    show(h.sum().item())
    (h * x).sum().backward()
    show(x.grad)


@scenario
def value_without_history_between(torch: Any, show: Show) -> None:
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    y = x * 3
    with torch.no_grad():
        z = y * 2
    (z * x).sum().backward()
    show(x.grad)


@scenario
def update_between_two_gradients(torch: Any, show: Show) -> None:
    w = torch.tensor([1.0, 2.0], requires_grad=True)
    (g,) = torch.autograd.grad((w * w * w).sum(), w)
    with torch.no_grad():
        w.sub_(0.1 * g)
    (g,) = torch.autograd.grad((w * w * w).sum(), w)
    show(g, w)


@scenario
def gradient_of_a_view_of_all(torch: Any, show: Show) -> None:
    x = torch.ones(1, 2, requires_grad=True)
    y = x * 2
    z = y[-1:]
    show(*torch.autograd.grad((y * z).sum(), [y, z]))


@scenario
def gradient_towards_what_a_write_hid(torch: Any, show: Show) -> None:
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    y = x * 2
    z = y * y
    with torch.no_grad():
        y.add_(1)
    show(*torch.autograd.grad((y * 3).sum() + (z * 0).sum().detach(), [y, x]))


@scenario
def leaf_under_two_names(torch: Any, show: Show) -> None:
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    y = x.detach().requires_grad_()
    (x * y * y).sum().backward()
    show(x.grad, y.grad)


@scenario
def copy_gives_the_old_value_a_gradient_of_zero(torch: Any, show: Show) -> None:
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    w = torch.tensor([3.0, 4.0], requires_grad=True)
    y = x * 2
    y.copy_(w)
    y.sum().backward()
    show(x.grad, w.grad)


@scenario
def gradient_of_what_is_not_needed_stays(torch: Any, show: Show) -> None:
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    y = x * x
    z = y * y
    show(*torch.autograd.grad(z.sum(), y))
    y.sum().backward()
    show(x.grad)
