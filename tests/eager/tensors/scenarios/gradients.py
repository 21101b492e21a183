"""Backward passes: of one root and several, once and again, with what they refuse."""

from __future__ import annotations

from typing import Any

from ..playing import Show, counted, scenario


@scenario
def twice_backward(torch: Any, show: Show) -> None:
    x = counted(torch, 3).requires_grad_()
    y = (x * x).sum()
    y.backward()
    y.backward()


@scenario
def retain(torch: Any, show: Show) -> None:
    x = counted(torch, 3).requires_grad_()
    y = (x * x).sum()
    y.backward(retain_graph=True)
    y.backward()
    show(x.grad)


@scenario
def read_before_backward(torch: Any, show: Show) -> None:
    x = counted(torch, 3).requires_grad_()
    h = x * x
    show(h.sum().item())
    loss = (h * x).sum()
    show(loss.item())
    loss.backward()
    show(x.grad)


@scenario
def second_order(torch: Any, show: Show) -> None:
    x = counted(torch, 3).requires_grad_()
    y = (x**3).sum()
    (g,) = torch.autograd.grad(y, x, create_graph=True)
    show(g)
    g.sum().backward()
    show(x.grad)


@scenario
def third_order(torch: Any, show: Show) -> None:
    x = counted(torch, 3).requires_grad_()
    y = (x**4).sum()
    for _ in range(3):
        (y,) = torch.autograd.grad(y.sum(), x, create_graph=True)
        show(y)


@scenario
def grad_unused(torch: Any, show: Show) -> None:
    x = counted(torch, 3).requires_grad_()
    z = counted(torch, 3).requires_grad_()
    y = (x * 2).sum()
    show(*torch.autograd.grad(y, [x, z], allow_unused=True))


@scenario
def grad_unused_err(torch: Any, show: Show) -> None:
    x = counted(torch, 3).requires_grad_()
    z = counted(torch, 3).requires_grad_()
    y = (x * 2).sum()
    torch.autograd.grad(y, [x, z])


@scenario
def grad_intermediate(torch: Any, show: Show) -> None:
    x = counted(torch, 3).requires_grad_()
    h = x * x
    y = (h * h).sum()
    show(*torch.autograd.grad(y, [h, x]))


@scenario
def grad_accumulates(torch: Any, show: Show) -> None:
    x = counted(torch, 3).requires_grad_()
    for _ in range(3):
        (x * x).sum().backward()
    show(x.grad)
    x.grad.zero_()
    show(x.grad)
    x.grad = None
    (x * 2).sum().backward()
    show(x.grad)


@scenario
def grad_identity(torch: Any, show: Show) -> None:
    x = counted(torch, 3).requires_grad_()
    (x * x).sum().backward()
    g = x.grad
    (x * x).sum().backward()
    show(g, x.grad is g)


@scenario
def not_scalar(torch: Any, show: Show) -> None:
    x = counted(torch, 3).requires_grad_()
    (x * x).backward()


@scenario
def no_grad_needed(torch: Any, show: Show) -> None:
    x = counted(torch, 3)
    (x * x).sum().backward()


@scenario
def seeded(torch: Any, show: Show) -> None:
    x = counted(torch, 3).requires_grad_()
    (x * x).backward(counted(torch, 3))
    show(x.grad)


@scenario
def seeded_bad(torch: Any, show: Show) -> None:
    x = counted(torch, 3).requires_grad_()
    (x * x).backward(counted(torch, 2))
    show(x.grad)


@scenario
def under_no_grad(torch: Any, show: Show) -> None:
    x = counted(torch, 3).requires_grad_()
    with torch.no_grad():
        y = x * 2
    show(y)
    y.requires_grad_()
    (y * y).sum().backward()
    show(y.grad, x.grad)


@scenario
def partial_eval(torch: Any, show: Show) -> None:
    x = counted(torch, 3).requires_grad_()
    y = x * 2
    z = y * y if y.sum() > 3 else y
    z.sum().backward()
    show(x.grad)


@scenario
def loop_branch(torch: Any, show: Show) -> None:
    x = torch.tensor(1.5, requires_grad=True)
    y = x
    n = 0
    while y < 100:
        y = y * x + 1
        n += 1
    y.backward()
    show(n, y, x.grad)


@scenario
def requires_numpy(torch: Any, show: Show) -> None:
    counted(torch, 3).requires_grad_().numpy()


@scenario
def int_grad(torch: Any, show: Show) -> None:
    torch.tensor([1, 2]).requires_grad_()


@scenario
def nonleaf_grad_warn(torch: Any, show: Show) -> None:
    x = counted(torch, 3).requires_grad_()
    y = x * x
    y.sum().backward()
    show(y.grad)


@scenario
def backward_inputs(torch: Any, show: Show) -> None:
    x = counted(torch, 3).requires_grad_()
    z = counted(torch, 3).requires_grad_()
    (x * z).sum().backward(inputs=[x])
    show(x.grad, z.grad)


@scenario
def same_leaf_twice(torch: Any, show: Show) -> None:
    x = counted(torch, 3).requires_grad_()
    (x * x + x).sum().backward()
    show(x.grad)


@scenario
def flags(torch: Any, show: Show) -> None:
    x = counted(torch, 2).requires_grad_()
    y = x * 2
    y.requires_grad = False


@scenario
def hash_eq(torch: Any, show: Show) -> None:
    x = counted(torch, 2)
    y = counted(torch, 2)
    d = {x: 1}
    show(x in d, y in d, (x == y).tolist())


@scenario
def bool_err(torch: Any, show: Show) -> None:
    bool(counted(torch, 2))


@scenario
def set_grad_manual(torch: Any, show: Show) -> None:
    x = counted(torch, 2).requires_grad_()
    x.grad = counted(torch, 2) * 3
    (x * 2).sum().backward()
    show(x.grad)


@scenario
def grad_shape_err(torch: Any, show: Show) -> None:
    x = counted(torch, 2).requires_grad_()
    x.grad = counted(torch, 3)


@scenario
def clone_grad(torch: Any, show: Show) -> None:
    x = counted(torch, 2).requires_grad_()
    c = x.clone()
    c.mul_(3)
    c.sum().backward()
    show(x.grad, c)


@scenario
def empty_backward(torch: Any, show: Show) -> None:
    x = torch.zeros(0).requires_grad_()
    x.sum().backward()
    show(x.grad)


@scenario
def accumulate_many_then_read(torch: Any, show: Show) -> None:
    x = counted(torch, 2).requires_grad_()
    tot = torch.zeros(())
    for i in range(5):
        loss = (x * i).sum()
        loss.backward()
        tot += loss.detach()
    show(tot, x.grad)


@scenario
def multi_root(torch: Any, show: Show) -> None:
    x = counted(torch, 2).requires_grad_()
    a = (x * 2).sum()
    b = (x * x).sum()
    torch.autograd.backward([a, b])
    show(x.grad)


@scenario
def grad_fn(torch: Any, show: Show) -> None:
    x = counted(torch, 2).requires_grad_()
    show(x.grad_fn, (x * 2).grad_fn is not None)


@scenario
def root_of_one_element(torch: Any, show: Show) -> None:
    x = torch.tensor([2.0], requires_grad=True)
    (x * x).backward()
    show(x.grad)
    y = torch.tensor([[3.0]], requires_grad=True)
    show(*torch.autograd.grad(y * y * y, y))
