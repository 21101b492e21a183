"""Small programs about views, writes, histories and gradients, run by diptych and by the real PyTorch alike.

Each gets `torch`, either one, and `show`, which notes what a user would see. An error ends a scenario and is noted too.
"""

from __future__ import annotations

import copy
import pickle
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

Show = Callable[..., None]
Scenario = Callable[[Any, Show], None]

SCENARIOS: dict[str, Scenario] = {}


def scenario(function: Scenario) -> Scenario:
    """Adds a scenario under its function's name."""
    SCENARIOS[function.__name__] = function
    return function


def seen(torch: Any, value: Any) -> Any:
    """What a user sees of a value: of a tensor its type, shape, elements and flags."""
    if isinstance(value, torch.Tensor):
        return [str(value.dtype), list(value.shape), value.tolist(), value.requires_grad, value.is_leaf]
    if isinstance(value, np.ndarray):
        return value.tolist()
    return list(value) if isinstance(value, tuple) else value


def played(torch: Any, name: str) -> list[Any]:
    """All that a scenario shows; warnings and the error that ends it come last."""
    notes: list[Any] = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            SCENARIOS[name](torch, lambda *values: notes.extend(seen(torch, value) for value in values))
        except (RuntimeError, TypeError, ValueError, IndexError) as error:
            kinds = [kind for kind in type(error).__mro__ if kind.__module__ == "builtins"]
            notes.append(f"{kinds[0].__name__}: {str(error).splitlines()[0]}")
    notes.extend(f"{each.category.__name__}: {str(each.message)[:80]}" for each in caught)
    return notes


def counted(torch: Any, *shape: int) -> Any:
    """1, 2, 3, ... in a shape."""
    return torch.arange(1.0, 1.0 + int(np.prod(shape))).reshape(*shape)


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
def data_alias(torch: Any, show: Show) -> None:
    x = counted(torch, 3).requires_grad_()
    x.data.mul_(2)
    show(x)
    x.data = counted(torch, 3) * 7
    show(x)
    (x * 2).sum().backward()
    show(x.grad)


@scenario
def data_alias_nonleaf(torch: Any, show: Show) -> None:
    x = counted(torch, 3).requires_grad_()
    y = x * 2
    y.data.fill_(1)
    (y * y).sum().backward()
    show(y, x.grad)


@scenario
def detach_shares(torch: Any, show: Show) -> None:
    x = counted(torch, 3).requires_grad_()
    d = x.detach()
    d[0] = 50
    show(x, d)


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
def detach_mid(torch: Any, show: Show) -> None:
    x = counted(torch, 3).requires_grad_()
    y = x * x
    z = (y.detach() * x).sum()
    z.backward()
    show(x.grad)


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
def numpy_share(torch: Any, show: Show) -> None:
    a = np.ones(3, np.float32)
    x = torch.from_numpy(a)
    x.add_(1)
    show(a)
    a[0] = 7
    show(x)
    b = x.numpy()
    b[1] = 9
    show(x)
    x.mul_(2)
    show(a, b)


@scenario
def numpy_share_view(torch: Any, show: Show) -> None:
    x = counted(torch, 2, 3)
    v = x[:, 1]
    b = v.numpy()
    x.add_(1)
    show(b)
    b[:] = 0
    show(x)


@scenario
def numpy_after_lazy(torch: Any, show: Show) -> None:
    a = np.ones(3, np.float32)
    x = torch.from_numpy(a)
    y = x * 2
    a[0] = 100
    show(y)


@scenario
def numpy_inplace_after_lazy(torch: Any, show: Show) -> None:
    a = np.ones(3, np.float32)
    x = torch.from_numpy(a)
    y = x * 2
    x.add_(5)
    show(y, x)
    show(a)


@scenario
def requires_numpy(torch: Any, show: Show) -> None:
    counted(torch, 3).requires_grad_().numpy()


@scenario
def int_grad(torch: Any, show: Show) -> None:
    torch.tensor([1, 2]).requires_grad_()


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
def nonleaf_grad_warn(torch: Any, show: Show) -> None:
    x = counted(torch, 3).requires_grad_()
    y = x * x
    y.sum().backward()
    show(y.grad)


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
def deepcopy(torch: Any, show: Show) -> None:
    x = counted(torch, 2).requires_grad_()
    y = copy.deepcopy(x)
    y.data.add_(1)
    show(x, y)


@scenario
def deepcopy_nonleaf(torch: Any, show: Show) -> None:
    copy.deepcopy(counted(torch, 2).requires_grad_() * 2)


@scenario
def shallow_copy(torch: Any, show: Show) -> None:
    x = counted(torch, 2).requires_grad_()
    x.note = "kept"
    y = copy.copy(x)
    with torch.no_grad():
        y.add_(1)
    show(x, y, y.is_leaf, y.requires_grad, y.note)
    show(copy.copy(x * 2).is_leaf)


@scenario
def pickled(torch: Any, show: Show) -> None:
    x = counted(torch, 2, 3).requires_grad_()
    x.note = "kept"
    y = pickle.loads(pickle.dumps(x))
    (y * y).sum().backward()
    show(y, y.grad, x.grad, y.note)
    show(pickle.loads(pickle.dumps(x.detach()[:, 1])), pickle.loads(pickle.dumps(torch.ones(2, dtype=torch.bfloat16))))
    parameter = pickle.loads(pickle.dumps(torch.nn.Parameter(torch.ones(2))))
    show(isinstance(parameter, torch.nn.Parameter), parameter)


@scenario
def pickled_module(torch: Any, show: Show) -> None:
    model = torch.nn.Linear(2, 1)
    with torch.no_grad():
        model.weight.fill_(2.0)
        model.bias.fill_(1.0)
    other = pickle.loads(pickle.dumps(model))
    show(other(torch.ones(1, 2)))
    show(other.weight is not model.weight, [name for name, _ in other.named_parameters()])


@scenario
def flags(torch: Any, show: Show) -> None:
    x = counted(torch, 2).requires_grad_()
    y = x * 2
    y.requires_grad = False


@scenario
def iter_unpack(torch: Any, show: Show) -> None:
    a, b = counted(torch, 2, 2).requires_grad_()
    show(a, b)
    (a * b).sum().backward()


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
def inplace_under_view_nograd(torch: Any, show: Show) -> None:
    w = torch.nn.Parameter(counted(torch, 2, 2))
    with torch.no_grad():
        w[0].fill_(3)
        w[:, 1] = 9
    show(w)


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
def detach__(torch: Any, show: Show) -> None:
    x = counted(torch, 2).requires_grad_()
    y = x * 2
    y.detach_()
    show(y)
    z = y * x
    z.sum().backward()
    show(x.grad)


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
def swap_values(torch: Any, show: Show) -> None:
    x = counted(torch, 2)
    x[0], x[1] = (x[1], x[0])
    show(x)


@scenario
def swap_clone(torch: Any, show: Show) -> None:
    x = counted(torch, 2)
    x[0], x[1] = (x[1].clone(), x[0].clone())
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


# -- hooks ----


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


# -- histories apart ----


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


@scenario
def root_of_one_element(torch: Any, show: Show) -> None:
    x = torch.tensor([2.0], requires_grad=True)
    (x * x).backward()
    show(x.grad)
    y = torch.tensor([[3.0]], requires_grad=True)
    show(*torch.autograd.grad(y * y * y, y))
