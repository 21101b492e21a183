"""Hooks, kept gradients and the names of nodes."""

from __future__ import annotations

from typing import Any

from ..playing import Show, counted, scenario


@scenario
def hooks(torch: Any, show: Show) -> None:
    x = counted(torch, 3).requires_grad_()
    x.register_hook(lambda g: g * 2)
    (x * x).sum().backward()
    show(x.grad)


@scenario
def retain_grad(torch: Any, show: Show) -> None:
    x = counted(torch, 3).requires_grad_()
    y = x * x
    y.retain_grad()
    y.sum().backward()
    show(y.grad)


@scenario
def hook_and_kept_gradient(torch: Any, show: Show) -> None:
    x = torch.ones(2, requires_grad=True)
    y = x * 2
    y.retain_grad()
    show(y.retains_grad, x.retains_grad)
    y.register_hook(lambda g: g * 2)
    (y * y).sum().backward()
    show(y.grad, x.grad)


@scenario
def hook_of_another_size(torch: Any, show: Show) -> None:
    x = torch.ones(2, requires_grad=True)
    x.register_hook(lambda g: torch.ones(3))
    (x * 2).sum().backward()


@scenario
def hook_that_returns_a_number(torch: Any, show: Show) -> None:
    x = torch.ones(2, requires_grad=True)
    x.register_hook(lambda g: 5)
    (x * 2).sum().backward()


@scenario
def hook_after_accumulation(torch: Any, show: Show) -> None:
    x = torch.ones(2, requires_grad=True)
    x.register_post_accumulate_grad_hook(lambda p: show("after", p.grad))
    (x * 2).sum().backward()
    (x * 2).register_post_accumulate_grad_hook(lambda p: None)


@scenario
def hooks_before_and_after_a_write(torch: Any, show: Show) -> None:
    x = torch.ones(2, requires_grad=True)
    y = x * 2
    y.register_hook(lambda g: g * 100)
    y.mul_(3)
    y.register_hook(lambda g: g * 10)
    y.sum().backward()
    show(x.grad)


@scenario
def hooks_in_order_and_removed(torch: Any, show: Show) -> None:
    x = torch.ones(2, requires_grad=True)
    y = x * 1
    first = y.register_hook(lambda g: g + 1)
    y.register_hook(lambda g: g * 10)
    y.sum().backward(retain_graph=True)
    show(x.grad)
    first.remove()
    x.grad = None
    y.sum().backward()
    show(x.grad)


@scenario
def hooks_along_a_chain(torch: Any, show: Show) -> None:
    x = torch.ones(2, requires_grad=True)
    y = x
    for number in range(5):
        y = y * 2 + x
        y.register_hook(lambda g, number=number: show(number, g))
    y.sum().backward()
    show(x.grad)


@scenario
def hook_that_reads_a_value(torch: Any, show: Show) -> None:
    x = torch.ones(2, requires_grad=True)
    y = x * 3
    y.register_hook(lambda g: g * float(g.sum()))
    (y * y).sum().backward()
    show(x.grad)


@scenario
def hook_of_a_root(torch: Any, show: Show) -> None:
    x = torch.ones(2, requires_grad=True)
    loss = (x * 2).sum()
    loss.register_hook(lambda g: g * 7)
    loss.retain_grad()
    loss.backward()
    show(x.grad, loss.grad)


@scenario
def hook_in_a_gradient_of_a_gradient(torch: Any, show: Show) -> None:
    x = torch.ones(2, requires_grad=True)
    y = x**3
    y.register_hook(lambda g: g * 2)
    (g,) = torch.autograd.grad(y.sum(), x, create_graph=True)
    g.sum().backward()
    show(g, x.grad)


@scenario
def kept_gradients_of_two_roots(torch: Any, show: Show) -> None:
    x = torch.ones(2, requires_grad=True)
    a, b = x * 2, x * 3
    a.retain_grad()
    b.retain_grad()
    torch.autograd.backward([a.sum(), (a * b).sum()])
    show(a.grad, b.grad, x.grad)


@scenario
def hook_without_gradients(torch: Any, show: Show) -> None:
    torch.ones(2).register_hook(lambda g: g)


@scenario
def keeping_without_gradients(torch: Any, show: Show) -> None:
    torch.ones(2).retain_grad()


@scenario
def names_of_nodes(torch: Any, show: Show) -> None:
    x = torch.ones(2, requires_grad=True)
    y = torch.exp(x * x)
    show(y.grad_fn.name(), type(y.grad_fn).__name__)
    show([(type(node).__name__, number) for node, number in y.grad_fn.next_functions])
    show([type(node).__name__ for node, _ in y.grad_fn.next_functions[0][0].next_functions])
